"""What the person wants: interval, start, end and place, and the slots that follow from them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dayspool.core.schedule import Schedule, grid_at_or_after
from dayspool.errors import PlanError

__all__ = ["Place", "Plan", "duration_text", "parse_duration"]

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SHORTEST = timedelta(milliseconds=50)
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the camera stands, in degrees: latitude north, longitude east."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.latitude) and abs(self.latitude) <= 90):
            raise PlanError(f"latitude must lie between -90 and 90 degrees, not {self.latitude}")
        if not (math.isfinite(self.longitude) and abs(self.longitude) <= 180):
            raise PlanError(f"longitude must lie between -180 and 180 degrees, not {self.longitude}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One shoot as it was asked for.

    Attributes:
        interval: from slot to slot.
        start: the earliest first slot, aware; `None` means as soon as the shoot begins.
        length: how long it lasts from the first slot; at most one of `length`, `frames`, `end` is set.
        frames: how many slots it has.
        end: no slot at or after this moment, aware.
        phase: moves the slots on the epoch grid.
        place: where the camera stands, for the sun.

    Raises:
        PlanError: with every mistake at once.
    """

    interval: timedelta
    start: datetime | None = None
    length: timedelta | None = None
    frames: int | None = None
    end: datetime | None = None
    phase: timedelta = field(default=timedelta(0))
    place: Place | None = None

    def __post_init__(self) -> None:
        problems = [*self._interval_problems(), *self._end_problems()]
        if problems:
            raise PlanError(*problems)

    def _interval_problems(self) -> list[str]:
        if not _SHORTEST <= self.interval <= _LONGEST:
            asked = duration_text(self.interval)
            return [f"every: the interval must lie between 50ms and ten years, not {asked}"]
        return []

    def _end_problems(self) -> list[str]:
        problems = []
        ends = [name for name in ("length", "frames", "end") if getattr(self, name) is not None]
        if len(ends) > 1:
            problems.append("for, frames, until: give only one of them; they all say when the shoot ends")
        if self.length is not None and self.length <= timedelta(0):
            problems.append("for: the shoot must last longer than nothing")
        if self.frames is not None and self.frames < 1:
            problems.append(f"frames: a shoot needs at least one frame, not {self.frames}")
        for name, moment in (("start", self.start), ("until", self.end)):
            if moment is not None and moment.tzinfo is None:
                problems.append(f"{name}: the moment needs a time zone, such as 2026-06-21T04:30+02:00")
        if not problems and self.start is not None and self.end is not None and self.end <= self.start:
            problems.append("until: the end must come after the start")
        return problems

    def schedule(self, begins: datetime) -> Schedule:
        """Return the slots of this plan when the shoot begins at `begins` (aware).

        The first slot is the first one of the epoch grid at or after the later of `begins` and `start`.

        Raises:
            PlanError: the end lies before the first slot, or after the end of the calendar.
        """
        earliest = begins if self.start is None else max(begins, self.start)
        origin = grid_at_or_after(earliest, self.interval, self.phase)
        schedule = Schedule(origin=origin, interval=self.interval, count=self.count_from(origin))
        try:
            schedule.instant(schedule.count or 0)
        except OverflowError:
            raise PlanError(f"frames: {self.frames} of them would take until after the year 9999") from None
        return schedule

    def count_from(self, origin: datetime) -> int | None:
        """Return how many slots there are when the first is due at `origin`; `None` without an end."""
        if self.frames is not None:
            return self.frames
        if self.length is not None:
            return -(-self.length // self.interval)
        if self.end is None:
            return None
        count = -((origin - self.end.astimezone(UTC)) // self.interval)
        if count < 1:
            raise PlanError(f"until: {self.end.isoformat()} comes before the first slot at {origin.isoformat()}")
        return count


def parse_duration(text: str) -> timedelta:
    """Read `10s`, `2m`, `24h`, `3d`, `500ms` or a sum such as `1h30m`.

    Raises:
        PlanError: the text is no duration.
    """
    cleaned = text.strip().replace(" ", "").lower()
    parts = _DURATION.findall(cleaned)
    if not parts or "".join(number + unit for number, unit in parts) != cleaned:
        raise PlanError(f"{text!r} is no duration; write it like 10s, 2m, 24h, 3d or 1h30m")
    try:
        return sum((timedelta(seconds=float(number) * _UNITS[unit]) for number, unit in parts), timedelta(0))
    except OverflowError:
        raise PlanError(f"{text!r} is longer than any shoot") from None


def duration_text(length: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it: `1h30m`, `10s`, `2.5s`."""
    microseconds = length // timedelta(microseconds=1)
    if microseconds < 0:
        return "-" + duration_text(-length)
    parts = []
    for unit, size in (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000)):
        whole, microseconds = divmod(microseconds, size)
        if whole:
            parts.append(f"{whole}{unit}")
    if microseconds or not parts:
        parts.append(f"{microseconds / 1_000_000:.6f}".rstrip("0").rstrip(".") + "s")
    return "".join(parts)
