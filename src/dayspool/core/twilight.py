"""Day, twilight and night over a stretch of time, from the sun's elevation as a plain function of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from dayspool.core.moments import SunEvent
from dayspool.core.sun_events import turning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

__all__ = ["LIMITS_DEGREES", "Band", "Light", "bands", "light_of"]

_STEP = timedelta(minutes=10)  # the sun climbs 2.5 degrees in it at most, less than any band is high


class Light(IntEnum):
    """How much light the sun leaves, darkest first."""

    NIGHT = 0  # below −18°: no trace of it
    DEEP = 1  # nautical and astronomical twilight
    CIVIL = 2  # civil twilight, down to −6°: where exposures change fastest
    DAY = 3  # its upper edge is up


# The elevation at which each begins, without refraction.
LIMITS_DEGREES = {Light.DEEP: -18.0, Light.CIVIL: SunEvent.DAWN.degrees, Light.DAY: SunEvent.SUNRISE.degrees}


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """From `begin` up to `end` (aware) there is one kind of light."""

    begin: datetime
    end: datetime
    light: Light


def light_of(elevation_degrees: float) -> Light:
    """Return the light under a sun at that elevation, without refraction."""
    return max((light for light, least in LIMITS_DEGREES.items() if elevation_degrees >= least), default=Light.NIGHT)


def bands(begin: datetime, end: datetime, elevation: Callable[[datetime], float]) -> tuple[Band, ...]:
    """Return the bands of light from `begin` to `end`, without holes, their edges good to a second.

    Args:
        begin: aware.
        end: aware; nothing is returned where it is not later.
        elevation: the sun's elevation in degrees at a moment, without refraction.
    """

    def light(moment: datetime) -> Light:
        return light_of(elevation(moment))

    edges = [begin, *_edges(begin, end, light), end]
    spans = ((since, until) for since, until in pairwise(edges) if since < until)
    return tuple(Band(begin=since, end=until, light=light(since + (until - since) / 2)) for since, until in spans)


def _edges(begin: datetime, end: datetime, light: Callable[[datetime], Light]) -> Iterator[datetime]:
    """Yield where the light changes."""
    here, now = begin, light(begin)
    while here < end:
        there = min(here + _STEP, end)
        then = light(there)
        if then != now:
            yield min(there, turning(light, here, there))
        here, now = there, then
