"""Tell the light, which is kept, from flicker, which is not: one smooth curve through what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.adapt import adapted, flicker_of, trusted
from dayspool.deflicker.smooth import bends, smoothed, stiffness_of
from dayspool.deflicker.staircase import ramped
from dayspool.deflicker.steps import found_steps, levels, mean_levels, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["BREAKS", "Trend", "trend"]

BREAKS = 2.0
"""A gap that is longer than so many times the smoothing is not smoothed over."""

_KNOWN_EV, _FOUND_EV = 0.03, 0.3  # what a level is usually off by: a setting's error; a change nobody told us of
_RETURNS = {"known": 4.0, "found": 2.0, "colour": 5.0}
"""Times the smoothing: so slowly levels come back into the trend, by what they are. Exposures that a camera changed by
itself followed the light, and are wanted soon; errors of settings and a white balance that jumped are not."""

_ROUNDS = 3
_LEAST_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A smooth curve; arrays of shape (points,).

    Attributes:
        value: the light, in EV.
        stepped: whether a step was taken out just before the frame.
    """

    value: NDArray[np.float64]
    stepped: NDArray[np.bool_]


def trend(
    at: NDArray[np.float64],
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    smooth_frames: float,
    steps: Sequence[int] | NDArray[np.int64] = (),
    detect: bool = False,
    colour: bool = False,
) -> Trend:
    """Return the light behind values that flicker.

    Changes slower than `smooth_frames` are kept, as far as they stand out of the flicker; where nothing flickers the
    values are kept as they are. Single frames that are far off do not bend the curve.

    Args:
        at: when, in frames, rising; shape (points,).
        values: EV.
        weight: how sure each value is, 0 to 1.
        smooth_frames: how many frames the smoothing is long.
        steps: indices of frames before which the exposure was set anew: the curve does not follow a step there.
        detect: whether to look for steps besides.
        colour: whether values are of colour, where smaller steps are found.
    """
    if len(at) < 2:
        return Trend(value=values.copy(), stepped=np.zeros(len(at), np.bool_))
    rows = bends(at, BREAKS * smooth_frames)
    found = found_steps(at, values, smooth_frames, colour=colour) if detect else np.zeros(0, np.int64)
    every = np.union1d(np.asarray(steps, np.int64), found).astype(np.int64)
    stepped = np.zeros(len(at), np.bool_)
    stepped[every] = True
    if not every.size:
        return Trend(value=_drawn(rows, values, weight, smooth_frames), stepped=stepped)
    level = _levels(at, rows, values, weight, every, smooth_frames, _FOUND_EV if detect else _KNOWN_EV)
    returns = _RETURNS["colour" if colour else "found" if detect else "known"] * smooth_frames
    ramp = ramped(level, every, BREAKS * smooth_frames)
    slowly = smoothed(rows, ramp, np.ones_like(level), stiffness_of(returns))
    return Trend(value=_drawn(rows, values - level, weight, smooth_frames) + slowly, stepped=stepped)


def _drawn(
    rows: NDArray[np.float64], values: NDArray[np.float64], weight: NDArray[np.float64], smooth_frames: float
) -> NDArray[np.float64]:
    """Return the curve through values without steps; outliers are judged once more against itself."""
    how = adapted(rows, values, weight, smooth_frames)
    curve = smoothed(rows, values, how.weight, how.stiffness[1:-1])
    for _ in range(_ROUNDS - 1):
        kept = np.minimum(how.weight, trusted(np.abs(values - curve), how.usual))
        curve = smoothed(rows, values, kept, how.stiffness[1:-1])
    return curve


def _levels(
    at: NDArray[np.float64],
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    steps: NDArray[np.int64],
    smooth_frames: float,
    usual_ev: float,
) -> NDArray[np.float64]:
    """Return the levels that jump at the steps, beside a smooth light.

    They are first told with the stiffness that was asked for; flicker and stiffness are then judged without them, and
    they are told once more. A level that turned out larger than usual costs less than usual in the next round.
    """
    stiffness: NDArray[np.float64] | float = stiffness_of(smooth_frames)
    kept, flicker, _ = flicker_of(rows, values, weight, smooth_frames)
    usual = np.full_like(values, usual_ev)
    level = np.zeros_like(values)
    for turn in range(_ROUNDS):
        if turn:
            how = adapted(rows, values - level, weight, smooth_frames)
            kept, flicker, stiffness = how.weight, how.flicker, how.stiffness[1:-1]
            usual = np.hypot(usual_ev, mean_levels(level, steps))
        pull = levels(at, steps, flicker / usual, smooth_frames)
        level = split(rows, values, np.maximum(kept, _LEAST_WEIGHT), stiffness, pull)[1]
    return level
