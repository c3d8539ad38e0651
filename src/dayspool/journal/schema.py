"""The tables of a journal and the named steps that made them, each applied once, in one transaction."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from dayspool.errors import JournalDamaged, JournalTooNew, JournalUnwritable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["APPLICATION_ID", "FILE_NAME", "MIGRATIONS", "check_untouched", "migrate", "read_only_address"]

FILE_NAME = "journal.db"
APPLICATION_ID = 0x64537031  # "dSp1": tells `file` and us that this SQLite file is a journal

MIGRATIONS: dict[str, str] = {
    "0001_events": """
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY,
            utc TEXT NOT NULL,
            kind TEXT NOT NULL,
            slot INTEGER,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX events_by_slot ON events (slot, kind) WHERE slot IS NOT NULL;
        CREATE UNIQUE INDEX one_intent_per_slot ON events (slot) WHERE kind = 'shot_intended';
        CREATE UNIQUE INDEX one_frame_per_slot ON events (slot) WHERE kind = 'frame_stored';
        CREATE UNIQUE INDEX one_gap_per_slot ON events (slot) WHERE kind = 'gap';
        CREATE UNIQUE INDEX one_beginning ON events (kind) WHERE kind = 'shoot_began';
        CREATE TRIGGER events_stay BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER events_remain BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    """,
    "0002_frames": """
        CREATE VIEW frames AS
        SELECT
            slot,
            max(json_extract(body, '$.late_ms')) FILTER (WHERE kind = 'shot_taken') AS late_ms,
            max(utc) FILTER (WHERE kind = 'shot_taken') AS confirmed_utc,
            max(json_extract(body, '$.name')) FILTER (WHERE kind = 'frame_stored') AS name,
            max(json_extract(body, '$.size_bytes')) FILTER (WHERE kind = 'frame_stored') AS size_bytes,
            max(json_extract(body, '$.width')) FILTER (WHERE kind = 'frame_stored') AS width,
            max(json_extract(body, '$.height')) FILTER (WHERE kind = 'frame_stored') AS height,
            max(json_extract(body, '$.taken')) FILTER (WHERE kind = 'frame_stored') AS taken,
            max(json_extract(body, '$.shutter_seconds')) FILTER (WHERE kind = 'frame_stored') AS shutter_seconds,
            max(json_extract(body, '$.aperture')) FILTER (WHERE kind = 'frame_stored') AS aperture,
            max(json_extract(body, '$.iso')) FILTER (WHERE kind = 'frame_stored') AS iso,
            max(json_extract(body, '$.reason')) FILTER (WHERE kind = 'gap') AS gap_reason,
            max(json_extract(body, '$.detail')) FILTER (WHERE kind = 'gap') AS gap_detail
        FROM events
        WHERE slot IS NOT NULL
        GROUP BY slot;
    """,
    "0003_requests": """
        CREATE TABLE requests (
            id INTEGER PRIMARY KEY,
            utc TEXT NOT NULL,
            kind TEXT NOT NULL,
            body TEXT NOT NULL DEFAULT '{}',
            handled_utc TEXT
        ) STRICT;
        CREATE INDEX open_requests ON requests (id) WHERE handled_utc IS NULL;
    """,
    "0004_originals": """
        CREATE UNIQUE INDEX one_original_per_name ON events (slot, json_extract(body, '$.name'))
            WHERE kind = 'original_kept';
    """,
    "0005_verdicts": """
        CREATE TABLE verdicts (
            id INTEGER PRIMARY KEY,
            utc TEXT NOT NULL,
            slot INTEGER NOT NULL,
            kind TEXT NOT NULL,
            action TEXT NOT NULL,
            sentence TEXT NOT NULL
        ) STRICT;
        CREATE INDEX verdicts_by_slot ON verdicts (slot, kind);
        CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER verdicts_remain BEFORE DELETE ON verdicts
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    """,
}


_INDEX_BYTES = 64 << 10  # of SQLite's index beside a journal in WAL mode, 32 kB as it begins


def read_only_address(path: Path) -> str:
    """Return the SQLite address under which a journal can be read, on read-only media too.

    SQLite keeps an index beside a journal in WAL mode and creates it even to read. Where it cannot, and a clean end
    left no `-wal` file, nothing else is needed to read: `immutable` says so.
    """
    wal = path.with_name(f"{path.name}-wal")
    immutable = "" if wal.exists() or os.access(path.parent, os.W_OK) else "&immutable=1"
    return f"{path.absolute().as_uri()}?mode=ro{immutable}"


def check_untouched(path: Path) -> None:
    """Check an existing journal without writing a byte to it.

    Raises:
        JournalDamaged: it is no SQLite file, not ours, or fails SQLite's own check.
        JournalTooNew: a later dayspool made it.
        JournalUnwritable: it cannot even be opened (permissions, a missing folder, a shoot cut off on read-only media).
    """
    try:
        with closing(sqlite3.connect(read_only_address(path), uri=True)) as database:
            application = database.execute("PRAGMA application_id").fetchone()[0]
            applied = _applied(database)
            unknown = [name for name in applied if name not in MIGRATIONS]
            if application == APPLICATION_ID and unknown:
                raise JournalTooNew(
                    f"{path} was written by a later dayspool (it knows {', '.join(unknown)}); "
                    "update dayspool; the file was left as it is"
                )
            verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise JournalUnwritable(f"{path} cannot be opened: {error}{_of_room(path.parent)}") from error
    except sqlite3.Error as error:
        raise JournalDamaged(f"{path} is no journal or a damaged one ({error}); it was left as it is") from error
    if application != APPLICATION_ID:
        raise JournalDamaged(f"{path} is not a dayspool journal; it was left as it is")
    if verdict != "ok":
        raise JournalDamaged(f"{path} is damaged ({verdict}); it was left as it is")


def _of_room(folder: Path) -> str:
    """Say that a disk is full, where it is: SQLite needs a little room even to read, and speaks of an I/O error."""
    try:
        full = shutil.disk_usage(folder).free < _INDEX_BYTES
    except OSError:
        return ""
    return "; its disk is full, and some room is needed even to read it: make room there" if full else ""


def migrate(database: sqlite3.Connection, utc: str) -> None:
    """Bring a journal up to date: every missing migration in order, each in its own transaction.

    Another process may do the same at the same moment (`leave_verdicts` has no lock): who records a step first takes
    it, and the other one goes on.
    """
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, utc TEXT NOT NULL) STRICT")
    done = _applied(database)
    for name, script in MIGRATIONS.items():
        if name not in done:
            record = f"INSERT INTO migrations VALUES ('{name}', '{utc}');"  # noqa: S608 - both are ours
            try:
                database.executescript(f"BEGIN IMMEDIATE; {record} {script} COMMIT;")
            except sqlite3.IntegrityError:  # only the record can be there twice
                database.execute("ROLLBACK")


def _applied(database: sqlite3.Connection) -> list[str]:
    known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").fetchone()
    if known is None:
        return []
    return [name for (name,) in database.execute("SELECT name FROM migrations ORDER BY name")]
