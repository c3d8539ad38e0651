"""What is known of exposures beforehand: the staircase that was set, its steps, and how bright frames were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.smooth import bends, smoothed, stiffness_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["filled", "meant", "ramped", "treads"]

_SAME_EV = 0.01  # settings that differ by less are the same one
_SHORTEST = 3  # frames: settings that last less are flicker like any other; their errors cannot be told from it
_REACH = 2.0  # times the smoothing: so far from a step a camera's wish may have begun to change
_LONGER = 2.0  # times the smoothing: over so much of what a camera chose by itself the wish behind it is taken


def filled(nominal_ev: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return nominal exposures without holes: an unknown one is taken to be like the nearest known, or 0."""
    known = np.flatnonzero(np.isfinite(nominal_ev))
    if not known.size:
        return np.zeros(len(nominal_ev))
    points = np.arange(len(nominal_ev))
    after = np.searchsorted(known, points).clip(max=known.size - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(known[before] - points) < np.abs(known[after] - points)
    return np.asarray(nominal_ev[np.where(nearer, known[before], known[after])], np.float64)


def treads(nominal_ev: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices of frames before which another exposure was set that lasts, as the one before it did."""
    changes = np.flatnonzero(np.abs(np.diff(nominal_ev)) > _SAME_EV) + 1
    lasting = np.diff(np.concatenate([[0], changes, [len(nominal_ev)]])) >= _SHORTEST
    return np.asarray(changes[lasting[:-1] & lasting[1:]], np.int64)


def ramped(levels: NDArray[np.float64], steps: NDArray[np.int64], reach_frames: float) -> NDArray[np.float64]:
    """Return a staircase as a ramp: half of every step is climbed before it and half after.

    A wish that is set in steps is rounded, so that it crosses the middle between two settings where they change. Treads
    that are longer than twice the reach are level in their middle, for nothing was wished there.

    Args:
        levels: shape (points,); they may drift between steps.
        steps: indices of the points before which there is a step, rising.
        reach_frames: how far from a step it is climbed at most.
    """
    points = np.arange(len(levels))
    edges = np.concatenate([[0], steps, [len(levels)]])
    climbs = np.concatenate([[0.0], np.diff(levels)[steps - 1], [0.0]]) / 2
    tread = np.searchsorted(steps, points, side="right")
    since, until = points + 0.5 - edges[tread], edges[tread + 1] - points - 0.5
    outer = (tread == 0) | (tread == len(steps))
    reach = np.minimum((since + until) * np.where(outer, 1.0, 0.5), reach_frames)
    down = climbs[tread] * np.maximum(1 - since / reach, 0.0)
    return np.asarray(levels - down + climbs[tread + 1] * np.maximum(1 - until / reach, 0.0), np.float64)


def meant(
    at: NDArray[np.float64], nominal_ev: NDArray[np.float64], target_ev: NDArray[np.float64], smooth_frames: float
) -> NDArray[np.float64]:
    """Return how bright frames were meant to be drawn, in EV, exactly as far as it is known.

    Where a camera exposed by itself, it is what it set, as a ramp and smoothed over a longer while: its treads are
    gone, and what it followed is kept.

    Args:
        at: when, in frames, rising.
        nominal_ev: what was set, without holes.
        target_ev: what was wanted, NaN where nothing was.
        smooth_frames: of the trend.
    """
    if not np.isnan(target_ev).any():
        return target_ev
    steps = np.flatnonzero(np.abs(np.diff(nominal_ev)) > _SAME_EV) + 1
    ramp = ramped(nominal_ev, steps, _REACH * smooth_frames)
    gentle = smoothed(bends(at, np.inf), ramp, np.ones(len(at)), stiffness_of(_LONGER * smooth_frames))
    return np.where(np.isnan(target_ev), gentle, target_ev)
