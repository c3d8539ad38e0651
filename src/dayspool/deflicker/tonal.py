"""Learns a camera's tone curve from its own flicker: one exposure moves every tone, each as far as the curve is steep.

Where sRGB is undone and the camera's own curve was another, a frame that came out 100 mEV brighter is so by 130 in its
middle tones and by 50 in its sky. Seen over many frames, that is one steepness for each tone, whatever the exposures
were (after Mitsunaga and Nayar, CVPR 1999, but with unknown ratios). Only frames count that stick out from both their
neighbours while those agree: that is what exposures do, and what a cloud does not. A power of the whole curve cannot be
told from it and does not matter: grades come out to that power of themselves. A curve counts only if what half of the
frames say explains the other half. A fire that brightens what is near it looks the same. What is learned from one evens
it out as well, and spoils the day after it: so other times of a shoot have to bear a curve out.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dayspool.deflicker.measure import Measure

__all__ = ["ToneCurve", "ToneLearner"]

ToneCurve: TypeAlias = tuple[tuple[float, float], ...]
"""Points (EV below white as sRGB has it, EV below white of light) of a camera's curve, rising; white is at 0, 0."""

_Table: TypeAlias = NDArray[np.float64]

_TONES = 16
_EDGES = np.linspace(0.14, 0.98, _TONES + 1)  # about as a camera encodes light: 2^(EV / 2.2)
_GAMMA = 2.2
_UNCLIPPED = 0.97  # of white, in the brightest sample of a block
_NOISIEST_EV = 0.1  # of a block; of those of a tone, the median counts
_LEAST_EV, _MOST_EV = 0.03, 1.0  # by how much a frame has to stick out, and may
_AGREE = 1.0  # of that: by how much its neighbours may differ; a step of the light is twice it
_ODD_EV = 0.35  # a block that differs by so much more than the others shows something that moved
_LEAST_BLOCKS = 12  # of a tone in a frame
_EVEN = 0.2  # of what a frame sticks out by: where the blocks of one tone disagree more, it was the light
_LEAST_FRAMES, _MOST_FRAMES = 12, 1024  # few are no proof; more tell nothing more
_LEAST_TONES = 6
_FLATTEST, _STEEPEST = 0.3, 3.0  # of sRGB's slope
_STIFF = 0.3  # how much the steepness of a tone is like its neighbours', against that of a frame
_PULL = 0.3  # how much the darkest tone is like sRGB's: near black, a camera's curve is as good as straight
_TURNS = 12  # of the fit: it stands still long before
_WINS = 0.4  # of what is left unexplained with sRGB may be left with a curve that counts
_BEARS_OUT = 1.1  # of the same, elsewhere: at night, or where the light moves too, no curve wins by much
_LEAST_WITNESSES = 3  # frames


class ToneLearner:
    """Looks at frames in slot order, as measured with sRGB's curve, and keeps a few numbers of those that stick out."""

    def __init__(self) -> None:
        self._last: deque[Measure] = deque(maxlen=2)
        self._told: list[_Table] = []
        self._stride, self._seen = 1, 0

    def push(self, measure: Measure | None) -> None:
        """Take the next frame; None for one that cannot be used."""
        if measure is None or any(one.light.shape != measure.light.shape for one in self._last):
            self._last.clear()
        if measure is None:
            return
        if len(self._last) == 2:
            self._seen += 1
            if self._seen % self._stride == 0:
                self._compare(self._last[0], self._last[1], measure)
        self._last.append(measure)

    def _compare(self, before: Measure, frame: Measure, after: Measure) -> None:
        told = _by_tone(before, frame, after)
        if told is not None:
            self._told.append(told)
        if len(self._told) > _MOST_FRAMES:  # however many there are: every second, from now on
            self._told, self._stride = self._told[::2], 2 * self._stride

    @property
    def frames(self) -> int:
        """How many frames tell something, of those that were kept."""
        return len(self._told)

    def learned(self) -> ToneCurve | None:
        """Return the camera's curve; None where nothing tells it, or sRGB's explains the frames about as well."""
        if len(self._told) < _LEAST_FRAMES:
            return None
        told = np.array(self._told)
        if ((~np.isnan(told)).sum(axis=0) >= _LEAST_FRAMES // 2).sum() < _LEAST_TONES:
            return None
        half = len(told) // 2
        for one, other in ((told[:half], told[half:]), (told[half:], told[:half])):
            if not _unexplained(other, _steepness(one)) < _WINS * _unexplained(other, np.ones(_TONES)):
                return None
        return _curve(_steepness(told))

    def bears_out(self, curve: ToneCurve) -> bool:
        """Return whether these frames may be of a camera with a curve that others told; few frames contradict nothing.

        Args:
            curve: as another learner `learned` it.
        """
        told = np.array(self._told)
        if len(told) < _LEAST_WITNESSES:
            return True
        seen_ev, light_ev = np.diff(np.array(curve), axis=0).T
        return _unexplained(told, seen_ev[:_TONES] / light_ev[:_TONES]) < _BEARS_OUT * _unexplained(
            told, np.ones(_TONES)
        )


def _by_tone(before: Measure, frame: Measure, after: Measure) -> _Table | None:
    """Return by how many EV each tone of a frame sticks out from both its neighbours, shape (tones,).

    NaN where nothing tells; None if too few tones do, or if the neighbours do not agree.
    """
    three = (before, frame, after)
    good = np.logical_and.reduce([(one.peak < _UNCLIPPED) & (one.noise < _NOISIEST_EV) for one in three])
    if good.sum() < _LEAST_TONES * _LEAST_BLOCKS:
        return None
    first, own, last = (one.green[good] for one in three)
    beside = (first + last) / 2
    differ = own - beside
    whole = float(np.median(differ))
    if not _LEAST_EV < abs(whole) < _MOST_EV or abs(np.median(last - first)) > _AGREE * abs(whole):
        return None
    even = np.abs(differ - whole) < _ODD_EV * max(1.0, 2 * abs(whole))
    differ, tone = differ[even], np.searchsorted(_EDGES, np.exp2((own + beside)[even] / 2 / _GAMMA)) - 1
    found = np.full(_TONES, np.nan)
    for number in range(_TONES):
        there = differ[tone == number]
        if there.size >= _LEAST_BLOCKS:
            middle = float(np.median(there))
            if np.median(np.abs(there - middle)) <= _EVEN * abs(whole):
                found[number] = middle
    return found if (~np.isnan(found)).sum() >= _LEAST_TONES else None


def _steepness(told: _Table) -> _Table:
    """Return how steep the curve is at each tone, against sRGB's, 1 on the whole: the robust rank-1 part of frames."""
    known = ~np.isnan(told)
    values, weights = np.where(known, told, 0.0), known.astype(np.float64)
    bends = np.diff(np.eye(_TONES), 2, axis=0)
    steep = np.ones(_TONES)
    for _ in range(_TURNS):
        exposure = _exposure(values, weights, steep)
        counts = weights * exposure**2
        stiff = _STIFF * counts.sum() / _TONES
        pull = np.eye(_TONES)[0] * _PULL * counts.sum() / _TONES
        normal = np.diag(counts.sum(axis=0) + pull) + stiff * bends.T @ bends
        steep = np.linalg.solve(normal, (weights * exposure * values).sum(axis=0) + pull)
        steep = np.clip(steep * counts.sum() / (counts.sum(axis=0) @ steep), _FLATTEST, _STEEPEST)
        apart = np.abs(values - _exposure(values, weights, steep) * steep)
        usual = 2 * max(float(np.median(apart[known])), 1e-4)
        weights = known / np.maximum(apart / usual, 1.0)
    return steep


def _exposure(values: _Table, weights: _Table, steep: _Table) -> _Table:
    """Return by how much each frame's exposure differs if the tones are so steep, shape (frames, 1)."""
    exposure: _Table = (weights * values * steep).sum(axis=1) / np.maximum((weights * steep**2).sum(axis=1), 1e-12)
    return exposure[:, np.newaxis]


def _unexplained(told: _Table, steep: _Table) -> float:
    """Return by how many EV, in the mean, tones stick out otherwise than one exposure makes them on such a curve."""
    known = ~np.isnan(told)
    values = np.where(known, told, 0.0)
    return float(np.abs(values - _exposure(values, known.astype(np.float64), steep) * steep)[known].mean())


def _curve(steep: _Table) -> ToneCurve:
    """Return the curve that is so steep at each tone: where it is twice as steep, values tell half the light."""
    ev = _GAMMA * np.log2(np.append(_EDGES, 1.0))
    rises = np.diff(ev) / np.append(steep, steep[-1])
    light = np.append(-rises[::-1].cumsum()[::-1], 0.0)
    return tuple(zip(ev.tolist(), light.tolist(), strict=True))
