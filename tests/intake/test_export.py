"""A shoot handed out: numbers, holes, originals, sidecars; into a new folder only, and whole or not at all."""

import errno
import os
import shutil
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.events import ExposureSteered
from dayspool.core.exposure import Exposure
from dayspool.errors import FrameMissing, JournalUnwritable, PlanError
from dayspool.intake import export_shoot, exposure_sidecar, external_exposure_ev, import_card
from dayspool.journal import JournalWriter
from tests.intake.scene import usual_scene

CRS = "{http://ns.adobe.com/camera-raw-settings/1.0/}Exposure2012"
LRT = "{http://lrtimelapse.com/}ExternalExposureDefault"


@pytest.fixture
def scene(tmp_path):
    return usual_scene(tmp_path, raw=True)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "for other programs"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_frames_are_numbered_without_holes(scene, out):
    done = export_shoot(scene.shoot, out)
    assert names(out) == [f"IMG_{n:05d}.jpg" for n in range(1, 9)]
    assert [one.slot for one in done.pictures] == [0, 1, 2, 3, 5, 8, 10, 11]
    assert all((out / one.name).samefile(one.source) for one in done.pictures)


def test_with_gaps_the_number_tells_the_slot(scene, out):
    export_shoot(scene.shoot, out, keep_gaps=True)
    assert names(out) == [f"IMG_{slot + 1:05d}.jpg" for slot in (0, 1, 2, 3, 5, 8, 10, 11)]


def test_copies_are_files_of_their_own(scene, out):
    done = export_shoot(scene.shoot, out, copy=True)
    assert not done.linked
    for one in done.pictures:
        assert not (out / one.name).samefile(one.source)
        assert (out / one.name).read_bytes() == one.source.read_bytes()


def test_originals_are_raw_where_there_is_one(scene, out):
    with pytest.raises(PlanError, match="has no originals"):
        export_shoot(scene.shoot, out, originals=True)
    for raw in sorted(scene.card.rglob("*.ARW"))[-2:]:
        raw.unlink()
    import_card(scene.shoot, [scene.card], utc=scene.utc)
    done = export_shoot(scene.shoot, out, originals=True)
    assert {path.suffix for path in out.iterdir()} == {".ARW", ".JPG"}
    assert [one.slot for one in done.pictures] == [0, 1, 2, 3, 4, 5, 6, 8, 10, 11]
    assert done.without_original == ()


def test_sidecars_come_along_and_are_not_overwritten(scene, out):
    frames = scene.shoot / "frames"
    (frames / "000002.xmp").write_text("mine")
    (frames / "000003.jpg.xmp").write_text("darktable's")
    steered = [
        ExposureSteered(slot=slot, wanted_ev=12.0, applied_ev=12.0 - residue, residue_ev=residue, target_ev=0.0)
        for slot, residue in ((1, 0.25), (2, 0.1), (3, -0.125))
    ]
    with JournalWriter(scene.shoot, scene.utc) as journal:
        journal.append(*steered)
    export_shoot(scene.shoot, out, xmp=True)
    assert [name for name in names(out) if name.endswith(".xmp")] == [
        "IMG_00002.xmp",
        "IMG_00003.xmp",
        "IMG_00004.jpg.xmp",
        "IMG_00004.xmp",
    ]
    assert (out / "IMG_00003.xmp").read_text() == "mine"
    assert (out / "IMG_00004.jpg.xmp").read_text() == "darktable's"
    assert b'ExternalExposureDefault="-0.2500"' in (out / "IMG_00002.xmp").read_bytes()
    assert not (out / "IMG_00003.xmp").samefile(frames / "000002.xmp")


@given(st.floats(-20, 20))
def test_a_sidecar_is_xml_and_brightens_what_came_out_dark(residue):
    tree = ElementTree.fromstring(exposure_sidecar(residue))
    (description,) = tree.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert float(description.attrib[CRS]) == float(description.attrib[LRT]) == pytest.approx(-residue, abs=5e-5)
    assert external_exposure_ev(1.0) == -1.0  # wanted the exposure of a brighter scene: the picture is too bright


def test_the_sidecar_undoes_what_the_exposure_did_too_much():
    wanted, applied = Exposure(shutter_seconds=0.01, iso=100), Exposure(shutter_seconds=0.02, iso=100)
    assert applied.stops_brighter_than(wanted) == pytest.approx(1.0)
    assert external_exposure_ev(wanted.ev100 - applied.ev100) == pytest.approx(-1.0)


def test_only_into_a_new_or_empty_folder(scene, out):
    out.mkdir()
    export_shoot(scene.shoot, out)
    before = names(out)
    with pytest.raises(PlanError, match="holds other things"):
        export_shoot(scene.shoot, out)
    assert names(out) == before
    with pytest.raises(PlanError, match="in the shoot itself"):
        export_shoot(scene.shoot, scene.shoot / "out")
    with pytest.raises(PlanError, match="not a folder"):
        export_shoot(scene.shoot, out / before[0])


def test_whole_or_not_at_all(scene, out, monkeypatch):
    (scene.shoot / "frames" / "000008.jpg").unlink()
    with pytest.raises(FrameMissing):
        export_shoot(scene.shoot, out)
    assert names(out.parent) == ["card", "shoot"]

    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(JournalUnwritable, match="nothing was left behind"):
        export_shoot(scene.shoot, out, copy=True)
    assert names(out.parent) == ["card", "shoot"]


def test_what_a_killed_export_left_is_cleared(scene, out):
    left = out.with_name(f".{out.name}.dayspool-part")
    left.mkdir()
    (left / "IMG_00001.jpg").write_bytes(b"half")
    assert len(export_shoot(scene.shoot, out).pictures) == 8
    assert not left.exists()


def test_another_disk_gets_copies(scene, out, monkeypatch):
    def refuse(*_args, **_more):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert not export_shoot(scene.shoot, out).linked
