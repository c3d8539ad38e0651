"""A process that stood still says for how long, before it says anything else."""

from datetime import timedelta

import anyio
import pytest
import trio

from dayspool.errors import JournalUnwritable
from dayspool.shoot.stall import StallWatch
from dayspool.testing import run_virtually

INTERVAL = timedelta(seconds=10)


class Suspended:
    """A clock that goes on while the loop's own rests, as on a machine that is suspended."""

    def __init__(self, clock):
        self._clock, self.slept = clock, timedelta(0)

    def utc(self):
        return self._clock.utc() + self.slept


def watched(disturb):
    """Return what a watch tells after `disturb(clock)`, asked twice."""

    async def main(clock):
        clock = Suspended(clock)
        watch = StallWatch(clock, lambda: INTERVAL)

        async def work():
            await anyio.sleep(7)
            await disturb(clock)
            return watch.news(), watch.news()

        return await watch.during(work)

    return run_virtually(main)


async def stop(seconds):
    trio.lowlevel.current_clock().jump(seconds)
    await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("seconds", [8, 120, 86_400])
def test_a_stop_is_told_once_as_long_as_it_was(seconds):
    async def stopped(clock):
        await stop(seconds)

    stall, again = watched(stopped)
    assert again is None
    assert not stall.asleep
    assert abs(stall.seconds - seconds) < INTERVAL.total_seconds() / 4


def test_a_machine_that_slept_is_told_apart():
    async def suspended(clock):
        clock.slept += timedelta(hours=1)

    stall, _ = watched(suspended)
    assert stall.asleep
    assert stall.seconds == pytest.approx(3600, abs=3)


@pytest.mark.parametrize("seconds", [0, 0.2, 2])
def test_what_can_cost_no_slot_is_not_told(seconds):
    async def busy(clock):
        await stop(seconds)

    assert watched(busy) == (None, None)


def test_our_errors_pass_as_they_are_and_the_beat_ends():
    async def main(clock):
        async def work():
            raise JournalUnwritable("full")

        with pytest.raises(JournalUnwritable, match="full"):
            await StallWatch(clock, lambda: INTERVAL).during(work)

    run_virtually(main)
