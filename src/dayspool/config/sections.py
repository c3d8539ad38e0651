"""The tables of `shoot.toml`: the camera, day and night, phases; and the zone in which moments are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dayspool.clock import MachineZone
from dayspool.core.camera import POSTVIEW_SIZES
from dayspool.core.moments import Pace, Phase, When
from dayspool.core.plan import Mistake, mistakes_under
from dayspool.discovery.address import parse_target
from dayspool.errors import PlanError

__all__ = ["CameraSection", "PaceSection", "PhaseSection", "settled", "zone_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSection:
    """Which camera, and what is asked of it.

    Attributes:
        url: its address, or none to search for it.
        postview: the size of its pictures over Wi-Fi, `original` or `2M`; none leaves it as the camera is.

    Raises:
        PlanError: `url` is no address of a camera, `postview` no size; both with what is wrong.
    """

    url: str | None = None
    postview: str | None = None

    def __post_init__(self) -> None:
        problems: list[Mistake] = []
        if self.url is not None:
            try:
                parse_target(self.url)
            except PlanError as error:
                problems += mistakes_under("url", error)
        if self.postview is not None and self.postview not in POSTVIEW_SIZES:
            sizes = " or ".join(POSTVIEW_SIZES)
            problems.append(Mistake(f"pictures come as {sizes}, not as {self.postview!r}", "postview"))
        if problems:
            raise PlanError(*problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceSection:
    """`[day]` or `[night]`.

    Attributes:
        every: the interval.
        sun: from which elevation of the sun on it holds, in degrees: by day from 0 up, at night from −12 down.
        ev: from which light on, in EV at ISO 100, where `light = "meter"`: by day from 9 up, at night from −1 down.
    """

    every: timedelta
    sun: float | None = None
    ev: float | None = None

    def pace(self, *, degrees: float, ev: float) -> Pace:
        """Return it with these limits where it names none."""
        return Pace(
            interval=self.every,
            degrees=degrees if self.sun is None else self.sun,
            ev=ev if self.ev is None else self.ev,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSection:
    """A `[[phase]]`: a named part of the shoot, every day or once, with an interval of its own."""

    name: str
    from_: When
    until: When
    every: timedelta

    def phase(self, zone: str | None) -> Phase:
        """Return it, moments without a zone read in `zone`."""
        start, end = settled(self.from_, zone), settled(self.until, zone)
        assert start is not None
        assert end is not None
        return Phase(name=self.name, start=start, end=end, interval=self.every)


def zone_named(name: str | None) -> tzinfo:
    """Return a time zone by its name, such as `Europe/Berlin`; this machine's for none.

    Raises:
        PlanError: it is not known here.
    """
    if name is None:
        return MachineZone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PlanError(
            f"{name!r} is no time zone that this machine knows; write one like Europe/Berlin (package tzdata has them)"
        ) from None


def settled(when: When | None, zone: str | None) -> When | None:
    """Return a moment with its offset from UTC; one without a zone is read in `zone`.

    Raises:
        PlanError: the zone is not known, or the moment lies outside the calendar there.
    """
    if not isinstance(when, datetime) or when.tzinfo is not None:
        return when
    try:
        there = when.astimezone() if zone is None else when.replace(tzinfo=zone_named(zone))
    except OverflowError:
        raise PlanError(f"{when.isoformat()} lies outside the calendar") from None
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta(0)))
