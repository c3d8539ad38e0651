"""Find where the largest group of numbers that agree lies: the mode of a density, and how sure it is.

A mean or a median over a picture follows whatever passes through it. What did not change forms one narrow heap of equal
differences, and the rest is scattered: so the heap is looked for, coarsely in a histogram, and then its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BANDWIDTH_EV", "Mode", "ModeFinder"]

BANDWIDTH_EV = 0.03
"""The width (sigma) that the density is smoothed with: less than flicker that is seen, more than noise of a block."""

_BINS_PER_BANDWIDTH = 3
_NARROWEST_EV, _WIDEST_EV = 0.001, 0.12  # what the scatter of a heap may be taken for
_REACH = 4.0  # numbers further from the middle than so many sigmas do not count (Tukey's biweight)
_SHRUNK = 0.770  # the share of its variance that a normal distribution keeps under that biweight
_ROUNDS = 8
_SETTLED_EV = 2e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One heap of numbers.

    Attributes:
        at: its middle.
        scatter: its sigma, between 1 and 120 mEV.
        share: the share of the whole weight that is in it, 0 to 1.
        rival: the density of the next best heap against this one's, 0 to 1.
    """

    at: float
    scatter: float
    share: float
    rival: float


class ModeFinder:
    """Finds modes of numbers around zero; holds the tables of its histogram.

    Args:
        reach_ev: numbers further than this from zero are not looked at.
        likely_ev: how far from zero a mode is easily believed to be; a heap at this distance must have twice the mass.
    """

    def __init__(self, *, reach_ev: float, likely_ev: float) -> None:
        self._step = BANDWIDTH_EV / _BINS_PER_BANDWIDTH
        self._half = round(reach_ev / self._step)
        at = self._step * np.arange(-self._half, self._half + 1)
        self._likely = 1.0 / (1.0 + (at / likely_ev) ** 2)
        taps = np.arange(-3 * _BINS_PER_BANDWIDTH, 3 * _BINS_PER_BANDWIDTH + 1) / _BINS_PER_BANDWIDTH
        self._kernel = np.exp(-0.5 * taps**2)

    def mode(self, numbers: NDArray[np.float32], weights: NDArray[np.float32]) -> Mode | None:
        """Return the most believable heap of `numbers`, which weigh `weights` (both of shape (n,)); None for none."""
        whole = float(weights.sum())
        bins = np.rint(numbers * (1.0 / self._step)).astype(np.int64) + self._half
        inside = (bins >= 0) & (bins <= 2 * self._half)
        if not inside.all():
            bins, numbers, weights = bins[inside], numbers[inside], weights[inside]
        if not bins.size or whole <= 0.0:
            return None
        counted = np.bincount(bins, weights=weights, minlength=2 * self._half + 1)
        density = np.convolve(counted, self._kernel, mode="same") * self._likely
        best = int(density.argmax())
        at, scatter, mass = _middle(numbers, weights, (best - self._half) * self._step)
        away = np.ceil(max(4.0 * scatter, 5.0 * BANDWIDTH_EV) / self._step).astype(int)
        others = max(density[: max(best - away, 0)].max(initial=0.0), density[best + away + 1 :].max(initial=0.0))
        return Mode(at=at, scatter=scatter, share=min(mass / whole, 1.0), rival=float(others / density[best]))


def _middle(numbers: NDArray[np.float32], weights: NDArray[np.float32], start: float) -> tuple[float, float, float]:
    """Return the middle of the heap around `start`, its sigma, and the weight that is in it.

    Middle and sigma are those at which a biweight of four sigmas reproduces both: a narrow heap is not blurred by what
    lies around it, a wide one is not sampled from a sliver of it.
    """
    near = np.abs(numbers - start) <= _REACH * _WIDEST_EV
    numbers, weights = numbers[near] - np.float32(start), weights[near]
    at, scatter = 0.0, BANDWIDTH_EV
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
        wide = min(max((float(kept @ squares) / mass / _SHRUNK) ** 0.5, _NARROWEST_EV), _WIDEST_EV)
        settled = abs(moved) < _SETTLED_EV and abs(wide - scatter) < 0.05 * scatter
        at, scatter = at + moved, wide
        if settled:
            break
    inside = np.abs(numbers - np.float32(at)) <= 3.0 * scatter
    return start + at, scatter, float(weights[inside].sum())
