"""Scenes by lamps: night traffic, lightning, and a room whose lamps follow the mains current."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.deflicker.scenes_camera import FULL_WELL, flicker
from benchmarks.deflicker.scenes_day import SIGMA_EV
from benchmarks.deflicker.scenes_take import Take, grey_gain
from benchmarks.deflicker.scenes_texture import Drifting, blend, fractal, grid, landscape, slow_light, soft

if TYPE_CHECKING:
    from benchmarks.deflicker.scenes_texture import Picture, Plane

__all__ = ["banding", "lightning", "traffic"]

_NIGHT_WELL = FULL_WELL / 4  # ISO 400
_BAND_EV = 0.15
_ROOM_SIGMA_EV = 0.03  # manual exposure


@dataclass(frozen=True, slots=True)
class _Town:
    """A street at night: houses with lit windows, lamps, and a road whose near edge is at the bottom."""

    picture: Picture
    road: Plane
    x: Plane
    y: Plane


def _town(rng: np.random.Generator, size: tuple[int, int]) -> _Town:
    width, height = size
    x, y = grid(size)
    glow = np.float32([0.045, 0.035, 0.030]) * (0.5 + y)[..., np.newaxis]
    picture = np.asarray(glow * np.exp2(0.2 * fractal(rng, (height, width), 1.8))[..., np.newaxis], np.float32)
    edges = np.cumsum(rng.uniform(0.05, 0.13, 24))
    for left, right in itertools.pairwise(edges):
        top = rng.uniform(0.15, 0.45)
        inside = ((x >= left - 0.05) & (x < right - 0.055) & (y > top) & (y < 0.68)).astype(np.float32)
        picture = blend(picture, np.float32(rng.uniform(0.012, 0.05) * np.float32([1, 0.85, 0.7])), inside)
        lit = (np.sin(x * 2 * np.pi * 55) > 0.2) & (np.sin(y * 2 * np.pi * 22) > 0.3)
        cell = rng.random((64, 96))[(y * 63).astype(int) // 3, (x * 95).astype(int) // 2] > 0.55
        picture = blend(picture, (0.75, 0.52, 0.25), np.asarray(inside * (lit & cell), np.float32) * np.float32(0.8))
    road = soft(y, 0.66, 0.70)
    asphalt = 0.035 * np.exp2(0.35 * fractal(rng, (height, width), 0.9))[..., np.newaxis] * np.float32([1.2, 1, 0.75])
    picture = blend(picture, np.asarray(asphalt, np.float32), road)
    for lamp_x in np.arange(0.08, 1.0, 0.21):
        far2 = (x - lamp_x) ** 2 * 3 + (y - 0.5) ** 2
        picture += (3.0 * np.exp(-far2 / 0.0003) + 0.10 * np.exp(-far2 / 0.02))[..., np.newaxis] * np.float32(
            [1, 0.8, 0.5]
        )
    return _Town(picture, road, x, y)


@dataclass(frozen=True, slots=True)
class _Car:
    """One car in one frame: where its lamps drew a streak, white for those that come, red for those that go."""

    x: float
    y: float
    length: float
    power: float
    going: bool

    def light(self, town: _Town) -> Picture:
        """Return what its lamps add: the streak, its glare, and the lit road."""
        across = np.maximum(abs(town.x - self.x) - self.length / 2, 0)
        far2 = across**2 * 3 + (town.y - self.y) ** 2
        streak = 4.0 * np.exp(-far2 / 0.00012) + 0.15 * np.exp(-far2 / 0.004)
        pool = 0.12 * town.road * np.exp(-(across**2) / 0.02 - (town.y - self.y - 0.08) ** 2 / 0.02)
        colour = np.float32([1.0, 0.12, 0.06]) if self.going else np.float32([1.0, 0.93, 0.78])
        return np.asarray(
            (self.power * (streak + (0.3 if self.going else 1) * pool))[..., np.newaxis] * colour, np.float32
        )


def traffic(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """A street at night: cars come in waves, their lamps clip and light the road."""
    town = _town(rng, size)
    busy = 2.5 + 2.5 * np.sin(2 * np.pi * np.arange(frames) / rng.uniform(14, 22))
    cars = [
        [
            _Car(
                x=rng.uniform(0, 1),
                y=rng.choice([0.76, 0.86]),
                length=rng.uniform(0.05, 0.5),
                power=rng.uniform(0.5, 1.5),
                going=bool(rng.random() < 0.5),
            )
            for _ in range(rng.poisson(density))
        ]
        for density in busy
    ]

    def light(index: int) -> Picture:
        picture = town.picture.copy()
        for car in cars[index]:
            picture += car.light(town)
        return picture

    return grey_gain(light, flicker(rng, frames, SIGMA_EV), full_well=_NIGHT_WELL)


def lightning(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """A thunderstorm at night: in one frame of sixteen a bolt lights clouds and land. Bolts are light, and kept."""
    land = landscape(rng, size, horizon=rng.uniform(0.5, 0.6))
    heavy = Drifting.drawn(rng, size, speed_px=0.01 * size[0], slope=1.6)
    dark = np.float32([0.16, 0.17, 0.22]) * 1.2
    town_glow = np.exp(-((land.y - 0.55) ** 2) / 0.05) * 0.05
    bolts = {
        int(index): (rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.35), rng.uniform(0.3, 1.2), rng.normal(0, 0.02, 64))
        for index in rng.permutation(frames)[: frames // 16]
    }
    daylight = slow_light(rng, frames, fall_ev=0.3, wander_ev=0.1)

    def light(index: int) -> Picture:
        billows = np.exp2(0.6 * heavy.at(index))
        clouds = (0.05 * billows + town_glow)[..., np.newaxis] * np.float32([0.9, 0.9, 1.1])
        ground = land.ground * dark
        if index in bolts:
            x, y, power, bends = bolts[index]
            far2 = (land.x - x) ** 2 + (land.y - y) ** 2
            flash = power * (0.6 * np.exp(-far2 / 0.05) + 0.08)
            clouds = clouds + (flash * billows)[..., np.newaxis] * np.float32([0.85, 0.85, 1.1])
            path = x + np.interp(land.y, np.linspace(0, 1, len(bends)), np.cumsum(bends))
            line = np.exp(-((land.x - path) ** 2) / 0.00002) * (land.y > y)
            clouds = clouds + 3 * line[..., np.newaxis]
            lit = 1 + 4 * power * np.exp(-((land.x - x) ** 2) / 0.15)
            ground = ground * lit[..., np.newaxis] * np.float32([0.95, 0.95, 1.1])
        picture = blend(np.asarray(ground, np.float32), np.asarray(clouds, np.float32), land.open_sky)
        return np.asarray(picture * np.float32(2.0 ** daylight[index]), np.float32)

    return grey_gain(light, flicker(rng, frames, SIGMA_EV), full_well=_NIGHT_WELL)


def banding(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """A room by lamps on mains current: a rolling shutter draws bands that lie elsewhere in every frame."""
    width, height = size
    x, y = grid(size)
    wall = np.float32([0.34, 0.29, 0.22]) * (1.2 - 0.6 * np.hypot(x - 0.4, y - 0.2))[..., np.newaxis]
    room = np.asarray(wall * np.exp2(0.12 * fractal(rng, (height, width), 0.8))[..., np.newaxis], np.float32)
    for _ in range(14):
        left, top = rng.uniform(0, 0.85), rng.uniform(0.15, 0.75)
        right, bottom = left + rng.uniform(0.05, 0.3), top + rng.uniform(0.08, 0.4)
        inside = ((x > left) & (x < right) & (y > top) & (y < bottom)).astype(np.float32)
        colour = np.float32(2.0 ** rng.uniform(-5, -1.3) * rng.uniform(0.6, 1.3, 3))
        rough = np.exp2(0.3 * fractal(rng, (height, width), 0.9))[..., np.newaxis]
        room = blend(room, np.asarray(colour * rough, np.float32), inside)
    walker = np.cumsum(rng.normal(0, 0.05, frames)) % 1.2
    bands, phases = rng.uniform(1.6, 3.2), rng.uniform(0, 1, frames)
    evening = slow_light(rng, frames, fall_ev=0.2, wander_ev=0.06)

    def light(index: int) -> Picture:
        body = np.hypot((x - walker[index]) / 0.07, (y - 0.6) / 0.33)
        picture = blend(room, (0.03, 0.04, 0.06), 1 - soft(np.asarray(body, np.float32), 0.9, 1.1))
        return np.asarray(picture * np.float32(2.0 ** evening[index]), np.float32)

    def field(index: int) -> Plane:
        wave = _BAND_EV * np.sin(2 * np.pi * (bands * y[:, :1] + phases[index]))
        return np.asarray(np.broadcast_to(wave - wave.mean(), (height, width)), np.float32)

    return grey_gain(light, flicker(rng, frames, _ROOM_SIGMA_EV), field_ev=field)
