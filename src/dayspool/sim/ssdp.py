"""How the simulated camera is found: it says that it is there, and answers SSDP searches by multicast and to itself.

The codec is pure and forgiving, because real cameras answer real clients: header names in any case and spacing, an
unquoted MAN, bare line feeds.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
from anyio.abc import TaskStatus, UDPSocket

from dayspool.clock import pause
from dayspool.sim.description import device_type, listed
from dayspool.sim.faults import FaultKind
from dayspool.sim.manners import manners_of

if TYPE_CHECKING:
    from dayspool.sim.body import Body
    from dayspool.sim.profile import Profile

__all__ = ["Hearing", "notices", "read_search", "respond", "search_replies"]

_GROUP, _PORT = "239.255.255.250", 1900
_LARGEST_SEARCH_BYTES = 4096
_IP_MULTICAST_ALL = 49  # Linux: hear only the groups joined by this very socket
_DEAD_PORT = 9  # the discard service: nobody serves a description there
_LIFE = ("CACHE-CONTROL", "max-age=1800")
_TTL = 2
_COPIES = 3  # of a reply that a script duplicates, unless it says how many


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
    """Return the datagrams that answer a search for `target`: all of ours for `ssdp:all`, else one or none.

    A model that was seen to say everything three times (ILCE-6300) does so here.
    """
    own = _targets(profile, udn)
    wanted = own if target.lower() == "ssdp:all" else [ours for ours in own if ours == target]
    times = manners_of(profile).replies
    return [_reply(ours, profile=profile, udn=udn, location=location) for ours in wanted for _ in range(times)]


def _targets(profile: Profile, udn: str) -> list[str]:
    return ["upnp:rootdevice", udn, device_type(profile), *(service.type for service in listed(profile))]


def _reply(target: str, *, profile: Profile, udn: str, location: str) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "{}: {}".format(*_LIFE),
        manners_of(profile).ext,
        f"LOCATION: {location}",
        f"SERVER: {profile.server}",
        f"ST: {target}",
        f"USN: {_usn(udn, target)}",
        *(f"{name}: {value}" for name, value in profile.ssdp_extra),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def notices(*, profile: Profile, udn: str, location: str) -> list[bytes]:
    """Return the datagrams by which a body says that its services have come up (`ssdp:alive`), one for each."""
    return [
        "\r\n".join(
            [
                "NOTIFY * HTTP/1.1",
                f"HOST: {_GROUP}:{_PORT}",
                "{}: {}".format(*_LIFE),
                f"LOCATION: {location}",
                f"NT: {service.type}",
                "NTS: ssdp:alive",
                f"SERVER: {profile.server}",
                f"USN: {_usn(udn, service.type)}",
                *(f"{name}: {value}" for name, value in profile.ssdp_extra),
                "",
                "",
            ]
        ).encode("latin-1")
        for service in listed(profile)
    ]


def _usn(udn: str, target: str) -> str:
    return udn if target == udn else f"{udn}::{target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Which searches a camera hears: those by multicast, and those sent straight to it; and why not, in sentences."""

    multicast: bool
    unicast: bool
    problems: tuple[str, ...] = ()


async def respond(body: Body, host: str, *, task_status: TaskStatus[Hearing] = anyio.TASK_STATUS_IGNORED) -> None:
    """Say that the camera is there, then answer searches until cancelled; what cannot be heard is gone without.

    `task_status` is told what can be heard.
    """
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
        _announce(body, host)
        task_status.started(hearing)


def _announce(body: Body, host: str) -> None:
    """Send the notices once; nobody need be there to hear them."""
    if not body.link_up or body.mishaps.lasting(FaultKind.NO_SSDP):
        return
    with suppress(OSError), _sender(host) as sending:
        sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(host))
        sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _TTL)
        for notice in notices(profile=body.profile, udn=body.udn, location=_location(body, host)):
            sending.sendto(notice, (_GROUP, _PORT))


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
    async with listening, anyio.create_task_group() as tasks:
        with _sender(host) as replies:
            async for datagram, sender in listening:
                target = read_search(datagram)
                if target is None or not body.link_up or body.mishaps.lasting(FaultKind.NO_SSDP):
                    continue
                location = _location(body, host)
                answers = search_replies(target, profile=body.profile, udn=body.udn, location=location)
                if twice := body.mishaps.lasting(FaultKind.SSDP_DUPLICATED):
                    answers *= twice.times or _COPIES
                if late := body.mishaps.lasting(FaultKind.SSDP_DELAYED):
                    tasks.start_soon(_later, late.seconds or 0.0, replies, answers, sender)
                else:
                    _send(replies, answers, sender)


async def _later(seconds: float, replies: socket.socket, answers: list[bytes], sender: Any) -> None:
    await pause(seconds)
    _send(replies, answers, sender)


def _send(replies: socket.socket, answers: list[bytes], sender: Any) -> None:
    for answer in answers:
        with suppress(OSError):  # no way back to that sender: datagrams get lost
            replies.sendto(answer, sender)


def _sender(host: str) -> socket.socket:
    """Return a socket whose datagrams come from the camera's own address, as a client checks."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    raw.setblocking(False)
    try:
        raw.bind((host, 0))
    except OSError:
        raw.close()
        raise
    return raw


def _location(body: Body, host: str) -> str:
    path = body.profile.description_path
    wrong = body.faults.first(FaultKind.WRONG_LOCATION)
    if wrong is None:
        return f"http://{host}:{body.ports.description}{path}"
    return wrong.location or f"http://{host}:{_DEAD_PORT}{path}"
