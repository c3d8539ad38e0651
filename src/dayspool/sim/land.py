"""The land in front of the sky: two ridges, houses with windows, water and a bank of reeds, all still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.sim.noise import fractal_line, fractal_tile

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HORIZON", "Land", "Water", "make_land", "make_water"]

HORIZON = 0.66  # of the picture's height, from the top
_HOUSES = 11
_SMALLEST_WINDOWED_PX = 300  # in narrower pictures a window of one pixel would outshine the night


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """The far shore: what stands between the sky and the horizon, for one picture size.

    Attributes:
        top: the first row with land in it; the planes begin there and end at the horizon.
        sky: how much sky is left (rows, width, 1), 1 where there is no land.
        albedo: how much of the light comes back, in colours (rows, width, 3).
        haze: how much of the horizon's colour lies over it (rows, width, 1).
        windows: which window a pixel belongs to, or -1 (rows, width).
        lit_below: the sun's elevation in degrees below which each window is lit, one per window.
    """

    top: int
    sky: NDArray[np.float32]
    albedo: NDArray[np.float32]
    haze: NDArray[np.float32]
    windows: NDArray[np.int32]
    lit_below: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """The water below the horizon and the near bank, for one picture size.

    Attributes:
        mirror: for each pixel, the row above the horizon that it mirrors (rows, width).
        ripple: how far that row moves with the waves (rows, width), in rows.
        gloss: how much of it is mirrored (rows, 1, 1).
        open: how much water is left in front of the bank (rows, width, 1).
        bank: how much light the bank gives back, in colours (rows, width, 3).
    """

    mirror: NDArray[np.float32]
    ripple: NDArray[np.float32]
    gloss: NDArray[np.float32]
    open: NDArray[np.float32]
    bank: NDArray[np.float32]


def make_land(px: tuple[int, int], seed: int) -> Land:
    """Build the far shore for a picture of that size; the same seed gives the same land at every size."""
    width, height = px
    horizon = round(height * HORIZON)
    x, y = _grid(px)
    rng = np.random.default_rng((seed, 1))
    far = HORIZON - 0.055 - 0.030 * fractal_line(rng, x, lowest=1.3, octaves=7)
    crowns = 0.0035 * np.abs(fractal_line(rng, x, lowest=90, octaves=3))
    mid = HORIZON - 0.020 - 0.016 * fractal_line(rng, x, lowest=2.2, octaves=4) - crowns
    top = max(0, min(horizon - 1, int(min(far.min(), mid.min()) * height) - 2))
    far_cover, near = _below(y[top:horizon], far, height), _below(y[top:horizon], mid, height)
    distant = far_cover * (1 - near)
    colours = distant[..., None] * np.array([0.10, 0.13, 0.12]) + near[..., None] * np.array([0.10, 0.13, 0.07])
    shore = _Shore(
        px=px,
        top=top,
        sky=(1 - far_cover) * (1 - near),
        albedo=colours * _mottle(rng, px)[top:horizon, :, None],
        haze=distant * 0.42 + near * 0.10,
        windows=np.full((horizon - top, width), -1, np.int32),
    )
    lit_below = shore.build_houses(rng)
    return Land(
        top=top,
        sky=shore.sky.astype(np.float32)[..., None],
        albedo=shore.albedo.astype(np.float32),
        haze=shore.haze.astype(np.float32)[..., None],
        windows=shore.windows,
        lit_below=np.array(lit_below, np.float32),
    )


def make_water(px: tuple[int, int], seed: int) -> Water:
    """Build the water and the near bank for a picture of that size."""
    width, height = px
    horizon = round(height * HORIZON)
    x, y = _grid(px)
    rng = np.random.default_rng((seed, 3))
    depth = (np.arange(height - horizon) + 0.5) / (height - horizon)  # 0 at the horizon, 1 at the lower edge
    line = 0.965 - 0.075 * np.exp(-(((x - 0.06) / 0.22) ** 2)) - 0.02 * fractal_line(rng, x, lowest=1.1, octaves=4)
    growth = 0.25 + np.exp(-(((x - 0.12) / 0.2) ** 2))
    reeds = np.abs(fractal_line(rng, x, lowest=55, octaves=5)) ** 1.5 * 0.045 * growth
    bank = _below(y[horizon:], line - reeds, height)
    earth = np.array([0.060, 0.066, 0.032]) * _mottle(rng, px)[horizon:, :, None]
    mirrored = horizon - 1 - 1.05 * depth * (height - horizon)
    return Water(
        mirror=np.repeat(mirrored.astype(np.float32)[:, None], width, axis=1),
        ripple=(_waves(rng, depth, width) * (0.003 + 0.020 * depth[:, None]) * height).astype(np.float32),
        gloss=(0.86 - 0.42 * depth**0.7).astype(np.float32)[:, None, None],
        open=(1 - bank).astype(np.float32)[..., None],
        bank=(earth * bank[..., None]).astype(np.float32),
    )


def _grid(px: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width, height = px
    return (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height


def _below(y: NDArray[np.float64], line: NDArray[np.float64], height: int) -> NDArray[np.float64]:
    """Return a soft-edged mask (rows, width) of what lies below a line."""
    cover: NDArray[np.float64] = np.clip((y[:, None] - line[None, :]) * height + 0.5, 0, 1)
    return cover


def _mottle(rng: np.random.Generator, px: tuple[int, int]) -> NDArray[np.float64]:
    """Return a grassy, wooded pattern (height, width) around 1."""
    width, height = px
    tile = fractal_tile(rng, 512, roughness=0.9, coarsest=6)
    rows = (np.arange(height) / height * 1400).astype(int) % 512
    columns = (np.arange(width) / width * 1100).astype(int) % 512
    mottle: NDArray[np.float64] = np.clip(0.35 + 1.3 * tile[rows][:, columns].astype(np.float64), 0.15, 2.0)
    return mottle


def _waves(rng: np.random.Generator, depth: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return waves (rows, width) around 0: long and low, closer together towards the horizon."""
    tile = fractal_tile(rng, 512, roughness=1.3, coarsest=5)
    rows = (110 * np.log1p(depth * 24)).astype(int) % 512
    across = np.linspace(-0.5, 0.5, width)[None, :] / (0.25 + depth[:, None])  # in perspective
    columns = (across * 110).astype(int) % 512
    waves: NDArray[np.float64] = (tile[rows[:, None], columns].astype(np.float64) - 0.5) * 2
    return waves


@dataclass(slots=True, kw_only=True)
class _Shore:
    """The planes of the far shore while houses are painted into them; boxes are fractions of the picture."""

    px: tuple[int, int]
    top: int
    sky: NDArray[np.float64]
    albedo: NDArray[np.float64]
    haze: NDArray[np.float64]
    windows: NDArray[np.int32]

    def build_houses(self, rng: np.random.Generator) -> list[float]:
        """Paint all houses, and return for each window below which sun elevation it is lit."""
        lit_below: list[float] = []
        base = HORIZON - 0.002
        for _ in range(_HOUSES):
            left, wide, tall = rng.uniform(0.05, 0.93), rng.uniform(0.009, 0.017), rng.uniform(0.011, 0.017)
            self._paint((left, base - tall, left + wide, base), np.array([0.42, 0.38, 0.33]) * rng.uniform(0.6, 1.2))
            for step in range(4):  # the roof, a staircase of four
                inset, eaves = wide * step / 9, base - tall - 0.0022 * step
                self._paint((left + inset, eaves - 0.0022, left + wide - inset, eaves), np.array([0.20, 0.09, 0.07]))
            for x in (left + 0.18 * wide, left + 0.62 * wide):
                for y in (base - 0.8 * tall, base - 0.4 * tall):
                    self._glaze((x, y, x + 0.2 * wide, y + 0.2 * tall), len(lit_below))
                    lit_below.append(rng.uniform(-7.0, -0.5) if rng.uniform() < 0.7 else -91.0)
        return lit_below

    def _paint(self, box: tuple[float, float, float, float], colour: NDArray[np.float64]) -> None:
        if (box[2] - box[0]) * self.px[0] < 1:
            return  # narrower than a pixel: not seen
        where = self._pixels(box)
        self.sky[where], self.haze[where] = 0, 0.10
        self.albedo[where] = colour

    def _glaze(self, box: tuple[float, float, float, float], number: int) -> None:
        if self.px[0] >= _SMALLEST_WINDOWED_PX:
            self.windows[self._pixels(box)] = number

    def _pixels(self, box: tuple[float, float, float, float]) -> tuple[slice, slice]:
        """Return the rows and columns of a box, at least one of each."""
        width, height = self.px
        left, right = round(box[0] * width), round(box[2] * width)
        first, last = max(0, round(box[1] * height) - self.top), round(box[3] * height) - self.top
        return slice(first, max(first + 1, last)), slice(left, max(left + 1, right))
