"""Comparing two frames: what passes through the picture, clips, is noisy or changes colour does not move the answer."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker.measure import Measure
from dayspool.deflicker.pairs import Tying, tie
from dayspool.deflicker.ties import LAGS

ROWS, COLUMNS = 48, 72
seeds = st.integers(0, 2**32 - 1)


def _frame(
    light: np.ndarray, *, red: object = 0.0, blue: object = 0.0, peak: object = 0.4, noise: object = 0.01
) -> Measure:
    """Make a measure out of light per block, and of anything that broadcasts to its shape."""
    red, blue, peak, noise = (np.broadcast_to(np.float32(v), light.shape) for v in (red, blue, peak, noise))
    return Measure(light=light.astype(np.float32), red=red, blue=blue, peak=peak, noise=noise, sharpness=1.0)


def _scene(rng: np.random.Generator) -> np.ndarray:
    """Make the light of a scene with detail everywhere."""
    return rng.normal(-3.0, 1.0, (ROWS, COLUMNS))


def _grain(rng: np.random.Generator, ev: float = 0.01) -> np.ndarray:
    return rng.normal(0.0, ev, (ROWS, COLUMNS))


@settings(max_examples=15)
@given(seed=seeds, brighter=st.floats(-1.5, 1.5))
def test_a_still_scene_is_told_to_a_milli_ev(seed: int, brighter: float) -> None:
    rng = np.random.default_rng(seed)
    scene = _scene(rng)
    found = tie(_frame(scene + _grain(rng)), _frame(scene + brighter + _grain(rng)))
    assert found.ev == pytest.approx(brighter, abs=0.0015)
    assert found.red == pytest.approx(0.0, abs=1e-6)
    assert found.confidence > 0.85
    assert found.rejected < 0.05


@settings(max_examples=15)
@given(seed=seeds, covered=st.floats(0.1, 0.75), dark=st.floats(-8.0, 0.0), texture=st.floats(0.0, 0.5))
def test_an_object_that_covers_most_of_the_picture_moves_nothing(
    seed: int, covered: float, dark: float, texture: float
) -> None:
    rng = np.random.default_rng(seed)
    scene = _scene(rng)
    there = scene + 0.13 + _grain(rng)
    width = round(COLUMNS * covered)
    there[:, :width] = rng.normal(dark, texture, (ROWS, width))
    found = tie(_frame(scene + _grain(rng)), _frame(there))
    assert found.ev == pytest.approx(0.13, abs=0.004)
    assert found.rejected == pytest.approx(covered, abs=0.15)
    assert found.confidence < 1.05 - covered


def test_a_flat_object_before_a_flat_sky_does_not_pass_for_a_change_of_light() -> None:
    rng = np.random.default_rng(6)
    sky = np.full((ROWS, COLUMNS), -1.0) + _grain(rng)
    covered = sky + 0.1
    covered[: round(ROWS * 0.6)] = -5.0
    assert tie(_frame(sky), _frame(covered)).ev == pytest.approx(0.1, abs=0.002)


def test_what_was_expected_decides_between_two_heaps() -> None:
    rng = np.random.default_rng(7)
    scene = _scene(rng)
    half = scene + np.where(np.arange(COLUMNS) < COLUMNS // 2, 0.0, 1.0) + _grain(rng)
    one, other = (tie(_frame(scene), _frame(half), expected_ev=ev) for ev in (0.0, 1.0))
    assert one.ev == pytest.approx(0.0, abs=0.002)
    assert other.ev == pytest.approx(1.0, abs=0.002)
    assert one.confidence < 0.45


@settings(max_examples=10)
@given(seed=seeds)
def test_clipped_light_is_not_compared(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scene = _scene(rng)
    sky = np.arange(ROWS)[:, None] < ROWS * 0.55
    peak = np.where(sky, 1.0, 0.3)
    first = np.where(sky, 0.0, scene + _grain(rng))
    second = np.where(sky, 0.0, scene + 0.3 + _grain(rng))
    found = tie(_frame(first, peak=peak), _frame(second, peak=peak))
    assert found.ev == pytest.approx(0.3, abs=0.002)
    assert found.rejected > 0.5


def test_noisy_blocks_count_less() -> None:
    rng = np.random.default_rng(8)
    scene = _scene(rng)
    noise = np.where(np.arange(ROWS)[:, None] < 40, 0.3, 0.005)
    found = [
        tie(_frame(scene + rng.normal(0, noise), noise=noise), _frame(scene + 0.2 + rng.normal(0, noise), noise=noise))
        for _ in range(10)
    ]
    assert max(abs(one.ev - 0.2) for one in found) < 0.003


@settings(max_examples=10)
@given(seed=seeds, red=st.floats(-0.4, 0.4), blue=st.floats(-0.4, 0.4))
def test_a_jump_of_the_white_balance_is_told_from_light(seed: int, red: float, blue: float) -> None:
    rng = np.random.default_rng(seed)
    green = _scene(rng)
    reddish, bluish = rng.normal(0, 0.5, (2, ROWS, COLUMNS))
    frames = []
    for r, b in ((0.0, 0.0), (red, blue)):
        light = green + np.log2(0.2126 * 2 ** (reddish + r) + 0.7152 + 0.0722 * 2 ** (bluish + b))
        frames.append(_frame(light, red=reddish + r + _grain(rng), blue=bluish + b + _grain(rng)))
    found = tie(*frames)
    assert (found.ev, found.red, found.blue) == pytest.approx((0.0, red, blue), abs=0.004)


def test_too_little_to_go_by_is_no_tie() -> None:
    rng = np.random.default_rng(9)
    scene = _scene(rng)
    usable = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    usable[0, :8] = True
    dark = _frame(np.full((ROWS, COLUMNS), -16.0), noise=4.0)
    other_grid = _frame(rng.normal(-3, 1, (10, 10)))
    for found in (
        tie(_frame(scene), _frame(scene), usable=usable),
        tie(_frame(scene), dark),
        tie(_frame(scene), other_grid),
    ):
        assert math.isnan(found.ev)
        assert found.confidence == 0.0
        assert found.rejected == 1.0


def test_something_quite_different_is_hardly_a_tie() -> None:
    rng = np.random.default_rng(10)
    scene = _scene(rng)
    for other in (_scene(rng), np.full((ROWS, COLUMNS), -4.0) + _grain(rng)):
        assert tie(_frame(scene), _frame(other)).confidence < 0.12


def test_the_order_of_blocks_does_not_matter_and_reversal_turns_the_sign() -> None:
    rng = np.random.default_rng(11)
    one, other = _scene(rng), _scene(rng)
    other[:30] = one[:30] + 0.2 + _grain(rng)[:30]
    order = rng.permutation(one.size)
    mixed = [_frame(light.ravel()[order].reshape(one.shape)) for light in (one, other)]
    found = tie(_frame(one), _frame(other))
    assert tie(*mixed).ev == pytest.approx(found.ev, abs=1e-5)
    assert tie(_frame(other), _frame(one)).ev == pytest.approx(-found.ev, abs=1e-4)


def test_frames_are_tied_over_every_lag_as_they_come() -> None:
    rng = np.random.default_rng(12)
    scene = _scene(rng)
    gains = rng.normal(0, 0.1, 12)
    tying = Tying()
    for index, gain in enumerate(gains):
        tying.push(None if index == 4 else _frame(scene + gain + _grain(rng, 0.003)), 0.0)
    ties = tying.ties
    wanted = {(at - lag, at) for at in range(12) for lag in LAGS if lag <= at and 4 not in (at, at - lag)}
    assert tying.frames == 12
    assert set(zip(ties.first.tolist(), ties.second.tolist(), strict=True)) == wanted
    np.testing.assert_allclose(ties.ev, gains[ties.second] - gains[ties.first], atol=0.002)


def test_no_frames_have_no_ties() -> None:
    assert Tying().ties.ev.shape == (0,)


def test_a_long_shoot_costs_a_few_numbers_a_frame():
    """Of 100,000 frames 15 MB, whatever their measures take; here some slack of the arrays counts too."""
    measure = _frame(np.linspace(-3, -1, 20).reshape(4, 5))
    tying = Tying()
    for _ in range(20):
        tying.push(measure, 0.0)
    tracemalloc.start()
    try:
        for _ in range(200):
            tying.push(measure, 0.0)
        held = tracemalloc.get_traced_memory()[0] / 200
    finally:
        tracemalloc.stop()
    assert held < 240
