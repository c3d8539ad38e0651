"""A camera's own values of shutter, aperture and ISO, as one path from dark pictures to bright ones.

Values are names for a ladder of powers of two (1/60 is 1/64 s), and it is the true values that count: the names would
bring up to 0.09 EV of error into every step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Ladder", "Setting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is set on a camera, by its names; `None` is left to the camera."""

    shutter_seconds: float | None = None
    aperture: float | None = None
    iso: float | None = None
    compensation_ev: float | None = None

    @property
    def ev100(self) -> float:
        """The scene that it draws as middle grey, in EV at ISO 100, by the true values; what is `None` counts as 0 EV.

        Of a compensation: 0 EV less it, relative to what the camera does by itself.
        """
        if self.compensation_ev is not None:
            return -_thirds(self.compensation_ev)
        ev = 0.0
        if self.shutter_seconds is not None:
            ev -= _thirds(math.log2(self.shutter_seconds))
        if self.aperture is not None:
            ev += _thirds(2 * math.log2(self.aperture))
        if self.iso is not None:
            ev -= _thirds(math.log2(self.iso / 100))
        return ev


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The values a camera offers, by its names; none where it cannot be set.

    Attributes:
        shutters: seconds.
        isos: ISO speeds.
        apertures: f-numbers.
        compensations: exposure compensation in EV; counts only where neither shutter nor ISO can be set.
    """

    shutters: tuple[float, ...] = ()
    isos: tuple[float, ...] = ()
    apertures: tuple[float, ...] = ()
    compensations: tuple[float, ...] = ()

    @property
    def steers_exposure(self) -> bool:
        """Whether shutter or ISO can be set."""
        return bool(self.shutters or self.isos)

    def path(
        self,
        present: Setting,
        *,
        longest_seconds: float,
        iso_min: float | None,
        iso_max: float | None,
        open_aperture: bool,
    ) -> tuple[Setting, ...]:
        """Return the settings to go through, from the darkest picture to the brightest, each brighter than the last.

        Longer shutters first, up to `longest_seconds`; then wider apertures, where they may move; then ISO. The way
        back is the same. What cannot be set stays as at `present`. There is always one setting at least.
        """
        if not self.steers_exposure:
            compensations = sorted(self.compensations)
            return tuple(Setting(compensation_ev=ev) for ev in compensations) or (present,)
        speeds = _within(self.isos, iso_min, iso_max) or ([] if present.iso is None else [present.iso])
        times = _within(self.shutters, None, longest_seconds) or (
            [] if present.shutter_seconds is None else [present.shutter_seconds]
        )
        stops = sorted(self.apertures, reverse=True) if open_aperture else []
        stops = stops or ([] if present.aperture is None else [present.aperture])
        slowest = [Setting(aperture=_first(stops), iso=_first(speeds))]
        steps = [
            *([Setting(shutter_seconds=t, aperture=_first(stops), iso=_first(speeds)) for t in times] or slowest),
            *(Setting(shutter_seconds=_last(times), aperture=n, iso=_first(speeds)) for n in stops[1:]),
            *(Setting(shutter_seconds=_last(times), aperture=_last(stops), iso=s) for s in speeds[1:]),
        ]
        return _brightening(steps)


def _brightening(steps: list[Setting]) -> tuple[Setting, ...]:
    """Leave out what is not brighter than the one before: two names of one value."""
    path = [steps[0]]
    for step in steps[1:]:
        if step.ev100 < path[-1].ev100 - 1e-9:
            path.append(step)
    return tuple(path)


def _within(values: tuple[float, ...], low: float | None, high: float | None) -> list[float]:
    """Return the values between two ends, ascending; the nearest one where none lies between."""
    usable = sorted(value for value in values if math.isfinite(value) and value > 0)
    kept = [value for value in usable if (low is None or value >= low) and (high is None or value <= high)]
    if kept or not usable:
        return kept
    return [usable[0]] if high is not None and usable[0] > high else [usable[-1]]


def _first(values: list[float]) -> float | None:
    return values[0] if values else None


def _last(values: list[float]) -> float | None:
    return values[-1] if values else None


def _thirds(ev: float) -> float:
    """Return the third of a stop behind a name, or the half stop where that is nearer (0.5, 1.5 EV)."""
    third, half = round(ev * 3) / 3, round(ev * 2) / 2
    return half if abs(half - ev) < 0.02 and abs(third - ev) > 0.02 else third
