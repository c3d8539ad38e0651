"""Ties between frames: by how much one came out brighter than another, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LAGS", "Ties"]

LAGS = (1, 2, 3, 5, 8)
"""How many frames apart those are that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Comparisons of pairs of frames; all arrays have shape (ties,).

    Attributes:
        first: index of the earlier frame of each pair, int64.
        second: index of the later one.
        ev: by how much green light in the later one is brighter, in EV; NaN where they share too few usable blocks.
        red: by how much log2(R/G) is higher in the later one; NaN likewise.
        blue: likewise log2(B/G).
        confidence: 0 to 1: how much of the usable picture agrees, and how narrowly.
        rejected: the share of the picture that does not agree or is not usable, 0 to 1.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    ev: NDArray[np.float64]
    red: NDArray[np.float64]
    blue: NDArray[np.float64]
    confidence: NDArray[np.float64]
    rejected: NDArray[np.float64]

    def beyond(self, nominal_ev: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by how much each later frame is brighter beyond what its exposure says, in EV.

        Args:
            nominal_ev: how bright each frame's exposure draws a scene, in EV; shape (frames,).
        """
        return np.asarray(self.ev - (nominal_ev[self.second] - nominal_ev[self.first]), np.float64)
