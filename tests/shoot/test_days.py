"""Three days at ten seconds through the real client and the simulated camera, in virtual time."""

import gc
import os
from datetime import timedelta
from pathlib import Path

import pytest

from dayspool.core.plan import Plan, parse_duration
from dayspool.journal import JournalWriter
from dayspool.shoot import Intervalometer
from dayspool.sim import RX100M2, Body, Ledger
from dayspool.testing import BEGINNING, FixedSource, InMemoryTransport, run_virtually
from tests.shoot.scenes import endpoint_of, outcome

SLOTS = 72 * 360
INTERVAL = timedelta(seconds=10)


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.slow
def test_seventy_two_hours(ram_path):
    memory = []

    def watch(record, session):
        if session.frames % 5_000 == 0 and type(record.event).__name__ == "FrameStored":
            gc.collect()
            memory.append((session.frames, resident_bytes()))

    async def shoot(clock, ledger):
        body = Body(clock=clock, seed=7, picture_px=(48, 32), ledger=ledger)
        with JournalWriter(ram_path, clock.utc) as journal:
            intervalometer = Intervalometer(
                plan=Plan(interval=INTERVAL, length=parse_duration("72h")),
                journal=journal,
                source=FixedSource(endpoint_of(RX100M2), transport=InMemoryTransport(body)),
                clock=clock,
                frames_dir=ram_path / "frames",
                notify=watch,
            )
            return await intervalometer.run()

    with Ledger(ram_path / "ledger.jsonl") as ledger:
        summary = run_virtually(lambda clock: shoot(clock, ledger))
    played = outcome(ram_path, summary)

    assert (summary.frames, summary.gaps, summary.exposures) == (SLOTS, 0, SLOTS)
    assert summary.late_ms_p99 == 0.0
    assert [row.slot for row in played.frames] == list(range(SLOTS))
    assert [exposure.utc for exposure in played.exposures] == [BEGINNING + slot * INTERVAL for slot in range(SLOTS)]
    assert len(list((ram_path / "frames").iterdir())) == SLOTS
    (first_frames, first), (last_frames, last) = memory[0], memory[-1]
    growth = (last - first) / (last_frames - first_frames) * 10_000
    print(f"resident memory grows by {growth / 2**20:.3f} MiB per 10,000 frames")
    assert growth < 2**20, memory
