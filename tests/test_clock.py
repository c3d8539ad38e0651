"""Clocks: virtual wall time that follows the loop, and the system's, which sleeps in slices."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import pytest

from dayspool.clock import LoopClock, MachineZone, SystemClock
from dayspool.testing import BEGINNING, run_virtually

DAY = timedelta(days=1)


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_days_pass_at_once_and_exactly(backend):
    async def main(clock: LoopClock):
        await clock.sleep_until(BEGINNING + 3 * DAY)
        return clock.utc(), clock.stepped()

    assert run_virtually(main, backend=backend) == (BEGINNING + 3 * DAY, 0.0)


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


def test_a_step_of_the_wall_clock_moves_nothing_but_is_known(monkeypatch):
    clock = SystemClock()
    before = clock.utc()

    class SteppedWall(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr("dayspool.clock.datetime", SteppedWall)
    assert clock.utc() - before < timedelta(seconds=5)
    assert clock.stepped() == pytest.approx(3600, abs=1)


def test_a_suspend_of_the_machine_counts(monkeypatch):
    clock = SystemClock()
    before, asleep = clock.utc(), 0.0
    boottime = time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: boottime(which) + asleep)
    asleep = 7200.0
    assert timedelta(hours=2) <= clock.utc() - before < timedelta(hours=2, seconds=5)


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
    assert clock.utc() <= clock.utc()
    assert abs(clock.stepped()) < 1


def test_the_machines_zone_knows_daylight_saving(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        here, berlin = MachineZone(), ZoneInfo("Europe/Berlin")
        for moment in (datetime(2026, month, 25, hour, 30, tzinfo=UTC) for month in (1, 3, 6, 10) for hour in range(3)):
            assert str(moment.astimezone(here)) == str(moment.astimezone(berlin))
            assert moment.astimezone(here).astimezone(UTC) == moment
        twice = datetime(2026, 10, 25, 2, 30, tzinfo=here)
        assert twice.replace(fold=1).astimezone(UTC) - twice.astimezone(UTC) == timedelta(hours=1)
        assert (twice.tzname(), twice.dst()) == ("CEST", None)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("wall", "last", "goes_on"),
    [
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), BEGINNING, BEGINNING, id="no date yet"),
        pytest.param(BEGINNING - timedelta(hours=1), BEGINNING, BEGINNING, id="set back by hand"),
        pytest.param(BEGINNING, datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC), id="never dated"),
        pytest.param(BEGINNING, BEGINNING - DAY, BEGINNING, id="all is well"),
        pytest.param(BEGINNING, None, BEGINNING, id="a new shoot"),
    ],
)
def test_a_shoot_goes_on_in_its_own_time_where_the_machine_has_lost_the_date(monkeypatch, wall, last, goes_on):
    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return wall

    monkeypatch.setattr("dayspool.clock.datetime", Wall)
    clock = SystemClock()
    clock.go_on_from(last)
    assert timedelta(0) <= clock.utc() - goes_on < timedelta(seconds=5)
    assert clock.stepped() == pytest.approx((wall - goes_on).total_seconds(), abs=5)
