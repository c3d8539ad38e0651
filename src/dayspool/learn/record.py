"""A camera recorded by asking it: everything it says of itself, and nothing that changes it.

Only methods whose names begin with `get` are called, and the question for events; never one that sets, acts, starts,
stops, cancels, deletes or formats, unless the person asked for remote mode or liveview. A call that fails is a row.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.camera.line import Courtesy
from dayspool.camera.rpc import encode_request
from dayspool.clock import pause
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import DESCRIPTION_CAP_BYTES, parse_description
from dayspool.discovery.known import DESCRIPTION_FILES
from dayspool.errors import CameraConfused, CameraError, CameraUnreachable
from dayspool.learn.assemble import EVENT_METHODS, assemble, escaping_of
from dayspool.learn.dump import DumpedFile, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dayspool.camera.link import Link
    from dayspool.learn.dump import Dump, Headers

__all__ = ["is_harmless", "record"]

CALL_SECONDS = 8.0
READY_SECONDS = 20.0  # an app camera is NotReady for some seconds after startRecMode
READY_PAUSE_SECONDS = 0.5
SILENCES_AT_MOST = 5  # after so many it is gone, and a hundred more waits would tell nothing
LIVEVIEW_HEADS = 5
LIVEVIEW_SECONDS = 5.0

_HARMLESS = re.compile(r"get[A-Z][A-Za-z0-9]{0,60}")
# Take parameters that depend on the body; getEvent and getMethodTypes are asked apart.
_WITH_PARAMETERS = frozenset(
    (*EVENT_METHODS, "getMethodTypes", "getSourceList", "getContentCount", "getContentList", "getServiceProtocols")
)
_SCPD = re.compile(r"SCPDURL>\s*([^<>\s]{1,200})\s*<")
_HEAD_BYTES = 136
_LIVEVIEW_MAGIC = b"\x24\x35\x68\x79"
_FIRST_EVENT_VERSION = "1.0"
# Ten times what any body needs: a camera that lists without end, or dawdles, is recorded as far as it got.
SERVICES_AT_MOST = 16
SCPDS_AT_MOST = 16
METHODS_AT_MOST = 500  # of one service
SECONDS_AT_MOST = 900.0
BYTES_AT_MOST = 16 << 20
DEEPEST = 32  # lists within lists


def is_harmless(method: str) -> bool:
    """Tell whether a method only reads: its name must say so."""
    return _HARMLESS.fullmatch(method) is not None or method == "receiveEvent"


async def record(
    link: Link,
    endpoint: str,
    *,
    locations: Sequence[str] = (),
    model: str | None = None,
    ssdp: Sequence[str] = (),
    enter_remote_mode: bool = False,
    liveview: bool = False,
    courtesy: Courtesy | None = None,
    on_call: Callable[[Exchange], None] | None = None,
) -> Dump:
    """Ask the camera at `endpoint` for everything it tells of itself.

    Args:
        link: pinned to the camera's host.
        endpoint: its camera service, `http://10.0.0.1:10000/sony/camera`.
        locations: where its descriptions are, if that is known; else the places where cameras keep them are tried.
        model: what it is taken for if no description tells.
        ssdp: its answers to a search, as they came.
        enter_remote_mode: call `startRecMode` where it is offered, and ask everything again: an app camera shows
            seven methods until then.
        liveview: start liveview, keep the heads of the first packets, and stop it: some offers show only then.
        courtesy: how much time the body gets between two questions.
        on_call: hears of every call as it ends.

    Raises:
        CameraUnreachable: not one call was answered.
    """
    asking = _Asking(link=link, endpoint=endpoint, courtesy=courtesy or Courtesy(), note=on_call or (lambda _: None))
    asking.began = anyio.current_time()
    descriptions = await asking.files(locations)
    services = await asking.services(descriptions)
    await asking.everything(services)
    if enter_remote_mode and await asking.enter_remote_mode():
        await asking.everything(services)
    streamed = await asking.liveview() if liveview else {}
    if not any(one.status for one in asking.exchanges):
        said = asking.exchanges[0].failure if asking.exchanges else "nothing was asked"
        raise CameraUnreachable(f"nothing was recorded: the camera at {endpoint} answered no call ({said})", sent=True)
    return assemble(
        source="camera",
        endpoint=endpoint,
        exchanges=asking.exchanges,
        descriptions=descriptions,
        ssdp=ssdp,
        escapes_slashes=asking.escapes_slashes,
        liveview=streamed,
        model=model,
    )


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One recording: asks one thing after the other and keeps every answer."""

    link: Link
    endpoint: str
    courtesy: Courtesy
    note: Callable[[Exchange], None]
    began: float = 0.0
    silences: int = 0  # one after the other
    answer_bytes: int = 0
    escapes_slashes: bool | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    async def files(self, locations: Sequence[str]) -> list[DumpedFile]:
        """Fetch the descriptions, and the service descriptions that they name."""
        found: dict[str, DumpedFile] = {}
        places = list(locations) or [str(known.at(self.link.host)) for known in DESCRIPTION_FILES]
        for url in places:
            await self._fetch(url, found)
        for file in list(found.values()):
            for path in _SCPD.findall(file.body)[:SCPDS_AT_MOST]:
                address = HttpAddress.parse(file.url)
                if address is not None:
                    await self._fetch(path if path.startswith("http://") else _beside(address, path), found)
        return list(found.values())

    async def _fetch(self, url: str, found: dict[str, DumpedFile]) -> None:
        if url in found:
            return
        try:
            reply = await self.link.raw(url, cap_bytes=DESCRIPTION_CAP_BYTES, seconds=CALL_SECONDS)
        except CameraError:  # one of the usual places that this body does not use
            return
        finally:
            await pause(self.courtesy.spacing_seconds)
        if reply.status == 200:
            body = reply.body.decode("utf-8", "replace")
            found[url] = DumpedFile(url=url, status=reply.status, headers=reply.headers, body=body)

    async def services(self, descriptions: Iterable[DumpedFile]) -> dict[str, str]:
        """Return the endpoint of every service: those of the descriptions, and those the guide names."""
        endpoints = {"camera": self.endpoint}
        base = self.endpoint.rpartition("/")[0]
        for file in descriptions:
            address = HttpAddress.parse(file.url)
            try:
                described = parse_description(file.body.encode(), location=address) if address else None
            except CameraConfused:
                continue
            for name in described.services if described else ():
                endpoints.setdefault(name, f"{base}/{name}")
        guide = endpoints.get("guide", f"{base}/guide")
        protocols = await self.call("guide", guide, "getServiceProtocols")
        for row in (protocols.result or [])[:SERVICES_AT_MOST]:
            if isinstance(row, list) and row and isinstance(row[0], str) and row[0].isidentifier():
                endpoints.setdefault(row[0], f"{base}/{row[0]}")
        if protocols.result is not None:
            endpoints.setdefault("guide", guide)
        return dict(list(endpoints.items())[:SERVICES_AT_MOST])

    async def everything(self, services: dict[str, str]) -> None:
        """Ask every service for its versions, its methods, and all that can be read without a parameter."""
        for service, endpoint in services.items():
            listed = await self._method_types(service, endpoint)
            if service == "camera":
                await self._events(endpoint, listed)
                offered = await self._offered(endpoint)
                listed |= {(name, "1.0") for name in offered - {name for name, _ in listed}}
            asked = [one for one in sorted(listed) if is_harmless(one[0]) and one[0] not in _ASKED_APART]
            for method, version in asked[:METHODS_AT_MOST]:
                await self.call(service, endpoint, method, version=version)

    async def _method_types(self, service: str, endpoint: str) -> set[tuple[str, str]]:
        """Return name and version of the methods that take no parameters, and of those that poll for events."""
        told = await self.call(service, endpoint, "getVersions")
        versions = told.result[0] if told.result and isinstance(told.result[0], list) else []
        listed: set[tuple[str, str]] = set()
        for version in ["", *(one for one in versions[:8] if isinstance(one, str))]:
            types = await self.call(service, endpoint, "getMethodTypes", [version])
            for row in types.result or []:
                if isinstance(row, list) and len(row) == 4 and isinstance(row[0], str) and isinstance(row[3], str):
                    listed |= {(row[0], row[3])} if row[1] == [] or row[0] in EVENT_METHODS else set()
        return listed

    async def _events(self, endpoint: str, listed: set[tuple[str, str]]) -> None:
        polls = sorted((name, version) for name, version in listed if name in EVENT_METHODS)
        for name, version in polls or [(name, _FIRST_EVENT_VERSION) for name in EVENT_METHODS]:
            await self.call("camera", endpoint, name, [False], version=version)

    async def _offered(self, endpoint: str) -> set[str]:
        told = await self.call("camera", endpoint, "getAvailableApiList")
        names = told.result[0] if told.result and isinstance(told.result[0], list) else []
        await self.call("camera", endpoint, "getApplicationInfo")
        return {name for name in names if isinstance(name, str)}

    async def enter_remote_mode(self) -> bool:
        """Call `startRecMode` where it is offered, and wait until the camera is ready; tell whether it was called."""
        if "startRecMode" not in await self._offered(self.endpoint):
            return False
        await self.call("camera", self.endpoint, "startRecMode")
        deadline = anyio.current_time() + READY_SECONDS
        while anyio.current_time() < deadline:
            told = await self.call("camera", self.endpoint, "getEvent", [False])
            if '"IDLE"' in json.dumps(told.result):
                break
            await pause(READY_PAUSE_SECONDS)
        return True

    async def liveview(self) -> dict[str, Any]:
        """Start liveview, keep the first packets' heads, ask what is offered meanwhile, and stop it."""
        started = await self.call("camera", self.endpoint, "startLiveview")
        if not (started.result and isinstance(started.result[0], str)):
            return {}
        url = started.result[0]
        heads: list[str] = []
        try:
            with anyio.move_on_after(LIVEVIEW_SECONDS):
                async with self.link.stream(url) as chunks:
                    seen = b""
                    async for chunk in chunks:
                        heads, seen = _take_heads(heads, seen + chunk)
                        if len(heads) >= LIVEVIEW_HEADS:
                            break
            await self._offered(self.endpoint)
        except CameraError as error:
            return {"url": url, "failure": str(error)}
        finally:
            await self.call("camera", self.endpoint, "stopLiveview")
        return {"url": url, "packet_heads": heads}

    async def call(
        self, service: str, endpoint: str, method: str, params: Sequence[Any] = (), *, version: str = "1.0"
    ) -> Exchange:
        """Make one call and keep what came of it."""
        began = anyio.current_time()
        status: int | None = None
        headers: Headers = ()
        reply: Any = None
        failure: str | None = None
        enough = self._enough()
        content = encode_request(method, list(params), len(self.exchanges) + 1, version)
        try:
            if enough:
                raise CameraConfused(f"not asked: {enough}")
            raw = await self.link.raw(endpoint, content, seconds=CALL_SECONDS)
            status, headers, reply = raw.status, raw.headers, _reply(raw.body)
            self.silences = 0
            self.answer_bytes += len(raw.body)
            if raw.status == 200 and self.escapes_slashes is None:
                self.escapes_slashes = escaping_of(raw.body)
        except CameraUnreachable as error:
            failure = str(error)
            self.silences += 1
            self.courtesy.widen()
        except CameraError as error:
            failure = str(error)
        exchange = Exchange(
            service=service,
            method=method,
            params=list(params),
            version=version,
            status=status,
            headers=headers,
            reply=reply,
            seconds=round(anyio.current_time() - began, 6),
            at_seconds=round(began - self.began, 6),
            failure=failure,
        )
        self.exchanges.append(exchange)
        self.note(exchange)
        if not enough:
            await pause(self.courtesy.spacing_seconds)
        return exchange

    def _enough(self) -> str | None:
        """Return why nothing more is asked: the camera is gone, or has said or dawdled more than any body needs to."""
        if self.silences >= SILENCES_AT_MOST:
            return "it had stopped answering"
        if anyio.current_time() - self.began > SECONDS_AT_MOST:
            return f"it had been answering for more than {SECONDS_AT_MOST / 60:g} min"
        if self.answer_bytes > BYTES_AT_MOST:
            return f"it had said more than {BYTES_AT_MOST >> 20} MiB"
        return None


_ASKED_APART = _WITH_PARAMETERS | {"getVersions", "getAvailableApiList", "getApplicationInfo"}


def _beside(address: HttpAddress, path: str) -> str:
    """Return the URL that a relative `path` means in a file at `address`."""
    folder = address.path.rpartition("/")[0]
    return str(replace(address, path=path if path.startswith("/") else f"{folder}/{path}"))


def _reply(body: bytes) -> Any:
    try:
        reply = json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        reply = None
    return body.decode("utf-8", "replace") if reply is None or _is_deep(reply) else reply


def _is_deep(value: Any) -> bool:
    """Tell whether a value is nested more than any answer is, too deep to be written."""
    level = [value]
    for _ in range(DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [part for parts in inner for part in parts]
    return bool(level)


def _take_heads(heads: list[str], seen: bytes) -> tuple[list[str], bytes]:
    """Return the heads of packets so far, and what of the stream is still to be searched."""
    while (magic := seen.find(_LIVEVIEW_MAGIC)) >= 0 and len(seen) >= magic - 8 + _HEAD_BYTES:
        if magic >= 8:
            heads = [*heads, seen[magic - 8 : magic - 8 + _HEAD_BYTES].hex()]
        seen = seen[magic + 4 :]
    return heads, seen if magic >= 0 else seen[-16:]
