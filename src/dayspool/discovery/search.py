"""Ask every interface by SSDP who is a camera, and hand on the answers as they come."""

from __future__ import annotations

import itertools
import socket
from collections import defaultdict
from typing import TYPE_CHECKING

import anyio

from dayspool.discovery.ssdp import (
    CAMERA_TARGET,
    EVERY_TARGET,
    SSDP_GROUP,
    SSDP_LARGEST_DATAGRAM,
    SSDP_PORT,
    SsdpReply,
    parse_reply,
    search_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dayspool.discovery.interfaces import Interface

__all__ = ["SEARCHED_SECONDS", "search"]

_Seen = defaultdict[str, set[tuple[str | None, str | None]]]

# When the searches go out, each for its target, until the round begins again: three close together, for Wi-Fi loses
# multicast; and for everything: a camera in another mode, or in a network of its owner (an AS100V in "Multi"), may
# answer only that. All answers are in a second after the last of a round (MX: 1).
_ROUND = (
    (0.0, CAMERA_TARGET),
    (0.05, EVERY_TARGET),
    (0.05, CAMERA_TARGET),
    (0.0, CAMERA_TARGET),
    (1.4, EVERY_TARGET),
)
SEARCHED_SECONDS = 1.1
_HOPS = 2
# A hostile neighbour can answer without end, and in the name of others. What any one host says is heard only so often;
# the number of hosts is bounded by memory alone, or a crowd of forged ones would shut out a camera.
_MOST_PER_HOST = 8
_MOST_HOSTS = 4096


async def search(
    *,
    interfaces: Sequence[Interface],
    seconds: float,
    on_reply: Callable[[SsdpReply, Interface], None],
    on_refusal: Callable[[Interface, str], None],
    host: str = SSDP_GROUP,
    port: int = SSDP_PORT,
) -> None:
    """Search on all `interfaces` at once for `seconds`; return earlier only if every interface refuses.

    Cameras repeat their answers, so each service name (USN) with its LOCATION is handed on once for every host. What
    names a service that is none of Sony's comes from another device and is passed over.

    Args:
        interfaces: where the search goes out.
        seconds: how long answers are collected.
        on_reply: called with each new answer and where it came in; the description it names has not been looked at.
        on_refusal: called with an interface that cannot search and the system's reason; the others go on.
        host: the multicast group, or one host (IPv4 in digits) that is asked alone.
        port: 1900 everywhere but in tests.
    """
    seen: _Seen = defaultdict(set)

    async def converse(interface: Interface) -> None:
        inbox = _Inbox(lambda reply: on_reply(reply, interface), seen)
        try:
            with _open_socket(interface) as sock:
                await _ask_and_listen(sock, (host, port), inbox)
        except OSError as error:
            on_refusal(interface, error.strerror or str(error))

    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            for interface in interfaces:
                tasks.start_soon(converse, interface)


class _Inbox:
    """What came in by one interface; what others `seen` already is not handed on again, and not without bound."""

    def __init__(self, on_reply: Callable[[SsdpReply], None], seen: _Seen) -> None:
        self._on_reply = on_reply
        self._seen = seen

    def take(self, datagram: bytes, host: str) -> None:
        reply = parse_reply(datagram, host=host)
        if reply is None or (reply.target is not None and not reply.is_sony_imaging):
            return
        if host not in self._seen and len(self._seen) >= _MOST_HOSTS:
            return
        said, key = self._seen[host], (reply.usn, reply.location)
        if key not in said and len(said) < _MOST_PER_HOST:
            said.add(key)
            self._on_reply(reply)


def _open_socket(interface: Interface) -> socket.socket:
    """Open a datagram socket that sends by this interface; answers come back to its own port, so 1900 stays free."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface.address))
        sock.bind((interface.address, 0))
    except OSError:
        sock.close()
        raise
    return sock


async def _ask_and_listen(sock: socket.socket, destination: tuple[str, int], inbox: _Inbox) -> None:
    """Repeat the questions and take in answers until the caller's deadline."""
    host, port = destination
    for pause, target in itertools.cycle(_ROUND):
        sock.sendto(search_request(target=target, host=host, port=port), destination)
        with anyio.move_on_after(pause):
            await _listen(sock, inbox)


async def _listen(sock: socket.socket, inbox: _Inbox) -> None:
    while True:
        await anyio.wait_readable(sock)
        try:
            datagram, sender = sock.recvfrom(SSDP_LARGEST_DATAGRAM + 1)
        except BlockingIOError:  # a datagram with a bad checksum wakes the reader and is gone
            continue
        inbox.take(datagram, sender[0])
