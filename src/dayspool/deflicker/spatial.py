"""Light that flickers unevenly over the picture, as vignetting does: a surface through what patches of it say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DOWN", "SHAPES", "Patches", "heaps", "straight_down", "surfaces"]

SHAPES = 5
"""Ways in which light may be uneven: along x and along y, straight and bent, and over the diagonal. Mean 0 each."""

DOWN = [1, 3]
"""Which of them are the same across the picture."""

_DOWN, _ACROSS = 4, 6  # patches: enough that a passer-by covers few, large enough that each has a hundred blocks
_BIN_EV, _REACH_EV = 0.01, 0.4
_KERNEL = np.exp(-0.5 * (np.arange(-9, 10) / 3) ** 2)  # the same 30 mEV as in the comparison of whole pictures
_LIKELY_EV = 0.25  # a patch that differs by so much from the whole must have twice the mass to be believed
_NEAR_EV = 0.06  # what lies so near to a heap belongs to it
_ROUNDS = 12
_DISAGREES_EV = 0.02  # a patch further off the surface counts less and less
_LEAST = 1e-9
_STIFF = 0.05  # of a patch: what holds the surface flat where little is known


class Patches:
    """The patches of a grid of blocks, and the surfaces that may go through them.

    Args:
        shape: (rows, columns) of the grid of blocks.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        rows, columns = shape
        self.shape = (rows, columns)
        down = np.minimum(np.arange(rows) * _DOWN // rows, _DOWN - 1)
        across = np.minimum(np.arange(columns) * _ACROSS // columns, _ACROSS - 1)
        self.of_block = (down[:, np.newaxis] * _ACROSS + across).ravel()
        blocks = surfaces((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns).reshape(SHAPES, -1)
        whole = np.bincount(self.of_block, minlength=_DOWN * _ACROSS)
        of_patch = [np.bincount(self.of_block, one, _DOWN * _ACROSS) / np.maximum(whole, 1) for one in blocks]
        self._of_patch = np.column_stack([np.ones(_DOWN * _ACROSS), *of_patch])

    def fitted(
        self, blocks: NDArray[np.intp], apart: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return the surface through differences of blocks: its mean and the amounts of its shapes, in EV.

        Each patch says the mode of its own blocks; patches that do not go with the others count less and less.

        Args:
            blocks: which blocks; shape (n,), indices of the grid laid out flat.
            apart: by how much they differ from the whole picture, in EV.
            weights: theirs.
        """
        value, mass = heaps(self.of_block[blocks], len(self._of_patch), apart, weights)
        share = mass / max(float(mass.max(initial=0.0)), _LEAST)
        weight = share.copy()
        hold = np.diag([_LEAST] + [_STIFF] * SHAPES)
        fitted: NDArray[np.float64] = np.zeros(1 + SHAPES)
        for _ in range(_ROUNDS):
            weighed = self._of_patch.T * weight
            fitted = np.asarray(np.linalg.solve(weighed @ self._of_patch + hold, weighed @ value))
            weight = share / (1 + ((value - self._of_patch @ fitted) / _DISAGREES_EV) ** 2)
        return fitted


def surfaces(down: NDArray[np.float64], across: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shapes at places from 0 to 1: shape (`SHAPES`, rows, columns). Legendre's, so none has a mean."""
    y, x = np.broadcast_arrays(2 * down[:, np.newaxis] - 1, 2 * across - 1)
    return np.stack([x, y, (3 * x**2 - 1) / 2, (3 * y**2 - 1) / 2, x * y])


def straight_down(rows: int) -> NDArray[np.float64]:
    """Return those shapes that are the same across the picture (`DOWN`) in the middles of rows; shape (2, rows)."""
    middles = (np.arange(rows) + 0.5) / rows
    return surfaces(middles, np.array([0.5]))[DOWN, :, 0]


def heaps(
    groups: NDArray[np.intp], count: int, numbers: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mode of the numbers of each group, not far from 0, and the weight that is in it; shape (count,).

    Args:
        groups: to which group each number belongs, from 0.
        count: how many groups there are; one without numbers has a mode of 0 and no weight.
        numbers: in EV.
        weights: theirs.
    """
    half = round(_REACH_EV / _BIN_EV)
    bins = np.rint(numbers / np.float32(_BIN_EV)).astype(np.intp) + half
    inside = (bins >= 0) & (bins <= 2 * half)
    groups, bins, numbers, weights = groups[inside], bins[inside], numbers[inside], weights[inside]
    counted = np.bincount(groups * (2 * half + 1) + bins, weights, count * (2 * half + 1)).reshape(count, -1)
    at = _BIN_EV * np.arange(-half, half + 1)
    density = np.apply_along_axis(np.convolve, 1, counted, _KERNEL, "same") / (1 + (at / _LIKELY_EV) ** 2)
    middle = np.asarray(at[density.argmax(axis=1)], np.float64)
    mass = np.zeros(count)
    for _ in range(3):
        near = np.where(np.abs(numbers - middle[groups]) <= _NEAR_EV, weights, np.float32(0))
        mass = np.asarray(np.bincount(groups, near, count), np.float64)
        middle = np.asarray(np.bincount(groups, near * numbers, count) / np.maximum(mass, _LEAST))
    return middle, mass
