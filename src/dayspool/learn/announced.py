"""A camera's answers to a search, word for word: the record of discovery parses them, a dump keeps them."""

from __future__ import annotations

import socket

import anyio

from dayspool.discovery.address import is_ipv4
from dayspool.discovery.ssdp import CAMERA_TARGET, SSDP_GROUP, SSDP_LARGEST_DATAGRAM, SSDP_PORT, search_request

__all__ = ["announced"]

SECONDS = 1.5  # answers may be spread over a second (MX: 1)
_TARGETS = (CAMERA_TARGET, "ssdp:all")
_HOPS = 2
_MOST_ANSWERS = 32


async def announced(host: str, *, seconds: float = SECONDS, port: int = SSDP_PORT) -> tuple[str, ...]:
    """Search by multicast and straight at `host`, and return what `host` answers within `seconds`, each text once.

    The search leaves by the interface that leads to `host` alone. Without an answer, or without a way, there is none.
    """
    if not is_ipv4(host):
        return ()
    answers: dict[str, None] = {}
    try:
        with _socket_towards(host) as sock, anyio.move_on_after(seconds):
            for target in _TARGETS:
                for asked in (SSDP_GROUP, host):
                    sock.sendto(search_request(target=target, host=asked, port=port), (asked, port))
            while len(answers) < _MOST_ANSWERS:
                await anyio.wait_readable(sock)
                _take(sock, host, answers)
    except OSError:  # no route, or no permission: a dump without these is a dump
        pass
    return tuple(answers)


def _take(sock: socket.socket, host: str, answers: dict[str, None]) -> None:
    try:
        datagram, sender = sock.recvfrom(SSDP_LARGEST_DATAGRAM)
    except (BlockingIOError, ConnectionRefusedError):  # a spoilt datagram, or nobody listens at the port itself
        return
    if sender[0] == host and datagram.startswith(b"HTTP/1."):
        answers.setdefault(datagram.decode("utf-8", "replace"))


def _socket_towards(host: str) -> socket.socket:
    """Open a datagram socket bound to the address from which `host` is reached."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as scout:
        scout.connect((host, SSDP_PORT))  # sends nothing: it only asks the kernel for the way
        local = scout.getsockname()[0]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(local))
        sock.bind((local, 0))
    except OSError:
        sock.close()
        raise
    return sock
