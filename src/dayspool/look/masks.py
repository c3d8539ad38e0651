"""Drawn masks over keyframes: forms that match move as all numbers do, the others stay until the keyframe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from dayspool.look.interpolate import Between
from dayspool.look.lane import Joint, Lane, joined
from dayspool.sidecar.masks import Shape, points_of
from dayspool.sidecar.schema import Field, Kind, Module
from dayspool.sidecar.step import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dayspool.sidecar.masks import Mask, Point

__all__ = ["Forms", "forms_over", "unlike_masks"]

# Whole numbers that give the others their meaning: which forms are in a group, what an ellipse's border is a part of.
_MEANINGS = {Shape.GROUP: ("form", "parent"), Shape.ELLIPSE: ("flags",)}
# Where numbers end that a smooth course might swing beyond. Rotations are in degrees and go the short way; darktable
# keeps them so in a gradient and in an ellipse, and takes any.
_RANGES: Mapping[str, tuple[float, float | None]] = {
    **dict.fromkeys(("opacity", "density", "hardness"), (0.0, 1.0)),
    **dict.fromkeys(("radius", "radius_1", "radius_2", "border", "border_1", "border_2"), (0.0, None)),
}
_ROTATIONS = {Shape.GRADIENT: (-180.0, 180.0), Shape.ELLIPSE: (0.0, 360.0)}
_SOURCE = Module(
    operation="mask source",
    version=1,
    size=8,
    fields=tuple(Field(name=name, kind=Kind.FLOAT, offset=offset, size=4) for name, offset in (("x", 0), ("y", 4))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The forms of all keyframes, and the way of each between them.

    Attributes:
        slots: where the keyframes lie, rising.
        keys: the forms of each as they stand, as if all were drawn at the first entry of the history.
        lanes: of the forms that are not the same in all keyframes, by their numbers; points stand for parameters, and
            where a clone takes from for blending.
    """

    slots: tuple[float, ...]
    keys: tuple[tuple[Mask, ...], ...]
    lanes: Mapping[int, Lane]

    def at(self, left: int, right: int, slot: float) -> tuple[Mask, ...]:
        """Return the forms at a slot between two neighbouring keyframes, given by their numbers.

        They are those of the left one on their way, in their order, and then what only the right one has. What does
        not move is the left one's very object.
        """
        ours = self.keys[left]
        if left == right:
            return ours
        known = {mask.id for mask in ours}
        new = (mask for mask in self.keys[right] if mask.id not in known)
        return (*(self._moved(mask, left, slot) for mask in ours), *new)

    def first_points(self) -> Iterator[tuple[Mask, Lane, Module]]:
        """Yield the known forms that are not the same in all keyframes, with the layout of their first point."""
        for number, lane in self.lanes.items():
            mask = next(mask for masks in self.keys for mask in masks if mask.id == number)
            layout = _layout(mask, {})
            if layout is not None:
                size = layout.size // mask.count
                fields = tuple(field for field in layout.fields if field.offset < size)
                yield mask, lane, replace(layout, fields=fields)

    def _moved(self, mask: Mask, left: int, slot: float) -> Mask:
        lane = self.lanes.get(mask.id)
        if lane is None or lane.holds(self.slots[left], self.slots[left + 1]):
            return mask
        step = lane.at(slot)
        return mask if step is None else replace(mask, points=step.params, source=step.blend or b"")


def forms_over(slots: Sequence[float], keys: Sequence[Sequence[Mask]], *, how: Between = Between.LINEAR) -> Forms:
    """Return the forms of keyframes on their way.

    Places, sizes, borders, hardness, density, the opacity of forms in a group and where clones take from move,
    rotations the short way; states (which way a gradient falls, how a group combines) are those of the keyframe before.
    A form matches if both keyframes have one of that number, kind, version and count of points.

    Args:
        slots: where the keyframes lie, rising.
        keys: the forms of each as they stand (`sidecar.masks.settled`).
        how: the mode of interpolation.
    """
    standing = tuple(tuple(replace(mask, num=0) for mask in masks) for masks in keys)
    by_id = [_by_id(masks) for masks in standing]
    layouts: dict[tuple[Shape | None, int], Module] = {}
    lanes = {}
    for number in dict.fromkeys(number for masks in by_id for number in masks):
        course = [masks.get(number) for masks in by_id]
        if len({mask and (mask.points, mask.source) for mask in course} - {None}) > 1:
            steps = [None if mask is None else _step(mask) for mask in course]
            joints = [
                Joint(left=one, right=two)
                if mask is None or any(_unlike(mask, other))
                else Joint(left=one, right=two, module=_layout(mask, layouts), blend=_source(mask, other))
                for (mask, other), (one, two) in zip(pairwise(course), pairwise(steps), strict=True)
            ]
            lanes[number] = joined(slots, steps, joints, how=how)
    return Forms(slots=tuple(slots), keys=standing, lanes=lanes)


def unlike_masks(before: Iterable[Mask], after: Iterable[Mask]) -> tuple[str, ...]:
    """Return what keeps forms from moving between two keyframes, a sentence for each."""
    ours, theirs = tuple(before), {mask.id: mask for mask in after}
    known = {mask.id for mask in ours}
    sentences = [sentence for mask in ours for sentence in _unlike(mask, theirs.get(mask.id))]
    new = [f"mask {mask.name!r} is only in the later keyframe and begins there" for mask in theirs.values()]
    return (*sentences, *(line for line, number in zip(new, theirs, strict=True) if number not in known))


def _unlike(mask: Mask, other: Mask | None) -> Iterator[str]:
    """Say why a form does not move, if it does not."""
    stays = f"mask {mask.name!r} stays as it is until the next keyframe"
    if other is None:
        yield f"{stays}, which does not have it"
    elif mask == replace(other, num=mask.num):
        return
    elif mask.shape != other.shape or mask.type != other.type:
        yield f"{stays}: there it is another kind of form"
    elif (ours := points_of(mask)) is None or (theirs := points_of(other)) is None:
        yield f"{stays}: its version {mask.version} or {other.version} is not one that is known"
    elif len(ours) != len(theirs):
        yield f"{stays}: it has {len(ours)} points, and {len(theirs)} there"
    elif not _same_meaning(mask, ours, theirs):
        yield f"{stays}: its members or its kind of border differ there"


def _same_meaning(mask: Mask, ours: tuple[Point, ...], theirs: tuple[Point, ...]) -> bool:
    names = _MEANINGS.get(mask.shape or Shape(0), ())
    return all(one[name] == two[name] for one, two in zip(ours, theirs, strict=True) for name in names)


def _by_id(masks: Iterable[Mask]) -> dict[int, Mask]:
    """Return forms by their numbers; two of one number in one keyframe cannot be followed."""
    masks = tuple(masks)
    counted = Counter(mask.id for mask in masks)
    return {mask.id: mask for mask in masks if counted[mask.id] == 1}


def _step(mask: Mask) -> Step:
    """Return a form as lanes take it: its points as parameters, where a clone takes from as blending."""
    return Step(operation="mask", version=mask.version, params=mask.points, blend=mask.source)


def _layout(mask: Mask, known: dict[tuple[Shape | None, int], Module]) -> Module | None:
    """Return how the points of a form are laid out, one object for all that are alike; `None` if that is not known."""
    points, alike = points_of(mask), (mask.shape, mask.count)
    if points is None:
        return None
    if alike not in known:
        numbers = [(name, isinstance(value, float)) for point in points for name, value in point.items()]
        fields = [_field(mask, place, name, real=real) for place, (name, real) in enumerate(numbers)]
        known[alike] = Module(operation="mask", version=mask.version, size=len(mask.points), fields=tuple(fields))
    return known[alike]


def _field(mask: Mask, place: int, name: str, *, real: bool) -> Field:
    if not real:
        return Field(name=name, kind=Kind.INT, offset=4 * place, size=4)
    turning = _ROTATIONS.get(mask.shape or Shape(0)) if name == "rotation" else None
    least, most = turning or _RANGES.get(name) or (None, None)
    return Field(name=name, kind=Kind.FLOAT, offset=4 * place, size=4, minimum=least, maximum=most)


def _source(mask: Mask, other: Mask | None) -> Module | None:
    return _SOURCE if other is not None and len(mask.source) == len(other.source) == _SOURCE.size else None
