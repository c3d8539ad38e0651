"""Ask a router by SNMP whom it knows on its networks: for cameras that joined a network where multicast is blocked.

No Sony camera answers SNMP itself; routers and access points do. The tables are those of RFC 4293 and, older, RFC 1213:
ipNetToPhysicalPhysAddress and ipNetToMediaPhysAddress, network address by interface and IP address.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import anyio
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v1arch.asyncio import (
    CommunityData,
    Null,
    ObjectIdentifier,
    SnmpDispatcher,
    UdpTransportTarget,
    bulk_cmd,
    next_cmd,
)

from dayspool.discovery.address import HttpAddress, is_ipv4
from dayspool.discovery.neighbours import Neighbour
from dayspool.errors import PlanError, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["parse_router", "router_neighbours"]

_SNMP_PORT = 161
_PHYSICAL = (1, 3, 6, 1, 2, 1, 4, 35, 1, 4)
_MEDIA = (1, 3, 6, 1, 2, 1, 4, 22, 1, 2)
_IPV4 = (1, 4)  # in the newer table's index: the kind of address and its length
_MAC_BYTES = 6
_MOST_ROWS = 1024
_ROWS_AT_ONCE = 32
_ANSWER_SECONDS = 0.8
_REPEATS = 1
_LOOK_SECONDS = 0.05  # how often pysnmp looks whether an answer is overdue; 0.1 unless told
_V2C, _V1 = 1, 0  # as they go over the wire
_VERSIONS = (_V2C, _V1)

_Row = tuple[tuple[int, ...], bytes]


class _Silent(Exception):
    """Nothing came back."""


def parse_router(text: str) -> tuple[str, int]:
    """Read `HOST` or `HOST:PORT`.

    Raises:
        PlanError: the text is no such address.
    """
    address = HttpAddress.parse(f"http://{text.strip()}")
    if address is None or address.path:
        raise PlanError(f"{text!r} is no router's address; write HOST or HOST:PORT, such as 192.168.1.1")
    named = re.search(r":[0-9]+$", text.strip()) is not None
    return address.host, address.port if named else _SNMP_PORT


async def router_neighbours(
    host: str, *, port: int = _SNMP_PORT, community: str = "public", seconds: float = 5.0
) -> Sequence[Neighbour]:
    """Return the hosts in a router's tables, in the order of the tables; SNMP v2c first, then v1.

    Loopback addresses among them are passed over, unless the router itself is asked at one.

    Args:
        host: the router.
        port: UDP port, 161 nearly everywhere.
        community: the word that opens its tables for reading.
        seconds: when to give up; what was read until then is returned.

    Raises:
        ToolFailed: it does not answer, or knows no such table; the message says what to change.
    """
    where = f"the router at {host}" if port == _SNMP_PORT else f"the router at {host}, UDP port {port},"
    here = _is_here(host)
    rows: list[_Row] = []
    answered = False
    with anyio.move_on_after(seconds), _dispatching() as dispatcher:
        patience = min(_ANSWER_SECONDS, seconds / (len(_VERSIONS) * (1 + _REPEATS)))
        try:
            target = await UdpTransportTarget.create((host, port), timeout=patience, retries=_REPEATS)
        except (PySnmpError, OSError) as error:
            raise _failed(f"{where} cannot be reached: {error}") from error
        answered = await _read_tables(dispatcher, community, target, rows)
    met = ((_host(oid), _mac(value)) for oid, value in rows)
    found = {ip: Neighbour(host=ip, mac=mac) for ip, mac in met if ip and mac and (here or not _is_here(ip))}
    if not found:
        raise _no_neighbours(where, community, answered=answered or bool(rows))
    return tuple(found.values())


@contextmanager
def _dispatching() -> Iterator[SnmpDispatcher]:
    dispatcher = SnmpDispatcher()
    dispatcher.transport_dispatcher.set_timer_resolution(_LOOK_SECONDS)
    try:
        yield dispatcher
    finally:
        # With a request under way pysnmp 7.1 closes everything, and then calls back with an argument too few.
        with suppress(TypeError):
            dispatcher.close()


async def _read_tables(
    dispatcher: SnmpDispatcher, community: str, target: UdpTransportTarget, rows: list[_Row]
) -> bool:
    """Add both tables to `rows`; tell whether the router answered at all."""
    answered = False
    for version in _VERSIONS:
        table = _Table(dispatcher, CommunityData(community, mpModel=version), target)
        try:
            for start in (_PHYSICAL, _MEDIA):
                await table.walk(start, rows)
                answered = True
        except _Silent:  # an agent of v1 alone does not answer v2c
            continue
        break
    return answered


class _Table:
    """Reads a router's tables a few rows at a time."""

    def __init__(self, dispatcher: SnmpDispatcher, community: CommunityData, target: UdpTransportTarget) -> None:
        self._asked = (dispatcher, community, target)
        self._in_bulk = community.mpModel == _V2C

    async def walk(self, start: tuple[int, ...], rows: list[_Row]) -> None:
        """Add the rows below `start` to `rows`, a bounded number of them.

        Raises:
            _Silent: nothing came back.
        """
        position = start
        while len(rows) < _MOST_ROWS:
            for oid, value in await self._after(position):
                if oid[: len(start)] != start or oid <= position:  # the table's end, or an agent that goes in circles
                    return
                rows.append((oid, value))
                position = oid
            if position == start or len(rows) >= _MOST_ROWS:
                return

    async def _after(self, position: tuple[int, ...]) -> list[_Row]:
        wanted = (ObjectIdentifier(position), Null(""))
        if self._in_bulk:
            answer = await bulk_cmd(*self._asked, 0, _ROWS_AT_ONCE, wanted, lookupMib=False)
        else:
            answer = await next_cmd(*self._asked, wanted, lookupMib=False)
        indication, status, _, bindings = answer
        if indication:
            raise _Silent
        if status:  # v1 tells the end of everything as an error: noSuchName
            return []
        return [(tuple(name), bytes(value) if hasattr(value, "asOctets") else b"") for name, value in bindings]


def _host(oid: tuple[int, ...]) -> str | None:
    """Return the IPv4 address in a row's index: interface, then (in the newer table) kind and length, then address."""
    if oid[: len(_PHYSICAL)] == _PHYSICAL:
        _, *kind_and_address = oid[len(_PHYSICAL) :]
        if tuple(kind_and_address[:2]) != _IPV4:
            return None
        numbers = kind_and_address[2:]
    else:
        _, *numbers = oid[len(_MEDIA) :] or (0,)
    try:
        return str(ipaddress.IPv4Address(bytes(numbers))) if len(numbers) == 4 else None
    except ValueError:
        return None


def _is_here(host: str) -> bool:
    """Tell whether this is this machine: only a router that is one may send us there."""
    return host == "localhost" or (is_ipv4(host) and ipaddress.IPv4Address(host).is_loopback)


def _mac(value: bytes) -> str | None:
    return value.hex(":") if len(value) == _MAC_BYTES and any(value) else None


def _no_neighbours(where: str, community: str, *, answered: bool) -> ToolFailed:
    if answered:
        return _failed(
            f"{where} answers SNMP but shows no neighbours to the community {community!r}: allow reading "
            "1.3.6.1.2.1.4 there, or name another community with --community"
        )
    return _failed(
        f"{where} does not answer SNMP: switch SNMP on there, and name its community with --community (a wrong one "
        f"gets no answer either; {community!r} was tried)"
    )


def _failed(message: str) -> ToolFailed:
    return ToolFailed(message, argv=(), status=None)
