"""A small network on loopback: somebody who answers SSDP, and hosts that answer HTTP without HTTP."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import SocketAttribute

from dayspool.discovery import Surroundings, Verified
from dayspool.discovery.interfaces import Interface
from dayspool.discovery.ssdp import SSDP_GROUP
from dayspool.errors import CameraConfused, CameraError, CameraRefused, CameraUnreachable

LOOPBACK = Interface(name="lo", address="127.0.0.1", prefix_length=8)
TARGET = "urn:schemas-sony-com:service:ScalarWebAPI:1"

# What an answerer makes of a search: datagrams, each with the loopback address it comes from, and how much later.
Answer = Callable[[bytes], Iterable[tuple[str, bytes] | tuple[str, bytes, float]]]


def ssdp_reply(location: str, *, usn: str = "uuid:1", target: str = TARGET, server: str = "UPnP/1.0") -> bytes:
    lines = (
        "HTTP/1.1 200 OK",
        "EXT: ",
        f"LOCATION: {location}",
        f"SERVER: {server}",
        f"ST: {target}",
        f"USN: {usn}::{target}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def silence(_request: bytes) -> Iterable[tuple[str, bytes]]:
    return ()


@dataclass
class Answerer:
    port: int
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[Answerer]:
    """Answer searches on loopback at a free port of the SSDP group, as several hosts of 127.0.0.0/8 if need be."""
    async with (
        AsyncExitStack() as doors,
        await anyio.create_udp_socket(family=socket.AF_INET) as ear,
        anyio.create_task_group() as tasks,
    ):
        raw = ear.extra(SocketAttribute.raw_socket)
        membership = socket.inet_aton(SSDP_GROUP) + socket.inet_aton(LOOPBACK.address)
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        answerer = Answerer(port=ear.extra(SocketAttribute.local_port))
        mouths: dict[str, anyio.abc.UDPSocket] = {}
        turn = anyio.Lock()

        async def send(seconds: float, mouth: anyio.abc.UDPSocket, datagram: bytes, sender: tuple[str, int]) -> None:
            await anyio.sleep(seconds)
            async with turn:
                await mouth.sendto(datagram, *sender)

        async def serve() -> None:
            async for request, sender in ear:
                answerer.requests.append(request)
                for host, datagram, *later in answer(request):
                    if host not in mouths:
                        mouth = await anyio.create_udp_socket(family=socket.AF_INET, local_host=host)
                        mouths[host] = await doors.enter_async_context(mouth)
                    if later:
                        tasks.start_soon(send, later[0], mouths[host], datagram, sender)
                    else:
                        async with turn:
                            await mouths[host].sendto(datagram, *sender)

        tasks.start_soon(serve)
        yield answerer
        tasks.cancel_scope.cancel()


@dataclass
class FakeAccess:
    """Hosts without sockets: `files` and `cameras` answer, `hanging` never do, nor `dead` hosts; the rest refuses.

    A host in `cameras` answers 404 at its other paths, as cameras do.
    """

    files: Mapping[str, bytes | CameraError] = field(default_factory=dict)
    cameras: Mapping[str, CameraError | None] = field(default_factory=dict)
    hanging: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    open_ports: frozenset[tuple[str, int]] = frozenset()
    functions: Mapping[str, str] = field(default_factory=dict)
    sources: dict[str, str | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def get(self, url: str, *, cap_bytes: int, source: str | None) -> bytes:
        self.sources[url] = source
        await self._arrive(url)
        found = self.files.get(url)
        if found is None:
            raise self._nothing(url, self.files)
        if isinstance(found, CameraError):
            raise found
        if len(found) > cap_bytes:
            raise CameraConfused(f"{url}: larger than {cap_bytes} bytes")
        return found

    async def function(self, endpoint: str, *, source: str | None) -> str | None:
        return self.functions.get(endpoint)

    async def knock(self, host: str, port: int, *, source: str | None) -> bool:
        if host in self.dead:
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        return (host, port) in self.open_ports

    async def verify(self, endpoint: str, *, source: str | None) -> Verified:
        self.sources[endpoint] = source
        await self._arrive(endpoint)
        if endpoint not in self.cameras:
            raise self._nothing(endpoint, self.cameras)
        fault = self.cameras[endpoint]
        if fault is not None:
            raise fault
        return Verified(versions=("1.0",))

    async def _arrive(self, url: str) -> None:
        self.asked.append(url)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if url in self.hanging or url.split("/")[2].partition(":")[0] in self.dead:
                await anyio.sleep_forever()
            await anyio.lowlevel.checkpoint()
        finally:
            self.at_once -= 1

    def _nothing(self, url: str, there: Iterable[str]) -> CameraError:
        origin = url.split("/", 3)[2]
        if any(each.split("/", 3)[2] == origin for each in there):
            return CameraRefused(f"{url}: HTTP 404", code=404)
        return CameraUnreachable(f"{url}: connection refused", sent=False)


def surroundings(ssdp_port: int, **places: object) -> Surroundings:
    """Loopback alone, without any known host unless one is given."""
    return Surroundings(**{"interfaces": (LOOPBACK,), "hosts": (), "ssdp_port": ssdp_port, **places})
