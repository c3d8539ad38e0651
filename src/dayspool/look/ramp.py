"""Ramps without a GUI: values of a module's field at positions of the shoot, spoken as a person does."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from dayspool.core.moments import SunTime
from dayspool.core.plan import Mistake
from dayspool.core.spoken import parse_when
from dayspool.core.sun_events import local_instant, sun_event
from dayspool.errors import PlanError
from dayspool.look.interpolate import PLAIN, between
from dayspool.sun import sun_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dayspool.core.plan import Place
    from dayspool.look.interpolate import Between, Measure

__all__ = ["EXPOSURE", "Line", "Timeline", "ramp_problems", "resolved"]

_FIELD = re.compile(r"([a-z_0-9]+)\.([A-Za-z_][\w.\[\]]*)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_SLOT = re.compile(r"slot:\s*(\d+)")
_FURTHEST = timedelta(hours=12)
EXPOSURE = "exposure.exposure"  # becomes a correction, which any developer can follow
_MOST_EV = 18.0  # what darktable 4.2.1 takes of it
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The slots of a shoot that have pictures, in order, when they were due (aware, UTC), and where that was."""

    slots: tuple[int, ...]
    moments: tuple[datetime, ...]
    place: Place | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One ramp with its positions found.

    Attributes:
        operation: the module.
        field: which of its fields.
        slots: the positions in slots, rising; fractions of a slot lie between two of them.
        values: what it is there.
    """

    operation: str
    field: str
    slots: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def name(self) -> str:
        """What the plan calls it."""
        return f"{self.operation}.{self.field}"

    def course(self, how: Between, measure: Measure = PLAIN) -> Callable[[float], float]:
        """Return its value as a function of the slot."""
        return between(self.slots, self.values, how=how, measure=measure)


def ramp_problems(ramps: Mapping[str, Mapping[str, float]]) -> list[Mistake]:
    """Return what is wrong with ramps as they are written, before the shoot is known."""
    return [
        Mistake(problem, f"ramp.{name}") for name, values in ramps.items() for problem in _problems_of(name, values)
    ]


def _problems_of(name: str, values: Mapping[str, float]) -> Iterator[str]:
    if _FIELD.fullmatch(name) is None:
        yield f"{name!r} names no field of a module; write it like exposure.exposure or temperature.red"
    if not values:
        yield "say a value at one position at least, such as 0% = 0.0"
    for position, value in values.items():
        if not math.isfinite(value):
            yield f"at {position} the value must be a number, not {value}"
        elif name == EXPOSURE and abs(value) > _MOST_EV:
            yield f"{value:g} EV at {position} is beyond the {_MOST_EV:g} EV that darktable's exposure takes"
        try:
            _checked(position)
        except PlanError as error:
            yield from error.problems


def _checked(position: str) -> None:
    """Refuse a position that cannot be understood."""
    if percent := _PERCENT.fullmatch(position.strip()):
        if float(percent[1]) > 100:
            raise PlanError(f"{position} lies behind the end of the shoot; 100% is its last frame")
        return
    if _SLOT.fullmatch(position.strip()):
        return
    try:
        when = parse_when(position)
    except PlanError:
        raise PlanError(
            f"{position!r} is no position; write 50%, slot:120, 21:30, sunset+30m or 2026-06-21T21:30"
        ) from None
    if isinstance(when, SunTime) and abs(when.offset) > _FURTHEST:
        raise PlanError(f"{when.event.value} can be moved by 12h at most")


def resolved(name: str, values: Mapping[str, float], timeline: Timeline) -> Line:
    """Find a ramp's positions on the slots of a shoot.

    A time of the day and an event of the sun mean every day of the shoot that they lie in; the value before the first
    position is that of the first, and after the last that of the last. A position outside the shoot still shapes the
    ramp inside if it is a slot or a date; one that comes daily and never lies in the shoot is an error.

    Raises:
        PlanError: a position cannot be found: no place for the sun, not during the shoot, or two values at one slot.
    """
    match = _FIELD.fullmatch(name)
    if match is None:
        raise PlanError(*ramp_problems({name: values}))
    points: dict[float, tuple[str, float]] = {}
    for position, value in values.items():
        for slot in _slots_at(position, name, timeline):
            other, known = points.setdefault(slot, (position, value))
            if known != value:
                raise PlanError(
                    f"the ramp of {name} has two values at slot {slot:g}: {known} at {other}, {value} at {position}"
                )
    slots = tuple(sorted(points))
    return Line(operation=match[1], field=match[2], slots=slots, values=tuple(points[slot][1] for slot in slots))


def _slots_at(position: str, name: str, timeline: Timeline) -> list[float]:
    cleaned = position.strip()
    first, last = timeline.slots[0], timeline.slots[-1]
    if percent := _PERCENT.fullmatch(cleaned):
        return [first + (last - first) * float(percent[1]) / 100]
    if slot := _SLOT.fullmatch(cleaned):
        return [float(slot[1])]
    when = parse_when(cleaned)
    if isinstance(when, datetime):
        return [_slot_at(when if when.tzinfo else when.replace(tzinfo=timeline.zone), timeline)]
    begins, ends = timeline.moments[0], timeline.moments[-1]
    moments = [moment for moment in _daily(when, name, timeline) if begins <= moment <= ends]
    if not moments:
        span = f"{_shown(begins, timeline.zone)} to {_shown(ends, timeline.zone)}"
        raise PlanError(f"the ramp of {name} speaks of {cleaned}, but the shoot lasts from {span} without it")
    return [_slot_at(moment, timeline) for moment in moments]


def _daily(when: time | SunTime, name: str, timeline: Timeline) -> Iterator[datetime]:
    """Yield the moments of every date that the shoot touches, and a day around them: the sun may set after midnight."""
    if isinstance(when, SunTime) and timeline.place is None:
        raise PlanError(f"the ramp of {name} follows the sun and needs a place: latitude and longitude under [place]")
    day = timeline.moments[0].astimezone(timeline.zone).date() - _DAY
    end = timeline.moments[-1].astimezone(timeline.zone).date() + _DAY
    while day <= end:
        if isinstance(when, SunTime):
            assert timeline.place is not None
            sun = sun_over(timeline.place)
            event = sun_event(sun, timeline.place.longitude, when.event, day, timeline.zone)
            if event.happens:
                yield event.utc + when.offset
        else:
            yield local_instant(day, when, timeline.zone)
        day += _DAY


def _slot_at(moment: datetime, timeline: Timeline) -> float:
    """Return the slot at a moment, with its fraction; beyond the ends the pace there goes on."""
    moments, slots = timeline.moments, timeline.slots
    if len(moments) == 1:
        return float(slots[0])
    right = min(max(bisect_left(moments, moment), 1), len(moments) - 1)
    pace = moments[right] - moments[right - 1]
    share = (moment - moments[right - 1]) / pace if pace else 0.0  # two pictures of one second
    return slots[right - 1] + (slots[right] - slots[right - 1]) * share


def _shown(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
