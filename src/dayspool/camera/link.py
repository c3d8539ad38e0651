"""HTTP to one host, and nothing else: the only file that knows the HTTP library.

The host is pinned: no redirect is followed, no other host is asked, system proxies are ignored, every answer is capped
in size and every wait has an end. Nothing is ever sent twice.
"""

from __future__ import annotations

import re
import ssl
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import anyio
import httpcore2
import httpx2

from dayspool.camera.bound import BoundBackend
from dayspool.camera.rpc import decode_reply, encode_request
from dayspool.errors import CameraConfused, CameraRefused, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping

__all__ = ["CONNECT_SECONDS", "Link", "Portion", "RawReply", "Transport"]

Transport = httpx2.AsyncBaseTransport

JSON_CAP = 1 << 20
PICTURE_CAP = 64 << 20
CONNECT_SECONDS = 3.0
# So much must come within each idle time: a server that drips a byte a second is as good as silent.
SLOWEST_BLOCK_BYTES = 256 << 10
_JSON = {"Content-Type": "application/json"}
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(?:(\d{1,15})|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A file on its way, from byte `start` to its end.

    Attributes:
        start: the first byte that comes; 0 where the server does not resume, whatever was asked for.
        total_bytes: the size of the whole file, where the server says it.
        chunks: the bytes, as they come.
    """

    start: int
    total_bytes: int | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """One answer as it came: header names keep their case, and the order they were sent in."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Link:
    """A line to the camera at `host`; use it as a context manager.

    `transport` replaces the network: the simulator in process, or a test's own. `source` is the interface of this
    machine to leave by, as `192.168.122.9%wlan0` (its address and its name); without it the system chooses.
    """

    def __init__(self, host: str, *, transport: Transport | None = None, source: str | None = None) -> None:
        self.host = host
        # A kept connection may die unseen, and a shutter request on it would be lost: every call gets a new one.
        limits = httpx2.Limits(max_connections=4, max_keepalive_connections=0)
        if transport is None and source is not None:
            transport = _leaving_by(source)
        self._client = httpx2.AsyncClient(
            transport=transport,
            verify=_no_certificates(),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            limits=limits,
            headers={"Accept": "*/*"},
        )
        self._calls = 0

    async def __aenter__(self) -> Self:
        """Return the link itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def call(
        self,
        endpoint: str,
        method: str,
        params: list[Any] | None = None,
        *,
        version: str = "1.0",
        seconds: float = 8.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> list[Any]:
        """Make one JSON call, once, and return its result; where no connection stands in time, nothing is sent.

        Raises:
            CameraUnreachable: no whole answer within `seconds`; `sent` says whether the call may have arrived.
            CameraBusy, CameraRefused, CameraConfused: as `rpc.decode_reply`.
        """
        self._calls += 1
        number = self._calls  # a long poll waits while others are made
        body = encode_request(method, params or [], number, version)
        timeout = httpx2.Timeout(None, connect=min(connect_seconds, CONNECT_SECONDS))
        request = self._request("POST", endpoint, content=body, headers=_JSON, timeout=timeout)
        reply = await self._exchange(request, method, JSON_CAP, seconds)
        return decode_reply(reply.status, reply.body, method=method, request_id=number)

    async def raw(
        self,
        url: str,
        content: bytes | None = None,
        *,
        headers: Mapping[str, str] = _JSON,
        cap_bytes: int = JSON_CAP,
        seconds: float = 8.0,
    ) -> RawReply:
        """Fetch `url`, or post `content` (JSON, unless `headers` say otherwise), and return whatever answer came.

        Raises:
            CameraUnreachable, CameraConfused: as `get`.
        """
        if content is None:
            return await self._exchange(self._request("GET", url), url, cap_bytes, seconds)
        request = self._request("POST", url, content=content, headers=headers)
        return await self._exchange(request, url, cap_bytes, seconds)

    async def get(self, url: str, *, cap_bytes: int = PICTURE_CAP, seconds: float = 30.0) -> bytes:
        """Fetch one file whole.

        Raises:
            CameraUnreachable: it did not come, or stopped short of its declared length.
            CameraRefused: the camera answered with another status than 200.
            CameraConfused: the address leads elsewhere, or the file is larger than `cap_bytes`.
        """
        request = self._request("GET", url)
        reply = await self._exchange(request, url, cap_bytes, seconds)
        if reply.status != 200:
            raise CameraRefused(f"{url}: the camera answered HTTP {reply.status}", code=reply.status)
        return reply.body

    @asynccontextmanager
    async def stream(self, url: str, *, idle_seconds: float = 10.0) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open an endless answer (liveview) and hand out its chunks; a silence of `idle_seconds` ends it.

        Raises:
            CameraUnreachable, CameraRefused, CameraConfused: as `get`.
        """
        request = self._request("GET", url)
        with _translated(url):
            with anyio.fail_after(idle_seconds):
                response = await self._client.send(request, stream=True)
            try:
                if response.status_code != 200:
                    raise CameraRefused(f"{url}: the camera answered HTTP {response.status_code}")
                async with aclosing(_chunks(response, idle_seconds)) as chunks:
                    yield chunks
            finally:
                with anyio.CancelScope(shield=True), anyio.move_on_after(1):
                    await response.aclose()

    @asynccontextmanager
    async def portion(self, url: str, *, offset: int = 0, idle_seconds: float = 20.0) -> AsyncIterator[Portion]:
        """Open a large file from byte `offset` on; silence or a drip for `idle_seconds` ends it.

        Raises:
            CameraUnreachable: it did not come, or stopped short of its declared length.
            CameraRefused: another status than 200 or 206; `code` is 416 where the file has no such byte.
            CameraConfused: the address leads elsewhere, or other bytes came than those asked for.
        """
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
        request = self._request("GET", url, headers=headers)
        with _translated(url):
            with anyio.fail_after(idle_seconds):
                response = await self._client.send(request, stream=True)
            try:
                start, total = _extent(response, url, offset)
                async with aclosing(_whole(response, url, idle_seconds)) as chunks:
                    yield Portion(start=start, total_bytes=total, chunks=chunks)
            finally:
                with anyio.CancelScope(shield=True), anyio.move_on_after(1):
                    await response.aclose()

    def _request(self, verb: str, url: str, **parts: Any) -> httpx2.Request:
        try:
            split = urlsplit(url)
            port = split.port
        except ValueError:
            raise CameraConfused(f"{url[:120]!r} is no address") from None
        if split.scheme != "http" or split.hostname is None or split.username is not None or port == 0:
            raise CameraConfused(f"{url[:120]!r} is no plain http address")
        if split.hostname != self.host:
            raise CameraConfused(f"the camera at {self.host} pointed to another host, {split.hostname}; not followed")
        try:
            return self._client.build_request(verb, url, **parts)
        except (httpx2.InvalidURL, ValueError) as error:
            raise CameraConfused(f"{url[:120]!r} is no address: {error}") from None

    async def _exchange(self, request: httpx2.Request, what: str, cap_bytes: int, seconds: float) -> RawReply:
        with _translated(what, seconds):
            with anyio.fail_after(seconds):
                response = await self._client.send(request, stream=True)
                try:
                    body = await _capped(response, what, cap_bytes)
                    headers = tuple(
                        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
                    )
                    return RawReply(status=response.status_code, headers=headers, body=body)
                finally:
                    with anyio.CancelScope(shield=True), anyio.move_on_after(1):
                        await response.aclose()


def _no_certificates() -> ssl.SSLContext:
    """Return a context that trusts nobody: cameras speak plain http, and loading the authorities takes 25 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _leaving_by(source: str) -> Transport:
    """Return a transport whose connections are tied to an interface before they are made."""
    transport = httpx2.AsyncHTTPTransport(verify=_no_certificates(), trust_env=False)
    # The library can tie a socket to its sender's address alone: its pool is handed connections of ours instead.
    transport._pool = httpcore2.AsyncConnectionPool(
        max_connections=4, max_keepalive_connections=0, network_backend=BoundBackend(source)
    )
    return transport


async def _capped(response: httpx2.Response, what: str, cap_bytes: int) -> bytes:
    declared = _declared(response)
    if declared is not None and declared > cap_bytes:
        raise CameraConfused(f"{what}: the answer of {declared} bytes is larger than the {cap_bytes} allowed")
    body = bytearray()
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > cap_bytes:
                raise CameraConfused(f"{what}: the answer is larger than the {cap_bytes} bytes allowed")
    if declared is not None and len(body) != declared:
        raise CameraUnreachable(f"{what}: {len(body)} of {declared} bytes came", sent=True, heard=True)
    return bytes(body)


def _extent(response: httpx2.Response, what: str, offset: int) -> tuple[int, int | None]:
    """Return the first byte that comes and the size of the whole file, as the answer's head tells them."""
    if response.status_code == 206 and offset:
        told = response.headers.get("content-range", "")
        match = _CONTENT_RANGE.fullmatch(told.strip())
        if match is None or int(match[1]) != offset:
            raise CameraConfused(f"{what}: asked for the bytes from {offset} on and got {told[:80]!r}")
        return offset, int(match[3]) if match[3] else None
    if response.status_code != 200:
        raise CameraRefused(f"{what}: the camera answered HTTP {response.status_code}", code=response.status_code)
    return 0, _declared(response)


def _declared(response: httpx2.Response) -> int | None:
    declared = response.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 16 else None


async def _whole(response: httpx2.Response, what: str, idle_seconds: float) -> AsyncGenerator[bytes]:
    """Yield a body's chunks; raise when it is shorter than declared, or too slow."""
    declared, came = _declared(response), 0
    left, lasts_until = SLOWEST_BLOCK_BYTES, anyio.current_time() + idle_seconds
    async with aclosing(response.aiter_raw()) as chunks:
        while True:
            with anyio.fail_after(max(0.0, lasts_until - anyio.current_time())):
                chunk = await anext(chunks, None)
            if chunk is None:
                break
            came += len(chunk)
            left -= len(chunk)
            if left <= 0:
                left, lasts_until = SLOWEST_BLOCK_BYTES, anyio.current_time() + idle_seconds
            yield chunk
    if declared is not None and came != declared:
        raise CameraUnreachable(f"{what}: {came} of {declared} bytes came", sent=True, heard=True)


async def _chunks(response: httpx2.Response, idle_seconds: float) -> AsyncGenerator[bytes]:
    async with aclosing(response.aiter_raw()) as chunks:
        while True:
            with anyio.fail_after(idle_seconds):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            yield chunk


@contextmanager
def _translated(what: str, seconds: float | None = None) -> Iterator[None]:
    """Turn the library's errors into ours; only a connection that never stood is certain to have sent nothing."""
    try:
        yield
    except TimeoutError as error:
        waited = f" within {seconds:g} s" if seconds is not None else ""
        raise CameraUnreachable(f"{what}: no whole answer{waited}", sent=True) from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise CameraUnreachable(f"{what}: no connection ({error or 'timed out'})", sent=False) from error
    except (httpx2.RemoteProtocolError, httpx2.DecodingError) as error:
        raise CameraUnreachable(f"{what}: the answer broke off ({error})", sent=True, heard=True) from error
    except httpx2.TransportError as error:
        heard = not isinstance(error, httpx2.TimeoutException)
        said = f"{what}: the connection broke ({error or type(error).__name__})"
        raise CameraUnreachable(said, sent=True, heard=heard) from error
