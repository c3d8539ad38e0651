"""What synthetic scenes are painted with: clouds, hills, grounds, slow daylight. All linear light, white being 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Drifting", "Landscape", "Picture", "Plane", "blend", "fractal", "grid", "landscape", "slow_light", "soft"]

Plane: TypeAlias = NDArray[np.float32]
"""One number a pixel, shape (height, width)."""

Picture: TypeAlias = NDArray[np.float32]
"""Linear light, shape (height, width, 3)."""

Colour = tuple[float, float, float]


def soft(values: Plane, low: float, high: float) -> Plane:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    part = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def blend(below: Picture, above: Picture | Colour, cover: Plane) -> Picture:
    """Lay one picture or colour over another where `cover` is 1."""
    return np.asarray(below + (np.asarray(above, np.float32) - below) * cover[..., np.newaxis], np.float32)


def grid(size: tuple[int, int]) -> tuple[Plane, Plane]:
    """Return x and y of every pixel, 0 to 1 from left to right and from top to bottom."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x + 0.5) / width, (y + 0.5) / height


def fractal(rng: np.random.Generator, shape: tuple[int, int], slope: float = 1.6) -> Plane:
    """Return a periodic random field (mean 0, deviation 1) whose amplitude falls as frequency^-slope."""
    height, width = shape
    down, across = np.fft.fftfreq(height)[:, np.newaxis], np.fft.rfftfreq(width)[np.newaxis]
    frequency = np.hypot(down, across)
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) * frequency**-slope
    field = np.fft.irfft2(spectrum, s=shape)
    return np.asarray((field - field.mean()) / field.std(), np.float32)


@dataclass(frozen=True, slots=True)
class Drifting:
    """A random field that drifts `speed_px` a frame and turns into another one in about `turning_frames` frames."""

    first: Plane
    second: Plane
    speed_px: float
    turning_frames: float
    width: int

    @classmethod
    def drawn(
        cls,
        rng: np.random.Generator,
        size: tuple[int, int],
        *,
        speed_px: float,
        turning_frames: float = 120.0,
        slope: float = 1.6,
    ) -> Drifting:
        """Draw one; it is twice as wide as the picture, so that it returns late."""
        width, height = size
        shape = (height, 2 * width)
        first, second = fractal(rng, shape, slope), fractal(rng, shape, slope)
        return cls(first, second, speed_px, turning_frames, width)

    def at(self, index: int) -> Plane:
        """Return the field of one frame, shape (height, width)."""
        shift = self.speed_px * index
        whole = int(np.floor(shift))
        part = np.float32(shift - whole)
        angle = 2 * np.pi * index / (4 * self.turning_frames)
        columns = (np.arange(self.width + 1) + whole) % self.first.shape[1]
        field = np.cos(angle) * self.first[:, columns] + np.sin(angle) * self.second[:, columns]
        return np.asarray(field[:, :-1] * (1 - part) + field[:, 1:] * part, np.float32)


@dataclass(frozen=True, slots=True)
class Landscape:
    """A view: `ground` as noon light draws it, `sky` likewise without clouds, and `open_sky` (1 where sky is seen)."""

    ground: Picture
    sky: Picture
    open_sky: Plane
    x: Plane
    y: Plane


def landscape(
    rng: np.random.Generator,
    size: tuple[int, int],
    *,
    horizon: float = 0.5,
    zenith: Colour = (0.13, 0.25, 0.52),
    low_sky: Colour = (0.42, 0.50, 0.60),
) -> Landscape:
    """Draw hills behind each other, meadows with texture, and a clear sky that grows pale towards the horizon.

    Args:
        rng: where chance comes from.
        size: (width, height) in pixels.
        horizon: how far from the top hills begin, as a share of the height.
        zenith: light of the sky straight up.
        low_sky: light of the sky at the horizon.
    """
    width, height = size
    x, y = grid(size)
    down = soft(y, 0.0, horizon + 0.1)
    sky = blend(np.broadcast_to(np.float32(zenith), (height, width, 3)), low_sky, down)
    texture = fractal(rng, (height, width), 1.1)
    fine = fractal(rng, (height, width), 0.5)
    ground = np.zeros((height, width, 3), np.float32)
    open_sky = np.ones((height, width), np.float32)
    hills: Sequence[tuple[float, float, Colour]] = (
        (horizon, 0.06, (0.17, 0.20, 0.24)),
        (horizon + 0.10, 0.05, (0.09, 0.12, 0.09)),
        (horizon + 0.22, 0.04, (0.15, 0.16, 0.07)),
        (horizon + 0.36, 0.03, (0.20, 0.15, 0.09)),
    )
    for top, height_share, colour in hills:
        edge = top + height_share * _outline(rng, width)[np.newaxis]
        inside = np.asarray(np.clip((y - edge) * height + 0.5, 0, 1), np.float32)
        rough = np.exp2(0.45 * texture * (0.4 + y) + 0.3 * fine * y).astype(np.float32)
        ground = blend(ground, np.float32(colour) * rough[..., np.newaxis], inside)
        open_sky = np.asarray(open_sky * (1 - inside), np.float32)
    return Landscape(np.maximum(ground, np.float32(0.004)), sky, open_sky, x, y)


def _outline(rng: np.random.Generator, width: int) -> Plane:
    frequency = np.fft.rfftfreq(width)
    frequency[0] = np.inf
    line = np.fft.irfft(np.fft.rfft(rng.standard_normal(width)) * frequency**-1.5, n=width)
    return np.asarray((line - line.mean()) / line.std(), np.float32)


def slow_light(rng: np.random.Generator, frames: int, *, fall_ev: float, wander_ev: float) -> NDArray[np.float64]:
    """Return what daylight does, in EV: a fall over the whole film, and a wandering of 250 frames and slower."""
    at = np.arange(frames)
    periods = rng.uniform(250, 500, 3)
    phases = rng.uniform(0, 2 * np.pi, 3)
    waves = np.sin(2 * np.pi * at[:, np.newaxis] / periods + phases).sum(axis=1) / np.sqrt(1.5)
    return np.asarray(wander_ev * waves - fall_ev * at / frames, np.float64)
