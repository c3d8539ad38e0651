"""The ASGI ground under the camera's doors: types, reading requests, sending whole replies and parts of files."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from dayspool.sim.exchange import ConnectionDropped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.sim.exchange import Answer

__all__ = [
    "NOTHING",
    "ASGIApp",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "header",
    "read_request",
    "send_json",
    "send_range",
    "send_whole",
    "start_reply",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

NOTHING = (("Connection", "close"), ("Content-Length", "0"))
_LARGEST_REQUEST_BYTES = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


async def read_request(receive: Receive) -> bytes | None:
    """Return the request's body; `None` when it is larger than any request of this protocol.

    Raises:
        ConnectionDropped: the client left in the middle of it.
    """
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionDropped("the client left in the middle of its request")
        part = message.get("body", b"")
        size += len(part)
        if size > _LARGEST_REQUEST_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def header(scope: Scope, name: str) -> str:
    """Return a header of the request, empty when it has none."""
    wanted = name.encode("ascii").lower()
    return next((value.decode("latin-1") for own, value in scope.get("headers", ()) if own.lower() == wanted), "")


async def start_reply(send: Send, status: int, headers: Sequence[tuple[str, str]]) -> None:
    """Send the head of a reply, its headers as they are and in their order."""
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def send_whole(
    send: Send, status: int, headers: Sequence[tuple[str, str]], content: bytes, *, cut: bool = False
) -> None:
    """Send a whole reply; when `cut`, the connection drops after the content instead of ending well.

    Raises:
        ConnectionDropped: it was cut.
    """
    await start_reply(send, status, headers)
    await send({"type": "http.response.body", "body": content, "more_body": cut})
    if cut:
        raise ConnectionDropped("scripted: picture cut short")


async def send_json(send: Send, answer: Answer) -> None:
    """Send a JSON answer with the headers recorded from an HDR-AS30V: no Server, no Date."""
    length = str(len(answer.body))
    headers = [("Connection", "close"), ("Content-Length", length), ("Content-Type", "application/json")]
    await send_whole(send, answer.status, headers, answer.body)


async def send_range(scope: Scope, send: Send, content: bytes, kind: str) -> None:
    """Send a file, or the one part of it that is asked for (RFC 9110, section 14)."""
    head = [("Accept-Ranges", "bytes"), ("Connection", "close")]
    end = len(content)
    span = _span(header(scope, "Range"), end)
    if span is None:
        reply, part = 200, content
    elif span[0] >= span[1]:
        return await send_whole(send, 416, [*head, ("Content-Length", "0"), ("Content-Range", f"bytes */{end}")], b"")
    else:
        reply, part = 206, content[span[0] : span[1]]
        head.append(("Content-Range", f"bytes {span[0]}-{span[1] - 1}/{end}"))
    headers = [*head, ("Content-Length", str(len(part))), ("Content-Type", kind)]
    await send_whole(send, reply, headers, b"" if scope["method"] == "HEAD" else part)


def _span(asked: str, end: int) -> tuple[int, int] | None:
    """Return where the wanted part begins and ends; `None` for all of it, empty for one that is not there."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return max(0, end - int(match[2])), end
    first = int(match[1])
    last = min(int(match[2]) + 1, end) if match[2] else end
    return (first, last) if first < last else ((0, 0) if first >= end else None)
