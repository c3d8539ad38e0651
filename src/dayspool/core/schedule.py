"""When a frame is due: slots on a grid counted from the epoch, as pure functions of time.

A slot's instant is `phase + k × interval` from the Unix epoch in UTC, so daylight saving, restarts and late frames
cannot move it. Within a shoot, slots are numbered from its first one: slot 0 is `origin`, and that number names the
file. All arithmetic is in whole microseconds (`timedelta` is exact), so nothing drifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["EPOCH", "Schedule", "grid_at_or_after"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The slots of one shoot.

    Attributes:
        origin: the instant of slot 0, aware, UTC.
        interval: from one slot to the next.
        count: how many slots there are; `None` goes on until stopped.
    """

    origin: datetime
    interval: timedelta
    count: int | None = None

    def __post_init__(self) -> None:
        if self.origin.tzinfo is not UTC:
            raise ValueError("a schedule's origin must be in UTC")
        if self.interval <= _ZERO:
            raise ValueError("a schedule's interval must be longer than nothing")
        if self.count is not None and self.count < 0:
            raise ValueError("a schedule cannot have fewer than no slots")

    def instant(self, slot: int) -> datetime:
        """Return when `slot` is due, in UTC."""
        return self.origin + slot * self.interval

    def slot_at(self, now: datetime) -> int:
        """Return the last slot due at or before `now` (−1 and below before the origin; `count` is not looked at)."""
        return (now - self.origin) // self.interval

    def nearest_slot(self, taken: datetime) -> int:
        """Return the slot whose instant is nearest to `taken`; halfway goes to the later one."""
        return (taken - self.origin + self.interval / 2) // self.interval

    def last_slot(self) -> int | None:
        """Return the last slot, or `None` when the schedule goes on for ever."""
        return None if self.count is None else self.count - 1

    def is_over(self, slot: int) -> bool:
        """Say whether `slot` lies behind the end."""
        return self.count is not None and slot >= self.count


def grid_at_or_after(moment: datetime, interval: timedelta, phase: timedelta = _ZERO) -> datetime:
    """Return the first instant of the epoch grid `phase + k × interval` that is not before `moment`, in UTC."""
    since = moment.astimezone(UTC) - EPOCH - phase
    return EPOCH + phase + -(-since // interval) * interval
