"""Where cameras are known to live: fixed addresses, description files and the gateway, as data."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from dayspool.discovery.address import HttpAddress

__all__ = [
    "CAMERA_ENDPOINTS",
    "DESCRIPTION_FILES",
    "KNOWN_HOSTS",
    "Gateway",
    "KnownFile",
    "KnownHost",
    "default_gateways",
    "parse_routes",
]

_ROUTES = Path("/proc/net/route")
_ROUTE_IS_GATEWAY = 0x2


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """A port and path where some camera serves something, and where that is known from."""

    port: int
    path: str
    source: str

    def at(self, host: str) -> HttpAddress:
        """Return its address on `host`."""
        return HttpAddress(host=host, port=self.port, path=self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHost:
    """An address that cameras give themselves on their own access point."""

    host: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A default route: a camera is DHCP server and gateway of its own access point."""

    interface: str
    host: str


KNOWN_HOSTS = (
    KnownHost(
        host="10.0.0.1",
        source="RX100M2, HX50, WX80 (rocc; the RX100M2 and HX50 scripts); QX10, QX100, AS15, AS30V, WX350 (recorded)",
    ),
    KnownHost(
        host="192.168.122.1",
        source="A and NEX series, RX100M3 and later, QX1, AS20 (recorded); A7M3, RX0, RX100M6 (timelapse-sony, rocc)",
    ),
)

# Which service answers there; the order within a port is the order of asking.
CAMERA_ENDPOINTS = (
    KnownFile(port=10_000, path="/camera", source="RX100M2, HX50, WX80: `/sony/camera` is 404 there (rocc issue 21)"),
    KnownFile(port=10_000, path="/sony/camera", source="built-in remote control, 2013–14 and from 2017 (recorded)"),
    KnownFile(port=8080, path="/sony/camera", source="cameras with the remote-control app, QX1, HX400V (recorded)"),
)

# Where descriptions are when LOCATION is dead or never came; again ordered within a port.
DESCRIPTION_FILES = (
    KnownFile(port=64_321, path="/dd.xml", source="HX400V, QX1 (recorded); RX100M5A (its importer)"),
    KnownFile(port=64_321, path="/DmsRmtDesc.xml", source="QX100, AS20, AS30V (recorded)"),
    KnownFile(port=61_000, path="/scalarwebapi_dd.xml", source="A6000, A6300, NEX-6 (recorded)"),
    KnownFile(port=64_321, path="/scalarwebapi_dd.xml", source="a camera that joined a network (recorded)"),
    KnownFile(port=1900, path="/scalarwebapi_dd.xml", source="the /camera generation (a client run on it)"),
    KnownFile(port=64_321, path="/DmsDescPush.xml", source="Send to Smartphone: no remote control, but worth telling"),
)


def default_gateways() -> tuple[Gateway, ...]:
    """Read the default gateways from the kernel; none where it does not tell (Android, other systems)."""
    try:
        return parse_routes(_ROUTES.read_text(encoding="ascii", errors="replace"))
    except OSError:
        return ()


def parse_routes(table: str) -> tuple[Gateway, ...]:
    """Read the default gateways out of a `/proc/net/route` table; lines that make no sense are passed over."""
    gateways = []
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) < 4:
            continue
        interface, destination, gateway, flags = columns[:4]
        try:
            leads_anywhere = int(destination, 16) == 0 and int(flags, 16) & _ROUTE_IS_GATEWAY
            # The kernel prints the address as a number in the machine's own byte order.
            host = socket.inet_ntoa(struct.pack("=I", int(gateway, 16)))
        except (ValueError, struct.error):
            continue
        if leads_anywhere:
            gateways.append(Gateway(interface=interface, host=host))
    return tuple(gateways)
