"""What has to hold of deflicker whatever the pictures show: from frames in numbers to grades."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker import Curves, DeflickerWish, Known, Measure
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve

if TYPE_CHECKING:
    from collections.abc import Sequence

FPS = 25.0
GRID = (12, 16)
seeds = st.integers(0, 2**32 - 1)


def _measures(light_ev: np.ndarray, rng: np.random.Generator, *, noise_ev: float = 0.0) -> list[Measure]:
    """Return frames of one textured scene under such light; a few blocks move in each of them."""
    scene = rng.normal(-3.0, 0.6, GRID)
    measures = []
    for ev in light_ev:
        shown = scene + ev + rng.normal(0, noise_ev, GRID)
        shown.flat[rng.permutation(scene.size)[:20]] += rng.normal(0, 0.5, 20) * (noise_ev > 0)
        light = shown.astype(np.float32)
        even = np.zeros(GRID, np.float32)
        measures.append(
            Measure(
                light=light, red=even, blue=even, peak=np.full(GRID, 0.3, np.float32), noise=even + 0.01, sharpness=1.0
            )
        )
    return measures


def _solved(
    measures: Sequence[Measure | None], *, slots: np.ndarray | None = None, nominal: np.ndarray | None = None
) -> Curves:
    tying = Tying()
    frames = len(measures)
    nominal = np.zeros(frames) if nominal is None else nominal
    for measure, ev in zip(measures, nominal, strict=True):
        tying.push(measure, float(ev))
    slots = np.arange(frames) if slots is None else slots
    known = Known(slots=slots.astype(np.int64), nominal_ev=nominal, target_ev=np.full(frames, np.nan))
    return solve(known, tying.ties, DeflickerWish(), fps=FPS, colour=True)


def _daylight(rng: np.random.Generator, frames: int) -> np.ndarray:
    at = np.arange(frames)
    waves = sum(0.1 * np.sin(2 * np.pi * (at / rng.uniform(80, 240) + rng.random())) for _ in range(3))
    return np.asarray(waves - rng.uniform(0, 2) / (1 + np.exp(-(at - frames / 2) / (frames / 5))))


@settings(max_examples=6)
@given(seed=seeds, brighter_ev=st.floats(-2.0, 1.0))
def test_scaling_all_frames_changes_nothing(seed: int, brighter_ev: float) -> None:
    rng = np.random.default_rng(seed)
    measures = _measures(rng.normal(0, 0.08, 60), rng, noise_ev=0.01)
    scaled = [dataclasses.replace(m, light=m.light + np.float32(brighter_ev)) for m in measures]
    np.testing.assert_allclose(_solved(scaled).grade_ev, _solved(measures).grade_ev, atol=2e-4)


def _clouds(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Draw shadows of clouds that come and go within half a second of film, EV."""
    at, places = np.arange(frames), np.arange(-30, frames + 30, 45)
    edges = (rng.normal(0, 0.3) / (1 + np.exp((place - at) / rng.uniform(4, 8))) for place in places)
    return np.asarray(sum(edges), np.float64)


@settings(max_examples=8)
@given(seed=seeds, cloudy=st.booleans(), blind=st.booleans())
def test_a_sequence_without_flicker_is_left_alone(seed: int, *, cloudy: bool, blind: bool) -> None:
    rng = np.random.default_rng(seed)
    light = _clouds(rng, 150) if cloudy else _daylight(rng, 150)
    curves = _solved(_measures(light, rng), nominal=np.full(150, np.nan if blind else 0.0))
    assert np.abs(curves.grade_ev).max() < 0.001
    assert np.abs(curves.grade_red).max() < 0.001
    np.testing.assert_allclose(curves.measured_ev, light - light[0], atol=0.002)


@settings(max_examples=6)
@given(seed=seeds, blind=st.booleans())
def test_time_reversed_is_grades_reversed(seed: int, *, blind: bool) -> None:
    rng = np.random.default_rng(seed)
    measures = _measures(_daylight(rng, 80) + rng.normal(0, 0.05, 80), rng, noise_ev=0.01)
    nominal = np.full(80, np.nan) if blind else np.repeat(rng.normal(0, 0.01, 4), 20)
    there = _solved(measures, nominal=nominal).grade_ev
    back = _solved(measures[::-1], nominal=nominal[::-1]).grade_ev[::-1]
    np.testing.assert_allclose(back, there, atol=3e-4)


@settings(max_examples=6)
@given(seed=seeds)
def test_the_order_of_blocks_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    measures = _measures(rng.normal(0, 0.08, 50), rng, noise_ev=0.01)
    order = rng.permutation(GRID[0] * GRID[1])

    def shuffled(plane: np.ndarray) -> np.ndarray:
        return plane.ravel()[order].reshape(GRID)

    planes = ("light", "red", "blue", "peak", "noise")
    other = [dataclasses.replace(m, **{name: shuffled(getattr(m, name)) for name in planes}) for m in measures]
    np.testing.assert_allclose(_solved(other).grade_ev, _solved(measures).grade_ev, atol=2e-4)


@settings(max_examples=8)
@given(seed=seeds, lost=st.sets(st.integers(0, 79), max_size=25))
def test_missing_frames_are_left_out_and_the_rest_goes_on(seed: int, lost: set[int]) -> None:
    rng = np.random.default_rng(seed)
    flicker = rng.normal(0, 0.08, 80)
    measures = _measures(flicker, rng, noise_ev=0.005)
    holed = _solved([None if index in lost else measure for index, measure in enumerate(measures)])
    assert (holed.piece[sorted(lost)] == -1).all()
    assert not holed.grade_ev[sorted(lost)].any()
    there = np.setdiff1d(np.arange(80), sorted(lost))
    gone = _solved([measures[index] for index in there], slots=there)
    for curves, ev in ((holed, flicker), (gone, flicker[there])):
        tied = curves.piece == 0
        drawn = (ev + curves.grade_ev)[tied]
        assert np.std(np.diff(drawn)) < 0.03


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
@pytest.mark.parametrize("nominal_ev", [0.0, np.nan])
def test_the_shortest_sequences_work(frames: int, nominal_ev: float) -> None:
    rng = np.random.default_rng(1)
    curves = _solved(_measures(0.2 * np.arange(frames), rng), nominal=np.full(frames, nominal_ev))
    np.testing.assert_allclose(curves.grade_ev, 0.0, atol=0.001)
    assert len(curves.trend_ev) == frames
