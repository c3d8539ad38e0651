"""Write a journal: one process at a time, every event durable before the next thing happens.

SQLite in WAL mode with `synchronous=FULL`: a commit costs about 0.3 ms and survives a power cut.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from dayspool.core.events import Record
from dayspool.errors import JournalError, JournalUnwritable
from dayspool.journal.ballast import Ballast
from dayspool.journal.codec import encode
from dayspool.journal.lock import lock_journal
from dayspool.journal.reader import JournalReader
from dayspool.journal.requests import Request, RequestKind, bias_in
from dayspool.journal.schema import FILE_NAME, migrate
from dayspool.picture.whole import PART_SUFFIX, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from dayspool.core.events import Event

__all__ = ["JournalWriter"]


class JournalWriter(JournalReader):
    """The one writer of a shoot's journal; makes it when it is not there.

    Raises:
        JournalLocked: another process is writing this shoot.
        JournalDamaged, JournalTooNew: the file is left untouched.
        JournalUnwritable: the disk is full, read-only or gone.
    """

    def __init__(self, shoot: Path, utc: Callable[[], datetime]) -> None:
        self._utc = utc
        self._lock = lock_journal(shoot)
        self._ballast = Ballast(shoot)
        try:
            try:
                self._open(shoot)
            except JournalUnwritable:  # on a full disk a killed run may have left its reserve
                if not self._ballast.give_up():
                    raise
                self._open(shoot)
        except BaseException:
            os.close(self._lock)
            raise
        self._ballast.lay_in()

    def _open(self, shoot: Path) -> None:
        if not (shoot / FILE_NAME).exists():
            _create(shoot, self._utc().isoformat())
        super().__init__(shoot)

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise sqlite3.OperationalError(f"this file system cannot hold a write-ahead log, only {mode}")
            database.execute("PRAGMA synchronous = FULL")
            migrate(database, self._utc().isoformat())
        except sqlite3.Error as error:
            database.close()
            raise JournalUnwritable(f"{self.path} cannot be written: {error}") from error
        return database

    def close(self) -> None:
        """Close the journal and let others write it."""
        self._ballast.give_up()  # before: SQLite tidies its log away when it is closed
        super().close()
        os.close(self._lock)

    def append(self, *events: Event) -> list[Record]:
        """Write events in one transaction; on return they survive a power cut.

        Where the disk is full, the room kept for the journal is given up first.

        Raises:
            JournalUnwritable: the disk refused; nothing of it was written.
            JournalError: an event that can happen but once has happened before; nothing of it was written.
        """
        return self._durably(lambda: self._insert(events))

    def restock(self) -> None:
        """Keep room for the journal again, should it have been given up and the disk have plenty; takes some ms."""
        self._ballast.restock()

    def _durably(self, work: Callable[[], list[Record]]) -> list[Record]:
        try:
            with self._transaction():
                return work()
        except JournalUnwritable:
            if not self._ballast.give_up():
                raise
        with self._transaction():
            return work()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit what is done inside, all of it or nothing."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            if not isinstance(error, sqlite3.Error):
                raise
            raise JournalUnwritable(
                f"{self.path} could not be written ({error}). Nothing is damaged: "
                "make room or mend the disk, then run the same command again to go on"
            ) from error

    def _insert(self, events: tuple[Event, ...]) -> list[Record]:
        utc = self._utc()
        stamp = utc.isoformat()
        records = []
        for event in events:
            kind, slot, body = encode(event)
            try:
                cursor = self._database.execute(
                    "INSERT INTO events (utc, kind, slot, body) VALUES (?, ?, ?, ?)", (stamp, kind, slot, body)
                )
            except sqlite3.IntegrityError as error:
                of_slot = "" if slot is None else f" for slot {slot}"
                raise JournalError(
                    f"{self.path} refused a second {kind}{of_slot} ({error}); nothing was written. "
                    "This is a defect of dayspool: please report it with this journal"
                ) from error
            assert cursor.lastrowid is not None
            records.append(Record(seq=cursor.lastrowid, utc=utc, event=event))
        return records

    def open_requests(self) -> list[Request]:
        """Return the wishes nobody has answered yet, oldest first; unknown kinds are left for a later dayspool."""
        rows = self._rows("SELECT id, kind, body FROM requests WHERE handled_utc IS NULL ORDER BY id", ())
        known = ((id_, kind, body) for id_, kind, body in rows if kind in set(RequestKind))
        return [Request(id=id_, kind=RequestKind(kind), ev=bias_in(body)) for id_, kind, body in known]

    def answer(self, request: Request, *events: Event) -> list[Record]:
        """Mark a wish as answered and write the events that it led to, in one transaction.

        Raises:
            JournalUnwritable, JournalError: as `append`.
        """

        def handle() -> list[Record]:
            records = self._insert(events)
            self._database.execute(
                "UPDATE requests SET handled_utc = ? WHERE id = ?", (self._utc().isoformat(), request.id)
            )
            return records

        return self._durably(handle)


def _create(shoot: Path, utc: str) -> None:
    """Make an empty journal under another name and move it into place whole."""
    part = shoot / f"{FILE_NAME}{PART_SUFFIX}"
    try:
        _remove(part)
        with closing(sqlite3.connect(part, isolation_level=None)) as database:
            migrate(database, utc)
        part.rename(shoot / FILE_NAME)
        sync_folder(shoot)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            _remove(part)
        raise JournalUnwritable(f"no journal can be made in {shoot}: {error}") from error


def _remove(part: Path) -> None:
    """Remove a half-made journal and SQLite's own half of it, which would be played back into the next one."""
    for path in (part, part.with_name(f"{part.name}-journal")):
        path.unlink(missing_ok=True)
