"""Ask hosts whether they are cameras: every question once, many at a time, each under a deadline."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from dayspool.core.camera import dialect_of
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import DESCRIPTION_CAP_BYTES, Description, parse_description
from dayspool.discovery.known import CAMERA_ENDPOINTS, DESCRIPTION_FILES, KnownFile
from dayspool.discovery.report import Attempt, Found, FoundBy, Outcome
from dayspool.errors import CameraBusy, CameraError, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from dayspool.discovery.access import Access
    from dayspool.discovery.ssdp import SsdpReply

__all__ = ["Survey"]

_QUESTION_SECONDS = 2.5
# SSDP answers may be spread over a second (MX: 1).
_NAMING_SECONDS = 1.2
# A host that swallows packets holds up to five of these; enough that two such hosts never delay a camera.
_QUESTIONS_AT_ONCE = 24

_T = TypeVar("_T")


class _Once(Generic[_T]):
    """Asks each address once; whoever asks meanwhile waits for that answer."""

    def __init__(self, ask: Callable[[HttpAddress, FoundBy], Awaitable[_T]]) -> None:
        self._ask = ask
        self._locks: defaultdict[HttpAddress, anyio.Lock] = defaultdict(anyio.Lock)
        self._answers: dict[HttpAddress, _T] = {}

    async def __call__(self, address: HttpAddress, way: FoundBy) -> _T:
        async with self._locks[address]:
            if address not in self._answers:
                self._answers[address] = await self._ask(address, way)
            return self._answers[address]


class Survey:
    """One search's questions and their answers.

    Every camera is verified by an API call before `on_found` hears of it, and is listed once: by address and port, and
    by its unique name where it is reached over two interfaces.
    """

    def __init__(
        self,
        access: Access,
        *,
        on_found: Callable[[Found], None],
        on_attempt: Callable[[Attempt], None],
        endpoints: Sequence[KnownFile] = CAMERA_ENDPOINTS,
        descriptions: Sequence[KnownFile] = DESCRIPTION_FILES,
    ) -> None:
        self._access = access
        self._endpoints = endpoints
        self._descriptions = descriptions
        self._on_found = on_found
        self._on_attempt = on_attempt
        self._slots = anyio.Semaphore(_QUESTIONS_AT_ONCE)
        self._verify = _Once(self._call_endpoint)
        self._read = _Once(self._fetch_description)
        self._silent: set[tuple[str, int]] = set()
        self._described: dict[tuple[str, int], tuple[Description, str | None]] = {}
        self._named: defaultdict[tuple[str, int], anyio.Event] = defaultdict(anyio.Event)
        self._listed: set[tuple[str, int]] = set()
        self._hosts_by_udn: dict[str, str] = {}

    async def follow(self, reply: SsdpReply, way: FoundBy) -> None:
        """Follow one SSDP answer to its camera.

        Its LOCATION is read on the host that answered, whatever host it names. Where that leads nowhere (the RX100M2's
        is reported to be wrong), the host is asked for everything that cameras are known to serve.
        """
        location = HttpAddress.parse(reply.location) if reply.location else None
        if location is not None:
            description = await self._read(location.at(reply.host), way)
            if description is not None and await self._try_described(description, way, reply.usn):
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
        async with anyio.create_task_group() as tasks:
            for lane in _by_port(descriptions):
                tasks.start_soon(self._read_lane, lane, way)
            for lane in _by_port(endpoints):
                tasks.start_soon(self._call_lane, lane, way)

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
                left = anyio.current_effective_deadline() - anyio.current_time()
                with anyio.move_on_after(min(_NAMING_SECONDS, left / 2)):
                    await self._named[endpoint.host, endpoint.port].wait()
                self._announce(endpoint, way)
                return

    async def _try_described(self, description: Description, way: FoundBy, usn: str | None) -> bool:
        """Try the endpoints of a description in turn; tell whether one of them is a camera."""
        for endpoint in description.camera_endpoints():
            key = (endpoint.host, endpoint.port)
            if usn or key not in self._described:
                self._described[key] = (description, usn)
            self._named[key].set()
            outcome = await self._verify(endpoint, way)
            if outcome is Outcome.CAMERA:
                self._announce(endpoint, way)
                return True
            if outcome is Outcome.SILENT:
                return False
        return False

    def _announce(self, endpoint: HttpAddress, way: FoundBy) -> None:
        key = (endpoint.host, endpoint.port)
        description, usn = self._described.get(key, (None, None))
        udn = description.udn if description else None
        if key in self._listed or (udn and self._hosts_by_udn.setdefault(udn, endpoint.host) != endpoint.host):
            return
        self._listed.add(key)
        found = Found(
            model=description.friendly_name if description else None,
            endpoint=str(endpoint),
            dialect=dialect_of(host=endpoint.host, port=endpoint.port, path=endpoint.path),
            found_by=way,
            location=str(description.location) if description else None,
            usn=usn,
        )
        self._on_found(found)

    async def _call_endpoint(self, endpoint: HttpAddress, way: FoundBy) -> Outcome:
        try:
            async with self._slots:
                with anyio.fail_after(_QUESTION_SECONDS):
                    verified = await self._access.verify(str(endpoint))
        except CameraBusy as error:
            return self._note(endpoint, way, Outcome.CAMERA, str(error))
        except (CameraError, TimeoutError) as error:
            return self._note_failure(endpoint, way, error)
        return self._note(endpoint, way, Outcome.CAMERA, f"API versions {', '.join(verified.versions) or 'not named'}")

    async def _fetch_description(self, location: HttpAddress, way: FoundBy) -> Description | None:
        try:
            async with self._slots:
                with anyio.fail_after(_QUESTION_SECONDS):
                    data = await self._access.get(str(location), cap_bytes=DESCRIPTION_CAP_BYTES)
            description = parse_description(data, location=location)
        except (CameraError, TimeoutError) as error:
            self._note_failure(location, way, error)
            return None
        self._note(location, way, _judge(description), f"calls itself {description.friendly_name or 'nothing'}")
        return description

    def _note_failure(self, address: HttpAddress, way: FoundBy, error: CameraError | TimeoutError) -> Outcome:
        if isinstance(error, CameraUnreachable | TimeoutError):
            self._silent.add((address.host, address.port))
            return self._note(address, way, Outcome.SILENT, str(error) or f"no answer within {_QUESTION_SECONDS:g} s")
        return self._note(address, way, Outcome.NOT_A_CAMERA, str(error))

    def _note(self, address: HttpAddress, way: FoundBy, outcome: Outcome, said: str) -> Outcome:
        self._on_attempt(Attempt(way=way, host=address.host, asked=str(address), outcome=outcome, said=said))
        return outcome


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
