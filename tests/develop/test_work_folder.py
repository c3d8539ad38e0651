"""Where darktable works: in memory or on the disk, never in the way, and gone even after a SIGKILL."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, workfolder
from dayspool.develop.workfolder import sweep, work_folder
from dayspool.errors import ToolError
from tests.develop.test_darktable_misbehaving import ALL, gone


@pytest.fixture
def places(tmp_path, monkeypatch) -> tuple[Path, Path]:
    """A RAM disk and a folder for temporary files of this test's own."""
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(workfolder, "RAM_DISK", memory)
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    return memory, disk


def test_in_memory_if_there_is_room_else_on_the_disk(places):
    memory, disk = places
    with work_folder(1) as folder:
        assert folder.parent == memory
    memory.rmdir()
    with work_folder(1) as folder:
        assert folder.parent == disk
    assert list(disk.iterdir()) == []


def test_no_room_anywhere_is_said_with_a_remedy(places):
    with pytest.raises(ToolError, match="set TMPDIR"), work_folder(1 << 60):
        pass


def test_nowhere_to_write_is_said_with_a_remedy_and_nothing_is_swept(places, monkeypatch):
    """Python looks for a folder that it can write to once, and a full disk has none."""
    places[0].rmdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/no-such-folder"])
    said = r"no folder to work in: .*No usable temporary directory.*set TMPDIR"
    with pytest.raises(ToolError, match=said), work_folder(1):
        pass
    sweep()


def test_a_ram_disk_that_is_read_only_is_passed_over(places, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != places[0])
    with work_folder(1) as folder:
        assert folder.parent == places[1]


@pytest.mark.parametrize("name", ["$(HOME)", "back\\slash"])
def test_a_folder_whose_name_darktable_takes_for_a_variable_is_refused(places, monkeypatch, name):
    places[0].rmdir()
    (places[1] / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places[1] / name))
    with pytest.raises(ToolError, match="are something else to it; set TMPDIR"), work_folder(1):
        pass


def test_a_machine_without_a_ram_disk_develops_all_the_same(places, fake_darktable, picture, tmp_path):
    places[0].rmdir()
    picture(96, 64).save(tmp_path / "frame.jpg")
    developer = DarktableDeveloper(str(fake_darktable(ALL)))
    (plate,) = developer.develop([DevelopJob(path=tmp_path / "frame.jpg", width=48, height=27)])
    assert isinstance(plate, Plate)
    assert list(places[1].iterdir()) == []


def test_only_what_a_dead_process_left_is_swept(places, tmp_path):
    memory, disk = places
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead, foreign = memory / f"dayspool-{ended.pid}-abcd", disk / "dayspool-notes"
    for folder in (dead, foreign):
        folder.mkdir()
        (folder / "plate.ppm").touch()
    (memory / f"dayspool-{ended.pid}-link").symlink_to(foreign)
    with work_folder(1) as ours:
        sweep()
        assert ours.exists()
    assert not dead.exists()
    assert (foreign / "plate.ppm").exists()


def test_a_folder_that_somebody_holds_is_not_swept_though_its_process_is_unknown_here(places):
    """As when containers share a disk: process ids mean nothing across them, locks do."""
    with work_folder(1) as held:
        ended = subprocess.Popen(["true"])
        ended.wait()
        renamed = held.rename(held.with_name(f"dayspool-{ended.pid}-abcd"))
        sweep()
        assert renamed.exists()
        renamed.rename(held)


def test_a_killed_process_takes_its_darktable_along_and_its_folder_is_swept(places, fake_darktable, picture, tmp_path):
    started = tmp_path / "started"
    os.mkfifo(started)
    script = fake_darktable(f"with open({str(started)!r}, 'w') as told: told.write(str(os.getpid()))\ntime.sleep(1000)")
    picture(96, 64).save(tmp_path / "frame.jpg")
    program = (
        "import sys, pathlib\n"
        "from dayspool.develop import DarktableDeveloper, DevelopJob, workfolder\n"
        "workfolder.RAM_DISK = pathlib.Path(sys.argv[3])\n"
        "job = DevelopJob(path=pathlib.Path(sys.argv[2]), width=48, height=27)\n"
        "list(DarktableDeveloper(sys.argv[1]).develop([job]))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, script, tmp_path / "frame.jpg", places[0]]) as ours:
        darktable = int(started.read_text())
        assert len(list(places[0].iterdir())) == 1
        watch = os.pidfd_open(darktable)
        ours.send_signal(signal.SIGKILL)
        ours.wait()
    try:
        assert wait_readable(watch), "darktable outlived the process that ran it"
    finally:
        os.close(watch)
    assert gone(darktable)
    sweep()
    assert list(places[0].iterdir()) == []


def wait_readable(pidfd: int) -> bool:
    """Wait until a process has ended."""
    return bool(select.select([pidfd], [], [], 20)[0])
