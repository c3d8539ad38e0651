"""The size of a plate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.develop import covering

sides = st.integers(1, 12_000)


@pytest.mark.parametrize(
    ("source", "box", "plate"),
    [
        ((5472, 3648), (3840, 2160), (3840, 2560)),
        ((1616, 1080), (3840, 2160), (1616, 1080)),
        ((1616, 1080), (1920, 1080), (1616, 1080)),
        ((8000, 2000), (1920, 1080), (4320, 1080)),
        ((3648, 5472), (1920, 1080), (1920, 2880)),
        ((1920, 1080), (1920, 1080), (1920, 1080)),
        ((2, 2), (1, 1), (1, 1)),
    ],
)
def test_known_sizes(source: tuple[int, int], box: tuple[int, int], plate: tuple[int, int]):
    assert covering(*source, *box) == plate


@given(sides, sides, sides, sides)
def test_never_enlarges_covers_what_can_be_covered_and_keeps_the_aspect(width, height, box_width, box_height):
    plate_width, plate_height = covering(width, height, box_width, box_height)
    assert plate_width <= width
    assert plate_height <= height
    if width >= box_width and height >= box_height:
        assert plate_width >= box_width
        assert plate_height >= box_height
        assert plate_width == box_width or plate_height == box_height
    else:
        assert (plate_width, plate_height) == (width, height)
    assert abs(plate_width * height - plate_height * width) <= max(width, height)  # within a pixel
