"""Answers that no honest camera gives: of another type, endless, in drops, or leading elsewhere. All by script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.clock import pause
from dayspool.sim.faults import FaultKind
from dayspool.sim.liveview import liveview_header
from dayspool.sim.wire import NOTHING, send_whole, start_reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from dayspool.sim.body import Body
    from dayspool.sim.faults import Fault
    from dayspool.sim.wire import Message, Send

__all__ = ["FOREIGN", "HUGE_BYTES", "Hostility", "foreign_host"]

FOREIGN = "192.0.2.66"  # a documentation address (RFC 5737): nobody is there
HUGE_BYTES = 100 * 1024 * 1024
_PART_BYTES = 64 * 1024
_ATTACKS = (
    FaultKind.HTTP_500,
    FaultKind.REDIRECT,
    FaultKind.HUGE,
    FaultKind.RUBBISH,
    FaultKind.WRONG_TYPE,
    FaultKind.SLOW,
)
_RUBBISH = (b"\x00\xff\xfe\x80rubbish\r\n\r\n", b"", b'{"id":', b"<html><body>It works!</body></html>", b"[" * 20_000)
_OTHER_TYPES = (
    b'{"id":1,"result":{"0":"IDLE"}}',
    b'{"id":1,"result":"IDLE"}',
    b'{"id":1,"result":[null]}',
    b'{"id":1,"result":[[[[]]],7,true]}',
    b'{"id":"1","result":[{"type":7}]}',
    b'{"id":1,"error":"Not Available Now"}',
    b'{"id":1,"error":[{},[]]}',
    b"[]",
    b"null",
    b"1e999",
)
_PAGE = b'<?xml version="1.0"?><html><head><title>Router</title></head><body/></html>'
_GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00"
)
_KINDS = {"json": "application/json", "description": "text/xml", "soap": "text/xml", "liveview": "text/plain"}


def foreign_host(body: Body, where: str) -> str | None:
    """Return the host that addresses in answers name instead of the camera's; `None` when they are true."""
    fault = body.mishaps.lasting(FaultKind.FOREIGN_HOST, where=where)
    return None if fault is None else fault.host or FOREIGN


class Hostility:
    """The scripted attacks of one body, at every place where it answers."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._turns = 0

    async def answer(
        self,
        where: str,
        send: Send,
        genuine: Callable[[Send], Awaitable[None]],
        *,
        call: int | None = None,
        method: str | None = None,
    ) -> None:
        """Give the genuine answer, or what the script wants there instead.

        A JSON call that is answered with rubbish has happened all the same, and one that is answered with 500 or a
        redirect has not.
        """
        for kind in _ATTACKS:
            fault = self._body.mishaps.strike(kind, where=where, call=call, method=method)
            if fault is not None:
                return await self._attack(kind, fault, where, send, genuine)
        await genuine(send)

    async def _attack(
        self, kind: FaultKind, fault: Fault, where: str, send: Send, genuine: Callable[[Send], Awaitable[None]]
    ) -> None:
        self._turns += 1
        if kind is FaultKind.HTTP_500:
            return await send_whole(send, 500, NOTHING, b"")
        if kind is FaultKind.REDIRECT:
            target = fault.location or f"http://{FOREIGN}/elsewhere"
            return await send_whole(send, 302, [("Location", target), *NOTHING], b"")
        if kind is FaultKind.SLOW:
            return await genuine(_in_drops(send))
        if where == "json":
            await genuine(_swallow)
        if kind is FaultKind.HUGE:
            return await _send_parts(send, where, _huge(where))
        content = self._rubbish(where) if kind is FaultKind.RUBBISH else self._other_type(where)
        await _send_parts(send, where, iter([content]))

    def _rubbish(self, where: str) -> bytes:
        return _RUBBISH[self._turns % len(_RUBBISH)]

    def _other_type(self, where: str) -> bytes:
        if where == "json":
            return _OTHER_TYPES[self._turns % len(_OTHER_TYPES)]
        return _PAGE if where in {"description", "soap"} else _GIF


async def _swallow(message: Message) -> None:
    """Take an answer that nobody shall see."""


def _in_drops(send: Send) -> Send:
    """Return a way to send that gives one byte per second."""

    async def drip(message: Message) -> None:
        if message["type"] != "http.response.body":
            return await send(message)
        content, more = message.get("body", b""), message.get("more_body", False)
        for at in range(len(content)):
            await send({"type": "http.response.body", "body": content[at : at + 1], "more_body": True})
            await pause(1.0)
        await send({"type": "http.response.body", "body": b"", "more_body": more})

    return drip


async def _send_parts(send: Send, where: str, parts: Iterator[bytes]) -> None:
    """Send content whose length is not told before."""
    kind = _KINDS.get(where, "image/jpeg")
    await start_reply(send, 200, [("Connection", "close"), ("Content-Type", kind)])
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _huge(where: str) -> Iterator[bytes]:
    """Yield 100 MB that begin like what was asked for."""
    yield {
        "json": b'{"id":1,"result":["',
        "description": b'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>',
        "soap": b'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>',
        "liveview": liveview_header(0, 0, 0xFFFFFF, 0),
    }.get(where, b"\xff\xd8\xff\xe0")
    part = b"a" * _PART_BYTES
    for _ in range(HUGE_BYTES // _PART_BYTES):
        yield part
