"""An import as a whole: pictures on the disk, every slot in the journal, and a second call that changes nothing."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from dayspool.core.frame import GapReason
from dayspool.errors import FrameError, JournalError, PlanError
from dayspool.intake import import_pictures
from dayspool.journal import JournalReader
from tests.picture.builders import camera_jpeg

MINUTES = (0, 1, 2, 5, 6)


def now():
    return datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for minute in MINUTES:
        (folder / f"DSC{minute:05d}.JPG").write_bytes(camera_jpeg(taken=f"2026:06:21 12:{minute:02d}:07"))
    return folder


def bring(tmp_path, folder, **more):
    return import_pictures(tmp_path / "shoot", [folder], every=None, utc=now, **more)


def test_every_slot_is_a_frame_or_a_gap(tmp_path, pictures):
    report = bring(tmp_path, pictures)
    assert (report.imported, report.gaps) == (5, (3, 4))
    assert report.schedule.interval_at(0) == timedelta(minutes=1)
    with JournalReader(tmp_path / "shoot") as journal:
        frames = list(journal.frames())
        assert [(row.slot, row.name) for row in frames] == [(n, f"{n:06d}.jpg") for n in MINUTES]
        assert [(row.slot, row.gap_reason) for row in journal.gaps()] == [(n, GapReason.NO_PICTURE) for n in (3, 4)]
        assert journal.session().ended == "done"
    for row in frames:
        original = pictures / f"DSC{row.slot:05d}.JPG"
        assert (tmp_path / "shoot" / "frames" / row.name).read_bytes() == original.read_bytes()


def test_the_originals_are_only_read(tmp_path, pictures):
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in pictures.iterdir()}
    bring(tmp_path, pictures)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in pictures.iterdir()} == before


def test_importing_again_changes_nothing(tmp_path, pictures):
    first = bring(tmp_path, pictures)
    assert bring(tmp_path, pictures) == first
    with JournalReader(tmp_path / "shoot") as journal:
        assert len(list(journal.slots())) == 7


def test_an_interrupted_import_goes_on(tmp_path, pictures, monkeypatch):
    written = 0
    fsync = os.fsync

    def failing_fsync(handle):
        nonlocal written
        written += 1
        if written == 8:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", failing_fsync)
    with pytest.raises(JournalError, match="No space left"):
        bring(tmp_path, pictures)
    monkeypatch.setattr(os, "fsync", fsync)
    assert bring(tmp_path, pictures).imported == 5
    with JournalReader(tmp_path / "shoot") as journal:
        assert len(list(journal.frames())) == 5


def test_other_pictures_do_not_get_in(tmp_path, pictures):
    bring(tmp_path, pictures)
    (pictures / "DSC00009.JPG").write_bytes(camera_jpeg(taken="2026:06:21 12:09:07"))
    with pytest.raises(PlanError, match="another shoot"):
        bring(tmp_path, pictures)


def test_a_frame_that_is_there_is_never_overwritten(tmp_path, pictures):
    frames = tmp_path / "shoot" / "frames"
    frames.mkdir(parents=True)
    (frames / "000002.jpg").write_bytes(b"somebody's")
    with pytest.raises(FrameError, match="another picture"):
        bring(tmp_path, pictures)
    assert (frames / "000002.jpg").read_bytes() == b"somebody's"
