"""A darktable sidecar: read without trust, changed by splices, everything that is not understood left as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.entries import texts_of_mask, texts_of_step
from dayspool.sidecar.fingerprint import digest
from dayspool.sidecar.hashes import HASHES, is_automatic
from dayspool.sidecar.marks import is_ours, marked
from dayspool.sidecar.masks import settled
from dayspool.sidecar.order import JPEG_ORDER, RAW_ORDER
from dayspool.sidecar.packet import parse
from dayspool.sidecar.reading import SCHEMA, Reading
from dayspool.sidecar.splices import DARKTABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dayspool.sidecar.masks import Mask
    from dayspool.sidecar.splices import Splice
    from dayspool.sidecar.step import Step

__all__ = ["Sidecar"]

_BLANK = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="dayspool">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:darktable="http://darktable.sf.net/"
   darktable:xmp_version="{schema}"
   darktable:raw_params="0"
   darktable:auto_presets_applied="1"
   darktable:history_end="0"
   darktable:iop_order_version="{order}">
   <darktable:masks_history>
    <rdf:Seq/>
   </darktable:masks_history>
   <darktable:history>
    <rdf:Seq/>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """One sidecar; equal to another if the bytes are.

    Attributes:
        data: the file, byte for byte.
        where: what messages call it.
        steps: the history, by the numbers of its entries, those beyond `end` too.
        end: how many entries count (`history_end`).
        masks: the forms of all entries; `settled(masks, end)` are those that stand.
        order_version: `iop_order_version`, or `None` where it is not said.
        order_list: `iop_order_list`, `operation,priority` pairs, or `None`.
        rating: stars from 0 to 5, -1 for rejected.
        labels: colour labels: 0 red, 1 yellow, 2 green, 3 blue, 4 purple.
    """

    data: bytes
    where: str = field(default="", compare=False)
    steps: tuple[Step, ...] = field(compare=False, repr=False)
    end: int = field(compare=False)
    masks: tuple[Mask, ...] = field(compare=False, repr=False)
    order_version: int | None = field(compare=False)
    order_list: str | None = field(compare=False, repr=False)
    rating: int = field(compare=False)
    labels: tuple[int, ...] = field(compare=False)
    _reading: Reading = field(compare=False, repr=False)

    @classmethod
    def read(cls, data: bytes, *, where: str = "") -> Sidecar:
        """Return the sidecar in a file.

        XMP without a darktable history is a sidecar with no steps.

        Raises:
            SidecarUnreadable: it is broken, no XMP, of a later darktable, or of one before 3.0.
        """
        where = where or "the sidecar"
        try:
            return cls._read(data, where)
        except SidecarUnreadable as fault:
            otherwise = ", or move it away" if ";" in str(fault) else "; restore it, or move it away"
            raise SidecarUnreadable(f"{where} cannot be used: {fault}{otherwise}") from fault

    @classmethod
    def blank(cls, *, raw: bool) -> Sidecar:
        """Return a sidecar without steps, with the order of modules that darktable uses for RAW or for JPEG.

        darktable 4.2.1 takes an empty history as none at all and applies its own defaults, so give it a step before
        handing it over; `corrections.corrected` always does.
        """
        text = _BLANK.format(schema=SCHEMA, order=RAW_ORDER if raw else JPEG_ORDER)
        return cls.read(text.encode(), where="a new sidecar")

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that count: of each instance of a module the last within `end`, in the order of those."""
        last = {step.instance: number for number, step in enumerate(self.steps[: self.end])}
        return tuple(self.steps[number] for number in sorted(last.values()))

    @property
    def fingerprint(self) -> str:
        """A hash of what it means to the picture: active steps, masks and order, not how or when it was written."""
        return digest(self.active, settled(self.masks, self.end), (self.order_version, self.order_list))

    @property
    def edited(self) -> bool:
        """Whether a person developed it: darktable's own presets alone are not an edit, nor is an empty history.

        darktable says so itself by hashes of its history; where none is there, or another program has written to the
        history since, any active step counts.
        """
        return bool(self.active) and not is_automatic(self)

    @property
    def untouched(self) -> bool:
        """Whether there is certainly nothing of a person's in its history: when in doubt it is his.

        Nothing at all is certain, and what darktable puts in by itself. What a person undid is not, nor are entries
        that are off or superseded and orders that darktable's hash does not cover.
        """
        if not self.steps:
            return not self.masks and not self.order_list
        plain = self.steps == self.active and all(step.enabled for step in self.steps) and not self.masks
        return plain and is_automatic(self) and not (self.order_list and self.order_version)

    @property
    def ours(self) -> bool:
        """Whether this program wrote it and nobody has edited it since."""
        return is_ours(self)

    def marked(self) -> Sidecar:
        """Return it with the mark that says who wrote it and what it meant then."""
        return marked(self)

    def text(self, name: str, namespace: str = DARKTABLE) -> str | None:
        """Return a simple property as it is written, or `None` if it is not there."""
        return self._reading.text((namespace, name))

    def with_steps(self, steps: Sequence[Step]) -> Sidecar:
        """Return it with another history, all of which counts; steps that stay keep their bytes.

        Where it had no history before it also gets what darktable needs to obey one. Hashes that darktable keeps of
        its history are dropped where it changes: darktable then makes its own.
        """
        new = tuple(steps)
        changes = {"history_end": str(len(new)), "auto_presets_applied": "1"}
        if not self.steps:
            changes["xmp_version"] = str(SCHEMA)
            if self.order_version is None:
                developed = {"rawprepare", "demosaic", "temperature"}.isdisjoint(step.operation for step in new)
                changes["iop_order_version"] = str(JPEG_ORDER if developed else RAW_ORDER)
        if new == self.steps:
            hashes = dict.fromkeys(HASHES) if len(new) != self.end else {}
            return self._changed((), {**changes, **hashes})
        return self._changed((self._reading.history(new, texts_of_step),), {**changes, **dict.fromkeys(HASHES)})

    def with_masks(self, masks: Sequence[Mask]) -> Sidecar:
        """Return it with other forms; those that stay keep their bytes."""
        new = tuple(masks)
        if new == self.masks:
            return self
        return self._changed((self._reading.forms(new, texts_of_mask),), dict.fromkeys(HASHES))

    def with_order(self, version: int | None, order_list: str | None = None) -> Sidecar:
        """Return it with another order of modules: `iop_order_version`, and `iop_order_list` if there is one."""
        if (version, order_list) == (self.order_version, self.order_list):
            return self
        said = None if version is None else str(version)
        return self._changed((), {"iop_order_version": said, "iop_order_list": order_list, **dict.fromkeys(HASHES)})

    def with_texts(self, texts: Mapping[str, str | None], namespace: str = DARKTABLE) -> Sidecar:
        """Return it with simple properties set, or with `None` removed."""
        return self._changed((), texts, namespace)

    def developed_as(self, other: Sidecar) -> Sidecar:
        """Return it with the development of another: its active steps, masks and order; rating and the like stay."""
        # Forms belong to the first entry: the one that they were drawn with may have another number now.
        masks = tuple(replace(mask, num=0) for mask in settled(other.masks, other.end))
        return self.with_steps(other.active).with_masks(masks).with_order(other.order_version, other.order_list)

    def _changed(
        self, splices: Sequence[Splice], texts: Mapping[str, str | None], namespace: str = DARKTABLE
    ) -> Sidecar:
        data = self._reading.changed(splices, {(namespace, name): text for name, text in texts.items()})
        return self if data == self.data else Sidecar.read(data, where=self.where)

    @classmethod
    def _read(cls, data: bytes, where: str) -> Sidecar:
        reading = Reading.of(parse(data))
        steps = tuple(step for _, step in reading.steps)
        end = reading.number("history_end")
        return cls(
            data=data,
            where=where,
            steps=steps,
            end=len(steps) if end is None else max(0, min(end, len(steps))),
            masks=tuple(mask for _, mask in reading.masks),
            order_version=reading.number("iop_order_version"),
            order_list=reading.text((DARKTABLE, "iop_order_list")),
            rating=reading.rating,
            labels=reading.labels,
            _reading=reading,
        )
