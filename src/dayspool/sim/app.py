"""The camera's doors as ASGI applications, by port: control, description, media and files, sharing one body.

Bare ASGI, because header names have to keep their case and order, and every call counts in virtual time.
A dropped connection is a `ConnectionDropped` raised out of the application.
"""

from __future__ import annotations

import io
import json
from contextlib import aclosing, suppress
from email.utils import formatdate
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import anyio
from PIL import Image

from dayspool.sim.card import Kind, Variant
from dayspool.sim.contents import content_handlers, file_at
from dayspool.sim.description import description_xml, digital_imaging_xml, listed, service_xml
from dayspool.sim.dlna import CONTENT_DIRECTORY_PATH, PUSH_LIST_PATH, Directory
from dayspool.sim.exchange import NOT_FOUND, Answer, Caller, ConnectionDropped
from dayspool.sim.faults import FaultKind
from dayspool.sim.hostile import Hostility, foreign_host
from dayspool.sim.liveview import liveview_chunks, liveview_header
from dayspool.sim.service import Services
from dayspool.sim.wire import NOTHING, ASGIApp, header, read_request, send_json, send_range, send_whole, start_reply

if TYPE_CHECKING:
    from dayspool.sim.body import Body
    from dayspool.sim.card import CardFile
    from dayspool.sim.dlna import SoapReply
    from dayspool.sim.parts import Shot
    from dayspool.sim.wire import Message, Receive, Scope, Send

__all__ = ["ASGIApp", "doors", "liveview_header"]

_TOO_LARGE = Answer(413, b'{"error":[413,"Request Entity Too Large"]}')
_LIVEVIEW_HEADERS = (("Connection", "close"), ("Content-Type", "application/octet-stream"))
_XML = 'text/xml; charset="utf-8"'
_GETS = frozenset({"GET", "HEAD"})


def doors(body: Body) -> dict[int, ASGIApp]:
    """Return the HTTP applications of one body by port, so that a client can be routed to them in memory.

    App cameras (G2) have liveview and pictures at the control port. A body in "Send to Smartphone" has only the
    description and its files, one that speaks PTP/IP only the description.
    """
    profile, ports, hostility = body.profile, body.ports, Hostility(body)
    applications: dict[int, ASGIApp] = {}
    media = _media(body, hostility)
    shared = ports.media == ports.control
    if profile.json:
        applications[ports.control] = _control(body, hostility, media if shared else None)
    directory = Directory(body)
    applications[ports.description] = _description(body, hostility, directory)
    if profile.json and not shared:
        applications[ports.media] = media
    if profile.send_mode:
        applications[ports.files] = _files(body, hostility, directory)
    return {port: _guarded(body, application) for port, application in applications.items()}


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


def _host(scope: Scope, body: Body, where: str) -> str:
    """Return the address by which the client reached the camera, or the one that a script puts in its place."""
    server = scope.get("server")
    return foreign_host(body, where) or (str(server[0]) if server else body.profile.address)


# -- JSON -------------------------------------------------------------------------------------------------------------


def _control(body: Body, hostility: Hostility, media: ASGIApp | None) -> ASGIApp:
    services = Services(body, {"avContent": content_handlers(body)})
    calls = count(1)

    async def control(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in _GETS and media is not None:
            return await media(scope, receive, send)
        if scope["method"] != "POST" or scope["path"].rpartition("/")[0] != body.profile.service_base:
            return await send_json(send, NOT_FOUND)  # without waiting for the rest of the request
        raw = await read_request(receive)
        if raw is None:
            return await send_json(send, _TOO_LARGE)

        async def genuine(to: Send) -> None:
            peer = scope.get("client")
            caller = Caller(_host(scope, body, "json"), partial(_client_left, receive), str(peer[0]) if peer else "")
            await send_json(to, await services.answer(scope["path"], raw, caller))

        await hostility.answer("json", send, genuine, call=next(calls), method=_method(raw))

    return control


def _method(raw: bytes) -> str | None:
    try:
        request = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return str(request.get("method")) if isinstance(request, dict) else None


# -- description and ContentDirectory ---------------------------------------------------------------------------------


def _description(body: Body, hostility: Hostility, directory: Directory) -> ASGIApp:
    profile = body.profile

    async def description(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if profile.send_mode and scope["method"] == "POST" and path in {CONTENT_DIRECTORY_PATH, PUSH_LIST_PATH}:
            return await _soap(scope, receive, send)
        found = _page(body, path, _host(scope, body, "description")) if scope["method"] in _GETS else None
        if found is None:
            return await send_whole(send, 404, NOTHING, b"")
        kind, page = found

        async def genuine(to: Send) -> None:
            await send_whole(to, 200, _page_headers(body, kind, page), page if scope["method"] == "GET" else b"")

        await hostility.answer("description", send, genuine)

    async def _soap(scope: Scope, receive: Receive, send: Send) -> None:
        raw = await read_request(receive)
        if raw is None:
            return await send_whole(send, 413, NOTHING, b"")

        async def genuine(to: Send) -> None:
            host = _host(scope, body, "soap")
            await _send_soap(body, to, directory.answer(scope["path"], header(scope, "SOAPAction"), raw, host))

        await hostility.answer("soap", send, genuine)

    return description


def _page(body: Body, path: str, host: str) -> tuple[str, bytes] | None:
    """Return type and content of a page at the description's port; `None` when there is none."""
    profile = body.profile
    if path in profile.description_paths:
        return _XML, description_xml(profile, udn=body.udn, host=host, ports=body.ports, name=body.name)
    services = {service.description for service in listed(profile)} - {""}
    if path == "/DigitalImagingDesc.xml" and path in services:
        return _XML, digital_imaging_xml(profile, udn=body.udn)
    if path in services:
        return _XML, service_xml(path)
    for suffix, kind in (("jpg", "JPEG"), ("png", "PNG")):
        for side in (48, 120):
            if path == f"/DLNA_camera_{side}.{suffix}" and "/CdsDesc.xml" in services:
                return f"image/{kind.lower()}", _icon(side, kind)
    return None


def _icon(side: int, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (40, 40, 40)).save(buffer, kind)
    return buffer.getvalue()


def _page_headers(body: Body, kind: str, page: bytes) -> list[tuple[str, str]]:
    """Return the headers recorded from an HDR-AS30V and an ILCE-6000; the clock counts from switch-on."""
    return [
        ("Accept-Range", "none"),
        ("Content-Length", str(len(page))),
        ("Content-Type", kind),
        ("Connection", "close"),
        ("Date", formatdate(body.time.elapsed_seconds, usegmt=True)),
        ("Server", body.profile.server),
        *((name.title(), value) for name, value in reversed(body.profile.ssdp_extra)),  # HDR-AS30V: X-Av-Server-Info
    ]


async def _send_soap(body: Body, send: Send, reply: SoapReply) -> None:
    headers = [
        ("Content-Length", str(len(reply.body))),
        ("Content-Type", _XML),
        ("Connection", "close"),
        ("EXT", ""),
        ("Server", body.profile.server),
    ]
    await send_whole(send, reply.status, headers, reply.body)


# -- pictures ---------------------------------------------------------------------------------------------------------


def _media(body: Body, hostility: Hostility) -> ASGIApp:
    liveview_path = body.profile.liveview_path.partition("?")[0]

    async def media(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] not in _GETS:
            return await send_whole(send, 404, NOTHING, b"")
        if path == liveview_path and body.liveview_readable:
            return await hostility.answer("liveview", send, partial(_liveview, body, scope["method"] == "HEAD"))
        shot = body.shot_named(path.removeprefix("/"))
        if shot is not None:
            return await hostility.answer("picture", send, partial(_postview, body, shot, scope["method"] == "HEAD"))
        found = file_at(body, path)
        if found is not None:
            return await hostility.answer("files", send, partial(_file, body, scope, found))
        await send_whole(send, 404, NOTHING, b"")

    return media


async def _liveview(body: Body, head: bool, send: Send) -> None:
    if head:
        return await send_whole(send, 200, _LIVEVIEW_HEADERS, b"")
    await start_reply(send, 200, _LIVEVIEW_HEADERS)
    async with aclosing(liveview_chunks(body)) as chunks:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _postview(body: Body, shot: Shot, head: bool, send: Send) -> None:
    whole = await body.darkroom.postview(body.shown(shot))
    content = b"" if head else _spoilt(body, shot, whole)
    headers = [("Connection", "close"), ("Content-Length", str(len(whole))), ("Content-Type", "image/jpeg")]
    if body.mishaps.lasting(FaultKind.EVIL_NAMES):
        headers.append(("Content-Disposition", 'attachment; filename="../../x.jpg"'))
    await send_whole(send, 200, headers, content, cut=not head and len(content) < len(whole))


def _spoilt(body: Body, shot: Shot, content: bytes) -> bytes:
    """Return the bytes of a postview as the script wants them to arrive."""
    if body.mishaps.strike(FaultKind.PICTURE_TRUNCATED, shot=shot.number):
        return content[: len(content) // 2]
    if body.mishaps.strike(FaultKind.PICTURE_GARBAGE, shot=shot.number):
        return (b"not a picture\n" * (len(content) // 14 + 1))[: len(content)]
    return content


async def _file(body: Body, scope: Scope, found: tuple[CardFile, Variant], send: Send) -> None:
    file, variant = found
    movie = file.kind is Kind.MOVIE and variant is Variant.ORIGINAL
    await send_range(scope, send, await body.card.content(file, variant), "video/mp4" if movie else "image/jpeg")


def _files(body: Body, hostility: Hostility, directory: Directory) -> ASGIApp:
    """Return the door of "Send to Smartphone" where its pictures are fetched."""

    async def files(scope: Scope, receive: Receive, send: Send) -> None:
        found = directory.file_at(scope["path"]) if scope["method"] in _GETS else None
        if found is None:
            return await send_whole(send, 404, NOTHING, b"")
        await hostility.answer("files", send, partial(_file, body, scope, found))

    return files
