"""How the simulated camera is found: answers to SSDP searches, by multicast and to its own address.

The codec is pure and forgiving, because real cameras answer real clients: header names in any case and spacing, an
unquoted MAN, bare line feeds.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskStatus, UDPSocket

from dayspool.sim.faults import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dayspool.sim.body import Body
    from dayspool.sim.profile import Profile

__all__ = ["Hearing", "read_search", "respond", "search_replies"]

_GROUP, _PORT = "239.255.255.250", 1900
_LARGEST_SEARCH_BYTES = 4096
_IP_MULTICAST_ALL = 49  # Linux: hear only the groups joined by this very socket
_DEAD_PORT = 9  # the discard service: nobody serves a description there
_SCALAR_WEB_API = "urn:schemas-sony-com:service:ScalarWebAPI:1"
_DIGITAL_IMAGING = "urn:schemas-sony-com:service:DigitalImaging:1"


def read_search(datagram: bytes) -> str | None:
    """Return the search target of an M-SEARCH; `None` when the datagram is no search for us to answer."""
    if len(datagram) > _LARGEST_SEARCH_BYTES:
        return None
    first, *lines = datagram.decode("latin-1").replace("\r\n", "\n").split("\n")
    if first.split()[:1] != ["M-SEARCH"]:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    if headers.get("man", "").strip('"').lower() != "ssdp:discover":
        return None
    return headers.get("st")


def search_replies(target: str, *, profile: Profile, udn: str, location: str) -> list[bytes]:
    """Return the datagrams that answer a search for `target`: all of ours for `ssdp:all`, else one or none."""
    ours = ["upnp:rootdevice", udn, profile.device_type, _SCALAR_WEB_API, _DIGITAL_IMAGING]
    wanted = ours if target.lower() == "ssdp:all" else [own for own in ours if own == target]
    return [_reply(own, profile=profile, udn=udn, location=location) for own in wanted]


def _reply(target: str, *, profile: Profile, udn: str, location: str) -> bytes:
    headers: Iterable[tuple[str, str]] = (
        ("CACHE-CONTROL", "max-age=1800"),
        ("EXT", ""),
        ("LOCATION", location),
        ("SERVER", profile.server),
        ("ST", target),
        ("USN", udn if target == udn else f"{udn}::{target}"),
        *profile.ssdp_extra,
    )
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}".rstrip() for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Which searches a camera hears: those by multicast, and those sent straight to it; and why not, in sentences."""

    multicast: bool
    unicast: bool
    problems: tuple[str, ...] = ()


async def respond(body: Body, host: str, *, task_status: TaskStatus[Hearing] = anyio.TASK_STATUS_IGNORED) -> None:
    """Answer searches until cancelled; `task_status` is told what can be heard. What cannot be is gone without."""
    sockets, problems = {}, []
    for address, searches in ((_GROUP, "searches by multicast"), (host, "searches sent straight to it")):
        try:
            sockets[address] = _open(address, host)
        except OSError as error:
            problems.append(f"{searches} are not heard on {host}, UDP port {_PORT}: {error.strerror or error}")
    async with anyio.create_task_group() as tasks:
        for raw in sockets.values():
            tasks.start_soon(_answer_searches, await UDPSocket.from_socket(raw), body, host)
        hearing = Hearing(multicast=_GROUP in sockets, unicast=host in sockets, problems=tuple(problems))
        task_status.started(hearing)


def _open(address: str, host: str) -> socket.socket:
    """Return a socket for searches that arrive for `address`: the group, joined on the interface of `host`, or `host`.

    Both ports are shared (SO_REUSEADDR and SO_REUSEPORT), because every UPnP program on a machine wants 1900.
    """
    raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        raw.setblocking(False)
        raw.bind((address, _PORT))
        if address == _GROUP:
            raw.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
            membership = struct.pack("4s4s", socket.inet_aton(_GROUP), socket.inet_aton(host))
            raw.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    except OSError:
        raw.close()
        raise
    return raw


async def _answer_searches(listening: UDPSocket, body: Body, host: str) -> None:
    async with listening:
        with _sender(host) as replies:
            async for datagram, sender in listening:
                target = read_search(datagram)
                if target is None or not body.link_up:
                    continue
                location = _location(body, host)
                for reply in search_replies(target, profile=body.profile, udn=body.udn, location=location):
                    with suppress(OSError):  # no way back to that sender: datagrams get lost
                        replies.sendto(reply, sender)


def _sender(host: str) -> socket.socket:
    """Return a socket whose datagrams come from the camera's own address, as a client checks."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    raw.setblocking(False)
    raw.bind((host, 0))
    return raw


def _location(body: Body, host: str) -> str:
    wrong = body.faults.first(FaultKind.WRONG_LOCATION)
    if wrong is None:
        return f"http://{host}:{body.ports.description}{body.profile.description_path}"
    return wrong.location or f"http://{host}:{_DEAD_PORT}{body.profile.description_path}"
