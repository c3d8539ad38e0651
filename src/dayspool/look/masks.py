"""Drawn masks between two keyframes: forms that match move evenly, the others stay as they are until the keyframe."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from dayspool.sidecar.masks import Mask, Shape, points_of, with_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dayspool.sidecar.masks import Point

__all__ = ["masks_between", "unlike_masks"]

# Angles in degrees turn the short way; darktable keeps them from -180 to 180 in a gradient and from 0 to 360 in an
# ellipse, and takes any.
_ANGLES = {Shape.GRADIENT: frozenset({"rotation"}), Shape.ELLIPSE: frozenset({"rotation"})}
# Whole numbers that give the others their meaning: which forms are in a group, what an ellipse's border is a part of.
_MEANINGS = {Shape.GROUP: ("form", "parent"), Shape.ELLIPSE: ("flags",)}
_SOURCE_BYTES = 8


def masks_between(before: Iterable[Mask], after: Iterable[Mask], share: float) -> tuple[Mask, ...]:
    """Return the forms of a frame between two keyframes.

    Places, sizes, borders, hardness, density, the opacity of forms in a group and where clones take from go evenly,
    rotations the short way; states (which way a gradient falls, how a group combines) are those of the keyframe before.
    A form matches if both keyframes have one of that number, kind, version and count of points.

    Args:
        before: the forms of the keyframe before as they stand (`sidecar.masks.settled`).
        after: those of the keyframe behind.
        share: how far the frame is on the way, 0 to 1; beyond that the way goes on.

    Returns:
        As many forms as `before` has, in their order. At 0 they are those of `before`, byte for byte; at 1 those that
        match have the numbers of `after`.
    """
    if share == 0:
        return tuple(before)
    others = {mask.id: mask for mask in after}
    return tuple(_between(mask, others.get(mask.id), share) for mask in before)


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


def _between(mask: Mask, other: Mask | None, share: float) -> Mask:
    if other is None or any(_unlike(mask, other)):
        return mask
    ours, theirs = points_of(mask), points_of(other)
    if ours is None or theirs is None:  # alike, and of a kind that is not known
        return mask
    turning = _ANGLES.get(mask.shape or Shape(0), frozenset())
    points = [_point_between(one, two, share, turning) for one, two in zip(ours, theirs, strict=True)]
    return replace(with_points(mask, points), source=_source_between(mask.source, other.source, share))


def _point_between(one: Point, two: Point, share: float, turning: frozenset[str]) -> Point:
    result: Point = dict(one)
    for name, value in one.items():
        if isinstance(value, float):
            way = two[name] - value
            if name in turning:
                way = math.remainder(way, 360.0)
            result[name] = value + share * way
    return result


def _source_between(one: bytes, two: bytes, share: float) -> bytes:
    if one == two or len(one) != _SOURCE_BYTES or len(two) != _SOURCE_BYTES:
        return one
    places = zip(struct.unpack("<2f", one), struct.unpack("<2f", two), strict=True)
    return struct.pack("<2f", *(value + share * (goal - value) for value, goal in places))


def _same_meaning(mask: Mask, ours: tuple[Point, ...], theirs: tuple[Point, ...]) -> bool:
    names = _MEANINGS.get(mask.shape or Shape(0), ())
    return all(one[name] == two[name] for one, two in zip(ours, theirs, strict=True) for name in names)
