"""Ties frames whose light is uneven over the picture: what each came out brighter by, and what parts of it did."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.banding import band_rows, bands_of, profile, waves, waves_fitted
from dayspool.deflicker.doubt import undoubted
from dayspool.deflicker.graph import offsets
from dayspool.deflicker.pairs import Side, Tying, side_of
from dayspool.deflicker.spatial import DOWN, SHAPES, Patches, straight_down, surfaces
from dayspool.deflicker.ties import LAGS, Ties
from dayspool.deflicker.trend import trend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dayspool.deflicker.measure import Measure

__all__ = ["Grid", "UnevenTying"]

Grid = tuple[tuple[float, ...], ...]
"""Rows from the top of EV, at crossings that reach from edge to edge of the picture."""

_ROWS, _COLUMNS = 5, 7  # of a surface without bands: what is bent is drawn to a sixteenth of its bend
_MOST_EV = 0.5  # a field is bounded to it: what differs by more is no flicker of light
_STIR_EV = 0.02  # what the scene itself changes in a block


@dataclass(frozen=True, slots=True, kw_only=True)
class _Uneven:
    """How all pairs differ over the picture: mean (pairs,), shapes (pairs, 5), sine and cosine of bands (pairs, 2)."""

    mean: NDArray[np.float64]
    shapes: NDArray[np.float64]
    bands: float
    wave: NDArray[np.float64]


class UnevenTying:
    """Does what `Tying` does, and besides tells how patches, or rows, of the picture differ from the whole.

    Of the frames it holds the last eight, and of every pair of them a few numbers (a kilobyte a frame for bands). Its
    `ties` are those of `Tying`, of which only the brightness is another: where light is uneven, the mode is that of the
    part which happens to be largest; here it is the mean over the picture.

    Args:
        field: whether to look for light that is uneven as vignetting is.
        banding: whether to look for bands.
    """

    def __init__(self, *, field: bool, banding: bool) -> None:
        self._field, self._banding = field, banding
        self._tying = Tying()
        self._held: deque[Side | None] = deque(maxlen=max(LAGS))
        self._patches: Patches | None = None
        self._nominal_ev = array("d")
        self._surfaces = array("d")
        self._profiles: list[NDArray[np.float16]] = []

    def push(self, measure: Measure | None, nominal_ev: float, usable: NDArray[np.bool_] | None = None) -> None:
        """Tie the next frame to those before it; as `Tying.push`."""
        compared = self._tying.push(measure, nominal_ev, usable)
        side = None if measure is None else side_of(measure, usable)
        for lag, tie in compared:
            earlier = self._held[-lag]
            if earlier is not None and side is not None:  # only those are compared
                self._look(earlier, side, tie.ev)
        self._held.append(side)
        self._nominal_ev.append(nominal_ev)

    @property
    def ties(self) -> Ties:
        """All ties so far, by the later frame."""
        ties = self._tying.ties
        return replace(ties, ev=ties.ev + self._uneven(len(ties.ev)).mean)

    def fields(self, slots: NDArray[np.int64], *, smooth_frames: float) -> tuple[Grid, ...]:
        """Return what evens out each frame, as EV to add over the picture; nothing (`()`) for frames tied to none.

        Args:
            slots: of the frames that were pushed.
            smooth_frames: what changes over so many frames is light, and stays.
        """
        if not len(slots):
            return ()
        at = (slots - slots[0]) / (max(float(np.median(np.diff(slots))), 1.0) if len(slots) > 1 else 1.0)
        ties = self._tying.ties
        uneven = self._uneven(len(ties.ev))
        nominal_ev = np.nan_to_num(np.array(self._nominal_ev))
        sure = undoubted(len(at), ties, ties.beyond(nominal_ev))
        amounts, tied = _evened(at, sure, np.hstack([uneven.shapes, uneven.wave]), smooth_frames)
        rows = max(_ROWS, band_rows(uneven.bands)) if self._banding else _ROWS
        surface = surfaces(np.linspace(0, 1, rows), np.linspace(0, 1, _COLUMNS if self._field else 1))
        wave = waves(np.linspace(0, 1, rows), uneven.bands)
        whole = np.tensordot(amounts[:, :SHAPES], surface, axes=1) + (amounts[:, SHAPES:] @ wave.T)[..., np.newaxis]
        bounded = np.clip(whole, -_MOST_EV, _MOST_EV)
        return tuple(
            tuple(map(tuple, grid.tolist())) if known else () for grid, known in zip(bounded, tied, strict=True)
        )

    def _uneven(self, pairs: int) -> _Uneven:
        """Return what was found of all pairs."""
        found = np.zeros((pairs, 1 + SHAPES))
        if self._field:
            found += np.array(self._surfaces).reshape(-1, 1 + SHAPES)
        if not self._banding or not pairs:
            return _Uneven(mean=found[:, 0], shapes=found[:, 1:], bands=1.0, wave=np.zeros((pairs, 2)))
        both = np.stack(self._profiles).astype(np.float32)
        bands = bands_of(both[:, 0])
        slow = straight_down(both.shape[2]) if self._field else np.zeros((0, both.shape[2]))
        fitted = waves_fitted(both[:, 0], both[:, 1], bands, slow)
        found[:, 0] += fitted[:, 0]
        if self._field:
            found[:, 1:][:, DOWN] += fitted[:, 3:]
        return _Uneven(mean=found[:, 0], shapes=found[:, 1:], bands=bands, wave=fitted[:, 1:3])

    def _look(self, earlier: Side, later: Side, ev: float) -> None:
        """Keep how a pair differs over the picture, beyond what it differs by on the whole."""
        if self._patches is None:
            self._patches = Patches(later.shape)
        alike = earlier.shape == later.shape == self._patches.shape and not np.isnan(ev)
        blocks = np.flatnonzero(earlier.usable & later.usable) if alike else np.zeros(0, np.intp)
        apart = later.green[blocks] - earlier.green[blocks] - np.float32(np.nan_to_num(ev))
        weights = np.float32(_STIR_EV**2) / (_STIR_EV**2 + earlier.variance[blocks] + later.variance[blocks])
        if self._banding:
            rows = blocks // self._patches.shape[1]
            found = profile(rows, self._patches.shape[0], apart, weights)
            self._profiles.append(found)
            apart = apart - found[0][rows]
        if self._field:
            self._surfaces.extend(self._patches.fitted(blocks, apart, weights))


def _evened(
    at: NDArray[np.float64], ties: Ties, amounts: NDArray[np.float64], smooth_frames: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return by how much each amount has to be changed in each frame, (frames, amounts), and which frames are tied.

    As with brightness: the differences of pairs make a course, of which the slow part is light, and stays.
    """
    graded = np.zeros((len(at), amounts.shape[1]))
    tied = np.zeros(len(at), np.bool_)
    for column, values in enumerate(amounts.T):
        found = offsets(len(at), ties, values)
        tied = found.piece >= 0
        for piece in range(int(found.piece.max(initial=-1)) + 1):
            inside = np.flatnonzero(found.piece == piece)
            kept = trend(at[inside], found.value[inside], found.confidence[inside], smooth_frames=smooth_frames)
            graded[inside, column] = kept.value - found.value[inside]
    return graded, tied
