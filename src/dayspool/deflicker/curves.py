"""What goes into a solution besides the ties, and what comes out: one number a frame in every curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Curves", "Known"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the frames without looking at them; all arrays have shape (frames,), in slot order.

    Attributes:
        slots: their slots, int64, rising; they are the time that smoothing counts in.
        nominal_ev: how bright the exposure that was set draws a scene (`Exposure.gathered_ev` of the true values, not
            of their names); NaN where nobody knows.
        target_ev: how bright it was meant to, in the same EV: the ramp's wish; NaN where there was none.
    """

    slots: NDArray[np.int64]
    nominal_ev: NDArray[np.float64]
    target_ev: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """A solution; all arrays have shape (frames,). `grade_ev` is `trend_ev - measured_ev`, bounded, plus `lift_ev`.

    Attributes:
        slots: as `Known.slots`.
        nominal_ev: as `Known.nominal_ev`.
        measured_ev: how bright the frames came out, in EV, the first tied frame of each piece being 0 plus its nominal.
        trend_ev: how bright they are to be: what the light did, and what the exposure was meant to do.
        grade_ev: by how much to brighten each frame, in EV.
        measured_red: how red they came out: log2(R/G) against the first; so `measured_blue` for log2(B/G).
        measured_blue: likewise.
        grade_red: log2 of the gain of red over that of green; 0 where colour is left alone; so `grade_blue`.
        grade_blue: likewise.
        confidence: 0 to 1: how well a frame is tied to its neighbours; 0 for one that is tied to none.
        rejected: the share of its picture that did not agree with its neighbours (the best tie's), 0 to 1.
        piece: which connected run of frames it belongs to, from 0; -1 for a frame that is tied to none.
        bounded: whether the grade was cut at the bound.
        stepped: whether a step of the exposure or of the white balance was taken out just before it.
        lift_ev: what was added to every grade so that clipped light is not drawn darker.
    """

    slots: NDArray[np.int64]
    nominal_ev: NDArray[np.float64]
    measured_ev: NDArray[np.float64]
    trend_ev: NDArray[np.float64]
    grade_ev: NDArray[np.float64]
    measured_red: NDArray[np.float64]
    measured_blue: NDArray[np.float64]
    grade_red: NDArray[np.float64]
    grade_blue: NDArray[np.float64]
    confidence: NDArray[np.float64]
    rejected: NDArray[np.float64]
    piece: NDArray[np.int64]
    bounded: NDArray[np.bool_]
    stepped: NDArray[np.bool_]
    lift_ev: float = 0.0
