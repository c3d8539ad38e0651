"""Write a journal: one process at a time, every event durable before the next thing happens.

SQLite in WAL mode with `synchronous=FULL`: a commit costs about 0.3 ms and survives a power cut. The lock is an
advisory one on a file of its own, because closing any other handle on the database would drop SQLite's locks.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from dayspool.core.events import Record
from dayspool.errors import JournalLocked, JournalUnwritable
from dayspool.journal.codec import encode
from dayspool.journal.reader import JournalReader
from dayspool.journal.requests import Request, RequestKind
from dayspool.journal.schema import FILE_NAME, migrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from dayspool.core.events import Event

__all__ = ["JournalWriter", "is_being_written"]

LOCK_NAME = "journal.lock"


class JournalWriter(JournalReader):
    """The one writer of a shoot's journal; makes it when it is not there.

    Raises:
        JournalLocked: another process is writing this shoot.
        JournalDamaged, JournalTooNew: the file is left untouched.
        JournalUnwritable: the disk is full, read-only or gone.
    """

    def __init__(self, shoot: Path, utc: Callable[[], datetime]) -> None:
        self._utc = utc
        self._lock = _lock(shoot)
        try:
            if not (shoot / FILE_NAME).exists():
                _create(shoot, utc().isoformat())
            super().__init__(shoot)
        except BaseException:
            os.close(self._lock)
            raise

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            migrate(database, self._utc().isoformat())
        except sqlite3.Error as error:
            database.close()
            raise JournalUnwritable(f"{self.path} cannot be written: {error}") from error
        return database

    def close(self) -> None:
        """Close the journal and let others write it."""
        super().close()
        os.close(self._lock)

    def append(self, *events: Event) -> list[Record]:
        """Write events in one transaction; on return they survive a power cut.

        Raises:
            JournalUnwritable: nothing of it was written.
        """
        utc = self._utc()
        stamp = utc.isoformat()
        records = []
        try:
            self._database.execute("BEGIN IMMEDIATE")
            for event in events:
                cursor = self._database.execute(
                    "INSERT INTO events (utc, kind, slot, body) VALUES (?, ?, ?, ?)", (stamp, *encode(event))
                )
                assert cursor.lastrowid is not None
                records.append(Record(seq=cursor.lastrowid, utc=utc, event=event))
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise JournalUnwritable(
                f"{self.path} could not be written ({error}). Nothing is damaged: "
                "make room or mend the disk, then run the same command again to go on"
            ) from error
        return records

    def open_requests(self) -> list[Request]:
        """Return the wishes nobody has answered yet, oldest first; unknown kinds are left for a later dayspool."""
        rows = self._rows("SELECT id, kind FROM requests WHERE handled_utc IS NULL ORDER BY id", ())
        return [Request(id=id_, kind=RequestKind(kind)) for id_, kind in rows if kind in set(RequestKind)]

    def answer(self, request: Request, *events: Event) -> list[Record]:
        """Mark a wish as answered; the events that it led to are written with it.

        Raises:
            JournalUnwritable: the disk refused.
        """
        records = self.append(*events) if events else []
        try:
            self._database.execute(
                "UPDATE requests SET handled_utc = ? WHERE id = ?", (self._utc().isoformat(), request.id)
            )
        except sqlite3.Error as error:
            raise JournalUnwritable(f"{self.path} could not be written: {error}") from error
        return records


def is_being_written(shoot: Path) -> bool:
    """Say whether a process is writing the journal of this shoot right now."""
    try:
        handle = os.open(shoot / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _lock(shoot: Path) -> int:
    path = shoot / LOCK_NAME
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise JournalUnwritable(f"{shoot} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        writer = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise JournalLocked(
            f"another dayspool (process {writer}) is writing {shoot}; stop it first, or use another folder"
        ) from None
    with suppress(OSError):  # the number only makes the message above kinder; a full disk may refuse it
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _create(shoot: Path, utc: str) -> None:
    """Make an empty journal under another name and move it into place whole."""
    part = shoot / f"{FILE_NAME}.part"
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(part, isolation_level=None)) as database:
            migrate(database, utc)
        part.rename(shoot / FILE_NAME)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise JournalUnwritable(f"no journal can be made in {shoot}: {error}") from error
