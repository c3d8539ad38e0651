"""The developer in this process: sizes, orientations, colour, and every kind of bad frame."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dayspool.develop import BuiltinDeveloper, Developed, DevelopJob, Plate, Recipe
from dayspool.develop.builtin_light import decoded_light
from dayspool.errors import FrameMissing, FrameUnreadable, ToolError

ORIENTATION = 0x0112


def develop(path: Path, width: int = 4000, height: int = 4000) -> Developed:
    (developed,) = BuiltinDeveloper().develop([DevelopJob(path=path, width=width, height=height)])
    return developed


def plate(path: Path, width: int = 4000, height: int = 4000) -> np.ndarray:
    developed = develop(path, width, height)
    assert isinstance(developed, Plate), developed
    return developed.rgb


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((one.astype(float) - other.astype(float)) ** 2))))


def test_probe_says_what_it_is():
    info = BuiltinDeveloper().probe()
    assert info.ok
    assert info.name == "builtin"
    assert info.version.startswith("Pillow ")


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((300, 200), (4000, 4000), (300, 200)),
        ((640, 480), (320, 180), (320, 240)),
        ((640, 480), (321, 180), (640, 480)),
        ((640, 480), (80, 60), (80, 60)),
        ((641, 427), (63, 35), (81, 54)),
        ((1, 1), (10, 10), (1, 1)),
    ],
)
def test_a_jpeg_is_decoded_at_the_smallest_scale_that_covers_the_box(tmp_path, picture, size, box, expected):
    path = tmp_path / "frame.jpg"
    picture(*size).save(path, quality=95)
    rgb = plate(path, *box)
    assert rgb.shape == (expected[1], expected[0], 3)
    assert rgb.dtype == np.uint8
    assert psnr(rgb, np.asarray(picture(*size).resize(expected, Image.Resampling.BOX))) > 36


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_lossless_picture_comes_as_it_is(tmp_path, picture, suffix):
    picture(301, 201).save(tmp_path / f"frame{suffix}")
    assert (plate(tmp_path / f"frame{suffix}", 90, 60) == np.asarray(picture(301, 201))).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_stands_upright_whatever_the_exif_orientation(tmp_path, picture, orientation):
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # the camera lay so that the picture must be turned clockwise
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = picture(160, 100)
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored.save(tmp_path / "turned.jpg", quality=95, exif=exif)
    assert psnr(plate(tmp_path / "turned.jpg"), np.asarray(upright)) > 38
    turned = (50, 80, 3)
    assert plate(tmp_path / "turned.jpg", 80, 45).shape == turned


def test_an_embedded_profile_is_converted_to_srgb(tmp_path):
    lab_grey = Image.new("RGB", (32, 32), (180, 60, 60))
    narrow = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    lab_grey.save(tmp_path / "srgb.png", icc_profile=narrow.tobytes())
    assert (plate(tmp_path / "srgb.png") == (180, 60, 60)).all()
    lab_grey.save(tmp_path / "broken.png", icc_profile=b"no profile at all")
    assert (plate(tmp_path / "broken.png") == (180, 60, 60)).all()


def test_a_profile_of_another_space_changes_the_codes(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 6500))
    srgb = ImageCms.createProfile("sRGB")
    assert lab.tobytes() != ImageCms.ImageCmsProfile(srgb).tobytes()
    # A linear profile: the sRGB one with its three tone curves replaced by the identity.
    path = tmp_path / "linear.png"
    Image.new("RGB", (16, 16), (55, 55, 55)).save(path, icc_profile=_linear_profile())
    grey = int(plate(path)[8, 8, 1])
    assert grey == pytest.approx(128, abs=2)  # 55/255 of linear light is sRGB 128


def test_a_profile_is_tried_out_and_not_believed_by_its_name(tmp_path):
    """There is an "sRGB-elle-V2-g10.icc", of linear light, and an sRGB that Facebook calls "c2"."""
    named_srgb = _linear_profile().replace(b"l\x00R\x00G\x00B", b"s\x00R\x00G\x00B")
    Image.new("RGB", (16, 16), (55, 55, 55)).save(tmp_path / "linear.png", icc_profile=named_srgb)
    assert int(plate(tmp_path / "linear.png")[8, 8, 1]) == pytest.approx(128, abs=2)
    srgb = (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        .tobytes()
        .replace(b"s\x00R\x00G\x00B", b"c\x002\x00 \x00 ")
    )
    colours = np.random.default_rng(5).integers(0, 65536, (8, 8, 3), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", colours, photometric="rgb", iccprofile=srgb)
    assert (plate(tmp_path / "deep.tif") == colours).all()


def _linear_profile() -> bytes:
    """An sRGB profile whose tone curves are straight lines, made by rewriting its `rTRC` tags (ICC.1:2010 §10.5)."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    for index in range(count):
        entry = 132 + 12 * index
        if data[entry + 1 : entry + 4] == b"TRC":
            start = int.from_bytes(data[entry + 4 : entry + 8], "big")
            data[start : start + 12] = b"curv" + bytes(8)  # no points: the identity
            data[entry + 8 : entry + 12] = (12).to_bytes(4, "big")
    data = bytes(data).replace(b"s\x00R\x00G\x00B", b"l\x00R\x00G\x00B")
    return data.replace(b"sRGB", b"lRGB")


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_every_8_bit_mode_becomes_rgb(tmp_path, picture, mode):
    path = tmp_path / "frame.tif"
    picture(60, 40).convert(mode).save(path)
    rgb = plate(path)
    assert rgb.shape == (40, 60, 3)
    if mode in {"L", "LA"}:
        assert psnr(rgb, np.asarray(picture(60, 40).convert("L").convert("RGB"))) > 60


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bit_grey_comes_as_it_is(tmp_path, suffix):
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (16, 1))
    Image.fromarray(ramp).save(tmp_path / f"deep{suffix}")
    rgb = plate(tmp_path / f"deep{suffix}")
    assert rgb.dtype == np.uint16
    assert (rgb == ramp[..., np.newaxis]).all()


def test_names_do_not_matter(awkward):
    jobs = [DevelopJob(path=path, width=4000, height=4000) for path in awkward]
    plates = list(BuiltinDeveloper().develop(jobs))
    assert [plate.width for plate in plates] == [120, 122, 124, 126, 128, 130]


def test_a_broken_frame_costs_only_itself(tmp_path, picture):
    whole, cut, empty = tmp_path / "whole.jpg", tmp_path / "cut.jpg", tmp_path / "empty.jpg"
    picture(300, 200).save(whole)
    cut.write_bytes(whole.read_bytes()[:-2000])
    empty.touch()
    text, gone, folder = tmp_path / "text.jpg", tmp_path / "gone.jpg", tmp_path / "folder.jpg"
    text.write_text("not a picture")
    folder.mkdir()
    paths = [whole, cut, empty, text, gone, folder, whole]
    results = list(BuiltinDeveloper().develop([DevelopJob(path=path, width=90, height=60) for path in paths]))
    kinds = [type(result) for result in results]
    assert kinds == [Plate, *[FrameUnreadable] * 3, FrameMissing, FrameUnreadable, Plate]
    for path, result in zip(paths[1:6], results[1:6], strict=True):
        assert str(path) in str(result)


def test_a_jpeg_that_ends_in_zeros_is_no_grey_picture(tmp_path, picture):
    """What a card holds that was pulled out while its camera wrote."""
    path = tmp_path / "pulled.jpg"
    picture(900, 600).save(path, quality=95)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    assert "cut short" in str(develop(path))


def test_a_dng_under_another_name_is_not_taken_for_its_thumbnail(tmp_path, picture):
    path = tmp_path / "renamed.tif"
    tags = Image.Exif()
    tags[0xC612] = b"\x01\x04\x00\x00"
    picture(32, 32).save(path, exif=tags)
    assert "DNG" in str(develop(path))


def test_32_bit_samples_are_refused_by_name(tmp_path):
    path = tmp_path / "float.tif"
    Image.fromarray(np.zeros((8, 8), np.float32)).save(path)
    assert "32 bits" in str(develop(path))


@pytest.mark.filterwarnings("ignore")  # Pillow warns of damage that it can live with
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_gives_a_plate_or_a_named_fault_never_another_exception(tmp_path, picture, kind, data):
    packed = io.BytesIO()
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture(24, 16).save(packed, kind, exif=exif)
    damaged = bytearray(packed.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.bin"
    path.write_bytes(damaged[: data.draw(st.integers(1, len(damaged)))])
    assert isinstance(develop(path, 12, 8), Plate | FrameUnreadable)


def test_a_darktable_sidecar_is_refused_and_never_left_out_silently(tmp_path, picture):
    picture(30, 20).save(tmp_path / "frame.jpg")
    job = DevelopJob(path=tmp_path / "frame.jpg", width=30, height=20, recipe=Recipe(sidecar=b"<x:xmpmeta/>"))
    with pytest.raises(ToolError, match=r"only darktable.*apt install darktable.*--look none"):
        list(BuiltinDeveloper().develop([job]))


def test_a_recipe_is_obeyed_upright_and_in_16_bits(tmp_path, picture):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture(160, 100).save(tmp_path / "frame.png", exif=exif)
    recipe = Recipe(ev=-1.0, gains=(1.0, 0.5, 0.25))
    job = DevelopJob(path=tmp_path / "frame.png", width=80, height=50, recipe=recipe)
    (developed,) = BuiltinDeveloper().develop([job])
    assert isinstance(developed, Plate)
    assert developed.rgb.dtype == np.uint16
    before, after = (decoded_light(rgb) for rgb in (plate(tmp_path / "frame.png") / 255, developed.rgb / 65535))
    assert np.abs(after - before * [0.5, 0.25, 0.125]).max() < 2e-5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_16_bit_colours_come_as_they_are_however_they_lie(tmp_path, suffix, orientation):
    colours = np.random.default_rng(5).integers(0, 65536, (22, 31, 3), dtype=np.uint16)
    path = tmp_path / f"deep{suffix}"
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path.write_bytes(png16(colours, exif.tobytes()) if suffix == ".png" else b"")
    if suffix == ".tif":
        tag = (ORIENTATION, 3, 1, orientation, False)
        tifffile.imwrite(path, colours, photometric="rgb", extratags=[tag])
    shallow = Image.fromarray((colours >> 8).astype(np.uint8))
    shallow.save(tmp_path / f"shallow{suffix}", exif=exif)
    rgb = plate(path)
    assert rgb.dtype == np.uint16
    assert (rgb >> 8 == plate(tmp_path / f"shallow{suffix}")).all()
    if orientation == 1:
        assert (rgb == colours).all()


@pytest.mark.parametrize(
    "how",
    [
        {"byteorder": ">"},
        {"byteorder": "<", "compression": "zlib"},
        {"byteorder": ">", "compression": "zlib"},
        {"compression": "zlib", "predictor": 2},
        {"rowsperstrip": 5},
        {"tile": (16, 16)},
    ],
    ids=str,
)
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_tiff_of_every_build(tmp_path, how, channels):
    colours = np.random.default_rng(6).integers(0, 65536, (22, 31, channels), dtype=np.uint16)
    extra = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    tifffile.imwrite(tmp_path / "deep.tif", colours, photometric="rgb", **extra, **how)
    assert (plate(tmp_path / "deep.tif") == colours[..., :3]).all()


def test_16_bit_colours_with_another_profile_are_converted(tmp_path):
    data = np.full((8, 8, 3), 55 * 257, np.uint16)
    tifffile.imwrite(tmp_path / "linear.tif", data, photometric="rgb", iccprofile=_linear_profile())
    assert int(plate(tmp_path / "linear.tif")[4, 4, 1]) == pytest.approx(128, abs=2)


def png16(colours: np.ndarray, exif: bytes) -> bytes:
    """A PNG of 16 bits a sample, its rows filtered by all of the first three ways (PNG 3rd edition §9)."""
    rows = colours.astype(">u2").view(np.uint8).reshape(len(colours), -1)
    filtered = b""
    for index, row in enumerate(rows):
        left = np.concatenate([np.zeros(6, np.uint8), row[:-6]])
        above = rows[index - 1] if index else np.zeros_like(row)
        filtered += bytes([index % 3]) + (row - [np.zeros_like(row), left, above][index % 3]).tobytes()
    height, width = colours.shape[:2]
    head = struct.pack(">2I5B", width, height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"eXIf", exif), (b"IDAT", zlib.compress(filtered)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
