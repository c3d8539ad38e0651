"""What must hold of a shoot whatever has happened to its processes: nothing lost, doubled, or half there."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from dayspool.core.events import Record, ShotIntended, ShotTaken
from dayspool.journal import FrameRow, JournalReader
from dayspool.picture import inspect
from tests.shoot.scenes import lines_of, numbers_taken

EXHAUSTIVE = bool(os.environ.get("DAYSPOOL_EXHAUSTIVE"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A shoot that was found whole."""

    records: list[Record]
    frames: list[FrameRow]
    gaps: list[FrameRow]


def check_whole(folder: Path, ledger: Path, *, width: int) -> Whole:
    """Hold the folder of a shoot that has ended against the camera's ledger; `width` is that of its pictures."""
    with sqlite3.connect(folder / "journal.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    with JournalReader(folder) as journal:
        session = journal.session()
        records = list(journal.records())
        frames, gaps = list(journal.frames()), list(journal.gaps())
    taken = [record.event.slot for record in records if isinstance(record.event, ShotTaken)]
    intended = [record.event.slot for record in records if isinstance(record.event, ShotIntended)]
    rows = [row.slot for row in (*frames, *gaps)]
    assert numbers_taken(records) == [line["n"] for line in lines_of(ledger)], "an exposure unknown, or known twice"
    assert len(taken) == len(set(taken)), "a slot was exposed twice"
    assert session.open_intent is None
    assert session.unfetched == ()
    assert sorted(rows) == list(range(session.next_slot)), "a row was lost"
    assert set(intended) <= set(rows)
    files = sorted(path.name for path in (folder / "frames").iterdir())
    assert files == [row.name for row in frames], "a file too many, or half of one"
    for row in frames:
        assert inspect((folder / "frames" / row.name).read_bytes()).width == width
    return Whole(records=records, frames=frames, gaps=gaps)
