"""SIGSTOP of real shoots, side by side: what was missed says so, and nothing is made up for or doubled.

Four stops of one or two seconds; fifty of 1 to 120 s with DAYSPOOL_EXHAUSTIVE=1, which takes ten minutes.
"""

import math
import random
import signal
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from dayspool.core.frame import GapReason
from dayspool.journal import JournalReader
from tests.chaos.whole import EXHAUSTIVE, check_whole
from tests.processes import DAYSPOOL, simulator
from tests.shoot.scenes import lines_of

SHOOTS, STOPS, LONGEST = (10, 5, 120.0) if EXHAUSTIVE else (2, 2, 2.0)
EVERY = timedelta(milliseconds=400)
LET_RUN = 1.0
PATIENCE_SECONDS = 60 + STOPS * (LONGEST + 2 * LET_RUN)


async def trouble(process, ledger, rng, stopped):
    """Stop and wake a process that shoots, again and again; note when."""
    while len(lines_of(ledger)) < 3:
        await anyio.sleep(0.05)
    for _ in range(STOPS):
        await anyio.sleep(LET_RUN + rng.uniform(0, 0.5))
        process.send_signal(signal.SIGSTOP)
        begins = datetime.now(UTC)
        await anyio.sleep(math.exp(rng.uniform(0, math.log(LONGEST))))
        ends = datetime.now(UTC)
        process.send_signal(signal.SIGCONT)
        stopped.append((begins, ends))
    await anyio.sleep(LET_RUN)


async def all_of(processes, rng):
    stops = [[] for _ in processes]
    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            for (process, ledger), stopped in zip(processes, stops, strict=True):
                tasks.start_soon(trouble, process, ledger, random.Random(rng.random()), stopped)
    return stops


@pytest.mark.slow
def test_many_stops(tmp_path):
    rng = random.Random(20261122)
    with ExitStack() as stack:
        processes = []
        for number in range(SHOOTS):
            ledger = tmp_path / f"{number}.jsonl"
            options = ("--speed", "60", "--picture", "64x48", "--ledger", str(ledger))
            endpoint = stack.enter_context(simulator(*options))["endpoint"]
            argv = [*DAYSPOOL, "shoot", tmp_path / f"{number}", "--every", "400ms", "--camera", endpoint, "--json"]
            processes.append((subprocess.Popen(argv, stdout=subprocess.DEVNULL), ledger))
        stops = anyio.run(all_of, processes, rng)
        for process, _ in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process, _ in processes] == [0] * SHOOTS
    for number, stopped in enumerate(stops):
        whole = check_whole(tmp_path / f"{number}", tmp_path / f"{number}.jsonl", width=64)
        assert len(whole.frames) > STOPS * LET_RUN / EVERY.total_seconds() / 2
        check_reasons(tmp_path / f"{number}", stopped)


def check_reasons(folder, stopped):
    """Hold every slot whose whole time a stop took to a gap that says so; the first may have been in hand."""
    with JournalReader(folder) as journal:
        origin = datetime.fromisoformat(journal.began().origin)
        rows = {row.slot: row for row in journal.slots()}
    for begins, ends in stopped:
        first = max(0, -((origin - begins) // EVERY))
        for slot in range(first, 1_000_000):
            if origin + (slot + 0.5) * EVERY > ends:
                break
            said = (rows[slot].gap_reason, rows[slot].gap_detail)
            stop = f"stopped from {begins.time()} to {ends.time()}; the slot was due {(origin + slot * EVERY).time()}"
            assert said[0] is GapReason.HOST_LATE or slot == first, (slot, said, rows[slot], stop)
