"""The sun, held against almanac values; an event that does not happen is a value."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dayspool.core.plan import Place
from dayspool.sun import sun_elevation, sun_times

KIEL = Place(latitude=54.32, longitude=10.14)
TROMSO = Place(latitude=69.65, longitude=18.96)
QUITO = Place(latitude=-0.18, longitude=-78.47)
MINUTES = timedelta(minutes=3)


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
    assert sun_elevation(QUITO, datetime(2026, 3, 20, 17, 21, tzinfo=UTC)) == pytest.approx(89.5, abs=1.0)
    assert sun_elevation(QUITO, datetime(2026, 3, 20, 5, 21, tzinfo=UTC)) < -80
