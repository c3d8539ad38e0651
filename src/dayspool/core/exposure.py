"""Exposures and their arithmetic in EV: one stop is one EV, and twice the light.

Camera values are names, not measures: a shutter of "1/60" really is 1/64 s, f/11 really is f/11.31. `snapped` goes from
the names to the power-of-two ladder behind them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

__all__ = ["Exposure", "parse_shutter", "shutter_name"]

_FRACTION = re.compile(r"1/(\d+(?:\.\d+)?)s?")
_SECONDS = re.compile(r'(\d+(?:\.\d+)?)\s*(?:"|s)?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One exposure: shutter time in seconds, ISO speed, and the f-number where the lens tells it.

    Raises:
        ValueError: a value is not positive and finite.
    """

    shutter_seconds: float
    iso: float
    aperture: float | None = None

    def __post_init__(self) -> None:
        for name in ("shutter_seconds", "iso", "aperture"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be positive and finite, not {value!r}")

    @property
    def gathered_ev(self) -> float:
        """How bright this exposure draws a given scene, in EV: log2(t · ISO / N²); N counts as 1 when unknown."""
        aperture = self.aperture or 1.0
        return math.log2(self.shutter_seconds * self.iso / aperture**2)

    @property
    def ev100(self) -> float:
        """The scene this exposure draws as middle grey, in EV at ISO 100: log2(N² / t) − log2(ISO / 100) (ISO 2720)."""
        return math.log2(100) - self.gathered_ev

    def stops_brighter_than(self, other: Exposure) -> float:
        """Return by how many EV this exposure draws the same scene brighter than `other` does."""
        return self.gathered_ev - other.gathered_ev

    def snapped(self) -> Exposure:
        """Return the exposure behind the names: every value on the third-stop ladder of powers of two.

        The ladder is anchored at 1 s, ISO 100 and f/1, as camera makers do.
        """
        aperture = None if self.aperture is None else 2 ** (round(math.log2(self.aperture) * 6) / 6)
        return Exposure(
            shutter_seconds=2 ** (round(math.log2(self.shutter_seconds) * 3) / 3),
            iso=100 * 2 ** (round(math.log2(self.iso / 100) * 3) / 3),
            aperture=aperture,
        )

    def __str__(self) -> str:
        """Return the exposure as photographers write it: 1/250 s · f/4 · ISO 400."""
        aperture = "" if self.aperture is None else f" · f/{self.aperture:g}"
        return f"{shutter_name(self.shutter_seconds)}{aperture} · ISO {self.iso:g}"


def parse_shutter(text: str) -> float:
    """Read a shutter time as cameras and people write it (`1/250`, `0.4"`, `30s`, `2`) and return seconds.

    Raises:
        ValueError: the text is no shutter time, or is `BULB`, which has no length.
    """
    cleaned = text.strip().replace(" ", "")
    if match := _FRACTION.fullmatch(cleaned):
        divisor = float(match[1])
        if divisor > 0:
            return 1 / divisor
    elif (match := _SECONDS.fullmatch(cleaned)) and float(match[1]) > 0:
        return float(match[1])
    raise ValueError(f'{text!r} is no shutter time; write 1/250, 0.4" or 2s')


def shutter_name(seconds: float) -> str:
    """Return a shutter time as photographers write it: `1/250 s`, `0.4 s`, `30 s`."""
    if seconds >= 0.3:
        return f"{seconds:.3g} s"
    return f"1/{round(1 / seconds)} s"
