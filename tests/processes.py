"""Our programs as processes of their own, for tests that need real ones."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

DAYSPOOL = [sys.executable, "-m", "dayspool"]


@contextmanager
def simulator(*options: str, ssdp: bool = False) -> Iterator[dict[str, Any]]:
    """Run a simulated camera on free ports of loopback; yield its first line. With `ssdp` it answers searches there."""
    argv = [*DAYSPOOL, "sim", "--json", "--port", "0", *options, *([] if ssdp else ["--no-ssdp"])]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(timeout=20)


def run(*arguments: str | Path, code: int = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and hold its exit code to `code`; there is never a traceback."""
    done = subprocess.run([*DAYSPOOL, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=cwd)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def run_json(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Run a command with `--json` and return the object on its last line; nothing but JSON is on standard output."""
    lines = run(*arguments, "--json", code=code).stdout.splitlines()
    return [json.loads(line) for line in lines][-1]
