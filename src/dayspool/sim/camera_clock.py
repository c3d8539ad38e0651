"""The clocks of one camera: the time of its sky, which runs by itself, and the one that dates its files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = ["CameraClock"]

_LAST_MOMENT = datetime(9998, 1, 1, tzinfo=UTC)  # where the time of the sky stops: calendars end soon after


class CameraClock:
    """The clocks of a camera that is switched on at construction, inside a running event loop.

    Args:
        start: the time of its sky at switch-on, aware.
        speed: how many seconds pass there during one second here.
    """

    def __init__(self, start: datetime, speed: float) -> None:
        self.start, self._speed = start, speed
        self.switched_on = anyio.current_time()
        self._ahead = timedelta()
        self._zone: tzinfo | None = None

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since switch-on, in the host's time."""
        return anyio.current_time() - self.switched_on

    def sky(self, at: float | None = None) -> datetime:
        """Return the time of the sky at a moment of the loop (now unless given), aware, in the zone of the start."""
        seconds = self.elapsed_seconds if at is None else at - self.switched_on
        left = (_LAST_MOMENT - self.start).total_seconds()
        return self.start + timedelta(seconds=min(seconds * self._speed, left))

    def dated(self, moment: datetime) -> datetime:
        """Return what the camera's own clock showed at that time of the sky; `setCurrentTime` may have changed it."""
        return (moment + self._ahead).astimezone(self._zone or moment.tzinfo)

    def set(self, moment: datetime) -> None:
        """Set the camera's own clock and zone, which date its files and move no sun."""
        self._zone = moment.tzinfo
        self._ahead = moment - self.sky()
