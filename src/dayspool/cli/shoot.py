"""`dayspool shoot`: take the time-lapse, or go on with it."""

from __future__ import annotations

import logging
import os
import signal
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import click

from dayspool.cli.output import Output, interface_option, json_option, needs_extra
from dayspool.cli.planning import PlanOptions, plan_of, plan_options
from dayspool.errors import DayspoolError, JournalUnwritable, PlanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskStatus

    from dayspool.config import PlanFile
    from dayspool.core.events import CameraReady, Record
    from dayspool.core.session import Session
    from dayspool.shoot import CameraSource, ShootSummary

    _Told = Callable[[Record, Session], None]

__all__ = ["command", "run_shoot"]

_LOG = logging.getLogger(__name__)

FIND_SECONDS = 10.0
READY_IN = timedelta(seconds=4)  # so long a camera that was just found takes to be made ready, with some to spare


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@plan_options
@interface_option
@click.option("--no-alarms", is_flag=True, help="Tell nobody, whatever the settings say.")
@json_option
def command(shoot: Path, options: PlanOptions, interface: str | None, no_alarms: bool, output: Output) -> None:
    """Take a time-lapse into the folder SHOOT; run it again to resume.

    Ctrl-C or SIGTERM finishes the frame in hand and ends. Where the settings name receivers of alarms, those are told
    (docs/alarms.md).
    """
    from dayspool.cli.alarms import start_beside
    from dayspool.cli.narrate import Narrator

    planned = plan_of(shoot, options)
    _telling = None if no_alarms else start_beside(shoot)  # held to the end, it needs no farewell
    with Narrator(output) as tell:
        summary = run_shoot(shoot, planned, notify=tell, interface=interface)
    late = "" if summary.late_ms_p99 is None else f", 99 % of the shots at most {summary.late_ms_p99:.0f} ms late"
    output.say(f"{summary.ended}: {summary.frames} frames, {summary.gaps} gaps{late}")
    output.result(asdict(summary))
    if summary.ended == "done" and not summary.frames:
        on_card = (
            f"{summary.exposures} pictures are on the camera's card only" if summary.exposures else "none was taken"
        )
        click.echo(
            f"dayspool: the shoot ran to its end without a frame: {on_card}; `dayspool status {shoot}` says why",
            err=True,
        )
        click.get_current_context().exit(1)


def run_shoot(
    shoot: Path,
    planned: PlanFile,
    *,
    notify: Callable[[Record, Session], None] | None = None,
    interface: str | None = None,
) -> ShootSummary:
    """Shoot a plan into a folder, which is made once a camera has answered.

    SIGTERM and SIGINT end it in good order: the search for the first camera at once, a shoot after the frame in hand.

    Raises:
        CameraUnreachable: a shoot that has not begun finds no camera; nothing was written.
        click.Abort: it was stopped before it had begun; nothing was written.
        PlanError, JournalError: as `Intervalometer.run`, or there is a developer key that cannot be used.
    """
    from dayspool.shoot.power import staying_awake

    with staying_awake(f"shooting {shoot.name}") as note:
        if note is not None:
            _LOG.warning("%s", note)
        return anyio.run(_run, shoot, planned, notify, interface)


async def _run(
    shoot: Path, planned: PlanFile, notify: Callable[[Record, Session], None] | None, interface: str | None
) -> ShootSummary:
    stopping = _Stopping()
    ended: ShootSummary | DayspoolError | click.Abort
    async with anyio.create_task_group() as tasks:
        await tasks.start(stopping.listen)
        try:
            ended = await _shoot(shoot, planned, notify, interface, stopping)
        except (DayspoolError, click.Abort) as error:  # out of the group as it is, not wrapped in an exception group
            ended = error
        tasks.cancel_scope.cancel()
    if isinstance(ended, Exception):
        raise ended
    return ended


async def _shoot(
    shoot: Path,
    planned: PlanFile,
    notify: Callable[[Record, Session], None] | None,
    interface: str | None,
    stopping: _Stopping,
) -> ShootSummary:
    from dayspool.camera.unlock import find_key
    from dayspool.clock import SystemClock
    from dayspool.journal import FILE_NAME, JournalWriter
    from dayspool.shoot import Intervalometer
    from dayspool.shoot.meter import can_measure
    from dayspool.shoot.power import ServiceManager
    from dayspool.shoot.slots import SlotPlanner

    find_key()  # a developer key that cannot be used is told now, not in the night
    if (planned.ramp is not None or planned.light == "meter") and not can_measure():
        raise needs_extra("meter", "pillow")
    if not (shoot / FILE_NAME).exists():  # a plan without a slot is refused before anything is searched or written
        SlotPlanner(planned.plan()).begun(SystemClock().utc(), ready_in=READY_IN)
    source = await _source(shoot, planned, interface, stopping)
    _write_plan(shoot, planned)
    clock = SystemClock()
    with JournalWriter(shoot, clock.utc) as journal, closing(ServiceManager(os.environ)) as systemd:
        clock.go_on_from(journal.last_utc())
        intervalometer = Intervalometer(
            plan=planned.plan(),
            journal=journal,
            source=source,
            clock=clock,
            frames_dir=shoot / "frames",
            postview=planned.camera.postview,
            notify=_both(systemd.told, notify),
            turned=systemd.turned,
            ramp=planned.ramp,
            ready_in=READY_IN,
        )
        stopping.now_stops(intervalometer.stop)
        return await intervalometer.run()


def _both(first: _Told, second: _Told | None) -> _Told:
    """Return what tells the first, then the second where there is one."""

    def tell(record: Record, session: Session) -> None:
        first(record, session)
        if second is not None:
            second(record, session)

    return tell


async def _source(shoot: Path, planned: PlanFile, interface: str | None, stopping: _Stopping) -> CameraSource:
    """Return where the camera comes from: a new shoot must see it once, a resumed one may wait for its own.

    An address that a person names wins over the one where the camera was last; another body there is not taken.
    """
    from dayspool.journal import FILE_NAME
    from dayspool.shoot.finding import SearchingSource, find_one

    address = planned.camera.url
    if (shoot / FILE_NAME).exists():
        own = _camera_so_far(shoot)
        still_there = own is not None and (address is None or _place_of(address) == _place_of(own.endpoint))
        return SearchingSource(
            endpoint=own.endpoint if own and still_there else None,
            model=own.model if own else None,
            identity=own.identity if own else None,
            location=own.location if own and still_there else None,
            address=address,
            interface=interface,
        )
    with anyio.CancelScope() as search:
        stopping.now_stops(search.cancel)
        found = await find_one(seconds=FIND_SECONDS, address=address, interface=interface)
        return SearchingSource(last=found, address=address, interface=interface)
    raise click.Abort


def _place_of(address: str) -> tuple[str | None, int | None]:
    """Return host and port of an address, with or without `http://`."""
    split = urlsplit(address if "//" in address else f"//{address}")
    with suppress(ValueError):
        return split.hostname, split.port
    return None, None


def _camera_so_far(shoot: Path) -> CameraReady | None:
    """Return the camera that a shoot had last, if it had one.

    Raises:
        PlanError: the shoot was made of pictures, not by shooting.
    """
    from dayspool.journal import JournalReader

    with JournalReader(shoot) as journal:
        began = journal.began()
        if began is not None and began.source != "camera":
            raise PlanError(f"{shoot} was imported from pictures; shoot into another folder")
        return journal.last_camera()


def _write_plan(shoot: Path, planned: PlanFile) -> None:
    """Make the folder of a new shoot, with its plan; before the journal, so that a full disk leaves none half-made."""
    from dayspool.config import FILE_NAME, save_plan
    from dayspool.picture.whole import PART_SUFFIX

    try:
        shoot.mkdir(parents=True, exist_ok=True)
        (shoot / f"{FILE_NAME}{PART_SUFFIX}").unlink(missing_ok=True)  # of a run that was killed just here
    except OSError as error:
        raise JournalUnwritable(f"{shoot} cannot be written: {error.strerror}") from error
    if not (shoot / FILE_NAME).exists():
        save_plan(shoot / FILE_NAME, planned)


class _Stopping:
    """Hears signals from before anything is begun, and stops whatever is going on when one comes."""

    def __init__(self) -> None:
        self._asked = False
        self._stop: Callable[[], None] | None = None

    def now_stops(self, stop: Callable[[], None]) -> None:
        """Take `stop` as the way to end from here on; a signal that came before counts."""
        self._stop = stop
        if self._asked:
            stop()

    async def listen(self, *, task_status: TaskStatus[None]) -> None:
        """Hear signals until cancelled."""
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            task_status.started()
            async for number in signals:
                if number == signal.SIGHUP:  # a terminal that goes away must not end a shoot of days
                    continue
                self._asked = True
                if self._stop is not None:
                    self._stop()
