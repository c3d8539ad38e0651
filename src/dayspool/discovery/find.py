"""Find cameras by every way at once, and list only those that answered an API call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio

from dayspool.clock import pause
from dayspool.discovery.address import HttpAddress, Target, is_ipv4, parse_target
from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface, is_near
from dayspool.discovery.ledger import Ledger
from dayspool.discovery.makers import Likelihood
from dayspool.discovery.probe import Survey
from dayspool.discovery.questions import Questions, Strangers
from dayspool.discovery.report import Attempt, Found, FoundBy, Outcome
from dayspool.discovery.search import SEARCHED_SECONDS, search
from dayspool.discovery.ssdp import SSDP_GROUP
from dayspool.discovery.surroundings import Surroundings
from dayspool.errors import DayspoolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from dayspool.discovery.access import Access
    from dayspool.discovery.neighbours import Neighbour
    from dayspool.discovery.questions import Whom
    from dayspool.discovery.ssdp import SsdpReply

    Router = Callable[[], Awaitable[Sequence[Neighbour]]]

__all__ = ["find"]

# One host that is asked by name answers SSDP within MX (1 s) or not at all.
_ONE_HOST_SECONDS = 2.0
# With a camera found: until all answers to the first round of searches are in, and have been taken in.
_ANSWER_SECONDS = SEARCHED_SECONDS + 0.05
# With somebody found who is none: time for another round, and some for a slow body.
_WINDOW_SECONDS = 2.5
_LOOK_SECONDS = 0.05
# Who was seen is told at once; who may still come is waited for only while nobody has been seen.
_SEEN = frozenset(
    {Outcome.CAMERA, Outcome.SEND_MODE, Outcome.COMPUTER_MODE, Outcome.PTP_ONLY, Outcome.NO_REMOTE, Outcome.TRANSFER}
)
_ROUTER: Whom = ("", None)  # stands for the router among those who are asked


async def find(
    *,
    access: Access,
    seconds: float,
    interface: str | None = None,
    address: str | None = None,
    first: bool = False,
    wanted: Callable[[Found], bool] | None = None,
    router: Router | None = None,
    on_found: Callable[[Found], None] | None = None,
    on_attempt: Callable[[Attempt], None] | None = None,
    surroundings: Surroundings | None = None,
) -> list[Found]:
    """Find cameras by every way at once and return them in the order they were found; none is no error.

    With a camera found it ends once others have had their time to answer, and who showed a sign of life has been asked.

    Args:
        access: how a host is asked.
        seconds: when the search ends at the latest, however much is left to ask.
        interface: search on this one only (its name or address).
        address: ask only this host: `HOST`, `HOST:PORT` (then cameras at its other ports are not listed) or a URL.
        first: return as soon as one camera is verified.
        wanted: which cameras count; all of them unless given.
        router: returns the hosts that a router knows, to be asked too; where it raises, the other ways go on.
        on_found: called with each camera the moment it is verified.
        on_attempt: called with everything that was asked and what came back, for `explain_nothing`.
        surroundings: where to look; by default this machine's interfaces, gateways and neighbours.

    Raises:
        PlanError: the address is none, or there is no such interface.
    """
    target = parse_target(address) if address is not None else None
    port = target.address.port if target is not None and target.endpoints else None
    harvest = _Harvest(on_found=on_found, wanted=wanted, on_attempt=on_attempt, port=port, first=first)
    hunt = _Hunt(access, surroundings or Surroundings.here(), interface, harvest)
    with anyio.move_on_after(seconds) as harvest.scope:
        await (hunt.everywhere(seconds, router) if target is None else hunt.at(target))
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


class _Hunt:
    """The ways of one search, and the surveys they feed, one for each interface to leave by."""

    def __init__(self, access: Access, surroundings: Surroundings, interface: str | None, harvest: _Harvest) -> None:
        self._access = access
        self._surroundings = surroundings
        self._interface = interface
        self._interfaces = surroundings.chosen(interface)
        self._harvest = harvest
        self._ledger = Ledger(on_found=harvest.take, on_attempt=harvest.note)
        self._surveys: dict[str | None, Survey] = {}

    async def everywhere(self, seconds: float, router: Router | None) -> None:
        """Search the networks, and ask the hosts of all other ways meanwhile."""
        async with anyio.create_task_group() as tasks:
            questions, strangers = Questions(tasks), Strangers(tasks)

            def follow(reply: SsdpReply, by: Interface) -> None:
                if self._may_follow(reply.host, by):
                    source = self._surroundings.source_of_reply(reply.host, by)
                    ask = partial(self._survey(source).follow, reply, FoundBy.SSDP)
                    strangers.start((reply.host, source), ask)

            self._ask_places(questions, ())
            if router is not None:
                questions.start(_ROUTER, partial(self._ask_router, questions, router))
            watching = anyio.CancelScope()
            tasks.start_soon(self._end_early, questions, strangers, tasks.cancel_scope, watching)
            await self._search(follow, FoundBy.SSDP, self._interfaces, SSDP_GROUP, seconds)
            watching.cancel()

    async def at(self, target: Target) -> None:
        """Ask one host alone: its services, its descriptions, and by SSDP."""
        host = target.address.host
        interfaces = self._interfaces if self._interface is not None else (DEFAULT_INTERFACE,)
        survey = self._survey(self._surroundings.source_to(host, self._interface))
        async with anyio.create_task_group() as tasks:

            def follow(reply: SsdpReply, _by: Interface) -> None:
                if reply.host == host:
                    tasks.start_soon(survey.follow, reply, FoundBy.ADDRESS)

            if is_ipv4(host):
                tasks.start_soon(self._search, follow, FoundBy.ADDRESS, interfaces, host, _ONE_HOST_SECONDS)
            await survey.ask_host(
                host,
                FoundBy.ADDRESS,
                endpoints=target.endpoints,
                descriptions=(target.description,) if target.description else (),
            )
            if self._harvest.cameras:
                tasks.cancel_scope.cancel()

    async def _search(
        self,
        on_reply: Callable[[SsdpReply, Interface], None],
        way: FoundBy,
        interfaces: Sequence[Interface],
        host: str,
        seconds: float,
    ) -> None:
        def skipped(interface: Interface, reason: str) -> None:
            said = f"it cannot send a search ({reason})"
            self._ledger.note(host, str(interface), way, Outcome.SKIPPED, said)

        await search(
            interfaces=interfaces,
            seconds=seconds,
            host=host,
            port=self._surroundings.ssdp_port,
            on_reply=on_reply,
            on_refusal=skipped,
        )

    def _survey(self, source: str | None) -> Survey:
        """Return the survey that leaves by this interface."""
        if source not in self._surveys:
            self._surveys[source] = Survey(
                self._access,
                self._ledger,
                source=source,
                endpoints=self._surroundings.endpoints,
                descriptions=self._surroundings.descriptions,
            )
        return self._surveys[source]

    def _ask_places(self, questions: Questions, met: Sequence[Neighbour]) -> None:
        """Ask who is known of; neighbours of unlikely makers in turn, so that they hold up nobody."""
        likely = {one.host for one in (*met, *self._surroundings.neighbours) if one.likelihood > Likelihood.UNKNOWN}
        for place in self._surroundings.places(self._interface, met):
            if met and place.way is not FoundBy.SNMP:
                continue  # asked already
            survey = self._survey(place.source)
            idle = place.way in (FoundBy.NEIGHBOUR, FoundBy.SNMP) and place.host not in likely
            ask = survey.ask_idly if idle else survey.ask_host
            questions.start((place.host, place.source), partial(ask, place.host, place.way))

    async def _ask_router(self, questions: Questions, router: Router) -> None:
        try:
            met = await router()
        except DayspoolError as error:  # one way less: the others go on
            self._ledger.note("", "", FoundBy.SNMP, Outcome.ROUTER, str(error))
            return
        if met:
            self._ask_places(questions, met)

    async def _end_early(
        self, questions: Questions, strangers: Strangers, everything: anyio.CancelScope, watching: anyio.CancelScope
    ) -> None:
        """End all once nobody more can be expected.

        A camera that is there answers at once, or at least takes the connection or refuses it. Hosts of which nothing
        came back at all take long to give up on, and are not waited for.
        """
        began = anyio.current_time()
        with watching:
            while True:
                await pause(_LOOK_SECONDS)
                if strangers or any(self._is_waited_for(whom) for whom in questions.under_way):
                    continue
                past = anyio.current_time() - began
                if past >= (_ANSWER_SECONDS if self._harvest.cameras else _WINDOW_SECONDS) and self._harvest.somebody:
                    break
            everything.cancel()

    def _is_waited_for(self, whom: Whom) -> bool:
        return whom == _ROUTER or self._ledger.is_alive(*whom)

    def _may_follow(self, host: str, by: Interface) -> bool:
        if is_near(host, by):
            return True
        said = f"it answered from outside the network of {by}"
        self._ledger.note(host, host, FoundBy.SSDP, Outcome.SKIPPED, said)
        return False
