"""Five hours of light with seeds: what the sun, clouds, headlights and lightning do, and what a camera makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INTERVAL_SECONDS", "SCENES", "Scene", "Series", "series"]

INTERVAL_SECONDS = 10.0
FRAMES = 1800

# The light over the sun's elevation on these evenings: a table other than the ramp's own, hazier near the horizon and
# with the glow of a town at night (EV at ISO 100).
_LIGHT = (
    (-90.0, -3.2),
    (-18.0, -3.2),
    (-15.0, -3.1),
    (-12.0, -2.7),
    (-9.0, -1.2),
    (-6.0, 2.1),
    (-4.0, 4.6),
    (-2.0, 6.7),
    (0.0, 8.4),
    (2.0, 9.9),
    (5.0, 11.3),
    (10.0, 12.8),
    (20.0, 14.2),
    (40.0, 14.9),
    (90.0, 15.3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One kind of evening or morning.

    Attributes:
        degrees_per_hour: how fast the sun sinks; negative where it climbs.
        from_degrees: its elevation at the first frame.
        clouds_ev: standard deviation of slow clouds (eight minutes); a third of it comes faster (one minute).
        headlights_per_hour: cars in the dark, each 1 to 6 frames long and up to 1.5 EV bright.
        lightning_per_hour: single frames 2 to 3 EV too bright.
        haze_degrees: the sun's light as if it stood so much lower.
    """

    name: str
    degrees_per_hour: float
    from_degrees: float
    clouds_ev: float = 0.12
    headlights_per_hour: float = 0.0
    lightning_per_hour: float = 0.0
    haze_degrees: float = 0.8


SCENES = (
    Scene(name="sunset 9°/h", degrees_per_hour=9, from_degrees=15, headlights_per_hour=6),
    Scene(name="tropics 14°/h", degrees_per_hour=14, from_degrees=30, headlights_per_hour=6),
    Scene(name="sunrise 9°/h", degrees_per_hour=-9, from_degrees=-28, headlights_per_hour=6),
    Scene(name="calm", degrees_per_hour=9, from_degrees=15, clouds_ev=0.0),
    Scene(name="clouds", degrees_per_hour=9, from_degrees=15, clouds_ev=0.35),
    Scene(name="headlights", degrees_per_hour=9, from_degrees=15, headlights_per_hour=40),
    Scene(name="lightning", degrees_per_hour=9, from_degrees=15, clouds_ev=0.2, lightning_per_hour=30),
    Scene(name="north 4°/h", degrees_per_hour=4, from_degrees=6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One run of a scene, an array of a value for each frame.

    Attributes:
        elevation: the sun's, in degrees.
        light: EV at ISO 100 of the landscape, clouds included: what a photographer wants followed.
        seen: the same with headlights and lightning: what the meter sees.
        noise: what the meter adds, in EV.
        slip: by how much the shutter really differs from its value, in EV.
        gain: how much of a difference in brightness the meter sees: a tone curve is never undone quite rightly.
    """

    elevation: NDArray[np.float64]
    light: NDArray[np.float64]
    seen: NDArray[np.float64]
    noise: NDArray[np.float64]
    slip: NDArray[np.float64]
    gain: float


def series(scene: Scene, seed: int) -> Series:
    """Return one run of a scene."""
    rng = np.random.default_rng((seed, len(scene.name)))
    seconds = np.arange(FRAMES) * INTERVAL_SECONDS
    elevation = scene.from_degrees - scene.degrees_per_hour * seconds / 3600
    heights, levels = zip(*_LIGHT, strict=True)
    light = np.interp(elevation - scene.haze_degrees, heights, levels)
    light = np.convolve(np.pad(light, 6, mode="edge"), np.ones(13) / 13, mode="valid")
    light += _drift(rng, 480, scene.clouds_ev) + _drift(rng, 60, scene.clouds_ev / 3)
    dark = light < 5
    lamps = np.zeros(FRAMES)
    for start in np.flatnonzero(rng.random(FRAMES) < scene.headlights_per_hour * INTERVAL_SECONDS / 3600):
        lamps[start : start + rng.integers(1, 7)] = rng.uniform(0.3, 1.5)
    flashes = rng.random(FRAMES) < scene.lightning_per_hour * INTERVAL_SECONDS / 3600
    lamps = np.where(dark, lamps, 0) + flashes * rng.uniform(2, 3, FRAMES)
    return Series(
        elevation=elevation,
        light=light,
        seen=light + lamps,
        noise=rng.normal(0, 0.03, FRAMES),
        slip=rng.uniform(-0.03, 0.03, FRAMES),
        gain=float(rng.uniform(0.93, 1.07)),
    )


def _drift(rng: np.random.Generator, time_constant_seconds: float, deviation_ev: float) -> NDArray[np.float64]:
    """Return noise that wanders about 0 and forgets itself after the time constant."""
    keep = np.exp(-INTERVAL_SECONDS / time_constant_seconds)
    steps = rng.normal(0, 1, FRAMES) * np.sqrt(1 - keep**2)
    drift = np.empty(FRAMES)
    drift[0] = rng.normal(0, 1)
    for index in range(1, FRAMES):
        drift[index] = keep * drift[index - 1] + steps[index]
    return drift * deviation_ev
