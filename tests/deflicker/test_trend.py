"""The trend: it keeps light, leaves flicker, takes steps out, and is not bent by single frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker.keyframes import bent
from dayspool.deflicker.smooth import bends, smoothed, smoothed_by_each, stiffness_of, window_mean, window_median
from dayspool.deflicker.staircase import filled, meant, ramped, treads
from dayspool.deflicker.steps import found_steps
from dayspool.deflicker.trend import trend

SMOOTH = 25.0
seeds = st.integers(0, 2**32 - 1)


def _light(rng: np.random.Generator, frames: int, *, shortest: float = 90.0) -> np.ndarray:
    """Draw daylight: a sunset and waves, EV."""
    at = np.arange(frames)
    waves = sum(0.1 * np.sin(2 * np.pi * (at / rng.uniform(shortest, 3 * shortest) + rng.random())) for _ in range(3))
    return np.asarray(waves - rng.uniform(0, 6) / (1 + np.exp(-(at - frames / 2) / (frames / 5))))


def _trend(values: np.ndarray, **how: object) -> np.ndarray:
    return trend(np.arange(len(values), dtype=float), values, np.ones(len(values)), smooth_frames=SMOOTH, **how).value


def _fast(values: np.ndarray) -> float:
    """RMS of what is off the Gaussian mean over 6 frames, in EV, away from the ends."""
    taps = np.exp(-0.5 * (np.arange(-24, 25) / 6) ** 2)
    return float(np.std((values - np.convolve(values, taps / taps.sum(), "same"))[24:-24]))


@settings(max_examples=15)
@given(seed=seeds)
def test_white_flicker_is_left_out_and_light_is_kept(seed: int) -> None:
    rng = np.random.default_rng(seed)
    light = _light(rng, 300)
    flicker = rng.normal(0, 0.08, 300)
    flicker[rng.permutation(300)[:9]] += rng.choice([-0.4, 0.4], 9)
    left = _trend(light + flicker) - light
    assert _fast(left) < 0.006
    assert np.std(left) < 0.035  # 80 mEV of white flicker over 25 frames and more: chance is no better


@settings(max_examples=15)
@given(seed=seeds)
def test_light_without_flicker_is_left_alone(seed: int) -> None:
    light = _light(np.random.default_rng(seed), 300, shortest=80.0)
    assert np.abs(_trend(light) - light).max() < 0.001


@pytest.mark.parametrize("odd", [[150], [150, 151], [0], [299], [20, 60, 100, 140, 180]])
def test_odd_frames_do_not_bend_it(odd: list[int]) -> None:
    rng = np.random.default_rng(1)
    light = _light(rng, 300)
    flicker = rng.normal(0, 0.01, 300)
    whole = _trend(light + flicker)
    flicker[odd] += 0.4
    assert np.abs(_trend(light + flicker) - whole).max() < 0.012


@settings(max_examples=10)
@given(seed=seeds)
def test_known_steps_are_not_smeared(seed: int) -> None:
    rng = np.random.default_rng(seed)
    light = _light(rng, 300)
    steps = np.arange(20, 290, 14)
    errors = rng.normal(0, 0.1, len(steps) + 1)[np.searchsorted(steps, np.arange(300), side="right")]
    left = _trend(light + errors + rng.normal(0, 0.01, 300), steps=steps) - light
    assert _fast(left) < 0.006
    assert _fast(left) < 0.4 * _fast(_trend(light + errors + rng.normal(0, 0.01, 300)) - light)


@settings(max_examples=10)
@given(seed=seeds)
def test_jumps_of_white_balance_are_found_and_taken_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    jumps = np.cumsum(rng.integers(5, 25, 20))
    jumps = jumps[jumps < 290]
    levels = np.cumsum(rng.choice([-1, 1], len(jumps) + 1) * rng.uniform(0.06, 0.2, len(jumps) + 1))
    shown = levels[np.searchsorted(jumps, np.arange(300), side="right")] + rng.normal(0, 0.005, 300)
    got = trend(np.arange(300.0), shown, np.ones(300), smooth_frames=SMOOTH, detect=True, colour=True)
    assert _fast(got.value) < 0.005
    found = np.flatnonzero(got.stepped)
    assert np.mean([np.abs(found - jump).min() <= 1 for jump in jumps]) > 0.9


def test_thirds_of_a_stop_are_found_without_exif() -> None:
    rng = np.random.default_rng(3)
    fall = np.arange(200) / 30
    shown = np.rint(fall * 3) / 3 - fall + rng.normal(0, 0.03, 200)
    steps = np.flatnonzero(np.diff(np.rint(fall * 3))) + 1
    inside = steps[(steps > 4) & (steps < 196)]
    assert np.isin(inside, found_steps(np.arange(200.0), shown, SMOOTH, colour=False)).mean() > 0.9
    assert _fast(_trend(shown, detect=True)) < 0.006


@settings(max_examples=10)
@given(seed=seeds)
def test_no_jump_is_found_in_flicker(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = _light(rng, 300) + rng.normal(0, 0.08, 300)
    assert len(found_steps(np.arange(300.0), values, SMOOTH, colour=False)) <= 1


def test_a_long_gap_is_not_smoothed_over_and_a_short_one_is() -> None:
    at = np.concatenate([np.arange(60.0), np.arange(60.0) + 300])
    values = np.where(at < 200, 0.0, 2.0) + np.random.default_rng(2).normal(0, 0.02, 120)
    got = trend(at, values, np.ones(120), smooth_frames=SMOOTH).value
    assert np.abs(got - np.where(at < 200, 0.0, 2.0)).max() < 0.03
    slope = np.delete(np.arange(120.0), slice(50, 60))
    straight = trend(slope, 0.01 * slope, np.ones(110), smooth_frames=SMOOTH).value
    np.testing.assert_allclose(straight, 0.01 * slope, atol=1e-6)


def test_unsure_values_count_less() -> None:
    values = np.random.default_rng(4).normal(0, 0.05, 200)
    values[90:110] += 0.1
    sure = np.ones(200)
    unsure = np.where(np.abs(np.arange(200) - 99.5) < 10, 0.02, 1.0)
    at = np.arange(200.0)
    bump = [trend(at, values, weight, smooth_frames=SMOOTH).value[100] for weight in (sure, unsure)]
    assert abs(bump[1]) < abs(bump[0])


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("detect", [False, True])
def test_few_frames_work(frames: int, *, detect: bool) -> None:
    got = trend(np.arange(float(frames)), 0.1 * np.arange(frames), np.ones(frames), smooth_frames=SMOOTH, detect=detect)
    np.testing.assert_allclose(got.value, 0.1 * np.arange(frames), atol=1e-3)


def test_a_keyframe_is_met_exactly_and_forgotten_far_away() -> None:
    curve = bent(np.arange(600.0), {100: 0.3, 110: -0.2}, SMOOTH)
    assert (curve[100], curve[110]) == (0.3, -0.2)
    assert not curve[160:].any()
    assert not curve[:50].any()
    assert np.abs(np.diff(curve)).max() < 0.08
    assert not bent(np.arange(5.0), {}, SMOOTH).any()


@pytest.mark.parametrize("colour", [False, True])
def test_edges_of_clouds_are_not_steps(*, colour: bool) -> None:
    at = np.arange(200.0)
    for width in (1.0, 2.0, 4.0):
        cloud = 0.8 / (1 + np.exp((100.3 - at) / width)) - 0.8 / (1 + np.exp((140.0 - at) / width))
        assert not found_steps(at, cloud, SMOOTH, colour=colour).size
    for height in (0.15, 1.0):
        np.testing.assert_array_equal(found_steps(at, height * (at >= 100), SMOOTH, colour=colour), [100])


@pytest.mark.parametrize("rows_at_once", [1 << 15, 100, 1])
def test_curves_of_many_stiffnesses_are_those_of_each(monkeypatch, rows_at_once) -> None:
    monkeypatch.setattr("dayspool.deflicker.smooth._ROWS_AT_ONCE", rows_at_once)
    rng = np.random.default_rng(5)
    at, values, weight = np.cumsum(rng.integers(1, 4, 50)).astype(float), rng.normal(size=50), rng.random(50)
    rows, stiffnesses = bends(at, 100.0), [0.1, 5.0, 4000.0]
    together = smoothed_by_each(rows, values, weight, stiffnesses)
    for curve, stiffness in zip(together, stiffnesses, strict=True):
        np.testing.assert_allclose(curve, smoothed(rows, values, weight, stiffness), atol=1e-9)
    wave = np.cos(2 * np.pi * np.arange(400) / 25)
    halved = smoothed(bends(np.arange(400.0), 10.0), wave, np.ones(400), stiffness_of(25))
    assert np.abs(halved[100:300] - 0.5 * wave[100:300]).max() < 0.01


def test_windows_are_the_same_from_both_sides() -> None:
    values = np.random.default_rng(6).normal(size=41)
    for window in (lambda v: window_mean(v, 12), lambda v: window_median(v, 7)):
        np.testing.assert_allclose(window(values[::-1])[::-1], window(values), atol=1e-12)
        np.testing.assert_allclose(window(np.full(41, 3.0)), 3.0)


def test_a_staircase_is_taken_for_what_was_meant() -> None:
    meant_ev = 4 / (1 + np.exp(-(np.arange(200) - 100) / 28))
    set_ev = np.rint(meant_ev * 3) / 3
    got = meant(np.arange(200.0), set_ev, np.full(200, np.nan), SMOOTH)
    assert _fast(got - meant_ev) < 0.003
    assert np.std((got - meant_ev)[20:-20]) < 0.02
    known = np.where(np.arange(200) < 100, meant_ev, np.nan)
    np.testing.assert_array_equal(meant(np.arange(200.0), set_ev, known, SMOOTH)[:100], meant_ev[:100])


def test_a_lone_step_is_climbed_in_halves_and_a_long_tread_stays_level() -> None:
    stairs = np.repeat([0.0, 1.0], 100)
    ramp = ramped(stairs, np.array([100]), 20.0)
    np.testing.assert_array_equal(ramp[:80], 0.0)
    np.testing.assert_array_equal(ramp[120:], 1.0)
    assert ramp[99] + ramp[100] == pytest.approx(1.0)
    assert np.diff(ramp).max() < 0.03


def test_treads_are_settings_that_last_and_holes_are_filled_by_the_nearest() -> None:
    stairs = np.repeat([0.0, 1.0, 0.0, 2.0, 0.0], [10, 1, 10, 5, 5])
    np.testing.assert_array_equal(treads(stairs), [21, 26])
    np.testing.assert_array_equal(filled(np.array([np.nan, 1, np.nan, np.nan, 2, np.nan])), [1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(filled(np.full(3, np.nan)), 0.0)


def test_what_is_far_away_does_not_matter() -> None:
    rng = np.random.default_rng(7)
    at, steps = np.arange(3000.0), np.arange(40, 2990, 37)
    values = _light(rng, 3000) + rng.normal(0, 0.05, 3000)
    other = np.where(at < 1500, values, values + rng.normal(0, 0.2, 3000))
    for how in ({}, {"steps": steps}, {"detect": True}):
        before = _trend(values, **how) - _trend(other, **how)
        assert np.abs(before[:750]).max() < 1e-4
