"""A network of our own in namespaces: a camera, a computer and perhaps a noisy neighbour, joined by a bridge."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

DAYSPOOL = [sys.executable, "-m", "dayspool"]
_ROOT = Path(__file__).parents[2]
_PREFIX = 24
_MINIDLNA = """port=8200
friendly_name=Noisy neighbour
media_dir={folder}
db_dir={folder}
log_dir={folder}
network_interface=eth0
notify_interval=1
"""


def host_of(address: str, number: int) -> str:
    """Return another host of the same network."""
    return f"{address.rpartition('.')[0]}.{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What one `dayspool find --json` said, and how long the whole command took."""

    code: int
    said: dict[str, Any]
    sentences: str
    seconds: float


class Ether(AbstractContextManager["Ether"]):
    """Four namespaces: `camera`, `computer`, `neighbour`, and the `air` between them; removed at the end."""

    def __init__(self, name: str) -> None:
        self._name = f"dayspool-{os.getpid()}-{name}"
        self._stack = ExitStack()
        self._stage: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            for place in ("air", "camera", "computer", "neighbour"):
                _ip("netns", "add", self._of(place))
                self._stack.callback(_ip, "netns", "delete", self._of(place))
            self._run("air", "ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
            self._run("air", "ip", "link", "set", "br0", "up")
            for place in ("camera", "computer", "neighbour"):
                self._join(place)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def block_multicast(self) -> None:
        """Let nothing sent to a group reach the camera, as many access points do."""
        self._run("air", "ip", "link", "set", "camera", "type", "bridge_slave", "mcast_flood", "off")

    def settle(self, address: str) -> None:
        """Give the camera its address, and the computer one beside it with the camera as its gateway, as by DHCP."""
        for place, own in (("camera", address), ("computer", host_of(address, 9)), ("neighbour", host_of(address, 77))):
            self._run(place, "ip", "address", "flush", "dev", "eth0")
            self._run(place, "ip", "address", "add", f"{own}/{_PREFIX}", "broadcast", "+", "dev", "eth0")
        self._run("computer", "ip", "route", "replace", "default", "via", address)

    def add_home_network(self, router: str) -> None:
        """Give the computer a second network with the same addresses, `home0`, which its first route leads to."""
        self._run("neighbour", "ip", "link", "set", "eth0", "down")  # it plays the router of that network now
        ours, theirs = ("home0", "netns", self._of("computer")), ("name", "home0", "netns", self._of("neighbour"))
        _ip("link", "add", *ours, "type", "veth", "peer", *theirs)
        for place, own in (("neighbour", router), ("computer", host_of(router, 50))):
            self._run(place, "ip", "link", "set", "home0", "up")
            self._run(place, "ip", "address", "add", f"{own}/{_PREFIX}", "dev", "home0")
        own = host_of(router, 0)
        self._run("computer", "ip", "route", "replace", f"{own}/{_PREFIX}", "dev", "home0")
        self._run("computer", "ip", "route", "append", f"{own}/{_PREFIX}", "dev", "eth0", "metric", "600")
        self._run("computer", "ip", "route", "replace", "default", "via", router, "dev", "home0")

    def serve(self, profile: str, address: str, *, port: int | None = None, faults: str = "") -> dict[str, Any]:
        """Let the camera be this one from now on; what served before is gone. Returns where it answers."""
        if self._stage is None:
            self._stage = self._stack.enter_context(self.start("camera", sys.executable, "-m", "tests.network.stage"))
            self._stack.callback(self._stage.terminate)
        assert self._stage.stdin is not None
        assert self._stage.stdout is not None
        order = {"profile": profile, "host": address, "port": port, "faults": faults}
        self._stage.stdin.write(json.dumps(order) + "\n")
        self._stage.stdin.flush()
        assert select.select([self._stage.stdout], [], [], 20)[0], "the camera does not come up"
        answer: dict[str, Any] = json.loads(self._stage.stdout.readline())
        return answer

    def make_noise(self, folder: Path) -> None:
        """Let a real media server live in the neighbour's house."""
        settings = folder / "minidlna.conf"
        settings.write_text(_MINIDLNA.format(folder=folder))
        argv = ["minidlnad", "-S", "-f", str(settings), "-P", str(folder / "minidlna.pid")]
        noise = self._stack.enter_context(self.start("neighbour", *argv))
        self._stack.callback(noise.terminate)

    def find(self, *options: str) -> Search:
        """Run `dayspool find --json` on the computer."""
        began = time.perf_counter()
        done = self._find("--json", *options)
        seconds = time.perf_counter() - began
        assert "Traceback" not in done.stderr, done.stderr
        return Search(code=done.returncode, said=json.loads(done.stdout), sentences=done.stderr, seconds=seconds)

    def start_seconds(self) -> float:
        """Return how long the command takes to load everything and find nothing."""
        began = time.perf_counter()
        self._find("--interface", "lo", "--timeout", "0.01s")
        return time.perf_counter() - began

    def first_seconds(self) -> float:
        """Return how long `dayspool find` takes to tell of the first camera, its start included."""
        began = time.perf_counter()
        with self.start("computer", *DAYSPOOL, "find") as found:
            assert found.stdout is not None
            line = found.stdout.readline()
            seconds = time.perf_counter() - began
            found.terminate()
        assert "http://" in line
        return seconds

    def _find(self, *options: str) -> subprocess.CompletedProcess[str]:
        argv = [*_exec(self._of("computer")), *DAYSPOOL, "find", *options]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=_ROOT)

    def _join(self, place: str) -> None:
        own, air = ("eth0", "netns", self._of(place)), ("name", place, "netns", self._of("air"))
        _ip("link", "add", *own, "type", "veth", "peer", *air)
        self._run("air", "ip", "link", "set", place, "master", "br0", "up")
        for link in ("lo", "eth0"):
            self._run(place, "ip", "link", "set", link, "up")

    def _of(self, place: str) -> str:
        return f"{self._name}-{place}"

    def _run(self, place: str, *argv: str) -> str:
        # `ip` enters a namespace by itself, without a shell or another process.
        command = ["ip", "-netns", self._of(place), *argv[1:]] if argv[0] == "ip" else [*_exec(self._of(place)), *argv]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20, cwd=_ROOT).stdout

    def run(self, place: str, *argv: str) -> str:
        """Run a program in a namespace to its end and return what it printed."""
        return self._run(place, *argv)

    def start(self, place: str, *argv: str) -> subprocess.Popen[str]:
        """Start a program in a namespace; ending it is the caller's."""
        return subprocess.Popen(
            [*_exec(self._of(place)), *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if place == "camera" else subprocess.DEVNULL,
            text=True,
            cwd=_ROOT,
        )


def _exec(namespace: str) -> list[str]:
    return ["ip", "netns", "exec", namespace]


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, timeout=20)
