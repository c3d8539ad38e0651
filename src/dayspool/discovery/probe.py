"""Ask hosts whether they are cameras: every question once, many at a time, each under a deadline."""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import (
    DESCRIPTION_CAP_BYTES,
    Description,
    identity_of,
    parse_description,
    parse_model,
)
from dayspool.discovery.hints import dialect_hinted
from dayspool.discovery.known import CAMERA_ENDPOINTS, DESCRIPTION_FILES, KnownFile
from dayspool.discovery.once import Once
from dayspool.discovery.report import Found, FoundBy, Outcome
from dayspool.errors import CameraBusy, CameraError, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from dayspool.discovery.access import Access
    from dayspool.discovery.ledger import Ledger
    from dayspool.discovery.ssdp import SsdpReply

__all__ = ["Survey"]

_QUESTION_SECONDS = 2.5
# SSDP answers may be spread over a second (MX: 1).
_NAMING_SECONDS = 1.2
_PTP_PORT = 15_740
_CONTENTS_TRANSFER = "Contents Transfer"


class Survey:
    """One search's questions by one interface, and their answers.

    Every camera is verified by an API call before the ledger tells of it.
    """

    def __init__(
        self,
        access: Access,
        ledger: Ledger,
        *,
        source: str | None = None,
        endpoints: Sequence[KnownFile] = CAMERA_ENDPOINTS,
        descriptions: Sequence[KnownFile] = DESCRIPTION_FILES,
    ) -> None:
        """Ask by `access`, leaving by `source` (`Interface.source`)."""
        self._access = access
        self._ledger = ledger
        self._source = source
        self._endpoints = endpoints
        self._descriptions = descriptions
        self._verify = Once(self._call_endpoint)
        self._read = Once(self._fetch_description)
        self._model = Once(self._fetch_model)
        self._knock = Once(self._knock_once)
        self._silent: set[tuple[str, int]] = set()
        self._described: dict[tuple[str, int], tuple[Description, str | None]] = {}
        self._named: defaultdict[tuple[str, int], anyio.Event] = defaultdict(anyio.Event)
        self._models: dict[str, str | None] = {}
        self._paths_by_identity: dict[str, str] = {}

    async def follow(self, reply: SsdpReply, way: FoundBy) -> None:
        """Follow one SSDP answer to its camera.

        Its LOCATION is read on the host that answered, whatever host it names. Where that leads nowhere (the RX100M2's
        is reported to be wrong), the host is asked for everything that cameras are known to serve; but not one that
        lets the first question go unanswered, for there is no end to the hosts that forged answers can name.
        """
        if reply.sends_to_computer:
            asked = reply.location or reply.host
            self._ledger.note(reply.host, asked, way, Outcome.COMPUTER_MODE, "announces that it sends to a computer")
        location = HttpAddress.parse(reply.location) if reply.location else None
        if location is not None:
            description = await self._read(location.at(reply.host), way)
            if description is not None and await self._try_described(description, way, reply.usn):
                return
            if not self._ledger.is_alive(reply.host, self._source):
                return
        await self.ask_host(reply.host, way)

    async def ask_host(
        self,
        host: str,
        way: FoundBy,
        *,
        endpoints: Iterable[HttpAddress] | None = None,
        descriptions: Iterable[HttpAddress] = (),
    ) -> None:
        """Ask one host wherever cameras are known to answer: ports in parallel, the paths of one port in order.

        Args:
            host: who is asked.
            way: what led to it.
            endpoints: the camera services to try instead of the known ones.
            descriptions: descriptions to read before the known ones.
        """
        if endpoints is None:
            endpoints = [known.at(host) for known in self._endpoints]
        descriptions = [*descriptions, *(known.at(host) for known in self._descriptions)]
        ptp = HttpAddress(host=host, port=_PTP_PORT)
        async with anyio.create_task_group() as tasks:
            for lane in _by_port(descriptions):
                tasks.start_soon(self._read_lane, lane, way)
            for lane in _by_port(endpoints):
                tasks.start_soon(self._call_lane, lane, way)
            tasks.start_soon(self._knock, ptp, way)
        if await self._knock(ptp, way) and not self._ledger.lists(host, self._source):
            asked = f"{host}:{_PTP_PORT}"
            self._ledger.note(host, asked, way, Outcome.PTP_ONLY, "listens for PTP/IP", model=self._models.get(host))

    async def ask_idly(self, host: str, way: FoundBy) -> None:
        """Ask a host that is no likely camera, when there is nothing better to do."""
        async with self._ledger.idle_slots:
            for known in self._endpoints:
                if (host, known.port) not in self._silent:
                    await self._call_lane([known.at(host)], way)
                if not self._ledger.is_alive(host, self._source):
                    return

    async def _read_lane(self, lane: list[HttpAddress], way: FoundBy) -> None:
        for address in lane:
            if (address.host, address.port) in self._silent:
                return
            description = await self._read(address, way)
            if description is not None and await self._try_described(description, way, None):
                return

    async def _call_lane(self, lane: list[HttpAddress], way: FoundBy) -> None:
        for endpoint in lane:
            if (endpoint.host, endpoint.port) in self._silent:
                return
            if await self._verify(endpoint, way) is Outcome.CAMERA:
                # It is a camera; a description that is on its way can still give it its name, if time is left for it.
                with anyio.move_on_after(_naming_seconds()):
                    await self._named[endpoint.host, endpoint.port].wait()
                await self._announce(endpoint, way)
                return

    async def _try_described(self, description: Description, way: FoundBy, usn: str | None) -> bool:
        """Try the endpoints of a description in turn; tell whether one of them is a camera."""
        identity = identity_of(description.udn)
        known_path = self._paths_by_identity.get(identity or "")
        for endpoint in sorted(description.camera_endpoints(), key=lambda each: each.path != known_path):
            key = (endpoint.host, endpoint.port)
            if usn or key not in self._described:
                self._described[key] = (description, usn)
            self._named[key].set()
            outcome = await self._verify(endpoint, way)
            if outcome is Outcome.CAMERA:
                if identity:
                    self._paths_by_identity[identity] = endpoint.path
                await self._announce(endpoint, way)
                return True
            if outcome is Outcome.SILENT:
                return False
        return False

    async def _announce(self, endpoint: HttpAddress, way: FoundBy) -> None:
        key = (endpoint.host, endpoint.port)
        description, usn = self._described.get(key, (None, None))
        identity = identity_of(description.udn) if description else None
        if not self._ledger.enter(endpoint, self._source, identity):
            return
        if description is not None:
            with anyio.move_on_after(_naming_seconds()):  # it answered, and is told of whatever becomes of its name
                await self._learn_more(description, endpoint, way)
        location = description.location if description else None
        found = Found(
            model=self._models.get(endpoint.host) or (description.friendly_name if description else None),
            endpoint=str(endpoint),
            dialect=dialect_hinted(endpoint, location),
            found_by=way,
            location=str(location) if location else None,
            usn=usn,
            udn=description.udn if description else None,
            source=self._source,
        )
        self._ledger.tell(found)

    async def _learn_more(self, description: Description, endpoint: HttpAddress, way: FoundBy) -> None:
        await self._learn_model(description, way)
        if description.offers_pictures:
            function = await self._access.function(str(endpoint), source=self._source)
            if function == _CONTENTS_TRANSFER:
                model = self._models.get(endpoint.host)
                self._ledger.note(
                    endpoint.host, str(endpoint), way, Outcome.TRANSFER, f"is set to {function}", model=model
                )

    async def _learn_model(self, description: Description, way: FoundBy) -> str | None:
        """Return the model: from where a camera tells it for certain, else its friendly name."""
        told = await self._model(description.details, way) if description.details else None
        model = told or description.friendly_name
        self._models[description.location.host] = model
        return model

    async def _call_endpoint(self, endpoint: HttpAddress, way: FoundBy) -> Outcome:
        try:
            async with self._asking(endpoint, way):
                verified = await self._access.verify(str(endpoint), source=self._source)
        except CameraBusy as error:
            return self._ledger.note(endpoint.host, str(endpoint), way, Outcome.CAMERA, str(error))
        except (CameraError, TimeoutError) as error:
            return self._note_failure(endpoint, way, error)
        said = f"API versions {', '.join(verified.versions) or 'not named'}"
        return self._ledger.note(endpoint.host, str(endpoint), way, Outcome.CAMERA, said)

    async def _fetch_description(self, location: HttpAddress, way: FoundBy) -> Description | None:
        try:
            description = parse_description(await self._fetch(location, way), location=location)
        except (CameraError, TimeoutError) as error:
            self._note_failure(location, way, error)
            return None
        outcome = _judge(description)
        # A camera is named once it has answered; who is none is named now, to be told of.
        plain = outcome in (Outcome.DESCRIPTION, Outcome.NOT_A_CAMERA)
        model = description.friendly_name if plain else await self._learn_model(description, way)
        said = f"calls itself {description.friendly_name or 'nothing'}"
        self._ledger.note(location.host, str(location), way, outcome, said, model=model)
        return description

    async def _fetch_model(self, location: HttpAddress, way: FoundBy) -> str | None:
        try:
            return parse_model(await self._fetch(location, way), location=location)
        except (CameraError, TimeoutError):  # a nicety: the friendly name will do
            return None

    async def _fetch(self, location: HttpAddress, way: FoundBy) -> bytes:
        async with self._asking(location, way):
            return await self._access.get(str(location), cap_bytes=DESCRIPTION_CAP_BYTES, source=self._source)

    async def _knock_once(self, address: HttpAddress, way: FoundBy) -> bool:
        try:
            async with self._asking(address, way):
                return await self._access.knock(address.host, address.port, source=self._source)
        except TimeoutError:
            return False

    @asynccontextmanager
    async def _asking(self, address: HttpAddress, way: FoundBy) -> AsyncIterator[None]:
        """Wait for a turn, hold the question to its time, and take down whether anything came back at all."""
        async with self._ledger.slots(way):
            try:
                with anyio.fail_after(_QUESTION_SECONDS):
                    yield
            except CameraError:
                self._ledger.has_shown_life(address.host, self._source)
                raise
        self._ledger.has_shown_life(address.host, self._source)

    def _note_failure(self, address: HttpAddress, way: FoundBy, error: CameraError | TimeoutError) -> Outcome:
        if isinstance(error, CameraUnreachable | TimeoutError):
            self._silent.add((address.host, address.port))
            said = str(error) or f"no answer within {_QUESTION_SECONDS:g} s"
            return self._ledger.note(address.host, str(address), way, Outcome.SILENT, said)
        return self._ledger.note(address.host, str(address), way, Outcome.NOT_A_CAMERA, str(error))


def _naming_seconds() -> float:
    """Return how long a name may be waited for: half of what is left of the search at most."""
    left = anyio.current_effective_deadline() - anyio.current_time()
    return min(_NAMING_SECONDS, left / 2)


def _judge(description: Description) -> Outcome:
    if description.camera_endpoints():
        return Outcome.DESCRIPTION
    if description.send_mode:
        return Outcome.SEND_MODE
    return Outcome.NO_REMOTE if description.is_sony else Outcome.NOT_A_CAMERA


def _by_port(addresses: Iterable[HttpAddress]) -> list[list[HttpAddress]]:
    """Group addresses by port: a port that is silent is silent for all of its paths."""
    lanes: defaultdict[tuple[str, int], list[HttpAddress]] = defaultdict(list)
    for address in dict.fromkeys(addresses):
        lanes[address.host, address.port].append(address)
    return list(lanes.values())
