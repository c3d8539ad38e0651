"""Where the sun is: astral behind one door; an event that does not happen (polar day and night) is a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from astral import Depression, Observer
from astral.sun import dawn, dusk, elevation, sunrise, sunset

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from dayspool.core.plan import Place

__all__ = ["SunTimes", "sun_elevation", "sun_times"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SunTimes:
    """One day's sun at one place, in UTC; `None` where the event does not happen. Dawn and dusk are civil (−6°)."""

    dawn: datetime | None
    sunrise: datetime | None
    sunset: datetime | None
    dusk: datetime | None


def sun_elevation(place: Place, utc: datetime) -> float:
    """Return the sun's elevation above the horizon in degrees, refraction included."""
    return float(elevation(_observer(place), utc))


def sun_times(place: Place, day: date) -> SunTimes:
    """Return when the sun rises and sets on a UTC day."""
    observer = _observer(place)

    def of(event: Callable[..., datetime], **options: object) -> datetime | None:
        try:
            return event(observer, date=day, **options)
        except ValueError:  # astral's way of saying that the sun does not reach that elevation on this day
            return None

    return SunTimes(
        dawn=of(dawn, depression=Depression.CIVIL),
        sunrise=of(sunrise),
        sunset=of(sunset),
        dusk=of(dusk, depression=Depression.CIVIL),
    )


def _observer(place: Place) -> Observer:
    return Observer(latitude=place.latitude, longitude=place.longitude)
