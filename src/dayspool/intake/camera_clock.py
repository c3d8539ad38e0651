"""The camera's clock against this machine's: an offset that drifts, and may have been set by hand on the way.

Built from knots, moments at which both clocks are known. Between them the offset is that of the nearest knots, so
neither drift nor a clock set anew needs to be known beforehand.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CameraClock", "Knot", "steady"]

_NEAR = 5  # knots on each side
_STEP_SECONDS = 2.0  # offsets before and after a moment that differ by more: the clock was set between them
_STRAY_SECONDS = 3.0
_WINDOW = 15
_DAY = 86_400.0
_LEAST_SPREAD, _MOST_SPREAD = 0.3, 1.0
_TO_SIGMA = 1.4826  # of a median absolute deviation, for normal scatter


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Knot:
    """One moment by both clocks: `host` in seconds since the epoch, `offset` what the camera's shows more."""

    host: float
    offset: float


def steady(knots: Sequence[Knot]) -> list[Knot]:
    """Return the knots, in order of time, without those that lie more than 3 s off the median of their neighbours."""
    ordered = sorted(knots)
    kept = []
    for place, knot in enumerate(ordered):
        around = ordered[max(0, place - _WINDOW) : place + _WINDOW + 1]
        if abs(knot.offset - median(one.offset for one in around)) <= _STRAY_SECONDS:
            kept.append(knot)
    return kept


class CameraClock:
    """Tells what the camera's clock showed at a moment of this machine's.

    Args:
        knots: at least one.
    """

    def __init__(self, knots: Sequence[Knot]) -> None:
        self._knots = sorted(knots)
        self._hosts = [knot.host for knot in self._knots]
        self.drift = _slope(self._knots)
        self.spread = self._scatter()

    @property
    def offset(self) -> float:
        """The offset in the middle of the shoot, in seconds; positive where the camera is ahead."""
        return median(knot.offset for knot in self._knots)

    @property
    def drift_per_day(self) -> float:
        """By how many seconds a day the camera's clock runs fast."""
        return self.drift * _DAY

    def shown_at(self, host: float) -> tuple[float, ...]:
        """Return what the camera's clock showed; two answers where it was set anew just about then."""
        place = bisect_left(self._hosts, host)
        sides = (self._knots[max(0, place - _NEAR) : place], self._knots[place : place + _NEAR])
        offsets = [self._offset(side, host) for side in sides if side]
        if len(offsets) == 2 and abs(offsets[0] - offsets[1]) <= _STEP_SECONDS:
            offsets = [self._offset([*sides[0], *sides[1]], host)]
        return tuple(host + offset for offset in offsets)

    def _offset(self, knots: Sequence[Knot], host: float) -> float:
        return fmean(knot.offset + self.drift * (host - knot.host) for knot in knots)

    def _scatter(self) -> float:
        """Return how far single moments lie from the offset around them: the standard deviation, in seconds."""
        away = [
            min(abs(knot.host + knot.offset - shown) for shown in self.shown_at(knot.host))
            for knot in self._knots[:: max(1, len(self._knots) // 500)]
        ]
        return min(max(_TO_SIGMA * median(away), _LEAST_SPREAD), _MOST_SPREAD)


def _slope(knots: Sequence[Knot]) -> float:
    """Return the drift in seconds per second: the median slope over an eighth of the shoot, then a straight line.

    The median bears a clock set by hand; the line, drawn where none was, uses every knot.
    """
    lag = len(knots) // 8
    if lag < 3:
        return 0.0
    pairs = zip(knots, knots[lag:], strict=False)
    rough = median((late.offset - early.offset) / (late.host - early.host) for early, late in pairs)
    middle = fmean(knot.host for knot in knots)
    flat = [knot.offset - rough * (knot.host - middle) for knot in knots]
    if max(flat) - min(flat) > _STRAY_SECONDS:
        return rough
    mean = fmean(knot.offset for knot in knots)
    square = sum((knot.host - middle) ** 2 for knot in knots)
    return sum((knot.host - middle) * (knot.offset - mean) for knot in knots) / square
