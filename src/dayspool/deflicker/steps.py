"""Take steps of the exposure or the white balance out of a curve, so that smoothing does not smear them.

A step is a level that begins at a frame and is as good as constant until the next one. Levels are unknowns beside the
light: the light is smooth, levels jump, and both together are what was measured. Far from steps levels fade away, so
that errors of many do not add up, and nothing depends on steps that are long past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.adapt import trusted
from dayspool.deflicker.banded import solve_banded
from dayspool.deflicker.smooth import bend_bands, bends, stiffness_of, window_median

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["found_steps", "levels", "mean_levels", "split"]

_WINDOWS = (13, 8, 5, 3)  # frames on either side of a jump that is looked for
_CLEARLY = 4.7  # deviations that a jump has to stand out by
_LEAST_EV = {True: 0.01, False: 0.1}  # and EV, by whether it is one of colour: white balance trembles little
_APART = 2  # frames: what does not last so long is an outlier
_FIRST = 0.4  # of the clearest jump around: less clear ones wait until that one is taken out, for it may make them
_SUDDEN = 0.7  # of its height a jump is from one frame to the next; the edge of a cloud's shadow takes longer
_CHANCE = 3.0  # deviations of flicker by which it may look less sudden
_ROUNDS = 8
_FADES = 2.0  # times the smoothing: how far from a step its level has faded
_FORGETS = 8  # power of that distance by which a level is none at all
_STIFF = 10.0  # times stiffer are levels near their steps
_QUIET = 0.003  # of a level: less flicker than this is not believed when light and levels are told apart
_QUIET_EV = 0.001  # nor less than this when jumps are looked for
_LARGE_EV = 0.3  # what the levels that are looked for may well be
_MAD = 0.6745


def split(
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    stiffness: NDArray[np.float64] | float,
    pull: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the smooth light and the levels that together fit the values best; both of shape (points,).

    Args:
        rows: of `bends`.
        values: what was measured.
        weight: how much each counts.
        stiffness: of the light.
        pull: of `levels`: what levels cost, and what their changes between neighbours cost.
    """
    rest, change = pull
    count = len(values)
    bands = np.zeros((5, 2 * count))
    if count > 2:
        bands[::2, ::2] = bend_bands(rows, stiffness)
    bands[0, ::2] += weight
    bands[0, 1::2] += weight + rest
    bands[1, ::2] += weight
    bands[0, 1:-1:2] += change
    bands[0, 3::2] += change
    bands[2, 1:-1:2] -= change
    solved = solve_banded(bands, np.repeat(weight * values, 2))
    return solved[::2], solved[1::2]


def levels(
    at: NDArray[np.float64],
    steps: NDArray[np.int64],
    flicker: NDArray[np.float64],
    smooth_frames: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what levels cost, shape (points,), and what their changes cost, shape (points - 1,), for `split`.

    A level keeps its value near its steps and fades where the next is far. Costs are against the weight 1 of a value:
    the less flicker there is beside the levels, the less they cost.

    Args:
        at: when, in frames, rising.
        steps: indices of the frames before which levels jump.
        flicker: its deviation against that of levels, at every point.
        smooth_frames: of the trend.
    """
    fades = _FADES * smooth_frames
    variance = np.maximum(flicker, _QUIET) ** 2
    edges = np.concatenate([[0], steps, [len(at)]])
    lasting = np.repeat(np.diff(edges), np.diff(edges)).astype(np.float64)
    rest = variance / np.clip(lasting, 1, smooth_frames)
    rest *= 1 + (_away(np.arange(0.5, len(at)), steps) / fades) ** _FORGETS
    near = _away(np.arange(1.0, len(at)), steps) < 2 * smooth_frames
    between = (rest[1:] + rest[:-1]) / 2
    change = between * fades**2 * np.where(near, _STIFF, 1.0) / np.maximum(np.diff(at), 1.0)
    change[steps - 1] = 0.0
    return rest, change


def mean_levels(level: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return at every point the mean of the level it belongs to, without sign."""
    number = np.zeros(len(level), np.int64)
    number[steps] = 1
    number = np.cumsum(number)
    return np.asarray((np.bincount(number, np.abs(level)) / np.bincount(number))[number], np.float64)


def _away(places: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each place is from the nearest step, in frames."""
    after = np.searchsorted(steps, places)
    before, behind = steps[np.maximum(after - 1, 0)], steps[np.minimum(after, len(steps) - 1)]
    return np.minimum(np.abs(places - before), np.abs(places - behind))


def found_steps(
    at: NDArray[np.float64], values: NDArray[np.float64], smooth_frames: float, *, colour: bool
) -> NDArray[np.int64]:
    """Find large jumps that last: the indices of the frames they happen before, rising.

    Args:
        at: when, in frames, rising.
        values: EV.
        smooth_frames: as for the trend.
        colour: whether they are of colour, where smaller jumps count.
    """
    least = _LEAST_EV[colour]
    if len(at) < 2:
        return np.zeros(0, np.int64)
    usual, between = _restless(values, max(round(smooth_frames), 3))
    calm = _without_outliers(values, _of_points(3 * between + 5 * np.abs(usual)))
    deviation = _of_points(between)
    rows = bends(at, 2 * smooth_frames)
    steps = np.zeros(0, np.int64)
    rest = calm
    for _ in range(_ROUNDS):
        more = np.setdiff1d(_standing_out(rest, between, least), steps)
        more = more[[bool(np.all(np.abs(steps - index) >= _APART)) for index in more]] if steps.size else more
        if not more.size:
            break
        steps = np.union1d(steps, more)
        steps = steps[np.abs(_heights(rows, at, calm, deviation, steps, smooth_frames)[steps]) >= least]
        rest = calm - np.cumsum(_heights(rows, at, calm, deviation, steps, smooth_frames))
    return steps


def _heights(
    rows: NDArray[np.float64],
    at: NDArray[np.float64],
    values: NDArray[np.float64],
    deviation: NDArray[np.float64],
    steps: NDArray[np.int64],
    smooth_frames: float,
) -> NDArray[np.float64]:
    """Return how high the steps are, 0 at all other points."""
    heights = np.zeros_like(values)
    if not steps.size:
        return heights
    pull = levels(at, steps, deviation / _LARGE_EV, smooth_frames)
    light, level = split(rows, values, np.ones_like(values), stiffness_of(smooth_frames), pull)
    weight = trusted(np.abs(values - light - level), deviation)
    level = split(rows, values, weight, stiffness_of(smooth_frames), pull)[1]
    heights[steps] = np.diff(level)[steps - 1]
    return heights


def _restless(values: NDArray[np.float64], half: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the usual change and the deviation of the flicker around every place between two values."""
    changes = np.diff(values)
    usual = window_median(changes, half)
    return usual, window_median(np.abs(changes - usual), half) / (_MAD * np.sqrt(2))


def _of_points(between: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return at every point the larger of two numbers that belong to the places before and after it."""
    return np.maximum(np.append(between[:1], between), np.append(between, between[-1:]))


def _without_outliers(values: NDArray[np.float64], slack: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values in which what sticks out of both its sides by more than some slack is put back."""
    padded = np.pad(values, 5, mode="reflect") if len(values) > 5 else np.pad(values, 5, mode="edge")
    sides = np.lib.stride_tricks.sliding_window_view(padded, 11)
    before, after = np.median(sides[:, :5], axis=1), np.median(sides[:, 6:], axis=1)
    return np.clip(values, np.minimum(before, after) - slack, np.maximum(before, after) + slack)


def _standing_out(values: NDArray[np.float64], between: NDArray[np.float64], least_ev: float) -> NDArray[np.int64]:
    """Return the indices before which values jump, clearly and by the most around."""
    count = len(values)
    best, height = np.zeros(count), np.zeros(count)
    deviation = np.append(between[:1], between)
    for side in _WINDOWS:
        taps = _jump_taps(side)
        jump = np.convolve(np.pad(values, side, mode="edge"), taps[::-1], mode="valid")[:count]
        clear = np.abs(jump) / (np.maximum(deviation, _QUIET_EV) * np.sqrt(np.sum(taps**2)))
        height = np.where(clear > best, np.abs(jump), height)
        best = np.maximum(clear, best)
    best[:_APART] = best[count - _APART + 1 :] = 0.0
    first = (best == _highest(best, _APART)) & (best >= _FIRST * _highest(best, 2 * _WINDOWS[0]))
    places = np.flatnonzero(first & (best >= _CLEARLY) & (height >= least_ev))
    around = places[:, np.newaxis] + np.array([-1, 0, 1])
    change = np.abs(values[around] - values[around - 1])
    sudden = change.max(axis=1) + _CHANCE * deviation[places] >= _SUDDEN * height[places]
    return np.unique(around[np.arange(len(places)), change.argmax(axis=1)][sudden])


def _highest(values: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """Return the highest of `half` neighbours on either side."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, half), 2 * half + 1)
    return np.asarray(windows.max(axis=1), np.float64)


def _jump_taps(side: int) -> NDArray[np.float64]:
    """Return the weights that read a jump in the middle of 2 * side values off, whatever straight line it lies on."""
    points = np.arange(-side, side) + 0.5
    model = np.stack([np.ones(2 * side), points, points > 0], axis=1)
    return np.asarray(np.linalg.pinv(model)[2], np.float64)
