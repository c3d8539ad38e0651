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

__all__ = ["Place", "Surroundings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A host to ask, the way that led to it, and the interface to leave by (`Interface.source`)."""

    host: str
    way: FoundBy
    source: str | None = None


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

    def places(self, interface: str | None, met: Sequence[Neighbour] = ()) -> tuple[Place, ...]:
        """Return the hosts to ask in order: known, gateways, neighbours; each once for every interface it is behind.

        Two networks can use the same addresses (a camera's own and the home's do): whoever is known by address alone is
        asked on both. With an interface named, only hosts of its own network are asked. A gateway at a known address is
        that.

        Args:
            interface: name or address of the one to stay on.
            met: neighbours that a router knows, to be asked before this machine's own.

        Raises:
            PlanError: no such interface.
        """
        chosen = self.chosen(interface)
        near = in_order_of_asking(self.neighbours, self.interfaces)
        told: list[tuple[str, FoundBy, str | None]] = [
            *((known.host, FoundBy.KNOWN_ADDRESS, None) for known in self.hosts),
            *((gateway.host, FoundBy.GATEWAY, gateway.interface) for gateway in self.gateways),
            *((one.host, FoundBy.SNMP, one.interface) for one in in_order_of_asking(met, self.interfaces)),
            *((one.host, FoundBy.NEIGHBOUR, one.interface) for one in near),
        ]
        found: dict[tuple[str, str | None], FoundBy] = {}
        for host, way, device in told:
            if interface is None or any(one.reaches(host) for one in chosen):
                for source in self._sources_to(host, chosen, device):
                    found.setdefault((host, source), way)
        return tuple(Place(host=host, source=source, way=way) for (host, source), way in found.items())

    def _sources_to(self, host: str, chosen: Sequence[Interface], device: str | None) -> tuple[str | None, ...]:
        """Return how to leave for `host`: by the device it was met on, else by each whose network it lies in."""
        if any(one.address == host for one in self.interfaces):
            return (None,)
        named = [one for one in chosen if device is not None and one.device == device]
        there = [one for one in named or chosen if one.reaches(host)] or named[:1]
        by_device = {one.device: one.source for one in reversed(there)}
        return tuple(reversed(by_device.values())) or (None,)

    def source_of_reply(self, host: str, by: Interface) -> str | None:
        """Return how to leave for a host whose answer came in `by` an interface; `None`: as the system chooses."""
        return None if any(one.address == host for one in self.interfaces) else by.source

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
