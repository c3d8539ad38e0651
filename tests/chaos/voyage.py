"""One shoot through the standard chaos profile in virtual time: camera, network and host, each with its share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio

from dayspool.core.plan import Plan
from dayspool.errors import JournalError
from dayspool.shoot import Intervalometer
from dayspool.sim import PROFILES, Body, Ledger, Witness, standard_chaos
from dayspool.testing import FixedSource, run_virtually
from tests.chaos.host import (
    HostTrouble,
    Life,
    MortalJournal,
    MortalTransport,
    SteppingClock,
    disk,
    stall,
    standard_trouble,
    zone,
)
from tests.shoot.scenes import endpoint_of

BEGINS = datetime(2026, 10, 23, 9, 0, tzinfo=UTC)  # two days before the clocks are set back
INTERVAL = timedelta(seconds=10)
MODELS = ("rx100m2", "a6000", "a7m3")  # legacy, app, built in (3)
CARD_IMAGES = 100_000  # a week's, which the models' own cards do not hold
RESTART = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyage:
    """A shoot that is over, and all that is known of it without asking it."""

    folder: Path
    model: str
    seed: int
    length: timedelta
    witness: Witness
    trouble: HostTrouble
    ended: str


def sail(
    folder: Path,
    *,
    model: str,
    seed: int,
    length: timedelta,
    faults=None,
    trouble: HostTrouble | None = None,
    interval: timedelta = INTERVAL,
) -> Voyage:
    """Shoot for so long through the standard chaos profile of `seed`, or through another script."""
    faults = faults if faults is not None else standard_chaos(seed, length / timedelta(days=1))
    trouble = trouble if trouble is not None else standard_trouble(seed, BEGINS, length)
    witness = Witness()

    async def main(clock):
        body = Body(
            clock=clock,
            profile=replace(PROFILES[model], card_images=CARD_IMAGES),
            seed=seed,
            picture_px=(32, 24),
            ledger=ledger,
            faults=faults,
            witness=witness,
        )
        if "FocusMode" in body.settings:
            body.settings.turn("FocusMode", "MF")  # as one does before a night
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stall, clock, trouble.stalls)
            with disk(clock, trouble.full):
                ended = await _lives(body, folder, clock, trouble, Plan(interval=interval, length=length))
            tasks.cancel_scope.cancel()
        return ended

    folder.mkdir(exist_ok=True)
    with Ledger(folder / "ledger.jsonl") as ledger, zone("Europe/Berlin"):
        ended = run_virtually(main, began=BEGINS)
    return Voyage(folder=folder, model=model, seed=seed, length=length, witness=witness, trouble=trouble, ended=ended)


async def _lives(body, folder, clock, trouble, plan) -> str:
    """Start the shoot, again after each kill, as a service manager does, until it is done."""
    for dead in trouble.dead:
        life = Life()
        with anyio.CancelScope() as process:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_kill, process, life, clock, dead.begins)
                ended = await _run(body, folder, clock, trouble, plan, life)
                tasks.cancel_scope.cancel()
            return ended
        await clock.sleep_until(dead.ends)
    return await _run(body, folder, clock, trouble, plan, Life())


async def _kill(process, life, clock, when):
    await clock.sleep_until(when)
    life.over = True
    process.cancel()


async def _run(body, folder, clock, trouble, plan, life) -> str:
    """Run until done; one that gives up is started again, as by `Restart=always`."""
    while True:
        transport, own = MortalTransport(body, life), SteppingClock(clock, trouble.steps)
        with MortalJournal(folder, clock.utc, life) as journal:
            intervalometer = Intervalometer(
                plan=plan,
                journal=journal,
                source=FixedSource(endpoint_of(body.profile), model=body.profile.model, transport=transport),
                clock=own,
                frames_dir=folder / "frames",
            )
            try:
                return (await intervalometer.run()).ended
            except JournalError:
                if life.over:
                    raise
        await clock.sleep_until(clock.utc() + RESTART)
