"""Reconcile all comparisons of pairs: one number for every frame, which a few wrong comparisons cannot move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.banded import solve_banded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dayspool.deflicker.ties import Ties

__all__ = ["Offsets", "offsets"]

_LEAST_CONFIDENCE = 0.12  # a tie that is less sure ties nothing
_ROUNDS = 20
_SETTLED_EV = 2e-6
_SOFT_EV = 0.005  # below this, disagreement is noise and is averaged; above, its size counts once (L1), not squared
_DISAGREES_EV = 0.03  # a tie that disagrees so much with the solution makes a frame half as sure


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """One number for every frame; all arrays have shape (frames,).

    Attributes:
        value: the offset, the first frame of each piece being 0; 0 for frames that are tied to none.
        confidence: 0 to 1: that of its best tie, less where the tie disagrees with the solution; 0 for untied frames.
        piece: which connected run of frames it belongs to, from 0, in the order of their first frames; -1 for untied.
        residual: how much its ties disagree with the solution, on the average; NaN for untied frames.
    """

    value: NDArray[np.float64]
    confidence: NDArray[np.float64]
    piece: NDArray[np.int64]
    residual: NDArray[np.float64]


def offsets(frames: int, ties: Ties, values: NDArray[np.float64]) -> Offsets:
    """Find the offsets whose differences fit the ties best: the least weighted sum of absolute disagreements.

    That sum (softened to squares below 5 mEV, where it has no corner) is minimised by weighted least squares over and
    over, each tie weighing the less the more it disagrees. Weights rise with confidence and fall with distance. Frames
    that no sure tie reaches are told, not guessed; so are pieces that no sure tie connects.

    Args:
        frames: how many there are.
        ties: the comparisons.
        values: shape (ties,): by how much the offset of the second frame exceeds that of the first; NaN for unknown.
    """
    sure = np.isfinite(values) & (ties.confidence >= _LEAST_CONFIDENCE)
    first, second = ties.first[sure], ties.second[sure]
    known, confidence = values[sure], ties.confidence[sure]
    piece, anchors = _pieces(frames, first, second)
    base = confidence**2 / np.sqrt(second - first)
    offset = np.zeros(frames)
    weight = base / _SOFT_EV
    for _ in range(_ROUNDS):
        before = offset
        offset = _balanced(frames, first, second, known, weight, anchors)
        apart = known - (offset[second] - offset[first])
        weight = base / np.hypot(apart, _SOFT_EV)
        if np.abs(offset - before).max(initial=0.0) < _SETTLED_EV:
            break
    apart = np.abs(known - (offset[second] - offset[first]))
    return Offsets(
        value=offset,
        confidence=_best(frames, first, second, confidence / (1.0 + (apart / _DISAGREES_EV) ** 2)),
        piece=piece,
        residual=_averaged(frames, first, second, apart, base),
    )


def _balanced(
    frames: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    known: NDArray[np.float64],
    weight: NDArray[np.float64],
    anchors: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Solve the least squares of one round; `anchors` are 0."""
    lag = second - first
    widest = int(lag.max(initial=0))
    bands = np.zeros((widest + 1, frames))
    bands[0] = np.bincount(first, weight, frames) + np.bincount(second, weight, frames)
    for apart in np.unique(lag):
        at = lag == apart
        bands[apart] = -np.bincount(first[at], weight[at], frames)
    pull = weight * known
    right: NDArray[np.float64] = np.subtract(np.bincount(second, pull, frames), np.bincount(first, pull, frames))
    bands[0, anchors] += max(float(weight.mean()), 1.0) if weight.size else 1.0
    return solve_banded(bands, right)


def _pieces(
    frames: int, first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the piece of every frame (-1 for untied ones), and the first frame of every piece and all untied ones.

    Every frame takes the lowest frame it is tied to for its root, and roots those of theirs, until nothing moves.
    """
    root = np.arange(frames)
    while first.size:
        low, high = np.minimum(root[first], root[second]), np.maximum(root[first], root[second])
        if np.array_equal(low, high):
            break
        np.minimum.at(root, high, low)
        while not np.array_equal(root[root], root):
            root = root[root]
    tied = np.zeros(frames, dtype=np.bool_)
    tied[first] = tied[second] = True
    piece = np.full(frames, -1, dtype=np.int64)
    piece[tied] = np.unique(root[tied], return_inverse=True)[1]
    return piece, np.flatnonzero(root == np.arange(frames))


def _best(
    frames: int, first: NDArray[np.int64], second: NDArray[np.int64], numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the highest number of all ties of each frame, 0 where it has none."""
    best = np.zeros(frames)
    np.maximum.at(best, first, numbers)
    np.maximum.at(best, second, numbers)
    return best


def _averaged(
    frames: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    numbers: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the weighted mean of a number over all ties of each frame, NaN where it has none."""
    whole = np.bincount(first, weight, frames) + np.bincount(second, weight, frames)
    summed = np.bincount(first, weight * numbers, frames) + np.bincount(second, weight * numbers, frames)
    average = np.full(frames, np.nan)
    np.divide(summed, whole, out=average, where=whole > 0.0)
    return average
