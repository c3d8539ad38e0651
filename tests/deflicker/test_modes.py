"""Modes: the narrow heap among scattered numbers, and the wide one where there is no narrow one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker.modes import Mode, ModeFinder

FINDER = ModeFinder(reach_ev=6.0, likely_ev=0.7)
seeds = st.integers(0, 2**32 - 1)


def _mode(*parts: np.ndarray) -> Mode:
    numbers = np.concatenate(parts).astype(np.float32)
    found = FINDER.mode(numbers, np.ones_like(numbers))
    assert found is not None
    return found


@settings(max_examples=20)
@given(seed=seeds, at=st.floats(-1.5, 1.5), scatter=st.floats(0.002, 0.05), share=st.floats(0.3, 1.0))
def test_the_narrow_heap_is_found_among_scattered_numbers(seed: int, at: float, scatter: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    many = int(3000 * share)
    found = _mode(rng.normal(at, scatter, many), rng.uniform(-3, 4, 3000 - many))
    assert found.at == pytest.approx(at, abs=5 * scatter / np.sqrt(many) + 2e-4)
    assert found.scatter == pytest.approx(scatter, rel=0.5)
    assert found.share == pytest.approx(share, abs=0.1)


@settings(max_examples=10)
@given(seed=seeds)
def test_where_all_stirs_the_wide_heap_counts_as_a_whole(seed: int) -> None:
    found = _mode(np.random.default_rng(seed).normal(0.2, 0.3, 3000))
    assert found.at == pytest.approx(0.2, abs=0.04)
    assert found.scatter > 0.1


@settings(max_examples=10)
@given(seed=seeds, phase=st.floats(0, 6.28))
def test_a_wave_over_the_picture_is_taken_by_its_middle_and_not_by_its_edge(seed: int, phase: float) -> None:
    rows = np.linspace(0, 2.5 * 2 * np.pi, 3456)
    numbers = 0.1 + 0.25 * np.sin(rows + phase) + np.random.default_rng(seed).normal(0, 0.01, 3456)
    assert _mode(numbers).at == pytest.approx(0.1, abs=0.09)


def test_a_still_core_tells_more_than_what_moves_around_it() -> None:
    rng = np.random.default_rng(4)
    found = _mode(rng.normal(0.1, 0.03, 700), rng.normal(0.1, 0.4, 2300) + 0.1)
    assert found.at == pytest.approx(0.1, abs=0.006)


def test_another_heap_is_a_rival() -> None:
    rng = np.random.default_rng(5)
    found = _mode(rng.normal(0.0, 0.02, 1000), rng.normal(0.6, 0.02, 900))
    assert found.at == pytest.approx(0.0, abs=0.003)
    assert 0.3 < found.rival < 0.9
    assert _mode(rng.normal(0.0, 0.02, 1000)).rival < 0.01


@pytest.mark.parametrize("numbers", [[], [50.0, -80.0]])
def test_nothing_within_reach_has_no_mode(numbers: list[float]) -> None:
    assert FINDER.mode(np.float32(numbers), np.ones(len(numbers), np.float32)) is None


def test_what_weighs_nothing_has_no_mode() -> None:
    assert FINDER.mode(np.zeros(9, np.float32), np.zeros(9, np.float32)) is None
