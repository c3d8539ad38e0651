"""Get the camera back, and learn what became of a shot whose answer is missing: the one storey that retries."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

import anyio

from dayspool.core.events import CameraLost, CameraReady, Gap, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.errors import CameraError, CameraRefused, CameraUnreachable

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from dayspool.camera import SonyCamera
    from dayspool.clock import Clock
    from dayspool.core.events import Event

__all__ = ["CameraSource", "Lifeline", "doubt_about", "verdict"]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
ATTEMPT_SECONDS = 20.0


class CameraSource(Protocol):
    """Where a camera comes from: a fixed address, or a search."""

    def open(self) -> AbstractAsyncContextManager[SonyCamera]:
        """Open a line to a camera that answers.

        Raises:
            CameraError: there is none.
        """


class Lifeline:
    """The camera while it is there, and the way to get it back."""

    def __init__(self, source: CameraSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._stack = contextlib.AsyncExitStack()
        self._camera: SonyCamera | None = None
        self._pause = FIRST_PAUSE

    @property
    def camera(self) -> SonyCamera:
        """The connected camera.

        Raises:
            CameraUnreachable: there is none at the moment.
        """
        if self._camera is None:
            raise CameraUnreachable("no camera is connected", sent=False)
        return self._camera

    async def drop(self) -> None:
        """Let go of the camera, connected or not."""
        self._camera = None
        stack, self._stack = self._stack, contextlib.AsyncExitStack()
        with anyio.CancelScope(shield=True), anyio.move_on_after(2):
            await stack.aclose()

    async def connect(self, until: datetime) -> CameraReady | None:
        """Try to get a camera that is ready for stills until `until`; return `None` when there was none.

        Pauses between attempts double up to eight seconds, and carry over from call to call while the camera is away.
        """
        while (left := (until - self._clock.utc()).total_seconds()) > 0:
            try:
                with anyio.fail_after(min(left, ATTEMPT_SECONDS)):
                    camera = await self._stack.enter_async_context(self._source.open())
                    await camera.prepare()
            except (CameraError, TimeoutError):
                await self.drop()
                await anyio.sleep(min(self._pause, max(0.0, (until - self._clock.utc()).total_seconds())))
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
            except BaseException:
                await self.drop()
                raise
            else:
                self._camera, self._pause = camera, FIRST_PAUSE
                return CameraReady(endpoint=camera.endpoint, model=camera.model)
        return None


async def verdict(camera: SonyCamera, slot: int, known_url: str | None, doubt: tuple[GapReason, str]) -> Event:
    """Ask the camera, once it is idle, what became of a shot whose answer is missing.

    A picture that the journal does not know belongs to it; without one there was no exposure, and `doubt` says why.

    Returns:
        `ShotTaken`, `Gap`, or `CameraLost` when it could not be asked.
    """
    try:
        status = await camera.until_idle()
    except CameraError as error:
        return CameraLost(detail=str(error))
    fresh = [url for url in status.picture_urls or () if url != known_url]
    if fresh:
        return ShotTaken(slot=slot, url=fresh[-1], reconciled=True)
    reason, detail = doubt
    return Gap(slot=slot, reason=reason, detail=detail)


def doubt_about(error: CameraError) -> tuple[GapReason, str]:
    """Return the reason a slot has no frame, should the camera turn out not to have exposed."""
    if isinstance(error, CameraRefused):
        shutter = error.code == 40400
        return (GapReason.SHUTTER_FAILED if shutter else GapReason.CAMERA_REFUSED), str(error)
    return GapReason.ANSWER_LOST, str(error)
