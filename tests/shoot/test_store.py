"""The folders of frames: made for each window, cleared of halves, and nothing else touched in them."""

import pytest

from dayspool.errors import FrameError, PlanError
from dayspool.shoot.store import FrameStore
from tests.picture.builders import jpeg


def test_a_frame_lies_in_the_folder_of_its_window(tmp_path):
    store = FrameStore(tmp_path / "frames", lambda slot: f"2026-06-0{slot // 10 + 1}")
    store.open(new=True)
    assert [store.put(slot, jpeg()).name for slot in (9, 10)] == ["2026-06-01/000009.jpg", "2026-06-02/000010.jpg"]
    assert store.find(10).name == "2026-06-02/000010.jpg"
    assert store.find(11) is None
    assert store.put(10, jpeg()).slot == 10  # the same picture again, after a disk that refused to say so
    (tmp_path / "frames/2026-06-02/000010.jpg").write_bytes(b"another")
    with pytest.raises(FrameError, match="is there already"):
        store.put(10, jpeg())


def test_halves_of_a_killed_run_go_in_windows_too_and_nothing_elsewhere(tmp_path):
    elsewhere, frames = tmp_path / "elsewhere", tmp_path / "frames"
    for folder in (elsewhere, frames / "2026-06-01", frames / "mine"):
        folder.mkdir(parents=True)
        (folder / "000001.jpg.part").touch()
        (folder / "000001.jpg").touch()
    (frames / "2026-06-02").symlink_to(elsewhere)
    (frames / "000002.jpg.part").touch()
    FrameStore(frames).open(new=False)
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.part"))
    assert left == ["elsewhere/000001.jpg.part", "frames/mine/000001.jpg.part"]
    assert (frames / "2026-06-01/000001.jpg").exists()
    with pytest.raises(PlanError, match="no journal knows"):
        FrameStore(frames).open(new=True)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    store = FrameStore(tmp_path / "frames", lambda _: "2026-06-01")
    store.open(new=True)
    (tmp_path / "frames/2026-06-01").touch()
    with pytest.raises(FrameError, match=r"2026-06-01 is there already"):
        store.put(1, jpeg())
