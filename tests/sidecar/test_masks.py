"""Forms of drawn masks become numbers and come back byte for byte."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.sidecar.masks import Mask, Shape, points_of, settled

SIZES = {
    Shape.CIRCLE: 16,
    Shape.PATH: 36,
    Shape.GROUP: 16,
    Shape.GRADIENT: 28,
    Shape.ELLIPSE: 28,
    Shape.BRUSH: 44,
}
GRADIENT = Mask(
    num=0,
    id=7,
    type=16,
    name="gradient #1",
    version=6,
    points=struct.pack("<6fi", 0.5, 0.25, -30.0, 0.1, 0.5, 0.0, 2),
    count=1,
)


@pytest.mark.parametrize("bits", [0, Shape.CLONE, Shape.NON_CLONE])
@pytest.mark.parametrize("shape", list(SIZES))
@given(data=st.data())
def test_every_byte_of_the_points_is_read(shape: Shape, bits: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    size = SIZES[shape] * count
    points = data.draw(st.binary(min_size=size, max_size=size))
    mask = replace(GRADIENT, type=shape | bits, points=points, count=count)
    decoded = points_of(mask)
    assert decoded is not None
    values = [value for point in decoded for value in point.values()]
    again = b"".join(struct.pack("<f" if isinstance(value, float) else "<i", value) for value in values)
    # A signalling NaN may come back quiet; darktable writes none.
    if not any(value != value for value in values):
        assert again == points


def test_fields_are_named() -> None:
    (point,) = points_of(GRADIENT) or ()
    assert (point["anchor_x"], point["anchor_y"], point["rotation"], point["state"]) == (0.5, 0.25, -30.0, 2)


@pytest.mark.parametrize(
    "strange",
    [
        replace(GRADIENT, version=7),
        replace(GRADIENT, version=5),
        replace(GRADIENT, type=256),
        replace(GRADIENT, count=2),
        replace(GRADIENT, count=0, points=b""),
        replace(GRADIENT, points=GRADIENT.points[:-1]),
    ],
)
def test_what_is_not_known_is_not_read(strange: Mask) -> None:
    assert points_of(strange) is None


def test_the_last_entry_that_has_forms_has_all_of_them() -> None:
    past, now, other = GRADIENT, replace(GRADIENT, num=3), replace(GRADIENT, num=3, id=8)
    assert settled([past, now, other]) == (now, other)
    assert settled([past, now, other], end=3) == (past,)
    assert settled([past], end=0) == settled([]) == ()
