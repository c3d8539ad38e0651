"""What the person wants: intervals, windows, start, end and place; the slots follow from them in `windows`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from dayspool.core.moments import Pace, Phase, SunTime, When, Window
from dayspool.errors import PlanError

__all__ = ["LIGHTS", "Mistake", "Place", "Plan", "duration_text", "mistakes_under", "parse_duration"]

LIGHTS = ("sun", "meter")
_NO_NAMES = ("", "light")  # of phases: they say of an interval that it is the plan's own, or the light's
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SHORTEST = timedelta(milliseconds=50)
_LONGEST = timedelta(days=3660)
_FURTHEST = timedelta(hours=12)  # from an event of the sun to a moment named after it


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
    """One shoot as it was asked for; `dayspool.core.windows` makes its slots.

    Attributes:
        interval: from slot to slot.
        start: the earliest first slot, aware, or the next time it comes round; `None` is as soon as the shoot begins.
        length: how long it lasts from the first slot; at most one of `length`, `frames`, `end` is set.
        frames: how many slots it has.
        end: no slot at or after this moment, aware, or the first time it comes round after the first slot.
        phase: moves the slots on the epoch grid.
        place: where the camera stands, for the sun.
        zone: where clocks and dates are read; `None` is UTC.
        windows: slots lie in these only, every day; none is the whole day.
        days: on these weekdays only (Monday is 0); none is every day. A window belongs to the day of its start.
        phases: parts with an interval of their own; the first that holds counts.
        light: what the interval follows from `day` to `night`, one of `LIGHTS`; `None` for neither.
        day: the interval in daylight, from its elevation or EV up.
        night: the interval at night, from its elevation or EV down.

    Raises:
        PlanError: with every mistake at once.
    """

    interval: timedelta
    start: When | None = None
    length: timedelta | None = None
    frames: int | None = None
    end: When | None = None
    phase: timedelta = field(default=timedelta(0))
    place: Place | None = None
    zone: tzinfo | None = None
    windows: tuple[Window, ...] = ()
    days: tuple[int, ...] = ()
    phases: tuple[Phase, ...] = ()
    light: str | None = None
    day: Pace | None = None
    night: Pace | None = None

    def __post_init__(self) -> None:
        about = (
            self._interval_problems,
            self._end_problems,
            self._sun_problems,
            self._light_problems,
            self._phase_problems,
        )
        problems = [problem for problems in about for problem in problems()]
        if problems:
            raise PlanError(*problems)

    @property
    def is_even(self) -> bool:
        """Whether all slots are one stretch of one interval."""
        return not (self.windows or self.days or self.phases or self.light)

    def _interval_problems(self) -> list[Mistake]:
        paces = (("day.every", self.day), ("night.every", self.night))
        intervals = [
            ("every", self.interval),
            *((key, pace.interval) for key, pace in paces if pace is not None),
            *((f"phase[{number}].every", phase.interval) for number, phase in enumerate(self.phases, 1)),
        ]
        return [
            Mistake(f"the interval must lie between 50ms and ten years, not {duration_text(interval)}", key)
            for key, interval in intervals
            if not _SHORTEST <= interval <= _LONGEST
        ]

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
        for name, moment in (("from", self.start), ("until", self.end)):
            if isinstance(moment, datetime) and moment.tzinfo is None:
                problems.append(Mistake("the moment needs a time zone, such as 2026-06-21T04:30+02:00", name))
        both = isinstance(self.start, datetime) and isinstance(self.end, datetime)
        if not problems and both and self.end <= self.start:  # type: ignore[operator]
            problems.append(Mistake("the end must come after the start", "until"))
        return problems

    def _sun_problems(self) -> list[Mistake]:
        """Return what needs a place and has none, and offsets that lead to another day."""
        whens: list[tuple[str, When | None]] = [("from", self.start), ("until", self.end)]
        whens += [("windows", moment) for window in self.windows for moment in (window.start, window.end)]
        for number, phase in enumerate(self.phases, 1):
            whens += [(f"phase[{number}].from", phase.start), (f"phase[{number}].until", phase.end)]
        suns = [(key, when) for key, when in whens if isinstance(when, SunTime)]
        problems = [
            Mistake(f"{when.event.value} can be moved by 12h at most", key)
            for key, when in suns
            if abs(when.offset) > _FURTHEST
        ]
        homeless = [*dict.fromkeys(key for key, _ in suns), *(["light"] if self.light == "sun" else [])]
        if homeless and self.place is None:
            problems.append(
                Mistake(
                    "the sun needs a place: --place 54.32,10.14, or latitude and longitude under [place]", *homeless
                )
            )
        return problems

    def _light_problems(self) -> list[Mistake]:
        problems = []
        if self.light is not None and (self.day is None or self.night is None):
            missing = [key for key, pace in (("day", self.day), ("night", self.night)) if pace is None]
            problems.append(Mistake('say an interval for it, such as every = "40s" under [night]', "light", *missing))
        if self.light == "sun" and self.day and self.night and self.day.degrees <= self.night.degrees:
            problems.append(Mistake("the sun must stand higher by day than at night", "day.sun", "night.sun"))
        if self.light == "meter" and self.day and self.night and self.day.ev <= self.night.ev:
            problems.append(Mistake("there must be more light by day than at night", "day.ev", "night.ev"))
        return problems

    def _phase_problems(self) -> list[Mistake]:
        problems = [
            Mistake("the end must come after the start", f"phase[{number}].until")
            for number, phase in enumerate(self.phases, 1)
            if isinstance(phase.start, datetime) and isinstance(phase.end, datetime) and phase.end <= phase.start
        ]
        problems += [
            Mistake(f"give it a name of its own, not {phase.name!r}", f"phase[{number}].name")
            for number, phase in enumerate(self.phases, 1)
            if phase.name in _NO_NAMES
        ]
        names = [phase.name for phase in self.phases]
        problems += [
            Mistake(f"another phase is called {name!r} too", f"phase[{number}].name")
            for number, name in enumerate(names, 1)
            if name in names[: number - 1]
        ]
        return problems


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
