"""Bring the pictures of a shoot from the camera to the disk, whole and each one once."""

from __future__ import annotations

import math
from collections import deque
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import anyio

from dayspool.camera.rpc import Code
from dayspool.core.events import FetchFailed, Gap
from dayspool.core.frame import GapReason
from dayspool.errors import CameraError, CameraRefused, CameraUnreachable, FrameError, JournalUnwritable
from dayspool.picture.stored import frame_stored, picture_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.clock import Clock
    from dayspool.core.decision import Fetch
    from dayspool.core.events import Event, FrameStored
    from dayspool.core.frame import Shot
    from dayspool.core.session import Session
    from dayspool.shoot.disk import DiskWatch
    from dayspool.shoot.exposing import Exposing
    from dayspool.shoot.recovery import Lifeline
    from dayspool.shoot.store import FrameStore

__all__ = ["Fetching"]

LONGEST_FETCH_SECONDS = 120.0
FAIR_FETCH_SECONDS = 1.0  # a download cut off sooner was not given a chance, and is no failure
KEEPING_MEMORY = 20
OLD_SHARE = 0.6  # of the interval: a slot may be taken late by half of it


class Fetching:
    """The downloads of one shoot; `tell` writes an event and is back when it is safe."""

    def __init__(
        self,
        *,
        lifeline: Lifeline,
        store: FrameStore,
        disk: DiskWatch,
        clock: Clock,
        tell: Callable[[Event], None],
        exposing: Exposing | None,
    ) -> None:
        self._lifeline = lifeline
        self._store = store
        self._disk = disk
        self._clock = clock
        self._tell = tell
        self._exposing = exposing
        self._part = _no_part()
        self._keeping: deque[timedelta] = deque(maxlen=KEEPING_MEMORY)

    @property
    def keeping(self) -> timedelta:
        """How long it takes to put a picture away once it is here: to check it, write it, and meter it."""
        return max(self._keeping, default=timedelta(0))

    async def fetch(self, action: Fetch, session: Session) -> None:
        """Download a picture, check it and put it on the disk; one whose download the next slot ends goes on later.

        Raises:
            CameraUnreachable: the link broke.
        """
        slot = action.shot.slot
        left = math.inf if action.until is None else (action.until - self._clock.utc()).total_seconds()
        limit = min(LONGEST_FETCH_SECONDS, max(0.0, left))
        data: bytes | None = None
        try:
            with anyio.move_on_after(limit):
                data = await self._lifeline.camera.picture(action.shot.url, part=self._part_of(action.shot))
            if data is not None:
                began = self._clock.utc()
                self._keep(action.shot, data, session)
                self._keeping.append(self._clock.utc() - began)
                self._lifeline.prove()
            elif limit == LONGEST_FETCH_SECONDS:
                self._tell(FetchFailed(slot=slot, detail=f"the download did not end within {limit:.0f} s"))
            elif limit >= FAIR_FETCH_SECONDS:
                said = f"the next slot ended the download after {limit:.1f} s"
                self._tell(FetchFailed(slot=slot, detail=said, cut_off=True))
        except (CameraError, FrameError) as error:
            if isinstance(error, FrameError):
                self._part = _no_part()  # it was not what it began as
            if isinstance(error, CameraRefused) and error.code == Code.NOT_FOUND:
                self._tell(Gap(slot=slot, reason=GapReason.ON_CARD, detail=str(error)))
                return
            self._tell(FetchFailed(slot=slot, detail=str(error)))
            if isinstance(error, CameraUnreachable):
                raise

    def _keep(self, shot: Shot, data: bytes, session: Session) -> None:
        """Put a picture on the disk, unless it is an earlier one again: that is no frame, asked for a second time."""
        self._part = _no_part()
        earlier_wait = any(waiting.slot < shot.slot for waiting in session.unfetched)
        if earlier_wait and not shot.failures and _seems_old(shot.slot, data, session):
            said = "it was taken before its slot; it is compared with the earlier ones, which still wait"
            self._tell(FetchFailed(slot=shot.slot, detail=said))
            return
        twin = next((slot for digest, slot in session.pictures if digest == picture_digest(data)), None)
        if twin is None:
            stored = self._stored(shot, data)
            if stored is not None and self._exposing is not None and session.schedule is not None:
                self._exposing.meter(stored, data, session.schedule)
            return
        said = f"the camera gave the picture of slot {twin} for it too"
        frozen = Gap(slot=shot.slot, reason=GapReason.FROZEN_PICTURE, detail=said)
        self._tell(frozen if shot.failures else FetchFailed(slot=shot.slot, detail=said))

    def _stored(self, shot: Shot, data: bytes) -> FrameStored | None:
        """Put a picture on the disk and return what was told; nothing where the disk refused, which is told too."""
        try:
            stored = self._store.put(shot.slot, data)
        except JournalUnwritable as error:
            self._tell(self._disk.refused(error))
            return None
        self._disk.accepted()
        self._tell(stored)
        return stored

    def _part_of(self, shot: Shot) -> BytesIO:
        if self._part[:2] != (shot.slot, shot.url):
            self._part = shot.slot, shot.url, BytesIO()
        return self._part[2]


def _no_part() -> tuple[int, str, BytesIO]:
    """Return an empty part of a picture: of which slot, from where, and what has come of it."""
    return -1, "", BytesIO()


def _seems_old(slot: int, data: bytes, session: Session) -> bool:
    """Say whether a picture was taken well before its slot, by the camera's clock as the last frames know it."""
    taken, schedule = frame_stored(slot, data).taken, session.schedule
    if taken is None or schedule is None or session.camera_ahead is None:
        return False
    expected = schedule.instant(slot) + session.camera_ahead
    return datetime.fromisoformat(taken).replace(tzinfo=UTC) < expected - OLD_SHARE * schedule.interval_at(slot)
