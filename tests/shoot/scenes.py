"""A shoot with the simulated camera in virtual time, and what can be asked of it afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dayspool.core.events import Record
from dayspool.core.frame import GapReason
from dayspool.core.plan import Plan, parse_duration
from dayspool.core.session import Session
from dayspool.journal import FrameRow, JournalReader, JournalWriter
from dayspool.shoot import Intervalometer, ShootSummary
from dayspool.shoot.finding import FixedSource
from dayspool.sim import Body, Fault, Faults, Ledger
from dayspool.testing import BEGINNING, InMemoryTransport, run_virtually

ENDPOINT = "http://10.0.0.1:10000/camera"


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A line of the ledger, and the slot whose turn it was."""

    utc: datetime
    slot: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a shoot left behind."""

    folder: Path
    summary: ShootSummary
    exposures: list[Exposure]
    frames: list[FrameRow]
    gaps: dict[int, GapReason]
    session: Session
    records: list[Record]

    def kinds(self) -> list[str]:
        """Return the kinds of all events, in order."""
        return [type(record.event).__name__ for record in self.records]


def play(
    folder: Path,
    *faults: Fault,
    every: str = "10s",
    frames: int = 6,
    backend: str = "trio",
    began: datetime = BEGINNING,
    speed: float = 1.0,
    seed: int = 3,
    steer=None,
) -> Outcome:
    """Shoot `frames` slots; `steer(intervalometer, clock, folder)` may run beside it."""
    import anyio

    folder.mkdir(exist_ok=True)

    async def shoot(clock, ledger):
        body = Body(
            clock=clock,
            seed=seed,
            speed=speed,
            picture_px=(48, 32),
            ledger=ledger,
            faults=Faults(faults=tuple(faults)),
        )
        with JournalWriter(folder, clock.utc) as journal:
            intervalometer = Intervalometer(
                plan=Plan(interval=parse_duration(every), frames=frames),
                journal=journal,
                source=FixedSource(ENDPOINT, transport=InMemoryTransport(body)),
                clock=clock,
                frames_dir=folder / "frames",
            )
            async with anyio.create_task_group() as tasks:
                if steer is not None:
                    tasks.start_soon(steer, intervalometer, clock, folder)
                summary = await intervalometer.run()
                tasks.cancel_scope.cancel()
            return summary

    with Ledger(folder / "ledger.jsonl") as ledger:
        summary = run_virtually(lambda clock: shoot(clock, ledger), backend=backend, began=began)
    return outcome(folder, summary)


def outcome(folder: Path, summary: ShootSummary) -> Outcome:
    """Read what a shoot left behind."""
    with JournalReader(folder) as journal:
        session = journal.session()
        return Outcome(
            folder=folder,
            summary=summary,
            exposures=exposures(folder / "ledger.jsonl", session),
            frames=list(journal.frames()),
            gaps={row.slot: row.gap_reason for row in journal.gaps()},
            session=session,
            records=list(journal.records()),
        )


def exposures(ledger: Path, session: Session) -> list[Exposure]:
    """Return the ledger, each exposure with the slot whose turn it was: the last one due, or due within 50 ms."""
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    moments = [datetime.fromisoformat(json.loads(line)["utc"]) for line in lines]
    margin = timedelta(milliseconds=50)
    return [Exposure(utc=moment, slot=session.schedule.slot_at(moment + margin)) for moment in moments]
