"""Discovery's questions asked over HTTP, with the lines that a shoot uses."""

from __future__ import annotations

from urllib.parse import urlsplit

from dayspool.camera import Link, open_camera
from dayspool.camera.bound import connect_from
from dayspool.discovery import Verified
from dayspool.errors import CameraConfused, CameraError

__all__ = ["ASK_SECONDS", "HttpAccess"]

ASK_SECONDS = 5.0


class HttpAccess:
    """Asks hosts over HTTP for discovery, each through a link of its own that is pinned to it."""

    async def get(self, url: str, *, cap_bytes: int, source: str | None) -> bytes:
        """Fetch one file, as `Access.get`."""
        host = urlsplit(url).hostname
        if host is None:
            raise CameraConfused(f"{url!r} is no address")
        async with Link(host, source=source) as link:
            return await link.get(url, cap_bytes=cap_bytes, seconds=ASK_SECONDS)

    async def verify(self, endpoint: str, *, source: str | None) -> Verified:
        """Ask for its API versions, as `Access.verify`."""
        async with open_camera(endpoint, source=source) as camera:
            return Verified(versions=await camera.versions())

    async def function(self, endpoint: str, *, source: str | None) -> str | None:
        """Ask what it is set to, as `Access.function`."""
        async with open_camera(endpoint, source=source) as camera:
            try:
                answer = await camera.line.call("getCameraFunction", seconds=ASK_SECONDS)
            except CameraError:  # most bodies have no such method, or keep it to licensed programs (QX10)
                return None
        return answer[0] if answer and isinstance(answer[0], str) else None

    async def knock(self, host: str, port: int, *, source: str | None) -> bool:
        """Connect and close again, as `Access.knock`."""
        try:
            async with await connect_from(source, host, port):
                return True
        except OSError:
            return False
