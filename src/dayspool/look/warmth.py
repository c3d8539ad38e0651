"""A ramp of the white balance in kelvin, as ramps of darktable's multipliers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.look.adobe import camera_matrix
from dayspool.look.kelvin import multipliers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.look.ramp import Line
    from dayspool.look.wish import Picture

__all__ = ["KELVIN", "in_multipliers"]

KELVIN = "temperature.kelvin"
_FIELDS = ("red", "green", "blue")


def in_multipliers(lines: Sequence[Line], pictures: Sequence[Picture]) -> list[Line]:
    """Return ramps with one in kelvin turned into those of red, green and blue at its positions; others stay.

    darktable itself knows multipliers only; what a colour temperature means hangs on the camera, whose matrix is taken
    from the first RAW. Between positions the multipliers are even in their logarithm, which is near to even in mired.

    Raises:
        PlanError: the pictures are not RAW alone, the camera is not known, a temperature is out of range, or a
            multiplier has a ramp of its own as well.
    """
    warmth = next((line for line in lines if line.name == KELVIN), None)
    if warmth is None:
        return list(lines)
    others = [line for line in lines if line is not warmth]
    twice = [line.name for line in others if line.operation == warmth.operation and line.field in _FIELDS]
    if twice:
        raise PlanError(f"ramps of {KELVIN} and of {', '.join(twice)} set the same; keep one of them")
    matrix = camera_matrix(pictures[0].path) if all(picture.raw for picture in pictures) else None
    if matrix is None:
        raise PlanError(
            f"a ramp of {KELVIN} needs RAW pictures alone, of a camera known to LibRaw (pip install 'dayspool[film]');"
            " give ramps of temperature.red and temperature.blue instead"
        )
    try:
        values = [multipliers(kelvin, 0.0, matrix) for kelvin in warmth.values]
    except ValueError as fault:
        raise PlanError(f"the ramp of {KELVIN}: {fault}") from fault
    rows = zip(_FIELDS, zip(*values, strict=True), strict=True)
    return others + [replace(warmth, field=field, values=row) for field, row in rows]
