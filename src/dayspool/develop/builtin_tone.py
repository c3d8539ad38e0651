"""Tone curves: one drawn through a person's points, and the fixed one that RAW frames get."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["BASE_EV", "filmic", "through"]

BASE_EV = 0.7
"""How much brighter a RAW is shown than its sensor saw it: cameras leave that room above a metered grey."""

_GREY = 0.1845  # linear light of the middle grey that the curve leaves where it is: L* = 50
_CONTRAST = 1.5  # the power of light in the curve: 1.27 is what is left of it at middle grey, about that of a print
_WHITE = 2**BASE_EV  # a full sensor at 0 EV


def filmic(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the linear light shown for linear light of a scene, in which a full sensor is `2**BASE_EV`.

    y = x^c (W^c + k) / (W^c (x^c + k)) with c the contrast, W white and k such that middle grey stays: the log-logistic
    (Naka and Rushton 1966) response of eyes and film, scaled so that a full sensor is shown as full white, and cut
    there. Nothing in it depends on the picture, so it cannot flicker.
    """
    grey, white = _GREY**_CONTRAST, _WHITE**_CONTRAST
    half = white * grey * (1 - _GREY) / (_GREY * white - grey)
    response = light**_CONTRAST
    shown: NDArray[np.float64] = np.minimum(response * (white + half) / (white * (response + half)), 1.0)
    return shown


def through(points: Sequence[tuple[float, float]], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw a curve through points that never falls between them, and read it at values.

    Piecewise cubic Hermite with the slopes of Fritsch and Butland (1984), which overshoots nowhere; level before the
    first point and after the last.

    Raises:
        PlanError: fewer than two points, one outside 0 to 1, inputs that do not rise, or outputs that fall.
    """
    at, to = _checked(points)
    width, rise = np.diff(at), np.diff(to)
    slope = _slopes(width, rise / width)
    inside = np.clip(values, at[0], at[-1])
    left = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, len(width) - 1)
    t = (inside - at[left]) / width[left]
    along = width[left] * (slope[left] * t * (1 - t) ** 2 - slope[left + 1] * t**2 * (1 - t))
    drawn: NDArray[np.float64] = to[left] + rise[left] * t**2 * (3 - 2 * t) + along
    return drawn


def _checked(points: Sequence[tuple[float, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sound = len(points) >= 2 and all(0 <= value <= 1 for point in points for value in point)
    if not sound or any(b[0] <= a[0] or b[1] < a[1] for a, b in pairwise(points)):
        raise PlanError(
            f"the tone curve {list(points)} cannot be drawn: it needs two points or more from 0 to 1, "
            "each to the right of the one before and not below it"
        )
    at, to = np.array(points, dtype=np.float64).T
    return at, to


def _slopes(width: NDArray[np.float64], secant: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the slope at every point: the weighted harmonic mean of the secants beside it, at the ends the secant."""
    of_left, of_right = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    flat = (secant[:-1] == 0) | (secant[1:] == 0)
    safe = np.where(secant == 0, 1.0, secant)
    inner = np.where(flat, 0.0, (of_left + of_right) / (of_left / safe[:-1] + of_right / safe[1:]))
    slopes: NDArray[np.float64] = np.concatenate([secant[:1], inner, secant[-1:]])
    return slopes
