"""The land in front of the sky: two ridges, houses with windows, water and a bank of reeds, all still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayspool.sim.noise import fractal_line, fractal_tile

__all__ = ["HORIZON", "Land", "make_land"]

HORIZON = 0.66  # of the picture's height, from the top

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """What does not depend on time, for one picture size.

    Attributes:
        top: the first row with land in it; the following planes begin there and end at the horizon.
        shade: how much sky is left (rows, width, 1), 1 where there is no land.
        albedo: how much of the light comes back, in colours (rows, width, 3).
        haze: how much of the horizon's colour lies over it (rows, width, 1).
        windows: which window a pixel belongs to, or -1 (rows, width).
        window_darkness: the sun's elevation in degrees below which each window is lit, one per window.
        mirror: for each pixel of the water, the row above the horizon that it mirrors (rows, width).
        ripple: how much that row moves with the waves (rows, width), in rows.
        gloss: how much of it is mirrored (rows, 1, 1).
        bank: how much water is left in front of the near bank (rows, width, 1).
        bank_albedo: the near bank (rows, width, 3).
    """

    top: int
    shade: Plane
    albedo: Plane
    haze: Plane
    windows: NDArray[np.int32]
    window_darkness: Plane
    mirror: Plane
    ripple: Plane
    gloss: Plane
    bank: Plane
    bank_albedo: Plane


def make_land(px: tuple[int, int], seed: int) -> Land:
    """Build the land for a picture of that size; the same seed gives the same land at every size."""
    width, height = px
    horizon = round(height * HORIZON)
    x = (np.arange(width) + 0.5) / width
    y = (np.arange(height) + 0.5) / height
    rng = np.random.default_rng((seed, 1))
    far = HORIZON - 0.055 - 0.030 * fractal_line(rng, x, lowest=1.3, octaves=7)
    crowns = 0.0035 * fractal_line(rng, x, lowest=90, octaves=3)
    mid = HORIZON - 0.020 - 0.016 * fractal_line(rng, x, lowest=2.2, octaves=4) - np.abs(crowns)
    texture = _texture(rng, px)
    top = max(0, min(horizon - 1, int(min(far.min(), mid.min()) * height) - 2))
    rows = slice(top, horizon)
    far_cover, mid_cover = _below(y[rows], far, height), _below(y[rows], mid, height)
    shade = (1 - far_cover) * (1 - mid_cover)
    far_part, mid_part = far_cover * (1 - mid_cover), mid_cover
    albedo = far_part[..., None] * np.array([0.10, 0.13, 0.12]) + mid_part[..., None] * np.array([0.10, 0.13, 0.07])
    albedo *= texture[rows, :, None]
    haze = far_part * 0.42 + mid_part * 0.10
    windows, darkness = _houses(rng, px, rows, shade, albedo, haze)
    return Land(
        top=top,
        shade=_plane(shade),
        albedo=albedo.astype(np.float32),
        haze=_plane(haze),
        windows=windows,
        window_darkness=darkness,
        **_water(rng, px, horizon, x, y, texture),
    )


def _plane(values: NDArray[np.float64]) -> Plane:
    return values.astype(np.float32)[..., None]


def _below(y: NDArray[np.float64], line: NDArray[np.float64], height: int) -> NDArray[np.float64]:
    """Return a soft-edged mask (rows, width) of what lies below a line."""
    return np.clip((y[:, None] - line[None, :]) * height + 0.5, 0, 1)


def _texture(rng: np.random.Generator, px: tuple[int, int]) -> NDArray[np.float64]:
    """Return a grassy, wooded mottle (height, width) around 1."""
    width, height = px
    tile = fractal_tile(rng, 512, roughness=0.9, coarsest=6)
    rows = (np.arange(height) / height * 1400).astype(int) % 512
    columns = (np.arange(width) / width * 1100).astype(int) % 512
    return np.clip(0.35 + 1.3 * tile[rows][:, columns], 0.15, 2.0)


def _houses(
    rng: np.random.Generator,
    px: tuple[int, int],
    rows: slice,
    shade: NDArray[np.float64],
    albedo: NDArray[np.float64],
    haze: NDArray[np.float64],
) -> tuple[NDArray[np.int32], Plane]:
    """Paint houses along the far shore into the planes, and return their windows and when each is lit."""
    width, height = px
    windows = np.full(shade.shape, -1, dtype=np.int32)
    darkness: list[float] = []
    base = HORIZON - 0.002
    for _ in range(11):
        left = rng.uniform(0.05, 0.93)
        wide, tall = rng.uniform(0.009, 0.017), rng.uniform(0.011, 0.017)
        wall = np.array([0.42, 0.38, 0.33]) * rng.uniform(0.6, 1.2)
        _paint(px, rows, (left, base - tall, left + wide, base), wall, shade, albedo, haze)
        for step in range(4):  # the roof, a staircase of four
            inset = wide * step / 9
            box = (left + inset, base - tall - 0.0022 * (step + 1), left + wide - inset, base - tall - 0.0022 * step)
            _paint(px, rows, box, np.array([0.20, 0.09, 0.07]), shade, albedo, haze)
        for column in (0.18, 0.62):
            for storey in (0.2, 0.6):
                x0, y0 = left + wide * column, base - tall * (1 - storey)
                _window(px, rows, (x0, y0, x0 + wide * 0.2, y0 + tall * 0.2), len(darkness), windows)
                darkness.append(rng.uniform(-7.0, -0.5) if rng.uniform() < 0.7 else -91.0)
    return windows, np.array(darkness, dtype=np.float32)


Box = tuple[float, float, float, float]


def _pixels(px: tuple[int, int], rows: slice, box: Box) -> tuple[slice, slice]:
    """Return the rows and columns a box (fractions: left, top, right, bottom) covers, at least one of each."""
    width, height = px
    left, top, right, bottom = (
        round(box[0] * width),
        round(box[1] * height),
        round(box[2] * width),
        round(box[3] * height),
    )
    first = max(0, top - rows.start)
    return slice(first, max(first + 1, bottom - rows.start)), slice(left, max(left + 1, right))


def _paint(
    px: tuple[int, int],
    rows: slice,
    box: Box,
    colour: NDArray[np.float64],
    shade: NDArray[np.float64],
    albedo: NDArray[np.float64],
    haze: NDArray[np.float64],
) -> None:
    if box[2] * px[0] - box[0] * px[0] < 1:
        return  # smaller than a pixel: not seen
    where = _pixels(px, rows, box)
    shade[where], haze[where] = 0, 0.10
    albedo[where] = colour


def _window(px: tuple[int, int], rows: slice, box: Box, number: int, windows: NDArray[np.int32]) -> None:
    if px[0] >= 300:  # in smaller pictures a window of one pixel would outshine the night
        windows[_pixels(px, rows, box)] = number


def _water(
    rng: np.random.Generator,
    px: tuple[int, int],
    horizon: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    texture: NDArray[np.float64],
) -> dict[str, Plane]:
    width, height = px
    depth = (np.arange(height - horizon) + 0.5) / max(1, height - horizon)  # 0 at the horizon, 1 at the lower edge
    tile = fractal_tile(rng, 512, roughness=1.1, coarsest=4)
    rows = (60 * np.log1p(depth * 30)).astype(int) % 512
    stretch = 0.25 + 0.75 / (1 + 6 * depth)  # waves grow towards us
    columns = (stretch[:, None] * np.arange(width)[None, :] / width * 1500).astype(int) % 512
    waves = (tile[rows[:, None], columns] - 0.5) * 2
    mirror = horizon - 1 - (depth * (height - horizon) * 1.05)[:, None] + np.zeros((1, width))
    bank_line = 0.965 - 0.075 * np.exp(-(((x - 0.06) / 0.22) ** 2)) - 0.02 * fractal_line(rng, x, lowest=1.1, octaves=4)
    reeds = np.abs(fractal_line(rng, x, lowest=140, octaves=3)) * 0.028 * (0.4 + np.exp(-(((x - 0.12) / 0.2) ** 2)))
    bank = 1 - _below(y[horizon:], bank_line - reeds, height)
    earth = np.array([0.055, 0.062, 0.030]) * texture[horizon:, :, None]
    return {
        "mirror": mirror.astype(np.float32),
        "ripple": (waves * (0.004 + 0.035 * depth[:, None]) * height).astype(np.float32),
        "gloss": (0.82 - 0.42 * depth**0.7).astype(np.float32)[:, None, None],
        "bank": _plane(bank),
        "bank_albedo": (earth * (1 - bank[..., None])).astype(np.float32),
    }
