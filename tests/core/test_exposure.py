"""Exposure arithmetic against values any light meter shows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.exposure import Exposure, parse_shutter, shutter_name

positive = st.floats(min_value=1e-5, max_value=1e5)


@pytest.mark.parametrize(
    ("shutter", "aperture", "iso", "ev100"),
    [
        (1, 1, 100, 0.0),
        (1 / 128, 16, 100, 15.0),  # sunny sixteen, by the ladder
        (1 / 60, 2.8, 400, 6.88),
        (30, 1.8, 3200, -8.21),
    ],
)
def test_ev100(shutter, aperture, iso, ev100):
    assert Exposure(shutter_seconds=shutter, aperture=aperture, iso=iso).ev100 == pytest.approx(ev100, abs=0.01)


@given(positive, positive, positive)
def test_twice_the_time_is_one_stop(shutter, iso, aperture):
    once = Exposure(shutter_seconds=shutter, iso=iso, aperture=aperture)
    twice = Exposure(shutter_seconds=2 * shutter, iso=iso, aperture=aperture)
    assert twice.stops_brighter_than(once) == pytest.approx(1)
    assert twice.ev100 == pytest.approx(once.ev100 - 1)


@pytest.mark.parametrize(
    ("name", "meant"), [(1 / 60, 1 / 64), (1 / 125, 1 / 128), (1 / 1000, 1 / 1024), (30, 32), (1 / 80, 2 ** (-19 / 3))]
)
def test_shutter_names_snap_to_powers_of_two(name, meant):
    assert Exposure(shutter_seconds=name, iso=160).snapped().shutter_seconds == pytest.approx(meant)


@pytest.mark.parametrize(("name", "meant"), [(11, 2**3.5), (5.6, 2**2.5), (1.8, 2 ** (5 / 6)), (4, 4)])
def test_aperture_names_snap_to_roots_of_two(name, meant):
    assert Exposure(shutter_seconds=1, iso=100, aperture=name).snapped().aperture == pytest.approx(meant)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1/250", 1 / 250), ('30"', 30), ('0.4"', 0.4), ("2", 2), ("1/3 s", 1 / 3), (" 8s ", 8)]
)
def test_reads_shutter_times(text, seconds):
    assert parse_shutter(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["BULB", "", "1/0", "0", "-1", "1/250/2", "fast"])
def test_refuses_what_is_no_shutter_time(text):
    with pytest.raises(ValueError, match="no shutter time"):
        parse_shutter(text)


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_refuses_impossible_values(value):
    with pytest.raises(ValueError, match="positive and finite"):
        Exposure(shutter_seconds=value, iso=100)


def test_writes_as_photographers_do():
    assert str(Exposure(shutter_seconds=1 / 250, aperture=4, iso=400)) == "1/250 s · f/4 · ISO 400"
    assert shutter_name(0.4) == "0.4 s"
    assert str(Exposure(shutter_seconds=30, iso=160)) == "30 s · ISO 160"
