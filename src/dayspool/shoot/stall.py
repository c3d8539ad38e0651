"""Notice that this process did not run for a while: it was stopped, starved, or the whole machine slept.

A beat at a quarter of the interval; one that comes late tells. It is asked before anything else is written, so that
what the process finds on waking (answers that timed out, slots gone by) is not blamed on the camera.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import anyio

from dayspool.clock import pause
from dayspool.core.events import HostStalled
from dayspool.errors import DayspoolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from dayspool.clock import Clock

__all__ = ["StallWatch"]

T = TypeVar("T")

SHORTEST_BEAT, LONGEST_BEAT = timedelta(milliseconds=100), timedelta(seconds=2.5)
JITTER = timedelta(milliseconds=150)  # of a loaded machine; costs no slot


class StallWatch:
    """The beat of one process; `interval` tells from slot to slot, as it is at the moment."""

    def __init__(self, clock: Clock, interval: Callable[[], timedelta]) -> None:
        self._clock = clock
        self._interval = interval
        self._beat: tuple[datetime, float] | None = None  # the last one, by the steady clock and by the loop's
        self._found: HostStalled | None = None

    async def during(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` does, and watch meanwhile.

        Raises:
            DayspoolError: as `work` raises it.
        """
        failure: DayspoolError
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_beating)
            try:
                return await work()
            except DayspoolError as error:
                failure = error
            finally:
                tasks.cancel_scope.cancel()
        raise failure

    def news(self) -> HostStalled | None:
        """Return the stall that was not told yet."""
        self._look()
        found, self._found = self._found, None
        return found

    @property
    def _period(self) -> timedelta:
        return min(max(self._interval() / 4, SHORTEST_BEAT), LONGEST_BEAT)

    async def _keep_beating(self) -> None:
        self._beat = self._clock.utc(), anyio.current_time()
        while True:
            await pause(self._period.total_seconds())
            self._look()
            self._beat = self._clock.utc(), anyio.current_time()

    def _look(self) -> None:
        """Compare with the last beat; the stall began at any moment between it and the next one that was due."""
        if self._beat is None:
            return
        elapsed = self._clock.utc() - self._beat[0]
        if elapsed <= 2 * self._period + JITTER:
            return
        awake = timedelta(seconds=anyio.current_time() - self._beat[1])  # a loop's time rests while a machine sleeps
        seconds = (elapsed - self._period / 2).total_seconds()
        self._found = HostStalled(seconds=round(seconds, 3), asleep=elapsed - awake > elapsed / 2)
        self._beat = self._clock.utc(), anyio.current_time()
