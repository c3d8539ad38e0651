"""Find the slots behind the times of pictures: which interval, which phase, which picture in which slot.

Pure functions of aware datetimes. Most cameras say local time in whole seconds and no zone; the caller labels that
clock UTC, and everything here is the same whatever the label, because only the grid's phase depends on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING

from dayspool.core.plan import duration_text
from dayspool.core.schedule import EPOCH, Schedule
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Assignment", "assign_slots", "infer_interval", "infer_phase"]

_SECOND = timedelta(seconds=1)
_ROUND = (1.0, 0.5, 0.1, 0.01, 0.001)  # seconds; the first that fits is what the photographer set
_MOST_DRIFT = 0.25  # of an interval, over the whole series: so far may a rounder number be from the measured one
_SCATTER = 0.125  # of an interval: what a timer may be off
_CLEAR_RULE = 2 / 3  # of the differences are alike
_MOST_SLOTS = 1_000_000  # four months at 10 s; beyond that somebody's clock was wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Every picture in a slot of its own, in time order.

    Attributes:
        schedule: the slots; slot 0 holds the first picture, the last slot the last one.
        slots: the slot of each picture, in the order the times were given.
        gaps: the slots without a picture.
        moved: places (in the order given) of pictures that had to make room: extra shots, copies, and their neighbours.
    """

    schedule: Schedule
    slots: tuple[int, ...]
    gaps: tuple[int, ...]
    moved: tuple[int, ...]


def infer_interval(times: Sequence[datetime]) -> timedelta:
    """Return the interval behind the times: the middle of the usual differences, as round a number as fits them.

    Pauses and a few extra shots do not matter. Whole seconds are no hindrance: 2, 3, 2, 3 s is an interval of 2.5 s.

    Raises:
        PlanError: there are no two different times.
    """
    differences = [(later - earlier) / _SECOND for earlier, later in pairwise(sorted(times))]
    if not any(differences):
        raise PlanError("every: the pictures' times do not tell the interval; say it, such as --every 10s")
    clock_step = 1.0 if all(moment.microsecond == 0 for moment in times) else 0.0
    shortest, longest = _usual_range(differences, clock_step)
    regular = [difference for difference in differences if shortest <= difference <= longest]
    mean = sum(regular) / len(regular)
    drift = max(_MOST_DRIFT * mean, clock_step)
    return timedelta(seconds=_roundest(mean, off_by=drift / len(times)))


def _usual_range(differences: Sequence[float], clock_step: float) -> tuple[float, float]:
    """Return from where to where a difference is the regular one, in seconds, and no pause and no extra shot.

    Two differences of one interval lie up to two steps of the camera's clock apart; besides, timers scatter a little.
    """
    positive = [difference for difference in differences if difference > 0]
    usual = median_low(positive)
    window = max(clock_step, min(2 * clock_step, usual / 2), _SCATTER * usual)
    # At a picture a second, 2 s is either a missing frame or the other half of a jitter that also shows as 0 s.
    missing = min(differences) > 0 and positive.count(usual) >= len(positive) * _CLEAR_RULE
    return usual - window, usual + (min(window, usual / 2) if missing else window)


def _roundest(seconds: float, *, off_by: float) -> float:
    """Return the roundest number of seconds within `off_by` of a measured one."""
    for unit in _ROUND:
        candidate = round(seconds / unit) * unit
        if candidate > 0 and abs(candidate - seconds) <= off_by:
            return candidate
    return max(seconds, 1e-6)


def infer_phase(times: Sequence[datetime], interval: timedelta) -> timedelta:
    """Return the phase of the epoch grid that lies nearest to most times: a median on the circle of one interval."""
    residues = [(moment - EPOCH) % interval for moment in times]
    angles = [2 * math.pi * (residue / interval) for residue in residues]
    middle = math.atan2(math.fsum(map(math.sin, angles)), math.fsum(map(math.cos, angles))) / (2 * math.pi) * interval
    # The circle is cut opposite the mean direction, so that 59 s and 1 s of a minute lie side by side.
    cut = middle - interval / 2
    return median_low((residue - cut) % interval + cut for residue in residues) % interval


def assign_slots(times: Sequence[datetime], interval: timedelta | None = None) -> Assignment:
    """Give each picture the slot nearest to its time, and no slot two pictures.

    The grid's phase is the one that fits the pictures best, so a pause after which the clock of the series has shifted
    loses nothing. Where pictures crowd (an extra shot by hand, two with one time), they and their neighbours move as
    little as possible, in the sense of least squares, to stand in time order with a slot each.

    Args:
        times: when each was taken, aware, in any order; equal times keep the order given.
        interval: from slot to slot; inferred when `None`.

    Raises:
        PlanError: no times; they do not tell the interval; or they lie so far apart that a clock must have been wrong.
    """
    if not times:
        raise PlanError("there are no pictures to give slots to")
    step = infer_interval(times) if interval is None else interval
    order = sorted(range(len(times)), key=times.__getitem__)
    anchor = _grid_instant(times[order[0]], infer_phase(times, step), step)
    wishes = [(times[place] - anchor) / step for place in order]
    granted = _spread(wishes)
    first = granted[0]
    slots = [0] * len(times)
    for place, slot in zip(order, granted, strict=True):
        slots[place] = slot - first
    moved = [place for place, wish, slot in zip(order, wishes, granted, strict=True) if slot != _nearest(wish)]
    count = granted[-1] - first + 1
    if count > _MOST_SLOTS:
        raise PlanError(_too_far_apart([times[place] for place in order], step, count))
    taken = set(slots)
    return Assignment(
        schedule=Schedule.even(origin=anchor + first * step, interval=step, count=count),
        slots=tuple(slots),
        gaps=tuple(slot for slot in range(count) if slot not in taken),
        moved=tuple(sorted(moved)),
    )


def _too_far_apart(ascending: Sequence[datetime], interval: timedelta, count: int) -> str:
    before, after = max(pairwise(ascending), key=lambda pair: pair[1] - pair[0])
    jump = f"{before:%Y-%m-%d %H:%M:%S} to {after:%Y-%m-%d %H:%M:%S}"
    return (
        f"the pictures' times span {count} slots of {duration_text(interval)}, with a jump from {jump}: "
        "leave out the pictures that do not belong, or import each part as a shoot of its own"
    )


def _grid_instant(moment: datetime, phase: timedelta, interval: timedelta) -> datetime:
    """Return the instant of the grid nearest to `moment`."""
    return EPOCH + phase + (moment - EPOCH - phase + interval / 2) // interval * interval


def _nearest(wish: float) -> int:
    return math.floor(wish + 0.5)


def _spread(wishes: Sequence[float]) -> list[int]:
    """Return strictly increasing whole numbers as near as can be to the ascending `wishes`.

    Strictly increasing means that slot − index never falls: isotonic regression, solved by pooling adjacent violators
    (Ayer et al. 1955), then rounded, which keeps the order.
    """
    pools: list[tuple[float, int]] = []  # sum of wish − index, and how many
    for index, wish in enumerate(wishes):
        total, size = wish - index, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / size:
            before, before_size = pools.pop()
            total, size = total + before, size + before_size
        pools.append((total, size))
    shifts = [shift for total, size in pools for shift in [_nearest(total / size)] * size]
    return [index + shift for index, shift in enumerate(shifts)]
