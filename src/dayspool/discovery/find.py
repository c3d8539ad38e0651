"""Find cameras by every way at once, and list only those that answered an API call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import anyio

from dayspool.discovery.address import HttpAddress, Target, is_ipv4, parse_target
from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface, choose_interfaces, ipv4_interfaces, is_near
from dayspool.discovery.known import (
    CAMERA_ENDPOINTS,
    DESCRIPTION_FILES,
    KNOWN_HOSTS,
    Gateway,
    KnownFile,
    KnownHost,
    default_gateways,
)
from dayspool.discovery.probe import Survey
from dayspool.discovery.report import Attempt, Found, FoundBy, Outcome
from dayspool.discovery.search import search
from dayspool.discovery.ssdp import SSDP_GROUP, SSDP_PORT, SsdpReply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dayspool.discovery.access import Access

__all__ = ["Surroundings", "find"]

# One host that is asked by name answers SSDP within MX (1 s) or not at all.
_ONE_HOST_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where this machine could look: its interfaces and gateways, and what is known of cameras."""

    interfaces: Sequence[Interface]
    gateways: Sequence[Gateway] = ()
    hosts: Sequence[KnownHost] = KNOWN_HOSTS
    endpoints: Sequence[KnownFile] = CAMERA_ENDPOINTS
    descriptions: Sequence[KnownFile] = DESCRIPTION_FILES
    ssdp_port: int = SSDP_PORT

    @classmethod
    def here(cls) -> Self:
        """Look at this machine."""
        return cls(interfaces=ipv4_interfaces(), gateways=default_gateways())

    def narrowed_to(self, interface: str | None) -> tuple[Sequence[Interface], dict[str, FoundBy]]:
        """Return the interfaces to search, and the hosts to probe with the way that leads to each.

        With an interface named, only hosts of its own network are probed. A gateway at a known address is that.

        Raises:
            PlanError: no such interface.
        """
        chosen = choose_interfaces(self.interfaces, interface)
        hosts = {known.host: FoundBy.KNOWN_ADDRESS for known in self.hosts}
        hosts = {gateway.host: FoundBy.GATEWAY for gateway in self.gateways} | hosts
        if interface is None:
            return chosen, hosts
        return chosen, {host: way for host, way in hosts.items() if any(one.reaches(host) for one in chosen)}


async def find(
    *,
    access: Access,
    seconds: float,
    interface: str | None = None,
    address: str | None = None,
    first: bool = False,
    on_found: Callable[[Found], None] | None = None,
    on_attempt: Callable[[Attempt], None] | None = None,
    surroundings: Surroundings | None = None,
) -> list[Found]:
    """Find cameras: SSDP on every interface, known addresses and gateways, all at the same time.

    Args:
        access: how a host is asked.
        seconds: when the search ends, however much is left to ask.
        interface: search on this one only (its name or address).
        address: ask only this host: `HOST`, `HOST:PORT` or a URL. With a port, cameras at other ports of that host are
            not listed; `explain_nothing` tells of them.
        first: return as soon as one camera is verified.
        on_found: called with each camera the moment it is verified.
        on_attempt: called with everything that was asked and what came back, for `explain_nothing`.
        surroundings: where to look; by default this machine's interfaces and gateways.

    Returns:
        The cameras, in the order they were found; none is no error.

    Raises:
        PlanError: the address is none, or there is no such interface.
    """
    surroundings = surroundings or Surroundings.here()
    chosen, hosts = surroundings.narrowed_to(interface)
    target = parse_target(address) if address is not None else None
    port = target.address.port if target is not None and target.endpoints else None
    harvest = _Harvest(on_found, port=port, first=first)
    note = on_attempt or _nobody_asks
    survey = Survey(
        access,
        on_found=harvest.take,
        on_attempt=note,
        endpoints=surroundings.endpoints,
        descriptions=surroundings.descriptions,
    )
    hunt = _Hunt(survey=survey, interfaces=chosen, ssdp_port=surroundings.ssdp_port, note=note)
    with anyio.move_on_after(seconds) as harvest.scope:
        if target is None:
            await hunt.everywhere(hosts, seconds)
        else:
            await hunt.at(target, harvest, chosen if interface is not None else (DEFAULT_INTERFACE,))
    return harvest.cameras


class _Harvest:
    """The cameras so far; ends the search when the first one is all that was asked for."""

    def __init__(self, on_found: Callable[[Found], None] | None, *, port: int | None, first: bool) -> None:
        self.cameras: list[Found] = []
        self.scope: anyio.CancelScope | None = None
        self._on_found = on_found
        self._port = port
        self._first = first

    def take(self, found: Found) -> None:
        if (self._first and self.cameras) or not self._is_wanted(found):
            return
        self.cameras.append(found)
        if self._on_found is not None:
            self._on_found(found)
        if self._first and self.scope is not None:
            self.scope.cancel()

    def _is_wanted(self, found: Found) -> bool:
        endpoint = HttpAddress.parse(found.endpoint)
        return self._port is None or (endpoint is not None and endpoint.port == self._port)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hunt:
    """The ways of one search, and the survey they all feed."""

    survey: Survey
    interfaces: Sequence[Interface]
    ssdp_port: int
    note: Callable[[Attempt], None]

    async def everywhere(self, hosts: dict[str, FoundBy], seconds: float) -> None:
        """Search the networks until the deadline, and probe `hosts` meanwhile."""
        async with anyio.create_task_group() as tasks:

            def follow(reply: SsdpReply) -> None:
                if self._may_follow(reply.host):
                    tasks.start_soon(self.survey.follow, reply, FoundBy.SSDP)

            for host, way in hosts.items():
                tasks.start_soon(self.survey.ask_host, host, way)
            await search(
                interfaces=self.interfaces,
                seconds=seconds,
                port=self.ssdp_port,
                on_reply=follow,
                on_refusal=self._skipped(FoundBy.SSDP, SSDP_GROUP),
            )

    async def at(self, target: Target, harvest: _Harvest, interfaces: Sequence[Interface]) -> None:
        """Ask one host alone: its services, its descriptions, and by SSDP."""
        host = target.address.host
        async with anyio.create_task_group() as tasks:
            if is_ipv4(host):
                tasks.start_soon(self._search_one, host, interfaces)
            await self.survey.ask_host(
                host,
                FoundBy.ADDRESS,
                endpoints=target.endpoints,
                descriptions=(target.description,) if target.description else (),
            )
            if harvest.cameras:
                tasks.cancel_scope.cancel()

    async def _search_one(self, host: str, interfaces: Sequence[Interface]) -> None:
        async with anyio.create_task_group() as tasks:

            def follow(reply: SsdpReply) -> None:
                if reply.host == host:
                    tasks.start_soon(self.survey.follow, reply, FoundBy.ADDRESS)

            await search(
                interfaces=interfaces,
                seconds=_ONE_HOST_SECONDS,
                host=host,
                port=self.ssdp_port,
                on_reply=follow,
                on_refusal=self._skipped(FoundBy.ADDRESS, host),
            )

    def _may_follow(self, host: str) -> bool:
        if is_near(host, self.interfaces):
            return True
        said = "it answered from a public address outside this machine's networks"
        self.note(Attempt(way=FoundBy.SSDP, host=host, asked=host, outcome=Outcome.SKIPPED, said=said))
        return False

    def _skipped(self, way: FoundBy, host: str) -> Callable[[Interface, str], None]:
        def note(interface: Interface, reason: str) -> None:
            said = f"it cannot send a search ({reason})"
            self.note(Attempt(way=way, host=host, asked=str(interface), outcome=Outcome.SKIPPED, said=said))

        return note


def _nobody_asks(_attempt: Attempt) -> None:
    """Let go of attempts that the caller did not ask for."""
