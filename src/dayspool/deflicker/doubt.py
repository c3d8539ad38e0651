"""Doubts comparisons of frames whose light they do not tell: lit by a flash, or hidden by what is before the lens.

The blocks of such a frame agree with no other frame as they do elsewhere, and the mode of what is left says nothing of
the exposure. Taken at its word, a flash of lightning would be graded down to the night, and bend the light around it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dayspool.deflicker.ties import Ties

__all__ = ["DOUBTED", "around", "doubt_of", "undoubted"]

DOUBTED = 0.5
"""From here on a frame is doubted: its comparisons are half as sure as is usual around it, or less."""

_BESIDE = 12  # frames to either side that a frame is compared with
_BEST = 3  # of a frame's ten comparisons
_SIGMA = 1.4826  # of a normal distribution, its median deviation is one part of
_LEAST_SURE = 0.1  # where nothing is sure anyway, no frame is less so
_STANDS_OUT_EV = 0.3  # three times and more what a camera's own flicker is


def doubt_of(frames: int, ties: Ties) -> NDArray[np.float64]:
    """Return how much less sure a frame's best comparisons are than those of the frames around it; shape (frames,).

    0 is as sure as usual, or as unsure where nothing can be compared, 1 not at all; NaN for a frame that is compared
    with none. The third best counts: two flashes may look like each other.
    """
    frame, confidence = np.concatenate([ties.first, ties.second]), np.tile(ties.confidence, 2)
    order = np.lexsort((confidence, frame))
    frame, confidence = frame[order], confidence[order]
    there, start, count = np.unique(frame, return_index=True, return_counts=True)
    sure = np.full(frames, np.nan)
    sure[there] = confidence[start + np.maximum(count - _BEST, 0)]
    usual = around(sure)[0]
    doubt: NDArray[np.float64] = (usual - sure) / np.maximum(usual, _LEAST_SURE)
    return doubt


def undoubted(frames: int, ties: Ties, values: NDArray[np.float64]) -> Ties:
    """Return ties without any confidence in those of doubted frames that stand out from the frames beside them.

    Args:
        frames: how many there are.
        ties: comparisons of them.
        values: by how much the second frame of each came out brighter beyond its exposure, in EV.
    """
    out = np.zeros(frames, np.bool_)
    for index in np.flatnonzero(doubt_of(frames, ties) >= DOUBTED):
        brighter = np.concatenate([values[ties.second == index], -values[ties.first == index]])
        known = brighter[np.isfinite(brighter)]
        out[index] = known.size > 0 and abs(float(np.median(known))) >= _STANDS_OUT_EV
    if not out.any():
        return ties
    return replace(ties, confidence=np.where(out[ties.first] | out[ties.second], 0.0, ties.confidence))


def around(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the median and the scatter of the values beside each, itself left out; NaN where there are none."""
    if not len(values):
        return values, values
    padded = np.pad(values, _BESIDE, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _BESIDE + 1).copy()
    windows[:, _BESIDE] = np.nan
    usual = np.full(len(values), np.nan)
    scatter = np.full(len(values), np.nan)
    known = ~np.isnan(windows).all(axis=1)
    usual[known] = np.nanmedian(windows[known], axis=1)
    scatter[known] = _SIGMA * np.nanmedian(np.abs(windows[known] - usual[known, np.newaxis]), axis=1)
    return usual, scatter
