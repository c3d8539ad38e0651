from __future__ import annotations

import os

import pytest

from dayspool.picture.whole import write_whole


def test_a_file_is_there_whole_and_nothing_else(tmp_path):
    write_whole(tmp_path / "a.jpg", b"picture")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.jpg", b"picture")]


def test_another_file_is_replaced_only_when_asked(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a.jpg", b"new")
    assert (tmp_path / "a.jpg").read_bytes() == b"old"
    write_whole(tmp_path / "a.jpg", b"new", replace=True)
    assert (tmp_path / "a.jpg").read_bytes() == b"new"


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(b"old")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a.jpg", b"new", replace=True)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.jpg", b"old")]


def test_what_a_killed_writer_left_behind_is_written_over(tmp_path):
    (tmp_path / "a.jpg.part").write_bytes(b"half a pic")
    write_whole(tmp_path / "a.jpg", b"picture")
    assert [file.name for file in tmp_path.iterdir()] == ["a.jpg"]
