"""Solve systems whose matrix is symmetric, positive definite and a narrow band, in time that grows with their length.

Smoothing a curve and reconciling comparisons of neighbours both end in such a system, with a row for every frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["solve_banded"]

_SMALLEST_BLOCK = 4
"""Below this the cost of a block is that of calling LAPACK, so narrower bands are solved in blocks of this size."""


def solve_banded(bands: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return x with A x = right, for a symmetric positive definite A that is given by its diagonals.

    The band is cut into square blocks, which leaves a block tridiagonal system; every second block is then eliminated,
    all of them in one batch, until one is left (cyclic reduction; Golub and Van Loan, Matrix Computations, 4.5.4). On a
    positive definite matrix that is Gaussian elimination in another order, and as stable.

    Args:
        bands: lower diagonals, shape (width + 1, n): `bands[j, i]` is `A[i + j, i]`; what lies beyond is not read.
        right: shape (n,) or (n, m) for m right-hand sides at once.

    Returns:
        x, of the shape of `right`.

    Raises:
        numpy.linalg.LinAlgError: the matrix is singular.
    """
    length = right.shape[0]
    if length == 0:
        return np.zeros_like(right, dtype=np.float64)
    block = max(bands.shape[0] - 1, _SMALLEST_BLOCK)
    diagonal, below = _blocks(bands, block)
    sides = np.zeros((diagonal.shape[0] * block, right.size // length))
    sides[:length] = right.reshape(length, -1)
    solved = _reduced(diagonal, below, sides.reshape(diagonal.shape[0], block, -1))
    return solved.reshape(sides.shape)[:length].reshape(right.shape)


def _blocks(bands: NDArray[np.float64], block: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cut a band into blocks: those on the diagonal (count, block, block), and those below (count - 1, …).

    The last block is filled up with rows of the identity.
    """
    width, length = bands.shape[0] - 1, bands.shape[1]
    count = -(-length // block)
    diagonal = np.zeros((count, block, block))
    below = np.zeros((count, block, block))
    for offset in range(width + 1):
        line = np.zeros(count * block)
        inside = max(length - offset, 0)
        line[:inside] = bands[offset, :inside]
        if offset == 0:
            line[length:] = 1.0
        columns = line.reshape(count, block)
        here, beyond = np.arange(block - offset), np.arange(block - offset, block)
        diagonal[:, here + offset, here] = columns[:, here]
        diagonal[:, here, here + offset] = columns[:, here]
        below[:, beyond + offset - block, beyond] = columns[:, beyond]
    return diagonal, below[:-1]


def _reduced(
    diagonal: NDArray[np.float64], below: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Solve a block tridiagonal system: eliminate every second block, solve for the others, and put the rest back."""
    count, block = diagonal.shape[:2]
    if count == 1:
        return np.linalg.solve(diagonal, right).astype(np.float64, copy=False)
    if count % 2 == 0:  # a block that is linked to nothing gives every block that goes two neighbours
        diagonal = np.concatenate([diagonal, np.eye(block)[None]])
        below = np.concatenate([below, np.zeros((1, block, block))])
        right = np.concatenate([right, np.zeros((1, *right.shape[1:]))])
    to_left, to_right = below[0::2], below[1::2]
    told = np.linalg.solve(diagonal[1::2], np.concatenate([to_left, _turned(to_right), right[1::2]], axis=2))
    by_left, by_right, alone = told[..., :block], told[..., block : 2 * block], told[..., 2 * block :]
    left_diagonal, left_right = diagonal[0::2].copy(), right[0::2].copy()
    left_diagonal[:-1] -= _turned(to_left) @ by_left
    left_diagonal[1:] -= to_right @ by_right
    left_right[:-1] -= _turned(to_left) @ alone
    left_right[1:] -= to_right @ alone
    left = np.zeros_like(left_right)
    stay = (count + 1) // 2
    left[:stay] = _reduced(left_diagonal[:stay], -(to_right @ by_left)[: stay - 1], left_right[:stay])
    whole = np.empty_like(right)
    whole[0::2] = left
    whole[1::2] = alone - by_left @ left[:-1] - by_right @ left[1:]
    return whole[:count]


def _turned(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transpose every block."""
    return blocks.transpose(0, 2, 1)
