"""How the values of a look go over a shoot, sampled for a table and a plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from dayspool.look.shoot_look import Look
    from dayspool.look.wish import Picture

__all__ = ["Course", "Courses", "Key", "Sample", "courses_of", "number_text", "values_of"]

Sample: TypeAlias = "tuple[int, float | None]"
_SAMPLES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One value over the shoot.

    Attributes:
        name: module, instance and field.
        samples: slot and value, at evenly spaced slots, those of the keyframes and of both ends; `None` where the
            module is not in use.
        at_keyframes: slot and value at each keyframe, likewise.
    """

    name: str
    samples: tuple[Sample, ...]
    at_keyframes: tuple[Sample, ...]

    @property
    def lowest(self) -> float:
        """The least value."""
        return min(value for _, value in self.samples if value is not None)

    @property
    def highest(self) -> float:
        """The greatest value."""
        return max(value for _, value in self.samples if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A keyframe: its slot, when that was due, its picture, and the sidecar that holds the edit."""

    slot: int
    utc: datetime
    picture: Path
    sidecar: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """All that moves in a shoot.

    Attributes:
        pictures: one a slot, in slot order.
        keyframes: the pictures that the look goes through.
        moves: every value that changes, in the order of the modules.
        zone: in which times are told.
    """

    pictures: tuple[Picture, ...]
    keyframes: tuple[Key, ...]
    moves: tuple[Course, ...]
    zone: tzinfo = UTC


def courses_of(look: Look, pictures: Sequence[Picture], zone: tzinfo = UTC) -> Courses:
    """Sample everything that moves in a look of at least one picture."""
    ordered = tuple(sorted(pictures, key=lambda one: one.slot))
    keys = {keyframe.slot for keyframe in look.keyframes}
    step = max(1, len(ordered) // _SAMPLES)
    slots = sorted({one.slot for one in ordered[::step]} | keys | {ordered[-1].slot})
    every = (
        Course(name=move.name, samples=_sampled(move.at, slots), at_keyframes=_sampled(move.at, sorted(keys)))
        for move in look.moves
    )
    moves = tuple(course for course in every if any(value is not None for _, value in course.samples))
    by_slot = {one.slot: one for one in ordered}
    keyframes = tuple(
        Key(slot=one.slot, utc=by_slot[one.slot].utc, picture=by_slot[one.slot].path, sidecar=one.path)
        for one in look.keyframes
    )
    return Courses(pictures=ordered, keyframes=keyframes, moves=moves, zone=zone)


def _sampled(at: Callable[[float], float], slots: Sequence[int]) -> tuple[Sample, ...]:
    values = ((slot, float(at(slot))) for slot in slots)
    return tuple((slot, value if math.isfinite(value) else None) for slot, value in values)


def number_text(value: float | None) -> str:
    """Write a value in four significant digits, without the tail of a float, with a true minus; a dash for none."""
    if value is None:
        return "–"
    return f"{round(value, 4) + 0.0:.4g}".replace("-", "−")


def values_of(courses: Courses) -> dict[str, Any]:
    """Return what `--json` tells of it."""
    return {
        "frames": len(courses.pictures),
        "keyframes": courses.keyframes,
        "moves": [
            {
                "name": course.name,
                "lowest": course.lowest,
                "highest": course.highest,
                "at_keyframes": [{"slot": slot, "value": value} for slot, value in course.at_keyframes],
                "samples": [{"slot": slot, "value": value} for slot, value in course.samples],
            }
            for course in courses.moves
        ],
    }
