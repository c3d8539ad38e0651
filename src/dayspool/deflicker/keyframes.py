"""Bend grades so that they are exactly what a person set, and come back smoothly between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["bent"]

_REACH = 2.0  # times the smoothing: how far a keyframe bends what lies around it


def bent(at: NDArray[np.float64], wanted: Mapping[int, float], smooth_frames: float) -> NDArray[np.float64]:
    """Return a smooth curve that is exactly as wanted at some points, and comes back to 0 away from them.

    Every keyframe is a bump that ends at the next one at the latest. So the curve never goes beyond what was wanted,
    however near and however different keyframes are, and leaves alone what is further away.

    Args:
        at: when, in frames, rising; shape (points,).
        wanted: by index, EV.
        smooth_frames: of the trend.
    """
    curve = np.zeros(len(at))
    fixed = np.array(sorted(wanted), np.int64)
    reach = np.minimum(np.diff(at[fixed], prepend=-np.inf, append=np.inf), _REACH * max(smooth_frames, 1.0))
    for index, before, after in zip(fixed.tolist(), reach[:-1], reach[1:], strict=True):
        away = at - at[index]
        near = np.clip(1 - np.abs(away) / np.where(away < 0, before, after), 0, 1)
        curve += wanted[index] * near**2 * (3 - 2 * near)
    return curve
