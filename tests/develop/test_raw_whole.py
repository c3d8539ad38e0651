"""RAW files that end too early are named, and no whole one is."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import tifffile

from dayspool.develop.inspect import inspect
from dayspool.develop.raw_whole import refuse_cut_short_raw
from dayspool.develop.sample import bayer, dng
from dayspool.errors import FrameUnreadable


@pytest.fixture
def like_an_arw(tmp_path):
    """A preview in the first directory and the RAW in a directory below it, at the end of the file."""
    path = tmp_path / "like an.ARW"
    with tifffile.TiffWriter(path) as file:
        file.write(np.zeros((20, 30, 3), np.uint8), photometric="rgb", subifds=1)
        file.write(np.full((64, 96), 700, np.uint16), photometric="minisblack", rowsperstrip=8)
    return path


@pytest.mark.parametrize("missing", [1, 100, 3000])
def test_a_raw_that_lacks_its_end_is_named(like_an_arw, missing):
    whole = like_an_arw.read_bytes()
    refuse_cut_short_raw(like_an_arw)
    like_an_arw.write_bytes(whole[:-missing])
    with pytest.raises(FrameUnreadable, match=f"cut short: it has {len(whole) - missing} bytes of {len(whole)}"):
        refuse_cut_short_raw(like_an_arw)


@pytest.mark.parametrize(("zeros", "refused"), [(8000, False), (16000, True), (100000, True)])
def test_a_raw_whose_picture_ends_in_zeros_is_named(tmp_path, zeros, refused):
    """A card pulled out while its camera wrote; a few rows of zeros are the margin of a sensor."""
    path = tmp_path / "pulled.dng"
    whole = dng(bayer(np.full((256, 384, 3), 0.2)))
    path.write_bytes(whole[:-zeros] + bytes(zeros))
    if not refused:
        refuse_cut_short_raw(path)
        return
    with pytest.raises(FrameUnreadable, match="ends in zeros; copy it from the card again"):
        refuse_cut_short_raw(path)


def test_every_developer_is_kept_from_it(tmp_path):
    path = tmp_path / "cut.dng"
    whole = dng(bayer(np.full((64, 96, 3), 0.2)))
    path.write_bytes(whole)
    assert inspect(path).size_bytes == len(whole)
    path.write_bytes(whole[:-1])
    with pytest.raises(FrameUnreadable, match="copy it from the card again"):
        inspect(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"II", b"II*\0", b"II*\0\xff\xff\xff\xff", b"FUJIFILMCCD-RAW 0201", b"\0" * 500, b"IIU\0\x08\0\0\0\x01\0"],
)
def test_what_is_built_otherwise_is_left_to_its_developer_without_a_word(tmp_path, data):
    path = tmp_path / "frame.raf"
    path.write_bytes(data)
    refuse_cut_short_raw(path)
    assert logging.getLogger("tifffile").handlers, "logging prints what nobody handles"
    refuse_cut_short_raw(tmp_path / "not there")


def test_a_chain_of_directories_that_bites_its_tail_ends(tmp_path):
    data = bytearray(dng(bayer(np.full((32, 32, 3), 0.2))))
    entries = int.from_bytes(data[8:10], "little")
    at = 10 + 12 * entries
    data[at : at + 4] = (8).to_bytes(4, "little")
    (tmp_path / "loop.dng").write_bytes(data)
    refuse_cut_short_raw(tmp_path / "loop.dng")
