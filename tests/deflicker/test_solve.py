"""From ties to grades: what is known is used exactly, what is not is not guessed, and a person has the last word."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker import Curves, DeflickerWish, Known, Ties
from dayspool.deflicker.lift import LARGEST_LIFT_EV, lift_of
from dayspool.deflicker.solve import solve
from dayspool.deflicker.ties import LAGS

FPS = 25.0
FRAMES = 200


def _ties(ev: np.ndarray, red: np.ndarray | None = None, blue: np.ndarray | None = None) -> Ties:
    """Compare frames that came out so bright, without any error."""
    frames = len(ev)
    pairs = [(early, early + lag) for early in range(frames) for lag in LAGS if early + lag < frames]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    even = np.zeros(frames)
    red, blue = even if red is None else red, even if blue is None else blue
    return Ties(
        first=first,
        second=second,
        ev=ev[second] - ev[first],
        red=red[second] - red[first],
        blue=blue[second] - blue[first],
        confidence=np.full(len(first), 0.9),
        rejected=np.full(len(first), 0.1),
    )


def _known(nominal: np.ndarray, target: np.ndarray | None = None, slots: np.ndarray | None = None) -> Known:
    frames = len(nominal)
    return Known(
        slots=np.arange(frames) if slots is None else slots,
        nominal_ev=np.asarray(nominal, float),
        target_ev=np.full(frames, np.nan) if target is None else target,
    )


def _solved(known: Known, ties: Ties, *, colour: bool = False, lift: bool = False, **wish: object) -> Curves:
    return solve(known, ties, DeflickerWish(**wish), fps=FPS, colour=colour, lift=lift)


def _untied(ties: Ties, frames: list[int]) -> Ties:
    """Return ties of which those of some frames are lost."""
    lost = np.isin(ties.first, frames) | np.isin(ties.second, frames)
    nowhere = {name: np.where(lost, np.nan, getattr(ties, name)) for name in ("ev", "red", "blue")}
    return dataclasses.replace(ties, confidence=np.where(lost, 0.0, ties.confidence), **nowhere)


def test_a_ramp_is_drawn_as_it_was_wanted() -> None:
    rng = np.random.default_rng(0)
    fall = 4 / (1 + np.exp(-(np.arange(FRAMES) - 100) / 30))
    target, nominal = 0.8 * fall, np.rint(0.8 * fall * 3) / 3
    flicker = rng.normal(0, 0.03, FRAMES)
    curves = _solved(_known(nominal, target), _ties(nominal - fall + flicker))
    wrong = curves.grade_ev - (target - nominal - flicker)
    assert np.std(wrong) < 0.02
    assert np.std(np.diff(wrong)) < 0.002
    np.testing.assert_allclose(curves.trend_ev - curves.measured_ev, curves.grade_ev, atol=1e-12)


@pytest.mark.parametrize("wrong_ev", [0.0, 0.02])
def test_clouds_over_a_ramp_are_light_and_not_errors_of_settings(wrong_ev: float) -> None:
    rng = np.random.default_rng(9)
    at = np.arange(FRAMES)
    clouds = sum(rng.uniform(0.1, 1.0) / (1 + np.exp((at - place) / rng.uniform(3, 8))) for place in (30, 70, 110, 165))
    target = 2 / (1 + np.exp(-(at - 100) / 33))
    nominal = np.round(3 * target) / 3
    tread = np.cumsum(np.abs(np.diff(nominal, prepend=0.0)) > 0.1)
    wrong = rng.normal(0, wrong_ev, tread.max() + 1)[tread]
    curves = _solved(_known(nominal, target), _ties(clouds - target + nominal + wrong))
    left = curves.grade_ev - (target - nominal - wrong)
    assert np.abs(np.diff(left)).max() < 0.003
    assert np.abs(left - np.median(left)).max() < 0.005 + 2.5 * wrong_ev


def test_a_staircase_nobody_wanted_is_drawn_without_its_treads() -> None:
    fall = 4 / (1 + np.exp(-(np.arange(FRAMES) - 100) / 30))
    nominal = np.rint(fall * 3) / 3
    curves = _solved(_known(nominal), _ties(nominal - fall))
    drawn = nominal - fall + curves.grade_ev
    assert np.abs(np.diff(drawn)).max() < 0.01
    assert np.abs(drawn - drawn.mean()).max() < 0.15


def test_untied_frames_get_their_nominal_correction_and_are_told() -> None:
    rng = np.random.default_rng(1)
    nominal = np.where(np.arange(FRAMES) < 100, 0.0, 1.0)
    target = nominal + 0.1
    flicker = rng.normal(0, 0.05, FRAMES)
    curves = _solved(_known(nominal, target), _untied(_ties(nominal + flicker), [50, 51]), colour=True)
    np.testing.assert_array_equal(np.flatnonzero(curves.piece == -1), [50, 51])
    assert (curves.confidence[[50, 51]] == 0).all()
    np.testing.assert_allclose(curves.grade_ev[[50, 51]], 0.1, atol=1e-12)
    np.testing.assert_allclose(curves.trend_ev - curves.measured_ev, curves.grade_ev, atol=1e-12)
    assert not curves.grade_red[[50, 51]].any()
    assert np.isfinite(curves.measured_ev).all()
    assert np.isfinite(curves.trend_ev).all()


def test_pieces_are_solved_each_for_itself() -> None:
    rng = np.random.default_rng(2)
    flicker = rng.normal(0, 0.05, FRAMES)
    shown = flicker + np.where(np.arange(FRAMES) < 100, 0.0, 3.0)  # another scene, so to say
    ties = _untied(_ties(shown), list(range(95, 105)))
    curves = _solved(_known(np.zeros(FRAMES)), ties)
    assert set(curves.piece) == {-1, 0, 1}
    assert np.abs(curves.grade_ev).max() < 0.3
    graded = shown + curves.grade_ev
    for part in (slice(0, 95), slice(105, 200)):
        assert np.std(np.diff(graded[part])) < 0.005


def test_nothing_tied_is_nothing_graded() -> None:
    target = np.linspace(0, 0.3, 20)
    known = _known(np.zeros(20), target)
    curves = _solved(known, _untied(_ties(np.zeros(20)), list(range(20))), colour=True)
    np.testing.assert_allclose(curves.grade_ev, target, atol=1e-12)
    assert (curves.piece == -1).all()


def test_grades_are_bounded_beyond_what_the_exposure_says() -> None:
    shown = np.zeros(FRAMES)
    shown[60] = 1.5
    curves = _solved(_known(np.zeros(FRAMES), np.full(FRAMES, 2.0)), _ties(shown), bound_ev=0.5)
    assert curves.grade_ev[60] == pytest.approx(1.5)
    np.testing.assert_array_equal(np.flatnonzero(curves.bounded), [60])


@pytest.mark.parametrize("lift", [False, True])
def test_keyframes_are_met_exactly(*, lift: bool) -> None:
    flicker = np.random.default_rng(3).normal(0, 0.05, FRAMES)
    slots = np.arange(FRAMES) + 5000
    wanted = {5020: 0.3, 5100: -0.15, 9999: 1.0}
    plain = _solved(_known(np.zeros(FRAMES), slots=slots), _ties(flicker), lift=lift)
    curves = _solved(_known(np.zeros(FRAMES), slots=slots), _ties(flicker), lift=lift, keyframes=wanted)
    assert curves.grade_ev[20] == pytest.approx(0.3, abs=1e-12)
    assert curves.grade_ev[100] == pytest.approx(-0.15, abs=1e-12)
    drawn = flicker + curves.grade_ev
    assert np.std(np.diff(drawn)[40:80]) < 0.005
    assert abs((curves.grade_ev - plain.grade_ev - (curves.lift_ev - plain.lift_ev))[-1]) < 0.01


@settings(max_examples=20)
@given(
    keyframes=st.dictionaries(st.integers(0, 59), st.floats(-3.0, 3.0), min_size=1, max_size=6),
    untied=st.sets(st.integers(0, 59), max_size=5),
)
def test_keyframes_bend_nothing_beyond_what_was_wanted(keyframes: dict[int, float], untied: set[int]) -> None:
    ties = _untied(_ties(np.random.default_rng(8).normal(0, 0.05, 60)), sorted(untied))
    plain = _solved(_known(np.zeros(60)), ties, bound_ev=0.1).grade_ev
    grade_ev = _solved(_known(np.zeros(60)), ties, bound_ev=0.1, keyframes=keyframes).grade_ev
    fixed = list(keyframes)
    np.testing.assert_allclose(grade_ev[fixed], list(keyframes.values()), rtol=0, atol=1e-12)
    bend = grade_ev - plain
    assert bend.max() <= max(bend[fixed].max(), 0) + 1e-12
    assert bend.min() >= min(bend[fixed].min(), 0) - 1e-12


def test_a_lift_makes_gains_at_least_one_and_stays_in_bounds() -> None:
    flicker = np.random.default_rng(4).normal(0, 0.08, FRAMES)
    curves = _solved(_known(np.zeros(FRAMES)), _ties(flicker), lift=True)
    assert 0 < curves.lift_ev < LARGEST_LIFT_EV
    assert (curves.grade_ev >= 0).mean() > 0.98
    assert _solved(_known(np.zeros(FRAMES)), _ties(flicker)).lift_ev == 0
    np.testing.assert_allclose(curves.grade_ev - curves.lift_ev, curves.trend_ev - curves.measured_ev, atol=1e-12)
    assert lift_of(np.array([-3.0, -3.0])) == LARGEST_LIFT_EV
    assert lift_of(np.array([0.2, 0.1])) == 0
    assert lift_of(np.zeros(0)) == 0


def test_white_balance_that_jumps_is_held_and_only_where_it_is_wanted() -> None:
    rng = np.random.default_rng(5)
    places = np.array([30, 47, 80, 101, 130, 171])
    red = rng.normal(0, 0.1, 7)[np.searchsorted(places, np.arange(FRAMES), side="right")] + rng.normal(0, 0.005, FRAMES)
    ties = _ties(rng.normal(0, 0.05, FRAMES), red, -0.8 * red)
    curves = _solved(_known(np.zeros(FRAMES)), ties, colour=True)
    assert np.std(np.diff(red + curves.grade_red)) < 0.004
    assert np.std(np.diff(-0.8 * red + curves.grade_blue)) < 0.004
    assert np.isin(places, np.flatnonzero(curves.stepped)).mean() > 0.6
    known = _known(np.zeros(FRAMES))
    unwanted = solve(known, ties, DeflickerWish(colour=False), fps=FPS, colour=True)
    for left in (_solved(known, ties), unwanted):
        assert not left.grade_red.any()
        assert not left.grade_blue.any()
        np.testing.assert_allclose(left.measured_red - left.measured_red[0], red - red[0], atol=0.005)


def test_gaps_stretch_time() -> None:
    flicker = np.random.default_rng(6).normal(0, 0.03, FRAMES)
    slots = np.arange(FRAMES) * 10
    every, tenth = (_solved(_known(np.zeros(FRAMES), slots=at), _ties(flicker)) for at in (np.arange(FRAMES), slots))
    np.testing.assert_allclose(every.grade_ev, tenth.grade_ev, atol=1e-12)
    holes = np.arange(FRAMES) + 500 * (np.arange(FRAMES) >= 100)
    torn = _solved(_known(np.zeros(FRAMES), slots=holes), _ties(flicker + (np.arange(FRAMES) >= 100)))
    drawn = flicker + (np.arange(FRAMES) >= 100) + torn.grade_ev
    assert drawn[100] - drawn[99] > 0.9


def test_frames_of_a_slower_interval_are_frames_like_others() -> None:
    flicker = np.random.default_rng(10).normal(0, 0.08, FRAMES)
    slots = np.cumsum(np.where(np.arange(FRAMES) < 100, 1, 6))
    curves = _solved(_known(np.zeros(FRAMES), slots=slots), _ties(flicker))
    drawn = flicker + curves.grade_ev
    for half in (drawn[5:100], drawn[100:-5]):
        assert np.std(np.diff(half)) < 0.005


def test_frames_whose_light_is_doubted_are_not_coloured_either() -> None:
    lit = np.zeros(FRAMES)
    lit[[60, 140]] = 1.0
    ties = _ties(lit, 0.2 * lit, -0.2 * lit)
    flashed = np.isin(ties.first, [60, 140]) | np.isin(ties.second, [60, 140])
    doubted = dataclasses.replace(ties, confidence=np.where(flashed, 0.3, ties.confidence))
    curves = _solved(_known(np.zeros(FRAMES)), doubted, colour=True)
    assert np.abs(curves.grade_ev).max() < 0.001
    assert np.abs(curves.grade_red).max() < 0.001
    assert np.abs(curves.grade_blue).max() < 0.001
