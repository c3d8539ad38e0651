"""One camera's services, called one at a time and with pauses between: the courtesy small cameras need.

A burst of calls hung an HDR-AS50 until its battery was pulled (xaldew), so calls are serialised and spaced; a body that
has dropped a connection gets more time. A long poll waits beside the others, as bodies allow.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.camera.link import CONNECT_SECONDS
from dayspool.camera.rpc import Code
from dayspool.camera.unlock import find_key, unlock
from dayspool.clock import pause
from dayspool.errors import CameraBusy, CameraRefused, CameraUnreachable, PlanError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dayspool.camera.link import Link

__all__ = ["CALL_SECONDS", "Courtesy", "Line"]

CALL_SECONDS = 8.0
SPACING_SECONDS = 0.1  # cheap insurance: no body is known to need more
WIDEST_SPACING_SECONDS = 1.0
NARROWING = 0.98


class Courtesy:
    """What a body was found to need; kept while connections to it come and go.

    Attributes:
        spacing_seconds: how much time it gets between two calls.
        half_press: whether it takes pictures in AF only after a half-press of its shutter; `None` before that showed.
    """

    def __init__(self) -> None:
        self.spacing_seconds = SPACING_SECONDS
        self.half_press: bool | None = None

    def widen(self) -> None:
        """Give it twice as long: it has dropped a connection."""
        self.spacing_seconds = min(WIDEST_SPACING_SECONDS, self.spacing_seconds * 2)

    def narrow(self) -> None:
        """Give it a little less: it has answered. A hundred answers undo what a bad minute has widened."""
        self.spacing_seconds = max(SPACING_SECONDS, self.spacing_seconds * NARROWING)


class Line:
    """The services of the camera at `endpoint` (`http://10.0.0.1:10000/sony/camera`), over a link the caller owns.

    `on_busy` is called whenever the camera has said that it is not ready: by an error, or by its state.
    """

    def __init__(self, link: Link, endpoint: str, *, courtesy: Courtesy | None = None) -> None:
        self.link = link
        self.endpoint = endpoint
        self.courtesy = courtesy or Courtesy()
        self.on_busy: Callable[[], None] = _unheard
        self._turn = anyio.Lock()
        self._free_at = 0.0
        self._may_unlock = True

    def service(self, name: str) -> str:
        """Return the endpoint of a service: they lie beside each other, as `/sony/camera` and `/sony/avContent`."""
        return f"{self.endpoint.rpartition('/')[0]}/{name}"

    async def call(
        self,
        method: str,
        params: list[Any] | None = None,
        *,
        service: str = "camera",
        version: str = "1.0",
        seconds: float = CALL_SECONDS,
        urgent: bool = False,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> list[Any]:
        """Make one call in its turn, once, and return its result; an urgent one waits for its turn, not for the pause.

        A method kept for licensed programs is unlocked first if there is a developer key (see `unlock`).

        Raises:
            CameraError: as `Link.call`.
        """
        endpoint = self.endpoint if service == "camera" else self.service(service)
        async with self._turn:
            if not urgent:
                await pause(max(0.0, self._free_at - anyio.current_time()))
            ask = partial(
                self._ask,
                endpoint,
                method,
                params,
                version=version,
                seconds=seconds,
                connect_seconds=connect_seconds,
            )
            try:
                result = await self._unlocking(ask, urgent=urgent)
            except CameraUnreachable as error:
                if error.sent:
                    self.courtesy.widen()
                raise
            else:
                self.courtesy.narrow()
                return result
            finally:
                self._free_at = anyio.current_time() + self.courtesy.spacing_seconds

    async def _unlocking(self, ask: Callable[[], Awaitable[list[Any]]], *, urgent: bool) -> list[Any]:
        try:
            return await ask()
        except CameraRefused as error:
            if urgent or error.code != Code.FORBIDDEN or not await self._unlocked():
                raise
        return await ask()

    async def _unlocked(self) -> bool:
        """Say whether what was forbidden may be asked for again: tried once per line, and only with a key."""
        if not self._may_unlock:
            return False
        self._may_unlock = False
        try:
            key = find_key()
        except PlanError as error:  # a key that went bad during a shoot must not end it
            raise CameraRefused(str(error), code=Code.FORBIDDEN) from error
        if key is not None:
            await unlock(self.link, self.service("accessControl"), key)
        return key is not None

    async def poll(self, method: str, params: list[Any], *, version: str = "1.0", seconds: float) -> list[Any]:
        """Make a call that may wait long for news, beside the others; one at a time is the caller's duty.

        Raises:
            CameraError: as `Link.call`.
        """
        try:
            return await self._ask(self.endpoint, method, params, version=version, seconds=seconds)
        except CameraUnreachable as error:
            if error.sent:
                self.courtesy.widen()
            raise

    async def _ask(self, endpoint: str, method: str, params: list[Any] | None, **how: Any) -> list[Any]:
        try:
            return await self.link.call(endpoint, method, params, **how)
        except CameraBusy:
            self.on_busy()
            raise


def _unheard() -> None:
    pass
