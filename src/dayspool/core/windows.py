"""The slots of a plan, stretch by stretch: windows of the day, phases, and an interval that follows the light.

`planned_stretches(plan, begins, sun, after=None, metered=None)` yields the `Stretch`es of `plan` lazily, in order and
numbered on:

- `begins`: when the shoot begins (before its first slot), or for one that has begun the instant of its slot 0;
- `sun`: the elevation of the sun at the plan's place, in degrees without refraction, as a function of a moment in UTC
  (`dayspool.sun.sun_over(place)`); `None` where the plan has no place;
- `after`: the last stretch already planned (its `count` known): what follows it is yielded. `None` starts at slot 0;
- `metered`: the interval that the meter asks for now, in a plan whose interval follows it.

The stretches end by themselves where the plan has an end; a plan without one goes on for ever, or with a last stretch
of `count=None`. The same arguments give the same stretches, and `after` any of them gives those behind it.

The first slot of each window lies on the epoch grid. Where the interval changes within a window, the new one begins
with a slot: at the change, or as soon after it as leaves the shorter of the two intervals since the slot before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dayspool.core.pace import Pacing
from dayspool.core.plan import Mistake
from dayspool.core.schedule import Schedule, Stretch, grid_at_or_after
from dayspool.core.spans import Calendar, Span
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.core.plan import Plan
    from dayspool.core.sun_events import Sun

__all__ = ["count_of", "planned_stretches", "schedule_of"]

_A_DAY = timedelta(days=1)  # further than any time zone from UTC
_FOR_EVER = datetime.max.replace(tzinfo=UTC) - 2 * _A_DAY
_LONGEST_WAIT = timedelta(days=800)  # for a window with a slot: short ones may lie between those of a long interval
_LONGEST_LOOK = timedelta(days=10)  # a stretch that the light might end is planned so far at most


def schedule_of(plan: Plan, begins: datetime, sun: Sun | None = None) -> Schedule:
    """Return the slots of a shoot that begins at `begins` (aware), as far as its first stretch plans them.

    Raises:
        PlanError: there is no slot from then on, or the end comes after the end of the calendar.
    """
    try:
        first = next(planned_stretches(plan, begins, sun), None)
        if first is None:
            raise PlanError(_no_slot(plan, begins))
        schedule = Schedule(stretches=(first,), count=count_of(plan, first.origin, sun))
        if plan.is_even:
            schedule = Schedule.even(origin=first.origin, interval=first.interval, count=schedule.count)
            _ = first.instant(schedule.count or 0) + _A_DAY
    except OverflowError:
        given = {"for": plan.length, "frames": plan.frames, "until": plan.end, "from": plan.start}
        keys = [key for key, value in given.items() if value is not None]
        raise PlanError(Mistake("the shoot would go on until after the year 9999", *keys or ["phase"])) from None
    return schedule


def count_of(plan: Plan, origin: datetime, sun: Sun | None = None) -> int | None:
    """Return how many slots there are in all when slot 0 is due at `origin`.

    `None` without an end, and where the slots have to be planned stretch by stretch to know.

    Raises:
        PlanError: the end comes before slot 0.
    """
    if plan.frames is not None or not plan.is_even:
        return plan.frames
    end = _end(plan, origin, Calendar(plan, sun))
    if end is None:
        return None
    count = -((origin - end) // plan.interval)
    if count < 1:
        raise PlanError(Mistake(f"{end.isoformat()} comes before the first slot at {origin.isoformat()}", "until"))
    return count


def planned_stretches(
    plan: Plan,
    begins: datetime,
    sun: Sun | None = None,
    *,
    after: Stretch | None = None,
    metered: timedelta | None = None,
) -> Iterator[Stretch]:
    """Yield the stretches of `plan`, see above.

    Raises:
        PlanError: the sun never does in a year what the plan's start or end waits for.
    """
    walk = _Walk(plan, begins, sun, metered)
    last = after
    while (stretch := walk.first() if last is None else walk.following(last)) is not None:
        yield stretch
        last = stretch


class _Walk:
    """Goes from stretch to stretch; knows nothing but the one before."""

    def __init__(self, plan: Plan, begins: datetime, sun: Sun | None, metered: timedelta | None) -> None:
        self._plan, self._begins = plan, begins.astimezone(UTC)
        self._calendar = Calendar(plan, sun)
        self._pacing = Pacing(plan, self._calendar, sun, metered)
        self._until: datetime | None = None

    def first(self) -> Stretch | None:
        """Return the stretch of slot 0."""
        earliest = self._begins
        if self._plan.start is not None:
            start = self._calendar.first_after(self._plan.start, self._begins)
            if start is None:
                raise PlanError(Mistake("the sun does not do that there within a year", "from"))
            earliest = max(earliest, start)
        return self._in_next_window(0, earliest)

    def following(self, last: Stretch) -> Stretch | None:
        """Return what comes behind a stretch."""
        if last.end is None:
            return None
        final = last.instant(last.end - 1)
        here = next(self._windows(final), None)
        earliest = final + last.interval
        if here is None or here.start > final or here.label != last.window:
            return self._in_next_window(last.end, earliest)
        moment = self._after_change(final, last.interval)
        if moment < here.end:
            return self._stretch(last.end, moment, here, final)
        return self._in_next_window(last.end, max(here.end, min(moment, earliest)))

    def _after_change(self, final: datetime, interval: timedelta) -> datetime:
        """Return when the slot behind `final` is due: one interval later, or sooner where a shorter one begins."""
        usual = final + interval
        change = self._pacing.changes(final, usual)
        while change < usual:
            due = max(change, final + self._pacing.at(change)[0])
            then = self._pacing.changes(change, usual)
            if due < then:
                return due
            change = then
        return usual

    def _in_next_window(self, number: int, earliest: datetime) -> Stretch | None:
        """Return the first stretch of the first window that has a slot at or after `earliest`."""
        for window in self._windows(earliest):
            if window.start - earliest > _LONGEST_WAIT:
                return None
            begins = max(earliest, window.start)
            if self._is_over(begins):
                return None
            origin = grid_at_or_after(begins, self._pacing.at(begins)[0], self._plan.phase)
            if origin < window.end:
                return self._stretch(number, origin, window, None)
        return None

    def _stretch(self, number: int, origin: datetime, window: Span, before: datetime | None) -> Stretch | None:
        left = None if self._plan.frames is None else self._plan.frames - number
        shoot_began = origin if number == 0 and before is None else self._begins
        end = self._known_end(shoot_began)
        if (left is not None and left < 1) or (end is not None and origin >= end):
            return None
        interval, why = self._pacing.at(origin)
        limit = window.end if end is None else min(window.end, end)
        if not self._pacing.is_even:
            limit = self._pacing.changes(origin, min(limit, origin + _LONGEST_LOOK))
        count = None if limit >= _FOR_EVER else -((origin - limit) // interval)
        if left is not None:
            count = left if count is None else min(count, left)
        return Stretch(first=number, origin=origin, interval=interval, count=count, window=window.label, why=why)

    def _windows(self, moment: datetime) -> Iterator[Span]:
        if self._calendar.has_windows:
            yield from self._calendar.windows_from(moment)
        else:
            yield Span(start=moment, end=_FOR_EVER, label="")

    def _known_end(self, origin: datetime) -> datetime | None:
        if self._until is None:
            self._until = _end(self._plan, origin, self._calendar)
        return self._until

    def _is_over(self, moment: datetime) -> bool:
        """Say whether a known end lies before a moment; beyond it no window is looked for."""
        return self._until is not None and moment >= self._until


def _end(plan: Plan, origin: datetime, calendar: Calendar) -> datetime | None:
    """Return the moment from which on there is no slot, for a shoot whose slot 0 is due at `origin`."""
    if plan.length is not None:
        return origin + plan.length
    if plan.end is None:
        return None
    end = calendar.first_after(plan.end, origin)
    if end is None:
        raise PlanError(Mistake("the sun does not do that there within a year", "until"))
    return end


def _no_slot(plan: Plan, begins: datetime) -> Mistake:
    if isinstance(plan.end, datetime):
        first = next(planned_stretches(replace(plan, end=None), begins), None) if plan.is_even else None
        slot = f"the first slot at {first.origin.isoformat()}" if first is not None else "the first slot"
        return Mistake(f"{plan.end.isoformat()} comes before {slot}", "until")
    return Mistake("no window with a slot opens within a year, or none before the shoot is over", "windows")
