"""Bend grades so that they are exactly what a person set, and come back smoothly between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.banded import solve_banded
from dayspool.deflicker.smooth import bend_bands, bends, stiffness_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["bent"]

_REACH = 2.0  # times the smoothing: how far a keyframe bends what lies around it
_FIRMLY = 1e6


def bent(at: NDArray[np.float64], wanted: Mapping[int, float], smooth_frames: float) -> NDArray[np.float64]:
    """Return a smooth curve that is exactly as wanted at some points, and comes back to 0 away from them.

    Args:
        at: when, in frames, rising; shape (points,).
        wanted: by index, EV.
        smooth_frames: of the trend: the curve is no sharper.
    """
    curve = np.zeros(len(at))
    if not wanted:
        return curve
    fixed, values = np.array(list(wanted)), np.array(list(wanted.values()), np.float64)
    curve[fixed] = values
    if len(at) < 3:
        return curve
    bands = bend_bands(bends(at, np.inf), stiffness_of(_REACH * smooth_frames))
    bands[0] += 1.0
    bands[0, fixed] += _FIRMLY
    pull = np.zeros(len(at))
    pull[fixed] = _FIRMLY * values
    curve = solve_banded(bands, pull)
    curve[fixed] = values
    return curve
