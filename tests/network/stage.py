"""A stage in a namespace of its own: serves one simulated camera after the other, as told on standard input."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import anyio
from anyio import to_thread

from dayspool.clock import SystemClock
from dayspool.errors import DayspoolError
from dayspool.sim import PROFILES, Body, Faults, serving


async def main() -> None:
    """Serve what each line orders until the next one; an empty line or the end of input ends it."""
    line = await to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    while line.strip():
        line = await play(json.loads(line))


async def play(order: dict[str, str]) -> str:
    body = Body(profile=PROFILES[order["profile"]], clock=SystemClock(), faults=faults_of(order["faults"]))
    try:
        async with serving(body, host=order["host"], port=order["port"]) as served:
            print(json.dumps({"endpoint": served.endpoint, "location": served.location}), flush=True)
            return await to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    except DayspoolError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return await to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)


def faults_of(script: str) -> Faults:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faults.toml"
        path.write_text(script, encoding="utf-8")
        return Faults.load(path)


if __name__ == "__main__":
    anyio.run(main)
