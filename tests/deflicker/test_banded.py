"""Banded systems: the same answer as a dense solver gives, for every width and length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.deflicker.banded import solve_banded


def _system(width: int, length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make a positive definite band, as diagonals and as a whole matrix."""
    bands = np.random.default_rng(seed).normal(size=(width + 1, length))
    bands[0] = 2.0 * width + 1.0 + np.abs(bands[0]) + 2.0 * np.abs(bands[1:]).sum()
    whole = np.zeros((length, length))
    for offset in range(min(width + 1, length)):
        line = bands[offset, : length - offset]
        whole += np.diag(line, -offset) + (np.diag(line, offset) if offset else 0.0)
    return bands, whole


@given(width=st.integers(0, 10), length=st.integers(1, 70), seed=st.integers(0, 99), sides=st.integers(0, 3))
def test_the_answer_is_that_of_a_dense_solver(width: int, length: int, seed: int, sides: int) -> None:
    bands, whole = _system(width, length, seed)
    right = np.random.default_rng(seed + 1).normal(size=(length, sides) if sides else length)
    found = solve_banded(bands, right)
    assert found.shape == right.shape
    np.testing.assert_allclose(whole @ found, right, atol=1e-9)


def test_what_lies_beyond_the_matrix_is_not_read() -> None:
    bands, whole = _system(3, 9, seed=5)
    for offset in range(1, 4):
        bands[offset, 9 - offset :] = np.nan
    np.testing.assert_allclose(whole @ solve_banded(bands, np.ones(9)), np.ones(9), atol=1e-9)


@pytest.mark.parametrize("smooth", [1.0, 1e4, 1e8])
def test_a_straight_line_stays_straight_however_stiff_the_smoothing(smooth: float) -> None:
    length = 20_000
    second = np.array([1.0, -2.0, 1.0])
    bands = np.zeros((3, length))
    for row in range(3):
        for column in range(row + 1):
            bands[row - column, column : column + length - 2] += smooth * second[row] * second[column]
    bands[0] += 1.0
    line = np.linspace(-3.0, 5.0, length)
    np.testing.assert_allclose(solve_banded(bands, line), line, atol=1e-6)


def test_no_rows_at_all() -> None:
    assert solve_banded(np.zeros((3, 0)), np.zeros(0)).shape == (0,)
