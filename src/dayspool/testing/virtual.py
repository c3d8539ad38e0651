"""Days in seconds: event loops whose clock jumps to the next deadline as soon as nobody has anything left to do.

Threads and subprocesses are invisible to such a clock and let it run away; the capture path has none.
"""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import anyio

from dayspool.clock import LoopClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["BEGINNING", "JumpingSelector", "run_virtually"]

T = TypeVar("T")

BEGINNING = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)


class JumpingSelector(selectors.DefaultSelector):
    """A selector that never waits: with nothing ready, it moves the time of its loop to the next deadline."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; without anything, let `timeout` seconds of virtual time pass at once."""
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(
    main: Callable[[LoopClock], Awaitable[T]], *, backend: str = "trio", began: datetime = BEGINNING
) -> T:
    """Run `main` to its end in virtual time and return its result; `backend` is `trio` or `asyncio`.

    `main` gets a clock whose wall time is `began` at the start.
    """

    async def with_clock() -> T:
        return await main(LoopClock(began))

    if backend == "asyncio":
        return anyio.run(with_clock, backend="asyncio", backend_options={"loop_factory": _JumpingLoop})
    from trio.testing import MockClock

    return anyio.run(with_clock, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
