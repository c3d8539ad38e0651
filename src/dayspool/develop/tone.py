"""A camera's own tone curve: which linear light the encoded values of its JPEGs stand for, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dayspool.develop.builtin_light import decoded_light, encoded_light
from dayspool.develop.builtin_tone import through
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.develop.builtin_light import Light

__all__ = ["Tone"]

_BLACK, _WHITE = (0.0, 0.0), (1.0, 1.0)
_DIGITS = 5  # of what was learned: finer than a picture's codes
_STEPS = 8193  # of the table that a curve is undone with: between two of them it is as good as straight


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """What a camera made of light: points that its curve goes through. Nobody's tone (`None`) is that of sRGB.

    Black and white need not be among the points; they are where they are. Between points the curve is drawn over
    sRGB's, where a camera's is nearly straight: through the encoded values that sRGB would have given, never falling,
    nowhere overshooting (`builtin_tone.through`).

    Attributes:
        points: (encoded value of the camera, linear light), both from 0 to 1, both rising from point to point.

    Raises:
        PlanError: points that no camera can have.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be undone: light that stands still while the values rise, or the other way round."""
        inside = all(len(point) == 2 and min(point) >= 0 and max(point) <= 1 for point in self.points)
        if not inside or not all(b[0] > a[0] and b[1] > a[1] for a, b in pairwise(self._whole())):
            raise PlanError(
                f"the tone {[list(point) for point in self.points]} is no camera's: it needs points (encoded value, "
                "linear light) between 0 and 1, both numbers rising from one point to the next"
            )

    @classmethod
    def over_srgb(cls, curve: Sequence[tuple[float, float]]) -> Tone:
        """Return the tone of points (EV below white as sRGB has it, EV below white of light), as deflicker learns them.

        Raises:
            PlanError: as for any tone.
        """
        ev, light = np.exp2(np.array([point for point in curve if min(point) < 0], dtype=np.float64).reshape(-1, 2)).T
        codes = np.round(encoded_light(ev), _DIGITS)
        return cls(points=tuple(zip(codes.tolist(), np.round(light, _DIGITS).tolist(), strict=True)))

    def light(self, encoded: Light) -> Light:
        """Return the linear light of encoded values from 0 to 1, of any shape."""
        return decoded_light(through(self._over_srgb(), encoded))

    def encoded(self, light: Light) -> Light:
        """Return the encoded values of linear light; what is beyond white is white."""
        values = np.linspace(0, 1, _STEPS)
        found: Light = np.interp(encoded_light(light), through(self._over_srgb(), values), values)
        return found

    def _whole(self) -> tuple[tuple[float, float], ...]:
        inner = (point for point in self.points if tuple(point) not in {_BLACK, _WHITE})
        return (_BLACK, *inner, _WHITE)

    def _over_srgb(self) -> list[tuple[float, float]]:
        at, light = np.array(self._whole(), dtype=np.float64).T
        return list(zip(at.tolist(), np.clip(encoded_light(light), 0, 1).tolist(), strict=True))
