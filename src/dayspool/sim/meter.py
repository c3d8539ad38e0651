"""Automatic exposure: from a metered scene to the names a camera writes, with its small honest errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.core.exposure import Exposure

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Metered", "bias_ev", "expose", "program"]

_METERING_ERROR_EV = 0.08  # how much two readings of one scene differ, before rounding
_MECHANICAL_ERROR_EV = 0.03  # how far the real exposure is from the chosen one, at most

# Names in third stops, as printed on cameras; index 0 is the true value of `_FIRST_…` thirds of a stop.
_SHUTTERS = [
    *(
        1 / n
        for n in (2000, 1600, 1250, 1000, 800, 640, 500, 400, 320, 250, 200, 160, 125, 100, 80, 60, 50, 40, 30, 25)
    ),
    *(1 / n for n in (20, 15, 13, 10, 8, 6, 5, 4, 3)),
    *(0.4, 0.5, 0.6, 0.8, 1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6, 8, 10, 13, 15, 20, 25, 30),
]
_APERTURES = [1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.5, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9, 10, 11]
_SPEEDS = [160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6400]
_FIRST_SHUTTER = -33  # 1/2048 s
_FIRST_APERTURE = 5  # f/1.78, in thirds of a stop of light
_FIRST_SPEED = 2  # ISO 159
_LAST_SHUTTER = _FIRST_SHUTTER + len(_SHUTTERS) - 1
_LAST_APERTURE = _FIRST_APERTURE + len(_APERTURES) - 1
_LAST_SPEED = _FIRST_SPEED + len(_SPEEDS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What the camera chose, and what really happened.

    Attributes:
        nominal: the names it writes into EXIF.
        scene_ev: what it read, in EV at ISO 100, before its metering error.
        chosen_ev: the scene that its choice draws as middle grey, by the true values behind the names.
        actual_ev: the same, with the mechanics' error.
    """

    nominal: Exposure
    scene_ev: float
    chosen_ev: float
    actual_ev: float


def bias_ev(scene_ev: float) -> float:
    """Return by how many EV a camera draws a scene darker than middle grey: a little lighter by day, night as night."""
    return 2.8 / (1 + math.exp((scene_ev - 1.5) / 1.4)) - 0.45


def expose(scene_ev: float, rng: np.random.Generator) -> Metered:
    """Choose an exposure for a scene of `scene_ev` (EV at ISO 100), as a camera does: in thirds, not quite right."""
    read = scene_ev + bias_ev(scene_ev) + _METERING_ERROR_EV * rng.standard_normal()
    nominal, chosen = program(round(3 * read))
    slip = rng.uniform(-_MECHANICAL_ERROR_EV, _MECHANICAL_ERROR_EV)
    return Metered(nominal=nominal, scene_ev=scene_ev, chosen_ev=chosen, actual_ev=chosen + slip)


def program(thirds: int) -> tuple[Exposure, float]:
    """Return the program line's exposure for a brightness in thirds of an EV at ISO 100, and the EV it really is for.

    Bright scenes share the light between aperture and shutter. As it gets dark: aperture open at 1/50 s, then ISO to
    1600, shutter to 1/6 s, ISO to 6400, and at last the shutter to 30 s. Beyond its ends the camera does what it can.
    """
    speed, aperture = _FIRST_SPEED, _FIRST_APERTURE
    shutter = aperture - speed - thirds  # from EV = aperture - shutter - speed, all in thirds
    spare = -17 - shutter  # how far the shutter is beyond 1/50 s
    if spare > 0:
        aperture = min(_LAST_APERTURE, aperture + spare // 2)
        shutter = aperture - speed - thirds
    else:
        speed, shutter = _give(shutter, -17, speed, 12)
        speed, shutter = _give(shutter, -8, speed, _LAST_SPEED)
    shutter = min(_LAST_SHUTTER, max(_FIRST_SHUTTER, shutter))
    exposure = Exposure(
        shutter_seconds=_SHUTTERS[shutter - _FIRST_SHUTTER],
        aperture=_APERTURES[aperture - _FIRST_APERTURE],
        iso=_SPEEDS[speed - _FIRST_SPEED],
    )
    return exposure, (aperture - shutter - speed) / 3


def _give(shutter: int, slowest: int, speed: int, highest: int) -> tuple[int, int]:
    """Raise ISO, at most to `highest`, instead of letting the shutter fall below `slowest`."""
    gained = min(max(0, shutter - slowest), highest - speed)
    return speed + gained, shutter - gained
