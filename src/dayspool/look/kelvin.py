"""White balance given in kelvin and tint, as multipliers for one camera."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COOLEST_K", "HOTTEST_K", "Matrix", "multipliers", "white_xy"]

Matrix: TypeAlias = "Sequence[Sequence[float]]"
"""Three rows of three: XYZ to the camera's red, green and blue; its scale does not matter."""

COOLEST_K, HOTTEST_K = 1_667.0, 15_000.0
"""Where the approximation of the Planckian locus holds; Camera Raw's slider goes beyond."""

_TINT = 3000.0
"""Adobe's units of tint in CIE 1960 UCS, across the Planckian locus (DNG SDK 1.6, dng_temperature)."""
_STEP_K = 1.0


def white_xy(temperature_k: float, tint: float) -> tuple[float, float]:
    """Return what surface is white, as CIE 1931 x and y: a colour temperature, and how far it lies off the locus.

    The locus is M. Krystek's rational approximation (Color Research & Application 10, 1985), in CIE 1960 UCS within
    8e-5 of the exact one, which is less than 0.3 units of tint.

    Raises:
        ValueError: the temperature is outside `COOLEST_K` to `HOTTEST_K`.
    """
    if not COOLEST_K <= temperature_k <= HOTTEST_K:
        raise ValueError(f"a colour temperature from {COOLEST_K:.0f} to {HOTTEST_K:.0f} K, not {temperature_k:.0f} K")
    u, v = _locus(temperature_k)
    next_u, next_v = _locus(temperature_k + _STEP_K)
    along_u, along_v = (
        next_u - u,
        next_v - v,
    )  # hotter is to lower u and v: the normal to the green side is to its right
    length = math.hypot(along_u, along_v)
    u, v = u + tint / _TINT * along_v / length, v - tint / _TINT * along_u / length
    scale = 2 * u - 8 * v + 4
    return 3 * u / scale, 2 * v / scale


def multipliers(temperature_k: float, tint: float, xyz_to_camera: Matrix) -> tuple[float, float, float]:
    """Return the factors of red, green and blue by which that white becomes neutral; green's is 1.

    With one matrix for all light, as LibRaw has it. Camera Raw blends two, measured in daylight and in tungsten light;
    the two agree at the matrix's own light, which is D65.

    Raises:
        ValueError: the temperature is out of range, or the camera sees no such white.
    """
    x, y = white_xy(temperature_k, tint)
    white = (x / y, 1.0, (1.0 - x - y) / y)
    red, green, blue = (sum(part * light for part, light in zip(row, white, strict=True)) for row in xyz_to_camera)
    if min(red, green, blue) <= 0:
        raise ValueError(f"{temperature_k:.0f} K with tint {tint:+g} is no colour that this camera sees as white")
    return green / red, 1.0, green / blue


def _locus(kelvin: float) -> tuple[float, float]:
    square = kelvin * kelvin
    u = (0.860117757 + 1.54118254e-4 * kelvin + 1.28641212e-7 * square) / (
        1 + 8.42420235e-4 * kelvin + 7.08145163e-7 * square
    )
    v = (0.317398726 + 4.22806245e-5 * kelvin + 4.20481691e-8 * square) / (
        1 - 2.89741816e-5 * kelvin + 1.61456053e-7 * square
    )
    return u, v
