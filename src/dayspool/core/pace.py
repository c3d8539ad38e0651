"""Which interval holds when: the phases of a plan, then the light, then the plan's own interval.

Between the day's interval and the night's, the interval follows the sun's elevation (or the meter's reading) in steps
of at least a tenth, geometrically: each makes the film faster or slower by the same share.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from dayspool.core.schedule import EPOCH
from dayspool.core.sun_events import turning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dayspool.core.plan import Plan
    from dayspool.core.spans import Calendar
    from dayspool.core.sun_events import Sun

__all__ = ["IntervalRamp", "Pacing"]

_LEAST_STEP = math.log(1.1)
_ROUND = timedelta(milliseconds=10)
_SAMPLE = timedelta(minutes=5)  # so often the sun is looked at for a change of interval
_HOLD = 0.9  # of a step: so far the reading moves before the interval does; half a step would be without hysteresis


class IntervalRamp:
    """The ladder of intervals from day to night of one plan."""

    def __init__(self, plan: Plan) -> None:
        assert plan.day is not None
        assert plan.night is not None
        self._day, self._night = plan.day, plan.night
        ratio = abs(math.log(plan.night.interval / plan.day.interval))
        self._steps = 0 if ratio == 0 else max(1, math.floor(ratio / _LEAST_STEP))

    def by_sun(self, degrees: float) -> timedelta:
        """Return the interval under the sun at this elevation."""
        return self._interval(round(self._place(self._day.degrees, self._night.degrees, degrees)))

    def by_meter(self, readings: Sequence[float], held: timedelta | None) -> timedelta | None:
        """Return the interval for the last scene EVs; `held` stays where they hardly differ; `None` without any."""
        if not readings:
            return held
        place = self._place(self._day.ev, self._night.ev, median(readings))
        known = next((step for step in range(self._steps + 1) if self._interval(step) == held), None)
        return held if known is not None and abs(place - known) <= _HOLD else self._interval(round(place))

    def _place(self, day: float, night: float, reading: float) -> float:
        """Return where a reading lies on the ladder, from 0 (day) to the number of steps (night)."""
        return self._steps * max(0.0, min(1.0, (day - reading) / (day - night)))

    def _interval(self, step: int) -> timedelta:
        if step in (0, self._steps):
            return self._night.interval if step and step == self._steps else self._day.interval
        share: float = (self._night.interval / self._day.interval) ** (step / self._steps)
        return max(_ROUND, round(self._day.interval * share / _ROUND) * _ROUND)


class Pacing:
    """The interval at any moment of a plan, and when it changes next.

    Args:
        plan: its phases, light and interval.
        calendar: its dates.
        sun: the elevation over its place.
        metered: the interval that the meter asks for; `None` leaves the light to the sun, where there is one.
    """

    def __init__(self, plan: Plan, calendar: Calendar, sun: Sun | None, metered: timedelta | None) -> None:
        self._plan, self._calendar, self._sun, self._metered = plan, calendar, sun, metered
        self._light = IntervalRamp(plan) if plan.light is not None else None

    @property
    def is_even(self) -> bool:
        """Whether it is the same interval for ever."""
        return not self._plan.phases and not self._follows_sun

    @property
    def _follows_sun(self) -> bool:
        return self._light is not None and self._metered is None and self._sun is not None

    def at(self, moment: datetime) -> tuple[timedelta, str]:
        """Return the interval that holds at `moment`, and what it follows: a phase's name, `light` or nothing."""
        for phase, span in self._calendar.phases_at(moment, self._plan.phases):
            if span.start <= moment:
                return phase.interval, phase.name
        if self._light is None:
            return self._plan.interval, ""
        if self._metered is not None:
            return self._metered, "light"
        if self._sun is None:
            return self._plan.interval, ""
        return self._light.by_sun(self._sun(moment)), "light"

    def changes(self, moment: datetime, until: datetime) -> datetime:
        """Return the first moment after `moment` at which something else holds, or `until`, whichever comes first."""
        now = self.at(moment)
        while moment < until:
            edge = min((edge for edge in self._edges(moment) if edge > moment), default=until)
            edge = min(edge, until)
            if self._follows_sun and now[1] == "light":
                edge = self._sun_changes(moment, edge)
            if edge >= until or self.at(edge) != now:
                return edge
            moment = edge
        return until

    def _edges(self, moment: datetime) -> Iterator[datetime]:
        """Yield where phases begin and end, and the next days, in which others may."""
        if self._plan.phases:
            yield moment + timedelta(days=1)
        for _, span in self._calendar.phases_at(moment, self._plan.phases):
            yield from (span.start, span.end)

    def _sun_changes(self, moment: datetime, until: datetime) -> datetime:
        """Return the first second after `moment` at which the sun asks for another interval, or `until`."""
        assert self._light is not None
        assert self._sun is not None
        light, sun = self._light, self._sun
        held, low = light.by_sun(sun(moment)), moment
        while low < until:
            high = EPOCH + ((low - EPOCH) // _SAMPLE + 1) * _SAMPLE
            if light.by_sun(sun(high)) != held:
                whole = low.replace(microsecond=0)
                begins = whole if light.by_sun(sun(whole)) == held else low
                return min(until, turning(lambda utc: light.by_sun(sun(utc)), begins, high))
            low = high
        return until
