"""Numbers between keyframes: linear, smooth and monotone courses, on plain, logarithmic and circular scales.

A course goes through every key exactly, holds its ends, and is constant between two equal keys, whatever the mode.

- linear: straight from key to key.
- smooth: a cubic Hermite spline with Catmull-Rom slopes for uneven keys, (y₂ − y₀) / (x₂ − x₀); level beside a
  constant stretch, so that what rests does not swing.
- monotone: a cubic Hermite spline with the slopes of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5, 1984), a
  weighted harmonic mean, level at a turn; it fulfils the condition of Fritsch and Carlson (SIAM J. Numer. Anal. 17,
  1980) and so never leaves the interval between two neighbouring keys.

Slopes at the ends are those of the straight line to the neighbour, so that two keys make a straight line in all modes.
All three mirror when time is reversed.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PLAIN", "Between", "Measure", "Scale", "between"]


class Between(StrEnum):
    """How a value goes from keyframe to keyframe."""

    LINEAR = "linear"  # evenly, with a kink at each keyframe
    SMOOTH = "smooth"  # without a kink; may swing beyond the keyframes
    MONOTONE = "monotone"  # without a kink, and never beyond the keyframes


class Scale(StrEnum):
    """On what scale the way between two values is even."""

    PLAIN = "plain"
    LOG = "log"  # factors: half way between 1 and 4 lies 2
    ANGLE = "angle"  # round a circle, the short way


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A scale; for an angle, how long a turn is and where counting begins."""

    scale: Scale = Scale.PLAIN
    turn: float = 0.0
    origin: float = 0.0


PLAIN = Measure()


def between(
    slots: Sequence[float], values: Sequence[float], *, how: Between = Between.LINEAR, measure: Measure = PLAIN
) -> Callable[[float], float]:
    """Return the course through keys as a function of the slot.

    Args:
        slots: where the keys lie, strictly rising, at least one.
        values: what they are, finite, as many.
        how: the mode.
        measure: the scale; factors that are not all above zero are taken as plain numbers.

    Raises:
        ValueError: the keys are none, not rising, or not finite.
    """
    if not slots or len(slots) != len(values):
        raise ValueError("a course needs as many values as slots, and one at least")
    if any(right <= left for left, right in pairwise(slots)) or not all(map(math.isfinite, (*slots, *values))):
        raise ValueError("a course needs finite values at rising slots")
    if measure.scale is Scale.LOG and min(values) > 0:
        logs = _course(slots, [math.log(value) for value in values], how)
        return _exact(slots, values, lambda slot: math.exp(logs(slot)))
    if measure.scale is Scale.ANGLE and measure.turn > 0:
        unwound = _course(slots, _unwound(values, measure.turn), how)
        return _exact(slots, values, lambda slot: _wound(unwound(slot), measure))
    return _exact(slots, values, _course(slots, list(values), how))


def _exact(
    slots: Sequence[float], values: Sequence[float], course: Callable[[float], float]
) -> Callable[[float], float]:
    """Return a course that holds its ends, and gives keys and what lies between equal ones without rounding."""

    def at(slot: float) -> float:
        right = bisect_right(slots, slot)
        if right == 0:
            return values[0]
        if right == len(slots) or slots[right - 1] == slot or values[right - 1] == values[right]:
            return values[right - 1]
        return course(slot)

    return at


def _course(slots: Sequence[float], values: Sequence[float], how: Between) -> Callable[[float], float]:
    """Return the cubic Hermite spline through two keys or more, valid between the first and the last."""
    widths = [right - left for left, right in pairwise(slots)]
    slopes = [(right - left) / width for (left, right), width in zip(pairwise(values), widths, strict=True)]
    tangents = _TANGENTS[how](widths, slopes)

    def at(slot: float) -> float:
        left = bisect_right(slots, slot) - 1
        width = widths[left]
        t = (slot - slots[left]) / width
        if how is Between.LINEAR:
            return values[left] * (1 - t) + values[left + 1] * t
        begin, end = tangents[left], tangents[left + 1]
        rest = 1 - t
        return (
            (1 + 2 * t) * rest * rest * values[left]
            + t * t * (3 - 2 * t) * values[left + 1]
            + t * rest * (rest * begin - t * end) * width
        )

    return at


def _catmull_rom(widths: Sequence[float], slopes: Sequence[float]) -> list[float]:
    inner = [
        (before * slope_before + after * slope_after) / (before + after) if slope_before and slope_after else 0.0
        for (before, after), (slope_before, slope_after) in zip(pairwise(widths), pairwise(slopes), strict=True)
    ]
    return _ended(inner, slopes)


def _fritsch_butland(widths: Sequence[float], slopes: Sequence[float]) -> list[float]:
    inner = []
    for (before, after), (slope_before, slope_after) in zip(pairwise(widths), pairwise(slopes), strict=True):
        if slope_before * slope_after <= 0:
            inner.append(0.0)
            continue
        weight_before, weight_after = before + 2 * after, 2 * before + after  # the nearer neighbour counts more
        inner.append((weight_before + weight_after) / (weight_before / slope_before + weight_after / slope_after))
    return _ended(inner, slopes)


def _straight(_: Sequence[float], slopes: Sequence[float]) -> list[float]:
    return [0.0] * (len(slopes) + 1)


def _ended(inner: list[float], slopes: Sequence[float]) -> list[float]:
    return [slopes[0], *inner, slopes[-1]] if slopes else [0.0]


_TANGENTS = {Between.LINEAR: _straight, Between.SMOOTH: _catmull_rom, Between.MONOTONE: _fritsch_butland}


def _unwound(values: Sequence[float], turn: float) -> list[float]:
    """Return angles of which no two neighbours are more than half a turn apart; just half a turn goes as written."""
    unwound = [values[0]]
    for before, after in pairwise(values):
        step = math.remainder(after - before, turn)
        if abs(step) == turn / 2:
            step = math.copysign(step, after - before)
        unwound.append(unwound[-1] + step)
    return unwound


def _wound(angle: float, measure: Measure) -> float:
    """Return an angle counted from the scale's beginning, less than a turn from it."""
    return measure.origin + (angle - measure.origin) % measure.turn
