"""From a picture to a film frame: never larger, never stretched, even, centred."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import FilmError, PlanError
from dayspool.video import DEFAULT_PRESET, PRESETS, Geometry, fitted, geometry, preset

sizes = st.tuples(st.integers(2, 12_000), st.integers(2, 12_000))
presets = st.sampled_from([*PRESETS.values(), *(replace(one, aspect=None) for one in PRESETS.values())])


@pytest.mark.parametrize(
    ("name", "source", "scaled", "size"),
    [
        ("youtube-4k", (5472, 3648), (3840, 2560), (3840, 2160)),
        ("youtube-4k", (1616, 1080), (1616, 1080), (1616, 908)),
        ("youtube-4k", (540, 360), (540, 360), (540, 304)),
        ("youtube-4k", (8000, 2000), (8000, 2000), (3554, 2000)),
        ("1080p", (2400, 1600), (1920, 1280), (1920, 1080)),
        ("1080p", (1920, 1080), (1920, 1080), (1920, 1080)),
        ("1080p", (3648, 5472), (1920, 2880), (1920, 1080)),
        ("preview", (2400, 1600), (960, 640), (960, 540)),
        ("preview", (3, 3), (3, 3), (2, 2)),
    ],
)
def test_known_films(name, source, scaled, size):
    got = geometry(source, preset(name))
    assert (got.scaled, got.size) == (scaled, size)


def test_keep_fits_the_whole_picture_into_the_bounds():
    whole = replace(preset("1080p"), aspect=None)
    assert geometry((2400, 1600), whole) == Geometry(scaled=(1620, 1080), offset=(0, 0), size=(1620, 1080))
    assert geometry((1001, 701), whole).size == (1000, 700)


@given(sizes, presets)
def test_every_film_keeps_its_promises(source, wanted):
    got = geometry(source, wanted)
    scale_x, scale_y = Fraction(got.scaled[0], source[0]), Fraction(got.scaled[1], source[1])
    assert got.scaled[0] <= source[0]
    assert got.scaled[1] <= source[1]
    assert abs(scale_x * source[1] - scale_y * source[1]) <= 2 * max(1, source[1] / source[0])  # not stretched
    assert got.size[0] % 2 == 0
    assert got.size[1] % 2 == 0
    assert got.size[0] <= max(2, wanted.width)
    assert got.size[1] <= max(2, wanted.height)
    for side in (0, 1):
        spare = got.scaled[side] - got.size[side]
        assert spare >= 0
        assert got.offset[side] == spare // 2  # centred


@given(sizes, presets)
def test_a_film_of_an_aspect_has_it_to_the_nearest_even_pixel(source, wanted):
    got = geometry(source, wanted)
    if wanted.aspect is not None and min(source) >= 32:
        assert abs(got.size[0] - wanted.aspect * got.size[1]) < 2 * wanted.aspect + 2


@given(sizes, sizes)
def test_fitting_another_picture_covers_the_film_or_refuses_to_enlarge(source, film):
    film = (film[0] // 2 * 2, film[1] // 2 * 2)
    got = fitted(source, film)
    if source[0] < film[0] or source[1] < film[1]:
        assert got is None
    else:
        assert got is not None
        assert got.size == film
        assert film[0] <= got.scaled[0] <= source[0]
        assert film[1] <= got.scaled[1] <= source[1]


def test_too_small_a_picture_and_an_unknown_preset_are_refused():
    with pytest.raises(FilmError, match="1×7"):
        geometry((1, 7), preset("1080p"))
    with pytest.raises(PlanError, match="youtube-4k, 1080p, preview"):
        preset("8k")
    assert preset(DEFAULT_PRESET).width == 3840


@pytest.mark.parametrize(("fps", "frames"), [(30, 15), (25, 12), (24, 12), (Fraction(24000, 1001), 12), (1, 1)])
def test_keyframes_come_every_half_second(fps, frames):
    assert replace(preset("1080p"), fps=Fraction(fps)).keyframe_interval == frames
