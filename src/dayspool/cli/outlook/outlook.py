"""What is ahead of a shoot, gathered once for words, JSON and charts: its slots, windows, days and light."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from dayspool.clock import local_moment
from dayspool.core.twilight import Band, Light, bands
from dayspool.sun import sun_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, tzinfo

    from dayspool.core.plan import Place
    from dayspool.core.schedule import Stretch

    Elevation: TypeAlias = Callable[[datetime], float]

__all__ = ["Outlook", "SunDay", "Window", "local_days", "outlook_of"]

_ENDLESS = timedelta(days=3)  # so far a shoot without an end is shown
_MOST_DAYS = 400
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SunDay:
    """The light of one local day.

    Attributes:
        day: the local date.
        begin: its midnight, aware.
        bands: the kinds of light from midnight to midnight.
    """

    day: date
    begin: datetime
    bands: tuple[Band, ...]

    def event(self, below: Light, above: Light, *, rising: bool) -> datetime | None:
        """Return when the light changes between two kinds: the first time when rising, else the last; or `None`."""
        due = (below, above) if rising else (above, below)
        found = [after.begin for before, after in pairwise(self.bands) if (before.light, after.light) == due]
        return None if not found else found[0] if rising else found[-1]

    @property
    def dawn(self) -> datetime | None:
        """When the sun comes up to −6°."""
        return self.event(Light.DEEP, Light.CIVIL, rising=True)

    @property
    def sunrise(self) -> datetime | None:
        """When it rises."""
        return self.event(Light.CIVIL, Light.DAY, rising=True)

    @property
    def sunset(self) -> datetime | None:
        """When it sets."""
        return self.event(Light.CIVIL, Light.DAY, rising=False)

    @property
    def dusk(self) -> datetime | None:
        """When it has gone down to −6°."""
        return self.event(Light.DEEP, Light.CIVIL, rising=False)

    @property
    def always(self) -> Light | None:
        """`DAY` where the sun does not set on this day, `NIGHT` where it does not rise, else `None`."""
        kinds = {band.light for band in self.bands}
        if Light.DAY not in kinds:
            return Light.NIGHT
        return Light.DAY if kinds == {Light.DAY} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Slots one after the other without a pause.

    Attributes:
        name: the day on which it began, where the plan has windows; else empty.
        stretches: its stretches, each of one interval.
        end: one interval after its last slot; where it has no end, so far as it is shown.
        slots: how many slots; `None` without an end.
    """

    name: str
    stretches: tuple[Stretch, ...]
    end: datetime
    slots: int | None

    @property
    def begin(self) -> datetime:
        """The instant of its first slot."""
        return self.stretches[0].origin

    @property
    def last(self) -> datetime | None:
        """The instant of its last slot; `None` without an end."""
        stretch = self.stretches[-1]
        return None if stretch.end is None else stretch.instant(stretch.end - 1)

    @property
    def intervals(self) -> tuple[timedelta, ...]:
        """The intervals it has, each once, in order of appearance."""
        return tuple(dict.fromkeys(stretch.interval for stretch in self.stretches))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A shoot to come.

    Attributes:
        windows: in order, at least one.
        slots: how many there are in all; `None` without an end.
        place: where the camera stands; `None` when nobody said.
        zone: the zone days and times are told in; `None` is this machine's.
        days: the sun of every day of the plan, four hundred at most; none without a place.
        elevation: the sun's elevation in degrees without refraction; `None` without a place.
    """

    windows: tuple[Window, ...]
    slots: int | None
    place: Place | None
    zone: tzinfo | None
    days: tuple[SunDay, ...]
    elevation: Elevation | None

    @property
    def first(self) -> datetime:
        """The instant of the first slot."""
        return self.windows[0].begin

    @property
    def last(self) -> datetime | None:
        """The instant of the last slot; `None` without an end."""
        return None if self.slots is None else self.windows[-1].last

    @property
    def end(self) -> datetime:
        """One interval after the last slot; without an end, so far as it is shown."""
        return self.windows[-1].end

    @property
    def stretches(self) -> Iterator[Stretch]:
        """All stretches, in order."""
        return (stretch for window in self.windows for stretch in window.stretches)

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the zone of the shoot."""
        return moment.astimezone(self.zone)

    def clock(self, moment: datetime) -> str:
        """Return the local time to the nearest minute, `21:58`: for the sun, which is not known any better."""
        return f"{self.local(moment + timedelta(seconds=30)):%H:%M}"

    def midnight(self, day: date) -> datetime:
        """Return when a local day begins."""
        return _midnight(day, self.zone)

    def slots_on(self, day: date, stretch: Stretch) -> range:
        """Return the slots of a stretch that are due on a local day; without an end, those before `end`."""
        since, until = self.midnight(day), min(self.midnight(day + _A_DAY), self.end)
        low, high = (stretch.first - (stretch.origin - moment) // stretch.interval for moment in (since, until))
        last = high if stretch.end is None else min(high, stretch.end)
        return range(max(low, stretch.first), max(last, stretch.first))


def outlook_of(
    stretches: Iterable[Stretch],
    *,
    place: Place | None,
    zone: tzinfo | None = None,
    count: int | None = None,
    until: datetime | None = None,
) -> Outlook:
    """Gather what is ahead.

    Args:
        stretches: of the whole shoot, or of its first years.
        place: for the sun.
        zone: for days and times; `None` is this machine's.
        count: how many slots there are in all, where they end.
        until: when the plan ends, where windows may stay shut after the last slot.

    Raises:
        ValueError: there is no stretch.
    """
    windows = tuple(_windows(stretches))
    if not windows:
        raise ValueError("an outlook needs a slot")
    elevation = None if place is None else sun_over(place)
    end = windows[-1].end if until is None else max(until, windows[-1].end)
    days = () if elevation is None else tuple(_days(windows[0].begin, end, zone, elevation))
    return Outlook(windows=windows, slots=count, place=place, zone=zone, days=days, elevation=elevation)


def local_days(begin: datetime, end: datetime, zone: tzinfo | None) -> Iterator[date]:
    """Yield the local days from that of `begin` to the last one before `end`; four hundred at most."""
    day, last = begin.astimezone(zone).date(), max(begin, end - timedelta(microseconds=1)).astimezone(zone).date()
    for _ in range(_MOST_DAYS):
        if day > last:
            return
        yield day
        day += _A_DAY


def _windows(stretches: Iterable[Stretch]) -> Iterator[Window]:
    """Yield runs of stretches that follow one another without a pause within one window."""
    run: list[Stretch] = []
    for stretch in stretches:
        if run and not (stretch.window == run[-1].window and _follows(run[-1], stretch)):
            yield _window(run)
            run = []
        run.append(stretch)
    if run:
        yield _window(run)


def _follows(before: Stretch, stretch: Stretch) -> bool:
    """Say whether a stretch begins about where the one before leaves off; each begins on a grid of its own."""
    return before.end is None or stretch.origin <= before.instant(before.end) + stretch.interval


def _window(run: list[Stretch]) -> Window:
    last = run[-1]
    until = last.origin + _ENDLESS if last.end is None else last.instant(last.end)
    slots = None if last.end is None else last.end - run[0].first
    return Window(name=run[0].window, stretches=tuple(run), end=until, slots=slots)


def _days(begin: datetime, end: datetime, zone: tzinfo | None, elevation: Elevation) -> Iterator[SunDay]:
    for day in local_days(begin, end, zone):
        midnight, next_one = (_midnight(each, zone) for each in (day, day + _A_DAY))
        yield SunDay(day=day, begin=midnight, bands=bands(midnight, next_one, elevation))


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    if zone is None:
        return local_moment(day.isoformat())
    return datetime.combine(day, time(), tzinfo=zone)
