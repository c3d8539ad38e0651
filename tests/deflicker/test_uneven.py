"""Light that is uneven over the picture: surfaces and bands are told from blocks, whatever passes before them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.deflicker.metrics import scored
from benchmarks.deflicker.ours import corrected
from benchmarks.deflicker.scenes import scene
from dayspool.deflicker.banding import band_rows, bands_of, waves, waves_fitted
from dayspool.deflicker.measure import Measure
from dayspool.deflicker.spatial import SHAPES, Patches, heaps, surfaces
from dayspool.deflicker.uneven import UnevenTying
from dayspool.deflicker.wish import DeflickerWish

ROWS, COLUMNS, FRAMES = 48, 72, 60
DOWN, ACROSS = (np.arange(ROWS) + 0.5) / ROWS, (np.arange(COLUMNS) + 0.5) / COLUMNS
TODAY = datetime.now(UTC).date().toordinal()


def measure(light: np.ndarray) -> Measure:
    flat = np.zeros(light.shape, np.float32)
    return Measure(
        light=light.astype(np.float32), red=flat, blue=flat, peak=flat + 0.4, noise=flat + 0.005, sharpness=1.0
    )


def fields_of(rng, flickers, *, field=False, banding=False, passer=0.0):
    """The fields for frames of one still scene, over which uneven EV of shape (frames, rows, columns) flickers."""
    scene = rng.normal(-3, 1, (ROWS, COLUMNS))
    tying = UnevenTying(field=field, banding=banding)
    for flicker in flickers:
        light = scene + flicker + rng.normal(0, 0.005, scene.shape)
        left = int(rng.integers(0, COLUMNS))
        light[10:, left : left + int(passer * COLUMNS)] = -5
        tying.push(measure(light), 0.0)
    return tying, tying.fields(np.arange(len(flickers)), smooth_frames=25)


def left_over(flickers, fields):
    """What differs from frame to frame beside the whole, RMS in EV, drawn at the middles of blocks."""
    drawn = [at_blocks(np.array(grid)) for grid in fields]
    rest = flickers + np.array(drawn)
    rest = rest - rest.mean(axis=(1, 2), keepdims=True)
    return float(np.std(np.diff(rest, axis=0)) / np.sqrt(2))


def at_blocks(grid):
    down = np.array([np.interp(DOWN, np.linspace(0, 1, len(grid)), column) for column in grid.T])
    if len(down) == 1:
        return np.repeat(down.T, COLUMNS, axis=1)
    return np.array([np.interp(ACROSS, np.linspace(0, 1, len(down)), row) for row in down.T])


@pytest.mark.parametrize("seed", [1, TODAY])
@pytest.mark.parametrize("passer", [0.0, 0.3])
def test_flickering_vignetting_is_evened_out(seed, passer):
    rng = np.random.default_rng(seed)
    far = (DOWN[:, np.newaxis] - 0.5) ** 2 + (ACROSS - 0.5) ** 2
    flickers = rng.normal(0, 0.2, (FRAMES, 1, 1)) * far + rng.normal(0, 0.05, (FRAMES, 1, 1)) * ACROSS
    _, fields = fields_of(rng, flickers, field=True, passer=passer)
    before = left_over(flickers, np.zeros((FRAMES, 2, 2)))
    assert before > 0.02
    assert left_over(flickers, fields) < before / 3


@pytest.mark.parametrize("seed", [1, TODAY])
@pytest.mark.parametrize(("bands", "passer"), [(1.6, 0.3), (2.0, 0.0), (6.3, 0.2)])
def test_bands_are_evened_out(seed, bands, passer):
    rng = np.random.default_rng(seed)
    phases = rng.uniform(0, 2 * np.pi, (FRAMES, 1, 1))
    flickers = np.broadcast_to(0.12 * np.sin(2 * np.pi * bands * DOWN[:, np.newaxis] + phases), (FRAMES, ROWS, COLUMNS))
    tying, fields = fields_of(rng, flickers, banding=True, passer=passer)
    assert left_over(flickers, fields) < 0.012
    whole = tying.ties.ev - (
        flickers.mean(axis=(1, 2))[tying.ties.second] - flickers.mean(axis=(1, 2))[tying.ties.first]
    )
    assert np.median(np.abs(whole)) < 0.01


def test_both_are_told_apart():
    rng = np.random.default_rng(3)
    phases = rng.uniform(0, 2 * np.pi, (FRAMES, 1, 1))
    waves_ev = 0.12 * np.sin(2 * np.pi * 2.3 * DOWN[:, np.newaxis] + phases)
    bent = rng.normal(0, 0.2, (FRAMES, 1, 1)) * ((DOWN[:, np.newaxis] - 0.5) ** 2 + (ACROSS - 0.5) ** 2)
    _, fields = fields_of(rng, waves_ev + bent, field=True, banding=True)
    assert left_over(waves_ev + bent, fields) < 0.01


def test_what_does_not_flicker_is_left_alone():
    rng = np.random.default_rng(4)
    slow = np.linspace(0, 0.3, FRAMES)[:, np.newaxis, np.newaxis] * DOWN[:, np.newaxis]
    for wish in ({"field": True}, {"banding": True}):
        _, fields = fields_of(rng, np.broadcast_to(slow, (FRAMES, ROWS, COLUMNS)), **wish)
        assert np.abs(np.array(fields)).max() < 0.01


def test_untied_frames_get_no_field_and_few_frames_work():
    rng = np.random.default_rng(5)
    tying = UnevenTying(field=True, banding=True)
    assert tying.fields(np.arange(0), smooth_frames=25) == ()
    scene = rng.normal(-3, 1, (ROWS, COLUMNS))
    for one in (measure(scene), None, measure(scene + 0.1), measure(np.full((3, 3), -2.0))):
        tying.push(one, 0.0)
    assert [bool(grid) for grid in tying.fields(np.arange(4), smooth_frames=25)] == [True, False, True, False]
    assert np.nanmax(np.abs(tying.ties.ev)) == pytest.approx(0.1, abs=0.01)


@given(st.floats(0.8, 19), st.floats(0.8, 19))
def test_shapes_and_waves_have_no_mean(bands, other):
    fine = (np.arange(4000) + 0.5) / 4000
    assert np.abs(waves(fine, bands).mean(axis=0)).max() < 1e-4
    assert np.abs(surfaces(fine, ACROSS).mean(axis=(1, 2))).max() < 1e-3
    assert band_rows(bands) >= 14 * bands


def test_a_wave_is_fitted_with_rows_missing():
    rng = np.random.default_rng(6)
    wanted = rng.normal(0, 0.1, (40, 3))
    profiles = wanted @ np.column_stack([np.ones(ROWS), waves(DOWN, 4.2) * np.sinc(4.2 / ROWS)]).T
    sure = np.ones_like(profiles)
    profiles[:, 20:30], sure[:, 20:30] = 0.4, 0
    assert bands_of(np.delete(profiles, slice(20, 30), axis=1)) > 0
    assert waves_fitted(profiles, sure, 4.2, np.zeros((0, ROWS))) == pytest.approx(wanted, abs=2e-3)


def test_patches_and_heaps_know_what_they_know_nothing_of():
    none = np.zeros(0, np.float32)
    value, mass = heaps(np.zeros(0, np.intp), 3, none, none)
    assert (value == 0).all()
    assert (mass == 0).all()
    assert np.abs(Patches((ROWS, COLUMNS)).fitted(np.zeros(0, np.intp), none, none)).max() == 0
    value, mass = heaps(np.array([1, 1, 1, 1]), 2, np.float32([0.1, 0.11, 0.12, -0.3]), np.ones(4, np.float32))
    assert value == pytest.approx([0, 0.11])
    assert mass.tolist() == [0, 3]
    assert surfaces(DOWN, ACROSS).shape == (SHAPES, ROWS, COLUMNS)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "more_mev"), [("passers", 4), ("shadows", 4), ("traffic", 6)])
def test_looking_for_uneven_light_does_no_harm_where_there_is_none(name, more_mev):
    made = scene(name, TODAY, frames=44, size=(192, 108))
    alone, both = (
        scored(made, corrected(made, wish)) for wish in (DeflickerWish(), DeflickerWish(field=True, banding=True))
    )
    assert both.psnr_db > alone.psnr_db - 1.2
    assert both.hf_mev < alone.hf_mev + more_mev
