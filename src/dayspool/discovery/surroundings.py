"""Where this machine could look for cameras: its interfaces, gateways and neighbours, and what is known of cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from dayspool.discovery.address import is_ipv4
from dayspool.discovery.interfaces import Interface, choose_interfaces, ipv4_interfaces
from dayspool.discovery.known import (
    CAMERA_ENDPOINTS,
    DESCRIPTION_FILES,
    KNOWN_HOSTS,
    Gateway,
    KnownFile,
    KnownHost,
    default_gateways,
)
from dayspool.discovery.neighbours import Neighbour, in_order_of_asking, neighbours
from dayspool.discovery.report import FoundBy
from dayspool.discovery.ssdp import SSDP_PORT

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Surroundings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where this machine could look: interfaces, gateways and neighbours, and what is known of cameras."""

    interfaces: Sequence[Interface]
    gateways: Sequence[Gateway] = ()
    neighbours: Sequence[Neighbour] = ()
    hosts: Sequence[KnownHost] = KNOWN_HOSTS
    endpoints: Sequence[KnownFile] = CAMERA_ENDPOINTS
    descriptions: Sequence[KnownFile] = DESCRIPTION_FILES
    ssdp_port: int = SSDP_PORT

    @classmethod
    def here(cls) -> Self:
        """Look at this machine."""
        return cls(interfaces=ipv4_interfaces(), gateways=default_gateways(), neighbours=neighbours())

    def chosen(self, interface: str | None) -> tuple[Interface, ...]:
        """Return the interfaces to search.

        Raises:
            PlanError: no such interface.
        """
        return choose_interfaces(self.interfaces, interface)

    def places(self, interface: str | None, met: Sequence[Neighbour] = ()) -> dict[str, FoundBy]:
        """Return the hosts to ask in order, each with the way that leads to it: known, gateways, neighbours.

        With an interface named, only hosts of its own network are asked. A gateway at a known address is that.

        Args:
            interface: name or address of the one to stay on.
            met: neighbours that a router knows, to be asked before this machine's own.

        Raises:
            PlanError: no such interface.
        """
        ways = {known.host: FoundBy.KNOWN_ADDRESS for known in self.hosts}
        ways |= {gateway.host: FoundBy.GATEWAY for gateway in self.gateways if gateway.host not in ways}
        for way, some in ((FoundBy.SNMP, met), (FoundBy.NEIGHBOUR, self.neighbours)):
            ways |= {one.host: way for one in in_order_of_asking(some) if one.host not in ways}
        if interface is None:
            return ways
        near = self.chosen(interface)
        return {host: way for host, way in ways.items() if any(one.reaches(host) for one in near)}

    def source_to(self, host: str, interface: str | None) -> str | None:
        """Return the source that keeps a connection to `host` on the named interface (`Interface.source`).

        `None`, so that the system chooses, when none is named, when it does not lead there, and for this machine's own
        addresses: those are reached by loopback, whatever interface carries them.

        Raises:
            PlanError: no such interface.
        """
        if interface is None or not is_ipv4(host) or any(one.address == host for one in self.interfaces):
            return None
        return next((one.source for one in self.chosen(interface) if one.reaches(host)), None)
