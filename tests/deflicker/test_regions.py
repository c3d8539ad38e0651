"""Which blocks are looked at: rectangles and masks of any size, weighed by area."""

from __future__ import annotations

import numpy as np
import pytest

from dayspool.deflicker.regions import usable_blocks


def test_all_of_a_picture_without_wishes() -> None:
    assert usable_blocks(5, 7).all()
    assert usable_blocks(5, 7).shape == (5, 7)


@pytest.mark.parametrize(
    ("region", "rows", "columns"),
    [
        ((0.5, 0.0, 1.0, 0.5), slice(0, 4), slice(5, 10)),
        ((0.0, 0.25, 0.3, 1.0), slice(2, 8), slice(0, 3)),
        ((0.04, 0.0, 0.26, 1.0), slice(0, 8), slice(0, 3)),  # more than half of a block is the block
    ],
)
def test_a_rectangle_leaves_what_lies_inside(
    region: tuple[float, float, float, float], rows: slice, columns: slice
) -> None:
    wanted = np.zeros((8, 10), dtype=np.bool_)
    wanted[rows, columns] = True
    assert (usable_blocks(8, 10, region=region) == wanted).all()


@pytest.mark.parametrize(("height", "width"), [(480, 720), (7, 5), (48, 72), (1000, 999)])
@pytest.mark.parametrize("white", [1, 255, 65535])
def test_a_mask_of_any_size_lies_over_the_whole_picture(height: int, width: int, white: int) -> None:
    mask = np.where(np.arange(width) * 2 < width, 0, white) * np.ones((height, 1), dtype=np.int64)
    found = usable_blocks(48, 72, mask=mask)
    assert not found[:, :28].any()
    assert found[:, 44:].all()
    assert (found == found[:1]).all()


def test_a_black_mask_leaves_nothing() -> None:
    assert not usable_blocks(4, 4, mask=np.zeros((9, 9), dtype=np.uint8)).any()
