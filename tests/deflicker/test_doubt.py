"""Doubt: comparisons of a frame count for nothing if they are far less sure than usual and the frame stands out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.deflicker.doubt import around, doubt_of, undoubted
from dayspool.deflicker.graph import offsets
from dayspool.deflicker.ties import LAGS, Ties

FRAMES = 40


def ties_of(brightness, sure):
    """Ties between frames that came out so bright, each as sure as its less sure frame."""
    pairs = np.array([(one, one + lag) for lag in LAGS for one in range(len(brightness) - lag)], np.int64).reshape(
        -1, 2
    )
    first, second = pairs.T
    none = np.zeros(len(pairs))
    return Ties(
        first=first,
        second=second,
        ev=brightness[second] - brightness[first],
        red=none,
        blue=none,
        confidence=np.minimum(sure[first], sure[second]),
        rejected=none,
    )


@pytest.mark.parametrize(
    ("sure", "stands_out_ev", "tied"),
    [(0.2, 1.0, False), (0.2, -0.6, False), (0.2, 0.02, True), (0.6, 1.0, True)],
    ids=["flash", "shadow", "unsure", "exposed wrongly"],
)
def test_only_unsure_frames_that_stand_out_lose_their_ties(sure, stands_out_ev, tied):
    light, every = np.zeros(FRAMES), np.full(FRAMES, 0.8)
    light[20], every[20] = stands_out_ev, sure
    ties = ties_of(light, every)
    found = offsets(FRAMES, undoubted(FRAMES, ties, ties.ev), ties.ev)
    assert bool(found.piece[20] >= 0) == tied
    assert (np.delete(found.piece, 20) == 0).all()


def test_two_flashes_that_look_like_each_other_are_doubted_still():
    light, every = np.zeros(FRAMES), np.full(FRAMES, 0.8)
    light[[20, 21]], every[[20, 21]] = 1.0, 0.1
    ties = ties_of(light, every)
    alike = (ties.first == 20) & (ties.second == 21)
    ties = replace(ties, confidence=np.where(alike, 0.9, ties.confidence))
    assert np.flatnonzero(doubt_of(FRAMES, ties) > 0.5).tolist() == [20, 21]
    assert (undoubted(FRAMES, ties, ties.ev).confidence[alike] == 0).all()


@pytest.mark.parametrize("sure", [0.0, 0.05])
def test_where_nothing_is_sure_nothing_is_doubted(sure):
    ties = ties_of(np.zeros(FRAMES), np.full(FRAMES, sure))
    assert undoubted(FRAMES, ties, ties.ev) is ties
    assert (doubt_of(FRAMES, ties) <= 0).all()


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_few_frames_are_not_doubted(frames):
    ties = ties_of(np.zeros(frames), np.ones(frames))
    assert undoubted(frames, ties, ties.ev) is ties
    assert len(doubt_of(frames, ties)) == frames


@given(st.integers(0, 2**32 - 1))
def test_doubt_reaches_no_further_than_twelve_frames(seed):
    rng = np.random.default_rng(seed)
    every = rng.uniform(0.4, 1, 60)
    near, far = doubt_of(60, ties_of(np.zeros(60), every)), every.copy()
    far[45:] = rng.uniform(0, 1, 15)
    assert doubt_of(60, ties_of(np.zeros(60), far))[:24] == pytest.approx(near[:24])


def test_what_is_usual_leaves_a_frame_itself_out():
    values = np.array([1.0, np.nan, 3.0, 9.0])
    usual, scatter = around(values)
    assert usual == pytest.approx([6, 3, 5, 2])
    assert scatter[0] == pytest.approx(3 * 1.4826)
    assert np.isnan(around(np.array([1.0]))[0]).all()
