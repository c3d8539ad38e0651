"""Synthetic time-lapses whose light is known exactly: what a camera recorded, and what it should have.

The truth of a frame is linear light as a camera without fault would have recorded it: the landscape, everything that
moves in it and every change of the light, at the exposure that was meant. Flicker is what we multiply it by afterwards,
one factor a frame and channel, and nothing else is: `gain_ev` says exactly what a perfect method takes away. Where an
exposure is ramped on purpose, the truth follows the ramp as it was wanted, without the steps it was set in.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.deflicker import scenes_day as day
from benchmarks.deflicker import scenes_night as night
from benchmarks.deflicker import scenes_weather as weather
from benchmarks.deflicker.scenes_camera import encoded_8, with_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.deflicker.scenes_take import Maker, Take
    from benchmarks.deflicker.scenes_texture import Picture

__all__ = ["FRAMES", "SCENES", "SIZE", "Scene", "scene"]

FRAMES = 200
SIZE = (256, 144)

SCENES: dict[str, Maker] = {
    "clouds": day.clouds,
    "shadows": day.shadows,
    "sunset": day.sunset,
    "sunset-exif": day.sunset_exif,
    "sunset-blind": day.sunset_blind,
    "passers": day.passers,
    "clipped": day.clipped,
    "awb": day.awb,
    "traffic": night.traffic,
    "lightning": night.lightning,
    "mist": weather.mist,
    "aperture": weather.aperture,
    "banding": night.banding,
    "leaves": weather.leaves,
    "knock": weather.knock,
    "snow": weather.snow,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scene; frames are made when they are asked for, in any order, and always the same.

    Attributes:
        name: its key in `SCENES`.
        seed: what chance was seeded with.
        frames: how many there are.
        size: (width, height) in pixels.
        take: light, gains and exposures.
    """

    name: str
    seed: int
    frames: int
    size: tuple[int, int]
    take: Take

    @property
    def gain_ev(self) -> NDArray[np.float64]:
        """Flicker to be taken away: by how much red, green and blue came out brighter, shape (frames, 3)."""
        return self.take.gain_ev

    @property
    def nominal_ev(self) -> NDArray[np.float64]:
        """How bright the exposure that was set draws a scene; NaN where nobody knows. Shape (frames,)."""
        return self.take.nominal_ev

    @property
    def target_ev(self) -> NDArray[np.float64]:
        """How bright it was meant to; NaN where nobody knows. Shape (frames,)."""
        return self.take.target_ev

    def truth(self, index: int) -> Picture:
        """Return the light of a frame without flicker, noise and clipping, shape (height, width, 3), white being 1."""
        return self.take.light(index)

    def shot(self, index: int) -> Picture:
        """Return what the sensor recorded, linear, clipped at white; noise may lie below black."""
        light = self.truth(index) * np.exp2(self.gain_ev[index]).astype(np.float32)
        if self.take.field_ev is not None:
            light = light * np.exp2(self.take.field_ev(index))[..., np.newaxis]
        chance = np.random.default_rng([self.seed, _chance(self.name), index])
        return with_noise(np.asarray(light, np.float32), float(self.take.full_well[index]), chance)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """Return the shot as an sRGB picture of 8 bits."""
        return encoded_8(self.shot(index))


def scene(name: str, seed: int = 0, *, frames: int = FRAMES, size: tuple[int, int] = SIZE) -> Scene:
    """Return a scene; the same name, seed, frames and size give the same pixels.

    Args:
        name: one of `SCENES`.
        seed: where chance begins, 0 or more.
        frames: how many, 40 or more.
        size: (width, height), both even.
    """
    rng = np.random.default_rng([seed, _chance(name)])
    return Scene(name=name, seed=seed, frames=frames, size=size, take=SCENES[name](rng, frames, size))


def _chance(name: str) -> int:
    """Return a number that the scenes of one family share, so that all of its variants show the same pictures."""
    return zlib.crc32(name.split("-")[0].encode())
