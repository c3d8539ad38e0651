"""Drawn masks of a sidecar: circles, ellipses, gradients, paths, brushes and groups, as numbers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KNOWN_VERSION", "Mask", "Point", "Shape", "points_of", "settled"]

KNOWN_VERSION = 6
"""The one version of the layouts that is read: darktable 3.8 to 4.2 (DEVELOP_MASKS_VERSION)."""

Point: TypeAlias = "dict[str, float | int]"
"""One point of a form: floats are places, sizes and angles, ints are states and the numbers of other forms."""


class Shape(IntFlag):
    """What a form is (`dt_masks_type_t`); the last two tell what it is for."""

    CIRCLE = 1
    PATH = 2
    GROUP = 4
    CLONE = 8
    GRADIENT = 16
    ELLIPSE = 32
    BRUSH = 64
    NON_CLONE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """One form of `darktable:masks_history`, the blobs decoded from hex or gz.

    Attributes:
        num: the entry of the history that it was written with (`mask_num`); each entry that has forms has all of them.
        id: what groups and modules call it (`mask_id`).
        type: bits of `Shape`.
        name: as the person sees it.
        version: of the layout of `points`.
        points: the points, one after the other.
        count: how many they are (`mask_nb`).
        source: for a clone where it takes from, two floats (`mask_src`).
    """

    num: int
    id: int
    type: int
    name: str
    version: int
    points: bytes
    count: int
    source: bytes = bytes(8)

    @property
    def shape(self) -> Shape | None:
        """Which form it is, or `None` if it is none that is known."""
        return next((shape for shape in _LAYOUTS if self.type & shape), None)


# Fields of one point in order, little-endian without gaps: f a float, i an int (develop/masks.h of darktable).
_NODE = "corner_x:f corner_y:f ctrl1_x:f ctrl1_y:f ctrl2_x:f ctrl2_y:f border_1:f border_2:f"
_LAYOUTS = {
    shape: tuple(tuple(field.split(":")) for field in fields.split())
    for shape, fields in {
        Shape.CIRCLE: "center_x:f center_y:f radius:f border:f",
        Shape.PATH: f"{_NODE} state:i",
        Shape.GROUP: "form:i parent:i state:i opacity:f",
        Shape.GRADIENT: "anchor_x:f anchor_y:f rotation:f compression:f steepness:f curvature:f state:i",
        Shape.ELLIPSE: "center_x:f center_y:f radius_1:f radius_2:f rotation:f border:f flags:i",
        Shape.BRUSH: f"{_NODE} density:f hardness:f state:i",
    }.items()
}


def points_of(mask: Mask) -> tuple[Point, ...] | None:
    """Return the points of a form, or `None` where its version, its shape or its length is not a known one."""
    coded = _coded(mask)
    if coded is None or mask.count < 1 or coded.size * mask.count != len(mask.points):
        return None
    names = _names(mask)
    return tuple(dict(zip(names, values, strict=True)) for values in coded.iter_unpack(mask.points))


def settled(masks: Iterable[Mask], end: int | None = None) -> tuple[Mask, ...]:
    """Return the forms as they stand after the first `end` entries of the history: the last that were written.

    Each entry that touched a form holds all of them, so the others are the past.
    """
    valid = [mask for mask in masks if end is None or mask.num < end]
    last = max((mask.num for mask in valid), default=0)
    return tuple(mask for mask in valid if mask.num == last)


def _coded(mask: Mask) -> struct.Struct | None:
    if mask.version != KNOWN_VERSION or mask.shape is None:
        return None
    return struct.Struct("<" + "".join(kind for _, kind in _LAYOUTS[mask.shape]))


def _names(mask: Mask) -> tuple[str, ...]:
    return () if mask.shape is None else tuple(name for name, _ in _LAYOUTS[mask.shape])
