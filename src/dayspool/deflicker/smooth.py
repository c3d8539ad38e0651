"""Draw a smooth curve through values that lie unevenly in time, as stiff as is asked at every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.banded import solve_banded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "bend_bands",
    "bends",
    "passed",
    "smoothed",
    "smoothed_by_each",
    "stiffness_of",
    "window_mean",
    "window_median",
]

_LEAST_WEIGHT = 1e-9  # of a value: one that counts for nothing is drawn through by its neighbours
_ROWS_AT_ONCE = 1 << 15  # of systems that are solved together


def stiffness_of(frames: float) -> float:
    """Return how much a bend has to cost so that waves of so many frames are halved; slower ones are kept.

    A wave of w radians a frame is drawn 1 / (1 + stiffness * w^4) as high (Whittaker 1923; Eilers 2003).
    """
    return (max(frames, 1.0) / (2 * np.pi)) ** 4


def bends(at: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """Return the rows that take the second derivative of a curve at its inner points, shape (3, points - 2).

    Divided differences, each row scaled with the root of the time it stands for, so that the sum of their squares is
    the integral of the squared second derivative. A curve is not held together over a gap longer than `longest`.

    Args:
        at: when, rising; in frames.
        longest: the longest gap that a curve goes on over.
    """
    if len(at) < 3:
        return np.zeros((3, 0))
    step = np.diff(at)
    before, after = step[:-1], step[1:]
    both = before + after
    rows = np.stack([2 / (before * both), -2 / (before * after), 2 / (after * both)]) * np.sqrt(both / 2)
    held = (before <= longest) & (after <= longest)
    return np.asarray(rows * held, np.float64)


def bend_bands(rows: NDArray[np.float64], stiffness: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the cost of bends as the lower diagonals of a matrix, shape (3, points), for `solve_banded`.

    Args:
        rows: of `bends`.
        stiffness: of each inner point, or of all.
    """
    inner = rows.shape[1]
    bands = np.zeros((3, inner + 2))
    for left in range(3):
        for right in range(left, 3):
            bands[right - left, left : left + inner] += stiffness * rows[left] * rows[right]
    return bands


def smoothed(
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    stiffness: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Return the curve x with the least sum of weight * (values - x)^2 + stiffness * bend^2."""
    if len(values) < 3:
        return values.copy()
    bands = bend_bands(rows, stiffness)
    counted = np.maximum(weight, _LEAST_WEIGHT)
    bands[0] += counted
    return solve_banded(bands, counted * values)


def smoothed_by_each(
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    stiffness: Sequence[float],
) -> NDArray[np.float64]:
    """Return the curves of several stiffnesses, shape (stiffnesses, points).

    Those of short shoots are drawn as one system, which is quicker than many; those of long ones would take too much
    room for that, and few at a time are as quick there.
    """
    count, points = len(stiffness), len(values)
    if points < 3:
        return np.tile(values, (count, 1))
    bends_once = bend_bands(rows, 1.0)
    counted = np.maximum(weight, _LEAST_WEIGHT)
    curves = np.empty((count, points))
    at_once = max(1, _ROWS_AT_ONCE // points)
    for start in range(0, count, at_once):
        some = np.asarray(stiffness[start : start + at_once])
        bands = bends_once[:, np.newaxis, :] * some[:, np.newaxis]
        bands[0] += counted
        solved = solve_banded(bands.reshape(3, -1), np.tile(counted * values, len(some)))
        curves[start : start + at_once] = solved.reshape(len(some), points)
    return curves


def passed(stiffness: float) -> NDArray[np.float64]:
    """Return what share of a wave a stiffness lets through, over all frequencies from 0 to half a turn a frame."""
    waves = np.linspace(0, np.pi, 4001)
    return np.asarray(1 / (1 + stiffness * (2 - 2 * np.cos(waves)) ** 2), np.float64)


def window_mean(values: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Return the mean over about `half` neighbours on either side, nearer ones counting more (two boxes)."""
    width = max(int(half) // 2, 1)
    points = np.arange(len(values))
    low, high = np.maximum(points - width, 0), np.minimum(points + width + 1, len(values))
    for _ in range(2):
        summed = np.concatenate([[0.0], np.cumsum(values)])
        values = (summed[high] - summed[low]) / (high - low)
    return values


def window_median(values: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """Return the median over every second of `half` neighbours on either side; beyond the ends values are mirrored."""
    padded = np.pad(values, half, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)[:, ::2]
    return np.asarray(np.median(windows, axis=1), np.float64)
