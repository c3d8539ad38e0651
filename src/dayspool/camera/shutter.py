"""The shutter: one picture, long ones, bulb, bursts, and the half-press that some bodies want before. Retries nothing.

The bodies of 2017 to 2019 (A7 III, A6400, RX0, RX100 M5A …) take no picture in AF unless the shutter was half pressed
and focus has answered. The half-press can be done before the instant, so that the shutter request leaves on time.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio

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

__all__ = ["FOCUS_SECONDS", "Shutter"]

SHUTTER_SECONDS = 90.0  # a 30 s exposure, its noise reduction, and time to answer
POLL_PAUSE_SECONDS = 0.2
FOCUS_SECONDS = 3.0  # so long focus is waited for; at night it hunts for about as long and fails
UNTOLD_FOCUS_SECONDS = 1.0  # where the events do not tell of focus at all (A6600)
LET_GO_SECONDS = 2.0
WATCH_SECONDS = 2.0
WRITING_SECONDS = 60.0  # a burst, or a bulb exposure's noise reduction

_FOCUS_ENDS = ("Focused", "Failed")
_BULB = "BULB"
_HALF_PRESS = "actHalfPressShutter"


class Shutter:
    """The shutter of one camera; `half_press` says whether it is known to want the half-press in AF."""

    def __init__(self, line: Line, events: Events, *, half_press: bool) -> None:
        self._line = line
        self._events = events
        self._half_press = half_press
        self._pressed = False

    @property
    def focus_first(self) -> bool:
        """Whether the next picture needs a half-press before; never in manual focus."""
        known = self._events.known
        learned = self._line.courtesy.half_press
        return (self._half_press if learned is None else learned) and known.focus_mode != "MF"

    async def focus(self, *, seconds: float = FOCUS_SECONDS) -> bool:
        """Half-press the shutter and wait at most `seconds` for focus; return whether it locked.

        The shutter stays half pressed until the next picture, or `let_go`.

        Raises:
            CameraUnreachable, CameraConfused: as `Link.call`.
        """
        asked = anyio.current_time()
        self._pressed = True  # even when the answer is missing it may have been heard
        try:
            await self._line.call(_HALF_PRESS)
        except (CameraBusy, CameraRefused) as error:  # not now, or not on this body: the picture is tried all the same
            self._pressed = False
            if error.code == Code.NO_SUCH_METHOD:
                self._line.courtesy.half_press = False
            return False
        return await self._focused(asked + seconds)

    async def _focused(self, by: float) -> bool:
        told = False
        with anyio.move_on_after(by - anyio.current_time()):
            while True:
                status = (await self._events.status()).focus_status
                if status in _FOCUS_ENDS:
                    return status == "Focused"
                if status is None and not told:
                    await pause(UNTOLD_FOCUS_SECONDS)
                    return False
                told = True
                await pause(POLL_PAUSE_SECONDS)
        return False

    async def let_go(self) -> None:
        """Release a half-pressed shutter; a camera that is gone has let go by itself."""
        if not self._pressed:
            return
        self._pressed = False
        with anyio.CancelScope(shield=True), anyio.move_on_after(LET_GO_SECONDS + 1), suppress(CameraError):
            await self._line.call("cancelHalfPressShutter", seconds=LET_GO_SECONDS)

    async def take_picture(self) -> str:
        """Release the shutter, once, and return the address of the picture.

        A body that wants it is focused first, unless `focus` was called before. A long exposure (code 40403) is waited
        for with `awaitTakePicture`, whatever the camera lists. When this raises with the exposure's fate unknown
        (`CameraUnreachable` with `sent`, `CameraConfused`), ask the events; never call it again for the slot.

        Raises:
            CameraBusy: it did not expose; it is still at work, or in another mode.
            CameraRefused: most often 40400, focus; or its shutter is on BULB, when nothing was sent.
            CameraUnreachable, CameraConfused: as `Link.call`.
        """
        await self._refuse_bulb()
        bare = not self.focus_first
        if not bare and not self._pressed:
            await self.focus()
        try:
            url = await self._exposed()
        except CameraRefused as error:
            if error.code == Code.SHOOTING_FAIL and bare:
                self._learn_half_press(works_bare=False)
            raise
        finally:
            await self.let_go()
        if bare:
            self._learn_half_press(works_bare=True)
        return url

    async def _refuse_bulb(self) -> None:
        """Raise where a picture would have no length; some cameras would go on exposing for ever."""
        if self._events.known.shutter != _BULB or (await self._events.status()).shutter != _BULB:
            return
        raise CameraRefused("the camera's shutter is on BULB, where a picture has no length; set a time on the camera")

    def _learn_half_press(self, *, works_bare: bool) -> None:
        """A body that refuses its first bare shot in AF and lists the half-press gets it from the next shot on.

        One that took a bare picture in AF before fails for want of light, and a half-press would not help it.
        """
        known = self._events.known
        if known.focus_mode == "MF" or self._line.courtesy.half_press is not None:
            return
        if works_bare or _HALF_PRESS in (known.methods or ()):
            self._line.courtesy.half_press = not works_bare

    async def _exposed(self) -> str:
        try:
            return _address(await self._line.call("actTakePicture", seconds=SHUTTER_SECONDS, urgent=True))
        except StillExposing:
            pass
        try:
            return await self._awaited()
        except CameraError as error:  # it is exposing: whatever goes wrong now says nothing about the picture
            raise CameraUnreachable(f"the long exposure's answer is missing: {error}", sent=True) from error

    async def _awaited(self) -> str:
        try:
            with anyio.fail_after(SHUTTER_SECONDS):
                while True:
                    try:
                        return _address(await self._line.call("awaitTakePicture", seconds=SHUTTER_SECONDS))
                    except StillExposing:
                        await pause(POLL_PAUSE_SECONDS)
        except TimeoutError as error:
            raise CameraUnreachable("awaitTakePicture: the exposure did not end", sent=True) from error

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
        try:
            await self._line.call(start, urgent=True)
            try:
                urls = await self._watched(seconds)
            finally:
                with anyio.CancelScope(shield=True):
                    await self._line.call(stop, urgent=True)
        finally:
            await self.let_go()
        return tuple(url for url in urls | await self._written() if url not in before)

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

    async def _written(self) -> dict[str, None]:
        """Return the addresses that events tell of until the camera is idle again."""
        urls: dict[str, None] = {}
        status = CameraStatus()
        try:
            with anyio.fail_after(WRITING_SECONDS):
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
