"""The frames of a shoot on disk: named by slot, whole or not there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.core.frame import frame_name, is_window_name
from dayspool.errors import FrameError, FrameUnreadable, JournalUnwritable, PlanError
from dayspool.picture.stored import frame_stored
from dayspool.picture.whole import PART_SUFFIX, sync_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dayspool.core.events import FrameStored

__all__ = ["FrameStore"]


class FrameStore:
    """The folder `frames/` of one shoot; `window_of` tells the window of a slot, whose frames lie in a folder of it."""

    def __init__(self, folder: Path, window_of: Callable[[int], str] = lambda _: "") -> None:
        self._folder = folder
        self._window_of = window_of

    def open(self, *, new: bool) -> None:
        """Make the folder, and remove what a killed run left half-written.

        Raises:
            PlanError: a `new` shoot finds frames in it that no journal knows.
            JournalUnwritable: the disk refuses.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for folder in (self._folder, *self._windows()):
                for part in folder.glob(f"*{PART_SUFFIX}"):
                    part.unlink(missing_ok=True)
            stranger = next(self._folder.iterdir(), None) if new else None
        except OSError as error:
            raise JournalUnwritable(f"{self._folder} cannot be written: {error.strerror}") from error
        if stranger is not None:
            raise PlanError(
                f"{self._folder} holds pictures that no journal knows ({stranger.name}); use another folder"
            )

    def find(self, slot: int) -> FrameStored | None:
        """Return the frame of a slot if it is on the disk, whole.

        A run that was killed between the disk and the journal leaves one that the journal does not know.
        """
        window = self._window_of(slot)
        try:
            data = (self._folder / frame_name(slot, window=window)).read_bytes()
            return frame_stored(slot, data, window=window)
        except (FrameUnreadable, OSError):
            return None

    def put(self, slot: int, data: bytes) -> FrameStored:
        """Write a slot's picture and return the event that says so, with what its EXIF tells.

        Raises:
            FrameUnreadable: it is no whole JPEG.
            FrameError: the disk holds something else by this name, which stays.
            JournalUnwritable: the disk refused; nothing is half-written.
        """
        stored = frame_stored(slot, data, window=self._window_of(slot))
        path = self._folder / stored.name
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                sync_folder(self._folder)
            if path.is_file() and path.read_bytes() == data:  # written, and then the disk refused to say so
                sync_folder(path.parent)
            else:
                write_whole(path, data)
        except FileExistsError as error:
            raise FrameError(
                f"{error.filename or path} is there already and not from this shoot; move it away"
            ) from error
        except OSError as error:
            raise JournalUnwritable(
                f"{path} cannot be written: {error.strerror}. Nothing is damaged and the picture is still on the card, "
                "from where it is fetched once the disk takes it: make room, or mend it"
            ) from error
        return stored

    def _windows(self) -> Iterator[Path]:
        """Yield the folders of windows; nothing else in there is ours."""
        for folder in self._folder.iterdir():
            if is_window_name(folder.name) and folder.is_dir() and not folder.is_symlink():
                yield folder
