"""Daily windows as spans of time: every date's own, by the clock of a zone and the sun over a place.

A span carries the date on which it began, so a night is one thing though it has two dates. Whether the end of a window
is on its own date or the next one follows from the window, not from the date: by the order of the clock, by the order
dawn, sunrise, sunset, dusk, and between clock and sun by the half of the day. Where the end then is not after the
start, the window does not open on that date. Where an event of the sun does not happen, `sun_events` says what stands
for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from dayspool.core.moments import Daily, Phase, SunEvent, SunTime, When, Window
from dayspool.core.sun_events import SunMoment, local_instant, sun_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.core.plan import Plan
    from dayspool.core.sun_events import Sun

__all__ = ["Calendar", "Span"]

_DAY = timedelta(days=1)
_REACH = 2  # a window reaches less than so many days beyond its date
_SEARCH_DAYS = 400  # whatever happens at all happens within a year
_NOON = time(12)
_WHOLE_DAY = Window(start=time(0), end=time(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` to just before `end`, both UTC; `label` is the date on which it began, or a phase's name."""

    start: datetime
    end: datetime
    label: str


class Calendar:
    """A plan's windows and phases, date by date; the sun's events are looked up once each.

    Args:
        plan: with its zone, its place where the sun is named, windows, weekdays and phases.
        sun: the elevation over the place, as in `dayspool.core.sun_events`.
    """

    def __init__(self, plan: Plan, sun: Sun | None) -> None:
        self._zone: tzinfo = plan.zone or UTC
        self._longitude = 0.0 if plan.place is None else plan.place.longitude
        self._sun = sun
        self._days = plan.days
        self._windows = plan.windows or ((_WHOLE_DAY,) if plan.days else ())
        self._events: dict[tuple[SunEvent, date], SunMoment] = {}
        self._spans: dict[date, tuple[Span, ...]] = {}

    @property
    def has_windows(self) -> bool:
        """Whether slots are in windows only."""
        return bool(self._windows)

    def windows_from(self, moment: datetime) -> Iterator[Span]:
        """Yield the windows that end after `moment`, in order; none when no window opens for more than a year."""
        day, idle = self._date(moment) - _REACH * _DAY, 0
        while idle < _SEARCH_DAYS:
            try:
                spans = [span for span in self._clipped(day) if span.end > moment]
                day += _DAY
            except OverflowError:  # the calendar is over
                return
            yield from spans
            idle = 0 if spans else idle + 1

    def phases_at(self, moment: datetime, phases: tuple[Phase, ...]) -> Iterator[tuple[Phase, Span]]:
        """Yield every phase that may matter near `moment`, in order of the plan, with its spans from there on."""
        today = self._date(moment)
        for phase in phases:
            for span in self._phase_spans(phase, today):
                if span.end > moment:
                    yield phase, span

    def first_after(self, when: When, moment: datetime) -> datetime | None:
        """Return `when` itself, or the first time it comes round at or after `moment`; `None` if not in a year."""
        if isinstance(when, datetime):
            return when
        day = self._date(moment) - _DAY
        for _ in range(_SEARCH_DAYS):
            try:
                found = self._on(when, day)
                happens = not isinstance(when, SunTime) or self._sun_on(when.event, day).happens
                day += _DAY
            except OverflowError:
                return None
            if happens and found >= moment:
                return found
        return None

    def _phase_spans(self, phase: Phase, today: date) -> Iterator[Span]:
        if isinstance(phase.start, datetime):
            start = phase.start.astimezone(UTC)
            end = self.first_after(phase.end, start)
            if end is not None and end > start:
                yield Span(start=start, end=end, label=phase.name)
            return
        if isinstance(phase.end, datetime):
            start_found = self.first_after(phase.start, phase.end - _DAY)
            if start_found is not None and start_found < phase.end:
                yield Span(start=start_found, end=phase.end.astimezone(UTC), label=phase.name)
            return
        window = Window(start=phase.start, end=phase.end)
        for ahead in range(-_REACH, _REACH + 1):
            span = self._span(window, today + ahead * _DAY)
            if span is not None:
                yield replace(span, label=phase.name)

    def _clipped(self, day: date) -> tuple[Span, ...]:
        """Return the windows of a date; what would reach into the next date's first one ends there."""
        tomorrow = self._merged(day + _DAY)
        if not tomorrow:
            return self._merged(day)
        limit = tomorrow[0].start
        return tuple(replace(span, end=min(span.end, limit)) for span in self._merged(day) if span.start < limit)

    def _merged(self, day: date) -> tuple[Span, ...]:
        """Return the windows of a date in order; those that overlap or touch are one."""
        if day not in self._spans:
            merged: list[Span] = []
            open_today = not self._days or day.weekday() in self._days
            found = [span for window in self._windows if open_today and (span := self._span(window, day))]
            for span in sorted(found, key=lambda span: span.start):
                if merged and span.start <= merged[-1].end:
                    merged[-1] = replace(merged[-1], end=max(merged[-1].end, span.end))
                else:
                    merged.append(span)
            self._spans[day] = tuple(merged)
        return self._spans[day]

    def _span(self, window: Window, day: date) -> Span | None:
        start = self._on(window.start, day)
        end = self._on(window.end, day + _DAY * _ends_next_day(window))
        return Span(start=start, end=end, label=day.isoformat()) if start < end else None

    def _on(self, when: Daily, day: date) -> datetime:
        if isinstance(when, SunTime):
            return self._sun_on(when.event, day).utc + when.offset
        return local_instant(day, when, self._zone)

    def _sun_on(self, event: SunEvent, day: date) -> SunMoment:
        key = event, day
        if key not in self._events:
            assert self._sun is not None, "the plan was let through without a place"
            self._events[key] = sun_event(self._sun, self._longitude, event, day, self._zone)
        return self._events[key]

    def _date(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _ends_next_day(window: Window) -> bool:
    """Say whether a window reaches into the date after the one on which it begins."""
    start, end = window.start, window.end
    if isinstance(start, SunTime) and isinstance(end, SunTime):
        order = list(SunEvent)
        return (order.index(end.event), end.offset) <= (order.index(start.event), start.offset)
    if isinstance(start, SunTime):
        return not start.event.rising and isinstance(end, time) and end < _NOON
    if isinstance(end, SunTime):
        return end.event.rising and start >= _NOON
    return end <= start
