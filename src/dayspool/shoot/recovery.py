"""Get the camera back, and learn what became of a shot whose answer is missing: the one storey that retries."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import anyio

from dayspool.camera.rpc import Code
from dayspool.clock import pause
from dayspool.core.events import CameraLost, CameraReady, Gap, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.errors import CameraAsleep, CameraBusy, CameraError, CameraRefused, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from dayspool.camera import CameraStatus, SonyCamera
    from dayspool.clock import Clock

__all__ = ["CameraSource", "Lifeline", "doubt_about", "lost_by", "verdict"]

FIRST_PAUSE = timedelta(seconds=0.5)
LONGEST_PAUSE = timedelta(seconds=8)
ATTEMPT_SECONDS = 20.0
SECOND_LOOK_SECONDS = 1.0  # IDLE has been seen to come half a second before the picture's address


class CameraSource(Protocol):
    """Where a camera comes from: a fixed address, or a search."""

    def open(self) -> AbstractAsyncContextManager[SonyCamera]:
        """Open a line to a camera that answers.

        Raises:
            CameraError: there is none.
        """


class Lifeline:
    """The camera while it is there, and the way to get it back.

    Attempts are spaced, twice as far apart after each, until `prove` says that the camera has done something useful: a
    camera that answers and then fails is not asked in a tight loop either.
    """

    def __init__(self, source: CameraSource, clock: Clock, *, postview: str | None = None) -> None:
        self._source = source
        self._clock = clock
        self._postview = postview
        self._trouble: CameraLost | None = None
        self._stack = contextlib.AsyncExitStack()
        self._camera: SonyCamera | None = None
        self._pause = timedelta(0)
        self._not_before: datetime | None = None
        self._busy_at: datetime | None = None  # when the attempt under way, or the last one, was told so last
        self._out_of_reach = False  # at the end of the last attempt

    @property
    def camera(self) -> SonyCamera:
        """The connected camera.

        Raises:
            CameraUnreachable: there is none at the moment.
        """
        if self._camera is None:
            raise CameraUnreachable("no camera is connected", sent=False)
        return self._camera

    @property
    def connected(self) -> bool:
        """Whether there is a camera at the moment."""
        return self._camera is not None

    def take_trouble(self) -> CameraLost | None:
        """Return why the last attempt to get a camera failed, once; `None` where there was none since."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def prove(self) -> None:
        """Note that the camera did its work: the next attempt, should one be needed, is made at once."""
        self._pause = timedelta(0)
        self._not_before = None

    async def drop(self) -> None:
        """Let go of the camera, connected or not."""
        self._camera = None
        stack, self._stack = self._stack, contextlib.AsyncExitStack()
        with anyio.CancelScope(shield=True), anyio.move_on_after(2):
            await stack.aclose()

    async def connect(
        self, until: datetime, interval: timedelta, *, busy: Callable[[], None] = lambda: None
    ) -> CameraReady | None:
        """Try to get a camera that is ready for stills; return `None` when there was none until `until`.

        `busy` is called as soon as one that was out of reach says that it is not ready. An attempt that has begun may
        go on beyond `until`: a search takes longer than a short interval. No pause is longer than half an interval, so
        that a camera that comes back misses two slots at most.
        """
        longest = min(LONGEST_PAUSE, interval / 2)
        while (now := self._clock.utc()) < until:
            if self._not_before is not None and now < self._not_before:
                await self._clock.sleep_until(min(self._not_before, until))
                continue
            self._pause = min(max(self._pause * 2, FIRST_PAUSE), longest)
            try:
                with anyio.fail_after(ATTEMPT_SECONDS):
                    return await self._attempt(busy)
            except (CameraError, TimeoutError) as error:
                self._trouble = self._lost_by(error)
                self._out_of_reach = self._busy_at is None and isinstance(error, CameraUnreachable | TimeoutError)
                await self.drop()
            except BaseException:
                await self.drop()
                raise
            finally:
                self._not_before = self._clock.utc() + self._pause
        return None

    def _lost_by(self, error: Exception) -> CameraLost:
        lost = lost_by(error, busy=self._busy_at is not None)
        if self._busy_at is None or lost.answers or not isinstance(error, CameraUnreachable):
            return lost
        return replace(lost, busy_before=(self._clock.utc() - self._busy_at).total_seconds())

    async def _attempt(self, busy: Callable[[], None]) -> CameraReady:
        self._busy_at = None
        camera = await self._stack.enter_async_context(self._source.open())

        def heard() -> None:
            if self._busy_at is None and self._out_of_reach:
                busy()
            self._busy_at = self._clock.utc()

        camera.line.on_busy = heard
        status = await camera.prepare(postview=self._postview, single=True)
        self._camera = camera
        return CameraReady(
            endpoint=camera.endpoint,
            model=camera.model,
            picture_url=_newest(status),
            note="; ".join(camera.notes) or None,
            identity=camera.identity,
            location=camera.location,
        )


def lost_by(error: Exception, *, busy: bool = False) -> CameraLost:
    """Return what an error tells of a camera that is lost by it.

    `busy` says that it was there in an attempt that took too long, and said that it is not ready.
    """
    if isinstance(error, TimeoutError):
        did = "answered, but was not ready" if busy else "was not found and made ready"
        said = f"the camera {did} within {ATTEMPT_SECONDS:g} s; it is tried again and again"
        return CameraLost(detail=said, heard=busy, answers=busy)
    return CameraLost(
        detail=str(error) or type(error).__name__,
        heard=not isinstance(error, CameraUnreachable) or error.heard,
        answers=isinstance(error, CameraBusy | CameraAsleep),
    )


def _newest(status: CameraStatus) -> str | None:
    return status.picture_urls[-1] if status.picture_urls else None


async def verdict(
    camera: SonyCamera,
    slot: int,
    known_url: str | None,
    doubt: tuple[GapReason, str],
    *,
    room_before: int | None = None,
) -> ShotTaken | Gap:
    """Ask the camera, once it is idle, what became of a shot whose answer is missing.

    A picture that the journal does not know belongs to it, unless the card holds several more than before and the
    camera names but one: somebody has taken pictures by hand meanwhile. Without one it was exposed all the same if the
    card has less room than `room_before` pictures; else there was no exposure, and `doubt` says why.

    Raises:
        CameraError: it could not be asked.
    """
    status = await camera.until_idle()
    if _newest(status) in (known_url, None):
        await pause(SECOND_LOOK_SECONDS)
        status = await camera.until_idle()
    reason, detail = doubt
    room = status.recordable_images
    new = tuple(url for url in status.picture_urls or () if url != known_url)
    if len(new) == 1 and room_before is not None and room is not None and room < room_before - 1:
        several = f"the card holds {room_before - room} pictures more, and which is this slot's cannot be told"
        return Gap(slot=slot, reason=GapReason.ON_CARD, detail=f"{several}; {detail}")
    if new:  # of several the first one: a person may have taken one by hand since
        return ShotTaken(slot=slot, url=new[0], reconciled=True)
    if room_before is not None and room is not None and room < room_before:
        lost = "the card holds one picture more, but the camera does not say where it offers it"
        return Gap(slot=slot, reason=GapReason.ON_CARD, detail=f"{lost}; {detail}")
    if reason is GapReason.SHUTTER_FAILED and status.recordable_images == 0:
        reason = GapReason.CARD_FULL
    return Gap(slot=slot, reason=reason, detail=detail)


def doubt_about(error: CameraError) -> tuple[GapReason, str]:
    """Return the reason a slot has no frame, should the camera turn out not to have exposed."""
    if isinstance(error, CameraRefused):
        failed = error.code == Code.SHOOTING_FAIL
        return (GapReason.SHUTTER_FAILED if failed else GapReason.CAMERA_REFUSED), str(error)
    return GapReason.ANSWER_LOST, str(error)
