"""What the loop notices around it and writes down: a step of the clock, a full disk, health, an interval too short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.camera.models import model_named
from dayspool.core.busy import too_short
from dayspool.core.events import ClockStepped
from dayspool.shoot.health import HealthWatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from dayspool.camera import CameraStatus
    from dayspool.clock import Clock
    from dayspool.core.events import DownloadsPaused, DownloadsResumed, HealthRead, IntervalTooShort
    from dayspool.core.session import Session
    from dayspool.shoot.disk import DiskWatch

__all__ = ["Lookout"]

CLOCK_STEP_SECONDS = 0.5


class Lookout:
    """The lookout of one run, over the shoot's `folder`."""

    def __init__(self, folder: Path, clock: Clock, disk: DiskWatch) -> None:
        self._clock = clock
        self._disk = disk
        self._health = HealthWatch(folder)
        self._stepped = 0.0

    def around(self, session: Session) -> Iterator[ClockStepped | DownloadsPaused | DownloadsResumed]:
        """Yield what changed of clock and disk; asked each time the loop comes round, it costs some microseconds."""
        stepped = self._clock.stepped()
        if abs(stepped - self._stepped) > CLOCK_STEP_SECONDS:
            yield ClockStepped(seconds=round(stepped - self._stepped, 3))
            self._stepped = stepped
        if session.unfetched:
            news = self._disk.news(paused=session.downloads_paused)
            if news is not None:
                yield news

    def health(self, known: CameraStatus | None, until: datetime) -> HealthRead | None:
        """Return how camera and machine are, when there is time for it before `until` and something to tell."""
        return self._health.news(known, self._clock.utc(), until)

    def pace(self, session: Session) -> IntervalTooShort | None:
        """Return what is to be said of slots that come faster than the camera is ready."""
        model = None if session.camera is None else model_named(session.camera.model)
        return too_short(session, None if model is None else model.shortest_interval_seconds)
