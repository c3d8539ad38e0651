"""Find where the largest group of numbers that agree lies: the mode of a density, and how sure it is.

A mean or a median over a picture follows whatever passes through it. What did not change forms one narrow heap of equal
differences, and the rest is scattered: so the heap is looked for, coarsely in a histogram, and then its middle. Where
everything stirs (leaves in the wind) there is no narrow heap; then one wide heap is believed instead, if it tells the
numbers better: of two descriptions, as a heap and a rest that may lie anywhere, the likelier is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BANDWIDTH_EV", "Mode", "ModeFinder"]

BANDWIDTH_EV = 0.03
"""The width (sigma) that the density is smoothed with: less than flicker that is seen, more than noise of a block."""

_BINS_PER_BANDWIDTH = 3
_COARSER = 8  # the wide heap is looked for in a histogram that is so much coarser
_NARROW_EV = (0.001, 0.06)  # what the scatter of a heap may be taken for
_WIDE_EV = (0.08, 1.5)
_REACH = 4.0  # numbers further from the middle than so many sigmas do not count (Tukey's biweight)
_SHRUNK = 0.770  # the share of its variance that a normal distribution keeps under that biweight
_STANDS_OUT = 2.5  # a narrow heap of so many times what a wide one has there is one of its own
_MOST = 0.8  # a narrow heap of so much of the weight needs no other
_NEARER = 0.6  # by so much the look at a wide heap is narrowed at a time
_COSTS = 1.8  # times the variance of the last look is what the next, nearer one may cost
_STEPS = 3
_ROUNDS = 8
_SETTLED_EV = 2e-5
_NORMAL = 0.5 * math.log(2.0 * math.pi * math.e)  # entropy of a normal distribution of sigma 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One heap of numbers.

    Attributes:
        at: its middle.
        scatter: its sigma, between 1 and 600 mEV.
        share: the share of the whole weight that is in it, 0 to 1.
        rival: the density of the next best heap against this one's, 0 to 1.
    """

    at: float
    scatter: float
    share: float
    rival: float


class ModeFinder:
    """Finds modes of numbers around zero; holds the tables of its histograms.

    Args:
        reach_ev: numbers further than this from zero are not looked at.
        likely_ev: how far from zero a mode is easily believed to be; a heap at this distance must have twice the mass.
    """

    def __init__(self, *, reach_ev: float, likely_ev: float) -> None:
        self._step = BANDWIDTH_EV / _BINS_PER_BANDWIDTH
        bins = 2 * round(reach_ev / self._step) + 1
        self._bins = -(-bins // _COARSER) * _COARSER
        self._zero = self._bins // 2
        self._range = math.log(2.0 * reach_ev)
        at = self._step * (np.arange(self._bins) - self._zero)
        self._likely = 1.0 / (1.0 + (at / likely_ev) ** 2)
        self._coarsely = self._likely.reshape(-1, _COARSER).mean(axis=1)
        taps = np.arange(-3 * _BINS_PER_BANDWIDTH, 3 * _BINS_PER_BANDWIDTH + 1) / _BINS_PER_BANDWIDTH
        self._kernel = np.exp(-0.5 * taps**2)

    def mode(self, numbers: NDArray[np.float32], weights: NDArray[np.float32]) -> Mode | None:
        """Return the most believable heap of `numbers`, which weigh `weights` (both of shape (n,)); None for none."""
        whole = float(weights.sum())
        bins = np.rint(numbers * (1.0 / self._step)).astype(np.int64) + self._zero
        inside = (bins >= 0) & (bins < self._bins)
        if not inside.all():
            bins, numbers, weights = bins[inside], numbers[inside], weights[inside]
        if not bins.size or whole <= 0.0:
            return None
        counted = np.bincount(bins, weights=weights, minlength=self._bins)
        density = np.convolve(counted, self._kernel, mode="same") * self._likely
        best = int(density.argmax())
        heap = _middle(numbers, weights, (best - self._zero) * self._step, BANDWIDTH_EV, _NARROW_EV)
        if heap[2] < _MOST * whole:
            coarse = np.convolve(counted.reshape(-1, _COARSER).sum(axis=1), self._kernel, mode="same") * self._coarsely
            start = ((int(coarse.argmax()) + 0.5) * _COARSER - 0.5 - self._zero) * self._step
            wide = _middle(numbers, weights, start, _COARSER * BANDWIDTH_EV, _WIDE_EV)
            heap = _sharpened(numbers, weights, wide) if self._explains(wide, heap, whole) else heap
        at, scatter, mass = heap
        peak = min(max(round(at / self._step) + self._zero, 0), self._bins - 1)
        away = math.ceil(max(4.0 * scatter, 5.0 * BANDWIDTH_EV) / self._step)
        others = max(density[: max(peak - away, 0)].max(initial=0.0), density[peak + away + 1 :].max(initial=0.0))
        return Mode(at=at, scatter=scatter, share=min(mass / whole, 1.0), rival=min(float(others / density[best]), 1.0))

    def _explains(self, wide: tuple[float, float, float], narrow: tuple[float, float, float], whole: float) -> bool:
        """Return whether a wide heap tells the numbers better, and the narrow one hardly stands out of it."""
        root = math.sqrt(2.0) * wide[1]
        near, reach = abs(wide[0] - narrow[0]), 3.0 * narrow[1]
        foretold = 0.5 * wide[2] * (math.erf((near + reach) / root) - math.erf((near - reach) / root))
        if narrow[2] > _STANDS_OUT * foretold:
            return False
        return self._told(wide[1], wide[2] / whole) > self._told(narrow[1], narrow[2] / whole)

    def _told(self, scatter: float, share: float) -> float:
        """Return the mean log likelihood of numbers of which `share` is a normal heap and the rest lies anywhere."""
        share = min(max(share, 1e-6), 1.0 - 1e-6)
        heap, rest = math.log(share / scatter) - _NORMAL, math.log(1.0 - share) - self._range
        return share * heap + (1.0 - share) * rest


def _middle(
    numbers: NDArray[np.float32],
    weights: NDArray[np.float32],
    start: float,
    width: float,
    bounds: tuple[float, float],
) -> tuple[float, float, float]:
    """Return the middle of the heap around `start`, its sigma (`width` at first), and the weight that is in it.

    Middle and sigma are those at which a biweight of four sigmas reproduces both: a narrow heap is not blurred by what
    lies around it, a wide one is not sampled from a sliver of it.
    """
    near = np.abs(numbers - np.float32(start)) <= _REACH * bounds[1]
    numbers, weights = numbers[near] - np.float32(start), weights[near]
    at, scatter = 0.0, width
    for _ in range(_ROUNDS):
        far = numbers - np.float32(at)
        squares = far * far
        kept = np.maximum(1.0 - squares * np.float32(1.0 / (_REACH * scatter) ** 2), 0.0)
        kept *= kept
        kept *= weights
        mass = float(kept.sum())
        if mass <= 0.0:
            break
        moved = float(kept @ far) / mass
        wide = min(max((float(kept @ squares) / mass / _SHRUNK) ** 0.5, bounds[0]), bounds[1])
        settled = abs(moved) < _SETTLED_EV and abs(wide - scatter) < 0.05 * scatter
        at, scatter = at + moved, wide
        if settled:
            break
    inside = np.abs(numbers - np.float32(at)) <= 3.0 * scatter
    return start + at, scatter, float(weights[inside].sum())


def _sharpened(
    numbers: NDArray[np.float32], weights: NDArray[np.float32], heap: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Look for the middle of a wide heap nearer and nearer to it, as long as that costs little.

    What stirs is often a mixture, of some that hardly moves with some that moves a lot: then the core tells more than
    the whole. How sure a middle is comes from the numbers themselves (the asymptotic variance of an M-estimator; Huber,
    Robust Statistics, 3.2); where there is a hollow instead of a core it grows at once. Scatter and mass stay those of
    the whole heap.
    """
    at, scatter, mass = heap
    moved, width, last = at, scatter, math.inf
    while width >= BANDWIDTH_EV:
        near = np.abs(numbers - np.float32(moved)) <= 1.5 * _REACH * width
        numbers, weights = numbers[near], weights[near]
        for _ in range(_STEPS):
            far = (numbers - np.float32(moved)) * np.float32(1.0 / (_REACH * width))
            inner = np.maximum(1.0 - far * far, 0.0)
            pull = weights * inner * inner
            whole = float(pull.sum())
            if whole <= 0.0:
                return at, scatter, mass
            moved += float(pull @ far) / whole * _REACH * width
        slope = float((weights * inner) @ (1.0 - 5.0 * far * far))
        variance = float(np.square(pull * far).sum()) * (_REACH * width / slope) ** 2 if slope > 0.0 else math.inf
        if variance > _COSTS * last:
            break
        at, last = moved, variance
        width *= _NEARER
    return at, scatter, mass
