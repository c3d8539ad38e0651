"""Verdicts on odd frames, left in the journal by whoever makes films of a shoot, beside the one who shoots."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.errors import JournalLocked, JournalUnwritable, PlanError
from dayspool.journal.lock import is_being_written
from dayspool.journal.schema import FILE_NAME, check_untouched, migrate, read_only_address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

__all__ = ["Verdict", "leave_verdicts", "verdicts_in"]

_WITHDRAWN = "withdrawn"  # the action of a verdict that does not hold any more
_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'verdicts'"
_NEWEST = "SELECT max(id), slot, kind, action, sentence FROM verdicts GROUP BY slot, kind ORDER BY slot, kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is the matter with a slot's frame: its `kind` in a word, what is done about it, and a sentence."""

    slot: int
    kind: str
    action: str
    sentence: str


def verdicts_in(database: sqlite3.Connection) -> tuple[Verdict, ...]:
    """Return the verdicts that hold, by slot; none in a journal that is older than verdicts.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if database.execute(_TABLE).fetchone() is None:
        return ()
    rows = database.execute(_NEWEST)
    newest = (Verdict(slot=slot, kind=kind, action=action, sentence=said) for _, slot, kind, action, said in rows)
    return tuple(verdict for verdict in newest if verdict.action != _WITHDRAWN)


def leave_verdicts(shoot: Path, verdicts: Iterable[Verdict], utc: datetime) -> int:
    """Leave verdicts on a shoot's frames; those that hold already are not written again, all others are withdrawn.

    The table is made where it is missing, unless the shoot goes on: then its writer is of an earlier dayspool, and what
    it writes to is left alone.

    Args:
        shoot: its folder.
        verdicts: all that hold now, one of a kind for a slot.
        utc: now.

    Returns:
        How many rows were written.

    Raises:
        PlanError: the folder holds no journal.
        JournalLocked: an earlier dayspool writes it.
        JournalDamaged, JournalTooNew, JournalUnwritable: it cannot be used.
    """
    path = shoot / FILE_NAME
    if not path.exists():
        raise PlanError(f"{shoot} is no shoot: it has no {FILE_NAME}")
    check_untouched(path)
    wanted = {(verdict.slot, verdict.kind): verdict for verdict in verdicts}
    try:
        with closing(sqlite3.connect(read_only_address(path), uri=True)) as database:
            if _holding(database) == wanted:
                return 0  # also where nothing can be written
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as database:
            database.execute("PRAGMA synchronous = FULL")
            if database.execute(_TABLE).fetchone() is None:
                _refuse_a_running_shoot(shoot)
                migrate(database, utc.isoformat())
            return _leave(database, wanted, utc.isoformat())
    except sqlite3.Error as error:
        raise JournalUnwritable(f"what is odd about frames could not be noted in {path}: {error}") from error


def _refuse_a_running_shoot(shoot: Path) -> None:
    if is_being_written(shoot):
        raise JournalLocked(f"an earlier dayspool writes {shoot / FILE_NAME}; what is odd can be noted when it ends")


def _leave(database: sqlite3.Connection, wanted: dict[tuple[int, str], Verdict], utc: str) -> int:
    """Write what changed in one transaction, that two renders at once do not write it twice."""
    database.execute("BEGIN IMMEDIATE")
    try:
        before = _holding(database)
        changed = [verdict for key, verdict in wanted.items() if before.get(key) != verdict]
        rows = [(utc, one.slot, one.kind, one.action, one.sentence) for one in changed]
        rows += [(utc, *key, _WITHDRAWN, "") for key in before if key not in wanted]
        database.executemany("INSERT INTO verdicts (utc, slot, kind, action, sentence) VALUES (?, ?, ?, ?, ?)", rows)
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    return len(rows)


def _holding(database: sqlite3.Connection) -> dict[tuple[int, str], Verdict]:
    return {(verdict.slot, verdict.kind): verdict for verdict in verdicts_in(database)}
