"""When a frame is due: slots in stretches of one interval each, as pure functions of time.

A stretch begins on the grid `phase + k × interval` from the Unix epoch in UTC, so daylight saving, restarts and late
frames cannot move it. Slots are numbered on from stretch to stretch: slot 0 is the first one of the shoot, and that
number names the file. Most shoots are one stretch; windows, phases and an interval that follows the light make more.
All arithmetic is in whole microseconds (`timedelta` is exact), so nothing drifts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

__all__ = ["EPOCH", "Schedule", "Stretch", "grid_at_or_after"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Slots at one interval, one after the other.

    Attributes:
        first: the number of its first slot.
        origin: the instant of that slot, aware, UTC.
        interval: from slot to slot.
        count: how many slots it has; `None` goes on.
        window: the day on which its window began, `2026-06-21`; empty without windows.
        why: what the interval follows: the name of a phase, or the light; empty where it is the plan's own.
    """

    first: int
    origin: datetime
    interval: timedelta
    count: int | None = None
    window: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        if self.origin.tzinfo is not UTC:
            raise ValueError("a schedule's origin must be in UTC")
        if self.interval <= _ZERO:
            raise ValueError("a schedule's interval must be longer than nothing")
        if self.count is not None and self.count < 1:
            raise ValueError("a stretch needs at least one slot")

    @property
    def end(self) -> int | None:
        """The first slot behind it; `None` when it goes on."""
        return None if self.count is None else self.first + self.count

    def instant(self, slot: int) -> datetime:
        """Return when `slot` is due, in UTC."""
        return self.origin + (slot - self.first) * self.interval

    def closed_at(self, now: datetime, late: timedelta) -> int:
        """Return the last slot due at or before `now - late`; below `first` where there is none yet."""
        slot = self.first + (now - self.origin - late) // self.interval
        return slot if self.count is None else min(slot, self.first + self.count - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The slots of one shoot, as far as they are planned.

    Attributes:
        stretches: in order, at least one; each begins with the slot behind the one before.
        count: how many slots there are in all; `None` where that is not known yet, or there is no end.
    """

    stretches: tuple[Stretch, ...]
    count: int | None = None

    def __post_init__(self) -> None:
        if not self.stretches:
            raise ValueError("a schedule needs a stretch")
        if self.count is not None and self.count < 0:
            raise ValueError("a schedule cannot have fewer than no slots")

    @classmethod
    def even(cls, *, origin: datetime, interval: timedelta, count: int | None = None) -> Self:
        """Return a schedule of one interval: slot 0 at `origin` (UTC), `count` slots in all, `None` without an end."""
        return cls(stretches=(Stretch(first=0, origin=origin, interval=interval),), count=count)

    @property
    def origin(self) -> datetime:
        """The instant of slot 0."""
        return self.stretches[0].origin

    @property
    def planned_to(self) -> int | None:
        """The first slot that is not planned yet; `None` when the last stretch goes on."""
        return self.stretches[-1].end

    def is_planned(self, slot: int) -> bool:
        """Say whether it is known when `slot` is due."""
        end = self.planned_to
        return end is None or slot < end

    def stretch_of(self, slot: int) -> Stretch:
        """Return the stretch of `slot`; the nearest one for slots before the first, or not planned yet."""
        return self.stretches[max(0, bisect_right(self.stretches, slot, key=lambda stretch: stretch.first) - 1)]

    def interval_at(self, slot: int) -> timedelta:
        """Return the interval that follows `slot`; the nearest stretch's where it lies outside."""
        return self.stretch_of(slot).interval

    def instant(self, slot: int) -> datetime:
        """Return when `slot` is due, in UTC. Slots before the first one are counted back from it.

        Raises:
            ValueError: the slot is not planned yet.
        """
        if not self.is_planned(slot):
            raise ValueError(f"slot {slot} is not planned yet")
        return self.stretch_of(slot).instant(slot)

    def slot_at(self, now: datetime) -> int:
        """Return the last slot due at or before `now` (−1 and below before the first; `count` is not looked at)."""
        return self._stretch_at(now).closed_at(now, _ZERO)

    def closed_at(self, now: datetime, late_share: float) -> int:
        """Return the last slot that can no more be taken at `now`: later than due by that share of its interval."""
        stretch = self._stretch_at(now)
        return stretch.closed_at(now, stretch.interval * late_share)

    def closes(self, slot: int, late_share: float) -> datetime:
        """Return when it is too late for `slot`: later than due by that share of its interval, or the next one due."""
        closes = self.instant(slot) + self.interval_at(slot) * late_share
        return min(closes, self.instant(slot + 1)) if self.is_planned(slot + 1) else closes

    def last_slot(self) -> int | None:
        """Return the last slot, or `None` when it is not known, or the schedule goes on for ever."""
        return None if self.count is None else self.count - 1

    def is_over(self, slot: int) -> bool:
        """Say whether `slot` lies behind the end."""
        return self.count is not None and slot >= self.count

    def with_count(self, count: int | None) -> Self:
        """Return the same slots with another end."""
        return replace(self, count=count)

    def with_stretch(self, stretch: Stretch) -> Self:
        """Return the schedule with `stretch` planned; what was planned from its first slot on is void.

        Raises:
            ValueError: slots would be left out before it.
        """
        if not self.is_planned(stretch.first - 1):
            raise ValueError(f"slots would be missing before slot {stretch.first}")
        place = bisect_left(self.stretches, stretch.first, key=lambda known: known.first)
        if place == 0:
            return replace(self, stretches=(stretch,))
        before = self.stretches[place - 1]
        before = replace(before, count=stretch.first - before.first)
        return replace(self, stretches=(*self.stretches[: place - 1], before, stretch))

    def _stretch_at(self, now: datetime) -> Stretch:
        """Return the last stretch that has begun at `now`, or the first one."""
        return self.stretches[max(0, bisect_right(self.stretches, now, key=lambda stretch: stretch.origin) - 1)]


def grid_at_or_after(moment: datetime, interval: timedelta, phase: timedelta = _ZERO) -> datetime:
    """Return the first instant of the epoch grid `phase + k × interval` that is not before `moment`, in UTC."""
    since = moment.astimezone(UTC) - EPOCH - phase
    return EPOCH + phase + -(-since // interval) * interval
