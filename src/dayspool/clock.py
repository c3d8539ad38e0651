"""The only place that reads a clock or sleeps.

A shoot follows one steady clock: the wall time at its start, and what has elapsed since. Steps of the wall clock (NTP,
a person, a board that learns the date late) and daylight saving never reach it; sleep of the machine does count.
`SystemClock` is for real shoots; `LoopClock` derives everything from the event loop's own time, so that a loop in
virtual time (trio's `MockClock`, or a jumping selector on asyncio) gives virtual wall time for free.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

import anyio

__all__ = ["Clock", "LoopClock", "MachineZone", "SystemClock", "local_moment", "pause"]

_LONGEST_SLEEP = 1.0
_DATED = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before it knows no date: there was no dayspool yet


class Clock(Protocol):
    """What the capture side needs to know of time."""

    def utc(self) -> datetime:
        """Return the steady wall time, aware, UTC."""

    def stepped(self) -> float:
        """Return by how many seconds the machine's wall clock has stepped away since the start, ahead if positive."""

    async def sleep_until(self, when: datetime) -> None:
        """Return when `utc` is `when` or later."""


class SystemClock:
    """This machine's clocks, anchored at construction: wall time then, CLOCK_BOOTTIME since."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._boot = time.clock_gettime(time.CLOCK_BOOTTIME)

    def utc(self) -> datetime:
        """Return the steady wall time, aware, UTC."""
        return self._began + timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME) - self._boot)

    def stepped(self) -> float:
        """Return by how many seconds the machine's wall clock has stepped away since the start, ahead if positive."""
        return (datetime.now(UTC) - self.utc()).total_seconds()

    def go_on_from(self, moment: datetime | None) -> None:
        """Go on from the last moment of a shoot where this clock is behind it, or where the shoot never had a date.

        A board without a battery wakes up in 1970, and learns the date minutes later or never: its shoot goes on in
        its own time, and `stepped` tells by how much that is off.
        """
        if moment is not None and (self.utc() < moment or moment < _DATED):
            self._began += moment - self.utc()

    async def sleep_until(self, when: datetime) -> None:
        """Return when `utc` is `when` or later; sleeps a second at most at a time, for loops do not count a suspend."""
        while (left := (when - self.utc()).total_seconds()) > 0:  # noqa: ASYNC110 - this is the sleep itself
            await anyio.sleep(min(left, _LONGEST_SLEEP))


class LoopClock:
    """Wall time derived from the running event loop: `began` at construction, and as the loop's time goes on."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._zero = anyio.current_time()

    def utc(self) -> datetime:
        """Return the wall time, aware, UTC."""
        return self._began + timedelta(seconds=anyio.current_time() - self._zero)

    def stepped(self) -> float:
        """Return 0: a loop's time does not step."""
        return 0.0

    async def sleep_until(self, when: datetime) -> None:
        """Return when the wall time is `when` or later."""
        while (left := (when - self.utc()).total_seconds()) > 0:  # noqa: ASYNC110 - this is the sleep itself
            await anyio.sleep(left)


async def pause(seconds: float) -> None:
    """Wait in the event loop's own time; for waits between two questions, not for slots."""
    await anyio.sleep(seconds)


def local_moment(text: str) -> datetime:
    """Read an ISO 8601 moment; one without a zone is meant in this machine's zone.

    Raises:
        ValueError: the text is no moment.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.astimezone()


class MachineZone(tzinfo):
    """The time zone of this machine, daylight saving included."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Return how far the machine's clocks are ahead of UTC at a moment that they show."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Return `None`: how much of the offset is daylight saving is not known."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """Return what the zone is called at a moment."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """Return what the machine's clocks show at a moment in UTC."""
        local = moment.replace(tzinfo=UTC).astimezone()
        shown = local.replace(tzinfo=self)  # the first of two moments at which the clocks show this
        return shown if shown.utcoffset() == local.utcoffset() else shown.replace(fold=1)
