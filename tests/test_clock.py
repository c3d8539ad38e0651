"""Clocks: virtual wall time that follows the loop, and the system's, which sleeps in slices."""

from datetime import timedelta

import anyio
import pytest

from dayspool.clock import LoopClock, SystemClock
from dayspool.testing import BEGINNING, run_virtually

DAY = timedelta(days=1)


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_days_pass_at_once_and_exactly(backend):
    async def main(clock: LoopClock):
        await clock.sleep_until(BEGINNING + 3 * DAY)
        return clock.utc(), clock.elapsed()

    assert run_virtually(main, backend=backend) == (BEGINNING + 3 * DAY, 3 * 86_400)


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_tasks_share_virtual_time(backend):
    async def main(clock: LoopClock):
        seen = []

        async def wake(hours):
            await anyio.sleep(hours * 3600)
            seen.append((hours, clock.utc()))

        async with anyio.create_task_group() as tasks:
            for hours in (3, 1, 2):
                tasks.start_soon(wake, hours)
        return seen

    assert run_virtually(main, backend=backend) == [(n, BEGINNING + timedelta(hours=n)) for n in (1, 2, 3)]


def test_the_system_clock_follows_a_wall_clock_that_steps(monkeypatch):
    """A step forward of an hour during the sleep ends it at the next slice, not an hour later."""
    slept = []

    class Stepping(SystemClock):
        now = BEGINNING

        def utc(self):
            return self.now

    clock = Stepping()

    async def sleep(seconds):
        slept.append(seconds)
        clock.now += timedelta(seconds=seconds) + (timedelta(hours=1) if len(slept) == 3 else timedelta(0))

    monkeypatch.setattr(anyio, "sleep", sleep)
    anyio.run(clock.sleep_until, BEGINNING + timedelta(minutes=30))
    assert slept == [1.0, 1.0, 1.0]


def test_the_system_clock_does_not_oversleep_the_last_slice(monkeypatch):
    slept = []

    class Stepping(SystemClock):
        now = BEGINNING

        def utc(self):
            return self.now

    clock = Stepping()

    async def sleep(seconds):
        slept.append(seconds)
        clock.now += timedelta(seconds=seconds)

    monkeypatch.setattr(anyio, "sleep", sleep)
    anyio.run(clock.sleep_until, BEGINNING + timedelta(seconds=2.25))
    assert slept == [1.0, 1.0, 0.25]


def test_the_system_clock_is_aware_and_goes_on():
    clock = SystemClock()
    assert clock.utc().utcoffset() == timedelta(0)
    assert clock.elapsed() <= clock.elapsed()
