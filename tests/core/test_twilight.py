"""Bands of light: without holes, in order, true to the limits; a sun that never crosses one gives a single band."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.twilight import LIMITS_DEGREES, Light, bands, light_of

MIDNIGHT = datetime(2026, 6, 21, tzinfo=UTC)
A_DAY = timedelta(days=1)


def sun(middle, swing):
    """Return a sun that stands highest at noon: `middle` degrees on average, `swing` above and below."""
    return lambda moment: middle - swing * math.cos(2 * math.pi * ((moment - MIDNIGHT) / A_DAY))


@pytest.mark.parametrize(
    ("degrees", "light"),
    [
        (90, Light.DAY),
        (-0.8, Light.DAY),
        (-0.9, Light.CIVIL),
        (-6, Light.CIVIL),
        (-6.1, Light.DEEP),
        (-18.1, Light.NIGHT),
        (-90, Light.NIGHT),
    ],
)
def test_light_by_elevation(degrees, light):
    assert light_of(degrees) is light


def test_a_day_of_the_temperate_zone():
    kinds = [band.light for band in bands(MIDNIGHT, MIDNIGHT + A_DAY, sun(10, 50))]
    assert kinds == [Light.NIGHT, Light.DEEP, Light.CIVIL, Light.DAY, Light.CIVIL, Light.DEEP, Light.NIGHT]


@pytest.mark.parametrize(("middle", "light"), [(30, Light.DAY), (-40, Light.NIGHT), (-12, Light.DEEP)])
def test_a_sun_that_crosses_nothing(middle, light):
    (band,) = bands(MIDNIGHT, MIDNIGHT + A_DAY, sun(middle, 5))
    assert (band.begin, band.end, band.light) == (MIDNIGHT, MIDNIGHT + A_DAY, light)


def test_nothing_of_no_time():
    assert bands(MIDNIGHT, MIDNIGHT, sun(0, 10)) == ()


@given(st.floats(-60, 60), st.floats(0, 60), st.integers(1, 72 * 60), st.integers(0, 24 * 60))
def test_bands_have_no_holes_and_edges_lie_on_limits(middle, swing, minutes, after):
    begin = MIDNIGHT + timedelta(minutes=after)
    end = begin + timedelta(minutes=minutes)
    elevation = sun(middle, swing)
    found = bands(begin, end, elevation)
    assert (found[0].begin, found[-1].end) == (begin, end)
    for before, following in pairwise(found):
        assert before.end == following.begin
        limit = LIMITS_DEGREES[max(before.light, following.light)]
        assert elevation(before.end) == pytest.approx(limit, abs=0.02)
