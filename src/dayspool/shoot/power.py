"""What the machine is told while a shoot goes on: systemd how it stands, and that it must not fall asleep.

Neither is on the capture path: the messages to systemd are datagrams that never wait, and the program that holds off
sleep is started before the shoot begins and ends with us, however we end.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from dayspool.core.events import (
    CameraLost,
    CameraReady,
    FrameStored,
    Gap,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    StopAsked,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dayspool.core.events import Record
    from dayspool.core.session import Session

__all__ = ["ServiceManager", "inhibit_argv", "staying_awake"]

_LOG = logging.getLogger(__name__)

PINGS = 10  # within the time after which systemd takes us for dead; a turn of the loop may take most of that
BOOTED = Path("/run/systemd/system")  # sd_booted(3): there where systemd runs this machine
REFUSED_SECONDS = 0.3  # so long a refusal of systemd-inhibit takes at most; it is waited for before the shoot begins


class ServiceManager:
    """Tells systemd that the shoot is ready, how it stands, and that its loop still turns (sd_notify(3)).

    `told` wants every record and `turned` every turn of the loop: a loop that hangs is silent, and systemd starts it
    anew. Without a service manager both do nothing.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._ping_every = _watchdog_seconds(environment) / PINGS
        self._pinged: float | None = None
        self._socket: socket.socket | None = None
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()

    def told(self, record: Record, session: Session) -> None:
        """Pass on what is worth knowing of a record."""
        match record.event:
            case RunStarted():
                self._send("READY=1", f"STATUS={_status(session)}")
            case StopAsked() | RunEnded():
                self._send("STOPPING=1", f"STATUS=ending: {_status(session)}")
            case FrameStored() | Gap() | CameraReady() | CameraLost() | Paused() | Resumed():
                self._send(f"STATUS={_status(session)}")

    def turned(self) -> None:
        """Note that the loop came round once more; it is passed on some times within systemd's patience."""
        if self._socket is None or not self._ping_every:
            return
        now = anyio.current_time()
        if self._pinged is None or now - self._pinged >= self._ping_every:
            self._pinged = now
            self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if self._socket is not None:
            try:
                self._socket.sendto("\n".join(lines).encode(), self._address)
            except OSError as error:  # systemd is busy, or gone: the shoot goes on
                _LOG.debug("the service manager was not told %s: %s", lines[0], error)


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """Return after how long a silence systemd takes this process for dead; 0 where it does not watch it."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    text = environment.get("WATCHDOG_USEC", "0")
    return int(text) / 1_000_000 if text.isdecimal() else 0.0


def _status(session: Session) -> str:
    camera = "paused" if session.paused else "shooting" if session.connected else "no camera"
    return f"{camera}, slot {session.next_slot}, {session.frames} frames, {session.gaps} gaps"


def inhibit_argv(tool: str, why: str) -> tuple[str, ...]:
    """Return the command that keeps this machine awake for as long as its standard input stays open."""
    return (tool, "--what=sleep:idle", "--who=dayspool", f"--why={why}", "--mode=block", "cat")


@contextmanager
def staying_awake(why: str, *, booted: Path = BOOTED) -> Iterator[str | None]:
    """Keep the machine from sleeping inside; yield why that is not possible, or `None` where it is, or makes no sense.

    The child holds the read end of a pipe whose write end is ours alone: it ends when we do, by SIGKILL too. It has a
    session of its own, so that Ctrl-C in the terminal does not reach it while the last frame is fetched.
    """
    if not booted.is_dir():
        yield None
        return
    tool = shutil.which("systemd-inhibit")
    if tool is None:
        yield "this machine may fall asleep: there is no systemd-inhibit to keep it awake"
        return
    child = subprocess.Popen(  # before the loop begins, never on the capture path
        inhibit_argv(tool, why),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield _refusal(child)
    finally:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.close()
        child.stderr.close()
        try:
            child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _refusal(child: subprocess.Popen[bytes]) -> str | None:
    """Return why the child gave up at once, if so."""
    try:
        child.wait(timeout=REFUSED_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    assert child.stderr is not None
    said = child.stderr.read().decode(errors="replace").strip()
    return f"this machine may fall asleep: systemd-inhibit was refused ({said or f'status {child.returncode}'})"
