"""Compare frames by pairs: by how much one came out brighter and of another colour, whatever passes through it."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.modes import BANDWIDTH_EV, ModeFinder
from dayspool.deflicker.ties import LAGS, Ties

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dayspool.deflicker.measure import Measure

__all__ = ["Comparing", "Side", "Tie", "Tying", "side_of", "tie"]

_CLIPPED = 0.85  # of white: a block with a brighter sample may hide that it got brighter
_NOISIEST_EV = 0.5  # a block that may be off by more is below its noise floor
_STIR_EV = 0.1  # of noise makes a block count half; detail that moves looks like noise, so the rest count nearly alike
_FEWEST = 12  # blocks that have to be usable in both frames
_ENOUGH = 20.0  # blocks that agree make a comparison half as sure as a great many do
_WIDE_EV = 0.1  # scatter of what agrees that makes it half as sure
_AGREES_EV = 0.25  # a block that is further off does not agree, however much everything stirs
_NEVER = float("nan")

_LIGHT = ModeFinder(reach_ev=6.0, likely_ev=0.7)
_COLOUR = ModeFinder(reach_ev=2.0, likely_ev=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """How a later frame differs from an earlier one.

    Attributes:
        ev: by how much its green light is brighter, in EV; NaN where they share too few usable blocks.
        red: by how much log2(R/G) is higher; NaN likewise.
        blue: by how much log2(B/G) is higher; NaN likewise.
        confidence: 0 to 1: how much of the usable picture agrees, how narrowly, and whether something else might.
        rejected: the share of the picture that does not agree or is not usable, 0 to 1.
    """

    ev: float
    red: float
    blue: float
    confidence: float
    rejected: float


_UNTIED = Tie(ev=_NEVER, red=_NEVER, blue=_NEVER, confidence=0.0, rejected=1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One frame made ready to be compared: arrays of shape (blocks,), of all its blocks."""

    green: NDArray[np.float32]
    red: NDArray[np.float32]
    blue: NDArray[np.float32]
    variance: NDArray[np.float32]
    usable: NDArray[np.bool_]
    shape: tuple[int, ...]


def side_of(measure: Measure, usable: NDArray[np.bool_] | None) -> Side:
    """Make one frame ready: which blocks are neither clipped nor lost in noise, and how noisy they are."""
    good = (measure.peak < _CLIPPED) & (measure.noise < _NOISIEST_EV)
    if usable is not None:
        good &= usable
    return Side(
        green=measure.green.ravel(),
        red=measure.red.ravel(),
        blue=measure.blue.ravel(),
        variance=(measure.noise**2).ravel(),
        usable=good.ravel(),
        shape=measure.light.shape,
    )


def tie(earlier: Measure, later: Measure, *, expected_ev: float = 0.0, usable: NDArray[np.bool_] | None = None) -> Tie:
    """Compare two frames.

    Args:
        earlier: the one.
        later: the other, of a grid of the same shape.
        expected_ev: by how much the later one should be brighter by its exposure; NaN where nobody knows.
        usable: which blocks may be looked at, of the shape of the grid; None for all.

    Returns:
        The comparison; without a tie where too little of the picture is usable in both, or their grids differ.
    """
    return _compared(side_of(earlier, usable), side_of(later, usable), expected_ev)


def _compared(earlier: Side, later: Side, expected_ev: float) -> Tie:
    """Compare two frames that were made ready.

    The blocks are weighed by their noise. Light is the mode of their differences, not far from what was expected;
    colour is the mode over the blocks that agree on light: white balance moves all of them, and nobody passes there.
    """
    if earlier.shape != later.shape:
        return _UNTIED
    both = np.flatnonzero(earlier.usable & later.usable)
    if both.size < _FEWEST:
        return _UNTIED
    expected = np.float32(expected_ev if np.isfinite(expected_ev) else 0.0)
    brighter = later.green[both] - earlier.green[both] - expected
    weights = np.float32(_STIR_EV**2) / (np.float32(_STIR_EV**2) + earlier.variance[both] + later.variance[both])
    light = _LIGHT.mode(brighter, weights)
    if light is None:
        return _UNTIED
    within = min(max(3.0 * light.scatter, BANDWIDTH_EV), _AGREES_EV)
    agree = np.abs(brighter - np.float32(light.at)) <= within
    there, weighed = both[agree], weights[agree]
    red = _COLOUR.mode(later.red[there] - earlier.red[there], weighed)
    blue = _COLOUR.mode(later.blue[there] - earlier.blue[there], weighed)
    narrow = 1.0 / (1.0 + light.scatter / _WIDE_EV)
    many = there.size / (there.size + _ENOUGH)
    return Tie(
        ev=float(expected) + light.at,
        red=_NEVER if red is None else red.at,
        blue=_NEVER if blue is None else blue.at,
        confidence=light.share * narrow * many * (1.0 - 0.5 * light.rival),
        rejected=1.0 - there.size / earlier.usable.size,
    )


class Comparing:
    """Compares every frame with those a few frames before it; holds the last eight and nothing else."""

    def __init__(self) -> None:
        self._held: deque[tuple[Side | None, float]] = deque(maxlen=max(LAGS))

    def push(
        self, measure: Measure | None, nominal_ev: float, usable: NDArray[np.bool_] | None = None
    ) -> tuple[tuple[int, Tie], ...]:
        """Compare the next frame with those before it.

        Args:
            measure: the frame; None for one that could not be measured, which is tied to nothing.
            nominal_ev: what its exposure makes of a scene, in EV; NaN where nobody knows.
            usable: which blocks may be looked at; None for all.

        Returns:
            (how many frames before, comparison), for each of `LAGS` that reaches a measured frame.
        """
        side = None if measure is None else side_of(measure, usable)
        found = []
        for lag in LAGS:
            if lag > len(self._held):
                break
            earlier, earlier_ev = self._held[-lag]
            if earlier is not None and side is not None:
                found.append((lag, _compared(earlier, side, nominal_ev - earlier_ev)))
        self._held.append((side, nominal_ev))
        return tuple(found)


class Tying:
    """Gathers the ties of a whole shoot, frame after frame, in slot order; of the frames it holds the last eight."""

    def __init__(self) -> None:
        self._comparing = Comparing()
        self._frames = 0
        self._pairs = (array("i"), array("i"))
        self._numbers = tuple(array("f") for _ in range(5))  # 28 bytes a tie, and to a millionth as good as they are

    def push(
        self, measure: Measure | None, nominal_ev: float, usable: NDArray[np.bool_] | None = None
    ) -> tuple[tuple[int, Tie], ...]:
        """Tie the next frame to those before it; its index is the number of frames that were pushed before.

        Args:
            measure: the frame; None for one that could not be measured, which is tied to nothing.
            nominal_ev: what its exposure makes of a scene, in EV; NaN where nobody knows.
            usable: which blocks may be looked at (`usable_blocks`); None for all.

        Returns:
            As `Comparing.push`.
        """
        compared = self._comparing.push(measure, nominal_ev, usable)
        for lag, found in compared:
            self._pairs[0].append(self._frames - lag)
            self._pairs[1].append(self._frames)
            values = (found.ev, found.red, found.blue, found.confidence, found.rejected)
            for column, value in zip(self._numbers, values, strict=True):
                column.append(value)
        self._frames += 1
        return compared

    @property
    def frames(self) -> int:
        """How many frames were pushed."""
        return self._frames

    @property
    def ties(self) -> Ties:
        """All ties so far, by the later frame."""
        first, second = (np.array(column, dtype=np.int64) for column in self._pairs)
        ev, red, blue, confidence, rejected = (np.array(column, dtype=np.float64) for column in self._numbers)
        return Ties(first=first, second=second, ev=ev, red=red, blue=blue, confidence=confidence, rejected=rejected)
