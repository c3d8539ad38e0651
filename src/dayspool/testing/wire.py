"""The simulated camera behind the real HTTP client, without a socket between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from dayspool.sim import ConnectionDropped, doors

if TYPE_CHECKING:
    from dayspool.sim import Body

__all__ = ["InMemoryTransport"]


class InMemoryTransport(httpx2.AsyncBaseTransport):
    """Hands every request to the camera's door at its port; a dropped connection breaks as a real one does."""

    def __init__(self, body: Body) -> None:
        self._doors = {port: httpx2.ASGITransport(app=_typed(app)) for port, app in doors(body).items()}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer as the camera would.

        Raises:
            httpx2.ConnectError: nothing listens at this port.
            httpx2.ReadError: the camera broke the connection.
        """
        door = self._doors.get(request.url.port or 80)
        if door is None:
            raise httpx2.ConnectError(f"nothing listens at port {request.url.port}", request=request)
        try:
            return await door.handle_async_request(request)
        except ConnectionDropped as error:
            raise httpx2.ReadError(str(error), request=request) from error


def _typed(app: Any) -> Any:
    """Let two libraries' names for the same ASGI callable meet."""
    return app
