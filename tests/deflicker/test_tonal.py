"""A camera's tone curve, learned from its own flicker, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from dayspool.deflicker.measure import measured
from dayspool.deflicker.tonal import ToneLearner

FRAMES = 50
CODES = np.arange(256) / 255
PLAIN = ((0.0, 0.0), (1.0, 1.0))
S_CURVE = tuple((at, at - 0.06 * np.sin(2 * np.pi * at)) for at in np.linspace(0, 1, 257))


def srgb(light):
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


def light(codes):
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def camera(points):
    """What a camera with such a curve over sRGB's makes of light: codes from 0 to 255."""
    at, to = np.array(points).T
    return lambda seen: np.rint(np.interp(srgb(np.clip(seen, 0, 1)), at, to) * 255).astype(np.uint8)


def frames(points, *, flicker_ev=0.08, seed=0, gusts=0.0):
    """Measures of a landscape that flickers; in gusts, its brighter half changes by itself."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:64, 0:96] / 64
    scene = 2 ** (-4 * down - 0.7 + 0.5 * np.sin(9 * across) * np.cos(5 * down))
    expose, linear = camera(points), light(CODES).astype(np.float32)
    found = []
    for ev in rng.normal(0, flicker_ev, FRAMES):
        windy = np.where(down < 0.5, gusts * rng.normal(0, 1, scene.shape), 0.0)
        seen = scene * 2 ** (ev + windy) + rng.normal(0, 0.003, scene.shape)
        rgb = linear[expose(np.repeat(seen[..., np.newaxis], 3, axis=2) * (0.9, 1.0, 0.8))]
        found.append(measured(rgb, step=1 / 255 / 12.92, encoded=True))
    return found


def fire(seed=1):
    """Measures of a camera that follows sRGB, of a fire that flares up before what is dark and stays as dark."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:64, 0:96] / 64
    reach = np.exp(-(((across - 0.75) ** 2 + (down - 0.8) ** 2) / 0.3))
    texture = 2 ** (0.3 * rng.normal(0, 1, (32, 48)).repeat(2, 0).repeat(2, 1))
    linear, found = light(CODES).astype(np.float32), []
    for ev in rng.normal(0, 0.15, FRAMES):
        seen = texture * (0.06 + 0.6 * reach * 2**ev) + rng.normal(0, 0.002, down.shape)
        found.append(measured(linear[camera(PLAIN)(np.repeat(seen[..., np.newaxis], 3, axis=2))], step=1 / 255 / 12.92))
    return found


def looked_at(measures):
    learner = ToneLearner()
    for measure in measures:
        learner.push(measure)
    return learner


def learned(measures):
    return looked_at(measures).learned()


def steepness(curve):
    ev, true = np.array(curve).T
    return (ev[1:] + ev[:-1]) / 2, np.diff(ev) / np.diff(true)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_curve_of_a_camera_is_learned_from_its_flicker(seed):
    curve = learned(frames(S_CURVE, seed=seed))
    assert curve is not None
    assert curve[-1] == (0.0, 0.0)
    at, steep = steepness(curve)
    assert (np.diff(np.array(curve), axis=0) > 0).all()
    codes, to = np.array(S_CURVE).T
    true = np.interp(srgb(2.0 ** np.linspace(-9, 0, 2000)), codes, to)
    seen_ev, rise = np.log2(light(true)), np.gradient(np.log2(light(true)), np.linspace(-9, 0, 2000))
    wanted = np.interp(at, seen_ev, rise)
    shown = (at > -4.5) & (at < -0.5)
    ratio = steep[shown] / wanted[shown]
    assert np.abs(ratio / np.median(ratio) - 1).max() <= 0.15  # corners of a polygon are rounded


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("curious", [{}, {"flicker_ev": 0.0}, {"gusts": 0.3}, {"flicker_ev": 0.3}])
def test_a_camera_that_follows_srgb_is_left_with_it(seed, curious):
    assert learned(frames(PLAIN, seed=seed, **curious)) is None


def test_what_a_fire_tells_is_borne_out_by_fire_alone():
    of_fire, of_camera = learned(fire()), learned(frames(S_CURVE))
    assert of_fire is not None
    assert of_camera is not None
    for points, bears_out in ((PLAIN, (False, False)), (S_CURVE, (False, True))):
        day = looked_at(frames(points, seed=5)[:24])
        assert (day.bears_out(of_fire), day.bears_out(of_camera)) == bears_out
    assert looked_at(fire(2)).bears_out(of_fire)


def test_where_nothing_flickers_any_curve_may_be_true():
    assert looked_at(frames(PLAIN, flicker_ev=0.0)).bears_out(learned(frames(S_CURVE)))


def test_few_frames_and_gaps_tell_nothing():
    assert learned([]) is None
    assert learned(frames(S_CURVE)[:20]) is None
    gappy = [one for measure in frames(S_CURVE) for one in (measure, None)]
    assert learned(gappy) is None


def test_of_many_frames_no_more_are_kept():
    learner = ToneLearner()
    two = frames(S_CURVE, flicker_ev=0.2, seed=1)[:2]
    assert abs(float(np.median(two[1].green - two[0].green))) > 0.05
    for number in range(1200):
        learner.push(two[number % 2])
    assert 512 <= learner.frames <= 1024
