"""Exposure: from a metered scene and what the person set to the names a camera writes, with its small honest errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dayspool.core.exposure import Exposure

if TYPE_CHECKING:
    import numpy as np

    from dayspool.sim.parts import ExposureWish

__all__ = ["Metered", "bias_ev", "expose", "fulfil", "program"]

_METERING_ERROR_EV = 0.08  # how much two readings of one scene differ, before rounding
_MECHANICAL_ERROR_EV = 0.03  # how far the real exposure is from the chosen one, at most

# Names in third stops, as printed on cameras; index 0 is the true value of `_FIRST_…` thirds of a stop.
_SHUTTERS = [
    *(1 / n for n in (8000, 6400, 5000, 4000, 3200, 2500, 2000, 1600, 1250, 1000, 800, 640, 500, 400, 320, 250)),
    *(1 / n for n in (200, 160, 125, 100, 80, 60, 50, 40, 30, 25, 20, 15, 13, 10, 8, 6, 5, 4, 3)),
    *(0.4, 0.5, 0.6, 0.8, 1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6, 8, 10, 13, 15, 20, 25, 30),
]
_APERTURES = [1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.5, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9, 10, 11, 13, 14, 16, 18, 20, 22]
_SPEEDS = [160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6400]
_FIRST_SHUTTER = -39  # 1/8192 s
_FIRST_APERTURE = 5  # f/1.78, in thirds of a stop of light
_FIRST_SPEED = 2  # ISO 159
_LAST_SHUTTER = _FIRST_SHUTTER + len(_SHUTTERS) - 1
_LAST_APERTURE = _FIRST_APERTURE + len(_APERTURES) - 1
_LAST_SPEED = _FIRST_SPEED + len(_SPEEDS) - 1
_PROGRAM_SHUTTER = -33  # the program line ends at 1/2000 s and f/11
_PROGRAM_APERTURE = 21
_HAND_HELD = -17  # 1/50 s: slower shutters wait until ISO has been raised to 1600
_DIM_SPEED = 12  # ISO 1600
_SLOW = -8  # 1/6 s: slower ones wait until ISO is at its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What the camera chose, and what really happened.

    Attributes:
        nominal: the names it writes into EXIF.
        scene_ev: what it read, in EV at ISO 100, before its metering error.
        chosen_ev: the scene that its choice draws as middle grey, by the true values behind the names.
        actual_ev: the same, with the mechanics' error.
        bias_ev: the compensation that was asked for and could be followed.
        white_balance_kelvin: the light it takes for white; `None` is automatic.
        focus_error: 0 is sharp, 1 far out of focus.
        mode: the exposure mode, as `getExposureMode` names it.
    """

    nominal: Exposure
    scene_ev: float
    chosen_ev: float
    actual_ev: float
    bias_ev: float = 0.0
    white_balance_kelvin: float | None = None
    focus_error: float = 0.0
    mode: str = "Program Auto"


def bias_ev(scene_ev: float) -> float:
    """Return by how many EV a camera draws a scene darker than middle grey: a little lighter by day, night as night."""
    return 2.8 / (1 + math.exp((scene_ev - 1.5) / 1.4)) - 0.45


def expose(scene_ev: float, rng: np.random.Generator, wish: ExposureWish | None = None) -> Metered:
    """Choose an exposure for a scene of `scene_ev` (EV at ISO 100), as a camera does: in thirds, not quite right.

    Without a wish everything is automatic.
    """
    read = scene_ev + bias_ev(scene_ev) + _METERING_ERROR_EV * rng.standard_normal()
    nominal, chosen = program(round(3 * read)) if wish is None else fulfil(read, wish)
    slip = rng.uniform(-_MECHANICAL_ERROR_EV, _MECHANICAL_ERROR_EV)
    metered = Metered(nominal=nominal, scene_ev=scene_ev, chosen_ev=chosen, actual_ev=chosen + slip)
    if wish is None:
        return metered
    return replace(
        metered,
        bias_ev=_followed_bias(wish),
        white_balance_kelvin=wish.white_balance_kelvin,
        focus_error=wish.focus_error,
        mode=wish.mode,
    )


def _followed_bias(wish: ExposureWish) -> float:
    """Return the compensation that counts: none in the automatic modes, none where everything is set by hand."""
    if wish.mode in _FIXED and (wish.mode != "Manual" or wish.iso is None):
        return wish.bias_ev
    return 0.0


_FIXED = {
    "Program Auto": frozenset({"iso"}),
    "Aperture": frozenset({"iso", "aperture"}),
    "Shutter": frozenset({"iso", "shutter"}),
    "Manual": frozenset({"iso", "aperture", "shutter"}),
}
"""What the person may set in each exposure mode; in any other (Intelligent Auto, Superior Auto) nothing."""


def fulfil(read_ev: float, wish: ExposureWish) -> tuple[Exposure, float]:
    """Return the exposure for a reading with what the person set held, and the EV it really is for.

    What is not held follows: the shutter in Program and Aperture, the aperture in Shutter, and ISO wherever it is
    automatic. Where the free values end, the picture is too dark or too bright, as on a camera.
    """
    thirds = round(3 * (read_ev - _followed_bias(wish)))
    held = _FIXED.get(wish.mode, frozenset())
    shutter = wish.shutter_seconds if "shutter" in held else None
    aperture = wish.aperture if "aperture" in held else None
    iso = wish.iso if "iso" in held else None
    if shutter is aperture is iso is None:
        return program(thirds)
    return _hold(thirds, shutter, aperture, iso)


def _hold(thirds: int, shutter: float | None, aperture: float | None, iso: float | None) -> tuple[Exposure, float]:
    """Solve EV = aperture - shutter - speed (all in thirds of a stop) for what is `None`, each within its ends."""
    s = _FIRST_SPEED if iso is None else _thirds_of(iso / 100, 3)
    if shutter is not None:
        t = _thirds_of(shutter, 3)
        n = _aperture_for(t + s + thirds) if aperture is None else _thirds_of(aperture, 6)
        s = _within(_FIRST_SPEED, n - t - thirds, _LAST_SPEED) if iso is None else s
    elif aperture is not None:
        n = _thirds_of(aperture, 6)
        s, t = _dimming(n, s, thirds) if iso is None else (s, _shutter_for(n - s - thirds))
    else:
        n = _thirds_of(program(thirds)[0].aperture or 1.0, 6)
        t = _shutter_for(n - s - thirds)
        n = _within(_FIRST_APERTURE, t + s + thirds, _PROGRAM_APERTURE)  # it helps where the shutter ends
    exposure = Exposure(
        shutter_seconds=shutter or _SHUTTERS[t - _FIRST_SHUTTER],
        aperture=aperture or _APERTURES[n - _FIRST_APERTURE],
        iso=iso or _SPEEDS[s - _FIRST_SPEED],
    )
    return exposure, (n - t - s) / 3


def _dimming(aperture: int, speed: int, thirds: int) -> tuple[int, int]:
    """Return ISO and shutter at that aperture: ISO rises before the shutter becomes too slow to hold by hand."""
    shutter = aperture - speed - thirds
    speed, shutter = _give(shutter, _HAND_HELD, speed, _DIM_SPEED)
    speed, shutter = _give(shutter, _SLOW, speed, _LAST_SPEED)
    return speed, _shutter_for(shutter)


def _shutter_for(thirds: int) -> int:
    return _within(_FIRST_SHUTTER, thirds, _LAST_SHUTTER)


def _aperture_for(thirds: int) -> int:
    return _within(_FIRST_APERTURE, thirds, _LAST_APERTURE)


def _thirds_of(value: float, per_octave: int) -> int:
    return round(math.log2(value) * per_octave)


def _within(low: int, value: int, high: int) -> int:
    return min(high, max(low, value))


def program(thirds: int) -> tuple[Exposure, float]:
    """Return the program line's exposure for a brightness in thirds of an EV at ISO 100, and the EV it really is for.

    Bright scenes share the light between aperture and shutter. As it gets dark: aperture open at 1/50 s, then ISO to
    1600, shutter to 1/6 s, ISO to 6400, and at last the shutter to 30 s. Beyond its ends the camera does what it can.
    """
    speed, aperture = _FIRST_SPEED, _FIRST_APERTURE
    shutter = aperture - speed - thirds  # from EV = aperture - shutter - speed, all in thirds
    spare = _HAND_HELD - shutter  # how far the shutter is beyond 1/50 s
    if spare > 0:
        aperture = min(_PROGRAM_APERTURE, aperture + spare // 2)
        shutter = aperture - speed - thirds
    else:
        speed, shutter = _give(shutter, _HAND_HELD, speed, _DIM_SPEED)
        speed, shutter = _give(shutter, _SLOW, speed, _LAST_SPEED)
    shutter = _within(_PROGRAM_SHUTTER, shutter, _LAST_SHUTTER)
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
