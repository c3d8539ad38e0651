"""Three days at ten seconds through the real client and the simulated camera, in virtual time."""

import gc
import resource

import pytest

from dayspool.core.plan import Plan, parse_duration
from dayspool.journal import JournalWriter
from dayspool.shoot import Intervalometer
from dayspool.shoot.finding import FixedSource
from dayspool.sim import Body, Ledger
from dayspool.testing import InMemoryTransport, run_virtually


@pytest.mark.slow
def test_seventy_two_hours(tmp_path):
    slots = 72 * 360
    memory = []

    async def shoot(clock):
        body = Body(clock=clock, seed=7, picture_px=(48, 32), ledger=Ledger(tmp_path / "ledger.jsonl"))

        def watch(record, session):
            if record.seq % 9_000 == 0:
                gc.collect()
                memory.append((session.frames, resident_kib()))

        with JournalWriter(tmp_path, clock.utc) as journal:
            intervalometer = Intervalometer(
                plan=Plan(interval=parse_duration("10s"), length=parse_duration("72h")),
                journal=journal,
                source=FixedSource("http://10.0.0.1:10000/camera", transport=InMemoryTransport(body)),
                clock=clock,
                frames_dir=tmp_path / "frames",
                notify=watch,
            )
            return await intervalometer.run()

    summary = run_virtually(shoot)
    print(summary, memory)
    assert summary.frames == slots


def resident_kib():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() // 1024
