"""Measures of frames kept in a shoot: `cache/measures.db`, by content, safe to delete; a render goes on without it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

__all__ = ["FILE_NAME", "VERSION", "Kept", "MeasureCache", "Stamp", "recalled", "stamp_of"]

Stamp: TypeAlias = tuple[int, int, int]
"""Size in bytes of a file, when its content was last changed and when anything about it was, in ns.

What is put in the place of a frame may have its size and even its time (`cp --preserve`, `rsync --times`); the last of
the three no program can choose. It changes with a new link and on another disk too, and then the content is looked at.
"""

FILE_NAME = Path("cache") / "measures.db"
VERSION = 2
"""Of the tables and of all that is measured: to be raised when a frame would be measured differently."""
_TABLES = """
CREATE TABLE IF NOT EXISTS measures (
    digest TEXT NOT NULL, how TEXT NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (digest, how)
);
CREATE TABLE IF NOT EXISTS files (
    name BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    digest TEXT NOT NULL
) WITHOUT ROWID;
"""
_BY_FILE = """
SELECT digest, kind, data FROM files JOIN measures USING (digest)
WHERE name = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ? AND how = ?
"""
_BY_CONTENT = "SELECT kind, data FROM measures WHERE digest = ? AND how = ?"
_AT_ONCE = 16  # frames in one transaction: what is lost at most when the power goes
_SPARE_BYTES, _SPARE_SHARE = 2 << 30, 20  # of the disk are left to frames and journal (`journal.room` keeps less free)
_PATIENCE_SECONDS = 10  # for another process that writes its frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A frame that has been measured.

    Attributes:
        stamp: of its file, before it was read and after; None where it changed meanwhile, so that nobody knows what the
            measure is of.
        digest: `picture_digest` of its content.
        kind: as `Proxy.kind`.
        data: the packed measure.
    """

    stamp: Stamp | None
    digest: str
    kind: str
    data: bytes


def stamp_of(path: Path) -> Stamp | None:
    """Return by what a file is known that has not been changed; None where that cannot be told."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def recalled(file: Path, digest: str, how: str) -> tuple[str, bytes] | None:
    """Return the (kind, packed measure) of a content that was measured, under whatever name; for other threads."""
    with suppress(sqlite3.Error), closing(_connected(f"{file.as_uri()}?mode=ro")) as database:
        found: tuple[str, bytes] | None = database.execute(_BY_CONTENT, (digest, how)).fetchone()
        return found
    return None


class MeasureCache:
    """What is known of the frames of a shoot; of the thread that opens it.

    It never fails: where the disk refuses (full, read-only), or has little room left for a shoot that may be going on,
    `fault` says so and nothing is kept any more. A file that is damaged, or of another version, is begun anew.

    Args:
        shoot: the shoot's folder; frames in it are known by their names relative to it, so that it can be moved.
    """

    def __init__(self, shoot: Path) -> None:
        self.file = (shoot / FILE_NAME).absolute()
        self.fault: str | None = None
        self._shoot = shoot
        self._new: dict[tuple[bytes, str], tuple[Stamp, Kept]] = {}
        self._database: sqlite3.Connection | None = None
        try:
            self.file.parent.mkdir(exist_ok=True)
            with _one_at_a_time(self.file.parent):
                self._database = _opened(self.file)
        except (OSError, sqlite3.Error) as refusal:
            self._give_up(refusal)

    def __enter__(self) -> Self:
        """Return itself, to be closed with the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is not written yet, and close."""
        self._write()
        if self._database is not None:
            self._database.close()
            self._database = None

    @property
    def has_any(self) -> bool:
        """Whether anything was measured before."""
        if self._database is None:
            return False
        with suppress(sqlite3.Error):
            return self._database.execute("SELECT 1 FROM measures LIMIT 1").fetchone() is not None
        return False

    def known(self, path: Path, how: str) -> Kept | None:
        """Return what was measured of a file, if that has not been changed since; it is not read.

        Args:
            path: the frame.
            how: by what it is measured: it differs with all that would make another measure of the same content.
        """
        stamp = stamp_of(path)
        if self._database is None or stamp is None:
            return None
        try:
            found = self._database.execute(_BY_FILE, (self._name(path), *stamp, how)).fetchone()
        except sqlite3.Error as refusal:
            self._give_up(refusal)
            return None
        return None if found is None else Kept(stamp=stamp, digest=found[0], kind=found[1], data=found[2])

    def keep(self, path: Path, how: str, kept: Kept) -> None:
        """Keep what was measured of a frame, unless its file changed meanwhile."""
        if self._database is None or kept.stamp is None:
            return
        self._new[self._name(path), how] = kept.stamp, kept
        if len(self._new) >= _AT_ONCE:
            self._write()

    def _name(self, path: Path) -> bytes:
        return os.fsencode(path.relative_to(self._shoot) if path.is_relative_to(self._shoot) else path.absolute())

    def _write(self) -> None:
        new, self._new = self._new, {}
        if self._database is None or not new:
            return
        measures = [(kept.digest, how, kept.kind, kept.data) for (_, how), (_, kept) in new.items()]
        files = [(name, *stamp, kept.digest) for (name, _), (stamp, kept) in new.items()]
        try:
            _refuse_little_room(self.file.parent)
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO measures VALUES (?, ?, ?, ?)", measures)
                self._database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", files)
        except (OSError, sqlite3.Error) as refusal:
            self._give_up(refusal)

    def _give_up(self, refusal: Exception) -> None:
        self.fault = f"what is measured cannot be kept in {self.file}, so the next run measures again: {refusal}"
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        if type(refusal) is sqlite3.DatabaseError:  # damaged, and only found now: the next run begins it anew
            with suppress(OSError):
                _remove(self.file)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for others that open the file: SQLite waits for no lock while a new one is turned to WAL."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _opened(file: Path) -> sqlite3.Connection:
    """Open it, begun anew where it is damaged or of another version."""
    try:
        return _of_this_version(file)
    except sqlite3.OperationalError:  # locked, full, read-only: nothing is wrong with the file
        raise
    except sqlite3.DatabaseError:
        _remove(file)
        return _of_this_version(file)


def _refuse_little_room(folder: Path) -> None:
    disk = shutil.disk_usage(folder)
    spare = min(_SPARE_BYTES, disk.total // _SPARE_SHARE)
    if disk.free < spare:
        raise OSError(f"{disk.free / 1e9:.2f} GB are left on the disk, and {spare / 1e9:.2f} GB are left to the shoot")


def _remove(file: Path) -> None:
    """Remove it; whoever has it open goes on with what nobody else sees."""
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _of_this_version(file: Path) -> sqlite3.Connection:
    database = _connected(f"{file.as_uri()}?mode=rwc")
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in {0, VERSION}:
        raise sqlite3.DatabaseError(f"its version is {version}, not {VERSION}")
    if version == 0:
        database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")


def _connected(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE_SECONDS)
