"""Bands that lamps on mains current draw through a rolling shutter: a wave down the picture, of other phase each frame.

The shutter runs down the picture always as fast, and the mains swing always as fast: so how many bands a picture has is
the same in a whole shoot. How strong they are and where they lie is each frame's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.spatial import heaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["band_rows", "bands_of", "profile", "waves", "waves_fitted"]

_FEWEST, _SLOTS = 0.8, 2.5  # bands in a picture: fewer look like light, and each needs so many rows of blocks
_STEP = 0.05
_LOOKED_AT = 600  # pairs
_ROUNDS = 10
_DISAGREES_EV = 0.02
_HOLD = 0.05  # of a row: what holds waves and slow shapes flat where little is known, as in a night sky
_ROWS_A_BAND = 16  # of the grid that is drawn: straight lines between them are 2 % off a wave


def profile(
    rows: NDArray[np.intp], count: int, apart: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float16]:
    """Return by how much every row of blocks differs, in EV, and how sure that is, 0 to 1; shape (2, count).

    Args:
        rows: in which row each block lies.
        count: how many rows there are.
        apart: by how much the blocks differ from the whole picture, in EV.
        weights: theirs.
    """
    value, mass = heaps(rows, count, apart, weights)
    return np.stack([value, mass / max(float(mass.max(initial=0.0)), 1e-9)]).astype(np.float16)


def bands_of(profiles: NDArray[np.float32]) -> float:
    """Return how many bands the picture has: the wave that explains most of what rows differ by, in all pairs together.

    Args:
        profiles: shape (pairs, rows), in EV.
    """
    pairs, rows = profiles.shape
    some = profiles[:: max(1, pairs // _LOOKED_AT)].astype(np.float64)
    down = (np.arange(rows) + 0.5) / rows
    slow = np.linalg.qr(np.column_stack([np.ones(rows), down]))[0]
    some = some - (some @ slow) @ slow.T
    tried = np.arange(_FEWEST, rows / _SLOTS, _STEP)
    explained = np.zeros(len(tried))
    for place, bands in enumerate(tried):
        wave = waves(down, float(bands))
        wave = np.linalg.qr(wave - slow @ (slow.T @ wave))[0]
        explained[place] = np.sum((some @ wave) ** 2)
    return _top(tried, explained)


def _top(tried: NDArray[np.float64], explained: NDArray[np.float64]) -> float:
    """Return where a parabola through the highest number and its neighbours is highest."""
    best = int(explained.argmax())
    if not 0 < best < len(tried) - 1:
        return float(tried[best])
    before, there, after = explained[best - 1 : best + 2]
    bend = 2 * there - before - after
    return float(tried[best] + (0.5 * _STEP * (after - before) / bend if bend > 0 else 0.0))


def waves(down: NDArray[np.float64], bands: float) -> NDArray[np.float64]:
    """Return sine and cosine at places from 0 to 1 down the picture, without their means; shape (places, 2)."""
    angle = 2 * np.pi * bands
    both = np.column_stack([np.sin(angle * down), np.cos(angle * down)])
    return both - np.array([1 - np.cos(angle), np.sin(angle)]) / angle


def waves_fitted(
    profiles: NDArray[np.float32], sure: NDArray[np.float32], bands: float, slow: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of every profile, the amounts of sine and cosine, and those of slower shapes, in EV.

    Rows that do not go with them, where something passes, count less and less.

    Args:
        profiles: shape (pairs, rows), in EV.
        sure: how sure each is, 0 to 1.
        bands: how many bands there are.
        slow: shape (shapes, rows): what else rows may differ by.
    """
    pairs, rows = profiles.shape
    flattened = np.sinc(bands / rows)  # what a row of blocks leaves of a wave
    model = np.column_stack([np.ones(rows), waves((np.arange(rows) + 0.5) / rows, bands) * flattened, slow.T])
    weight = sure.astype(np.float64)
    fitted = np.zeros((pairs, model.shape[1]))
    hold = _HOLD * np.eye(model.shape[1])
    for _ in range(_ROUNDS):
        weighed = model.T[np.newaxis] * weight[:, np.newaxis]
        fitted = np.linalg.solve(weighed @ model + hold, weighed @ profiles[..., np.newaxis])[..., 0]
        weight = sure / (1 + ((profiles - fitted @ model.T) / _DISAGREES_EV) ** 2)
    return np.asarray(fitted)


def band_rows(bands: float) -> int:
    """Return how many rows a grid needs for a wave that is drawn straight between them."""
    return max(2, round(_ROWS_A_BAND * bands) + 1)
