"""The shutter: one picture, long ones, bulb, bursts, and the half-press that some bodies want before.

The bodies of 2017 to 2019 (A7 III, A6400, RX0, RX100 M5A …) take no picture in AF unless the shutter was half pressed
and focus has answered. The half-press can be done before the instant, so that the shutter request leaves on time. No
exposure is ever asked for twice; a half-press, which exposes nothing, is repeated while the camera still saves.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.camera.line import CALL_SECONDS
from dayspool.camera.link import CONNECT_SECONDS
from dayspool.camera.rpc import Code
from dayspool.camera.values import CameraStatus, parse_picture_urls
from dayspool.clock import pause
from dayspool.errors import (
    CameraBusy,
    CameraConfused,
    CameraError,
    CameraRefused,
    CameraUnreachable,
    StillExposing,
)

if TYPE_CHECKING:
    from dayspool.camera.events import Events
    from dayspool.camera.line import Line

__all__ = ["BULB", "FOCUS_SECONDS", "ON_BULB", "Shutter"]

SHUTTER_SECONDS = 90.0  # a 30 s exposure, its noise reduction, and time to answer
POLL_PAUSE_SECONDS = 0.2
FOCUS_SECONDS = 3.0  # so long focus is waited for; at night it hunts for about as long and fails
FOCUS_POLL_SECONDS = 0.1
UNTOLD_FOCUS_SECONDS = 1.0  # where the events do not tell of focus at all (A6600), or the half-press was taken late
LET_GO_SECONDS = 2.0
WATCH_SECONDS = 2.0
WRITING_SECONDS = 60.0  # a burst; the noise reduction of a long exposure takes as long as the exposure on top of it

BULB = "BULB"
ON_BULB = (
    "the camera's shutter is on BULB, where a picture has no length; set a time on the camera, or with "
    "`dayspool camera set shutter 1/60`"
)

_FOCUS_ENDS = ("Focused", "Failed")
_HALF_PRESS = "actHalfPressShutter"


class Shutter:
    """The shutter of one camera.

    `half_press` says whether its model wants the half-press in AF. For an unknown model (`None`) it is done where the
    camera lists it: bodies that list it and do without (QX10, HX60V) work with it too.
    """

    def __init__(self, line: Line, events: Events, *, half_press: bool | None) -> None:
        self._line = line
        self._events = events
        self._half_press = half_press
        self._pressed = False

    @property
    def focus_first(self) -> bool:
        """Whether the next picture needs a half-press before; never in manual focus."""
        if self._events.known.focus_mode == "MF":
            return False
        learned = self._line.courtesy.half_press
        known = self._half_press if learned is None else learned
        return _HALF_PRESS in self._events.ever_offered if known is None else known

    async def focus(self, *, seconds: float = FOCUS_SECONDS) -> bool:
        """Half-press the shutter and wait for focus, at most `FOCUS_SECONDS`; return whether it locked.

        All of it ends within `seconds`; a camera that still saves is asked again until then. The shutter stays half
        pressed until the next picture, or `let_go`.

        Raises:
            CameraUnreachable, CameraConfused: as `Link.call`.
        """
        now = anyio.current_time()
        by = now + seconds
        if not await self._half_pressed(by):
            return False
        return await self._focused(min(by, max(now + FOCUS_SECONDS, anyio.current_time() + UNTOLD_FOCUS_SECONDS)))

    async def _half_pressed(self, by: float) -> bool:
        """Half-press, again and again while the camera says "not now" and is not idle; say whether it took it."""
        idle = False
        while (left := by - anyio.current_time()) > 0:
            self._pressed = True  # even when the answer is missing it may have been heard
            try:
                await self._line.call(_HALF_PRESS, seconds=min(left, CALL_SECONDS), urgent=True)
            except CameraRefused as error:  # not on this body: the picture is tried all the same
                self._pressed = False
                if error.code == Code.NO_SUCH_METHOD:
                    self._line.courtesy.half_press = False
                return False
            except CameraBusy:
                self._pressed = False
            else:
                return True
            if idle:  # it declines though nothing keeps it: no use to insist
                return False
            idle = await self._idle_soon(by)
        return False

    async def _idle_soon(self, by: float) -> bool:
        """Say whether the camera is idle; if not, after a pause. One that does not tell is not."""
        with suppress(CameraBusy, CameraRefused), anyio.move_on_after(by - anyio.current_time()):
            if (await self._events.status()).is_idle:
                return True
            await pause(POLL_PAUSE_SECONDS)
        return False

    async def _focused(self, by: float) -> bool:
        told = False
        with suppress(CameraBusy, CameraRefused), anyio.move_on_after(by - anyio.current_time()):
            while True:
                status = (await self._events.status()).focus_status
                if status in _FOCUS_ENDS:
                    return status == "Focused"
                if status is None and not told:
                    await pause(UNTOLD_FOCUS_SECONDS)
                    return False
                told = True
                await pause(FOCUS_POLL_SECONDS)
        return False

    async def let_go(self) -> None:
        """Release a half-pressed shutter; a camera that is gone has let go by itself."""
        if not self._pressed:
            return
        self._pressed = False
        with anyio.CancelScope(shield=True), anyio.move_on_after(LET_GO_SECONDS + 1), suppress(CameraError):
            await self._line.call("cancelHalfPressShutter", seconds=LET_GO_SECONDS)

    async def take_picture(self) -> str:
        """Focus where the body wants it, release the shutter, once, and return the address of the picture.

        Raises:
            CameraError: as `release`.
        """
        await self.refuse_bulb()
        if self.focus_first and not self._pressed:
            await self.focus()
        return await self.release()

    async def release(self, *, within_seconds: float = math.inf) -> str:
        """Release the shutter, once and at once, and return the address of the picture; `focus` comes before.

        Where no connection stands `within_seconds`, nothing was sent: a slot's time is over then.

        A long exposure (code 40403) is waited for with `awaitTakePicture`, whatever the camera lists. When this raises
        with the exposure's fate unknown (`CameraUnreachable` with `sent`, `CameraConfused`), ask the events; never call
        it again for the slot.

        Raises:
            CameraBusy: it did not expose; it is still at work, or in another mode.
            CameraRefused: most often 40400, focus; or its shutter is on BULB, when nothing was sent.
            CameraUnreachable, CameraConfused: as `Link.call`.
        """
        if self._events.known.shutter == BULB:
            await self.let_go()
            raise CameraRefused(ON_BULB)
        bare = not self.focus_first
        try:
            url = await self._exposed(within_seconds)
        except CameraRefused as error:
            if error.code == Code.SHOOTING_FAIL and bare:
                self._learn_half_press(works_bare=False)
            raise
        finally:
            await self.let_go()
        if bare:
            self._learn_half_press(works_bare=True)
        return url

    async def refuse_bulb(self) -> None:
        """Raise where a picture would have no length: some cameras would go on exposing for ever.

        The camera is asked only if it was on BULB when last heard of.

        Raises:
            CameraRefused: its shutter is on BULB.
            CameraError: as `Link.call`.
        """
        if self._events.known.shutter == BULB and (await self._events.status()).shutter == BULB:
            raise CameraRefused(ON_BULB)

    def _learn_half_press(self, *, works_bare: bool) -> None:
        """A body that refuses its first bare shot in AF and lists the half-press gets it from the next shot on.

        One that took a bare picture in AF before fails for want of light, and a half-press would not help it.
        """
        known = self._events.known
        if known.focus_mode == "MF" or self._line.courtesy.half_press is not None:
            return
        if works_bare or _HALF_PRESS in (known.methods or ()):
            self._line.courtesy.half_press = not works_bare

    async def _exposed(self, within_seconds: float) -> str:
        seconds = min(within_seconds, CONNECT_SECONDS)
        try:
            return _address(
                await self._line.call("actTakePicture", seconds=SHUTTER_SECONDS, urgent=True, connect_seconds=seconds)
            )
        except StillExposing:
            pass
        try:
            return await self._awaited()
        except CameraError as error:  # it is exposing: whatever goes wrong now says nothing about the picture
            heard = not isinstance(error, CameraUnreachable) or error.heard
            raise CameraUnreachable(
                f"the long exposure's answer is missing: {error}", sent=True, heard=heard
            ) from error

    async def _awaited(self) -> str:
        heard = False
        try:
            with anyio.fail_after(SHUTTER_SECONDS):
                while True:
                    try:
                        return _address(await self._line.call("awaitTakePicture", seconds=SHUTTER_SECONDS))
                    except StillExposing:
                        heard = True
                        await pause(POLL_PAUSE_SECONDS)
        except TimeoutError as error:
            raise CameraUnreachable("awaitTakePicture: the exposure did not end", sent=True, heard=heard) from error

    async def bulb(self, seconds: float) -> tuple[str, ...]:
        """Expose for `seconds` (the shutter must be on BULB) and return the addresses of the picture.

        Raises:
            CameraRefused: the body has no bulb over Wi-Fi.
            CameraUnreachable: it may be exposing still; `CameraBusy`, `CameraConfused`: as `Link.call`.
        """
        return await self._held("startBulbShooting", "stopBulbShooting", seconds)

    async def continuous(self, seconds: float) -> tuple[str, ...]:
        """Shoot a burst for `seconds` (the drive mode must be continuous) and return the pictures' addresses.

        Raises:
            CameraRefused: the body has no bursts over Wi-Fi.
            CameraUnreachable: it may be shooting still; `CameraBusy`, `CameraConfused`: as `Link.call`.
        """
        return await self._held("startContShooting", "stopContShooting", seconds)

    async def _held(self, start: str, stop: str, seconds: float) -> tuple[str, ...]:
        """Hold the shutter open, or down, for `seconds`; whatever happens meanwhile, it is let go of."""
        known = self._events.known
        before = {*(known.picture_urls or ()), *(known.continuous_urls or ()), *(known.bulb_urls or ())}
        if self.focus_first:
            await self.focus()
        began = anyio.current_time()
        try:
            urls, trouble = await self._open_and_close(start, stop, seconds)
        finally:
            await self.let_go()
        try:
            urls |= await self._written(WRITING_SECONDS + anyio.current_time() - began)
        except CameraError as error:
            raise trouble or error from error
        new = tuple(url for url in urls if url not in before)
        if trouble is not None and not new:
            raise trouble
        return new

    async def _open_and_close(
        self, start: str, stop: str, seconds: float
    ) -> tuple[dict[str, None], CameraError | None]:
        """Return the addresses told of meanwhile, and what went wrong when it was let go of.

        It is let go of whenever the start may have reached the camera, whether or not that said so.
        """
        began = anyio.current_time()
        try:
            await self._line.call(start, urgent=True)
            urls = await self._watched(seconds)
        except (CameraBusy, CameraRefused):
            raise
        except BaseException as error:
            if not isinstance(error, CameraUnreachable) or error.sent:
                await self._closed(stop, began)
            raise
        return urls, await self._closed(stop, began)

    async def _closed(self, stop: str, began: float) -> CameraError | None:
        """Let go, whoever wants to leave meanwhile; the noise reduction may take as long as the exposure did."""
        seconds = CALL_SECONDS + anyio.current_time() - began
        with anyio.CancelScope(shield=True):
            try:
                await self._line.call(stop, urgent=True, seconds=seconds)
            except CameraError as error:  # the camera's events tell what became of it
                return error
        return None

    async def _watched(self, seconds: float) -> dict[str, None]:
        """Wait for so long, and note the addresses that events tell of meanwhile."""
        urls: dict[str, None] = {}
        by = anyio.current_time() + seconds
        while (left := by - anyio.current_time()) > 0:
            await pause(min(left, WATCH_SECONDS))
            if by - anyio.current_time() > WATCH_SECONDS:
                with suppress(CameraBusy, CameraRefused):
                    urls |= dict.fromkeys(_addresses(await self._events.status()))
        return urls

    async def _written(self, seconds: float) -> dict[str, None]:
        """Return the addresses that events tell of until the camera is idle again, at most `seconds` from now."""
        urls: dict[str, None] = {}
        status = CameraStatus()
        try:
            with anyio.fail_after(seconds):
                while not status.is_idle:
                    status = await self._events.status()
                    urls |= dict.fromkeys(_addresses(status))
                    if not status.is_idle:
                        await pause(POLL_PAUSE_SECONDS)
        except TimeoutError as error:
            raise CameraUnreachable("the camera did not come to rest after the exposure", sent=True) from error
        return urls


def _addresses(status: CameraStatus) -> tuple[str, ...]:
    return (*(status.continuous_urls or ()), *(status.bulb_urls or ()), *(status.picture_urls or ()))


def _address(result: list[Any]) -> str:
    urls = parse_picture_urls(result)
    if not urls[0]:
        raise CameraConfused("actTakePicture: the camera named no picture")
    return urls[0]
