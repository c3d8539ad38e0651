"""Find cameras by every way at once, and list only those that answered an API call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio

from dayspool.clock import pause
from dayspool.discovery.address import HttpAddress, Target, is_ipv4, parse_target
from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface, is_near
from dayspool.discovery.makers import Likelihood
from dayspool.discovery.probe import Survey
from dayspool.discovery.report import Attempt, Found, FoundBy, Outcome
from dayspool.discovery.search import search
from dayspool.discovery.ssdp import SSDP_GROUP, SsdpReply
from dayspool.discovery.surroundings import Surroundings
from dayspool.errors import DayspoolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from anyio.abc import TaskGroup

    from dayspool.discovery.access import Access
    from dayspool.discovery.neighbours import Neighbour

__all__ = ["find"]

# One host that is asked by name answers SSDP within MX (1 s) or not at all.
_ONE_HOST_SECONDS = 2.0
# In so long nearly every camera answers one of the first three searches, each within a second (MX: 1).
_ANSWER_SECONDS = 0.8
# The same for both targets, one after the other, and some for a slow body.
_WINDOW_SECONDS = 2.5
_LOOK_SECONDS = 0.05
# Who was seen is told at once; who may still come is waited for only while nobody has been seen.
_SEEN = frozenset(
    {Outcome.CAMERA, Outcome.SEND_MODE, Outcome.COMPUTER_MODE, Outcome.PTP_ONLY, Outcome.NO_REMOTE, Outcome.TRANSFER}
)


async def find(
    *,
    access: Access,
    seconds: float,
    interface: str | None = None,
    address: str | None = None,
    first: bool = False,
    wanted: Callable[[Found], bool] | None = None,
    router: Callable[[], Awaitable[Sequence[Neighbour]]] | None = None,
    on_found: Callable[[Found], None] | None = None,
    on_attempt: Callable[[Attempt], None] | None = None,
    surroundings: Surroundings | None = None,
) -> list[Found]:
    """Find cameras: SSDP on every interface, known addresses, gateways and neighbours, all at the same time.

    Args:
        access: how a host is asked.
        seconds: when the search ends, however much is left to ask. With a camera found it ends once other cameras
            have had their time to answer; with somebody seen who is none, once everybody known has been asked.
        interface: search on this one only (its name or address).
        address: ask only this host: `HOST`, `HOST:PORT` or a URL. With a port, cameras at other ports of that host are
            not listed; `explain_nothing` tells of them.
        first: return as soon as one camera is verified.
        wanted: which cameras count; all of them unless given.
        router: returns the hosts that a router knows, to be asked too; where it raises, the other ways go on.
        on_found: called with each camera the moment it is verified.
        on_attempt: called with everything that was asked and what came back, for `explain_nothing`.
        surroundings: where to look; by default this machine's interfaces, gateways and neighbours.

    Returns:
        The cameras, in the order they were found; none is no error.

    Raises:
        PlanError: the address is none, or there is no such interface.
    """
    surroundings = surroundings or Surroundings.here()
    chosen = surroundings.chosen(interface)
    target = parse_target(address) if address is not None else None
    port = target.address.port if target is not None and target.endpoints else None
    harvest = _Harvest(on_found=on_found, wanted=wanted, on_attempt=on_attempt, port=port, first=first)
    survey = Survey(
        access,
        on_found=harvest.take,
        on_attempt=harvest.note,
        endpoints=surroundings.endpoints,
        descriptions=surroundings.descriptions,
    )
    hunt = _Hunt(survey=survey, surroundings=surroundings, interface=interface, interfaces=chosen, harvest=harvest)
    with anyio.move_on_after(seconds) as harvest.scope:
        if target is None:
            await hunt.everywhere(seconds, router)
        else:
            await hunt.at(target)
    return harvest.cameras


@dataclass(slots=True, kw_only=True)
class _Harvest:
    """The cameras so far; ends the search when the first one is all that was asked for."""

    on_found: Callable[[Found], None] | None
    wanted: Callable[[Found], bool] | None
    on_attempt: Callable[[Attempt], None] | None
    port: int | None
    first: bool
    cameras: list[Found] = field(default_factory=list)
    scope: anyio.CancelScope | None = None
    somebody: bool = False

    def take(self, found: Found) -> None:
        if (self.first and self.cameras) or not self._is_wanted(found):
            return
        self.cameras.append(found)
        if self.on_found is not None:
            self.on_found(found)
        if self.first and self.scope is not None:
            self.scope.cancel()

    def note(self, attempt: Attempt) -> None:
        self.somebody |= attempt.outcome in _SEEN
        if self.on_attempt is not None:
            self.on_attempt(attempt)

    def _is_wanted(self, found: Found) -> bool:
        endpoint = HttpAddress.parse(found.endpoint)
        at_port = self.port is None or (endpoint is not None and endpoint.port == self.port)
        return at_port and (self.wanted is None or self.wanted(found))


class _Questions:
    """Questions under way in a task group, counted."""

    def __init__(self, tasks: TaskGroup) -> None:
        self.under_way = 0
        self._tasks = tasks

    def start(self, ask: Callable[[], Awaitable[object]]) -> None:
        self.under_way += 1
        self._tasks.start_soon(self._run, ask)

    async def _run(self, ask: Callable[[], Awaitable[object]]) -> None:
        try:
            await ask()
        finally:
            self.under_way -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hunt:
    """The ways of one search, and the survey they all feed."""

    survey: Survey
    surroundings: Surroundings
    interface: str | None
    interfaces: Sequence[Interface]
    harvest: _Harvest

    async def everywhere(self, seconds: float, router: Callable[[], Awaitable[Sequence[Neighbour]]] | None) -> None:
        """Search the networks, and ask the hosts of all other ways meanwhile."""
        async with anyio.create_task_group() as tasks:
            questions, answers = _Questions(tasks), _Questions(tasks)

            def follow(reply: SsdpReply, by: Interface) -> None:
                if self._may_follow(reply.host):
                    self.survey.leave_by(reply.host, self._source_of_reply(reply.host, by))
                    answers.start(partial(self.survey.follow, reply, FoundBy.SSDP))

            self._ask_places(questions, ())
            if router is not None:
                answers.start(partial(self._ask_router, answers, router))
            watching = anyio.CancelScope()
            tasks.start_soon(self._end_early, questions, answers, tasks.cancel_scope, watching)
            await search(
                interfaces=self.interfaces,
                seconds=seconds,
                port=self.surroundings.ssdp_port,
                on_reply=follow,
                on_refusal=self._skipped(FoundBy.SSDP, SSDP_GROUP),
            )
            watching.cancel()

    async def at(self, target: Target) -> None:
        """Ask one host alone: its services, its descriptions, and by SSDP."""
        host = target.address.host
        interfaces = self.interfaces if self.interface is not None else (DEFAULT_INTERFACE,)
        self.survey.leave_by(host, self.surroundings.source_to(host, self.interface))
        async with anyio.create_task_group() as tasks:
            if is_ipv4(host):
                tasks.start_soon(self._search_one, host, interfaces)
            await self.survey.ask_host(
                host,
                FoundBy.ADDRESS,
                endpoints=target.endpoints,
                descriptions=(target.description,) if target.description else (),
            )
            if self.harvest.cameras:
                tasks.cancel_scope.cancel()

    def _ask_places(self, questions: _Questions, met: Sequence[Neighbour]) -> None:
        """Ask who is known of; neighbours of unlikely makers in turn, so that they hold up nobody."""
        likely = {one.host for one in (*met, *self.surroundings.neighbours) if one.likelihood > Likelihood.UNKNOWN}
        for host, way in self.surroundings.places(self.interface, met).items():
            if met and way is not FoundBy.SNMP:
                continue  # asked already
            idle = way in (FoundBy.NEIGHBOUR, FoundBy.SNMP) and host not in likely
            ask = self.survey.ask_idly if idle else self.survey.ask_host
            self.survey.leave_by(host, self.surroundings.source_to(host, self.interface))
            questions.start(partial(ask, host, way))

    async def _ask_router(self, questions: _Questions, router: Callable[[], Awaitable[Sequence[Neighbour]]]) -> None:
        try:
            met = await router()
        except DayspoolError as error:  # one way less: the others go on
            said = str(error)
            self.harvest.note(Attempt(way=FoundBy.SNMP, host="", asked="", outcome=Outcome.ROUTER, said=said))
            return
        if met:
            self._ask_places(questions, met)

    async def _end_early(
        self, questions: _Questions, answers: _Questions, everything: anyio.CancelScope, watching: anyio.CancelScope
    ) -> None:
        """End all once nobody more can be expected.

        A camera that is there answers at once; it is silent hosts that take long, and they are not waited for once a
        camera is found. Those who answered by SSDP, and whom a router told of, are.
        """
        began = anyio.current_time()
        with watching:
            while True:
                await pause(_LOOK_SECONDS)
                past = anyio.current_time() - began
                if self.harvest.cameras and past >= _ANSWER_SECONDS and not answers.under_way:
                    break
                if self.harvest.somebody and past >= _WINDOW_SECONDS and not answers.under_way + questions.under_way:
                    break
            everything.cancel()

    async def _search_one(self, host: str, interfaces: Sequence[Interface]) -> None:
        async with anyio.create_task_group() as tasks:

            def follow(reply: SsdpReply, _by: Interface) -> None:
                if reply.host == host:
                    tasks.start_soon(self.survey.follow, reply, FoundBy.ADDRESS)

            await search(
                interfaces=interfaces,
                seconds=_ONE_HOST_SECONDS,
                host=host,
                port=self.surroundings.ssdp_port,
                on_reply=follow,
                on_refusal=self._skipped(FoundBy.ADDRESS, host),
            )

    def _source_of_reply(self, host: str, by: Interface) -> str | None:
        """Return the interface an answer came in by; this machine's own addresses are reached by loopback."""
        own = any(one.address == host for one in self.surroundings.interfaces)
        return None if own else by.source

    def _may_follow(self, host: str) -> bool:
        if is_near(host, self.interfaces):
            return True
        said = "it answered from a public address outside this machine's networks"
        self.harvest.note(Attempt(way=FoundBy.SSDP, host=host, asked=host, outcome=Outcome.SKIPPED, said=said))
        return False

    def _skipped(self, way: FoundBy, host: str) -> Callable[[Interface, str], None]:
        def note(interface: Interface, reason: str) -> None:
            said = f"it cannot send a search ({reason})"
            self.harvest.note(Attempt(way=way, host=host, asked=str(interface), outcome=Outcome.SKIPPED, said=said))

        return note
