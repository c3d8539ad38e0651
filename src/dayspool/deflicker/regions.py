"""Which blocks of a frame a person wants to be looked at: those inside a rectangle, and those that a mask leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["usable_blocks"]

_LEAST_SHARE = 0.5  # of a block has to be left for the block to count


def usable_blocks(
    rows: int,
    columns: int,
    *,
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
    mask: NDArray[np.generic] | None = None,
) -> NDArray[np.bool_]:
    """Return which blocks may be looked at, of shape (rows, columns).

    Args:
        rows: of the grid of blocks.
        columns: of the grid of blocks.
        region: (left, top, right, bottom) as shares of the picture; what lies outside is left out.
        mask: a picture of any size (height, width) in one channel, that lies over the whole frame: white (above half of
            its brightest) is looked at, black is not; None for no mask.
    """
    left, top, right, bottom = region
    down = _covered(rows, top, bottom)
    across = _covered(columns, left, right)
    share = down[:, None] * across[None, :]
    if mask is not None:
        share = share * _shares(_white(mask), rows, columns)
    return np.asarray(share >= _LEAST_SHARE)


def _covered(count: int, start: float, end: float) -> NDArray[np.float64]:
    """Return the share of each of `count` equal parts of 0 to 1 that lies between `start` and `end`."""
    edges = np.linspace(0.0, 1.0, count + 1)
    inside = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
    return np.asarray(np.clip(inside * count, 0.0, 1.0))


def _white(mask: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return 1 where a mask is white and 0 where it is black."""
    values = mask.astype(np.float64)
    return np.where(values > 0.5 * values.max(initial=0.0), 1.0, 0.0)


def _shares(white: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """Return how much of each block is white: the exact mean over its area, whatever the size of the mask."""
    for count in (rows, columns):
        summed = np.concatenate([np.zeros((1, white.shape[1])), np.cumsum(white, axis=0)])
        at = np.linspace(0.0, white.shape[0], count + 1)
        whole = np.minimum(at.astype(np.int64), white.shape[0] - 1)
        upto = summed[whole] + (at - whole)[:, None] * white[whole]
        white = (np.diff(upto, axis=0) * (count / white.shape[0])).T
    return white
