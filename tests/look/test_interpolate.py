"""Numbers between keyframes: exact at keys, bounded, mirrored in time, and equal to other ways to compute the same."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.look.interpolate import PLAIN, Between, Measure, Scale, between

ALL = list(Between)
DEGREES = Measure(scale=Scale.ANGLE, turn=360.0, origin=0.0)
LOG = Measure(scale=Scale.LOG)
VALUES = st.integers(-1000, 1000).map(lambda thousandths: thousandths / 1000)


@st.composite
def keys(draw, values=VALUES, least=1):
    slots = sorted(draw(st.sets(st.integers(0, 5000), min_size=least, max_size=7)))
    return slots, draw(st.lists(values, min_size=len(slots), max_size=len(slots)))


def inside(slots, count=37):
    return np.linspace(slots[0] - 1, slots[-1] + 1, count).tolist()


@pytest.mark.parametrize("how", ALL)
@pytest.mark.parametrize("measure", [PLAIN, LOG, DEGREES])
@given(keys())
def test_keys_come_back_exactly_and_the_ends_hold(how, measure, given_keys):
    slots, values = given_keys
    course = between(slots, values, how=how, measure=measure)
    assert [course(slot) for slot in slots] == values
    assert (course(slots[0] - 5), course(slots[-1] + 5.5)) == (values[0], values[-1])


@given(keys())
def test_linear_is_what_numpy_makes_of_it(given_keys):
    slots, values = given_keys
    course = between(slots, values, how=Between.LINEAR)
    at = inside(slots)
    np.testing.assert_allclose([course(slot) for slot in at], np.interp(at, slots, values), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("how", ALL)
@given(keys(least=2))
def test_time_reversed_mirrors(how, given_keys):
    slots, values = given_keys
    end = slots[-1]
    course = between(slots, values, how=how)
    back = between([end - slot for slot in reversed(slots)], values[::-1], how=how)
    for slot in inside(slots):
        assert back(end - slot) == pytest.approx(course(slot), abs=1e-9)


@given(keys(least=2), st.floats(0, 1))
def test_monotone_stays_between_neighbouring_keys(given_keys, share):
    slots, values = given_keys
    course = between(slots, values, how=Between.MONOTONE)
    for number in range(len(slots) - 1):
        slot = slots[number] + share * (slots[number + 1] - slots[number])
        low, high = sorted(values[number : number + 2])
        assert low - 1e-12 <= course(slot) <= high + 1e-12


@given(keys(least=2))
def test_monotone_never_turns_between_neighbouring_keys(given_keys):
    slots, values = given_keys
    course = between(slots, values, how=Between.MONOTONE)
    for number in range(len(slots) - 1):
        way = values[number + 1] - values[number]
        steps = np.diff([course(slot) for slot in np.linspace(slots[number], slots[number + 1], 41)])
        assert (steps * np.sign(way) >= -1e-12).all()


@pytest.mark.parametrize("how", [Between.SMOOTH, Between.MONOTONE])
@given(keys(least=3))
def test_curved_modes_have_no_kink_at_a_key(how, given_keys):
    slots, values = given_keys
    course = between(slots, values, how=how)
    near = Fraction(1, 10_000)
    for slot in slots[1:-1]:
        before = (course(slot) - course(float(slot - near))) / float(near)
        after = (course(float(slot + near)) - course(slot)) / float(near)
        assert before == pytest.approx(after, abs=5e-3)


@pytest.mark.parametrize("how", ALL)
def test_two_keys_make_a_straight_line_in_every_mode(how):
    course = between([10, 30], [0.0, 1.0], how=how)
    assert [course(slot) for slot in (15, 20, 25)] == pytest.approx([0.25, 0.5, 0.75])


@pytest.mark.parametrize("how", ALL)
def test_what_rests_between_two_keys_stays_bit_for_bit(how):
    course = between([0, 10, 20, 30], [0.0, 0.1, 0.1, 1.0], how=how)
    assert {course(10 + tenth / 10) for tenth in range(101)} == {0.1}


def test_smooth_follows_catmull_and_rom():
    # four even keys: the uniform matrix form, twice the point (−p0+9p1+9p2−p3)/16 in the middle
    course = between([0, 1, 2, 3], [0.0, 1.0, 3.0, 4.0], how=Between.SMOOTH)
    assert course(1.5) == pytest.approx((-0.0 + 9 * 1.0 + 9 * 3.0 - 4.0) / 16)


def test_smooth_may_swing_beyond_keys_and_monotone_not():
    slots, values = [0, 10, 20, 30], [0.0, 1.0, 1.05, 0.0]
    smooth, monotone = (between(slots, values, how=how) for how in (Between.SMOOTH, Between.MONOTONE))
    assert max(smooth(slot / 10) for slot in range(300)) > 1.1
    assert max(monotone(slot / 10) for slot in range(300)) == 1.05


def test_monotone_slope_is_the_weighted_harmonic_mean():
    # widths 1 and 3, slopes 2 and 1: the weights are twice the other's width and its own
    course = between([0, 1, 4], [0.0, 2.0, 5.0], how=Between.MONOTONE)
    before, after = 2 * 3 + 1, 3 + 2 * 1
    slope = (before + after) / (before / 2 + after / 1)
    near = 1e-6
    assert (course(1 + near) - course(1)) / near == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "middle"),
    [((350.0, 10.0), 0.0), ((10.0, 350.0), 0.0), ((20.0, 60.0), 40.0), ((300.0, 100.0), 20.0), ((0.0, 180.0), 90.0)],
)
def test_angles_go_the_short_way(values, middle):
    course = between([0, 2], values, measure=DEGREES)
    assert course(1) % 360 == pytest.approx(middle)


@given(keys(st.integers(0, 359).map(float), least=2), st.sampled_from(ALL))
def test_angles_stay_on_the_circle_and_turn_half_a_turn_at_most(given_keys, how):
    slots, values = given_keys
    course = between(slots, values, how=how, measure=DEGREES)
    assert all(0 <= course(slot) <= 360 for slot in inside(slots))
    linear = between(slots, values, measure=DEGREES)
    for number in range(len(slots) - 1):
        middle = linear((slots[number] + slots[number + 1]) / 2)
        assert abs(math.remainder(middle - values[number], 360)) <= 90 + 1e-9


@given(keys(st.integers(0, 359).map(float), least=2))
def test_angles_mirror_in_time_too(given_keys):
    slots, values = given_keys
    end = slots[-1]
    course = between(slots, values, measure=DEGREES)
    back = between([end - slot for slot in reversed(slots)], values[::-1], measure=DEGREES)
    for slot in inside(slots):
        assert math.remainder(back(end - slot) - course(slot), 360) == pytest.approx(0, abs=1e-6)


def test_factors_go_evenly_in_their_logarithm():
    assert between([0, 2], [1.0, 4.0], measure=LOG)(1) == pytest.approx(2.0)


def test_factors_that_reach_zero_are_plain_numbers():
    assert between([0, 2], [0.0, 4.0], measure=LOG)(1) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("slots", "values"),
    [([], []), ([0], []), ([0, 0], [1.0, 2.0]), ([1, 0], [1.0, 2.0]), ([0], [math.nan]), ([0, 1], [0.0, math.inf])],
)
def test_keys_that_are_none_are_refused(slots, values):
    with pytest.raises(ValueError, match="a course needs"):
        between(slots, values)
