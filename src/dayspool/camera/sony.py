"""One Sony camera: its state, its shutter, its pictures; a link and the sans-I/O parsers together. Retries nothing."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from dayspool.camera.line import CALL_SECONDS, Courtesy, Line
from dayspool.camera.link import Link
from dayspool.camera.liveview import LiveviewParser
from dayspool.camera.rpc import Code
from dayspool.camera.values import (
    CameraStatus,
    Setting,
    merge,
    parse_events,
    parse_names,
    parse_picture_urls,
)
from dayspool.clock import pause
from dayspool.errors import (
    CameraBusy,
    CameraConfused,
    CameraError,
    CameraRefused,
    CameraUnreachable,
    FrameUnreadable,
    StillExposing,
)
from dayspool.picture.jpeg import inspect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dayspool.camera.link import Transport
    from dayspool.camera.liveview import LiveviewFrame

__all__ = ["UNKNOWN_MODEL", "CameraInfo", "SonyCamera", "open_camera"]

UNKNOWN_MODEL = "Sony camera"
SHUTTER_SECONDS = 90.0  # a 30 s exposure, its noise reduction, and time to answer
POLL_SECONDS = 30.0  # Sony's long polls end after about 20 s
POLL_PAUSE_SECONDS = 0.2
MODE_PAUSE_SECONDS = 1.2  # hx50ripper waits so long between a mode change and a shot on the same generation


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraInfo:
    """Who a camera is and what it offers right now."""

    model: str
    endpoint: str
    methods: tuple[str, ...]
    settings: tuple[Setting, ...]
    status: CameraStatus


class SonyCamera:
    """A camera that speaks JSON at `endpoint`; the caller owns the link."""

    def __init__(self, link: Link, endpoint: str, *, model: str = "", courtesy: Courtesy | None = None) -> None:
        self._link = link
        self.line = Line(link, endpoint, courtesy=courtesy)
        self.endpoint = endpoint
        self.model = model or UNKNOWN_MODEL
        self._event_method = "receiveEvent"

    async def versions(self) -> tuple[str, ...]:
        """Return the protocol versions it speaks; the cheapest proof that a camera is there.

        Raises:
            CameraError: as `Link.call`.
        """
        return parse_names(await self._call("getVersions"), "getVersions")

    async def methods(self) -> tuple[str, ...]:
        """Return the methods on offer in its present state; a hidden one may work all the same."""
        return parse_names(await self._call("getAvailableApiList"), "getAvailableApiList")

    async def status(self, *, seconds: float = CALL_SECONDS) -> CameraStatus:
        """Return its whole state, at once.

        The `/camera` generation calls the method `receiveEvent`, the later ones `getEvent`; whichever answers is kept.
        """
        try:
            return parse_events(await self._call(self._event_method, [False], seconds=seconds))
        except CameraRefused as error:
            if error.code != Code.NO_SUCH_METHOD:
                raise
        self._event_method = "getEvent" if self._event_method == "receiveEvent" else "receiveEvent"
        return parse_events(await self._call(self._event_method, [False], seconds=seconds))

    async def news(self, known: CameraStatus) -> CameraStatus:
        """Wait for a change (a long poll) and return what is known then; without news, `known` itself.

        A poll that is already running (40402) is most often one of ours that was killed.
        """
        try:
            news = await self.line.poll(self._event_method, [True], seconds=POLL_SECONDS)
            return merge(known, parse_events(news))
        except CameraBusy:
            return known
        except CameraRefused as error:
            if error.code in (Code.TIMEOUT, Code.ALREADY_POLLING):
                return known
            raise

    async def until_idle(self) -> CameraStatus:
        """Return its state once it can take the next picture; bound the wait with a deadline of your own."""
        status = await self.status()
        while not status.is_idle:
            before = status
            status = await self.news(status)
            if status == before:  # no news, perhaps at once: ask plainly, but no burst of calls: one hung an HDR-AS50
                await pause(POLL_PAUSE_SECONDS)
                status = await self.status()
        return status

    async def prepare(self) -> CameraStatus:
        """Make it ready for stills and return its state.

        The shoot mode is set only when it differs: some bodies refuse the mode they are already in.
        """
        status = await self.status()
        mode = status.shoot_mode
        if mode is None and "getShootMode" in (status.methods or await self.methods()):
            answer = await self._call("getShootMode")
            mode = answer[0] if answer and isinstance(answer[0], str) else None
        if mode in ("still", None):
            return status
        await self._call("setShootMode", ["still"])
        await pause(MODE_PAUSE_SECONDS)
        return merge(await self.status(), CameraStatus(shoot_mode="still"))

    async def take_picture(self) -> str:
        """Release the shutter, once, and return the address of the picture.

        A long exposure (code 40403) is waited for with `awaitTakePicture`. When this raises with the exposure's fate
        unknown (`CameraUnreachable` with `sent`, `CameraConfused`), ask `status()`; never call it again for the slot.

        Raises:
            CameraBusy: it did not expose; it is still at work, or in another mode.
            CameraRefused: most often 40400, focus.
            CameraUnreachable, CameraConfused: as `Link.call`.
        """
        try:
            return await self._released()
        except StillExposing:
            pass
        try:
            return await self._exposed_picture()
        except CameraError as error:  # it is exposing: whatever goes wrong now says nothing about the picture
            raise CameraUnreachable(f"the long exposure's answer is missing: {error}", sent=True) from error

    async def _released(self) -> str:
        return parse_picture_urls(await self.line.call("actTakePicture", seconds=SHUTTER_SECONDS, urgent=True))[0]

    async def _exposed_picture(self) -> str:
        try:
            with anyio.fail_after(SHUTTER_SECONDS):
                while True:
                    try:
                        return parse_picture_urls(await self._call("awaitTakePicture", seconds=SHUTTER_SECONDS))[0]
                    except StillExposing:
                        await pause(POLL_PAUSE_SECONDS)
        except TimeoutError as error:
            raise CameraUnreachable("awaitTakePicture: the exposure did not end", sent=True) from error

    async def picture(self, url: str, *, seconds: float = 60.0) -> bytes:
        """Return the picture at `url`: a whole JPEG, its declared length and its end marker checked.

        Raises:
            FrameUnreadable: it came, and is no whole JPEG.
            CameraUnreachable, CameraRefused, CameraConfused: as `Link.get`.
        """
        data = await self._link.get(url, seconds=seconds)
        try:
            inspect(data)
        except FrameUnreadable as error:
            raise FrameUnreadable(f"the picture at {url} is no whole JPEG: {error}") from error
        return data

    @asynccontextmanager
    async def liveview(self) -> AsyncIterator[AsyncIterator[LiveviewFrame]]:
        """Start the viewfinder stream and hand out its frames; it ends at the next shot on the RX100 M2.

        Raises:
            CameraError: as `Link.call` and `Link.stream`.
        """
        url = await self._start_liveview()
        try:
            async with self._link.stream(url) as chunks:
                yield _frames(chunks)
        finally:
            with suppress(CameraError):  # a politeness: a shot may have ended it already, and we have gone either way
                await self._call("stopLiveview")

    async def _start_liveview(self) -> str:
        try:
            answer = await self._call("startLiveview")
        except CameraRefused as error:
            if error.code != Code.ALREADY_POLLING:  # seen on app cameras while a stream runs: stop it, then start
                raise
            await self._call("stopLiveview")
            answer = await self._call("startLiveview")
        if not (answer and isinstance(answer[0], str)):
            raise CameraConfused(f"startLiveview: expected an address, got {str(answer)[:80]}")
        return answer[0]

    async def info(self) -> CameraInfo:
        """Return who it is and what it offers right now."""
        methods = await self.methods()
        status = await self.status()
        return CameraInfo(
            model=self.model,
            endpoint=self.endpoint,
            methods=methods,
            settings=_settings(status, methods),
            status=status,
        )

    async def set(self, name: str, value: str) -> None:
        """Set one setting by the name `info` gives it.

        Raises:
            CameraRefused: it has no such setting, cannot set it now, or not to this value; the message has the choices.
        """
        settings = {setting.name: setting for setting in (await self.info()).settings}
        if name not in settings:
            raise CameraRefused(f"{self.model} has no setting {name!r}; it has {', '.join(settings) or 'none'}")
        setting = settings[name]
        if setting.choices and value not in setting.choices:
            raise CameraRefused(f"{name} cannot be {value!r}; the choices are {', '.join(setting.choices)}")
        if not setting.writable:
            raise CameraRefused(f"{name} can only be read on {self.model}; it is {setting.value}")
        if setting.value != value:
            await self._call(_SETTERS[name], [value])

    async def _call(
        self, method: str, params: list[object] | None = None, *, seconds: float = CALL_SECONDS
    ) -> list[object]:
        return await self.line.call(method, params, seconds=seconds)


_SETTERS = {"shoot-mode": "setShootMode"}


def _settings(status: CameraStatus, methods: tuple[str, ...]) -> tuple[Setting, ...]:
    settings = []
    if status.shoot_mode is not None:
        choices, writable = status.shoot_modes or (), "setShootMode" in methods
        settings.append(Setting(name="shoot-mode", value=status.shoot_mode, choices=choices, writable=writable))
    if status.zoom_position is not None:
        settings.append(Setting(name="zoom-position", value=status.zoom_position))
    return tuple(settings)


async def _frames(chunks: AsyncIterator[bytes]) -> AsyncIterator[LiveviewFrame]:
    parser = LiveviewParser()
    async for chunk in chunks:
        for frame in parser.receive(chunk):
            yield frame


@asynccontextmanager
async def open_camera(
    endpoint: str,
    *,
    model: str = "",
    transport: Transport | None = None,
    source: str | None = None,
    courtesy: Courtesy | None = None,
) -> AsyncIterator[SonyCamera]:
    """Open a line to the camera at `endpoint` (`http://10.0.0.1:10000/camera`); nothing is sent yet.

    `transport` and `source` are as for `Link`. A `courtesy` that outlives the line keeps what was learned of how much
    time the body needs between calls. A host name is looked up once and replaced by its address, because the camera
    names its pictures' host by address.

    Raises:
        CameraConfused: the endpoint is no plain http address.
        CameraUnreachable: the host name has no address.
    """
    try:
        split = urlsplit(endpoint)
        host, port = split.hostname, split.port or 80
    except ValueError:
        host = None
    if host is None:
        raise CameraConfused(f"{endpoint!r} is no camera address; write http://10.0.0.1:10000/camera")
    address = await _address_of(host)
    async with Link(address, transport=transport, source=source) as link:
        yield SonyCamera(link, split._replace(netloc=f"{address}:{port}").geturl(), model=model, courtesy=courtesy)


async def _address_of(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        found = await anyio.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CameraUnreachable(f"{host} has no address: {error.strerror or error}", sent=False) from error
    return str(found[0][4][0])
