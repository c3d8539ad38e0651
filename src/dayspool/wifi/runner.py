"""Runs nmcli: one call at a time, each under a deadline, its complaints translated into our errors."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import DEVNULL
from typing import TYPE_CHECKING

import anyio

from dayspool.errors import ToolFailed, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.wifi.nmcli import Argv

__all__ = ["Answer", "Nmcli"]

_CALL_SECONDS = 20.0  # a scan takes up to ten
_LINES_KEPT = 3
_NOT_RUNNING_STATUS = 8
_NOT_RUNNING = re.compile(r"NetworkManager is not running|Could not create NMClient", re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"not authori[sz]ed|insufficient privileges|access denied|permission denied", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a call ended: nmcli's exit status, what it printed, and what it complained of."""

    argv: tuple[str, ...]
    status: int
    text: str
    complaint: str

    def checked(self, attempt: str) -> str:
        """Return what it printed.

        Args:
            attempt: what the call was for: "looking for networks".

        Raises:
            ToolFailed: it ended badly.
        """
        if self.status:
            raise ToolFailed(
                f"{attempt} failed: nmcli ended with status {self.status}",
                argv=self.argv,
                status=self.status,
                last_lines=self.complaint.splitlines()[-_LINES_KEPT:],
            )
        return self.text


class Nmcli:
    """NetworkManager as its own program offers it.

    Args:
        executable: the program.
        instead: what to tell a person to do where there is none.
    """

    def __init__(self, executable: str = "nmcli", *, instead: str = "Join the camera's network by hand.") -> None:
        self.executable = executable
        self.instead = instead

    async def run(self, argv: Argv, *, secret: bytes | None = None, seconds: float = _CALL_SECONDS) -> Answer:
        """Run one command to its end.

        Args:
            argv: the words after `nmcli`.
            secret: what it reads from its standard input; it is in no argument, error or log.
            seconds: when it is killed.

        Raises:
            ToolMissing: there is no nmcli, or NetworkManager does not run; the message says what to do by hand.
            ToolFailed: it cannot be started, did not end in time, or this person may not do that.
        """
        command = (self._located(), *argv)
        try:
            with anyio.fail_after(seconds), _pipe_of(secret) as stdin:
                done = await anyio.run_process(command, stdin=stdin, check=False, env=_environment())
        except TimeoutError:
            raise ToolFailed(
                f"nmcli did not answer within {seconds:g} s and was ended; is NetworkManager stuck? "
                "`systemctl status NetworkManager` tells",
                argv=command,
                status=None,
            ) from None
        except OSError as error:
            raise ToolFailed(f"{command[0]} does not start: {error}", argv=command, status=None) from error
        said, complaint = (text.decode(errors="replace").strip("\n") for text in (done.stdout, done.stderr))
        answer = Answer(argv=command, status=done.returncode, text=said, complaint=complaint or said)
        self._judge(answer)
        return answer

    def _located(self) -> str:
        found = shutil.which(self.executable)
        if found is None:
            raise ToolMissing(f"there is no {self.executable} here to join Wi-Fi with.\n{self.instead}")
        return found

    def _judge(self, answer: Answer) -> None:
        if answer.status == _NOT_RUNNING_STATUS or (answer.status and _NOT_RUNNING.search(answer.complaint)):
            raise ToolMissing(
                f"NetworkManager is not running (systemctl start NetworkManager starts it).\n{self.instead}"
            )
        if answer.status and _NOT_ALLOWED.search(answer.complaint):
            raise ToolFailed(
                "NetworkManager does not let this person do that: run the command with sudo, or have polkit allow "
                "org.freedesktop.NetworkManager.* (on Debian: join the group netdev)",
                argv=answer.argv,
                status=answer.status,
                last_lines=answer.complaint.splitlines()[-_LINES_KEPT:],
            )


@contextmanager
def _pipe_of(secret: bytes | None) -> Iterator[int]:
    """Yield a standard input that holds `secret`.

    A real pipe: asyncio gives its children a socket, and `/dev/stdin` cannot be opened when it is one. What is
    written here is far smaller than a pipe's buffer.
    """
    if secret is None:
        yield DEVNULL
        return
    reading, writing = os.pipe()
    try:
        try:
            os.write(writing, secret)
        finally:
            os.close(writing)
        yield reading
    finally:
        os.close(reading)


def _environment() -> dict[str, str]:
    """Return ours, in the language whose complaints we read."""
    return {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""}
