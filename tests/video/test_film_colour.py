"""Colour: a chart through the encoder, decoded by the book, and by FFmpeg.

The decoder here is written from ITU-R BT.709 §3 (matrix, quantisation) and ITU-T H.264 (chroma sited left), in
floating point, and shares nothing with the code under test.
"""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dayspool.video import FilmWriter, Geometry, geometry, preset, to_planes

WIDTH, HEIGHT = 960, 540
PATCHES = [  # the 24 patches of a ColorChecker, sRGB codes as published
    *((115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170)),
    *((214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46)),
    *((56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161)),
    *((243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52)),
]


def chart() -> tuple[np.ndarray, np.ndarray]:
    """A chart of patches over a grey and a colour ramp, and the mask of what lies 8 or more pixels inside its fields.

    4:2:0 cannot hold a sharp edge between colours, so edges say nothing about the conversion.
    """
    pixels, inside = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.zeros((HEIGHT, WIDTH), bool)
    step_x, step_y = WIDTH // 6, 100
    for index, patch in enumerate(PATCHES):
        top, left = index // 6 * step_y, index % 6 * step_x
        pixels[top : top + step_y, left : left + step_x] = patch
        inside[top + 8 : top + step_y - 8, left + 8 : left + step_x - 8] = True
    ramp = np.linspace(0, 255, WIDTH).round().astype(np.uint8)
    pixels[400:470] = ramp[None, :, None]
    pixels[470:] = np.stack([ramp, 255 - ramp, np.full_like(ramp, 90)], axis=-1)[None]
    inside[408:462, 8:-8] = inside[478:-8, 8:-8] = True
    return pixels, inside


def soft() -> np.ndarray:
    """A picture with colour detail as fine as a lens gives, and no more."""
    noise = np.random.default_rng(7).normal(size=(17, 30, 3))
    scaled = [
        np.asarray(Image.fromarray(noise[..., c].astype(np.float32)).resize((WIDTH, HEIGHT), 3)) for c in range(3)
    ]
    return np.clip(np.rint(128 + 45 * np.stack(scaled, axis=-1)), 0, 255).astype(np.uint8)


def by_the_book(planes: np.ndarray) -> np.ndarray:
    """Decode limited-range BT.709 4:2:0 with left-sited chroma to RGB, 0–255, by linear interpolation."""
    height = planes.shape[0] * 2 // 3
    width = planes.shape[1]
    luma = (planes[:height].astype(float) - 16) / 219
    halves = planes[height:].reshape(2, height // 2, width // 2)
    blue, red = ((_full_size(half.astype(float)) - 128) / 224 for half in halves)
    r = luma + 1.5748 * red
    b = luma + 1.8556 * blue
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    return np.clip(np.stack([r, g, b], axis=-1), 0, 1) * 255


def _full_size(half: np.ndarray) -> np.ndarray:
    rows, columns = half.shape
    at_rows = np.clip((np.arange(2 * rows) - 0.5) / 2, 0, rows - 1)  # between two rows
    at_columns = np.clip(np.arange(2 * columns) / 2, 0, columns - 1)  # on the left column
    top, left = at_rows.astype(int), at_columns.astype(int)
    below, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    y, x = (at_rows - top)[:, None], (at_columns - left)[None, :]
    upper = half[top][:, left] * (1 - x) + half[top][:, right] * x
    lower = half[below][:, left] * (1 - x) + half[below][:, right] * x
    return upper * (1 - y) + lower * y


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other.astype(float)) ** 2)))


def filmed(tmp_path, pixels: np.ndarray, name: str) -> av.VideoFrame:
    """Encode eight frames as a preset does and return the fifth, decoded by FFmpeg."""
    chosen = preset(name)
    place = geometry((WIDTH, HEIGHT), chosen)
    with FilmWriter(tmp_path / "film.mp4", size=place.size, preset=chosen) as writer:
        for _ in range(8):
            writer.write(to_planes(pixels, place))
    with av.open(str(tmp_path / "film.mp4")) as container:
        return list(container.decode(video=0))[4]


@pytest.mark.parametrize("name", ["youtube-4k", "1080p", "preview"])
def test_a_chart_survives_with_46_db(tmp_path, name):
    pixels, inside = chart()
    frame = filmed(tmp_path, pixels, name)
    assert psnr(by_the_book(frame.to_ndarray())[inside], pixels[inside]) > 46
    assert psnr(frame.to_ndarray(format="rgb24")[inside], pixels[inside]) > 46  # FFmpeg, led by the film's own tags


def test_the_measure_sees_a_wrong_matrix():
    pixels, inside = chart()
    naive = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p").to_ndarray()
    assert psnr(by_the_book(naive)[inside], pixels[inside]) < 33


def test_soft_colour_survives_the_encoder_with_46_db(tmp_path):
    pixels = soft()
    frame = filmed(tmp_path, pixels, "youtube-4k")
    assert psnr(by_the_book(frame.to_ndarray()), pixels) > 46


def test_chroma_is_sited_left():
    pixels = soft()
    place = Geometry(scaled=(WIDTH, HEIGHT), offset=(0, 0), size=(WIDTH, HEIGHT))
    ours = psnr(by_the_book(to_planes(pixels, place)), pixels)
    centred = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
        format="yuv420p", src_colorspace=1, dst_colorspace=1, src_color_range=2, dst_color_range=1
    )
    assert ours > psnr(by_the_book(centred.to_ndarray()), pixels) + 1


def test_16_bit_pixels_give_the_same_film_as_their_8_bit_roundings():
    deep = np.random.default_rng(3).integers(0, 65536, (64, 96, 3), dtype=np.uint16)
    place = Geometry(scaled=(96, 64), offset=(0, 0), size=(96, 64))
    rounded = np.rint(deep / 257).astype(np.uint8)
    difference = to_planes(deep, place).astype(int) - to_planes(rounded, place)
    assert np.abs(difference).max() <= 1


def test_16_bit_pixels_are_rounded_once_at_the_end():
    """A gentle gradient: with one rounding the error is that of quantising, 1/√12 codes, and without a bias."""
    y, x = np.mgrid[0:270, 0:480] / 480
    gradient = np.stack([0.30 + 0.05 * x, 0.32 + 0.03 * y, 0.35 + 0.02 * (x + y)], axis=-1)
    place = Geometry(scaled=(480, 270), offset=(0, 0), size=(480, 270))
    deep = np.rint(gradient * 65535).astype(np.uint16)
    error = to_planes(deep, place)[:270] - (16 + 219 * (gradient @ [0.2126, 0.7152, 0.0722]))
    assert np.sqrt((error**2).mean()) < 0.30
    assert abs(error.mean()) < 0.01


def test_a_sharp_edge_in_16_bits_overshoots_to_white_never_round_to_black():
    edge = np.zeros((64, 96, 3), np.uint16)
    edge[:, 48:] = 65535
    planes = to_planes(edge, Geometry(scaled=(71, 48), offset=(0, 0), size=(70, 48)))
    assert planes[:48, 40:].min() > 200
    assert planes[:48, :30].max() < 50


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_black_and_white_are_16_and_235(kind):
    place = Geometry(scaled=(32, 16), offset=(0, 0), size=(32, 16))
    for code, luma in ((0, 16), (np.iinfo(kind).max, 235)):
        planes = to_planes(np.full((16, 32, 3), code, kind), place)
        assert (planes[:16] == luma).all()
        assert (planes[16:] == 128).all()


@settings(max_examples=200)
@given(st.tuples(st.integers(2, 90), st.integers(2, 90)), st.sampled_from(["youtube-4k", "preview"]), st.booleans())
def test_a_plain_colour_stays_plain_at_every_size(size, name, deep):
    place = geometry(size, preset(name))
    colour = np.array([200, 90, 60], np.uint8)
    pixels = np.broadcast_to(colour, (size[1], size[0], 3))
    planes = to_planes(pixels.astype(np.uint16) * 257 if deep else pixels, place)
    assert planes.shape == (place.size[1] * 3 // 2, place.size[0])
    assert np.abs(by_the_book(planes) - colour).max() < 2


def test_cut_and_scaled_as_the_geometry_says():
    pixels = soft()
    cut = to_planes(pixels, Geometry(scaled=(WIDTH, HEIGHT), offset=(101, 33), size=(640, 360)))
    assert psnr(by_the_book(cut), pixels[33:393, 101:741]) > 48
    half = to_planes(pixels, Geometry(scaled=(WIDTH // 2, HEIGHT // 2), offset=(0, 0), size=(WIDTH // 2, HEIGHT // 2)))
    reference = np.asarray(Image.fromarray(pixels).resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.LANCZOS))
    assert psnr(by_the_book(half), reference) > 44
