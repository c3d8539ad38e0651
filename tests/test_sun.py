"""The sun, held against almanac values; an event that does not happen is a value."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from astral import Observer
from astral.sun import sunrise, sunset
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.moments import SunEvent
from dayspool.core.plan import Place
from dayspool.core.sun_events import sun_event
from dayspool.sun import sun_over

KIEL = Place(latitude=54.32, longitude=10.14)
TROMSO = Place(latitude=69.65, longitude=18.96)
QUITO = Place(latitude=-0.18, longitude=-78.47)
MINUTES = timedelta(minutes=3)


def sun_times(place, day, zone=UTC):
    """Return what the sun does on a day of a zone: dawn, sunrise, sunset, dusk; `None` where it does not."""
    found = [sun_event(sun_over(place), place.longitude, event, day, zone) for event in SunEvent]
    return SimpleNamespace(
        **{event: moment.utc if moment.happens else None for event, moment in zip(SunEvent, found, strict=True)}
    )


@pytest.mark.parametrize(
    ("place", "day", "sunrise", "sunset"),
    [
        (KIEL, date(2026, 6, 21), datetime(2026, 6, 21, 2, 47, tzinfo=UTC), datetime(2026, 6, 21, 19, 57, tzinfo=UTC)),
        (
            KIEL,
            date(2026, 12, 21),
            datetime(2026, 12, 21, 7, 39, tzinfo=UTC),
            datetime(2026, 12, 21, 14, 55, tzinfo=UTC),
        ),
    ],
)
def test_sunrise_and_sunset(place, day, sunrise, sunset):
    times = sun_times(place, day)
    assert abs(times.sunrise - sunrise) < MINUTES
    assert abs(times.sunset - sunset) < MINUTES
    assert times.dawn < times.sunrise < times.sunset < times.dusk


@pytest.mark.parametrize("day", [date(2026, 6, 21), date(2026, 12, 21)])
def test_polar_day_and_night_are_values(day):
    times = sun_times(TROMSO, day)
    assert times.sunrise is None
    assert times.sunset is None


def test_the_sun_stands_high_over_the_equator():
    assert sun_over(QUITO)(datetime(2026, 3, 20, 17, 21, tzinfo=UTC)) == pytest.approx(89.5, abs=1.0)
    assert sun_over(QUITO)(datetime(2026, 3, 20, 5, 21, tzinfo=UTC)) < -80


OSLO = ZoneInfo("Europe/Oslo")


def test_a_sunset_in_high_summer_belongs_to_the_day_before_midnight():
    times = sun_times(TROMSO, date(2026, 5, 16), OSLO)  # astral's own search has it three minutes early here
    assert times.sunset.astimezone(OSLO) == datetime(2026, 5, 17, 0, 3, 4, tzinfo=OSLO)
    assert times.sunrise.astimezone(OSLO).date() == date(2026, 5, 16)
    assert (times.dawn, times.dusk) == (None, None)


latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180, 180)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


@given(latitudes, longitudes, days, st.sampled_from(SunEvent))
def test_every_event_is_where_the_elevation_crosses_and_nowhere_else(latitude, longitude, day, event):
    place = Place(latitude=latitude, longitude=longitude)
    sun = sun_over(place)
    zone = timezone(timedelta(hours=round(longitude / 15)))
    found = sun_event(sun, longitude, event, day, zone)
    if found.happens:
        before, there = sun(found.utc - timedelta(seconds=1)), sun(found.utc)
        low, high = (before, there) if event.rising else (there, before)
        assert low < event.degrees <= high
    noon = datetime.combine(day, time(12), zone)
    step = timedelta(minutes=20) * (-1 if event.rising else 1)
    half = [sun((noon + count * step).astimezone(UTC)) for count in range(3, 32)]  # but for an hour at its ends
    crosses = min(half) < event.degrees - 0.05 and max(half) > event.degrees + 0.05
    assert found.happens or not crosses


@given(st.floats(-60, 60), longitudes, days)
def test_away_from_the_poles_the_times_are_astrals(latitude, longitude, day):
    times = sun_times(Place(latitude=latitude, longitude=longitude), day)
    observer = Observer(latitude=latitude, longitude=longitude)
    for ours, search in ((times.sunrise, sunrise), (times.sunset, sunset)):
        theirs = min(
            (search(observer, date=day + timedelta(days=near), tzinfo=UTC) for near in (-1, 0, 1)),
            key=lambda moment: abs(moment - ours),
        )
        assert abs(theirs - ours) < timedelta(seconds=60)
