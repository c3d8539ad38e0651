"""A field of exposure over the picture: drawn between its crossings, in light, as exactly as one exposure for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dayspool.develop import BuiltinDeveloper, DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.builtin_field import drawn, grid_of
from dayspool.develop.builtin_light import adjusted
from dayspool.develop.builtin_raw import developed_raw
from dayspool.develop.sample import bayer, dng
from dayspool.errors import PlanError

CODES = np.arange(48 * 36 * 3).reshape(36, 48, 3)
PICTURES = {"8 bits": (CODES % 256).astype(np.uint8), "16 bits": (CODES * 12 % 65536).astype(np.uint16)}
evs = st.floats(-1.5, 1.5)
grids = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(st.lists(evs, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
)


@pytest.mark.parametrize("bits", PICTURES)
@pytest.mark.parametrize("ev", [-0.7, -0.03, 0.0, 0.41])
def test_an_even_field_is_a_grade(bits, ev):
    rgb = PICTURES[bits]
    look = {"gains": (1.1, 1.0, 0.8), "curve": ((0.0, 0.05), (0.6, 0.5), (1.0, 1.0))}
    plain = adjusted(rgb, Recipe(ev=0.2, grade=(ev, ev, ev), **look)).astype(int)
    even = adjusted(rgb, Recipe(ev=0.2, field=((ev, ev), (ev, ev)), **look)).astype(int)
    differ = np.abs(even - plain)
    assert np.quantile(differ, 0.9) <= 12  # of 65535: a twentieth of an 8-bit code
    assert differ.max() <= 400  # in the highlights, where the curve of a grade has corners


@settings(max_examples=25)
@given(grids)
def test_every_pixel_is_graded_as_its_place_asks(rows):
    rgb = PICTURES["8 bits"]
    recipe = Recipe(field=tuple(map(tuple, rows)))
    got = adjusted(rgb, recipe).astype(int)
    there = drawn(grid_of(recipe), *rgb.shape[:2])
    for row, column in ((0, 0), (35, 0), (0, 47), (35, 47), (17, 20), (5, 40)):
        ev = float(there[row, column])
        wanted = adjusted(rgb[row : row + 1, column : column + 1], Recipe(grade=(ev, ev, ev), gains=(1, 1, 1 + 1e-9)))
        assert np.abs(got[row, column] - wanted[0, 0].astype(int)).max() <= 150  # where it clips


def test_a_field_goes_from_edge_to_edge_and_straight_between():
    grid = np.array([[0, 1, 2], [4, 5, 6]], np.float32)
    place = drawn(grid, 5, 9)
    assert place == pytest.approx(np.linspace(0, 4, 5)[:, np.newaxis] + np.linspace(0, 2, 9))
    assert drawn(grid, 5, 9, slice(2, 4)) == pytest.approx(place[2:4])
    assert (drawn(np.full((1, 1), 0.5, np.float32), 3, 2) == 0.5).all()
    assert drawn(np.array([[0], [1]], np.float32), 1, 2) == pytest.approx(np.zeros((1, 2)))


def test_bands_are_a_field_of_one_column():
    rgb = np.full((64, 3, 3), 100, np.uint8)
    banded = adjusted(rgb, Recipe(field=((-0.5,), (0.5,))))
    assert (banded[:, :1] == banded).all()
    assert (np.diff(banded[:, 0, 0].astype(int)) > 0).all()


def test_a_raw_frame_obeys_a_field_as_it_obeys_a_grade(tmp_path):
    path = tmp_path / "grey.dng"
    path.write_bytes(dng(bayer(np.full((64, 96, 3), 0.18))))
    job = {"path": path, "width": 96, "height": 64}
    fielded = developed_raw(DevelopJob(**job, recipe=Recipe(field=((-0.3, 0.3),))), None)[32]
    for column, ev in ((8, -0.3 + 0.6 * 8 / 95), (80, -0.3 + 0.6 * 80 / 95)):
        plain = developed_raw(DevelopJob(**job, recipe=Recipe(grade=(ev, ev, ev))), None)[32, column].astype(int)
        assert np.abs(fielded[column].astype(int) - plain).max() <= 40


def test_the_developer_draws_it_over_the_upright_picture(tmp_path):
    image = Image.new("RGB", (96, 64), (100, 100, 100))
    exif = image.getexif()
    exif[0x0112] = 6  # stands upright when turned clockwise
    image.save(tmp_path / "turned.jpg", exif=exif)
    job = DevelopJob(path=tmp_path / "turned.jpg", width=64, height=96, recipe=Recipe(field=((0.0,), (1.0,))))
    (plate,) = BuiltinDeveloper().develop([job])
    assert isinstance(plate, Plate)
    assert plate.rgb.shape == (96, 64, 3)
    assert plate.rgb[95, 30, 0] > plate.rgb[0, 30, 0] * 1.3


@pytest.mark.parametrize("field", [((),), ((0.0, 0.1), (0.0,)), ((float("nan"),),), ((4.1,),), ((float("inf"),),)])
def test_what_is_no_field_is_named(field):
    with pytest.raises(PlanError, match="rows of one length"):
        adjusted(PICTURES["8 bits"], Recipe(field=field))


def test_darktable_refuses_what_it_cannot_draw(tmp_path):
    job = DevelopJob(path=tmp_path / "a.jpg", width=96, height=64, recipe=Recipe(field=((0.1,),)))
    with pytest.raises(PlanError, match="banding"):
        list(DarktableDeveloper().develop([job]))
