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
_BENT_SECONDS = 3.0
_WINDOW = 7
_FEWEST = 24
_LONG_SECONDS = 6 * 3600.0
_DAY = 86_400.0
_MOST_DRIFT = 12.0  # seconds a day; quartz in a camera keeps within two or three
_SURE_SECONDS = 1.0
_LEAST_SPREAD, _MOST_SPREAD = 0.3, 1.0
_TO_SIGMA = 1.4826  # of a median absolute deviation, for normal scatter


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Knot:
    """One moment by both clocks: `host` in seconds since the epoch, `offset` what the camera's shows more."""

    host: float
    offset: float


def steady(knots: Sequence[Knot], stray_seconds: float = 3.0) -> list[Knot]:
    """Return the knots, in order of time, without strays: those so far off both what comes before and what comes after.

    A clock set by hand, or one that drifted through a long pause, is no stray: it agrees with what comes after.
    """
    ordered = sorted(knots)
    kept = []
    for place, knot in enumerate(ordered):
        sides = (ordered[max(0, place - _WINDOW) : place], ordered[place + 1 : place + _WINDOW + 1])
        away = [abs(knot.offset - median(one.offset for one in side)) for side in sides if side]
        if min(away, default=0.0) <= stray_seconds:
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
        self.drift, unsure_per_day = _slope(self._knots)
        self._drift_known = unsure_per_day < _MOST_DRIFT
        self._pieces = _pieces(self._knots, self.drift)
        self._reach = _SURE_SECONDS / unsure_per_day * _DAY
        self.spread = self._scatter()

    @property
    def offset(self) -> float:
        """The offset in the middle of the shoot, in seconds; positive where the camera is ahead."""
        return median(knot.offset for knot in self._knots)

    @property
    def drift_per_day(self) -> float | None:
        """By how many seconds a day the camera's clock runs fast; `None` where the shoot is too short to tell."""
        return self.drift * _DAY if self._drift_known else None

    def shown_at(self, host: float, *, surely: bool = False) -> tuple[float, ...]:
        """Return what the camera's clock showed; two answers where it was set anew between two knots.

        Between knots that agree the offset is drawn straight from one to the other. With `surely`, one that had to be
        carried too far from its knots, for the drift is not known so well, is no answer.
        """
        place = bisect_left(self._hosts, host)
        early, late = self._side(range(place - 1, -1, -1)), self._side(range(place, len(self._knots)))
        if early and late and self._pieces[place - 1] == self._pieces[place]:
            return (host + _between(early, late, host),)
        sides = [side for side in (early, late) if side and (not surely or abs(side[0].host - host) <= self._reach)]
        return tuple(host + self._carried(side, host) for side in sides)

    def _side(self, places: range) -> list[Knot]:
        """Return the nearest knots on one side, the nearest first, as far as the clock was left alone."""
        near = places[:_NEAR]
        return [self._knots[place] for place in near if self._pieces[place] == self._pieces[near[0]]]

    def _carried(self, knots: Sequence[Knot], host: float) -> float:
        return fmean(knot.offset + self.drift * (host - knot.host) for knot in knots)

    def _scatter(self) -> float:
        """Return how far single moments lie from the offset around them: the standard deviation, in seconds."""
        away = [
            min(abs(knot.host + knot.offset - shown) for shown in self.shown_at(knot.host))
            for knot in self._knots[:: max(1, len(self._knots) // 500)]
        ]
        return min(max(_TO_SIGMA * median(away), _LEAST_SPREAD), _MOST_SPREAD)


def _between(early: Sequence[Knot], late: Sequence[Knot], host: float) -> float:
    """Return the offset on the straight line between two groups of knots."""
    begin, end = fmean(knot.host for knot in early), fmean(knot.host for knot in late)
    low, high = fmean(knot.offset for knot in early), fmean(knot.offset for knot in late)
    return low + (high - low) * (host - begin) / (end - begin)


def _pieces(knots: Sequence[Knot], drift: float) -> list[int]:
    """Number the pieces of a shoot through which the clock was left alone, one number for each knot."""
    piece = 0
    numbers = []
    for earlier, knot in zip([None, *knots], knots, strict=False):
        if earlier is not None:
            expected = earlier.offset + drift * (knot.host - earlier.host)
            piece += abs(knot.offset - expected) > _STEP_SECONDS
        numbers.append(piece)
    return numbers


def _slope(knots: Sequence[Knot]) -> tuple[float, float]:
    """Return the drift in seconds per second, and how far it may be off in seconds a day.

    It is a straight line where the clock was left alone. Where it was set by hand, it is the median slope over a
    quarter of the shoot, if that is long enough to show one.
    """
    if len(knots) < _FEWEST:
        return 0.0, _MOST_DRIFT
    lag = len(knots) // 4
    pairs = list(zip(knots, knots[lag:], strict=False))
    rough = median((late.offset - early.offset) / (late.host - early.host) for early, late in pairs)
    span = median(late.host - early.host for early, late in pairs)
    middle = fmean(knot.host for knot in knots)
    flat = [knot.offset - rough * (knot.host - middle) for knot in knots]
    if max(flat) - min(flat) > _BENT_SECONDS:
        return (rough, _MOST_DRIFT / 4) if span >= _LONG_SECONDS else (0.0, _MOST_DRIFT)
    mean = fmean(knot.offset for knot in knots)
    square = sum((knot.host - middle) ** 2 for knot in knots)
    drift = sum((knot.host - middle) * (knot.offset - mean) for knot in knots) / square
    return drift, min(max(_DAY / (knots[-1].host - knots[0].host), 0.5), _MOST_DRIFT)
