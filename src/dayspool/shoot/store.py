"""The frames of a shoot on disk: named by slot, whole or not there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.core.events import FrameStored
from dayspool.core.frame import frame_name
from dayspool.errors import FrameUnreadable, JournalUnwritable
from dayspool.picture.exif import read
from dayspool.picture.jpeg import inspect
from dayspool.picture.whole import PART_SUFFIX, write_whole

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FrameStore"]


class FrameStore:
    """The folder `frames/` of one shoot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def clean(self) -> None:
        """Make the folder, and remove what a killed run left half-written.

        Raises:
            JournalUnwritable: the disk refuses.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for part in self._folder.glob(f"*{PART_SUFFIX}"):
                part.unlink(missing_ok=True)
        except OSError as error:
            raise JournalUnwritable(f"{self._folder} cannot be written: {error.strerror}") from error

    def find(self, slot: int) -> FrameStored | None:
        """Return the frame of a slot that is on the disk, though the journal may not know of it.

        A run that was killed between the two leaves it so.
        """
        path = self._folder / frame_name(slot)
        if not path.exists():
            return None
        try:
            return _stored(slot, path.read_bytes())
        except FrameUnreadable:
            return None

    def put(self, slot: int, data: bytes) -> FrameStored:
        """Write a slot's picture and return the event that says so, with what its EXIF tells.

        Raises:
            FrameUnreadable: it is no whole JPEG.
            OSError: the disk refused, or the slot has a frame already; nothing is half-written.
        """
        stored = _stored(slot, data)
        write_whole(self._folder / stored.name, data)
        return stored


def _stored(slot: int, data: bytes) -> FrameStored:
    size, facts = inspect(data), read(data)
    exposure = facts.exposure
    return FrameStored(
        slot=slot,
        name=frame_name(slot),
        size_bytes=len(data),
        width=size.width,
        height=size.height,
        taken=facts.taken_local,
        shutter_seconds=exposure.shutter_seconds if exposure else None,
        aperture=exposure.aperture if exposure else None,
        iso=exposure.iso if exposure else None,
    )
