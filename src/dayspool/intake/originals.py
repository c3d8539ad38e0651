"""Fetch originals from the camera into a folder: each whole or not at all, never over a file, and again to go on."""

from __future__ import annotations

import fcntl
import filecmp
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from dayspool.camera import Content, download
from dayspool.errors import CameraConfused, CameraError, CameraUnreachable, FrameError, FrameUnreadable
from dayspool.intake.names import numbered, safe_name
from dayspool.picture import PART_SUFFIX, inspect, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from dayspool.camera import Link, Original

__all__ = ["Fetched", "Outcome", "choose_originals", "fetch_originals"]

_SAME_MOMENT_SECONDS = 2.0  # FAT keeps even seconds
_SILENT_IN_A_ROW = 3  # after so many the camera is gone, and the rest need not be waited for
_SUFFIXES = {
    Content.JPEG: (".jpg", ".jpeg"),
    Content.REDUCED: (".jpg", ".jpeg"),
    Content.RAW: (".arw", ".srf", ".sr2", ".raw"),
}
_TIFF = (b"II*\x00", b"MM\x00*")


class Outcome(StrEnum):
    """What came of one picture."""

    FETCHED = "fetched"
    THERE = "there"  # it was on the disk already
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One picture and what came of it: `path` where it is, `reason` where it failed."""

    original: Original
    outcome: Outcome
    path: Path | None = None
    size_bytes: int = 0
    reason: str = ""


def choose_originals(
    originals: Iterable[Original], *, since: datetime | None = None, newest: int | None = None
) -> tuple[Original, ...]:
    """Return the pictures wanted, each once, the oldest first; without a known time it counts as old and stays."""
    each = {(one.uri, one.url): one for one in originals}.values()
    wanted = [one for one in each if since is None or one.taken is None or one.taken >= since]
    wanted.sort(key=lambda one: (one.taken is not None, one.taken.timestamp() if one.taken else 0.0, one.name))
    return tuple(wanted if newest is None else wanted[max(0, len(wanted) - newest) :])


async def fetch_originals(
    link: Link,
    originals: Iterable[Original],
    folder: Path,
    *,
    on_bytes: Callable[[Original, int], None] | None = None,
    on_outcome: Callable[[Fetched], None] | None = None,
    idle_seconds: float = 20.0,
) -> tuple[Fetched, ...]:
    """Fetch pictures one after the other; what an earlier run fetched stays, what it began is continued.

    A picture that fails costs only itself, until the camera has fallen silent for good. `on_bytes` hears how much of a
    picture is on the disk, `on_outcome` what came of each.

    Raises:
        FrameError: the disk refuses; what came is kept.
    """
    fetcher = _Fetcher(link, folder, on_bytes or _unheard, idle_seconds)
    fetched: list[Fetched] = []
    for original in originals:
        one = await fetcher.fetch(original)
        fetched.append(one)
        if on_outcome is not None:
            on_outcome(one)
    return tuple(fetched)


def _unheard(_original: Original, _size_bytes: int) -> None:
    """Stand in for somebody who listens."""


class _Fetcher:
    """One run into one folder: the names it has given away, and how long the camera has been silent."""

    def __init__(
        self, link: Link, folder: Path, on_bytes: Callable[[Original, int], None], idle_seconds: float
    ) -> None:
        self._link = link
        self._folder = folder
        self._on_bytes = on_bytes
        self._idle_seconds = idle_seconds
        self._claimed: set[str] = set()
        self._silent = 0

    async def fetch(self, original: Original) -> Fetched:
        """Fetch one picture, or say why not."""
        try:
            path, there = self._place(original)
            self._claimed.add(path.name.lower())
            if there:
                return Fetched(original=original, outcome=Outcome.THERE, path=path, size_bytes=path.stat().st_size)
            if self._silent >= _SILENT_IN_A_ROW:
                return _failed(original, "not tried: the camera answers no more")
            return await self._bring(original, path)
        except CameraUnreachable as error:
            self._silent += 1
            return _failed(original, str(error))
        except (CameraError, FrameUnreadable) as error:
            self._silent = 0
            return _failed(original, str(error))
        except FileExistsError as error:
            return _failed(original, f"{error.filename} was made by somebody meanwhile; run the same command again")
        except OSError as error:
            raise FrameError(
                f"{self._folder} cannot be written: {error.strerror or error}; what came is kept: make room there, or "
                "mend it, and run the same command again"
            ) from error

    def _place(self, original: Original) -> tuple[Path, bool]:
        """Return where a picture belongs, and whether it is there already.

        Two pictures of one name (cameras count to 9999) get a number, in the same order each time.
        """
        for name in numbered(safe_name(original.name, _SUFFIXES[original.content])):
            path = self._folder / name
            if name.lower() in self._claimed:
                continue
            if not os.path.lexists(path):
                return path, False
            if _looks_like(path, original):
                return path, True
        raise FrameUnreadable(f"a thousand files named like {original.name[:80]!r} lie in {self._folder} already")

    async def _bring(self, original: Original, path: Path) -> Fetched:
        part = path.with_name(path.name + PART_SUFFIX)
        with _opened(part) as file:
            try:
                size_bytes = await download(
                    self._link,
                    original.url,
                    file,
                    expected_bytes=original.size_bytes,
                    idle_seconds=self._idle_seconds,
                    told=lambda size_bytes: self._on_bytes(original, size_bytes),
                )
                self._silent = 0
                _check(file, original)
            except (CameraConfused, FrameUnreadable):
                part.unlink()  # nothing of it could be gone on from
                raise
            file.flush()
            os.fsync(file.fileno())
            if (same := self._same_as(part, original)) is not None:
                part.unlink()
                return Fetched(original=original, outcome=Outcome.THERE, path=same, size_bytes=size_bytes)
            if original.taken is not None:
                moment = original.taken.timestamp()
                os.utime(part, (moment, moment))
            settle(part, path)
        return Fetched(original=original, outcome=Outcome.FETCHED, path=path, size_bytes=size_bytes)

    def _same_as(self, part: Path, original: Original) -> Path | None:
        """Return the file that holds this very picture already; where the camera told no size that shows only now."""
        if original.size_bytes is not None:
            return None
        for name in numbered(safe_name(original.name, _SUFFIXES[original.content])):
            path = self._folder / name
            if not os.path.lexists(path):
                return None
            if path.is_file() and filecmp.cmp(part, path, shallow=False):
                return path
        return None


def _failed(original: Original, reason: str) -> Fetched:
    return Fetched(original=original, outcome=Outcome.FAILED, reason=reason)


def _looks_like(path: Path, original: Original) -> bool:
    """Tell whether a file is this picture: by its size, or where the camera tells none by the time we gave it."""
    if not path.is_file():
        return False
    facts = path.stat()
    if original.size_bytes is not None:
        return facts.st_size == original.size_bytes
    return original.taken is not None and abs(facts.st_mtime - original.taken.timestamp()) <= _SAME_MOMENT_SECONDS


@contextmanager
def _opened(part: Path) -> Iterator[IO[bytes]]:
    """Open a part for reading and writing, for us alone; one that stays empty is not left behind.

    Raises:
        FrameUnreadable: another process is fetching it.
        OSError: the disk refused.
    """
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with open(handle, "r+b") as file:  # noqa: PTH123 - it is open already
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FrameUnreadable(f"{part} is being fetched by another process") from None
        try:
            yield file
        finally:
            if os.fstat(handle).st_size == 0 and not file.closed:
                with suppress(OSError):
                    part.unlink(missing_ok=True)


def _check(file: IO[bytes], original: Original) -> None:
    """Check that what came is a whole picture.

    Raises:
        FrameUnreadable: it is none.
    """
    file.seek(0)
    data = file.read()
    if original.content is Content.RAW:
        if not data.startswith(_TIFF):
            raise FrameUnreadable(f"{original.url} gave no RAW file: it begins with {data[:4].hex(' ')}")
        return
    try:
        inspect(data)
    except FrameUnreadable as error:
        raise FrameUnreadable(f"{original.url} gave no whole JPEG: {error}") from None
