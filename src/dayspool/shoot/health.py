"""How camera and machine are doing: read every few minutes, and when it changes, without asking the camera anything."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.core.events import HealthRead

if TYPE_CHECKING:
    from datetime import datetime

    from dayspool.camera import Battery, CameraStatus

__all__ = ["HealthWatch", "health_of"]

REGULARLY = timedelta(minutes=5)
SOONEST = timedelta(seconds=30)  # a level that flickers between two steps is not news every slot
TIME_FOR_IT = timedelta(milliseconds=500)  # a slot nearer than this comes first: writing may take a slow card its time
SHRUNK = 0.9  # room that is less than this share of what it was is news
NEARLY_EMPTY = 0.05  # a camera that warns of its battery has no more than this, whatever its rough scale says
STATM = Path("/proc/self/statm")


class HealthWatch:
    """Says what there is to write of a shoot whose folder is `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: HealthRead | None = None
        self._read: datetime | None = None

    def news(self, known: CameraStatus | None, now: datetime, until: datetime) -> HealthRead | None:
        """Return a reading when one is due, or what changed is worth one, and there is time for it before `until`.

        Args:
            known: what the camera has told by itself; `None` while there is none.
            now: the moment it is.
            until: when the next thing has to be done.
        """
        since = None if self._read is None else now - self._read
        if until - now < TIME_FOR_IT or (since is not None and since < SOONEST):
            return None
        health = health_of(known, self._folder)
        if since is not None and since < REGULARLY and not _is_news(self._last or health, health):
            return None
        self._last, self._read = health, now
        return health


def health_of(known: CameraStatus | None, folder: Path) -> HealthRead:
    """Return how the camera, as far as it has told, and the machine with the shoot in `folder` are doing."""
    batteries = (known.battery or ()) if known is not None else ()
    return HealthRead(
        battery=_level(batteries),
        charging=any(battery.charging for battery in batteries) if batteries else None,
        card_images=None if known is None else known.recordable_images,
        disk_free_bytes=_disk_free_bytes(folder),
        memory_bytes=_memory_bytes(),
    )


def _level(batteries: tuple[Battery, ...]) -> float | None:
    """Return the level of the battery that the camera draws on, or else of the first that tells one."""
    telling = [battery for battery in batteries if battery.level is not None]
    battery = next((one for one in telling if one.active), telling[0] if telling else None)
    if battery is None or battery.level is None:
        return None
    return min(battery.level, NEARLY_EMPTY) if battery.near_end and not battery.charging else battery.level


def _disk_free_bytes(folder: Path) -> int | None:
    try:
        told = os.statvfs(folder)
    except OSError:
        return None
    return told.f_bavail * told.f_frsize


def _memory_bytes() -> int | None:
    """Return the resident memory of this process: the second number of statm, in pages (proc(5))."""
    try:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _is_news(before: HealthRead, now: HealthRead) -> bool:
    if (now.battery, now.charging) != (before.battery, before.charging):
        return now.battery is not None
    return _shrunk(before.card_images, now.card_images) or _shrunk(before.disk_free_bytes, now.disk_free_bytes)


def _shrunk(before: int | None, now: int | None) -> bool:
    return before is not None and now is not None and now < before * SHRUNK
