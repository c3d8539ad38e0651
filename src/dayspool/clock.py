"""The only place that reads a clock or sleeps.

Wall time decides which slot is due; it may step. Elapsed time never does. `SystemClock` is for real shoots; `LoopClock`
derives wall time from the event loop's own time, so that a loop in virtual time (trio's `MockClock`, or a jumping
selector on asyncio) gives virtual wall time for free.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import anyio

__all__ = ["Clock", "LoopClock", "SystemClock", "local_moment"]

_LONGEST_SLEEP = 1.0


class Clock(Protocol):
    """What the capture side needs to know of time."""

    def utc(self) -> datetime:
        """Return the wall time, aware, UTC."""

    def elapsed(self) -> float:
        """Return seconds from an arbitrary start; never steps, and counts while the machine sleeps."""

    async def sleep_until(self, when: datetime) -> None:
        """Return when the wall time is `when` or later."""


class SystemClock:
    """This machine's clocks.

    It sleeps at most a second at a time and looks at the wall clock again, so that a step of the clock (NTP, a person,
    a board without a real-time clock) moves the wake-up and not the slot.
    """

    def utc(self) -> datetime:
        """Return the wall time, aware, UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return seconds since boot, including those asleep (CLOCK_BOOTTIME)."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep_until(self, when: datetime) -> None:
        """Return when the wall time is `when` or later."""
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

    def elapsed(self) -> float:
        """Return the loop's seconds since construction."""
        return anyio.current_time() - self._zero

    async def sleep_until(self, when: datetime) -> None:
        """Return when the wall time is `when` or later."""
        while (left := (when - self.utc()).total_seconds()) > 0:  # noqa: ASYNC110 - this is the sleep itself
            await anyio.sleep(left)


def local_moment(text: str) -> datetime:
    """Read an ISO 8601 moment; one without a zone is meant in this machine's zone.

    Raises:
        ValueError: the text is no moment.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.astimezone()
