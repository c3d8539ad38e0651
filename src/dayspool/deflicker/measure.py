"""One frame in numbers: a grid of blocks, each with its light, its colour, its brightest sample and its noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blocks", "Measure"]

Blocks: TypeAlias = NDArray[np.float32]
"""A number for every block, of shape (rows, columns)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is kept of one frame; all planes have shape (rows, columns).

    Attributes:
        light: log2 of the mean linear luminance (Rec. 709) of a block, white being 0 EV.
        red: log2 of mean red over mean green, linear.
        blue: log2 of mean blue over mean green, linear.
        peak: the largest sample of any channel in a block, 0 to 1 of white (linear): 1 is clipped.
        noise: what `light` may be off by through noise and the steps of the file's codes, in EV.
        sharpness: how much fine detail the whole frame has (energy of its Laplacian over its light); any unit.
    """

    light: Blocks
    red: Blocks
    blue: Blocks
    peak: Blocks
    noise: Blocks
    sharpness: float
