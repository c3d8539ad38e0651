"""Draws a field, exposure that differs over the picture, by looking codes up between tables of near exposures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dayspool.develop.api import Pixels, Recipe
    from dayspool.develop.builtin_light import Table

__all__ = ["Grid", "drawn", "fielded", "grid_of"]

Grid: TypeAlias = NDArray[np.float32]
"""EV at the crossings of rows and columns that divide a picture evenly, from edge to edge."""

_STEP_EV = 1 / 32  # codes between two tables so near go straight to 1 in 80,000; half an 8-bit code off where they clip
_MOST_EV = 4.0
_ROWS = 16  # looked up at once: their indices stay in the processor's cache


def fielded(rgb: Pixels, recipe: Recipe, tables: Callable[[Recipe], Sequence[Table]]) -> NDArray[np.uint16]:
    """Return a picture whose every pixel is exposed by the recipe and, on top of it, by the recipe's field there.

    Whatever the tables do with light (roll it off, guard what is clipped, bend it) they do with that of each pixel.
    With a field of half an EV it takes 0.3 s for 20 megapixels, and 0.15 s for the 8 of a film in 4K.

    Args:
        rgb: shape (height, width, 3), 8 or 16 bits.
        recipe: with a field.
        tables: gives those for red, green and blue of a recipe without one.

    Raises:
        PlanError: the field is no grid of numbers within 4 EV.
    """
    grid = grid_of(recipe)
    low = math.floor(grid.min() / _STEP_EV)
    count = max(math.ceil(grid.max() / _STEP_EV) - low, 1) + 1
    levels = [_further(recipe, (low + step) * _STEP_EV) for step in range(count)]
    stack = np.array([tables(level) for level in levels], dtype=np.float32).swapaxes(0, 1)  # channel, level, code
    if (stack[1:] == stack[:1]).all():
        stack = stack[:1]
    return _between(rgb, grid / np.float32(_STEP_EV) - low, stack)


def _further(recipe: Recipe, ev: float) -> Recipe:
    """Return a recipe without a field that grades by so many EV more."""
    red, green, blue = recipe.grade
    return replace(recipe, grade=(red + ev, green + ev, blue + ev), field=())


def grid_of(recipe: Recipe) -> Grid:
    """Return a recipe's field as an array.

    Raises:
        PlanError: as `fielded`.
    """
    rows = recipe.field
    sound = len({len(row) for row in rows}) == 1 and len(rows[0]) > 0
    if not sound or not all(abs(ev) <= _MOST_EV for row in rows for ev in row):
        raise PlanError(f"the field {rows} cannot be drawn: it needs rows of one length, each number within 4 EV")
    return np.array(rows, dtype=np.float32)


def drawn(grid: Grid, height: int, width: int, rows: slice = slice(None)) -> Grid:
    """Return a grid bilinearly drawn over a picture, or over some of its rows: shape (rows, width)."""
    across = _at(np.linspace(0, grid.shape[1] - 1, width, dtype=np.float32), grid.T).T
    return _at(np.linspace(0, grid.shape[0] - 1, height, dtype=np.float32)[rows], across)


def _at(places: NDArray[np.float32], lines: Grid) -> Grid:
    """Return what lies at places between lines, which are 1 apart."""
    before = np.minimum(places.astype(np.intp), max(len(lines) - 2, 0))
    after = np.minimum(before + 1, len(lines) - 1)
    share = (places - before)[:, np.newaxis]
    between: Grid = lines[before] + share * (lines[after] - lines[before])
    return between


def _between(rgb: Pixels, place: Grid, stack: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Look every code up in the two tables that its place lies between, and go from one to the other as far as it lies.

    Args:
        rgb: the picture.
        place: which table, counted from 0, with its fraction; a grid over the picture.
        stack: shape (3, or 1 for all channels, levels, codes).
    """
    height, width = rgb.shape[:2]
    _, count, codes = stack.shape
    step = np.zeros_like(stack)
    step[:, :-1] = np.diff(stack, axis=1)
    values, steps = stack.ravel(), step.ravel()
    of_channel = (np.arange(len(stack)) * (count * codes)).astype(np.int32)
    across = drawn(place, len(place), width)
    down = np.linspace(0, len(place) - 1, height, dtype=np.float32)
    out = np.empty(rgb.shape, np.uint16)
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        level = _at(down[rows], across)
        whole = level.astype(np.int32)
        index = rgb[rows].astype(np.int32)
        index += (whole * np.int32(codes))[..., np.newaxis] + of_channel
        value = np.take(steps, index, mode="clip")  # `clip`: nothing is checked, and every code is there
        value *= (level - whole)[..., np.newaxis]
        value += np.take(values, index, mode="clip")
        value += np.float32(0.5)
        out[rows] = value
    return out
