"""Small linear pictures to measure: the same light whatever the file, and every bad file named."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps

from dayspool.develop import Plate
from dayspool.develop.builtin_light import decoded_light, encoded_light
from dayspool.develop.builtin_raw import RawLevels, pinned
from dayspool.develop.proxy import proxy, proxy_of_plate, read_frame
from dayspool.develop.sample import bayer, dng
from dayspool.develop.tone import Tone
from dayspool.errors import FrameError, FrameMissing, FrameUnreadable

SIZE = (960, 640)


def scene(width: int = SIZE[0], height: int = SIZE[1]) -> np.ndarray:
    """Linear light whose corners differ, smooth enough for any scale."""
    down, across = np.mgrid[0:height, 0:width] / max(width, height)
    return np.stack([0.1 + 0.4 * across, 0.2 + 0.3 * down, 0.5 - 0.4 * across * down], axis=-1)


def codes_of(light: np.ndarray, dtype: type = np.uint8) -> np.ndarray:
    return np.rint(encoded_light(light) * np.iinfo(dtype).max).astype(dtype)


@pytest.fixture
def save(tmp_path: Path):
    def written(name: str, codes: np.ndarray | None = None, **how: object) -> Path:
        path = tmp_path / name
        codes = codes_of(scene()) if codes is None else codes
        if codes.dtype == np.uint16:
            tifffile.imwrite(path, codes)
        else:
            Image.fromarray(codes).save(path, **({"quality": 95, "subsampling": 0} | how))
        return path

    return written


def corners(rgb: np.ndarray) -> np.ndarray:
    """The light a tenth of the way in from every corner."""
    down, across = (length // 10 for length in rgb.shape[:2])
    return rgb[[down, down, -down, -down], [across, -across, across, -across]]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_files_of_all_kinds_have_the_light_of_the_scene(save, name):
    seen = proxy(save(name))
    assert corners(seen.rgb) == pytest.approx(corners(scene()), abs=0.01)
    assert seen.rgb.dtype == np.float32
    assert seen.kind == "colour, 8 bits, 960×640"
    assert (seen.step, seen.encoded) == (pytest.approx(1 / (255 * 12.92)), True)


def test_jpegs_are_decoded_at_the_smallest_scale_that_will_do(save):
    half = proxy(save("a.jpg"))
    assert half.rgb.shape == (320, 480, 3)
    assert half.averaged
    large = codes_of(scene(4800, 800))
    assert proxy(save("large.jpg", large)).rgb.shape == (100, 600, 3)
    assert proxy(save("upright.jpg", large.transpose(1, 0, 2).copy())).rgb.shape == (600, 100, 3)
    small = proxy(save("small.jpg", codes_of(scene(120, 80))))
    assert small.rgb.shape == (80, 120, 3)
    assert not small.averaged


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_every_orientation_stands_upright(save, name, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    path = save(name, exif=exif)
    seen = proxy(path)
    with Image.open(path) as stored:
        shown = np.asarray(ImageOps.exif_transpose(stored))
    assert seen.kind == f"colour, 8 bits, {shown.shape[1]}×{shown.shape[0]}"
    assert corners(seen.rgb) == pytest.approx(corners(decoded_light(shown / 255)), abs=0.006)


def test_16_bits_keep_what_8_would_round(save):
    light = np.broadcast_to(np.linspace(0.001, 0.003, 600)[:, np.newaxis], (600, 3))
    deep = codes_of(np.broadcast_to(light, (40, 600, 3)), np.uint16)
    seen = proxy(save("deep.tif", deep))
    assert seen.kind == "colour, 16 bits, 600×40"
    assert seen.rgb[20] == pytest.approx(light, abs=2e-6)
    assert seen.step == pytest.approx(1 / (65535 * 12.92))


def test_the_kind_tells_odd_frames_apart(save):
    grey = codes_of(scene()).mean(axis=2).astype(np.uint8)
    path = save("c.jpg")
    Image.fromarray(codes_of(scene())).convert("CMYK").save(path)
    assert proxy(save("g.jpg", grey)).kind == "greyscale, 8 bits, 960×640"
    assert proxy(path).kind == "CMYK, 8 bits, 960×640"
    assert proxy(save("d.tif", codes_of(scene())[..., 0].astype(np.uint16) * 257)).kind == "greyscale, 16 bits, 960×640"


def test_greyscale_has_the_same_light_in_every_channel(save):
    rgb = proxy(save("g.jpg", codes_of(scene())[..., 1])).rgb
    assert np.array_equal(rgb[..., 0], rgb[..., 2])
    assert corners(rgb)[:, 1] == pytest.approx(corners(scene())[:, 1], abs=0.006)


def test_a_colour_profile_is_obeyed_and_told(save):
    lab_free = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    assert proxy(save("s.jpg", icc_profile=lab_free.tobytes())).kind == "colour, 8 bits, 960×640"


def test_a_tone_curve_is_undone(save):
    tone = Tone(points=((0.5, 0.3), (0.8, 0.7)))
    light = np.clip(scene(), 0, 1)
    path = save("t.png", np.rint(tone.encoded(light) * 255).astype(np.uint8))
    assert corners(proxy(path, tone=tone).rgb) == pytest.approx(corners(light), abs=0.006)
    assert corners(proxy(path).rgb) != pytest.approx(corners(light), abs=0.02)


def test_a_clipped_sample_is_1_exactly(save):
    codes = codes_of(scene())
    codes[:64, :64] = 255
    assert proxy(save("c.jpg", codes)).rgb[4, 4] == pytest.approx([1, 1, 1], abs=0)


def test_plates_are_taken_as_they_are():
    plate = Plate(rgb=codes_of(scene(60, 40), np.uint16))
    assert proxy_of_plate(plate).rgb == pytest.approx(scene(60, 40), abs=1e-4)


def test_large_plates_are_averaged_in_linear_light():
    deep = codes_of(scene(1930, 1281), np.uint16)
    deep[::2] = 0
    seen = proxy_of_plate(Plate(rgb=deep))
    assert seen.rgb.shape == (640, 965, 3)
    assert seen.averaged
    assert corners(seen.rgb) == pytest.approx(corners(scene(1930, 1281)) / 2, abs=1e-3)


def raw(path: Path, light: float, **how: object) -> Path:
    seen = np.broadcast_to(np.float64(light), (64, 96, 3)).copy()
    seen[:32] /= 2
    levels = {name: how[name] for name in ("black", "white") if name in how}
    path.write_bytes(dng(bayer(seen, **levels), **how))
    return path


def test_raw_files_are_linear_and_fixed_for_the_whole_sequence(tmp_path):
    one, other = raw(tmp_path / "a.dng", 0.2), raw(tmp_path / "b.dng", 0.4)
    levels = pinned([one, other])
    assert isinstance(levels, RawLevels)
    dark, bright = proxy(one, levels=levels), proxy(other, levels=levels)
    assert dark.kind == "RAW, 96×64"
    assert not dark.encoded
    assert bright.rgb / dark.rgb == pytest.approx(np.full((32, 48, 3), 2), rel=1e-3)
    assert dark.rgb[24, 24] == pytest.approx([0.2] * 3, rel=0.02)


def whole_jpeg() -> bytes:
    out = io.BytesIO()
    Image.fromarray(codes_of(scene())).save(out, "JPEG")
    return out.getvalue()


BAD = {
    "empty.jpg": (b"", r"empty \(0 bytes\)"),
    "cut.jpg": (whole_jpeg()[:5000], "cut short"),
    "zeros.jpg": (whole_jpeg()[:5000] + bytes(5000), "cut short"),
    "text.jpg": (b"no picture at all", "does not decode"),
    "text.png": (b"no picture at all", "does not decode"),
    "cut.tif": (b"II*\0" + bytes(40), "does not decode"),
    "empty.dng": (b"", "empty"),
    "text.arw": (b"no picture at all", "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named(tmp_path, name):
    data, said = BAD[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FrameUnreadable, match=said) as told:
        proxy(path)
    assert str(path) in str(told.value)


def test_what_is_not_there_is_missing_and_a_folder_unreadable(tmp_path):
    with pytest.raises(FrameMissing, match="not there"):
        proxy(tmp_path / "none.jpg")
    with pytest.raises(FrameError, match="cannot be read"):
        read_frame(tmp_path)


def test_a_jpeg_with_damage_inside_is_shown_as_far_as_it_goes(tmp_path):
    """A decoder that is strict refuses it; developers show it, so it is measured, and found odd by what it shows."""
    data = bytearray(whole_jpeg())
    data[len(data) // 2 : len(data) // 2 + 200] = b"\xff\x00" * 100
    path = tmp_path / "hurt.jpg"
    path.write_bytes(bytes(data))
    assert proxy(path).kind == "colour, 8 bits, 960×640"
