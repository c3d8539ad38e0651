"""Tell, place by place, how much values flicker and how stiff a curve may be without missing what the light did.

The trend is the light as far as it can be told from flicker. A fixed stiffness is wrong twice: where nothing flickers
it takes cloud shadows and kinks away, and where much flickers it follows chance. So curves of many stiffnesses are
drawn; what separates each from the next is a band of frequencies. A band in which more is going on, around a place,
than white flicker of the strength seen there would leave is light: a curve that misses it is too stiff. Of the curves,
the one with the least expected error (missed light and passed flicker together) is chosen, softly and changing slowly.
That is thresholding of bands as in wavelet denoising (Donoho and Johnstone 1994), with Whittaker curves for bands. What
all of it looks at lies within a few windows of a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.smooth import passed, smoothed, smoothed_by_each, stiffness_of, window_mean, window_median

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FLICKER_FLOOR_EV", "Adapted", "adapted", "flicker_of", "trusted"]

FLICKER_FLOOR_EV = 0.015
"""A frame that is off by less is never an outlier, however quiet its neighbours are."""

_FAST = 1 / 16  # of the stiffness that is asked for: half the period; what such a curve misses is flicker
_FINEST, _STIFFEST = -8, 4  # powers of 4 of the stiffness that is asked for: 1/16 to twice and twice the period
_PEELED = 3  # times such a curve is taken away before flicker is measured
_OUTLIER = 2.5  # deviations
_MAD = 0.6745  # median of the absolute value of a normal variate of deviation 1
_CLEARLY = 4.0  # times the energy that flicker leaves in a band has to be in it before it is light
_VISIBLE = 2.0  # times as bad as missed light is flicker that passes: it is seen
_CHOOSY = 4.0  # power of the expected error that curves are weighed with: higher takes the best alone
_SETTLED = 1e-6  # EV: errors below are all the same
_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """What was found out about a curve; arrays of shape (points,).

    Attributes:
        weight: of the values, nearly 0 for outliers.
        flicker: deviation of what flickers around each place, outliers cut, EV.
        usual: that of the usual frame there, whatever the odd ones do, EV.
        stiffness: how stiff the curve is to be.
    """

    weight: NDArray[np.float64]
    flicker: NDArray[np.float64]
    usual: NDArray[np.float64]
    stiffness: NDArray[np.float64]


def adapted(
    rows: NDArray[np.float64], values: NDArray[np.float64], weight: NDArray[np.float64], smooth_frames: float
) -> Adapted:
    """Find flicker, outliers and stiffness.

    Args:
        rows: of `bends`.
        values: EV.
        weight: how sure each of them is, 0 to 1.
        smooth_frames: changes slower than so many frames are kept, whatever they are hidden in is not stronger.
    """
    weight, flicker, usual = flicker_of(rows, values, weight, smooth_frames)
    asked = stiffness_of(smooth_frames)
    risks = np.array(_risks(rows, values, weight, flicker**2, asked)) + _SETTLED**2
    likely = (risks / risks.min(axis=0)) ** -_CHOOSY
    powers = np.arange(_FINEST, _STIFFEST + 1) @ (likely / likely.sum(axis=0))
    stiffness = asked * 4.0 ** window_mean(powers, round(smooth_frames))
    return Adapted(weight=weight, flicker=flicker, usual=usual, stiffness=stiffness)


def flicker_of(
    rows: NDArray[np.float64], values: NDArray[np.float64], weight: NDArray[np.float64], smooth_frames: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return weights, flicker and what is usual, as they are in `Adapted`.

    Flicker is what a curve of half the period misses. Of what it misses such a curve is taken away again, for that is
    light: at the ends, and where it bends quickly.
    """
    half = max(round(smooth_frames), 3)
    fast = stiffness_of(smooth_frames) * _FAST
    share = _left_of_white(fast)
    kept = weight
    for _ in range(_ROUNDS):
        apart = np.abs(values - smoothed(rows, values, kept, fast))
        usual = window_median(apart, half) / (_MAD * share)
        kept = weight * trusted(apart, usual)
    missed = values
    for _ in range(_PEELED):
        missed = missed - smoothed(rows, missed, kept, fast)
    apart, share = np.abs(missed), _left_of_white(fast, times=_PEELED)
    usual = window_median(apart, half) / (_MAD * share)
    cut = np.minimum(apart, np.maximum(3 * usual, FLICKER_FLOOR_EV))
    return kept, np.sqrt(window_mean(cut**2, half)) / share, usual


def trusted(apart: NDArray[np.float64], flicker: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far values so far apart from a curve are to be trusted: 1, and nothing for outliers."""
    usual = _OUTLIER * flicker + FLICKER_FLOOR_EV
    return np.asarray(np.minimum(1.0, usual / np.maximum(apart, FLICKER_FLOOR_EV)) ** 6, np.float64)


def _risks(
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    variance: NDArray[np.float64],
    asked: float,
) -> list[NDArray[np.float64]]:
    """Return the expected squared error of the curves of all stiffnesses, the finest first, at every place."""
    steps = [asked * 4.0**power for power in range(_FINEST, _STIFFEST + 1)]
    curves = smoothed_by_each(rows, values, weight, steps)
    missed = np.zeros_like(values)
    risks = [_VISIBLE * variance * _passed_of_white(steps[0])]
    for place, (finer, stiffer) in enumerate(pairwise(steps)):
        period = 2 * np.pi * finer**0.25
        energy = window_mean((curves[place] - curves[place + 1]) ** 2, max(12.0, 2 * period))
        missed = missed + np.maximum(energy - _CLEARLY * _between_of_white(finer, stiffer) * variance, 0.0)
        risks.append(missed + _VISIBLE * variance * _passed_of_white(stiffer))
    return risks


@cache
def _left_of_white(stiffness: float, *, times: int = 1) -> float:
    """Return the deviation that a curve, taken away so many times, leaves of white flicker of deviation 1."""
    return float(np.sqrt(np.mean((1 - passed(stiffness)) ** (2 * times))))


@cache
def _passed_of_white(stiffness: float) -> float:
    """Return the variance that a curve takes over from white flicker of variance 1."""
    return float(np.mean(passed(stiffness) ** 2))


@cache
def _between_of_white(finer: float, stiffer: float) -> float:
    """Return the variance that white flicker of variance 1 has in the band between two curves."""
    return float(np.mean((passed(finer) - passed(stiffer)) ** 2))
