"""The real tshark, capturing until what a test did is surely in its file."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SEND = "import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(b'mark', (sys.argv[1], int(sys.argv[2])))"


@contextmanager
def captured(
    path: Path,
    wanted: str,
    *,
    interface: str = "lo",
    form: str = "pcapng",
    snap: int = 0,
    place: str | None = None,
    to: str = "127.0.0.1",
) -> Iterator[None]:
    """Run tshark over what `wanted` lets through: from when it listens until it has written the last of it.

    Args:
        place: the network namespace it listens in.
        to: where marks are sent, so that they pass by the interface.
    """
    inside = ["ip", "netns", "exec", place] if place else []
    with _reserved() as first, _reserved() as last:
        begin, end = (one.getsockname()[1] for one in (first, last))
        wanted = f"({wanted}) or udp port {begin} or udp port {end}"
        argv = [*inside, "tshark", "-i", interface, "-f", wanted, "-w", str(path), "-F", form]
        argv += ["-s", str(snap), "-n", "-P", "-l", "-T", "fields", "-e", "udp.dstport"]
        tshark = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            _until_seen(tshark, [*inside, sys.executable, "-c", _SEND, to, str(begin)], begin)
            yield
            _until_seen(tshark, [*inside, sys.executable, "-c", _SEND, to, str(end)], end)
        finally:
            with suppress(ProcessLookupError):
                tshark.send_signal(signal.SIGINT)
            tshark.communicate(timeout=60)


def _reserved() -> socket.socket:
    """Return a socket whose port nobody else takes, so that a mark sent there is ours."""
    one = socket.socket(type=socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    return one


def _until_seen(tshark: subprocess.Popen[bytes], send: list[str], port: int) -> None:
    """Send marks until tshark tells of one: it takes a moment to listen, and another to write."""
    assert tshark.stdout is not None
    told = b""
    while str(port).encode() not in told.replace(b",", b" ").split():
        subprocess.run(send, check=True, timeout=20)
        if select.select([tshark.stdout], [], [], 0.2)[0]:
            more = os.read(tshark.stdout.fileno(), 65_536)
            assert more, "tshark ended: is it allowed to capture?"
            told += more
