"""Moments as a person says them: by the clock, by the sun, or a date with a time; windows and phases between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias

__all__ = ["Daily", "Pace", "Phase", "SunEvent", "SunTime", "When", "Window"]


class SunEvent(StrEnum):
    """What the sun does once on most days. Dawn and dusk are civil."""

    DAWN = "dawn"
    SUNRISE = "sunrise"
    SUNSET = "sunset"
    DUSK = "dusk"

    @property
    def degrees(self) -> float:
        """The elevation of the sun's centre at that moment, without refraction.

        At −0.833° the upper limb touches the horizon: 34′ of refraction there, 16′ of the sun's own radius.
        """
        return -0.833 if self in (SunEvent.SUNRISE, SunEvent.SUNSET) else -6.0

    @property
    def rising(self) -> bool:
        """Whether it belongs to the half of the day before noon."""
        return self in (SunEvent.DAWN, SunEvent.SUNRISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SunTime:
    """So long after an event of the sun, before it where `offset` is negative."""

    event: SunEvent
    offset: timedelta = timedelta(0)


Daily: TypeAlias = time | SunTime  # a time of the clock is without a zone: that of the plan is meant
When: TypeAlias = datetime | time | SunTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of every day; one whose end is not after its start reaches into the next day."""

    start: Daily
    end: Daily


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A named part of the shoot, every day or once, with an interval of its own."""

    name: str
    start: When
    end: When
    interval: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """An interval, and the light from which on it holds.

    Attributes:
        interval: from slot to slot.
        degrees: the sun's elevation.
        ev: the light of the scene, in EV at ISO 100, where the meter decides.
    """

    interval: timedelta
    degrees: float
    ev: float
