"""How quickly days pass in virtual time, and how late the shutter request leaves on real sockets.

Dispatch lateness is measured against a loop that pauses for the interval after every frame, as the popular remote apps
do, with the same camera in the same run.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from benchmarks.tables import Row, Table
from dayspool.camera import open_camera
from dayspool.clock import LoopClock, SystemClock
from dayspool.core.decision import Finish, Policy, Take, Wait, decide
from dayspool.core.events import CameraIdle, FrameStored, Record, RunStarted, ShootBegan, ShotIntended, ShotTaken
from dayspool.core.plan import Plan
from dayspool.core.session import Session, fold
from dayspool.journal import JournalWriter
from dayspool.shoot import Intervalometer
from dayspool.sim import Body
from dayspool.testing import BEGINNING, FixedSource, InMemoryTransport, run_virtually
from tests.processes import simulator

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["tables"]

VIRTUAL_SLOTS = 2_160  # six hours at ten seconds
INTERVAL = timedelta(seconds=10)
REAL_SLOTS = 200
REAL_INTERVAL = timedelta(milliseconds=250)
RUNS = 3


def tables() -> list[Table]:
    """Measure and return the tables."""
    return [_virtual(), _lateness()]


def _virtual() -> Table:
    """Slots per second of virtual time: decisions alone, then everything down to HTTP, journal and files."""
    ways: dict[str, Callable[[], None]] = {
        "decisions alone": _decide_only,
        "client, HTTP, simulator, journal, files on trio": lambda: _shoot_virtually("trio"),
        "the same on asyncio": lambda: _shoot_virtually("asyncio"),
    }
    rates = {name: statistics.median(_rate(way) for _ in range(RUNS)) for name, way in ways.items()}
    slowest = rates["client, HTTP, simulator, journal, files on trio"]
    return Table(
        title="Virtual time",
        columns=("what", "slots per second", "ratio", "72 h at 10 s in"),
        rows=tuple(
            Row((name, f"{rate:,.0f}", f"{rate / slowest:.2f}", f"{25_920 / rate:.1f} s"))
            for name, rate in rates.items()
        ),
        note=f"{VIRTUAL_SLOTS:,} slots, medians of {RUNS} runs, in a folder on a RAM disk.",
    )


def _rate(way: Callable[[], None]) -> float:
    began = time.perf_counter()
    way()
    return VIRTUAL_SLOTS / (time.perf_counter() - began)


def _decide_only() -> None:
    session, now, seq = Session(), BEGINNING, 0
    policy = Policy()

    def tell(event: object) -> None:
        nonlocal session, seq
        seq += 1
        session = fold(session, Record(seq=seq, utc=now, event=event))  # type: ignore[arg-type]

    seconds = INTERVAL.total_seconds()
    tell(ShootBegan(origin=BEGINNING.isoformat(), interval_seconds=seconds, count=VIRTUAL_SLOTS, source="camera"))
    tell(RunStarted(pid=1, version="0", count=VIRTUAL_SLOTS))
    session = _connected(session)
    while not isinstance(action := decide(session, now, policy), Finish):
        match action:
            case Wait(until=until):
                now = until
            case Take(slot=slot):
                tell(ShotIntended(slot=slot))
                tell(ShotTaken(slot=slot, url="u"))
                tell(FrameStored(slot=slot, name="n", size_bytes=1))
            case _:
                tell(CameraIdle(slot=0, busy_seconds=3.0))


def _connected(session: Session) -> Session:
    from dataclasses import replace

    return replace(session, connected=True)


def _shoot_virtually(backend: str) -> None:
    async def shoot(clock: LoopClock) -> None:
        with tempfile.TemporaryDirectory(dir=_memory()) as name:
            folder = Path(name)
            body = Body(clock=clock, seed=1, picture_px=(48, 32))
            with JournalWriter(folder, clock.utc) as journal:
                await Intervalometer(
                    plan=Plan(interval=INTERVAL, frames=VIRTUAL_SLOTS),
                    journal=journal,
                    source=FixedSource("http://10.0.0.1:10000/camera", transport=InMemoryTransport(body)),
                    clock=clock,
                    frames_dir=folder / "frames",
                ).run()

    run_virtually(shoot, backend=backend)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _lateness() -> Table:
    """How late requests leave, on loopback sockets, in turn with a loop of fixed pauses."""
    ours: list[float] = []
    fixed: list[float] = []
    ends: dict[str, list[float]] = {"ours": [], "fixed": []}
    with simulator("--speed", "60", "--picture", "160x106") as camera:
        for _ in range(RUNS):
            late = _shoot_on_sockets(camera["endpoint"])
            ours += late
            ends["ours"].append(late[-1])
            late = anyio.run(_fixed_pauses, camera["endpoint"])
            fixed += late
            ends["fixed"].append(late[-1])
    pair = (("dayspool", ours, ends["ours"]), ("pause for the interval after each frame", fixed, ends["fixed"]))
    return Table(
        title="Dispatch lateness on loopback sockets",
        columns=("loop", "p50 ms", "p99 ms", f"behind after {REAL_SLOTS} slots, ms"),
        rows=tuple(
            Row((name, f"{_quantile(late, 50):.1f}", f"{_quantile(late, 99):.1f}", f"{statistics.median(end):.1f}"))
            for name, late, end in pair
        ),
        note=(
            f"{RUNS} × {REAL_SLOTS} slots every {REAL_INTERVAL / timedelta(milliseconds=1):g} ms, in turn, with one "
            "simulated camera in a process of its own; lateness: request sent minus slot due."
        ),
    )


def _quantile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _shoot_on_sockets(endpoint: str) -> list[float]:
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as name, JournalWriter(Path(name), clock.utc) as journal:
        intervalometer = Intervalometer(
            plan=Plan(interval=REAL_INTERVAL, frames=REAL_SLOTS),
            journal=journal,
            source=FixedSource(endpoint),
            clock=clock,
            frames_dir=Path(name) / "frames",
        )
        summary = anyio.run(intervalometer.run)
        assert summary.gaps == 0, "the machine is too busy to measure anything"
        return [row.late_ms for row in journal.slots() if row.late_ms is not None]


async def _fixed_pauses(endpoint: str) -> list[float]:
    """Shoot as a fixed-delay timer does: frame, fetch, pause for the interval; compare with the grid it should keep."""
    late = []
    async with open_camera(endpoint) as camera:
        began = datetime.now(UTC)
        for slot in range(REAL_SLOTS):
            late.append((datetime.now(UTC) - began - slot * REAL_INTERVAL) / timedelta(milliseconds=1))
            await camera.picture(await camera.take_picture())
            await camera.until_idle()
            await anyio.sleep(REAL_INTERVAL.total_seconds())
    return late
