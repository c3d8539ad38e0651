"""A small HTTP/1.1 server for one camera: one request per connection, and bytes exactly as the application gives them.

Not uvicorn: h11's writer moves and renames `Connection`, and a finished server never hangs up without an answer.
A camera does both. Requests are read by h11, replies are written here.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import anyio
import h11
from anyio.abc import SocketAttribute

from dayspool.sim.exchange import ConnectionDropped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anyio.abc import SocketStream

    from dayspool.sim.wire import ASGIApp, Message, Scope

__all__ = ["answer_connection"]

_READ_BYTES = 64 * 1024
_PATIENCE_SECONDS = 30.0
_LINGER_SECONDS = 2.0
_LOST = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


async def answer_connection(stream: SocketStream, app: ASGIApp) -> None:
    """Read one request, let the application answer it, and close."""
    async with stream:
        try:
            conversation = _Conversation(stream)
            request = await conversation.request()
            scope = None if request is None else _scope(request, stream)
            if scope is not None:
                await app(scope, conversation.receive, conversation.send)
                await _linger(stream)
        except (ConnectionDropped, *_LOST):
            return  # hang up without a word, as cameras do


async def _linger(stream: SocketStream) -> None:
    """Say that all is said, and read what the client still sends until it leaves.

    Closing with unread bytes would reset the connection, and the client might lose the answer with it.
    """
    with anyio.move_on_after(_LINGER_SECONDS), suppress(OSError):
        await stream.send_eof()
        while True:
            await stream.receive(_READ_BYTES)


def _scope(request: h11.Request, stream: SocketStream) -> Scope | None:
    """Return the request as ASGI has it; `None` when its first line holds bytes that stand for no text."""
    try:
        method, version = request.method.decode("ascii"), request.http_version.decode("ascii")
    except UnicodeDecodeError:
        return None
    path, _, query = request.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": version,
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(request.headers),
        "server": stream.extra(SocketAttribute.local_address),  # noqa: S610 - anyio's, not Django's
        "client": stream.extra(SocketAttribute.remote_address, None),  # noqa: S610 - unknown once the client has gone
    }


class _Conversation:
    """One request and its reply on one connection."""

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self._reader = h11.Connection(h11.SERVER)
        self._head = b""
        self._chunked = False
        self._head_only = False

    async def _event(self) -> Any:
        """Return the next event of the request.

        Raises:
            ConnectionDropped: the client is too slow, or speaks no HTTP.
        """
        try:
            return await self._patiently()
        except h11.ProtocolError as error:
            raise ConnectionDropped("the client speaks no HTTP") from error

    async def _patiently(self) -> Any:
        with anyio.move_on_after(_PATIENCE_SECONDS):
            while (event := self._reader.next_event()) is h11.NEED_DATA:
                if self._reader.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                    await self._stream.send(self._reader.send(go_on) or b"")
                self._reader.receive_data(await self._more())
            return event
        raise ConnectionDropped("the client did not finish its request")

    async def _more(self) -> bytes:
        try:
            return await self._stream.receive(_READ_BYTES)
        except _LOST:
            return b""

    async def request(self) -> h11.Request | None:
        """Return the head of the request; `None` when the client closed first."""
        event = await self._event()
        if not isinstance(event, h11.Request):
            return None
        self._head_only = event.method == b"HEAD"
        return event

    async def receive(self) -> Message:
        """Give the application the next part of the request, then wait for the client to leave.

        A client that only says it will send no more (`nc -N`) counts as gone, too: what arrives is the same until
        something is written to it, and the one poll a body has must not wait for somebody who is not there. Other
        requests are answered all the same, as nobody waits here for them.
        """
        if self._reader.their_state is h11.SEND_BODY:
            event = await self._event()
            if isinstance(event, h11.Data):
                return {"type": "http.request", "body": bytes(event.data), "more_body": True}
            return {"type": "http.request", "body": b"", "more_body": False}
        try:
            while await self._stream.receive(_READ_BYTES):
                pass
        except _LOST:
            pass
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Write what the application gives: the head with the first content, then a chunk for each further part.

        Raises:
            ConnectionDropped: the client has gone, or does not read.
        """
        if message["type"] == "http.response.start":
            self._head = _head(message["status"], message["headers"])
            self._chunked = not any(name.lower() == b"content-length" for name, _ in message["headers"])
            if self._chunked:
                self._head = self._head[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
            return
        content = bytes(message.get("body", b""))
        if self._head_only:
            content = b""
        elif self._chunked:
            content = _chunk(content, last=not message.get("more_body", False))
        head, self._head = self._head, b""
        await self._write(head + content)

    async def _write(self, content: bytes) -> None:
        try:
            with anyio.move_on_after(_PATIENCE_SECONDS):
                return await self._stream.send(content)
        except _LOST as error:
            raise ConnectionDropped("the client has gone") from error
        raise ConnectionDropped("the client does not read")


def _head(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join([*lines, b"", b""])


def _chunk(content: bytes, *, last: bool) -> bytes:
    chunk = b"%x\r\n%b\r\n" % (len(content), content) if content else b""
    return chunk + b"0\r\n\r\n" if last else chunk
