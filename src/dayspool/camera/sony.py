"""One Sony camera: its state, its shutter, its pictures; a link and the sans-I/O parsers together. Retries nothing."""

from __future__ import annotations

import math
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from dayspool.camera.changing import set_and_read_back
from dayspool.camera.download import download
from dayspool.camera.events import Events, refuse_not_ready
from dayspool.camera.line import CALL_SECONDS, Line
from dayspool.camera.liveview import LiveviewParser
from dayspool.camera.models import model_named
from dayspool.camera.notnow import explained
from dayspool.camera.rpc import Code
from dayspool.camera.settings import Setting, read_settings
from dayspool.camera.shutter import FOCUS_SECONDS, Shutter
from dayspool.camera.single import make_single
from dayspool.camera.startup import make_ready, set_postview, start
from dayspool.camera.values import CameraStatus, parse_events, parse_names
from dayspool.core.camera import Dialect, dialect_of
from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraRefused, CameraUnreachable, FrameUnreadable
from dayspool.picture.jpeg import inspect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from dayspool.camera.line import Courtesy
    from dayspool.camera.link import Link
    from dayspool.camera.liveview import LiveviewFrame

__all__ = ["UNKNOWN_MODEL", "CameraInfo", "SonyCamera"]

UNKNOWN_MODEL = "Sony camera"
FRAME_SECONDS = 10.0  # bodies give 15 to 30 frames a second


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraInfo:
    """Who a camera is and what it offers right now.

    Attributes:
        application: the name and version of the program in the camera that answers; empty when it does not tell.
    """

    model: str
    endpoint: str
    application: tuple[str, ...]
    methods: tuple[str, ...]
    settings: tuple[Setting, ...]
    status: CameraStatus


class SonyCamera:
    """A camera that speaks JSON at `endpoint`; the caller owns the link.

    Attributes:
        line: its services, one call at a time; settings and contents build on it.
        events: its state, and the news of it.
        dialect: as given, else its model's, else what its address tells.
        identity: who it is among cameras of its model, where discovery told.
        location: where its description is, where discovery told.
        notes: what the last `prepare` could not do as asked, or had to change, a sentence each.
    """

    def __init__(
        self,
        link: Link,
        endpoint: str,
        *,
        model: str = "",
        dialect: Dialect | None = None,
        courtesy: Courtesy | None = None,
        identity: str | None = None,
        location: str | None = None,
    ) -> None:
        self._link = link
        self._row = model_named(model)
        self.endpoint = endpoint
        self.model = model or UNKNOWN_MODEL
        self.dialect = dialect or (self._row and self._row.dialect) or _dialect_at(endpoint)
        self.identity, self.location = identity, location
        self.notes: tuple[str, ...] = ()
        self.line = Line(link, endpoint, courtesy=courtesy)
        self.events = Events(self.line, self.dialect)
        half_press = self._row.half_press if self._row else (True if self.dialect is Dialect.BUILTIN_3 else None)
        self._shutter = Shutter(self.line, self.events, half_press=half_press)

    @property
    def known(self) -> CameraStatus:
        """All that its events have told so far."""
        return self.events.known

    @property
    def focus_first(self) -> bool:
        """Whether its next picture needs `focus` before: half a shutter press, in AF, on the bodies that want it."""
        return self._shutter.focus_first

    @property
    def errs_though_exposed(self) -> bool:
        """Whether its model was seen to report errors for pictures it took."""
        return self._row is not None and self._row.errs_though_exposed

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
        """Return its whole state, at once; as `Events.status`."""
        return await self.events.status(seconds=seconds)

    async def news(self, known: CameraStatus) -> CameraStatus:
        """Wait for a change and return what is known then; as `Events.news`."""
        return await self.events.news(known)

    async def until_idle(self) -> CameraStatus:
        """Return its state once it can take the next picture; as `Events.until_idle`."""
        return await self.events.until_idle()

    async def keep_awake(self, *, seconds: float) -> None:
        """Make a light call, so that the body does not fall asleep.

        Raises:
            CameraUnreachable: its remote control has ended; `prepare` on a new line starts it again.
            CameraError: as `Link.call`.
        """
        refuse_not_ready(await self.status(seconds=seconds))

    async def start(self) -> CameraStatus:
        """Start its remote control where needed and return its state, its modes untouched; as `startup.start`."""
        return await start(self.line, self.events, self.dialect)

    async def prepare(self, *, postview: str | None = None, single: bool = False) -> CameraStatus:
        """Make it ready for stills and return its state; `postview` is `original` or `2M`, or as the camera is.

        With `single` it is also seen to that one request brings one picture, at once: no continuous drive mode, no
        self-timer, no BULB. What was changed for that, and what could not be done as asked and does not keep it from
        shooting, is in `notes`.

        Raises:
            CameraError: as `startup.make_ready` and `single.make_single`.
        """
        status = await make_ready(self.line, self.events, self.dialect)
        self.notes = await make_single(self, status) if single else ()
        note = await set_postview(self.line, status, postview) if postview is not None else None
        if note is not None:
            self.notes = (*self.notes, note)
        return status

    async def focus(self, *, seconds: float = FOCUS_SECONDS) -> bool:
        """Half-press the shutter and wait for focus, before `release`; as `Shutter.focus`."""
        return await self._shutter.focus(seconds=seconds)

    async def let_go(self) -> None:
        """Release the half-pressed shutter where no picture follows."""
        await self._shutter.let_go()

    async def take_picture(self) -> str:
        """Focus if need be, release the shutter, once, and return the picture's address; as `Shutter.take_picture`."""
        with explained("actTakePicture", lambda: self.known):
            return await self._shutter.take_picture()

    async def release(self, *, within_seconds: float = math.inf) -> str:
        """Release the shutter, once and at once, and return the picture's address; as `Shutter.release`."""
        with explained("actTakePicture", lambda: self.known):
            return await self._shutter.release(within_seconds=within_seconds)

    async def refuse_bulb(self) -> None:
        """Raise where its shutter is on BULB; as `Shutter.refuse_bulb`."""
        await self._shutter.refuse_bulb()

    async def bulb(self, seconds: float) -> tuple[str, ...]:
        """Expose for `seconds` on BULB and return the picture's addresses; as `Shutter.bulb`."""
        with explained("startBulbShooting", lambda: self.known):
            return await self._shutter.bulb(seconds)

    async def continuous(self, seconds: float) -> tuple[str, ...]:
        """Shoot a burst for `seconds` and return the pictures' addresses; as `Shutter.continuous`."""
        with explained("startContShooting", lambda: self.known):
            return await self._shutter.continuous(seconds)

    async def picture(self, url: str, *, part: BytesIO | None = None, seconds: float = 60.0) -> bytes:
        """Return the picture at `url`: a whole JPEG, its declared length and its end marker checked.

        `part` keeps what has come when this is cut short; handed in again, the download goes on from there where the
        camera can do that.

        Raises:
            FrameUnreadable: it came, and is no whole JPEG.
            CameraUnreachable, CameraRefused, CameraConfused: as `download`.
        """
        file = BytesIO() if part is None else part
        try:
            with anyio.fail_after(seconds):
                await download(self._link, url, file, idle_seconds=seconds)
        except TimeoutError as error:
            raise CameraUnreachable(f"{url}: no whole answer within {seconds:g} s", sent=True) from error
        data = file.getvalue()  # hands out what it holds, where `read` makes a copy of 8 MB
        try:
            inspect(data)
        except FrameUnreadable as error:
            raise FrameUnreadable(f"the picture at {url} is no whole JPEG: {error}") from error
        return data

    @asynccontextmanager
    async def liveview(self, *, focus: bool = False) -> AsyncIterator[AsyncIterator[LiveviewFrame]]:
        """Start the viewfinder stream and hand out its frames; it ends at the next shot on the RX100 M2.

        With `focus` they carry the rectangles the camera focuses on.

        Raises:
            CameraRefused: it does not offer focus rectangles.
            CameraUnreachable: no picture came for 10 s, whatever else did.
            CameraError: as `Link.call` and `Link.stream`.
        """
        if focus:
            await self._show_focus(True)
        url = await self._start_liveview()
        try:
            async with self._link.stream(url) as chunks, aclosing(_frames(chunks)) as frames:
                yield frames
        finally:
            with suppress(CameraError):  # a politeness: a shot may have ended it already, and we have gone either way
                await self._call("stopLiveview")
                if focus:
                    await self._show_focus(False)

    async def _show_focus(self, wanted: bool) -> None:
        try:
            await self._call("setLiveviewFrameInfo", [{"frameInfo": wanted}])
        except CameraRefused as error:
            raise CameraRefused(f"the camera does not tell where it focuses: {error}", code=error.code) from error

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
        """Return who it is and what it offers right now; `start` it before, or app cameras tell little."""
        methods = await self.methods()
        events = await self.events.whole()
        return CameraInfo(
            model=self.model,
            endpoint=self.endpoint,
            application=await self._application(methods),
            methods=methods,
            settings=await read_settings(self.line, events, methods),
            status=parse_events(events),
        )

    async def set(self, name: str, text: str, *, insist: bool = False) -> Setting:
        """Set one setting, by the name `info` gives it, to what a person wrote (`1/250`, `f/4`, `+0.7 EV`, `5600K`).

        With `insist` it is tried although the camera does not offer it now. Returns the setting as it is then.

        Raises:
            PlanError: there is no such setting, or the text is none of its values; the message has the choices.
            CameraRefused: it has no such setting now, cannot set it now, or kept what it had.
            CameraError: as `Link.call`.
        """
        return await set_and_read_back(self, name, text, insist=insist)

    async def _application(self, methods: tuple[str, ...]) -> tuple[str, ...]:
        if "getApplicationInfo" not in methods:
            return ()
        try:
            told = await self._call("getApplicationInfo")
        except (CameraRefused, CameraBusy):
            return ()
        return tuple(part for part in told if isinstance(part, str))

    async def _call(
        self, method: str, params: list[object] | None = None, *, seconds: float = CALL_SECONDS
    ) -> list[object]:
        return await self.line.call(method, params, seconds=seconds)


async def _frames(chunks: AsyncIterator[bytes]) -> AsyncGenerator[LiveviewFrame]:
    """Yield the frames of a stream; one that brings bytes and no picture for `FRAME_SECONDS` is at its end."""
    parser = LiveviewParser()
    lasts_until = anyio.current_time() + FRAME_SECONDS
    async for chunk in chunks:
        for frame in parser.receive(chunk):
            yield frame
            lasts_until = anyio.current_time() + FRAME_SECONDS
        if anyio.current_time() >= lasts_until:
            raise CameraUnreachable(f"liveview: the camera sent no picture within {FRAME_SECONDS:g} s", sent=True)


def _dialect_at(endpoint: str) -> Dialect:
    split = urlsplit(endpoint)
    return dialect_of(host=split.hostname or "", port=split.port or 80, path=split.path)
