"""What the person wants: interval, start, end and place, and the slots that follow from them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dayspool.core.schedule import Schedule, grid_at_or_after
from dayspool.errors import PlanError

__all__ = ["Mistake", "Place", "Plan", "duration_text", "mistakes_under", "parse_duration"]

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SHORTEST = timedelta(milliseconds=50)
_LONGEST = timedelta(days=3660)
_A_DAY = timedelta(days=1)  # further than any time zone from UTC


class Mistake(str):
    """What is wrong with a plan, as a sentence for a person; `keys` names the keys of the plan that it is about."""

    __slots__ = ("keys", "text")
    keys: tuple[str, ...]
    text: str

    def __new__(cls, text: str, *keys: str) -> Mistake:
        """Return `KEYS: text`."""
        mistake = super().__new__(cls, f"{', '.join(keys)}: {text}")
        mistake.keys, mistake.text = keys, text
        return mistake


def mistakes_under(key: str, error: PlanError) -> list[Mistake]:
    """Return the problems of one value as mistakes about its `key`, or about `key.INNER` where they name one."""
    return [
        Mistake(problem.text, *(f"{key}.{inner}" for inner in problem.keys))
        if isinstance(problem, Mistake)
        else Mistake(problem, key)
        for problem in error.problems
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the camera stands, in degrees: latitude north, longitude east.

    Raises:
        PlanError: it is not on Earth; `latitude` and `longitude` each with what is wrong.
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        limits = (("latitude", self.latitude, 90), ("longitude", self.longitude, 180))
        problems = [
            Mistake(f"must lie between -{limit} and {limit} degrees, not {degrees}", name)
            for name, degrees, limit in limits
            if not (math.isfinite(degrees) and abs(degrees) <= limit)
        ]
        if problems:
            raise PlanError(*problems)


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

    def _interval_problems(self) -> list[Mistake]:
        if not _SHORTEST <= self.interval <= _LONGEST:
            asked = duration_text(self.interval)
            return [Mistake(f"the interval must lie between 50ms and ten years, not {asked}", "every")]
        return []

    def _end_problems(self) -> list[Mistake]:
        problems = []
        ends = {"for": self.length, "frames": self.frames, "until": self.end}
        given = [key for key, value in ends.items() if value is not None]
        if len(given) > 1:
            problems.append(Mistake("give only one of them; they all say when the shoot ends", *given))
        if self.length is not None and self.length <= timedelta(0):
            problems.append(Mistake("the shoot must last longer than nothing", "for"))
        if self.frames is not None and self.frames < 1:
            problems.append(Mistake(f"a shoot needs at least one frame, not {self.frames}", "frames"))
        for name, moment in (("start", self.start), ("until", self.end)):
            if moment is not None and moment.tzinfo is None:
                problems.append(Mistake("the moment needs a time zone, such as 2026-06-21T04:30+02:00", name))
        if not problems and self.start is not None and self.end is not None and self.end <= self.start:
            problems.append(Mistake("the end must come after the start", "until"))
        return problems

    def schedule(self, begins: datetime) -> Schedule:
        """Return the slots of this plan when the shoot begins at `begins` (aware).

        The first slot is the first one of the epoch grid at or after the later of `begins` and `start`.

        Raises:
            PlanError: the end lies before the first slot, or after the end of the calendar.
        """
        earliest = begins if self.start is None else max(begins, self.start)
        try:
            origin = grid_at_or_after(earliest, self.interval, self.phase)
            schedule = Schedule.even(origin=origin, interval=self.interval, count=self.count_from(origin))
            _ = schedule.instant(schedule.count or 0) + _A_DAY
        except OverflowError:
            given = {"for": self.length, "frames": self.frames, "until": self.end, "start": self.start}
            keys = [key for key, value in given.items() if value is not None]
            raise PlanError(Mistake("the shoot would go on until after the year 9999", *keys or ["phase"])) from None
        return schedule

    def count_from(self, origin: datetime) -> int | None:
        """Return how many slots there are when the first is due at `origin`; `None` without an end."""
        if self.frames is not None:
            return self.frames
        if self.length is not None:
            return -(-self.length // self.interval)
        if self.end is None:
            return None
        count = -((origin - self.end) // self.interval)
        if count < 1:
            raise PlanError(
                Mistake(f"{self.end.isoformat()} comes before the first slot at {origin.isoformat()}", "until")
            )
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
