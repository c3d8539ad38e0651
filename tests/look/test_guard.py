"""Whether a running darktable has a folder: on processes made up, and on one of our own that looks like darktable."""

import os
import sqlite3
import subprocess
import sys

import pytest

from dayspool.look.guard import holders

# darktable's own name and its way with its library: open as long as it runs, no lock held between its writes.
DARKTABLE = """
import sqlite3, sys
open("/proc/self/comm", "w").write("darktable")
library = sqlite3.connect(sys.argv[1])
library.execute("SELECT folder FROM film_rolls").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def library(path, *folders):
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE film_rolls (id INTEGER PRIMARY KEY, folder VARCHAR(1024) NOT NULL)")
        made.executemany("INSERT INTO film_rolls (folder) VALUES (?)", [(str(folder),) for folder in folders])
    made.close()
    return path


def process(root, number, *files, name="darktable"):
    """Make a folder like /proc with one process that holds files open."""
    handles = root / str(number) / "fd"
    handles.mkdir(parents=True)
    (root / str(number) / "comm").write_text(f"{name}\n")
    for index, file in enumerate(files):
        (handles / str(index)).symlink_to(file)
    return root


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "the shoot #1 ä%20" / "frames"
    folder.mkdir(parents=True)
    return folder


def test_a_library_with_the_folder_holds_it(tmp_path, frames):
    file = library(tmp_path / "my library?.db", "/elsewhere", frames)
    (holder,) = holders(frames, processes=process(tmp_path / "proc", 41, "/dev/null", file))
    assert (holder.process, holder.library) == (41, file)
    assert "has this folder in its library" in holder.sentence


def test_it_is_found_through_links(tmp_path, frames):
    (tmp_path / "link").symlink_to(frames)
    file = library(tmp_path / "library.db", tmp_path / "link")
    assert holders(frames, processes=process(tmp_path / "proc", 41, file))


@pytest.mark.parametrize("name", ["darktable-cli", "bash"])
def test_other_programs_hold_nothing(tmp_path, frames, name):
    file = library(tmp_path / "library.db", frames)
    assert holders(frames, processes=process(tmp_path / "proc", 41, file, name=name)) == ()


def test_a_library_without_the_folder_does_not_hold_it(tmp_path, frames):
    file = library(tmp_path / "library.db", frames.parent)
    assert holders(frames, processes=process(tmp_path / "proc", 41, file)) == ()


def test_what_cannot_be_read_is_told(tmp_path, frames):
    sqlite3.connect(tmp_path / "data.db").close()
    proc = process(tmp_path / "proc", 41, tmp_path / "data.db", tmp_path / "gone.db")
    (holder,) = holders(frames, processes=proc)
    assert holder.library is None
    assert "cannot be read" in holder.sentence


def test_no_processes(tmp_path, frames):
    assert holders(frames, processes=tmp_path / "none") == ()
    ended = tmp_path / "proc" / "17"
    ended.mkdir(parents=True)
    assert holders(frames, processes=ended.parent) == ()


def test_a_process_that_looks_like_darktable(tmp_path, frames):
    file = library(tmp_path / "library.db", frames)
    running = [sys.executable, "-c", DARKTABLE, file]
    with subprocess.Popen(running, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as darktable:
        assert darktable.stdout.readline() == "open\n"
        ours = [holder for holder in holders(frames) if holder.process == darktable.pid]
        assert [holder.library for holder in ours] == [file]
        with sqlite3.connect(file) as other:
            other.execute("DELETE FROM film_rolls")
        other.close()
        assert [holder for holder in holders(frames) if holder.process == darktable.pid] == []
        darktable.stdin.close()
    assert [holder for holder in holders(frames) if holder.process == darktable.pid] == []


def test_names_that_are_no_unicode(tmp_path):
    frames = tmp_path / os.fsdecode(b"sch\xf6n")
    frames.mkdir()
    with sqlite3.connect(tmp_path / "library.db") as made:
        made.execute("CREATE TABLE film_rolls (folder)")
        made.execute("INSERT INTO film_rolls VALUES (CAST(? AS TEXT))", (os.fsencode(frames),))
    made.close()
    assert holders(frames, processes=process(tmp_path / "proc", 41, tmp_path / "library.db"))
