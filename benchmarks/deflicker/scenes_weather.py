"""Scenes in which nothing stands still: mist, leaves, snow, a knocked camera; and an iris that closes unevenly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.deflicker.scenes_camera import flicker
from benchmarks.deflicker.scenes_day import SIGMA_EV, cloudy
from benchmarks.deflicker.scenes_take import Take, grey_gain
from benchmarks.deflicker.scenes_texture import Drifting, blend, fractal, grid, landscape, slow_light, soft

if TYPE_CHECKING:
    from benchmarks.deflicker.scenes_texture import Picture, Plane

__all__ = ["aperture", "knock", "leaves", "mist", "snow"]


def mist(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """Banks of mist that drift through a valley at dawn: far things fade and come back."""
    land = landscape(rng, size, horizon=rng.uniform(0.35, 0.45))
    banks = Drifting.drawn(rng, size, speed_px=0.012 * size[0], turning_frames=50, slope=2.0)
    depth = np.exp(-((land.y - 0.45) ** 2) / 0.05) * 1.6 + 0.1
    dawn = slow_light(rng, frames, fall_ev=-0.6, wander_ev=0.1)

    def light(index: int) -> Picture:
        thick = depth * np.exp2(0.9 * np.clip(banks.at(index), -2.5, 2.5))
        through = np.asarray(1 - np.exp(-thick), np.float32)
        clear = blend(land.ground, land.sky, land.open_sky)
        picture = blend(clear, (0.36, 0.37, 0.39), through)
        return np.asarray(picture * np.float32(2.0 ** dawn[index]), np.float32)

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def aperture(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """An iris that closes a little differently each time: corners are darker the wider it stays open."""
    _, light = cloudy(rng, frames, size)
    gain = flicker(rng, frames, SIGMA_EV)
    strength = 1.2 * gain + rng.normal(0, 0.02, frames)
    x, y = grid(size)
    far = ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5
    far = np.asarray(far - far.mean(), np.float32)

    def field(index: int) -> Plane:
        return np.asarray(-strength[index] * far, np.float32)

    return grey_gain(light, gain, field_ev=field)


def leaves(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """Leaves before the lens that turn and sway in every frame, over more than half of the picture."""
    width, height = size
    _, clouded = cloudy(rng, frames, size)
    shape = (height, width)
    layers = [(fractal(rng, shape, 0.75), fractal(rng, shape, 1.3), rng.uniform(0.7, 1.3)) for _ in range(3)]
    wind = np.abs(1 + 0.6 * np.sin(2 * np.pi * np.arange(frames) / rng.uniform(25, 40)))
    sway = np.rint(rng.normal(0, 0.012 * width, (frames, 3, 2)) * wind[:, np.newaxis, np.newaxis]).astype(int)
    turned = rng.normal(0, 0.25, (frames, 3))

    def light(index: int) -> Picture:
        picture = clouded(index)
        bright = np.float32(2.0 ** (0.3 * np.sin(index / 31)))
        for number, (fine, coarse, tint) in enumerate(layers):
            moved = np.roll(fine, sway[index, number], axis=(0, 1))
            clump = np.roll(coarse, sway[index, number] // 2, axis=(0, 1))
            cover = soft(clump + 0.5 * moved, -0.1 + 0.25 * number, 0.25 + 0.25 * number)
            shine = 0.11 * bright * np.exp2(0.8 * moved + turned[index, number] * fine)
            green = np.float32([0.6 * tint, 1.0, 0.3])
            picture = blend(picture, np.asarray(shine[..., np.newaxis] * green, np.float32), cover)
        return picture

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def knock(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """A camera that is knocked twice: two smeared frames, then another view, which trembles in the wind."""
    width, height = size
    margin_x, margin_y = width // 8, height // 8
    _, wide = cloudy(rng, frames, (width + 2 * margin_x, height + 2 * margin_y))
    knocks = np.sort(rng.choice(np.arange(frames // 5, frames - frames // 5), 2, replace=False))
    where = np.zeros((frames, 2))
    for at in knocks:
        where[at:] = rng.uniform(-0.8, 0.8, 2) * (margin_x, margin_y)
    where += rng.normal(0, 0.4, (frames, 2))
    middle = np.array([margin_x, margin_y])

    def view(picture: Picture, moved: np.ndarray) -> Picture:
        left, top = np.clip(np.rint(middle + moved).astype(int), 0, (2 * margin_x, 2 * margin_y))
        return picture[top : top + height, left : left + width]

    def light(index: int) -> Picture:
        picture = wide(index)
        smear = index in knocks or index - 1 in knocks
        if not smear:
            return np.ascontiguousarray(view(picture, where[index]))
        path = np.linspace(where[index - 1], where[index], 9)
        return np.asarray(sum(view(picture, moved) for moved in path) / np.float32(len(path)), np.float32)

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def snow(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """Heavy snow: flakes, small and near, lie over a tenth to a fifth of every frame."""
    _width, _height = size
    land, clouded = cloudy(rng, frames, size)
    sheets = [_flakes(rng, size, count=160, radius=(0.003, 0.009)) for _ in range(8)]
    near = [_flakes(rng, size, count=14, radius=(0.012, 0.045)) for _ in range(8)]
    picks = rng.integers(0, 8, (frames, 2))
    rolls = rng.integers(0, 1000, (frames, 2, 2))
    heavy = np.clip(0.8 + 0.35 * slow_light(rng, frames, fall_ev=0, wander_ev=1), 0.2, 1)

    def light(index: int) -> Picture:
        picture = blend(clouded(index), (0.33, 0.34, 0.36), np.asarray(0.25 + 0.35 * (1 - land.y), np.float32))
        for number, (planes, bright) in enumerate(((sheets, 0.62), (near, 0.50))):
            flakes = np.roll(planes[picks[index, number]], rolls[index, number], axis=(0, 1))
            cover = np.asarray(flakes * heavy[index], np.float32)
            picture = blend(picture, (bright, bright, 1.03 * bright), cover)
        return picture

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def _flakes(rng: np.random.Generator, size: tuple[int, int], *, count: int, radius: tuple[float, float]) -> Plane:
    """Return how far flakes cover every pixel; radii are shares of the width, near ones blurred more."""
    x, y = grid(size)
    covered = np.zeros_like(x)
    for _ in range(count):
        middle_x, middle_y, wide = rng.uniform(), rng.uniform(), rng.uniform(*radius)
        far = np.hypot(x - middle_x, (y - middle_y) * size[1] / size[0]) / wide
        covered = np.maximum(covered, 1 - soft(far, 0.5, 1.2))
    return covered
