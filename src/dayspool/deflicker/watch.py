"""What is noticed of every frame beside its ties while it is measured: signs that something is the matter with it."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dayspool.deflicker.measure import Blocks, Measure

__all__ = ["Seen", "Watch"]

_EVEN_EV = 0.01  # a row of blocks that differ by less holds no picture: noise alone makes more
_FLASHES = 3  # in a row, at most
_SHARES = (0.1, 0.5, 0.9)
_NOISIEST_EV = 0.5  # a block that may be off by more says nothing
_STEEPEST_EV = 0.5  # from block to block: so that no single edge decides how alike two pictures are


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Signs of all frames; arrays of shape (frames,), and NaN where a frame could not be measured.

    Attributes:
        sharpness: as `Measure.sharpness`.
        empty: the share of the picture, from its bottom or its top, in which every row has one colour.
        flash: shape (frames, 3): how much brighter a frame's blocks are, in EV, than they are at their darkest in the
            three frames before and in the three after: what a tenth, half and nine tenths of them stay below.
        likeness: how much its edges are those of the same darkest, from 0 for none of them to 1 for all; about 0.9 for
            the same scene in another light, and below 0.5 if most of it is hidden or blurred.
        apart: by how many times its noise it differs from the frame before; below 1 for a copy of the same picture.
    """

    sharpness: NDArray[np.float64]
    empty: NDArray[np.float64]
    flash: NDArray[np.float64]
    likeness: NDArray[np.float64]
    apart: NDArray[np.float64]


class Watch:
    """Gathers the signs of frames as they come, in slot order; of the frames it holds the last seven."""

    def __init__(self) -> None:
        self._held: deque[Measure | None] = deque(maxlen=2 * _FLASHES + 1)
        self._signs = tuple(array("d") for _ in range(3))
        self._flash = array("d")

    def push(self, measure: Measure | None) -> None:
        """Look at the next frame; None for one that could not be measured."""
        before = self._held[-1] if self._held else None
        signs = (np.nan,) * 3 if measure is None else (measure.sharpness, _empty(measure), _apart(before, measure))
        for column, sign in zip(self._signs, signs, strict=True):
            column.append(sign)
        self._held.append(measure)
        if len(self._signs[0]) > _FLASHES:
            self._flash.extend(_flash(self._held, len(self._held) - 1 - _FLASHES))

    @property
    def seen(self) -> Seen:
        """The signs of all frames so far."""
        sharpness, empty, apart = (np.array(column, dtype=np.float64) for column in self._signs)
        flash = array("d", self._flash)
        for at in range(max(len(self._held) - _FLASHES, 0), len(self._held)):
            flash.extend(_flash(self._held, at))
        against = np.array(flash).reshape(-1, 4)
        return Seen(sharpness=sharpness, empty=empty, flash=against[:, :3], likeness=against[:, 3], apart=apart)


def _empty(measure: Measure) -> float:
    planes = np.stack([measure.light, measure.red, measure.blue])
    even = (np.ptp(planes, axis=2) < _EVEN_EV).all(axis=0)
    return float(max(_run(even), _run(even[::-1])) / len(even))


def _run(even: NDArray[np.bool_]) -> int:
    """Return how many are true before the first that is not."""
    return len(even) if even.all() else int(np.argmin(even))


def _apart(before: Measure | None, measure: Measure) -> float:
    if before is None or before.light.shape != measure.light.shape:
        return float("nan")
    noise = np.hypot(before.noise, measure.noise)
    return float(np.sqrt(np.mean(((measure.light - before.light) / np.maximum(noise, 1e-6)) ** 2)))


def _flash(held: Sequence[Measure | None], at: int) -> tuple[float, float, float, float]:
    """Return how much brighter a frame is than beside it, as `Seen.flash` says, and its likeness."""
    measure = held[at]
    if measure is None:
        return (np.nan,) * 4
    shape = measure.light.shape
    sides = [
        [one.light for beside in side if (one := held[beside]) is not None and one.light.shape == shape]
        for side in (range(max(at - _FLASHES, 0), at), range(at + 1, min(at + 1 + _FLASHES, len(held))))
    ]
    darkest = [np.minimum.reduce(side) for side in sides if side]
    sure = measure.noise < _NOISIEST_EV
    if not darkest or not sure.any():
        return (np.nan,) * 4
    beside = np.maximum.reduce(darkest)
    low, half, high = np.quantile((measure.light - beside)[sure], _SHARES)
    return float(low), float(half), float(high), _likeness(measure.light, beside)


def _likeness(one: Blocks, other: Blocks) -> float:
    """Return the correlation of the steps from block to block."""
    first, second = (
        np.concatenate([np.clip(np.diff(light, axis=axis), -_STEEPEST_EV, _STEEPEST_EV).ravel() for axis in (0, 1)])
        for light in (one, other)
    )
    both = float(np.sqrt(np.dot(first, first) * np.dot(second, second)))
    return max(float(np.dot(first, second)) / both, 0.0) if both else 0.0
