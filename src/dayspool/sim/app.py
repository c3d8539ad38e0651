"""The camera's three doors as ASGI applications: control, description and media, sharing one body.

Bare ASGI, because header names have to keep their case and order, and every call counts in virtual time.
A dropped connection is a `ConnectionDropped` raised out of the application.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.clock import pause
from dayspool.sim.description import description_xml
from dayspool.sim.faults import FaultKind
from dayspool.sim.service import Answer, Caller, ConnectionDropped, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.sim.body import Body
    from dayspool.sim.parts import Shot

__all__ = ["ASGIApp", "doors", "liveview_header"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_LARGEST_REQUEST_BYTES = 64 * 1024
_NOT_FOUND = Answer(404, b'{"error":[404,"Not Found"]}')
_TOO_LARGE = Answer(413, b'{"error":[413,"Request Entity Too Large"]}')
_NOTHING = (("Connection", "close"), ("Content-Length", "0"))
_LIVEVIEW_HEADERS = (("Connection", "close"), ("Content-Type", "application/octet-stream"))
_PADDING = 4  # liveview payloads are padded to a multiple of this


def doors(body: Body) -> dict[int, ASGIApp]:
    """Return the applications of one body by port, so that a client can be routed to them in memory."""
    return {
        body.ports.control: _control(body),
        body.ports.description: _description(body),
        body.ports.media: _media(body),
    }


def _guarded(body: Body, app: ASGIApp) -> ASGIApp:
    """Answer HTTP only, and not a byte while the link is down."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ConnectionDropped(f"the camera speaks HTTP only, not {scope['type']}")

        async def linked_send(message: Message) -> None:
            await _need_link(body, receive)
            await send(message)

        await _need_link(body, receive)
        await app(scope, receive, linked_send)

    return guarded


async def _need_link(body: Body, receive: Receive) -> None:
    """Return while the link is up. A silent camera holds the connection until it is back or the client has left.

    Raises:
        ConnectionDropped: the link is, or was just now, down.
    """
    if body.link_up:
        return
    async with anyio.create_task_group() as tasks:

        async def leave() -> None:
            with suppress(ConnectionDropped):
                await _client_left(receive)
            tasks.cancel_scope.cancel()

        tasks.start_soon(leave)
        while body.silent:
            await body.wait_for_change()
        tasks.cancel_scope.cancel()
    raise ConnectionDropped("scripted: the link is down")


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _control(body: Body) -> ASGIApp:
    service = Service(body)
    path = body.profile.service_path

    async def control(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != path or scope["method"] != "POST":
            return await _send_json(send, _NOT_FOUND)
        raw = await _read(receive)
        if raw is None:
            return await _send_json(send, _TOO_LARGE)

        caller = Caller(_host(scope, body), partial(_client_left, receive))
        await _send_json(send, await service.answer(raw, caller))

    return _guarded(body, control)


def _description(body: Body) -> ASGIApp:
    profile = body.profile

    async def description(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != profile.description_path or scope["method"] not in {"GET", "HEAD"}:
            return await _send(send, 404, _NOTHING, b"")
        page = description_xml(profile, udn=body.udn, host=_host(scope, body), ports=body.ports)
        headers = [
            ("Accept-Range", "none"),
            ("Content-Length", str(len(page))),
            ("Content-Type", 'text/xml; charset="utf-8"'),
            ("Connection", "close"),
            ("Date", formatdate(body.elapsed_seconds, usegmt=True)),  # the clock since switch-on, as recorded
            ("Server", profile.server),
        ]
        await _send(send, 200, headers, page if scope["method"] == "GET" else b"")

    return _guarded(body, description)


def _media(body: Body) -> ASGIApp:
    liveview_path = body.profile.liveview_path.partition("?")[0]

    async def media(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            return await _send(send, 404, _NOTHING, b"")
        head = scope["method"] == "HEAD"
        if scope["path"] == liveview_path and body.liveview_readable:
            return await (_send(send, 200, _LIVEVIEW_HEADERS, b"") if head else _stream_liveview(body, send))
        shot = body.shot_named(scope["path"].removeprefix("/"))
        if shot is None:
            return await _send(send, 404, _NOTHING, b"")
        whole = await body.picture(shot)
        content = b"" if head else _spoilt(body, shot, whole)
        headers = [("Connection", "close"), ("Content-Length", str(len(whole))), ("Content-Type", "image/jpeg")]
        await _send(send, 200, headers, content, cut=not head and len(content) < len(whole))

    return _guarded(body, media)


def _spoilt(body: Body, shot: Shot, content: bytes) -> bytes:
    """Return the bytes of a postview as the script wants them to arrive."""
    if body.mishaps.strike(FaultKind.PICTURE_TRUNCATED, shot=shot.number):
        return content[: len(content) // 2]
    if body.mishaps.strike(FaultKind.PICTURE_GARBAGE, shot=shot.number):
        return (b"not a picture\n" * (len(content) // 14 + 1))[: len(content)]
    return content


async def _stream_liveview(body: Body, send: Send) -> None:
    """Send packets, each as two HTTP chunks (header, then payload and padding), until a shot, a stop or a rival."""
    await send({"type": "http.response.start", "status": 200, "headers": _raw(_LIVEVIEW_HEADERS)})
    watching = body.open_liveview()
    began, sequence = anyio.current_time(), 0
    while watching():
        payload = await body.preview()
        padding = -len(payload) % _PADDING
        stamp = round((anyio.current_time() - began) * 1000)
        for chunk in (liveview_header(sequence, stamp, len(payload), padding), payload + bytes(padding)):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        sequence += 1
        await pause(max(0.0, began + sequence / body.profile.liveview_fps - anyio.current_time()))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def liveview_header(sequence: int, stamp_ms: int, payload_bytes: int, padding_bytes: int) -> bytes:
    """Return the 136 bytes before a liveview JPEG: common header of 8, payload header of 128, big-endian."""
    common = struct.pack(">BBHI", 0xFF, 0x01, sequence & 0xFFFF, stamp_ms & 0xFFFFFFFF)
    sizes = payload_bytes.to_bytes(3, "big") + bytes([padding_bytes])
    return common + b"\x24\x35\x68\x79" + sizes + bytes(120)


def _host(scope: Scope, body: Body) -> str:
    """Return the address by which the client reached the camera."""
    server = scope.get("server")
    return str(server[0]) if server else body.profile.address


async def _read(receive: Receive) -> bytes | None:
    """Return the request's body; `None` when it is larger than any request of this protocol."""
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


async def _send_json(send: Send, answer: Answer) -> None:
    """Send a JSON answer with the headers recorded from this generation: no Server, no Date."""
    length = str(len(answer.body))
    headers = [("Connection", "close"), ("Content-Length", length), ("Content-Type", "application/json")]
    await _send(send, answer.status, headers, answer.body)


async def _send(
    send: Send, status: int, headers: Sequence[tuple[str, str]], content: bytes, *, cut: bool = False
) -> None:
    """Send a whole reply; when `cut`, the connection drops after the content instead of ending well."""
    await send({"type": "http.response.start", "status": status, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": content, "more_body": cut})
    if cut:
        raise ConnectionDropped("scripted: picture cut short")


def _raw(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
