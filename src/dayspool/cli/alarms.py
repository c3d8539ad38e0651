"""`dayspool alarms`: tell people what becomes of a shoot, from a process of its own."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option, shown
from dayspool.config.places import is_there, settings_path
from dayspool.errors import AlarmUndelivered, DayspoolError, JournalLocked, PlanError, ToolMissing

if TYPE_CHECKING:
    from types import FrameType

    from dayspool.config.settings import Settings
    from dayspool.core.alarm import Alarm
    from dayspool.notify import Follower, Post

__all__ = ["command", "start_beside"]

_LOG = logging.getLogger(__name__)

LOCK_NAME = "alarms.lock"
LOG_NAME = "alarms.log"
_LOOK_SECONDS = 1.0
_SHOW_EVERY = 30  # looks
_FAREWELL_SECONDS = 2.0
_LINGER = timedelta(days=1)  # for receivers that are away when the shoot ends
_LOG_BYTES = 200_000
_NICE = 5  # the shoot comes first where both want the processor


@click.command
@click.argument("shoot", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--test", is_flag=True, help="Send a test alarm through every receiver and tell what came of it.")
@click.option("--beside", type=int, hidden=True, help="The process of `dayspool shoot` that started this.")
@json_option
def command(shoot: Path | None, test: bool, beside: int | None, output: Output) -> None:
    """Tell what becomes of SHOOT, until it has ended and all is told.

    Whom, and how, is in the settings (docs/alarms.md). `dayspool shoot` starts this by itself when they name a
    receiver.
    """
    from dayspool.config.settings import load_settings

    path = settings_path()
    settings = load_settings(path)
    for warning in settings.warnings:
        click.echo(f"dayspool: {shown(warning)}", err=True)
    if test:
        if shoot is not None:
            raise click.UsageError("--test tells of no shoot; leave the folder out")
        _test(settings, path, output)
    elif shoot is None:
        raise click.UsageError("Missing argument 'SHOOT'; or use --test.")
    else:
        _Watching(shoot, settings, output, beside).run()


def start_beside(shoot: Path) -> subprocess.Popen[bytes] | None:
    """Start telling of a shoot in a process of its own, if the settings name a receiver; never fails.

    It has its own session, so that Ctrl-C does not reach it, and outlives this process, so that it can tell its death.
    """
    path = settings_path()
    try:
        if not is_there(path):
            return None
        from dayspool.config.settings import load_settings

        settings = load_settings(path)
        if not settings.alarms:
            return None
        argv = [sys.executable, "-m", "dayspool", "alarms", str(shoot), "--beside", str(os.getpid())]
        nothing = subprocess.DEVNULL  # whoever reads this process's output need not wait for that one
        return subprocess.Popen(argv, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    except (PlanError, OSError) as error:
        click.echo(f"dayspool: nobody will be told of this shoot; it goes on:\n{error}", err=True)
        return None


def _test(settings: Settings, path: Path, output: Output) -> None:
    if not settings.alarms:
        raise PlanError(f"{path} names no receiver of alarms; docs/alarms.md says how")
    alarm = _test_alarm()
    results = []
    for subscription in settings.alarms:
        try:
            subscription.receiver.deliver(alarm)
            detail = ""
        except (AlarmUndelivered, ToolMissing) as error:
            detail = str(error)
        subscription.receiver.close()
        results.append(
            {"name": subscription.name, "kind": subscription.kind, "ok": not detail, "detail": detail or "told"}
        )
        output.say(f"{shown(subscription.name)}: {shown(detail) or 'told'}")
    output.result({"receivers": results})
    if not all(result["ok"] for result in results):
        click.get_current_context().exit(1)


def _test_alarm() -> Alarm:
    from dayspool.clock import SystemClock
    from dayspool.core.alarm import Alarm, AlarmKind, Phase, Severity

    now = SystemClock().utc()
    return Alarm(
        kind=AlarmKind.TEST,
        phase=Phase.ONCE,
        severity=Severity.INFO,
        shoot="test",
        since=now,
        utc=now,
        title="dayspool: this is a test",
        body="Alarms reach you here.",
    )


class _Watching:
    """One shoot, looked at every second, and the receivers that are told; `beside` the process that shoots it."""

    def __init__(self, shoot: Path, settings: Settings, output: Output, beside: int | None) -> None:
        from dayspool.clock import SystemClock
        from dayspool.notify import Follower

        self._shoot = shoot
        self._settings = settings
        self._output = output
        self._beside = beside
        self._clock = SystemClock()
        self._stop = threading.Event()
        self._lock: int | None = None
        self._follower: Follower = Follower(shoot, run=beside)
        self._posts: list[Post] = []

    def run(self) -> None:
        """Tell until all is told.

        Raises:
            JournalLocked: another process tells of this shoot already.
            JournalDamaged, JournalTooNew: it cannot be followed.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that goes away must not silence the alarms
        try:
            if self._become_the_one():
                self._tell()
        except DayspoolError as error:
            if self._beside is not None:  # nobody reads the standard error of that one
                _LOG.error("nobody is told of this shoot any more: %s", error)
            raise
        finally:
            self._follower.close()
            told = [post.close(_FAREWELL_SECONDS) for post in self._posts]
            if self._lock is not None:
                os.close(self._lock)
        if not all(told):
            names = ", ".join(post.name for post, all_told in zip(self._posts, told, strict=True) if not all_told)
            click.echo(f"dayspool: not all was told through {shown(names)}", err=True)
            click.get_current_context().exit(1)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _become_the_one(self) -> bool:
        """Wait for the shoot to be there and take its lock; a second one started by a shoot stands by."""
        if not self._shoot.exists():
            self._output.say(f"waiting for {shown(self._shoot)} to begin")
        while not self._stop.is_set():
            if self._shoot.is_dir():
                try:
                    self._lock = _taken(self._shoot)
                except JournalLocked:
                    if self._beside is None:
                        raise
                else:
                    return True
            if self._is_left_alone():
                return False
            self._stop.wait(_LOOK_SECONDS)
        return False

    def _tell(self) -> None:
        from dayspool.notify import Post

        if self._beside is not None:
            os.nice(_NICE)
            _log_into(self._shoot)
        self._posts = [Post(subscription, self._clock.utc) for subscription in self._settings.alarms]
        looks, ended = 0, None
        while not self._stop.is_set():
            alarms = self._follower.look()
            for alarm in alarms:
                self._say(alarm)
                for post in self._posts:
                    post.add(alarm)
            if alarms or looks % _SHOW_EVERY == 0:
                self._show()
            looks += 1
            if not self._is_over():
                ended = None
            else:
                ended = ended or self._clock.utc()
                if all(post.is_idle for post in self._posts) or self._clock.utc() - ended > _LINGER:
                    return
            self._stop.wait(_LOOK_SECONDS)

    def _is_over(self) -> bool:
        follower = self._follower
        if follower.last_word_said:
            return True
        if self._beside is not None and not follower.saw_run:
            return self._is_left_alone()  # its shoot never began
        if follower.has_ended:
            self._output.say(f"{shown(follower.name)} has ended; there is nothing to tell")
        return follower.has_ended

    def _is_left_alone(self) -> bool:
        return self._beside is not None and os.getppid() != self._beside

    def _show(self) -> None:
        standing = self._follower.standing()
        for post in self._posts:
            post.show(self._follower.name, standing)

    def _say(self, alarm: Alarm) -> None:
        from dayspool.core.alarm import plain_alarm

        self._output.say(f"{alarm.utc.astimezone():%Y-%m-%d %H:%M:%S}  {alarm.severity}  {alarm.title}")
        self._output.result(dict(plain_alarm(alarm)))


def _taken(shoot: Path) -> int | None:
    """Return the lock of the one process that tells of a shoot; nothing where the disk holds no locks.

    Raises:
        JournalLocked: another has it.
    """
    try:
        handle = os.open(shoot / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:  # read-only or full: telling twice is better than not at all
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise JournalLocked(f"another `dayspool alarms` tells of {shoot} already") from None
    except OSError:
        os.close(handle)
        return None
    return handle


def _log_into(shoot: Path) -> None:
    """Log into the shoot's folder: nobody reads the standard error of a process that a shoot left behind."""
    logging.raiseExceptions = False  # a full disk is told as an alarm, not by the log of the alarms
    with suppress(OSError):
        handler = RotatingFileHandler(shoot / LOG_NAME, maxBytes=_LOG_BYTES, backupCount=1, delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logging.getLogger("dayspool").addHandler(handler)
