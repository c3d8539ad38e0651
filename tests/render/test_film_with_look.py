"""Looks all the way into films: what was edited in a few pictures, or said in a plan, is seen in every frame."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dayspool.cli.wished import wished
from dayspool.core.events import OriginalKept
from dayspool.develop.introspect import shipped
from dayspool.develop.sample import bayer, dng
from dayspool.journal import JournalWriter
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed
from tests.processes import run, run_json

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
NAMES = ["1 'a'.dng", '2 "b".dng', "3 ü.dng", "4\nd.dng", "5.dng", "6 & <g>.dng", "7 $HOME.dng", "8.DNG", "9 %.dng"]
BROKEN = 4
LIGHT = 0.2  # linear, of 1.0


def levels(film: Path) -> np.ndarray:
    """Return the mean of each frame in linear light; a grey picture's luma is its sRGB code."""
    with av.open(str(film)) as container:
        lumas = [frame.to_ndarray()[: frame.height].mean() for frame in container.decode(video=0)]
    codes = (np.array(lumas) - 16) / 219
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def evs(film: Path) -> np.ndarray:
    """Return how much brighter than the first frame each of them is, in EV."""
    light = levels(film)
    return np.log2(light / light[0])


def edit(ev: float) -> bytes:
    """A sidecar as of a person who changed the exposure alone."""
    module = shipped().find("exposure")
    assert module is not None
    assert module.defaults is not None
    params = packed(module, module.defaults, {"exposure": ev, "mode": 0, "black": 0.0, "compensate_exposure_bias": 0})
    step = Step(operation="exposure", version=module.version, params=params)
    return Sidecar.blank(raw=True).with_steps((step,)).data


def hashes(*folders: Path) -> dict[Path, str]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.suffix not in {".mp4", ".db"}}


@pytest.fixture(scope="module")
def raws(tmp_path_factory) -> Path:
    """Nine RAW files of one grey, ten seconds apart, with names that no shell likes; one of them is cut short."""
    folder = tmp_path_factory.mktemp("raws") / "ein 'Sommer'\nü"
    folder.mkdir()
    mosaic = bayer(np.full((64, 96, 3), LIGHT, np.float32))
    for number, name in enumerate(NAMES):
        data = dng(mosaic, taken=NOON + timedelta(seconds=10 * number))
        (folder / name).write_bytes(data[: -len(data) // 2] if number == BROKEN else data)
    return folder


@pytest.mark.tools
def test_raw_files_follow_the_keyframes_edited_in_darktable(raws, tmp_path):
    shoot = tmp_path / 'der "Film"\nä'
    assert run_json("import", shoot, raws)["imported"] == len(NAMES)
    for slot, ev in ((0, 0.0), (8, 2.0)):
        (shoot / "frames" / f"{slot:06d}.dng.xmp").write_bytes(edit(ev))
    before = hashes(raws, shoot)
    (shoot / "shoot.toml").write_text('[look]\nbetween = "linear"  # evenly\n')

    done = run_json("render", shoot, "--preset", "preview", "--workers", "2")

    assert done["developer"] == "darktable"
    assert done["look"]["keyframes"] == [0, 8]
    assert done["pictures"] == {"source": "wifi", "raw": True, "recovered": [], "without": []}
    assert [(left["slot"], "000004.dng" in left["reason"]) for left in done["left_out"]] == [(BROKEN, True)]
    expected = [2.0 * slot / 8 for slot in range(len(NAMES)) if slot != BROKEN]
    assert evs(Path(done["film"])) == pytest.approx(expected, abs=0.03)  # 8 bits of luma
    assert {path: known for path, known in hashes(raws, shoot).items() if path in before} == before

    plain = run_json("render", shoot, "--preset", "preview", "--look", "none", "-o", tmp_path / "plain.mp4")
    assert plain["look"]["keyframes"] == []
    assert evs(tmp_path / "plain.mp4") == pytest.approx([0.0] * (len(NAMES) - 1), abs=0.01)


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> Path:
    """A shoot of five grey JPEGs."""
    folder = tmp_path_factory.mktemp("five")
    (folder / "in").mkdir()
    for number in range(5):
        picture = Image.new("RGB", (96, 64), (80, 80, 80))
        exif = picture.getexif()
        exif.get_ifd(0x8769)[0x9003] = f"2026:06:21 12:00:{number:02d}"
        picture.save(folder / "in" / f"{number}.jpg", exif=exif, quality=95)
    run("import", folder / "shoot", folder / "in")
    return folder / "shoot"


@pytest.fixture
def jpegs(imported, tmp_path) -> Path:
    """A copy of it that is ours alone."""
    return shutil.copytree(imported, tmp_path / "shoot")


def test_a_ramp_in_the_plan_needs_no_darktable(jpegs):
    (jpegs / "shoot.toml").write_text('[look.ramp]\n"exposure.exposure" = {"0%" = 0.0, "50%" = 1.0, "100%" = 0}\n')
    done = run_json("render", jpegs, "--preset", "preview")
    assert done["developer"] == "builtin"
    assert evs(Path(done["film"]))[[0, 2, 4]] == pytest.approx([0, 1, 0], abs=0.03)


@pytest.mark.parametrize(("zone", "hour"), [("", 12), ('zone = "Europe/Berlin"', 10)])
def test_the_camera_clock_of_an_import_is_that_of_the_plans_zone(jpegs, zone, hour):
    (jpegs / "shoot.toml").write_text(f"{zone}\n[look]\n")
    made_of = wished(jpegs, look=None, pictures=None)
    assert made_of.pictures[0].utc == datetime(2026, 6, 21, hour, tzinfo=UTC)


def test_a_curve_in_the_plan_is_drawn_by_the_built_in_developer(jpegs):
    (jpegs / "shoot.toml").write_text("[look]\ncurve = [[0, 0], [0.3137, 0.5], [1, 1]]\n")
    done = run_json("render", jpegs, "--preset", "preview")
    assert levels(Path(done["film"]))[0] == pytest.approx(0.214, abs=0.01)


def test_mistakes_in_the_look_are_told_before_anything_is_developed(jpegs):
    (jpegs / "shoot.toml").write_text('[look]\nbetwen = "linear"\nkeyframes = "all"\n')
    said = run("render", jpegs, code=2).stderr
    assert "shoot.toml:2: look.betwen: unknown; did you mean between?" in said
    assert "shoot.toml:3: look.keyframes: 'all' chooses no keyframes" in said
    assert not (jpegs / "films").exists()


def test_a_look_that_is_not_there_is_misuse(jpegs):
    assert "nowhere.dtstyle" in run("render", jpegs, "--look", "nowhere.dtstyle", code=2).stderr


def test_a_broken_sidecar_is_named_and_left_as_it_is(jpegs):
    sidecar = jpegs / "frames" / "000002.jpg.xmp"
    sidecar.write_bytes(b"<x:xmpmeta")
    said = run("render", jpegs, code=1).stderr
    assert str(sidecar) in said
    assert sidecar.read_bytes() == b"<x:xmpmeta"


def test_originals_from_the_card_are_asked_for_by_option(jpegs):
    (jpegs / "cards").mkdir()
    with JournalWriter(jpegs, lambda: NOON) as journal:
        for slot in range(4):
            name = f"{slot:06d}.JPG"
            Image.new("RGB", (192, 128), (40 * slot, 90, 90)).save(jpegs / "cards" / name)
            journal.append(
                OriginalKept(slot=slot, name=name, source_name=name, size_bytes=1, digest=name, confidence=1.0)
            )
    auto = run_json("render", jpegs, "--preset", "preview")
    assert (auto["pictures"]["source"], auto["frames"], auto["width"]) == ("wifi", 5, 96)
    card = run_json("render", jpegs, "--preset", "preview", "--pictures", "card")
    assert (card["pictures"]["without"], card["frames"], card["width"]) == ([4], 4, 192)
    (jpegs / "frames" / "000002.jpg.xmp").write_bytes(edit(1.0))
    told = run("look", "show", jpegs, "--pictures", "card").stdout
    assert told.startswith("4 JPEGs from the card (asked for); 1 slot with another picture left out")
    assert "note: a sidecar lies beside the pictures in frames/, which are not used; --pictures wifi uses them" in told
    assert "note" not in run("look", "show", jpegs, "--pictures", "card", "--look", "none").stdout
