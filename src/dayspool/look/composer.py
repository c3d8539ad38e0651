"""The sidecars of frames: written once for every pair of keyframes with gaps in it, and filled in for each frame."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Protocol, TypeAlias

from dayspool.look.orders import wider_order
from dayspool.sidecar.blob import encode

if TYPE_CHECKING:
    from dayspool.look.keyframes import Keyframe
    from dayspool.look.masks import Forms
    from dayspool.sidecar.document import Sidecar
    from dayspool.sidecar.masks import Mask
    from dayspool.sidecar.step import Step

__all__ = ["Composer", "Track"]

_GAP_BYTES = 16
_KEPT_FORMS = 64


class Track(Protocol):
    """One instance of one module over the shoot."""

    @property
    def slots(self) -> tuple[float, ...]:
        """Where keyframes or ramps say something of it, rising."""
        ...

    def at(self, slot: float) -> Step | None:
        """Return the instance at a slot, or `None` where it is not there."""
        ...

    def holds(self, first: float, last: float) -> bool:
        """Say whether it stays the same between two slots that lie between the same neighbouring keyframes."""
        ...


_Gap: TypeAlias = "tuple[int, str]"  # the number of a track or mask, and which of its blobs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A sidecar with gaps: what stands before, between and behind them, and what belongs into each."""

    texts: tuple[bytes, ...]
    gaps: tuple[_Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Makes the sidecar of any slot.

    Attributes:
        keyframes: whose documents the frames' sidecars grow from, by slot, at least one.
        tracks: every instance of a module.
        forms: the drawn masks.
        changed: whether the tracks say something else than the keyframes at the keyframes themselves.
    """

    keyframes: tuple[Keyframe, ...]
    tracks: tuple[Track, ...]
    forms: Forms
    changed: bool = False
    _forms: dict[tuple[int, int], _Form] = field(default_factory=dict, init=False, repr=False, compare=False)

    def sidecar(self, slot: int) -> bytes:
        """Return the sidecar of a slot: at a keyframe that keyframe's own, byte for byte, unless it is `changed`."""
        left, right = self._around(slot)
        if left == right and not self.changed:
            return self.keyframes[left].sidecar.data
        form = self._forms.get((left, right))
        if form is None:
            if len(self._forms) == _KEPT_FORMS:  # frames come in order: the oldest is not needed again
                del self._forms[next(iter(self._forms))]
            form = self._forms[left, right] = self._form(left, right)
        if not form.gaps:
            return form.texts[0]
        blobs = self._blobs(form, left, right, slot)
        parts = [form.texts[0]]
        for gap, text in zip(form.gaps, form.texts[1:], strict=True):
            parts += [encode(blobs[gap]).encode(), text]
        return b"".join(parts)

    def _around(self, slot: float) -> tuple[int, int]:
        """Return the keyframes before and behind a slot; the same one twice at it, and outside of all."""
        right = bisect_right(self.keyframes, slot, key=lambda keyframe: keyframe.slot)
        left = max(0, right - 1)
        alone = right in (0, len(self.keyframes)) or self.keyframes[left].slot == slot
        return (left, left) if alone else (left, right)

    def _blobs(self, form: _Form, left: int, right: int, slot: int) -> dict[_Gap, bytes]:
        """Return what fills the gaps at a slot."""
        blobs: dict[_Gap, bytes] = {}
        masks: tuple[Mask, ...] = ()
        for number, which in form.gaps:
            if which in ("points", "source"):
                masks = masks or self.forms.at(left, right, slot)
                blobs[number, which] = getattr(masks[number], which)
            else:
                step = self.tracks[number].at(slot)
                assert step is not None
                blobs[number, which] = (step.params if which == "params" else step.blend) or b""
        return blobs

    def _form(self, left: int, right: int) -> _Form:
        """Return the sidecar between two keyframes, with a gap wherever something moves."""
        template = self.keyframes[left].sidecar
        first, last = self.keyframes[left].slot, self.keyframes[right].slot
        inside = first if left == right else (first + last) / 2
        fillers: dict[_Gap, bytes] = {}
        steps = {}
        for number, track in enumerate(self.tracks):
            step = track.at(inside)
            if step is not None:
                steps[step.instance] = step if track.holds(first, last) else _gapped(step, number, fillers, template)
        masks = self._gapped_masks(left, right, inside, fillers)
        order = dict.fromkeys([*(step.instance for step in template.active if step.instance in steps), *steps])
        made = template.with_steps([steps[instance] for instance in order])
        wider = wider_order(template, self.keyframes[right].sidecar)
        if wider is not None:  # an instance that only the right one has needs a place of its own
            made = made.with_order(wider.order_version, wider.order_list)
        return _cut((made if masks is None else made.with_masks(masks)).data, fillers)

    def _gapped_masks(
        self, left: int, right: int, inside: float, fillers: dict[_Gap, bytes]
    ) -> tuple[Mask, ...] | None:
        """Return the forms between two keyframes with gaps, or `None` where those of the left one stay."""
        standing = self.forms.keys[left]
        template = self.keyframes[left].sidecar
        masks = self.forms.at(left, right, inside)
        if masks == template.masks:
            return None
        made = []
        for number, mask in enumerate(masks):
            if number >= len(standing) or mask is standing[number]:
                made.append(mask)
                continue
            points = fillers[number, "points"] = _filler(number, "points", template)
            source = fillers[number, "source"] = _filler(number, "source", template)
            made.append(replace(mask, points=points, source=source))
        return tuple(made)


def _gapped(step: Step, number: int, fillers: dict[_Gap, bytes], template: Sidecar) -> Step:
    fillers[number, "params"] = _filler(number, "params", template)
    if step.blend is None:
        return replace(step, params=fillers[number, "params"])
    fillers[number, "blend"] = _filler(number, "blend", template)
    return replace(step, params=fillers[number, "params"], blend=fillers[number, "blend"])


def _filler(number: int, which: str, template: Sidecar) -> bytes:
    """Return bytes that stand nowhere in the sidecar, to be found again in it; the same ones every time."""
    for attempt in count():
        filler = blake2b(f"{number} {which} {attempt}".encode(), digest_size=_GAP_BYTES).digest()
        if encode(filler).encode() not in template.data:
            return filler
    raise AssertionError("unreachable")


def _cut(data: bytes, fillers: dict[_Gap, bytes]) -> _Form:
    """Return the sidecar cut at its gaps."""
    places = sorted((data.index(encode(filler).encode()), gap) for gap, filler in fillers.items())
    texts, end = [], 0
    for place, _ in places:
        texts.append(data[end:place])
        end = place + 2 * _GAP_BYTES
    return _Form(texts=(*texts, data[end:]), gaps=tuple(gap for _, gap in places))
