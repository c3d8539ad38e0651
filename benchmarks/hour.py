"""An hour on sockets through the chaos proxy: lateness, memory, descriptors: `python -m benchmarks.hour`.

`dayspool sim` and `dayspool shoot` run in processes of their own; prints the table of docs/reliability.md.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from benchmarks.tables import Row, Table
from dayspool.core.events import ShotIntended
from dayspool.core.plan import parse_duration
from dayspool.journal import JournalReader
from tests.chaos.proxy import Proxy
from tests.processes import DAYSPOOL, simulator
from tests.shoot.scenes import lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

SAMPLE_SECONDS = 5.0
WARM_UP_SHARE = 0.1  # of the run: imports, first connections, caches
SPEED = "10"  # the camera's own work must fit into two seconds
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the process that shoots."""

    seconds: float
    resident_bytes: int
    descriptors: int
    load: float


def main() -> int:
    """Shoot, watch, and print the table; exit 1 when anything was doubled or damaged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hour", description=__doc__)
    parser.add_argument("--every", default="2s", help="the interval")
    parser.add_argument("--for", dest="length", default="1h", help="how long")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, ledger = Path(name) / "shoot", Path(name) / "ledger.jsonl"
        character = ("--speed", SPEED, "--picture", "320x212", "--sky-start", "2026-06-21T06:00+02:00")
        with simulator(*character, "--ledger", str(ledger)) as camera:
            samples, proxy, code = anyio.run(_shoot, camera, folder, options)
        return _report(folder, ledger, samples, proxy, code, options)


async def _shoot(camera: dict[str, Any], folder: Path, options: argparse.Namespace) -> tuple[list[Sample], Proxy, int]:
    port = int(camera["endpoint"].rsplit(":", 1)[1].partition("/")[0])
    proxy = Proxy(ports=tuple({port, camera["liveview_port"]}), seed=options.seed)
    async with anyio.create_task_group() as tasks:
        await tasks.start(proxy.serve)
        endpoint = camera["endpoint"].replace(f":{port}/", f":{proxy.ways[port]}/")
        argv = [
            *DAYSPOOL,
            "shoot",
            str(folder),
            "--every",
            options.every,
            "--for",
            options.length,
            "--camera",
            endpoint,
        ]
        log = folder.with_suffix(".log").open("wb")
        process = subprocess.Popen([*argv, "--camera", endpoint, "--json"], stdout=log, stderr=log)
        samples = await _watch(process)
        log.close()
        tasks.cancel_scope.cancel()
    return samples, proxy, process.returncode


async def _watch(process: subprocess.Popen[bytes]) -> list[Sample]:
    began, samples = time.monotonic(), []
    try:
        while process.poll() is None:
            samples.append(_look(process.pid, time.monotonic() - began))
            await anyio.sleep(SAMPLE_SECONDS)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    return samples


def _look(pid: int, seconds: float) -> Sample:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Sample(seconds, pages * os.sysconf("SC_PAGESIZE"), descriptors, os.getloadavg()[0])


def _report(
    folder: Path, ledger: Path, samples: list[Sample], proxy: Proxy, code: int, options: argparse.Namespace
) -> int:
    with JournalReader(folder) as journal:
        late, frames, gaps = journal.late_ms(), list(journal.frames()), list(journal.gaps())
        intended = {record.event.slot for record in journal.records() if isinstance(record.event, ShotIntended)}
        origin = datetime.fromisoformat(journal.began().origin)  # type: ignore[union-attr]
    interval = parse_duration(options.every)
    slots = [(datetime.fromisoformat(line["utc"]) - origin) // interval for line in lines_of(ledger)]
    doubled = [slot for slot, times in Counter(slots).items() if times > 1]
    steady = [sample for sample in samples if sample.seconds > samples[-1].seconds * WARM_UP_SHARE]
    resident = [sample.resident_bytes / MIB for sample in steady]
    memory = _slope([(sample.seconds, sample.resident_bytes / MIB) for sample in steady]) * 3600
    handles = _slope([(sample.seconds, sample.descriptors) for sample in steady]) * 3600
    per_frame = memory / (3600 / interval.total_seconds()) * 10_000
    loads = sorted(sample.load for sample in samples)
    rows = (
        ("slots with a frame", f"{len(frames):,} of {len(frames) + len(gaps):,}"),
        ("gaps by reason", ", ".join(f"{k} {n}" for k, n in Counter(str(g.gap_reason) for g in gaps).most_common())),
        ("exposures, and slots exposed twice", f"{len(slots):,}, {len(doubled)}"),
        ("lateness p50 / p99 / largest", f"{_at(late, 50):.1f} / {_at(late, 99):.1f} / {late[-1]:.1f} ms"),
        (
            "resident memory, least to most; slope",
            f"{min(resident):.1f} to {max(resident):.1f} MiB; "
            f"{memory:+.2f} MiB an hour ({per_frame:+.2f} MiB per 10,000 slots)",
        ),
        (
            "descriptors, least to most; slope",
            f"{min(s.descriptors for s in steady)} to {max(s.descriptors for s in steady)}; {handles:+.2f} an hour",
        ),
        ("connections by what befell them", ", ".join(f"{k} {n:,}" for k, n in proxy.counts.most_common())),
        ("load average of the machine, median and largest", f"{loads[len(loads) // 2]:.1f}, {loads[-1]:.1f}"),
        ("how it ended", f"exit {code}"),
    )
    table = Table(
        title=f"{options.length} at {options.every} on sockets through the chaos proxy",
        columns=("what", "measured"),
        rows=tuple(Row(row) for row in rows),
        note=(
            f"RX100 II simulated at {SPEED}×; seed {options.seed}; a look every {SAMPLE_SECONDS:g} s, "
            "the first tenth left out."
        ),
    )
    print(table.markdown(), flush=True)
    print(json.dumps({"samples": [(round(s.seconds), s.resident_bytes, s.descriptors) for s in samples[::12]]}))
    stray = sorted(set(slots) - intended)
    return int(bool(doubled or stray or code))


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the straight line nearest to the points."""
    x0 = sum(x for x, _ in points) / len(points)
    y0 = sum(y for _, y in points) / len(points)
    return sum((x - x0) * (y - y0) for x, y in points) / (sum((x - x0) ** 2 for x, _ in points) or 1.0)


def _at(ordered: Sequence[float], percent: int) -> float:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


if __name__ == "__main__":
    sys.exit(main())
