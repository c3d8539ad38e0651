"""Serve a simulated QX10 with 30 liveview frames a second on free ports of loopback; print its endpoint first."""

from __future__ import annotations

from dataclasses import replace

import anyio
from anyio import to_thread

from benchmarks.clients import FRAMES_PER_SECOND
from dayspool.clock import SystemClock
from dayspool.sim import PROFILES, Body, serving


async def main() -> None:
    """Serve it."""
    profile = replace(PROFILES["qx10"], liveview_fps=float(FRAMES_PER_SECOND))
    async with serving(
        Body(profile=profile, clock=SystemClock(), draw=to_thread.run_sync), port=0, ssdp=False
    ) as served:
        print(served.endpoint, flush=True)
        await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(main)
