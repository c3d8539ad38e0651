"""A shoot with the simulated camera in virtual time, and what can be asked of it afterwards."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio
import httpx2

from dayspool.core.events import Record, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.core.plan import Place, Plan, parse_duration
from dayspool.core.ramp import Ramp
from dayspool.core.session import Session
from dayspool.journal import FrameRow, JournalReader, JournalWriter
from dayspool.shoot import Intervalometer, ShootSummary
from dayspool.sim import RX100M2, Body, Fault, Faults, Ledger, Profile
from dayspool.testing import BEGINNING, FixedSource, InMemoryTransport, run_virtually


@dataclass(frozen=True, kw_only=True)
class Call:
    """A JSON call on its way to the camera; `times` counts the calls of its method from 1."""

    method: str
    params: list
    times: int


class OddCamera(InMemoryTransport):
    """The simulated camera, but `answer(call)` may answer a JSON call instead, or raise.

    The function may be async; `None` leaves the call to the camera.
    """

    def __init__(self, body, answer):
        super().__init__(body)
        self._answer = answer
        self._times = {}

    async def handle_async_request(self, request):
        if self._answer is not None and request.method == "POST":
            call = json.loads(request.content)
            method = call["method"]
            self._times[method] = self._times.get(method, 0) + 1
            reply = self._answer(Call(method=method, params=call["params"], times=self._times[method]))
            if hasattr(reply, "__await__"):
                reply = await reply
            if reply is not None:
                content = json.dumps({"id": call["id"], **reply}).encode()
                return httpx2.Response(200, stream=httpx2.ByteStream(content))
        return await super().handle_async_request(request)


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

    def count(self, kind: type) -> int:
        """Return how many events of a kind there are."""
        return sum(isinstance(record.event, kind) for record in self.records)


def play(
    folder: Path,
    *faults: Fault,
    every: str = "10s",
    frames: int = 6,
    backend: str = "trio",
    began: datetime = BEGINNING,
    speed: float = 1.0,
    seed: int = 3,
    profile: Profile = RX100M2,
    steer=None,
    answer=None,
    before=None,
    wrap_clock=None,
    model: str = "",
    postview: str | None = None,
    endpoint: str | None = None,
    plan: Plan | None = None,
    ramp: Ramp | None = None,
    place: Place | None = None,
) -> Outcome:
    """Shoot `frames` slots in virtual time.

    `steer(intervalometer, clock, folder)` may run beside it; `before(body)` runs before it; `answer` is handed to
    `OddCamera`; `wrap_clock(clock)` may return a stranger clock; `model` is what discovery takes the camera for;
    `endpoint` is where it answers, if not where its model does; `plan` is what is shot instead of `frames`.
    """
    folder.mkdir(exist_ok=True)

    async def shoot(clock, ledger):
        clock = wrap_clock(clock) if wrap_clock is not None else clock
        body = Body(
            clock=clock,
            profile=profile,
            seed=seed,
            speed=speed,
            picture_px=(48, 32),
            ledger=ledger,
            faults=Faults(faults=tuple(faults)),
        )
        if before is not None:
            await before(body)
        with JournalWriter(folder, clock.utc) as journal:
            intervalometer = Intervalometer(
                plan=plan or Plan(interval=parse_duration(every), frames=frames, place=place),
                journal=journal,
                source=FixedSource(endpoint or endpoint_of(profile), model=model, transport=OddCamera(body, answer)),
                clock=clock,
                frames_dir=folder / "frames",
                postview=postview,
                ramp=ramp,
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


def endpoint_of(profile: Profile) -> str:
    """Return where a model's camera service answers."""
    return f"http://{profile.address}:{profile.ports.control}{profile.service_base}/camera"


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
    """Return the ledger, each exposure with the slot whose turn it was; for virtual time, where nothing is late."""
    moments = [datetime.fromisoformat(line["utc"]) for line in lines_of(ledger)]
    return [Exposure(utc=moment, slot=session.schedule.slot_at(moment)) for moment in moments]


def lines_of(ledger: Path) -> list[dict]:
    """Return the lines of a ledger."""
    return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


def numbers_taken(records: list[Record]) -> list[int]:
    """Return the numbers of the exposures that the journal knows, as the simulated camera puts them into its names."""
    urls = [record.event.url for record in records if isinstance(record.event, ShotTaken)]
    return [int(re.search(r"pict\d{6}_\d{6}(\d{4})\.JPG", url)[1]) + 1 for url in urls]
