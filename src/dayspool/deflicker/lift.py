"""By how much to brighten a whole film so that its clipped light is never drawn darker than white."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LARGEST_LIFT_EV", "lift_of"]

LARGEST_LIFT_EV = 0.5
"""More brightens a film visibly; the few frames that would need it keep a gain below 1, and the highlight guard."""

_OUTLIERS = 0.01
"""Share of the frames whose gains may stay below 1: one frame far off does not brighten a film."""


def lift_of(lowest_ev: NDArray[np.float64]) -> float:
    """Return the EV to add to all grades so that gains are at least 1 where that is possible.

    Args:
        lowest_ev: the lowest grade of any channel of every frame, shape (frames,).
    """
    if not lowest_ev.size:
        return 0.0
    return float(np.clip(-np.quantile(lowest_ev, _OUTLIERS), 0.0, LARGEST_LIFT_EV))
