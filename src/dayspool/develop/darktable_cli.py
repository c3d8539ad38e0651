"""The command line of darktable-cli: built as data, then run with a time limit in its own process group."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dayspool.errors import ToolError, ToolFailed, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.develop.api import Pixels

__all__ = ["Ended", "ExportRequest", "Runner", "argv", "ppm_size", "read_ppm"]

_HEADER = re.compile(rb"P6\s(\d+) (\d+)\s65535\s")  # as darktable 4.2.1 writes it: 16 bits, big-endian
_NICENESS = 10  # develop after everything else that this machine has to do: a shoot may be running on it
_LINES_KEPT = 5
# What 4.2.1 says when all is well.
_CHATTER = re.compile(r"WARNING: either your user id|notice: |\[(export_job\] exported to|dt_init\] using )")
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")  # util-linux: no cleaning up of ours survives a SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Develop the folder `inbox` into the empty folder `outbox`; `home` keeps darktable's own files.

    `width` and `height` bound the result in pixels, 0 means no bound; darktable keeps the aspect.
    """

    inbox: Path
    outbox: Path
    home: Path
    width: int
    height: int
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run of the tool ended; `status` is None when it was killed at its time limit.

    `last_lines` is what it said that may be worth reading: of a single frame, the first of them names the cause.
    """

    argv: tuple[str, ...]
    status: int | None
    last_lines: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """How it ended, in words, with the first thing it complained of."""
        if self.status is None:
            how = "hung and was killed at its time limit"
        elif self.status < 0:
            how = f"crashed or was killed ({_signal_name(-self.status)})"
        else:
            how = f"ended with status {self.status}"
        return f"darktable-cli {how}" + (f", saying: {self.last_lines[0]}" if self.last_lines else "")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def argv(executable: str, request: ExportRequest) -> tuple[str, ...]:
    """Return the command line that develops a folder (darktable-cli 4.2.1, its manual and its source).

    16-bit PPM is the cheapest exact result. `--hq 0` scales early in the pipe: against Lanczos in the same
    encoding it measures as well as `--hq 1` on a JPEG (52.5 and 52.4 dB) and costs less. The library in memory,
    presets off and a configuration folder of its own let several run at once and keep a person's darktable out of it.

    At its first start with a configuration darktable measures the processor, to share work with OpenCL: 0.25 of the
    0.6 s that starting takes. With the figure given it does not, and without OpenCL nothing asks for it.
    """
    options = ["--out-ext", "ppm", "--width", str(request.width), "--height", str(request.height)]
    options += ["--hq", "0", "--upscale", "0", "--apply-custom-presets", "0", "--icc-type", "SRGB"]
    core = ["--configdir", str(request.home / "config"), "--cachedir", str(request.home / "cache")]
    core += ["--library", ":memory:", "--disable-opencl", "-t", str(request.threads)]
    core += ["--conf", "plugins/darkroom/workflow=none", "--conf", "dt_cpubenchmark=1"]
    return (executable, str(request.inbox), str(request.outbox), *options, "--core", *core)


class Runner:
    """Runs darktable-cli, several at once if asked to, and can stop them all."""

    def __init__(self, executable: str = "darktable-cli") -> None:
        self.executable = executable
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self.stops = 0
        """How often `stop` was called: work begun before the last time is not wanted any more."""

    def located(self) -> Path:
        """Return where the executable is.

        Raises:
            ToolMissing: it is not installed.
        """
        found = shutil.which(self.executable)
        if found is None:
            raise ToolMissing(
                f"{self.executable} is not installed: apt install darktable, "
                "or use --developer builtin, which knows no edits made in darktable"
            )
        return Path(found)

    def version(self) -> str:
        """Return the version that the tool prints, or what it printed instead.

        Raises:
            ToolError: it cannot be run.
        """
        command = (str(self.located()), "--version")
        try:
            said = subprocess.run(command, capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as refusal:
            raise ToolFailed(f"{self.executable} does not start: {refusal}", argv=command, status=None) from refusal
        text = said.stdout.decode(errors="replace").strip()
        number = re.search(r"\d+(\.\d+)+\S*", text)
        return number.group() if number else text[:80]

    def run(self, request: ExportRequest, *, limit_seconds: float, stops: int) -> Ended:
        """Develop a folder; the caller judges the outputs, because status 0 proves nothing.

        Args:
            request: what to develop.
            limit_seconds: how long it may go without finishing a picture before it is killed.
            stops: the value of `self.stops` when the caller began its work.

        Raises:
            ToolMissing: the tool is not installed.
            ToolFailed: it cannot be started, or `stop` was called.
        """
        command = argv(str(self.located()), request)
        log = request.home / "log"
        with log.open("wb") as said, self._started(command, said.fileno(), request.threads, stops) as process:
            status = _awaited(process, request.outbox, limit_seconds)
        if self.stops != stops:
            raise ToolFailed("developing was stopped", argv=command, status=status)
        return Ended(argv=command, status=status, last_lines=_last_lines(log))

    def stop(self) -> None:
        """Kill every running darktable-cli, and let nothing that was begun before start another."""
        with self._lock:
            self.stops += 1
            for process in self._running:
                _kill_group(process)

    @contextmanager
    def _started(
        self, command: tuple[str, ...], log: int, threads: int, stops: int
    ) -> Iterator[subprocess.Popen[bytes]]:
        process = self._start(command, log, threads, stops)
        try:
            yield process
        finally:
            _kill_group(process)
            process.wait()
            with self._lock:
                self._running.discard(process)

    def _start(self, command: tuple[str, ...], log: int, threads: int, stops: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "OMP_NUM_THREADS": str(threads),
            "OMP_WAIT_POLICY": "passive",  # waiting threads sleep: less CPU for the same work
            "LC_ALL": "C.UTF-8",
        }
        with self._lock:
            if self.stops != stops:
                raise ToolFailed("developing was stopped", argv=command, status=None)
            try:
                process = subprocess.Popen(
                    _tied(command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environment,
                    process_group=0,
                )
            except OSError as refusal:
                raise ToolFailed(f"{command[0]} does not start: {refusal}", argv=command, status=None) from refusal
            self._running.add(process)
        with suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        return process


def _tied(command: tuple[str, ...]) -> tuple[str, ...]:
    """Have the system kill the tool when this process is killed; where that cannot be said, it ends by itself."""
    return (*_DIES_WITH_US, *command) if shutil.which(_DIES_WITH_US[0]) else command


def _awaited(process: subprocess.Popen[bytes], outbox: Path, limit_seconds: float) -> int | None:
    """Return the status of a process, or `None` as soon as it went so long without another output."""
    outputs = 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(limit_seconds)
        before, outputs = outputs, sum(1 for _ in outbox.iterdir())
        if outputs == before:
            return None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:  # once reaped, its number may already belong to somebody else
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _last_lines(log: Path) -> tuple[str, ...]:
    lines = log.read_bytes()[-4096:].decode(errors="replace").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not _CHATTER.match(line))[-_LINES_KEPT:]


def ppm_size(path: Path) -> tuple[int, int] | None:
    """Return the (width, height) in pixels that the header of a 16-bit PPM states, or None if there is none."""
    try:
        with path.open("rb") as file:
            header = _HEADER.match(file.read(64))
    except OSError:
        return None
    return None if header is None else (int(header[1]), int(header[2]))


def read_ppm(path: Path) -> Pixels | None:
    """Read a 16-bit PPM as an array of shape (height, width, 3), or return None if it is not there or not whole.

    Raises:
        ToolError: the disk cannot be read.
    """
    try:
        with path.open("rb") as file:
            header = _HEADER.match(file.read(64))
            if header is None:
                return None
            file.seek(header.end())
            width, height = int(header[1]), int(header[2])
            samples = np.fromfile(file, dtype=np.uint16)
    except FileNotFoundError:
        return None
    except OSError as refusal:
        raise ToolError(f"reading darktable's output {path} failed: {refusal}") from refusal
    if samples.size != width * height * 3:
        return None
    if sys.byteorder == "little":
        samples.byteswap(inplace=True)  # a copy in the other order would take four times as long
    return samples.reshape(height, width, 3)
