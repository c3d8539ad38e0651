"""A camera at an address that is known, for shoots in tests: nothing is searched for, and nothing is verified."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dayspool.camera import Courtesy, open_camera

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dayspool.camera import SonyCamera, Transport

__all__ = ["FixedSource"]


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
