"""RAW files with flicker, measured, solved, and graded by the real darktable: what is left of the flicker."""

import numpy as np
import pytest

from benchmarks.deflicker.dng import developed, graded, graded_recipes
from dayspool.develop.sample import bayer, dng
from dayspool.develop.selftest import linear

FRAMES, WIDTH, HEIGHT = 40, 120, 80
FLICKER_EV, FALL_EV = 0.08, 1.0
PASSED = range(14, 24)  # a large dark thing in front of the lens
FULL_WELL = 20_000.0  # electrons
LEFT_EV = 0.008
REACH = 6.0  # frames: what changes faster is flicker


def truth():
    """Return the light of every frame as it would be without flicker: soft hills, growing dark by an EV."""
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    hills = 0.12 + 0.06 * np.sin(9 * x + 2 * y) + 0.05 * np.cos(14 * y - 5 * x)
    view = hills[..., np.newaxis] * np.array([1.0, 0.9, 0.75])
    frames = view * np.exp2(-FALL_EV * np.arange(FRAMES) / FRAMES)[:, np.newaxis, np.newaxis, np.newaxis]
    for index in PASSED:
        left = (index - PASSED.start) * 8
        frames[index, 16:, left : left + 48] = 0.02
    return frames


def left_ev(shown, light):
    """Return by how much frames differ fast from the light they should show: the deviation, in EV."""
    usable = light[..., 1] > 0.03
    ratio = np.log2(linear(shown)[..., 1] / light[..., 1])
    gain = np.array([np.median(one[mask]) for one, mask in zip(ratio, usable, strict=True)])
    at = np.arange(FRAMES)
    near = np.exp(-((at[:, np.newaxis] - at) ** 2) / (2 * REACH**2))
    return float(np.std(gain - near @ gain / near.sum(axis=1)))


@pytest.mark.tools
@pytest.mark.slow
def test_what_darktable_makes_of_flickering_raws_does_not_flicker(tmp_path):
    rng = np.random.default_rng(8)
    light = truth()
    paths = []
    for index, (frame, ev) in enumerate(zip(light, rng.normal(0, FLICKER_EV, FRAMES), strict=True)):
        seen = frame * 2**ev
        seen = seen + rng.standard_normal(seen.shape) * np.sqrt(seen / FULL_WELL)
        paths.append(tmp_path / f"{index:03d}.dng")
        paths[-1].write_bytes(dng(bayer(seen)))
    curves = graded(paths)
    assert (curves.confidence > 0).all()

    [shown] = developed(paths, [graded_recipes(curves)], width=WIDTH, height=HEIGHT)

    assert left_ev(shown, light) <= LEFT_EV
    fall = np.log2(linear(shown)[:5, ..., 1].mean() / linear(shown)[-5:, ..., 1].mean())
    assert fall == pytest.approx(FALL_EV * (FRAMES - 5) / FRAMES, abs=0.03)  # the sunset is kept
