"""What the sun explains of a scene's light: a table over its elevation."""

from __future__ import annotations

import math
from itertools import pairwise

__all__ = ["light_by_sun"]

# The light of an open landscape over the sun's elevation, EV at ISO 100: log2 of the illuminance in lux over 2.5, with
# clear-sky illuminances of 100,000 lx under a high sun, 400 lx at sunset, 3.4 lx at the end of civil twilight and
# 0.008 lx at the end of nautical twilight (the usual tables after Brown, 1952, and RCA, 1974).
_LIGHT = (
    (-18.0, -12.0),
    (-15.0, -11.2),
    (-12.0, -8.3),
    (-9.0, -3.9),
    (-6.0, 0.4),
    (-4.0, 3.4),
    (-2.0, 5.9),
    (0.0, 7.6),
    (2.0, 8.9),
    (5.0, 10.6),
    (10.0, 12.1),
    (20.0, 13.4),
    (40.0, 14.7),
    (60.0, 15.3),
    (90.0, 15.5),
)
_FED_FORWARD = 0.9  # a real evening is off by haze and horizon
_DARK = -9.0  # degrees; below it lamps and the moon count for more than the sun, which is fed forward no more


def light_by_sun(elevation_deg: float | None) -> float:
    """Return what the sun explains of a scene's light, in EV at ISO 100; 0 where the place is not known."""
    if elevation_deg is None or not math.isfinite(elevation_deg):
        return 0.0
    height = min(max(elevation_deg, _DARK), _LIGHT[-1][0])
    for (low, dark), (high, bright) in pairwise(_LIGHT):
        if height <= high:
            return _FED_FORWARD * (dark + (bright - dark) * max(0.0, (height - low) / (high - low)))
    return _FED_FORWARD * _LIGHT[-1][1]
