"""Room kept for the journal: a file that is given up when the disk is full, so that the record can go on."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ballast"]

BALLAST_NAME = "journal.reserve"
BALLAST_BYTES = 8 << 20  # a slot takes about 1 KB of a journal: a night of them
SMALLEST_BYTES = 64 << 10
SHARE = 8  # never more than this part of the room that is left
ROOMY = 4  # it is laid in again where so many of it fit


class Ballast:
    """The reserve of one journal; a disk that has no room for it has none, which is no error."""

    def __init__(self, shoot: Path) -> None:
        self._path = shoot / BALLAST_NAME
        self._held = self._path.exists()

    def lay_in(self) -> None:
        """Take the room, where there is plenty and it is not held already."""
        if self._held:
            return
        with suppress(OSError):
            size = min(BALLAST_BYTES, _free_bytes(self._path.parent) // SHARE)
            if size >= SMALLEST_BYTES:
                self._held = True
                self._take(size)

    def restock(self) -> None:
        """Take the room again after it was given up, once there is more than enough."""
        with suppress(OSError):
            if not self._held and _free_bytes(self._path.parent) > ROOMY * BALLAST_BYTES:
                self.lay_in()

    def give_up(self) -> bool:
        """Make room; say whether there was any to make."""
        held, self._held = self._held, False
        try:
            self._path.unlink()
        except OSError:
            return False
        return held

    def _take(self, size: int) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.posix_fallocate(handle, 0, size)
        except OSError:  # no such thing on this disk, or somebody else was faster
            self.give_up()
            raise
        finally:
            os.close(handle)


def _free_bytes(folder: Path) -> int:
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize
