"""What is measured of a frame: light, colour, clipping and noise of its blocks, and how it is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker.measure import LUMINANCE, Measure, grid_of, measured

SRGB_STEP = 1 / (255 * 12.92)


def picture(seed: int, shape: tuple[int, int] = (96, 144)) -> np.ndarray:
    """A scene with gradients and grain, well inside of black and white."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]] / max(shape)
    light = 0.2 + 0.25 * down + 0.1 * np.sin(9 * across)
    rgb = light[..., np.newaxis] * [1.1, 1.0, 0.7] + rng.normal(0, 0.004, (*shape, 3))
    return np.clip(rgb, 0, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("size", "grid"),
    [
        ((684, 456), (48, 72)),
        ((456, 684), (72, 48)),  # upright
        ((720, 405), (44, 78)),
        ((20, 10), (10, 20)),  # no block is below a pixel
        ((1, 1), (1, 1)),
        ((5000, 1), (1, 4157)),
    ],
)
def test_a_picture_has_about_as_many_square_blocks_whatever_its_shape(size, grid):
    assert grid_of(*size) == grid


def test_blocks_have_the_mean_light_and_colour_of_their_pixels():
    rgb = picture(1)
    measure = measured(rgb)
    rows, columns = measure.light.shape
    assert (rows, columns) == (48, 72)
    mean = rgb.reshape(rows, 2, columns, 2, 3).mean(axis=(1, 3))
    assert measure.light == pytest.approx(np.log2(mean @ LUMINANCE), abs=1e-5)
    assert measure.red == pytest.approx(np.log2(mean[..., 0] / mean[..., 1]), abs=1e-5)
    assert measure.blue == pytest.approx(np.log2(mean[..., 2] / mean[..., 1]), abs=1e-5)
    assert measure.green == pytest.approx(np.log2(mean[..., 1]), abs=1e-5)
    assert measure.peak == pytest.approx(rgb.reshape(rows, 2, columns, 2, 3).max(axis=(1, 3, 4)))


def test_one_clipped_sample_shows_in_the_peak_of_its_block():
    rgb = picture(2)
    rgb[3, 5, 2] = 1.0
    peak = measured(rgb).peak
    assert peak[1, 2] == 1.0
    assert np.count_nonzero(peak > 0.9) == 1


def test_averaged_samples_of_rough_blocks_are_taken_to_hide_brighter_ones():
    rgb = np.full((96, 144, 3), 0.7, np.float32)
    rgb[:, 72:] += np.where(np.indices((96, 72)).sum(axis=0) % 2, 0.1, -0.1)[..., np.newaxis].astype(np.float32)
    whole, averaged = measured(rgb), measured(rgb, averaged=True)
    assert averaged.peak[:, :35] == pytest.approx(whole.peak[:, :35])
    assert averaged.peak[1:-1, 37:-1] == pytest.approx(np.ones((46, 34)), abs=0)
    assert whole.peak[1:-1, 37:-1].max() < 0.81


@settings(max_examples=20)
@given(st.floats(-3, 0), st.integers(0, 99))
def test_a_factor_moves_light_by_its_ev_and_leaves_colours_alone(ev, seed):
    rgb = picture(seed)
    one, other = measured(rgb), measured((rgb * 2.0**ev).astype(np.float32))
    assert other.light - one.light == pytest.approx(np.full((48, 72), ev), abs=1e-4)
    assert other.red == pytest.approx(one.red, abs=1e-4)
    assert other.sharpness == pytest.approx(one.sharpness, rel=1e-3)


def test_noise_grows_where_codes_are_coarse_and_falls_where_grain_spreads_them():
    flat = measured(np.full((96, 144, 3), 0.002, np.float32), step=SRGB_STEP, encoded=True)
    assert flat.noise == pytest.approx(np.full((48, 72), np.log2(1 + SRGB_STEP / 12**0.5 / 0.002)), rel=1e-4)
    bright = measured(np.full((96, 144, 3), 0.5, np.float32), step=SRGB_STEP, encoded=True)
    assert bright.noise.max() < 0.01 < flat.noise.min()
    grain = np.clip(np.random.default_rng(3).normal(0.002, 0.001, (960, 1440, 1)), 0, 1).repeat(3, axis=2)
    assert measured(grain.astype(np.float32), step=SRGB_STEP, encoded=True).noise.max() < flat.noise.min()


def test_noise_is_about_what_light_really_is_off_by():
    rng = np.random.default_rng(4)
    scene = np.full((480, 720, 1), 0.1, np.float32)
    frames = [
        measured(np.clip(scene + rng.normal(0, 0.01, scene.shape), 0, 1).repeat(3, 2).astype(np.float32))
        for _ in range(8)
    ]
    off = np.std([frame.light for frame in frames], ddof=1)
    assert frames[0].noise.mean() == pytest.approx(off, rel=0.15)


@pytest.mark.parametrize("shape", [(5, 7), (100, 151)])
def test_a_peak_is_the_largest_sample_of_its_block(shape):
    rgb = np.random.default_rng(5).random((*shape, 3), np.float32)
    found = measured(rgb).peak
    expected = np.zeros_like(found)
    down, across = (
        np.repeat(np.arange(blocks), np.diff(np.arange(blocks + 1) * pixels // blocks))
        for pixels, blocks in zip(shape, found.shape, strict=True)
    )
    np.maximum.at(expected, np.ix_(down, across), rgb.max(axis=2))
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("shape", [(2, 9), (3, 3), (5, 7), (40, 9)])
def test_detail_is_the_laplacian_inside_of_the_border(shape):
    rgb = np.random.default_rng(5).random((*shape, 3), np.float32)
    luminance = rgb @ np.float32(LUMINANCE)
    plain = [
        abs(4 * luminance[y, x] - luminance[[y - 1, y + 1], x].sum() - luminance[y, [x - 1, x + 1]].sum())
        for y in range(1, shape[0] - 1)
        for x in range(1, shape[1] - 1)
    ]
    assert measured(rgb).sharpness == pytest.approx(sum(plain) / luminance.sum(), rel=1e-4)


def test_blur_lowers_sharpness():
    rgb = picture(5)
    soft = (rgb + np.roll(rgb, 1, axis=0) + np.roll(rgb, 1, axis=1) + np.roll(rgb, (1, 1), axis=(0, 1))) / 4
    assert measured(soft).sharpness < 0.5 * measured(rgb).sharpness


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_black_and_white_pictures_have_numbers_too(value):
    measure = measured(np.full((48, 72, 3), value, np.float32))
    for plane in (measure.light, measure.red, measure.blue, measure.peak, measure.noise, measure.green):
        assert np.isfinite(plane).all()
    assert np.isfinite(Measure.unpacked(measure.packed()).light).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (3, 5)])
def test_tiny_pictures_are_measured(shape):
    assert measured(np.full((*shape, 3), 0.25, np.float32)).light == pytest.approx(np.full(shape, -2.0))


def test_packed_measures_come_back_as_near_as_their_codes():
    measure = measured(picture(6), step=SRGB_STEP, encoded=True)
    data = measure.packed()
    back = Measure.unpacked(data)
    assert len(data) < 35_000
    for name in ("light", "red", "blue"):
        assert getattr(back, name) == pytest.approx(getattr(measure, name), abs=0.5 / 1024 + 1e-6)
    assert back.peak == pytest.approx(measure.peak, abs=0.5 / 255 + 1e-6)
    assert back.noise == pytest.approx(measure.noise, rel=0.03, abs=2**-11)
    assert back.sharpness == pytest.approx(measure.sharpness)
    assert back.packed() == data


@pytest.mark.parametrize("data", [b"", b"\x00" * 8, b"\x01\x00\x01\x00\x00\x00\x00\x00123"])
def test_what_is_no_packed_measure_is_refused(data):
    with pytest.raises(ValueError, match="packed measure"):
        Measure.unpacked(data)
