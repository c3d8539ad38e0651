"""The figures of the benchmark, on frames whose faults are known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.deflicker.metrics import SLOW_SIGMA, fast, psnr_db, residue, scored, slow, ssim
from benchmarks.deflicker.scenes import scene
from benchmarks.deflicker.scenes_camera import encoded_8, encoded_16

FRAMES, SIZE = 60, (96, 54)
CHANCE = np.random.default_rng(7)


def drawn(one, gain_ev):
    """Draw the truth of a scene with a gain for every frame and channel, without noise."""
    gains = np.exp2(np.broadcast_to(np.reshape(gain_ev, (one.frames, -1)), (one.frames, 3))).astype(np.float32)
    return [encoded_16(one.truth(index) * gains[index]) for index in range(one.frames)]


@pytest.fixture(scope="module")
def clouds():
    return scene("clouds", 3, frames=FRAMES, size=SIZE)


def test_truth_itself_has_no_fault(clouds):
    score = scored(clouds, drawn(clouds, np.zeros(FRAMES)))
    assert max(score.hf_mev, score.slow_mev, score.step_mev, score.worst_mev, score.colour_mev) < 0.1
    assert score.psnr_db > 70
    assert score.ssim > 0.9999
    assert np.isnan(score.clipped_mev)
    assert np.isnan(score.uneven_mev)


def test_known_gains_are_found_and_a_constant_is_no_fault(clouds):
    gain_ev = CHANCE.normal(0, 0.05, FRAMES)
    score = scored(clouds, drawn(clouds, gain_ev + 0.1))
    assert score.residue.gain == pytest.approx(gain_ev + 0.1, abs=2e-4)
    assert score.hf_mev == pytest.approx(1000 * np.std(fast(gain_ev)), abs=0.2)
    assert score.step_mev == pytest.approx(1000 * np.std(np.diff(gain_ev)), abs=0.2)
    assert score.slow_mev == pytest.approx(1000 * np.std(slow(gain_ev)), abs=0.2)
    assert score.colour_mev < 0.1


def test_a_lifted_film_is_compared_with_a_lifted_truth(clouds):
    assert scored(clouds, drawn(clouds, np.full(FRAMES, 0.2))).psnr_db > 60


def test_light_that_was_lost_is_slow_and_not_flicker(clouds):
    lost = 0.3 * np.cos(np.pi * np.arange(FRAMES) / (FRAMES - 1))
    score = scored(clouds, drawn(clouds, lost))
    assert score.slow_mev > 150
    assert score.hf_mev < 20


def test_colours_are_told_from_light(clouds):
    red, blue = CHANCE.normal(0, 0.04, (2, FRAMES))
    score = scored(clouds, drawn(clouds, np.stack([red, np.zeros(FRAMES), blue], axis=1)))
    assert score.residue.red == pytest.approx(red, abs=3e-4)
    assert score.residue.blue == pytest.approx(blue, abs=3e-4)
    wanted = np.sqrt((np.var(fast(red)) + np.var(fast(blue))) / 2)
    assert score.colour_mev == pytest.approx(1000 * wanted, abs=0.2)


def test_eight_bits_with_flicker_of_the_camera(clouds):
    shot = [clouds.pixels(index) for index in range(FRAMES)]
    assert residue(clouds, shot).gain == pytest.approx(clouds.gain_ev[:, 1], abs=0.004)


def test_white_that_pulses_is_seen():
    white = scene("clipped", 3, frames=FRAMES, size=SIZE)
    pulse = np.where(np.arange(FRAMES) % 2, 0.01, -0.01)
    frames = [encoded_16(np.minimum(white.truth(i), 1) * np.float32(2.0 ** (pulse[i] - 0.02))) for i in range(FRAMES)]
    assert scored(white, frames).clipped_mev == pytest.approx(10, abs=0.5)
    assert scored(white, drawn(white, np.zeros(FRAMES))).clipped_mev < 0.01


def test_uneven_light_is_seen():
    iris = scene("aperture", 3, frames=FRAMES, size=SIZE)
    assert scored(iris, drawn(iris, np.zeros(FRAMES))).uneven_mev < 0.5
    frames = [encoded_16(iris.truth(i) * np.exp2(iris.take.field_ev(i))[..., np.newaxis]) for i in range(FRAMES)]
    assert scored(iris, frames).uneven_mev > 10


def test_the_gaussian_tells_slow_from_fast():
    assert slow(np.full(50, 3.0)) == pytest.approx(np.full(50, 3.0))
    at = np.arange(400)
    for period in (8.0, 40.0, 160.0):
        wave = np.sin(2 * np.pi * at / period)
        kept = np.exp(-2 * (np.pi * SLOW_SIGMA / period) ** 2)  # the Fourier transform of a Gaussian
        assert slow(wave)[100:300] == pytest.approx(kept * wave[100:300], abs=2e-3)


def test_pictures_are_compared_as_everybody_does():
    assert psnr_db(1.0) == pytest.approx(48.13, abs=0.01)
    picture = encoded_8(CHANCE.random((40, 60, 3)).astype(np.float32))[..., 0].astype(np.float64)
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(picture, picture[::-1]) < 0.2
    flat = np.full((40, 60), 100.0)
    light = (2 * 100 * 110 + 6.5025) / (100**2 + 110**2 + 6.5025)  # of two even greys nothing else is left of it
    assert ssim(flat, flat + 10) == pytest.approx(light)
