"""Calls per second and liveview at 30 frames per second: ours, pysony and libsonyapi on one simulated camera, in turn.

The others run in processes and an environment of their own. libsonyapi comes from PyPI; pysony's release there is for
Python 2, so its git version is used where `DAYSPOOL_PYSONY` names the folder that holds `pysony.py`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tables import Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Client", "clients", "tables"]

RUNS = 3
CALLS = 200
FRAMES = 300
FRAMES_PER_SECOND = 30
REPOSITORY = Path(__file__).parent.parent
ONE_RUN = Path(__file__).with_name("client_run.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client: which Python runs it, and where that finds it."""

    name: str
    way: str
    python: Path
    path: Path

    def argv(self, what: str, *arguments: object) -> list[str]:
        """Return the command of one measurement."""
        path = f"PYTHONPATH={self.path}{os.pathsep}{REPOSITORY}"
        return ["env", path, str(self.python), str(ONE_RUN), self.way, what, *map(str, arguments)]

    def measure(self, what: str, *arguments: object) -> dict[str, float]:
        """Run one measurement in a process of its own and return what it printed."""
        argv = self.argv(what, *arguments)
        return self.read(subprocess.run(argv, capture_output=True, text=True, check=True, timeout=300).stdout)

    def read(self, said: str) -> dict[str, float]:
        """Return the measurement out of what was printed: its last line."""
        result: dict[str, float] = json.loads(said.splitlines()[-1])
        return result


def tables() -> list[Table]:
    """Measure and return the tables."""
    with clients() as those, camera() as endpoint:
        return [_calls(those, endpoint), _liveview(those, endpoint)]


@contextmanager
def clients() -> Iterator[list[Client]]:
    """Make an environment for the others and yield every client there is."""
    here = Path(sys.executable)
    ours = [
        Client(name="dayspool, spaced as it is used", way="dayspool", python=here, path=REPOSITORY),
        Client(name="dayspool, its link alone", way="link", python=here, path=REPOSITORY),
    ]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "libsonyapi==1.0", "six"]
        subprocess.run(install, check=True, timeout=300)
        ours.append(Client(name="libsonyapi 1.0", way="libsonyapi", python=python, path=REPOSITORY))
        if source := os.environ.get("DAYSPOOL_PYSONY"):
            ours.append(Client(name="pysony (git)", way="pysony", python=python, path=Path(source)))
        yield ours


@contextmanager
def camera() -> Iterator[str]:
    """Run a QX10 whose liveview has 30 frames per second, in a process of its own; yield its endpoint."""
    argv = [sys.executable, "-m", "benchmarks.camera_at_30"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        try:
            assert process.stdout is not None
            endpoint = process.stdout.readline().strip()
            if not endpoint:
                raise RuntimeError("the simulated camera ended before it said where it is; its complaint is above")
            yield endpoint
        finally:
            process.terminate()


def _calls(those: list[Client], endpoint: str) -> Table:
    rates: dict[str, list[float]] = {client.name: [] for client in those}
    for _ in range(RUNS):
        for client in those:
            run = client.measure("calls", endpoint, CALLS if client.way != "dayspool" else CALLS // 10)
            rates[client.name].append(run["count"] / run["seconds"])
    medians = {name: statistics.median(values) for name, values in rates.items()}
    link = medians["dayspool, its link alone"]
    return Table(
        title="Calls per second",
        columns=("client", "calls per second", "ratio"),
        rows=tuple(Row((name, f"{rate:,.0f}", f"{rate / link:.2f}")) for name, rate in medians.items()),
        note=(
            f"{CALLS} × `getVersions` one after the other on a simulated QX10 in its own process, medians of {RUNS} "
            "runs in turn. dayspool leaves 0.1 s between two calls on purpose: a burst hung an HDR-AS50. pysony asks "
            "for the list of methods before every call. All open a new connection for each: these bodies close it."
        ),
    )


def _liveview(those: list[Client], endpoint: str) -> Table:
    able = [client for client in those if client.way in {"dayspool", "pysony"}]
    runs: dict[str, list[tuple[float, float]]] = {client.name: [] for client in able}
    for _ in range(RUNS):
        for client in able:
            run = client.measure("liveview", endpoint, FRAMES)
            runs[client.name].append((run["count"] / run["seconds"], run["cpu_seconds"] / run["seconds"]))
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in runs.items()}
    ours = medians["dayspool, spaced as it is used"][1]
    return Table(
        title=f"Liveview at {FRAMES_PER_SECOND} frames per second",
        columns=("client", "frames per second", "CPU share", "ratio of CPU"),
        rows=tuple(
            Row((name.partition(",")[0], f"{fps:.1f}", f"{100 * cpu:.1f} %", f"{cpu / ours:.2f}"))
            for name, (fps, cpu) in medians.items()
        ),
        note=(
            f"{FRAMES} frames of 640×424 from the same camera, medians of {RUNS} runs in turn; CPU of the client's "
            "process without its start. libsonyapi has no liveview."
        ),
    )
