"""RAW frames by LibRaw: nothing of it may depend on the picture, and every bad file must be named."""

from __future__ import annotations

import builtins
import pickle
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dayspool.develop import BuiltinDeveloper, Developed, DevelopJob, Plate, Recipe, builtin_raw
from dayspool.develop.builtin_light import decoded_light
from dayspool.develop.builtin_raw import crop_of, levels_of, light_of, pinned, turned
from dayspool.develop.builtin_tone import BASE_EV, filmic
from dayspool.develop.sample import bayer, dng
from dayspool.errors import FrameMissing, FrameUnreadable, ToolMissing

BOX = {"width": 96, "height": 64}
CORNERS = (
    (0, 0),
    (0, 1),
    (1, 1),
    (1, 0),
)  # where EXIF's orientations 1 to 4, and 5 to 8, bring the first (row, column)
LOW_BOX = {"width": 48, "height": 32}
TINY_BOX = {"width": 8, "height": 8}


def flat(path: Path, light: float | tuple[float, float, float], **how: object) -> Path:
    """A DNG of an even surface; `light` is what the sensor sees of it, 1.0 filling it."""
    seen = np.broadcast_to(np.asarray(light, dtype=np.float64), (64, 96, 3))
    levels = {name: how[name] for name in ("black", "white") if name in how}
    path.write_bytes(dng(bayer(seen, **levels), **how))
    return path


def develop(path: Path, recipe: Recipe | None = None, levels=None, box: dict[str, int] = BOX) -> Developed:
    job = DevelopJob(path=path, recipe=recipe or Recipe(), **box)
    (developed,) = BuiltinDeveloper(levels).develop([job])
    return developed


def rgb_of(*args, **kwargs) -> np.ndarray:
    developed = develop(*args, **kwargs)
    assert isinstance(developed, Plate), developed
    return developed.rgb


def middle(path: Path, levels=None, box: dict[str, int] = BOX) -> np.ndarray:
    """The linear light in the middle, 1.0 being a full sensor."""
    return light_of(DevelopJob(path=path, **box), levels)[16, 24] / 65535


@pytest.mark.parametrize("box", [BOX, LOW_BOX], ids=["interpolated", "half size"])
def test_light_is_in_the_ratio_in_which_the_sensor_saw_it(tmp_path, box):
    first = middle(flat(tmp_path / "first.dng", 0.25), box=box)
    assert first == pytest.approx([0.25] * 3, rel=5e-4)
    for ev in (-3, -2, -1, -0.5, 0.5, 1, 1.5):
        other = middle(flat(tmp_path / "other.dng", 0.25 * 2**ev), box=box)
        assert np.abs(np.log2(other / first) - ev).max() < 1e-3


@pytest.mark.parametrize(("black", "white"), [(0, 65535), (512, 16383), (800, 16300), (2048, 15360)])
def test_black_and_white_are_those_of_the_file(tmp_path, black, white):
    path = flat(tmp_path / "flat.dng", 0.25, black=black, white=white)
    levels = levels_of(path)
    assert levels.black == (black,) * 4
    assert levels.white == white
    assert middle(path, levels) == pytest.approx([0.25] * 3, rel=1e-3)


def test_pinned_levels_hold_for_every_frame_whatever_its_own_file_says(tmp_path):
    first = flat(tmp_path / "first.dng", (0.1, 0.2, 0.05), as_shot_neutral=(0.5, 1.0, 0.25))
    second = flat(tmp_path / "second.dng", (0.1, 0.2, 0.05), as_shot_neutral=(0.9, 1.0, 0.9))
    levels = pinned([first])
    assert levels is not None
    assert levels.multipliers == pytest.approx((2.0, 1.0, 4.0, 1.0), rel=1e-3)
    assert middle(first, levels) == pytest.approx([0.2, 0.2, 0.2], rel=2e-3)
    assert (rgb_of(first, levels=levels) == rgb_of(second, levels=levels)).all()
    assert (rgb_of(first) == rgb_of(second)).all(), "unpinned frames get daylight, never the camera's choice"


@pytest.mark.parametrize(
    "coded",
    [{"black": 128, "white": 4095}, {"black": 800, "white": 16383}, {"black": 2048, "white": 65535}],
    ids=["fewer bits", "another black", "more bits"],
)
def test_a_frame_that_counts_otherwise_shows_the_same_light_in_the_balance_of_all(tmp_path, coded):
    """The camera went to 12 bits for a burst, say: a file is believed what it says of its counts, not its balance."""
    seen, neutral = (0.1, 0.2, 0.05), (0.5, 1.0, 0.25)
    first = flat(tmp_path / "first.dng", seen, black=512, white=16383, as_shot_neutral=neutral)
    other = flat(tmp_path / "other.dng", seen, **coded)
    for levels in (pinned([first]), replace(levels_of(other), multipliers=levels_of(first).multipliers)):
        assert middle(first, levels) == pytest.approx([0.2] * 3, rel=3e-3)
        assert middle(other, levels) == pytest.approx([0.2] * 3, rel=3e-3)


@pytest.mark.parametrize("coded", [{"black": 515, "white": 16383}, {"black": 512, "white": 13000}])
def test_what_a_camera_measures_anew_for_every_frame_is_pinned(tmp_path, coded):
    first = levels_of(flat(tmp_path / "first.dng", 0.2, black=512, white=16383))
    assert first.for_frame(levels_of(flat(tmp_path / "other.dng", 0.2, **coded))) is first


def test_a_frame_by_another_camera_model_gets_what_its_own_file_says(tmp_path):
    first = levels_of(flat(tmp_path / "first.dng", 0.2, as_shot_neutral=(0.5, 1.0, 0.5)))
    other = replace(levels_of(flat(tmp_path / "other.dng", 0.2)), daylight=(1.9, 1.0, 1.4, 1.0))
    assert first.for_frame(other) == replace(other, multipliers=(1.9, 1.0, 1.4, 1.0))


def test_levels_are_pinned_by_the_middle_frame_or_the_next_that_can_be_read(tmp_path):
    broken = tmp_path / "broken.dng"
    broken.write_bytes(b"II*\0 no more")
    whole = flat(tmp_path / "whole.dng", 0.2)
    other = flat(tmp_path / "other.dng", 0.2, as_shot_neutral=(0.5, 1.0, 0.5))
    assert pinned([other, whole, other]) == levels_of(whole)
    assert pinned([other, tmp_path / "gone.dng", broken, whole]) == levels_of(whole)
    assert pinned([whole, tmp_path / "gone.dng", broken]) == levels_of(whole)
    assert pinned([broken]) is None
    assert pinned([]) is None


def test_a_bright_corner_changes_nothing_elsewhere(tmp_path):
    """LibRaw left to itself would brighten, or move white, by what the picture holds."""
    plain = np.full((64, 96, 3), 0.1)
    lit = plain.copy()
    lit[:16, :16] = 0.97
    (tmp_path / "plain.dng").write_bytes(dng(bayer(plain)))
    (tmp_path / "lit.dng").write_bytes(dng(bayer(lit)))
    assert (rgb_of(tmp_path / "plain.dng")[32:, 32:] == rgb_of(tmp_path / "lit.dng")[32:, 32:]).all()


@pytest.mark.parametrize("ev", [-3.0, -1.0, 0.0, 0.5, 2.0])
def test_exposure_and_gains_multiply_the_scene_before_the_tone_curve(tmp_path, ev):
    path = flat(tmp_path / "flat.dng", 0.1)
    seen = middle(path)
    shown = decoded_light(rgb_of(path, Recipe(ev=ev, gains=(1.0, 0.5, 2.0)))[16, 24] / 65535)
    wanted = filmic(seen * 2 ** (BASE_EV + ev) * [1.0, 0.5, 2.0])
    assert shown == pytest.approx(wanted, abs=4e-5)


def test_a_full_sensor_is_white_without_a_cast(tmp_path):
    path = flat(tmp_path / "full.dng", 1.0, as_shot_neutral=(0.5, 1.0, 0.6))
    assert (rgb_of(path, levels=pinned([path])) == 65535).all()


@pytest.mark.parametrize(
    ("orientation", "corner"), [*zip((1, 2, 3, 4), CORNERS, strict=True), *zip((5, 6, 7, 8), CORNERS, strict=True)]
)
@pytest.mark.parametrize("box", [{"width": 200, "height": 200}, {"width": 24, "height": 24}], ids=["full", "half"])
def test_stands_upright(tmp_path, orientation, corner, box):
    seen = np.full((64, 96, 3), 0.02)
    seen[:32, :48] = 0.6
    path = tmp_path / "turned.dng"
    path.write_bytes(dng(bayer(seen), orientation=orientation))
    rgb = rgb_of(path, box=box)
    lying = orientation <= 4
    assert (rgb.shape[1] > rgb.shape[0]) is lying
    height, width = rgb.shape[0] // 2, rgb.shape[1] // 2
    quarters = {
        (y, x): rgb[y * height : (y + 1) * height, x * width : (x + 1) * width].mean() for y in (0, 1) for x in (0, 1)
    }
    assert max(quarters, key=quarters.__getitem__) == corner


@pytest.mark.parametrize(
    ("box", "shape"),
    [((48, 32), (32, 48)), ((49, 32), (64, 96)), ((48, 33), (64, 96)), ((1, 1), (32, 48)), ((500, 1), (64, 96))],
)
def test_half_the_size_where_that_still_covers_the_box(tmp_path, box, shape):
    path = flat(tmp_path / "flat.dng", 0.2)
    assert rgb_of(path, box={"width": box[0], "height": box[1]}).shape[:2] == shape


def sizes(**crop: int) -> SimpleNamespace:
    whole = {"left_margin": 12, "top_margin": 8, "width": 5496, "height": 3672}
    margins = {f"crop_{name}": 0 for name in ("left_margin", "top_margin", "width", "height")}
    return SimpleNamespace(**whole, **margins | {f"crop_{name}": value for name, value in crop.items()})


@pytest.mark.parametrize(
    ("given_sizes", "window"),
    [
        (sizes(), (0, 0, 5496, 3672)),
        (sizes(left_margin=24, top_margin=20, width=5472, height=3648), (12, 12, 5472, 3648)),
        (sizes(left_margin=24, top_margin=20, width=5500, height=3648), (0, 0, 5496, 3672)),
        (sizes(left_margin=0, top_margin=20, width=5472, height=3648), (0, 0, 5496, 3672)),
        (sizes(left_margin=24, top_margin=20, width=160, height=120), (0, 0, 5496, 3672)),
    ],
)
def test_the_cameras_own_crop_is_obeyed_if_it_makes_sense(given_sizes, window):
    assert crop_of(given_sizes) == window


def entry(data: bytearray, tag: int) -> int:
    """Where in a DNG of ours a field begins, to be made another one of its length: DNG 1.4 has more than ours."""
    count = int.from_bytes(data[8:10], "little")
    return next(at for at in range(10, 10 + 12 * count, 12) if int.from_bytes(data[at : at + 2], "little") == tag)


@pytest.mark.parametrize(
    ("orientation", "box", "shape"), [(1, BOX, (32, 64)), (6, BOX, (64, 32)), (3, TINY_BOX, (16, 32))]
)
def test_a_raw_is_cut_as_its_camera_says(tmp_path, orientation, box, shape):
    seen = np.full((64, 96, 3), 0.02)
    seen[10:42, 20:84] = 0.5
    data = bytearray(dng(bayer(seen), orientation=orientation))
    struct.pack_into("<HHI2H", data, entry(data, 306), 50719, 3, 2, 20, 10)  # DateTime becomes DefaultCropOrigin
    struct.pack_into("<HHI2H", data, entry(data, 50708), 50720, 3, 2, 64, 32)  # UniqueCameraModel: DefaultCropSize
    (tmp_path / "cut.dng").write_bytes(data)
    rgb = rgb_of(tmp_path / "cut.dng", box=box)
    assert rgb.shape[:2] == shape
    assert rgb.min() > 50000, "nothing of what lies around"


@pytest.mark.parametrize(
    ("scale", "shape"), [((2, 1, 1, 1), (64, 192)), ((1, 1, 2, 1), (128, 96))], ids=["wide", "high"]
)
def test_photosites_that_are_not_square_cost_nothing_of_the_picture(tmp_path, scale, shape):
    data = bytearray(dng(bayer(np.full((64, 96, 3), 0.2))))
    at = entry(data, 50708)  # UniqueCameraModel is as long as a DefaultScale
    struct.pack_into("<HHI", data, at, 50718, 5, 2)
    struct.pack_into("<4I", data, int.from_bytes(data[at + 8 : at + 12], "little"), *scale)
    (tmp_path / "stretched.dng").write_bytes(data)
    assert rgb_of(tmp_path / "stretched.dng").shape[:2] == shape


@pytest.mark.parametrize("channels", [1, 3], ids=["monochrome", "three colours"])
@pytest.mark.parametrize("box", [BOX, TINY_BOX], ids=["all of it", "more than asked for"])
def test_a_raw_without_a_mosaic_is_developed_too(tmp_path, channels, box):
    """As monochrome cameras and denoising programs write them; LibRaw has no half size of these."""
    black, white = 512, 4095
    light = np.linspace(0.1, 0.5, 96)[np.newaxis, :, np.newaxis] * np.ones((64, 1, channels))
    counts = np.rint(black + light * (white - black)).astype(np.uint16)
    tags = [
        (50706, 1, 4, bytes((1, 4, 0, 0)), True),  # DNGVersion
        (50708, 2, 0, "dayspool sample", True),  # UniqueCameraModel
        (50714, 3, channels, (black,) * channels, True),  # BlackLevel
        (50717, 4, channels, (white,) * channels, True),  # WhiteLevel
    ]
    path = tmp_path / "linear.dng"
    kind = "minisblack" if channels == 1 else "rgb"
    tifffile.imwrite(path, counts.squeeze(), photometric=kind, extratags=tags, metadata=None)
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, entry(data, 262) + 8, 34892)  # PhotometricInterpretation becomes LinearRaw
    path.write_bytes(data)
    seen = light_of(DevelopJob(path=path, **box), pinned([path])) / 65535
    assert seen.shape == (64, 96, 3)
    assert np.abs(np.log2(seen / light)).max() < 2e-3


@pytest.mark.parametrize("flip", range(8))
def test_turning_follows_the_definition_by_pixels(flip):
    stored = np.arange(2 * 3 * 3, dtype=np.uint16).reshape(2, 3, 3)
    upright = turned(stored, flip)
    for row in range(upright.shape[0]):
        for column in range(upright.shape[1]):
            y, x = (column, row) if flip & 4 else (row, column)
            y, x = (1 - y if flip & 2 else y), (2 - x if flip & 1 else x)
            assert (upright[row, column] == stored[y, x]).all()


def test_threads_give_what_one_gives(tmp_path):
    paths = [flat(tmp_path / f"{number}.dng", 0.05 * number) for number in range(1, 9)]
    levels = pinned(paths)
    one_by_one = [rgb_of(path, levels=levels) for path in paths]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda path: rgb_of(path, levels=levels), paths))
    assert all((one == other).all() for one, other in zip(one_by_one, together, strict=True))


def test_a_developer_sent_to_another_process_keeps_the_levels_of_the_shoot(tmp_path):
    path = flat(tmp_path / "flat.dng", 0.2, as_shot_neutral=(0.5, 1.0, 0.25))
    sent = pickle.loads(pickle.dumps(BuiltinDeveloper(pinned([path]))))
    (plate,) = sent.develop([DevelopJob(path=path, **BOX)])
    assert (plate.rgb == rgb_of(path, levels=pinned([path]))).all()
    fault = pickle.loads(pickle.dumps(develop(tmp_path / "gone.dng")))
    assert isinstance(fault, FrameMissing)


def test_bad_files_are_named_and_cost_only_themselves(tmp_path):
    whole, cut, half = flat(tmp_path / "whole é\n.dng", 0.2), tmp_path / "cut.dng", tmp_path / "half.ARW"
    cut.write_bytes(whole.read_bytes()[:-2])
    half.write_bytes(whole.read_bytes()[:5000])
    empty, text, gone, jpeg = (tmp_path / f"{name}.arw" for name in ("empty", "text", "gone", "jpeg"))
    empty.touch()
    text.write_text("no picture at all " * 400)
    jpeg.write_bytes(b"\xff\xd8\xff\xe0" + bytes(3000))
    folder = tmp_path / "folder.arw"
    folder.mkdir()
    paths = [whole, cut, half, empty, text, gone, jpeg, folder, whole]
    developed = list(BuiltinDeveloper().develop([DevelopJob(path=path, **BOX) for path in paths]))
    kinds = [type(one) for one in developed]
    assert kinds == [Plate, *[FrameUnreadable] * 4, FrameMissing, *[FrameUnreadable] * 2, Plate]
    for path, fault in list(zip(paths, developed, strict=True))[1:-1]:
        assert str(path) in str(fault)
    assert all("cut short" in str(fault) for fault in developed[1:3])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_gives_a_plate_or_a_named_fault_never_another_exception(tmp_path, data):
    damaged = bytearray(dng(bayer(np.full((32, 32, 3), 0.2))))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, 700))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.dng"
    path.write_bytes(damaged[: data.draw(st.integers(1, len(damaged)))])
    assert isinstance(develop(path, box={"width": 16, "height": 16}), Plate | FrameUnreadable)


def test_without_rawpy_a_raw_says_what_to_install_and_a_jpeg_does_not_care(tmp_path, picture, monkeypatch):
    load = builtins.__import__

    def without(name: str, *args, **kwargs):
        if name == "rawpy":
            raise ModuleNotFoundError("No module named 'rawpy'", name=name)
        return load(name, *args, **kwargs)

    of_elsewhere = BuiltinDeveloper(levels_of(flat(tmp_path / "flat.dng", 0.2)))
    monkeypatch.delitem(sys.modules, "rawpy", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    picture(30, 20).save(tmp_path / "frame.jpg")
    assert isinstance(develop(tmp_path / "frame.jpg"), Plate)
    with pytest.raises(ToolMissing, match=r"pip install 'dayspool\[film\]', or apt install darktable"):
        develop(flat(tmp_path / "flat.dng", 0.2))
    assert BuiltinDeveloper().probe().ok
    assert "no RAW" in BuiltinDeveloper().probe().detail
    assert isinstance(of_elsewhere.probe().fault, ToolMissing)


@pytest.mark.parametrize(
    ("known", "written", "white"),
    [
        (16383, None, 16383),
        (16383, [0, 0, 0, 0], 16383),
        (16383, [16300, 16300, 16280, 16300], 16280),
        (16383, [500, 500, 500, 500], 16383),
        (15360, [16383] * 4, 15360),
    ],
)
def test_white_is_what_the_camera_wrote_if_that_can_be(known, written, white):
    said = SimpleNamespace(white_level=known, camera_white_level_per_channel=written)
    assert builtin_raw._white(said) == white


@pytest.mark.parametrize(
    ("read", "multipliers"),
    [
        ([2304.0, 1024.0, 1792.0, 1024.0], (2.25, 1.0, 1.75, 1.0)),
        ([2.0, 1.0, 1.5, 0.0], (2.0, 1.0, 1.5, 1.0)),
        ([0.0, 0.0, 0.0, 0.0], None),
        ([-1.0, 1.0, 1.0, 1.0], None),
    ],
)
def test_multipliers_are_told_as_green_is_one(read, multipliers):
    assert builtin_raw._four(read) == multipliers


def test_a_sensor_without_colours_makes_a_grey_picture():
    grey = np.arange(6, dtype=np.uint16).reshape(2, 3)
    for light in (grey, grey[..., np.newaxis]):
        assert (builtin_raw._three(light) == np.stack([grey] * 3, axis=2)).all()
