"""The camera that a command talks to: found, and opened."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dayspool.camera import SonyCamera

__all__ = ["opened"]

FIND_SECONDS = 8.0


@asynccontextmanager
async def opened(address: str | None, interface: str | None) -> AsyncIterator[SonyCamera]:
    """Open a line to the camera at `address`, or to the first one found.

    Raises:
        CameraUnreachable: there is none; the message says what was seen and what to press.
        PlanError: the address or the interface makes no sense, or there is a developer key that cannot be used.
    """
    from dayspool.camera import open_camera
    from dayspool.camera.unlock import find_key
    from dayspool.shoot.finding import find_one

    find_key()  # told before anything is asked
    found = await find_one(seconds=FIND_SECONDS, address=address, interface=interface)
    async with open_camera(found.endpoint, model=found.model or "", source=found.source) as camera:
        yield camera
