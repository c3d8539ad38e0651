"""The installed darktable, asked to develop real files."""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.introspect import shipped
from dayspool.develop.sample import bayer, dng
from dayspool.develop.selftest import linear
from dayspool.errors import FrameError, FrameMissing, FrameUnreadable, SidecarUnreadable
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.step import Step
from tests.sidecar.spellings import Spelling

pytestmark = pytest.mark.tools

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def developer() -> DarktableDeveloper:
    developer = DarktableDeveloper()
    info = developer.probe()
    assert info.ok, info.detail
    return developer


def jobs(paths: list[Path], width: int = 4000, height: int = 4000) -> list[DevelopJob]:
    return [DevelopJob(path=path, width=width, height=height) for path in paths]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise in dB of a 16-bit plate against 8-bit pixels."""
    return float(10 * np.log10(255**2 / np.mean((one / 257 - other.astype(float)) ** 2)))


def test_probe_knows_its_version(developer):
    assert developer.probe().version[0].isdigit()


def test_an_untouched_jpeg_comes_back_as_it_is_and_scaled_as_lanczos_does(developer, tmp_path, picture):
    path = tmp_path / "frame.jpg"
    picture(600, 400).save(path, quality=95)
    source = Image.open(path).convert("RGB")
    same, smaller = developer.develop([*jobs([path]), *jobs([path], 240, 135)])
    assert same.rgb.dtype == np.uint16
    assert psnr(same.rgb, np.asarray(source)) > 80
    assert (smaller.width, smaller.height) == (240, 160)
    assert psnr(smaller.rgb, np.asarray(source.resize((240, 160), Image.Resampling.LANCZOS))) > 46


def test_names_do_not_matter_and_nothing_beside_the_originals_changes(developer, awkward):
    folder = awkward[0].parent
    for number, path in enumerate(awkward):  # of one size, for one process
        Image.new("RGB", (96, 64), (200 - 20 * number,) * 3).save(path, "JPEG")
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    plates = list(developer.develop(jobs(awkward)))
    assert [round(plate.rgb.mean() / 257) for plate in plates] == [200, 180, 160, 140, 120, 100]
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()} == before


def test_stands_upright(developer, tmp_path, picture):
    undo = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    upright = picture(300, 200)
    for orientation, turn in undo.items():
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        upright.transpose(turn).save(tmp_path / f"{orientation}.jpg", quality=95, exif=exif)
    for plate in developer.develop(jobs([tmp_path / f"{orientation}.jpg" for orientation in undo])):
        assert abs(plate.width - 300) <= 2
        reference = upright.resize((plate.width, plate.height), Image.Resampling.BICUBIC)
        assert psnr(plate.rgb, np.asarray(reference)) > 36  # darktable shifts a turned picture by half a pixel


def test_broken_frames_cost_only_themselves(developer, tmp_path, picture):
    whole, cut, empty = tmp_path / "whole.jpg", tmp_path / "cut.jpg", tmp_path / "empty.jpg"
    picture(300, 200).save(whole, quality=95)
    cut.write_bytes(whole.read_bytes()[:-3000])
    empty.touch()
    text, raw = tmp_path / "text.png", tmp_path / "junk.ARW"
    text.write_text("no picture")
    raw.write_bytes(b"II*\0" + bytes(range(256)) * 40)
    other = tmp_path / "other.png"
    picture(200, 300).save(other)
    paths = [whole, cut, empty, text, raw, tmp_path / "gone.jpg", other, *raws(tmp_path)]
    results = list(developer.develop(jobs(paths, 90, 50)))
    kinds = [type(result) for result in results]
    assert kinds == [Plate, *[FrameUnreadable] * 4, FrameMissing, Plate, Plate, FrameUnreadable, FrameUnreadable]
    sizes = [(result.width, result.height) for result in results if isinstance(result, Plate)]
    assert sizes == [(90, 60), (90, 135), (90, 60)]
    assert "TIFF" in str(results[4])  # darktable's own reason is passed on
    for path, result in zip(paths, results, strict=True):
        assert isinstance(result, Plate) or (isinstance(result, FrameError) and str(path) in str(result))


def raws(folder: Path) -> list[Path]:
    """A whole RAW, one cut short, and a picture that only says that it is one."""
    paths = [folder / name for name in ("whole raw.dng", "cut.dng", "jpeg.arw")]
    data = dng(bayer(np.full((96, 144, 3), 0.2)))
    paths[0].write_bytes(data)
    paths[1].write_bytes(data[:-9000])
    paths[2].write_bytes(b"\xff\xd8\xff\xe0" + bytes(4000))
    return paths


def test_a_recipe_is_for_its_frame_alone_and_what_lies_beside_a_frame_is_for_nobody(developer, tmp_path):
    paths = [tmp_path / name for name in ("plain.jpg", "beside.jpg", "edited.jpg")]
    for path in paths:
        Image.new("RGB", (192, 128), (90, 90, 90)).save(path, quality=95)
    edit = brighter(1.0)
    (tmp_path / "beside.jpg.xmp").write_bytes(edit)
    made = developer.develop(
        [*jobs(paths[:2], 96, 54), DevelopJob(path=paths[2], width=96, height=54, recipe=Recipe(sidecar=edit, ev=0.5))]
    )
    plain, beside, edited = (float(linear(plate.rgb).mean()) for plate in made)
    assert np.log2(beside / plain) == pytest.approx(0.0, abs=1e-6)
    assert np.log2(edited / plain) == pytest.approx(1.5, abs=0.002)
    assert (tmp_path / "beside.jpg.xmp").read_bytes() == edit


def test_an_edit_that_this_darktable_would_ignore_costs_its_frame_alone(developer, tmp_path, picture):
    path = tmp_path / "frame.jpg"
    picture(96, 64).save(path)
    edit = Sidecar.read(brighter(1.0), where="its sidecar")
    later = edit.with_steps([replace(edit.steps[0], version=9, params=bytes(40))])
    foreign = edit.with_steps([replace(edit.steps[0], operation="starfinder")])
    off = edit.with_steps([*edit.steps, replace(foreign.steps[0], enabled=False)])
    sidecars = [later.data, foreign.data, off.data]
    first, second, third = developer.develop(
        [DevelopJob(path=path, width=96, height=64, recipe=Recipe(sidecar=data)) for data in sidecars]
    )
    assert isinstance(first, SidecarUnreadable)
    assert "exposure, which would be ignored: its parameters are of version 9, and darktable 4.2.1 knows 6" in str(
        first
    )
    assert "has no such module" in str(second)
    assert isinstance(third, Plate)


BLENDED = struct.pack("<4If", 1, 4, 24, 0, 50.0).ljust(420, b"\0")  # half of it, as version 11 has it
CIRCLE = Mask(num=0, id=1, type=1, name="", version=7, points=bytes(16), count=1)


def test_what_darktable_would_ignore_of_a_module_is_refused(developer, tmp_path, picture):
    """Measured with 4.2.1, all with status 0: a step too short is dropped, later blending and masks are as if none."""
    path = tmp_path / "frame.jpg"
    picture(96, 64).save(path)
    edit = Sidecar.read(brighter(1.0))
    (step,) = edit.steps
    half = replace(step, blend_version=11, blend=BLENDED)
    idle = replace(step, blend_version=12, blend=bytes(420))
    edits = [
        edit.with_steps([replace(step, version=6)]),
        edit.with_steps([replace(half, blend_version=12)]),
        edit.with_steps([half]).with_masks([CIRCLE]),
        edit.with_steps([half]).with_masks([replace(CIRCLE, version=6)]),
        edit.with_steps([idle]).with_masks([CIRCLE]),
        edit.with_steps([step, replace(half, blend_version=12, enabled=False, operation="sharpen")]),
    ]
    jobs = [DevelopJob(path=path, width=96, height=64, recipe=Recipe(sidecar=edit.data)) for edit in edits]
    short, blended, masked, *fine = developer.develop(jobs)
    assert "exposure, which would be ignored: its parameters have the wrong length, 20 instead of the 24" in str(short)
    assert "its blending is of version 12, and darktable 4.2.1 knows 11" in str(blended)
    assert "its masks are of version 7, and darktable 4.2.1 knows 6" in str(masked)
    assert {type(one) for one in (short, blended, masked)} == {SidecarUnreadable}
    assert [type(one) for one in fine] == [Plate] * 3


ODD = {
    "another prefix": Spelling(dt="dt", apart=True),
    "another prefix for RDF": Spelling(rdf="r", elements=True, nested=True),
    "a comment before its root": Spelling(prolog="<?xml version='1.0'?>\r\n<!-- mine -->", wrapper=True),
    "UTF-16": Spelling(prolog="<?xml version='1.0' encoding='UTF-16'?>", codec="utf-16", squeezed=True),
    "a byte order mark": Spelling(codec="utf-8-sig", quote="'", foreign="tail"),
}


def test_an_edit_is_obeyed_however_it_is_spelt(developer, tmp_path):
    """darktable-cli passes over most of these without a word, and ends with status 0."""
    path = tmp_path / "grey.jpg"
    Image.new("RGB", (96, 64), (90, 90, 90)).save(path, quality=95)
    (step,) = Sidecar.read(brighter(1.0)).steps
    edits = [Sidecar.read(spelling.document([step], 1)).with_order(3).data for spelling in ODD.values()]
    edits[0] = edits[0].replace(b"<x:xmpmeta", b"<x:xmpmeta x:xmptk='XMP Core 4.4.0-Exiv2'")  # as scripts leave it
    recipes = [Recipe(), *(Recipe(sidecar=edit, ev=ev) for ev in (0.0, -1.0) for edit in edits)]
    made = developer.develop([DevelopJob(path=path, width=96, height=64, recipe=recipe) for recipe in recipes])
    plain, *others = (float(linear(plate.rgb).mean()) for plate in made)
    said = dict(zip([*ODD, *(f"{odd} and ours" for odd in ODD)], np.log2(np.array(others) / plain), strict=True))
    assert said == pytest.approx(dict.fromkeys(ODD, 1.0) | {f"{odd} and ours": 0.0 for odd in ODD}, abs=0.002)


def test_a_crop_to_a_panorama_still_covers_the_box(developer, tmp_path, picture):
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for path in paths:
        picture(480, 320).save(path, quality=95)
    middle = Step(operation="crop", version=1, params=struct.pack("<4f2i", 0.0, 0.375, 1.0, 0.625, -1, -1))
    recipe = Recipe(sidecar=Sidecar.blank(raw=False).with_steps([middle]).data)
    boxes = [DevelopJob(path=path, width=96, height=54, recipe=recipe) for path in paths]
    for plate in developer.develop(boxes):  # 480×80 px of the picture
        assert plate.height == 54
        assert abs(plate.width - 324) <= 2


def test_grain_is_the_same_whatever_is_developed_along_with_it(developer, tmp_path, picture):
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for path in paths:
        picture(96, 64).save(path, quality=95)
    grain = shipped().find("grain")
    step = Step(operation="grain", version=grain.version, params=grain.defaults)
    recipe = Recipe(sidecar=Sidecar.blank(raw=False).with_steps([step]).data)
    wanted = [DevelopJob(path=path, width=96, height=64, recipe=recipe) for path in paths]
    first, second, third = (plate.rgb for plate in developer.develop(wanted))
    (alone,) = (plate.rgb for plate in developer.develop(wanted[2:]))
    assert not np.array_equal(first, second)
    assert np.array_equal(third, alone)


def test_several_workers_at_once(developer, tmp_path, picture):
    paths = [tmp_path / f"{number}.jpg" for number in range(6)]
    for number, path in enumerate(paths):
        picture(100 + 2 * (number // 2), 80).save(path)
    with ThreadPoolExecutor(3) as pool:
        chunks = pool.map(lambda chunk: list(developer.develop(jobs(chunk))), [paths[:2], paths[2:4], paths[4:]])
        assert [plate.width for chunk in chunks for plate in chunk] == [100, 100, 102, 102, 104, 104]


def brighter(ev: float) -> bytes:
    """An edit with the exposure module alone, in version 5 of its parameters."""
    params = struct.pack("<iffff", 0, 0.0, ev, 50.0, -4.0)
    return Sidecar.blank(raw=False).with_steps([Step(operation="exposure", version=5, params=params)]).data
