"""What a scene is made of: light without flicker, and how the camera took every frame of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from benchmarks.deflicker.scenes_camera import FULL_WELL
from benchmarks.deflicker.scenes_texture import Picture, Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Field", "LightOf", "Maker", "Take", "grey_gain"]

LightOf: TypeAlias = Callable[[int], Picture]
"""The linear light of a frame, by index, without flicker, noise and clipping; it may exceed 1."""

Field: TypeAlias = Callable[[int], Plane]
"""What a frame's gain is off by over the picture, in EV, mean 0; it multiplies all channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One shoot of one scene; arrays over frames.

    Attributes:
        light: the truth: what a camera without fault would have recorded.
        gain_ev: shape (frames, 3): by how much red, green and blue came out brighter than the truth.
        field_ev: how that differed over the picture; None where it did not.
        nominal_ev: how bright the exposure that was set draws a scene; NaN where nobody knows.
        target_ev: how bright it was meant to; NaN where nobody knows.
        full_well: electrons at white of every frame: fewer at a higher ISO.
    """

    light: LightOf
    gain_ev: NDArray[np.float64]
    nominal_ev: NDArray[np.float64]
    target_ev: NDArray[np.float64]
    full_well: NDArray[np.float64]
    field_ev: Field | None = None


Maker: TypeAlias = Callable[[np.random.Generator, int, tuple[int, int]], Take]
"""Makes a take of (chance, frames, (width, height))."""


def grey_gain(
    light: LightOf,
    gain_ev: NDArray[np.float64],
    *,
    field_ev: Field | None = None,
    full_well: float = FULL_WELL,
) -> Take:
    """Return a take at one exposure that was never changed, known to be so, all channels flickering alike."""
    frames = len(gain_ev)
    return Take(
        light=light,
        gain_ev=np.repeat(gain_ev[:, np.newaxis], 3, axis=1),
        nominal_ev=np.zeros(frames),
        target_ev=np.full(frames, np.nan),
        full_well=np.full(frames, full_well),
        field_ev=field_ev,
    )
