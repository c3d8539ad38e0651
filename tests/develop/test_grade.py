"""Grades even frames out: exact below the highlights, and what a camera clipped is white in every frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.develop import DevelopJob, Recipe
from dayspool.develop.builtin_light import adjusted, decoded_light, encoded_light, graded, shouldered
from dayspool.develop.builtin_raw import developed_raw
from dayspool.develop.darktable_recipe import sidecar_of
from dayspool.develop.sample import bayer, dng
from dayspool.errors import PlanError
from dayspool.sidecar.corrections import corrected

RAMP = np.linspace(0, 1, 4097)
GREYS = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)
gains = st.floats(2**-4, 2**4)


@given(gains)
def test_a_grade_rises_keeps_black_and_keeps_what_is_clipped_white(gain):
    shown = graded(RAMP, gain)
    assert (np.diff(shown) >= 0).all()
    assert shown[0] == 0
    assert shown[-1] == 1
    assert (shown[RAMP >= 0.985] >= RAMP[RAMP >= 0.985]).all()


@given(gains)
def test_a_grade_is_exact_below_the_highlights(gain):
    """Up to ¾ of what the gain takes away below 98.5 % of white, at most half; and up to white for gains over 1."""
    exact = RAMP * gain <= 1 if gain >= 1 else 0.985 - min(0.75 * (1 - gain), 0.5) > RAMP
    assert graded(RAMP, gain)[exact] == pytest.approx(RAMP[exact] * gain, abs=1e-12)


@given(st.floats(0.5, 2), st.floats(-1e-4, 1e-4))
def test_a_grade_that_drifts_never_jumps(gain, drift):
    assert np.abs(graded(RAMP, gain + drift) - graded(RAMP, gain)).max() <= 3 * abs(drift) + 1e-12


@given(gains, st.floats(1, 1.2))
def test_a_larger_grade_is_never_darker(gain, more):
    assert (graded(RAMP, gain * more) >= graded(RAMP, gain) - 1e-12).all()


def test_a_grade_of_nothing_changes_nothing():
    assert (graded(RAMP, 1.0) == RAMP).all()
    assert adjusted(GREYS, Recipe(grade=(0.0, 0.0, 0.0))) is GREYS


def test_a_gain_for_every_sample_is_the_gain_of_each():
    three = np.array([[0.7], [1.0], [1.3]])
    assert graded(RAMP, three) == pytest.approx(np.stack([graded(RAMP, float(gain)) for gain in three[:, 0]]))


@given(st.tuples(*[st.floats(-2, 2)] * 3), st.floats(-2, 2))
def test_a_look_is_drawn_over_the_graded_picture_as_over_any_other(grade, ev):
    shown = adjusted(GREYS, Recipe(grade=grade, ev=ev, gains=(1.0, 1.0, 1.0 + 1e-9)))  # it asks for something
    for channel, one in enumerate(grade):
        light = shouldered(graded(decoded_light(np.linspace(0, 1, 256)), 2**one), 2**ev)
        assert np.abs(shown[0, :, channel] - np.rint(encoded_light(light) * 65535)).max() <= 1


def flickering(*, seed: int, look_ev: float = 0.0) -> tuple[float, float]:
    """PSNR of graded 8-bit frames in decibels, and by how many mEV a sky pulses that is always clipped.

    The scene goes from black to three times white, half of it clipped; it flickers by 80 mEV, which is known.
    """
    rng = np.random.default_rng(seed)
    truth = np.outer(np.linspace(0.5, 1, 24), np.geomspace(0.01, 3.0, 96) ** np.linspace(1.4, 0.9, 96))
    wanted = np.rint(encoded_light(shouldered(np.minimum(truth, 1), 2**look_ev)) * 255)
    clipped = (truth > 1.25).all(axis=0)
    errors, skies = [], []
    for flicker_ev in rng.normal(0, 0.08, 30):
        seen = truth * 2**flicker_ev
        seen = np.clip(seen + rng.normal(0, 0.004, seen.shape) * np.sqrt(seen), 0, 1)
        codes = np.rint(encoded_light(seen) * 255).astype(np.uint8)
        rgb = np.repeat(codes[..., np.newaxis], 3, axis=2)
        shown = adjusted(rgb, Recipe(grade=(-flicker_ev,) * 3, ev=look_ev))[..., 1]
        errors.append(np.mean((np.rint(shown / 257) - wanted) ** 2))
        skies.append(np.log2(decoded_light(shown[:, clipped] / 65535).mean()))
    return 10 * np.log10(255**2 / np.mean(errors)), 1000 * float(np.std(skies))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_half_clipped_scene_comes_out_even_and_its_sky_does_not_pulse(seed):
    psnr_db, pulse_mev = flickering(seed=seed)
    assert psnr_db >= 46
    assert pulse_mev <= 0.1


@pytest.mark.parametrize("look_ev", [-1.0, 0.5, 2.0])
def test_no_look_brings_the_pulsing_back(look_ev):
    psnr_db, pulse_mev = flickering(seed=4, look_ev=look_ev)
    assert psnr_db >= 44
    assert pulse_mev <= 0.1


def test_a_full_sensor_is_white_in_a_raw_of_any_grade(tmp_path):
    raw = tmp_path / "half clipped.dng"
    raw.write_bytes(dng(bayer(np.tile(np.repeat([0.2, 1.0], 48)[np.newaxis, :, np.newaxis], (64, 1, 3)))))
    job = {"path": raw, "width": 96, "height": 64}
    shown = [developed_raw(DevelopJob(**job, recipe=Recipe(grade=(ev, ev, ev))), None)[32] for ev in (-0.3, 0.0, 0.3)]
    assert all((one[80] == 65535).all() for one in shown)
    look = [developed_raw(DevelopJob(**job, recipe=Recipe(ev=ev)), None)[32, 16] for ev in (-0.3, 0.0, 0.3)]
    assert np.abs(np.array([one[16] for one in shown], int) - np.array(look, int)).max() <= 1


def test_a_developer_that_only_multiplies_gets_look_and_grade_together():
    recipe = Recipe(ev=0.5, gains=(1.1, 1.0, 0.9), grade=(0.3, 0.2, 0.1))
    ev, three = recipe.corrections
    assert ev == pytest.approx(0.7)
    assert three == pytest.approx((1.1 * 2**0.1, 1.0, 0.9 * 2**-0.1))
    assert Recipe(ev=0.5, gains=(1.1, 1.0, 0.9)).corrections == (0.5, (1.1, 1.0, 0.9))
    sidecar = sidecar_of(Recipe(grade=(0.25, 0.25, 0.25)), None, raw=True)
    assert sidecar == corrected(None, ev=0.25, raw=True).data


@pytest.mark.parametrize("grade", [(float("nan"), 0.0, 0.0), (0.0, 33.0, 0.0), (0.0, 0.0, -5000.0)])
def test_grades_that_make_no_picture_are_named(grade):
    with pytest.raises(PlanError, match="grade of"):
        adjusted(GREYS, Recipe(grade=grade))
