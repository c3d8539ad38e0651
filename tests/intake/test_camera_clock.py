"""The camera's clock from moments known by both: offset, drift, a clock set by hand, strays."""

import random

import pytest

from dayspool.intake.camera_clock import CameraClock, Knot, steady

DAY = 86_400


def knots(count, *, offset=0.0, drift=0.0, set_by=0.0, every=10.0, seed=1):
    rng = random.Random(seed)
    return [
        Knot(
            host=n * every,
            offset=offset + drift * n * every / DAY + (set_by if n > count / 2 else 0) + rng.uniform(-0.5, 0.5),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("drift", [-20.0, 0.0, 0.5, 9.0])
@pytest.mark.parametrize("offset", [-3e7, 0.0, 7200.0])
def test_offset_and_drift_are_found(offset, drift):
    clock = CameraClock(knots(3000, offset=offset, drift=drift))
    assert clock.drift_per_day == pytest.approx(drift, abs=0.3)
    middle = 1500 * 10.0
    assert clock.offset == pytest.approx(offset + drift * middle / DAY, abs=0.3)
    (shown,) = clock.shown_at(middle)
    assert shown - middle == pytest.approx(offset + drift * middle / DAY, abs=0.5)


def test_a_clock_set_on_the_way_has_two_answers_there_and_one_elsewhere():
    clock = CameraClock(steady(knots(1000, offset=5.0, set_by=3600.0)))
    (early,), (late,) = clock.shown_at(1005.0), clock.shown_at(9005.0)
    assert early - 1005.0 == pytest.approx(5.0, abs=0.6)
    assert late - 9005.0 == pytest.approx(3605.0, abs=0.6)
    assert len(clock.shown_at(5005.0)) == 2


def test_strays_are_left_out():
    good = knots(100)
    assert steady([*good, Knot(host=333.0, offset=-10.0)]) == good


def test_one_moment_is_enough_for_an_offset():
    clock = CameraClock([Knot(host=100.0, offset=7.0)])
    assert clock.shown_at(500.0) == (507.0,)
    assert clock.drift == 0.0
