"""Tell alarms to a command of the person's: an argument list, no shell, the alarm as JSON on standard input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dayspool.core.alarm import plain_alarm
from dayspool.core.plan import Mistake
from dayspool.errors import AlarmUndelivered, PlanError

if TYPE_CHECKING:
    from dayspool.core.alarm import Alarm

__all__ = ["Hook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A program that is run for each alarm, in a process group of its own.

    Attributes:
        command: the program and its arguments; nothing in them is replaced.
        timeout: so long it may take; then it and what it started are killed.
    """

    command: tuple[str, ...]
    timeout: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        problems = []
        if not self.command or not self.command[0] or any("\0" in word for word in self.command):
            problems.append(
                Mistake('write the program and its arguments as a list: ["/usr/bin/notify", "-x"]', "command")
            )
        if not timedelta(0) < self.timeout <= timedelta(hours=1):
            problems.append(Mistake("must be longer than nothing and an hour at most", "timeout"))
        if problems:
            raise PlanError(*problems)

    def deliver(self, alarm: Alarm) -> None:
        """Run the command: the alarm is JSON on its standard input, and in DAYSPOOL_KIND, DAYSPOOL_TITLE and so on.

        Raises:
            AlarmUndelivered: it cannot be run, ended with another status than 0, or took too long.
        """
        values = plain_alarm(alarm)
        told = {f"DAYSPOOL_{name.upper()}": str(value) for name, value in values.items()}
        name = self.command[0]
        try:
            process = subprocess.Popen(
                self.command,
                env={**os.environ, **told},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its name or arguments are not usable"
            raise AlarmUndelivered(f"the command {name!r} cannot be run: {reason}", refused=True) from None
        with process:
            self._feed(process, json.dumps(values).encode(), name)
        if process.returncode != 0:
            raise AlarmUndelivered(f"the command {name!r} ended with status {process.returncode}", refused=True)

    def close(self) -> None:
        """Nothing is held."""

    def _feed(self, process: subprocess.Popen[bytes], text: bytes, name: str) -> None:
        try:
            process.communicate(text, timeout=self.timeout.total_seconds())
        except subprocess.TimeoutExpired:
            _kill_group(process)
            raise AlarmUndelivered(
                f"the command {name!r} took longer than {self.timeout.total_seconds():g} s and was killed", refused=True
            ) from None
        except BaseException:
            _kill_group(process)
            raise


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
