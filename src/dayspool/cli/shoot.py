"""`dayspool shoot`: take the time-lapse, or go on with it."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import Output, json_option
from dayspool.cli.planning import PlanOptions, plan_of, plan_options
from dayspool.errors import DayspoolError, PlanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.config import PlanFile
    from dayspool.core.events import Record
    from dayspool.core.session import Session
    from dayspool.shoot import CameraSource, Intervalometer, ShootSummary

__all__ = ["command", "run_shoot"]

FIND_SECONDS = 10.0


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@plan_options
@json_option
def command(shoot: Path, options: PlanOptions, output: Output) -> None:
    """Take a time-lapse into the folder SHOOT; run it again to resume.

    Ctrl-C or SIGTERM finishes the frame in hand and ends.
    """
    from dayspool.cli.narrate import Narrator

    planned = plan_of(shoot, options)
    with Narrator(output) as tell:
        summary = run_shoot(shoot, planned, notify=tell)
    late = "" if summary.late_ms_p99 is None else f", 99 % of the shots at most {summary.late_ms_p99:.0f} ms late"
    output.say(f"{summary.ended}: {summary.frames} frames, {summary.gaps} gaps{late}")
    output.result(asdict(summary))


def run_shoot(
    shoot: Path,
    planned: PlanFile,
    *,
    notify: Callable[[Record, Session], None] | None = None,
    interface: str | None = None,
) -> ShootSummary:
    """Shoot a plan into a folder, which is made once a camera has answered.

    Raises:
        CameraUnreachable: a shoot that has not begun finds no camera; nothing was written.
        PlanError, JournalError: as `Intervalometer.run`.
    """
    from dayspool.clock import SystemClock
    from dayspool.config import FILE_NAME, save_plan
    from dayspool.journal import FILE_NAME as JOURNAL_NAME
    from dayspool.journal import JournalWriter
    from dayspool.shoot import Intervalometer

    begun = (shoot / JOURNAL_NAME).exists()
    source = anyio.run(lambda: _source(planned, begun=begun, interface=interface))
    try:
        shoot.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanError(f"{shoot} cannot be made: {error.strerror}") from error
    clock = SystemClock()
    with JournalWriter(shoot, clock.utc) as journal:
        began = journal.began()
        if began is not None and began.source != "camera":
            raise PlanError(f"{shoot} was imported from pictures; shoot into another folder")
        if not (shoot / FILE_NAME).exists():
            save_plan(shoot / FILE_NAME, planned)
        intervalometer = Intervalometer(
            plan=planned.plan(),
            journal=journal,
            source=source,
            clock=clock,
            frames_dir=shoot / "frames",
            notify=notify,
        )
        return anyio.run(lambda: _with_signals(intervalometer))


async def _source(planned: PlanFile, *, begun: bool, interface: str | None) -> CameraSource:
    """Return where the camera comes from: a new shoot must see it once, a resumed one may wait for it."""
    from dayspool.shoot.finding import SearchingSource, find_one

    address = planned.camera.url
    if begun:
        return SearchingSource(address=address, interface=interface)
    found = await find_one(seconds=FIND_SECONDS, address=address, interface=interface)
    return SearchingSource(found, address=address, interface=interface)


async def _with_signals(intervalometer: Intervalometer) -> ShootSummary:
    async def listen() -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async for number in signals:
                if number != signal.SIGHUP:  # a terminal that goes away must not end a shoot of days
                    intervalometer.stop()

    ended: ShootSummary | DayspoolError
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        try:
            ended = await intervalometer.run()
        except DayspoolError as error:  # out of the group as it is, not wrapped in an exception group
            ended = error
        tasks.cancel_scope.cancel()
    if isinstance(ended, DayspoolError):
        raise ended
    return ended
