"""Reconciling comparisons: exact where they agree, unmoved by wrong ones, and honest about what hangs together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.deflicker.graph import offsets
from dayspool.deflicker.ties import LAGS, Ties

seeds = st.integers(0, 2**32 - 1)


def _ties(frames: int) -> Ties:
    """Make sure ties of every lag, all of which say 0."""
    first = np.concatenate([np.arange(max(frames - lag, 0)) for lag in LAGS])
    second = first + np.repeat(LAGS, [max(frames - lag, 0) for lag in LAGS])
    blank = np.zeros(first.size)
    return Ties(first=first, second=second, ev=blank, red=blank, blue=blank, confidence=blank + 0.9, rejected=blank)


def _with_confidence(ties: Ties, confidence: np.ndarray) -> Ties:
    return dataclasses.replace(ties, confidence=confidence)


@settings(max_examples=20)
@given(frames=st.integers(1, 80), seed=seeds)
def test_ties_that_agree_are_met_exactly(frames: int, seed: int) -> None:
    true = np.random.default_rng(seed).normal(0.0, 0.3, frames)
    ties = _ties(frames)
    found = offsets(frames, ties, true[ties.second] - true[ties.first])
    if frames > 1:
        np.testing.assert_allclose(found.value, true - true[0], atol=1e-6)
        assert set(found.piece) == {0}
        assert found.confidence.min() > 0.85
        assert np.nanmax(found.residual) < 1e-6


@settings(max_examples=15)
@given(seed=seeds)
def test_wrong_ties_do_not_move_the_answer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ties = _ties(300)
    true = rng.normal(0.0, 0.1, 300)
    values = true[ties.second] - true[ties.first] + rng.normal(0.0, 0.001, ties.first.size)
    wrong = rng.random(ties.first.size) < 0.12
    values[wrong] += rng.normal(0.0, 0.6, wrong.sum())
    known = _with_confidence(ties, np.where(wrong, 0.4, 0.9))
    error = np.diff(offsets(300, known, values).value - true)[8:-8]  # the frames at both ends have half as many ties
    assert error.std() < 0.0015
    assert np.abs(error).max() < 0.02


def test_a_covered_frame_is_bridged() -> None:
    frames = 40
    ties = _ties(frames)
    true = np.random.default_rng(3).normal(0.0, 0.1, frames)
    values = true[ties.second] - true[ties.first]
    covered = (ties.first == 20) | (ties.second == 20)
    confidence = np.where(covered, 0.01, 0.9)
    found = offsets(frames, _with_confidence(ties, confidence), np.where(covered, 5.0, values))
    assert found.piece[20] == -1
    assert found.confidence[20] == 0.0
    assert np.isnan(found.residual[20])
    rest = np.arange(frames) != 20
    assert set(found.piece[rest]) == {0}
    np.testing.assert_allclose(found.value[rest], true[rest] - true[0], atol=1e-6)


def test_pieces_that_nothing_connects_are_told() -> None:
    ties = _ties(30)
    unknown = (ties.first < 10) & (ties.second >= 10)
    true = np.linspace(0.0, 3.0, 30)
    values = np.where(unknown, np.nan, true[ties.second] - true[ties.first])
    found = offsets(30, ties, values)
    assert found.piece.tolist() == [0] * 10 + [1] * 20
    np.testing.assert_allclose(found.value, np.concatenate([true[:10] - true[0], true[10:] - true[10]]), atol=1e-6)


def test_pieces_may_interleave() -> None:
    ties = _ties(9)
    across = (ties.first % 2) != (ties.second % 2)
    found = offsets(9, ties, np.where(across, np.nan, 0.5))
    assert found.piece.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_a_few_frames_without_any_tie(frames: int) -> None:
    found = offsets(frames, _ties(0), np.zeros(0))
    assert found.value.tolist() == [0.0] * frames
    assert found.piece.tolist() == [-1] * frames


def test_reversal_mirrors() -> None:
    rng = np.random.default_rng(5)
    ties = _ties(60)
    values = rng.normal(0.0, 0.05, ties.first.size)
    back = dataclasses.replace(ties, first=59 - ties.second, second=59 - ties.first)
    forth, mirrored = offsets(60, ties, values).value, offsets(60, back, -values).value[::-1]
    np.testing.assert_allclose(mirrored - mirrored[0], forth, atol=1e-5)
