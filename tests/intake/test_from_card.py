"""Originals from a card into the shoot: where they belong, gaps filled, nothing twice, the card as it was."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from dayspool.core.events import FrameStored, Gap, ShotIntended, StretchPlanned
from dayspool.core.frame import GapReason
from dayspool.errors import JournalLocked, JournalUnwritable, PlanError
from dayspool.intake import Brought, import_card, is_camera_shoot
from dayspool.journal import JournalReader, JournalWriter
from tests.intake.scene import BEGINS, Scene, usual_scene
from tests.picture.builders import camera_jpeg

EXPOSED = [0, 1, 2, 3, 4, 5, 6, 8, 10, 11]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def bring(scene, **more):
    return import_card(scene.shoot, [scene.card], utc=scene.utc, **more)


def rows(shoot):
    with JournalReader(shoot) as journal:
        return list(journal.originals()), list(journal.frames()), list(journal.gaps()), list(journal.recovered())


def test_every_original_finds_its_slot(tmp_path):
    scene = usual_scene(tmp_path, raw=True)
    card = files(scene.card)
    report = bring(scene)
    assert [match.slot for match in report.matching.matches] == EXPOSED
    assert len(report.matching.strangers) == 2
    assert report.matching.offset_seconds == pytest.approx(7217.4, abs=0.8)
    originals, frames, gaps, recovered = rows(scene.shoot)
    assert [one.name for one in originals] == [f"{slot:06d}.{kind}" for slot in EXPOSED for kind in ("ARW", "JPG")]
    assert {one.name for one in originals} == set(files(scene.shoot / "cards"))
    for one in originals:
        name = next(path for path in card if path.endswith(one.source_name))
        assert (scene.shoot / "cards" / one.name).read_bytes() == card[name]
    assert files(scene.card) == card
    assert [row.slot for row in recovered] == [4, 6]
    assert report.recovered == (4, 6)
    assert [(row.slot, row.gap_reason) for row in gaps] == [
        (7, GapReason.SHUTTER_FAILED),
        (9, GapReason.CAMERA_UNREACHABLE),
    ]
    assert [row.slot for row in frames] == EXPOSED
    assert files(scene.shoot / "frames")["000004.jpg"] == files(scene.shoot / "cards")["000004.JPG"]


def test_importing_again_changes_nothing(tmp_path):
    scene = usual_scene(tmp_path, raw=True)
    bring(scene)
    before, known = files(scene.shoot / "cards"), rows(scene.shoot)
    report = bring(scene)
    assert {one.outcome for one in report.kept} == {Brought.THERE}
    assert (files(scene.shoot / "cards"), rows(scene.shoot)) == (before, known)


def test_a_dry_run_does_nothing(tmp_path):
    scene = usual_scene(tmp_path)
    before, known = files(scene.shoot / "frames"), rows(scene.shoot)
    report = bring(scene, dry_run=True)
    assert len(report.matching.matches) == 10
    assert report.kept == ()
    assert (files(scene.shoot / "frames"), rows(scene.shoot)) == (before, known)
    assert not (scene.shoot / "cards").exists()


def test_a_raw_file_alone_ends_no_gap(tmp_path):
    scene = usual_scene(tmp_path, raw=True)
    for jpeg in scene.card.rglob("*.JPG"):
        jpeg.unlink()
    report = bring(scene)
    assert len(report.kept) == 10
    assert report.recovered == ()
    assert report.gaps == 4


def test_links_share_the_original(tmp_path):
    scene = usual_scene(tmp_path)
    report = bring(scene, link=True)
    assert all(
        one.file.path.samefile(scene.shoot / "cards" / one.name) for one in report.kept if one.outcome is Brought.KEPT
    )


def test_links_to_another_disk_are_refused_in_words(tmp_path, monkeypatch):
    scene = usual_scene(tmp_path)

    def refuse(*_args, **_more):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(PlanError, match="leave --link out"):
        bring(scene, link=True)


def test_a_disk_without_links_gets_copies(tmp_path, monkeypatch):
    scene = usual_scene(tmp_path)

    def refuse(*_args, **_more):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert bring(scene).failed == ()


def test_a_full_disk_stops_it_and_it_goes_on(tmp_path, monkeypatch):
    scene = usual_scene(tmp_path)
    count, fsync = 0, os.fsync

    def full(handle):
        nonlocal count
        count += 1
        if count == 9:
            raise OSError(errno.ENOSPC, "No space left on device")
        return fsync(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(JournalUnwritable, match="run the same command again"):
            bring(scene)
    assert not list(scene.shoot.rglob("*.part"))
    report = bring(scene)
    assert {one.outcome for one in report.kept} == {Brought.THERE, Brought.KEPT}
    assert len(files(scene.shoot / "cards")) == 10


def test_a_frame_that_an_interrupted_shoot_left_stays_and_is_not_said_to_be_the_cards(tmp_path):
    scene = usual_scene(tmp_path)
    left = camera_jpeg(taken="2026:06:21 12:00:57") + b"postview"
    (scene.shoot / "frames" / "000004.jpg").write_bytes(left)
    import_card(scene.shoot, [scene.card], utc=scene.utc)
    with JournalReader(scene.shoot) as journal:
        stored = {record.event.slot: record.event for record in journal.records() if type(record.event) is FrameStored}
    assert (stored[4].origin_name, stored[4].size_bytes) == (None, len(left))
    assert stored[6].origin_name.endswith(".JPG")
    assert (scene.shoot / "frames" / "000004.jpg").read_bytes() == left


def test_too_little_room_is_said_before_anything_is_copied(tmp_path, monkeypatch):
    scene = usual_scene(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(JournalUnwritable, match="nothing was copied"):
        bring(scene)
    assert not (scene.shoot / "cards").exists()


def test_a_file_in_the_way_is_never_overwritten(tmp_path):
    scene = usual_scene(tmp_path)
    (scene.shoot / "cards").mkdir()
    (scene.shoot / "cards" / "000003.JPG").write_bytes(b"mine")
    report = bring(scene)
    (failed,) = report.failed
    assert (failed.slot, (scene.shoot / "cards" / "000003.JPG").read_bytes()) == (3, b"mine")
    assert "holds another picture" in failed.reason


def test_a_cut_short_original_costs_only_itself(tmp_path):
    scene = usual_scene(tmp_path)
    victim = next(path for path in sorted(scene.card.rglob("*.JPG")) if path.stem == "DSC00001")
    victim.write_bytes(victim.read_bytes()[:-8])
    report = bring(scene)
    (failed,) = report.failed
    assert "no whole JPEG" in failed.reason
    assert len(files(scene.shoot / "cards")) == 9


def test_a_lost_copy_is_brought_again(tmp_path):
    scene = usual_scene(tmp_path)
    bring(scene)
    (scene.shoot / "cards" / "000002.JPG").unlink()
    report = bring(scene)
    assert [one.slot for one in report.kept if one.outcome is Brought.KEPT] == [2]
    assert len(rows(scene.shoot)[0]) == 10


def test_a_shoot_that_is_being_taken_is_left_alone(tmp_path):
    scene = usual_scene(tmp_path)
    with JournalWriter(scene.shoot, scene.utc), pytest.raises(JournalLocked):
        bring(scene)


def test_a_card_that_holds_the_shoot_is_refused(tmp_path):
    scene = usual_scene(tmp_path)
    with pytest.raises(PlanError, match="lies inside"):
        import_card(scene.shoot, [tmp_path], utc=scene.utc)


def test_what_a_camera_shoot_is(tmp_path):
    scene = usual_scene(tmp_path)
    assert is_camera_shoot(scene.shoot)
    assert not is_camera_shoot(tmp_path)
    assert not is_camera_shoot(tmp_path / "nothing")


def test_a_slot_of_a_window_has_its_originals_in_a_folder_of_it(tmp_path):
    scene = usual_scene(tmp_path)
    with JournalWriter(scene.shoot, scene.utc) as journal:
        planned = {"origin": BEGINS.isoformat(), "interval_seconds": 10.0, "count": None, "window": "2026-06-21"}
        journal.append(StretchPlanned(first=0, **planned))
    bring(scene)
    originals, frames, _, _ = rows(scene.shoot)
    assert [one.name for one in originals] == [f"2026-06-21/{slot:06d}.JPG" for slot in EXPOSED]
    assert {row.slot: row.name for row in frames}[4] == "2026-06-21/000004.jpg"
    assert (scene.shoot / "frames" / "2026-06-21" / "000004.jpg").is_file()


def test_what_cannot_be_read_is_named_and_left_out(tmp_path):
    scene = usual_scene(tmp_path)
    folder = scene.card / "DCIM" / "100MSDCF"
    (folder / "DSC07777.JPG").symlink_to("nowhere")
    (folder / "DSC07778.ARW").write_bytes(b"no picture")
    os.mkfifo(folder / "DSC07779.JPG")
    report = bring(scene)
    assert {left.path.name: left.reason.split(":")[0] for left in report.left_out} == {
        "DSC07777.JPG": "the file cannot be read",
        "DSC07778.ARW": "its EXIF does not tell when it was taken",
    }
    assert len(report.matching.matches) == 10


def test_a_card_that_fails_on_the_way_costs_one_original(tmp_path, monkeypatch):
    scene = usual_scene(tmp_path)
    fstat, seen = os.fstat, {}

    def failing(handle):
        name = str(Path(f"/proc/self/fd/{handle}").readlink())
        seen[name] = seen.get(name, 0) + 1
        if name.endswith("DSC00003.JPG") and seen[name] > 1:  # it was looked at before
            raise OSError(errno.EIO, "Input/output error")
        return fstat(handle)

    monkeypatch.setattr(os, "fstat", failing)
    (failed,) = bring(scene).failed
    assert "cannot be read: Input/output error" in failed.reason
    monkeypatch.undo()
    assert bring(scene).failed == ()


def test_a_slot_whose_outcome_the_shoot_has_still_to_learn_gets_no_frame_yet(tmp_path):
    scene = Scene(shoot=tmp_path / "shoot", card=tmp_path / "card")
    scene.begin(6)
    for slot in range(5):
        scene.sent(slot)
    scene.happen(scene.due(5), ShotIntended(slot=5))  # killed behind it
    scene.release(scene.due(5), raw=True)
    scene.write()
    report = bring(scene)
    assert [one.name for one in report.kept][-2:] == ["000005.ARW", "000005.JPG"]
    assert not (scene.shoot / "frames" / "000005.jpg").exists()
    with JournalWriter(scene.shoot, scene.utc) as journal:
        journal.append(Gap(slot=5, reason=GapReason.INTERRUPTED))
    assert bring(scene).recovered == (5,)
