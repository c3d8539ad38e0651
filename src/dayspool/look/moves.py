"""Which values change over a shoot, for people to see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from dayspool.look.lane import coded
from dayspool.look.semantics import BLEND
from dayspool.look.stack import instance_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dayspool.look.composer import Composer, Track
    from dayspool.look.lane import Lane
    from dayspool.look.ramp import Line
    from dayspool.sidecar.masks import Mask
    from dayspool.sidecar.schema import Field, Module, Modules
    from dayspool.sidecar.step import Step

__all__ = ["Move", "moves_of", "ramp_move"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A value that changes over the shoot.

    Attributes:
        name: for a person: module, instance and field, such as `exposure.exposure` or `exposure sky.exposure`; of a
            drawn form `mask circle #1.center_x`.
        operation: the module, or `mask`.
        priority: which instance of it, or the form's number.
        field: the field; those of blending begin with `blend.`.
        at: its value at a slot; not a number where there is no such instance, or it is off.
    """

    name: str
    operation: str
    priority: int
    field: str
    at: Callable[[float], float]


def moves_of(composer: Composer, modules: Modules) -> tuple[Move, ...]:
    """Return every number that is not the same at all keyframes and half way between them.

    Drawn forms come last, with their first points.
    """
    tracks = (move for track in composer.tracks for move in _moves(track, modules))
    return (*tracks, *(move for form in composer.forms.first_points() for move in _form_moves(*form)))


def ramp_move(line: Line, course: Callable[[float], float]) -> Move:
    """Return the move of an exposure that is laid over everything else."""
    return Move(name=f"{line.name} (ramp)", operation=line.operation, priority=0, field=line.field, at=course)


def _moves(track: Track, modules: Modules) -> Iterator[Move]:
    steps = _seen(track)
    if not steps:
        return
    first = steps[0]
    layouts = (("", modules.find(first.operation, first.version)), ("blend.", BLEND.get(first.blend_version or 0)))
    for prefix, module in layouts:
        for field in () if module is None else _differing(module, steps, blend=bool(prefix)):
            yield Move(
                name=f"{instance_text(first)}.{prefix}{field.name}",
                operation=first.operation,
                priority=first.priority,
                field=f"{prefix}{field.name}",
                at=_reading(track, first, field, blend=bool(prefix)),
            )


def _form_moves(mask: Mask, lane: Lane, layout: Module) -> Iterator[Move]:
    steps = _seen(lane)
    for field in _differing(layout, steps, blend=False):
        yield Move(
            name=f"mask {mask.name}.{field.name}",
            operation=layout.operation,
            priority=mask.id,
            field=field.name,
            at=_reading(lane, steps[0], field, blend=False),
        )


def _seen(track: Track) -> list[Step]:
    """Return what is there and on at the keyframes and half way between them."""
    middles = [(one + two) / 2 for one, two in pairwise(track.slots)]
    steps = (track.at(slot) for slot in sorted([*track.slots, *middles]))
    return [step for step in steps if step is not None and step.enabled]


def _differing(module: Module, steps: Sequence[Step], *, blend: bool) -> Iterator[Field]:
    blobs = [blob for step in steps if (blob := _blob(step, steps[0], blend=blend)) is not None]
    for field in module.fields:
        parts = {blob[field.offset : field.offset + field.size] for blob in blobs}
        if len(parts) > 1 and coded(field) is not None:
            yield field


def _reading(track: Track, like: Step, field: Field, *, blend: bool) -> Callable[[float], float]:
    code = coded(field)
    assert code is not None  # only numbers move

    def at(slot: float) -> float:
        step = track.at(slot)
        blob = None if step is None or not step.enabled else _blob(step, like, blend=blend)
        return math.nan if blob is None else float(code.unpack_from(blob, field.offset)[0])

    return at


def _blob(step: Step, like: Step, *, blend: bool) -> bytes | None:
    """Return the parameters of a step, if they are laid out like those of another."""
    if blend:
        alike = step.blend_version == like.blend_version and step.blend is not None and like.blend is not None
        return step.blend if alike and len(step.blend or b"") == len(like.blend or b"") else None
    return step.params if (step.version, len(step.params)) == (like.version, len(like.params)) else None
