"""Where the sun is: astral behind one door; an event that does not happen (polar day and night) is a value.

Only astral's elevation is used. Its own search for events fails where they are near midnight: Tromsø's last sunset
before the midnight sun, or sunrises that it puts on the day before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from astral import Observer
from astral.sun import elevation

from dayspool.core.daylight import sun_event
from dayspool.core.moments import SunEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo

    from dayspool.core.plan import Place

__all__ = ["SunTimes", "sun_elevation", "sun_over", "sun_times"]


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


def sun_over(place: Place) -> Callable[[datetime], float]:
    """Return the elevation of the sun's centre in degrees, without refraction, as a function of a moment in UTC."""
    observer = _observer(place)
    return lambda utc: float(elevation(observer, utc, with_refraction=False))


def sun_times(place: Place, day: date, zone: tzinfo = UTC) -> SunTimes:
    """Return when the sun rises and sets on a day of `zone`; a sunset in high summer may be after its midnight."""
    sun = sun_over(place)
    found = {event.value: sun_event(sun, place.longitude, event, day, zone) for event in SunEvent}
    return SunTimes(**{name: moment.utc if moment.happens else None for name, moment in found.items()})


def _observer(place: Place) -> Observer:
    return Observer(latitude=place.latitude, longitude=place.longitude)
