"""When the sun rises and sets on a day of a place, found from its elevation alone: also near the poles.

The solar day of a date lies around the noon of the place (by longitude, and the sun itself) nearest to the date's
12:00 in its zone. Dawn and sunrise are looked for in its first half, sunset and dusk in its second, so in high summer
the sunset of a date may come after midnight. The elevation only rises in the first half and only falls in the second;
so there is one crossing or none, and bisection finds it.

Where there is none, the moment stands at which the sun comes nearest to it: its lowest under the midnight sun, its
highest in the polar night. It is where the event has been going on the days before, so windows and phases change from
day to day by little: from sunrise to sunset there are 24 hours under the midnight sun and none in the polar night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.core.moments import SunEvent

    Sun: TypeAlias = Callable[[datetime], float]

__all__ = ["SunMoment", "local_instant", "sun_event", "turning"]

_HALF_DAY = timedelta(hours=12)
_DAY = timedelta(days=1)
_NEAR = timedelta(minutes=30)  # noon by the mean sun is up to 17 minutes from noon by the true one
_SECOND = timedelta(seconds=1)
_FLAT_DEGREES = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class SunMoment:
    """An event of the sun on a day, UTC, to the second; where it does not happen, when the sun comes nearest to it."""

    utc: datetime
    happens: bool


def local_instant(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the moment at which the clocks of `zone` show `clock` on `day`, in UTC.

    A time that exists twice means the first; one that does not exist is counted with the offset before the change, so
    02:30 in a missing hour is 03:30.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def sun_event(sun: Sun, longitude: float, event: SunEvent, day: date, zone: tzinfo) -> SunMoment:
    """Return when `event` happens on `day`, or comes nearest to happening.

    Args:
        sun: the elevation of the sun's centre in degrees, without refraction.
        longitude: of the place, in degrees east.
        event: what to look for.
        day: the date at the place.
        zone: its zone.
    """
    noon = _extreme(sun, _mean_noon(longitude, local_instant(day, time(12), zone)))
    midnight = _extreme(sun, noon - _HALF_DAY if event.rising else noon + _HALF_DAY)
    if sun(noon) < event.degrees:
        return SunMoment(utc=noon, happens=False)
    if sun(midnight) >= event.degrees:
        return SunMoment(utc=midnight, happens=False)
    begins, ends = (midnight, noon) if event.rising else (noon, midnight)
    return SunMoment(utc=turning(lambda utc: sun(utc) < event.degrees, begins, ends), happens=True)


def turning(state: Callable[[datetime], object], begins: datetime, ends: datetime) -> datetime:
    """Return when, to whole seconds after `begins`, a state is no more what it was then; it changes until `ends`."""
    before = state(begins)
    low, high = 0, (ends - begins) // _SECOND + 1
    while high - low > 1:
        middle = (low + high) // 2
        if state(begins + middle * _SECOND) == before:
            low = middle
        else:
            high = middle
    return begins + high * _SECOND


def _mean_noon(longitude: float, near: datetime) -> datetime:
    """Return the noon of the mean sun nearest to a moment, in UTC, to the second."""
    noon = near.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(seconds=round(longitude * 240))
    return noon + round((near - noon) / _DAY) * _DAY


def _extreme(sun: Sun, mean: datetime) -> datetime:
    """Return the highest or lowest point of the sun near that of the mean sun: the top of a parabola through three."""
    before, there, after = sun(mean - _NEAR), sun(mean), sun(mean + _NEAR)
    bend = before - 2 * there + after
    if abs(bend) < _FLAT_DEGREES:  # at a pole the sun neither rises nor falls in a day
        return mean
    shift = max(-1.0, min(1.0, (before - after) / (2 * bend)))
    return mean + timedelta(seconds=round(shift * _NEAR.total_seconds()))
