"""Whether there is room for pictures: below a reserve downloads pause, and the shutter goes on."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from dayspool.core.events import DownloadsPaused, DownloadsResumed
from dayspool.journal.room import reserve_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from dayspool.clock import Clock
    from dayspool.errors import JournalUnwritable

__all__ = ["DiskWatch"]

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(seconds=60)


class DiskWatch:
    """Watches the disk that `folder` is on; asking costs some microseconds."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._not_before: datetime | None = None

    def news(self, *, paused: bool) -> DownloadsPaused | DownloadsResumed | None:
        """Return what there is to say: the reserve is reached, or there is room again a quarter above it."""
        try:
            room = os.statvfs(self._folder)
        except OSError as error:
            return None if paused else DownloadsPaused(detail=f"the disk does not answer: {error.strerror}")
        free = room.f_bavail * room.f_frsize
        reserve = reserve_of(room.f_blocks * room.f_frsize)
        if not paused:
            detail = f"{free / 1e6:.1f} MB are left on the disk, and {reserve / 1e6:.1f} MB are kept free"
            return DownloadsPaused(detail=detail) if free < reserve else None
        waits = self._not_before is not None and self._clock.utc() < self._not_before
        return None if waits or free < reserve * 5 // 4 else DownloadsResumed()

    def refused(self, error: JournalUnwritable) -> DownloadsPaused:
        """Return the pause after a picture could not be written; each in turn makes it twice as long, up to a minute.

        A disk may refuse with room left: a quota, a defect, a mount that became read-only.
        """
        self._not_before = self._clock.utc() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return DownloadsPaused(detail=str(error))

    def accepted(self) -> None:
        """Note that a picture was written."""
        self._pause = FIRST_PAUSE
