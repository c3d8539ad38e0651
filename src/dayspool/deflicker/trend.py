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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Levels:
    """What is expected of the levels that steps make.

    Attributes:
        usual_ev: what they are usually off by.
        small: whether few are larger, so that light is believed before them.
        returns: times the smoothing: so slowly they come back into the trend.
    """

    usual_ev: float
    small: bool
    returns: float


_SETTINGS = _Levels(usual_ev=0.03, small=True, returns=4.0)
"""Errors of settings that are known: small, so that light which only looks like them stays light."""

_CHANGES = _Levels(usual_ev=0.3, small=False, returns=2.0)
"""Exposures that a camera changed by itself, and nobody told us of; they followed the light, and are wanted soon."""

_WHITE_BALANCE = _Levels(usual_ev=0.03, small=False, returns=5.0)

_QUIET = 0.1  # of a small level: less flicker than this is not believed, or light that bends would be taken for levels
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
    expected = _WHITE_BALANCE if colour else _CHANGES if detect else _SETTINGS
    level = _levels(at, rows, values, weight, every, smooth_frames, expected)
    ramp = ramped(level, every, BREAKS * smooth_frames)
    slowly = smoothed(rows, ramp, np.ones_like(level), stiffness_of(expected.returns * smooth_frames))
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
    expected: _Levels,
) -> NDArray[np.float64]:
    """Return the levels that jump at the steps, beside a smooth light.

    Small ones are told at once with the stiffness that suits the values. Large ones would be taken for light there;
    they are first told with the stiffness that was asked for. Flicker and stiffness are then judged without levels, and
    levels are told once more; one that turned out larger than usual costs less than usual in the next round.
    """
    stiffness: NDArray[np.float64] | float = stiffness_of(smooth_frames)
    kept, flicker, _ = flicker_of(rows, values, weight, smooth_frames)
    usual = np.full_like(values, expected.usual_ev)
    level = np.zeros_like(values)
    for turn in range(_ROUNDS):
        if turn or expected.small:
            how = adapted(rows, values - level, weight, smooth_frames)
            kept, flicker, stiffness = how.weight, how.flicker, how.stiffness[1:-1]
            usual = np.hypot(expected.usual_ev, mean_levels(level, steps))
        pull = levels(at, steps, np.maximum(flicker / usual, _QUIET if expected.small else 0.0), smooth_frames)
        level = split(rows, values, np.maximum(kept, _LEAST_WEIGHT), stiffness, pull)[1]
    return level
