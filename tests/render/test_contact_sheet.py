"""Contact sheets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dayspool.develop import BuiltinDeveloper, DarktableDeveloper
from dayspool.errors import FilmError
from dayspool.render import FrameFile, contact_sheet
from dayspool.render.contact import evenly

BUILTIN = BuiltinDeveloper()


@given(st.integers(0, 300), st.integers(1, 40))
def test_evenly_spaced_with_both_ends(count, most):
    frames = [FrameFile(slot=slot, path=Path("x")) for slot in range(count)]
    slots = [frame.slot for frame in evenly(frames, most)]
    assert len(slots) == min(count, most)
    assert slots == sorted(set(slots))
    if len(slots) > 1:
        assert (slots[0], slots[-1]) == (0, count - 1)
        steps = np.diff(slots)
        assert steps.max() - steps.min() <= 1


def test_a_sheet_shows_the_frames_in_slot_order(shoot, tmp_path):
    frames = shoot([9, 3, 5, 1, 7])
    sheet = contact_sheet(frames, out=tmp_path / "sheet.png", developer=BUILTIN, columns=3)
    assert sheet.slots == (1, 3, 5, 7, 9)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.format == "PNG"
        assert image.width == 8 + 3 * (256 + 8)  # cells 256 wide, gaps of 8
    assert not list(tmp_path.glob("*.part"))


def test_at_most_so_many_and_captions_of_ones_own(shoot, tmp_path):
    frames = shoot(range(10))
    one = contact_sheet(frames, out=tmp_path / "a.png", developer=BUILTIN, most=4, captions={0: "dawn"})
    contact_sheet(frames, out=tmp_path / "b.png", developer=BUILTIN, most=4)
    assert one.slots == (0, 3, 6, 9)
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()


def test_marked_frames_take_the_places_of_their_neighbours(shoot, tmp_path):
    frames = shoot(range(10))
    sheet = contact_sheet(frames, out=tmp_path / "a.png", developer=BUILTIN, most=4, marked={0, 5, 99})
    assert sheet.slots == (0, 3, 5, 9)
    with Image.open(tmp_path / "a.png") as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
        assert (251, 191, 36) in colours
    assert contact_sheet(frames, out=tmp_path / "b.png", developer=BUILTIN, most=2, marked=range(10)).slots == (0, 9)


def test_a_broken_frame_leaves_its_cell_empty(shoot, tmp_path):
    frames = shoot(range(3))
    frames[1].path.write_bytes(b"")
    sheet = contact_sheet(frames, out=tmp_path / "sheet.png", developer=BUILTIN)
    assert (sheet.slots, [one.slot for one in sheet.left_out]) == ((0, 1, 2), [1])
    assert str(frames[1].path) in sheet.left_out[0].reason
    for frame in frames:
        frame.path.unlink()
    assert contact_sheet(frames, out=tmp_path / "sheet.png", developer=BUILTIN).slots == (0, 1, 2)


def test_tall_and_wide_pictures_are_not_distorted(shoot, tmp_path):
    contact_sheet([*shoot([0], 300, 200), *shoot([1], 200, 300)], out=tmp_path / "sheet.png", developer=BUILTIN)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.height == 8 + 256 + 18 + 8


@pytest.mark.tools
def test_darktable_draws_sheets_too(shoot, tmp_path):
    sheet = contact_sheet(shoot(range(3)), out=tmp_path / "sheet.png", developer=DarktableDeveloper())
    assert sheet.path.exists()


def test_nothing_to_show_and_nowhere_to_write(shoot, tmp_path):
    with pytest.raises(FilmError, match="no frames"):
        contact_sheet([], out=tmp_path / "sheet.png", developer=BUILTIN)
    with pytest.raises(FilmError, match="cannot be written"):
        contact_sheet(shoot([0]), out=tmp_path / "nowhere" / "sheet.png", developer=BUILTIN)
