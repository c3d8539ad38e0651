"""Where the sun is: astral behind one door.

Only astral's elevation is used: `dayspool.core.sun_events` finds when the sun rises and sets from it, and an event that
does not happen (polar day and night) is a value there. Astral's own search for events fails where they are near
midnight: Tromsø's last sunset before the midnight sun, or sunrises that it puts on the day before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from astral import Observer
from astral.sun import elevation

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dayspool.core.plan import Place

__all__ = ["sun_over"]

_KEPT = 10_000  # moments, a megabyte or two: the events of a year of polar day, looked for again at each planning


def sun_over(place: Place) -> Callable[[datetime], float]:
    """Return the elevation of the sun's centre in degrees, without refraction, as a function of a moment in UTC."""
    observer = Observer(latitude=place.latitude, longitude=place.longitude)

    @lru_cache(maxsize=_KEPT)
    def over(utc: datetime) -> float:
        return float(elevation(observer, utc, with_refraction=False))

    return over
