"""Cameras found and opened: discovery given a line to ask with, and the sources a shoot gets its camera from."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dayspool.camera import UNKNOWN_MODEL, Courtesy, Link, open_camera
from dayspool.discovery import Verified, explain_nothing, find
from dayspool.errors import CameraConfused, CameraError, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from dayspool.camera import SonyCamera, Transport
    from dayspool.discovery import Attempt, Found

__all__ = ["FixedSource", "SearchingSource", "find_cameras", "find_one"]

ASK_SECONDS = 5.0


class _HttpAccess:
    """Asks hosts over HTTP for discovery, each through a link of its own that is pinned to it."""

    async def get(self, url: str, *, cap_bytes: int) -> bytes:
        host = urlsplit(url).hostname
        if host is None:
            raise CameraConfused(f"{url!r} is no address")
        async with Link(host) as link:
            return await link.get(url, cap_bytes=cap_bytes, seconds=ASK_SECONDS)

    async def verify(self, endpoint: str) -> Verified:
        async with open_camera(endpoint) as camera:
            return Verified(versions=await camera.versions())


async def find_cameras(
    *,
    seconds: float,
    interface: str | None = None,
    address: str | None = None,
    first: bool = False,
    on_found: Callable[[Found], None] | None = None,
) -> tuple[list[Found], tuple[str, ...]]:
    """Find cameras by every way at once.

    Returns:
        The cameras that answered an API call, and, if there are none, sentences that say why and what to do.

    Raises:
        PlanError: the address or the interface makes no sense.
    """
    attempts: list[Attempt] = []
    cameras = await find(
        access=_HttpAccess(),
        seconds=seconds,
        interface=interface,
        address=address,
        first=first,
        on_found=on_found,
        on_attempt=attempts.append,
    )
    return cameras, () if cameras else explain_nothing(attempts)


async def find_one(*, seconds: float, address: str | None = None, interface: str | None = None) -> Found:
    """Return the first camera that answers.

    Raises:
        CameraUnreachable: none does; the message says what was seen and what to press.
        PlanError: the address makes no sense.
    """
    cameras, reasons = await find_cameras(seconds=seconds, interface=interface, address=address, first=True)
    if not cameras:
        raise CameraUnreachable("\n".join(("no camera was found.", *reasons)), sent=False)
    return cameras[0]


class FixedSource:
    """A camera whose address is known; `transport` replaces the network."""

    def __init__(self, endpoint: str, *, model: str = "", transport: Transport | None = None) -> None:
        self._endpoint = endpoint
        self._model = model
        self._transport = transport
        self._courtesy = Courtesy()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SonyCamera]:
        """Open a line to it; whether it answers shows with the first call."""
        async with open_camera(
            self._endpoint, model=self._model, transport=self._transport, courtesy=self._courtesy
        ) as camera:
            yield camera


class SearchingSource:
    """A camera looked for: first where it was last, then at `address`, or anywhere if there is none.

    With a `model`, another model that answers instead is not taken: the shoot waits for its own.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        model: str | None = None,
        address: str | None = None,
        interface: str | None = None,
        seconds: float = 10.0,
    ) -> None:
        self._endpoint = endpoint
        self._model = None if model == UNKNOWN_MODEL else model
        self._address = address
        self._interface = interface
        self._seconds = seconds
        self._courtesy = Courtesy()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SonyCamera]:
        """Open a line to a camera that answered just now.

        Raises:
            CameraError: there is none, or another one.
        """
        if self._endpoint is None or not await _answers(self._endpoint):
            self._endpoint = await self._look()
        async with open_camera(self._endpoint, model=self._model or "", courtesy=self._courtesy) as camera:
            yield camera

    async def _look(self) -> str:
        found = await find_one(seconds=self._seconds, interface=self._interface, address=self._address)
        if self._model is not None and found.model is not None and found.model != self._model:
            raise CameraUnreachable(
                f"a {found.model} answers at {found.endpoint}, but this shoot began with a {self._model}", sent=False
            )
        self._model = self._model or found.model
        return found.endpoint


async def _answers(endpoint: str) -> bool:
    async with open_camera(endpoint) as camera:
        try:
            await camera.versions()
        except CameraError:
            return False
    return True
