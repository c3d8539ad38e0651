"""What deflicker promises, on scenes whose light is known: for fixed seeds, and for one that nobody could tune to.

The seed of the day is drawn from its date (UTC); a failure says it, and `scene(name, seed, ...)` brings it back.

Slow drift is bounded twice. Flicker that is drawn anew for every frame has a slow part of its own, which nothing tells
from light: 85 mEV of it leave 11 ± 4 mEV in the best curve that keeps a sunset. One seed in fifty is beyond 20 mEV for
that alone, so on the seed of the day 20 holds for the mean over the scenes.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import simplejpeg

from benchmarks.deflicker.metrics import fast, residue, scored, slow
from benchmarks.deflicker.ours import corrected
from benchmarks.deflicker.scenes import SCENES, scene
from benchmarks.deflicker.scenes_camera import encoded_16, jpeg_file
from dayspool.deflicker import DeflickerWish

FRAMES, SIZE = 160, (192, 108)
FEWER = 100
FIXED = 1
TODAY = datetime.now(UTC).date().toordinal()

FIRST = ("clouds", "shadows", "sunset", "sunset-exif", "sunset-blind", "passers", "clipped", "awb")
HARDER = tuple(name for name in SCENES if name not in FIRST)

HF_MEV = dict.fromkeys(FIRST, 6.0) | {"passers": 5.0}
PSNR_DB = dict.fromkeys(FIRST, 44.0) | {"clipped": 46.0}
SLOW_MEV, SLOW_OF_ONE_MEV = 20.0, 30.0
COLOUR_MEV = 5.0

NOTHING_MEV = {  # high-frequency error of the untouched frames in the published table; ours are at least as hard
    "clouds": 95.7,
    "shadows": 73.3,
    "sunset": 91.0,
    "passers": 77.2,
    "clipped": 77.3,
}
NOTHING_COLOUR_MEV = 53.5


def untouched(one):
    """Return high-frequency, slow and colour error in mEV of doing nothing; what was multiplied is known exactly."""
    green = one.gain_ev[:, 1]
    colours = [np.std(fast(one.gain_ev[:, channel] - green)) for channel in (0, 2)]
    return 1000 * np.std(fast(green)), 1000 * np.std(slow(green)), 1000 * np.sqrt(np.mean(np.square(colours)))


def promised(name, seed, *, slow_mev):
    """Return what of the promises a scene breaks, and its slow error in mEV."""
    one = scene(name, seed, frames=FRAMES, size=SIZE)
    score = scored(one, corrected(one))
    kept = {
        "hf": score.hf_mev <= HF_MEV[name],
        "slow": score.slow_mev <= slow_mev,
        "psnr": score.psnr_db >= PSNR_DB[name],
        "colour": score.colour_mev <= COLOUR_MEV,
    }
    figures = f"{score.hf_mev:.1f}, {score.slow_mev:.1f}, {score.psnr_db:.1f} dB, {score.colour_mev:.1f}"
    broken = [f"{name}, seed {seed}: {what} of hf, slow, psnr, colour = {figures}" for what in kept if not kept[what]]
    return broken, score.slow_mev


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_promises(name):
    assert promised(name, FIXED, slow_mev=SLOW_MEV)[0] == []


@pytest.mark.slow
def test_promises_hold_for_the_seed_of_the_day():
    found = [promised(name, TODAY, slow_mev=SLOW_OF_ONE_MEV) for name in FIRST]
    assert [sentence for broken, _ in found for sentence in broken] == []
    assert np.mean([slow_mev for _, slow_mev in found]) <= SLOW_MEV, f"seed {TODAY}: {found}"


@pytest.mark.slow
def test_passing_objects_in_files_of_either_depth():
    one = scene("passers", FIXED, frames=FEWER, size=SIZE)
    jpegs = [simplejpeg.decode_jpeg(jpeg_file(one.shot(index))) for index in range(FEWER)]
    deep = [encoded_16(one.shot(index)) for index in range(FEWER)]
    for shot in (jpegs, deep):
        assert 1000 * np.std(fast(residue(one, corrected(one, shot=shot)).gain)) <= HF_MEV["passers"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [FIXED, pytest.param(TODAY, id="today")])
@pytest.mark.parametrize("name", HARDER)
def test_nothing_is_made_worse(name, seed):
    one = scene(name, seed, frames=FEWER, size=SIZE)
    left = residue(one, corrected(one))
    assert 1000 * np.std(fast(left.gain)) < 0.5 * untouched(one)[0], f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "wish"), [("aperture", DeflickerWish(field=True)), ("banding", DeflickerWish(banding=True))]
)
def test_uneven_light_is_evened_out_if_asked_for(name, wish):
    one = scene(name, FIXED, frames=FEWER, size=SIZE)
    plain, evened = scored(one, corrected(one)), scored(one, corrected(one, wish))
    assert evened.uneven_mev < 0.4 * plain.uneven_mev
    assert evened.psnr_db > plain.psnr_db + 0.5
    assert evened.hf_mev < 6


@pytest.mark.parametrize("name", NOTHING_MEV)
def test_scenes_are_no_easier_than_the_published_ones(name):
    errors = [untouched(scene(name, seed, frames=FRAMES, size=SIZE))[0] for seed in range(8)]
    assert np.mean(errors) >= NOTHING_MEV[name]


def test_colour_jumps_are_no_smaller_than_the_published_ones():
    errors = [untouched(scene("awb", seed, frames=FRAMES, size=SIZE))[2] for seed in range(8)]
    assert np.mean(errors) >= NOTHING_COLOUR_MEV


@pytest.mark.parametrize("name", SCENES)
def test_frames_come_out_the_same_in_any_order(name):
    one, again = scene(name, 5, frames=40, size=(64, 36)), scene(name, 5, frames=40, size=(64, 36))
    late = one.pixels(30)
    assert one.shot(3).dtype == one.truth(3).dtype == np.float32
    assert np.array_equal(again.pixels(3), one.pixels(3))
    assert np.array_equal(again.pixels(30), late)
    assert not np.array_equal(scene(name, 6, frames=40, size=(64, 36)).pixels(30), late)


@pytest.mark.parametrize("name", SCENES)
def test_a_shot_is_its_truth_times_the_gain(name):
    one = scene(name, 2, frames=40, size=(96, 54))
    for index in (0, 17):
        truth, gain = one.truth(index), np.exp2(one.gain_ev[index])
        field = np.exp2(one.take.field_ev(index))[..., np.newaxis] if one.take.field_ev else 1.0
        dark = (truth * gain * field).max(axis=2) < 0.9
        light = (truth * gain * field)[dark].mean(axis=0)
        assert one.shot(index)[dark].mean(axis=0) == pytest.approx(light, rel=0.01)


def test_objects_pass_as_large_and_as_often_as_was_said():
    shares = []
    one = scene("passers", 4, frames=FRAMES, size=(96, 54))
    for index in range(1, FRAMES):
        apart = np.abs(np.log2(one.truth(index) / np.maximum(one.truth(index - 1), 1e-4))).max(axis=2)
        shares.append((apart > 0.3).mean())
    with_them = np.mean(np.array(shares) > 0.08)
    assert 0.3 < with_them < 0.8  # frames in which one comes or goes
    assert max(shares) < 0.85


@pytest.mark.parametrize("seed", range(3))
def test_half_of_the_clipped_scene_is_clipped_in_every_frame(seed):
    one = scene("clipped", seed, frames=40, size=(96, 54))
    always = np.all([one.shot(index).min(axis=2) >= 1 for index in range(40)], axis=0)
    assert 0.35 < always.mean() < 0.6


def test_what_is_known_of_exposures():
    told, set_, blind = (scene(name, 1, frames=40, size=(64, 36)) for name in ("sunset", "sunset-exif", "sunset-blind"))
    assert np.array_equal(told.gain_ev, blind.gain_ev)
    assert np.array_equal(told.pixels(9), set_.pixels(9))
    assert np.isfinite(told.target_ev).all()
    assert np.isfinite(set_.nominal_ev).all()
    assert np.isnan(set_.target_ev).all()
    assert np.isnan(blind.nominal_ev).all()
    assert np.abs(told.nominal_ev - told.target_ev).max() <= 1 / 6 + 1e-9
