from __future__ import annotations

from datetime import timedelta

import pytest

from dayspool.errors import FrameError, FrameUnreadable, JournalUnwritable
from dayspool.intake import copy_in, plan_import
from tests.picture.builders import camera_jpeg

SECONDS = (0, 10, 30)


@pytest.fixture
def card(tmp_path):
    folder = tmp_path / "card"
    folder.mkdir()
    for second in SECONDS:
        content = camera_jpeg(taken=f"2026:06:21 04:30:{second:02d}") + bytes(second)
        (folder / f"DSC0999{second // 10}.JPG").write_bytes(content)
    return folder


@pytest.fixture
def plan(card):
    return plan_import([card], every=timedelta(seconds=10))


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_pictures_are_copied_under_their_slots_and_the_originals_stay(card, plan, tmp_path):
    before = contents(card)
    adopted = list(copy_in(plan, tmp_path / "shoot" / "frames"))
    assert [one.name for one in adopted] == ["000000.jpg", "000001.jpg", "000003.jpg"]
    assert [one.slot for one in adopted] == [0, 1, 3]
    assert list(contents(tmp_path / "shoot" / "frames").values()) == list(before.values())
    assert contents(card) == before
    assert adopted[2].origin_name == "DSC09993.JPG"
    assert adopted[2].size_bytes == len(before["DSC09993.JPG"])
    assert (adopted[0].width, adopted[0].height) == (64, 48)
    assert adopted[0].taken == "2026-06-21T04:30:00"


def test_sidecars_come_along_and_later_edits_stay(card, plan, tmp_path):
    (card / "DSC09991.JPG.xmp").write_text("darktable's")
    (card / "DSC09991.xmp").write_text("another program's")
    frames = tmp_path / "frames"
    list(copy_in(plan, frames))
    sidecars = {path.name: path.read_text() for path in frames.glob("*.xmp")}
    assert sidecars == {"000001.jpg.xmp": "darktable's", "000001.xmp": "another program's"}
    (frames / "000001.jpg.xmp").write_text("edited since")
    list(copy_in(plan, frames))
    assert (frames / "000001.jpg.xmp").read_text() == "edited since"


def test_each_frame_is_there_when_it_is_yielded(plan, tmp_path):
    for adopted in copy_in(plan, tmp_path / "frames"):
        assert (tmp_path / "frames" / adopted.name).stat().st_size == adopted.size_bytes


def test_an_interrupted_import_is_finished_by_running_it_again(plan, tmp_path):
    begun = copy_in(plan, tmp_path / "frames")
    next(begun)
    begun.close()
    assert len(list(copy_in(plan, tmp_path / "frames"))) == 3
    assert len(contents(tmp_path / "frames")) == 3


def test_another_picture_in_the_slot_is_never_overwritten(plan, tmp_path):
    frames = tmp_path / "frames"
    frames.mkdir()
    (frames / "000001.jpg").write_bytes(b"a frame of another day")
    with pytest.raises(FrameError, match=r"000001.jpg holds another picture than .*DSC09991.JPG"):
        list(copy_in(plan, frames))
    assert (frames / "000001.jpg").read_bytes() == b"a frame of another day"


def test_an_original_that_still_grows_is_not_taken(card, plan, tmp_path):
    with (card / "DSC09990.JPG").open("ab") as file:
        file.write(b"more")
    with pytest.raises(FrameUnreadable, match="when it was looked at and now has"):
        list(copy_in(plan, tmp_path / "frames"))
    assert contents(tmp_path / "frames") == {}


def test_an_original_that_rotted_meanwhile_is_not_taken(card, plan, tmp_path):
    path = card / "DSC09990.JPG"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(FrameUnreadable, match=r"DSC09990.JPG: changed since it was looked at: no JPEG"):
        list(copy_in(plan, tmp_path / "frames"))
    assert contents(tmp_path / "frames") == {}


def test_an_original_that_went_away_is_an_error(card, plan, tmp_path):
    (card / "DSC09990.JPG").unlink()
    with pytest.raises(FrameUnreadable, match="cannot be read any more: No such file"):
        list(copy_in(plan, tmp_path / "frames"))


def test_a_folder_that_cannot_be_made_is_an_error(plan, tmp_path):
    (tmp_path / "frames").write_bytes(b"a file in the way")
    with pytest.raises(JournalUnwritable, match="cannot create the folder"):
        list(copy_in(plan, tmp_path / "frames"))


def test_a_disk_that_fills_up_leaves_no_half_picture(plan, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(JournalUnwritable, match="No space left on device; the pictures before it are safe"):
        list(copy_in(plan, tmp_path / "frames"))
    assert contents(tmp_path / "frames") == {}
