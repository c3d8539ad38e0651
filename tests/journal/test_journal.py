"""The record: durable, append-only, one writer, and left alone when it is not ours to read."""

import errno
import fcntl
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.events import (
    EVENT_TYPES,
    FrameStored,
    Gap,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
    StopAsked,
)
from dayspool.core.frame import GapReason
from dayspool.errors import (
    JournalDamaged,
    JournalError,
    JournalLocked,
    JournalTooNew,
    JournalUnwritable,
    PlanError,
)
from dayspool.journal import JournalReader, JournalWriter, RequestKind, is_being_written, leave_request
from dayspool.journal.codec import decode, encode

NOW = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
BEGAN = ShootBegan(origin=NOW.isoformat(), interval_seconds=10.0, count=9, source="camera")


def now():
    return NOW


def stored(slot, **more):
    return FrameStored(slot=slot, name=f"{slot:06d}.jpg", size_bytes=7, **more)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


numbers = st.floats(allow_nan=False)  # which equals nothing, itself included


def anything_of(hint):
    """Values of a field of an event, whose numbers are numbers."""
    known = {float: numbers, float | None: st.none() | numbers}
    return known[hint] if hint in known else st.from_type(hint)


def built(event_type):
    hints = get_type_hints(event_type)
    return st.builds(event_type, **{name: anything_of(hint) for name, hint in hints.items()})


events = st.one_of(built(event_type) for event_type in EVENT_TYPES)


@given(events)
def test_every_event_survives_the_codec(event):
    kind, slot, body = encode(event)
    record = decode(1, NOW.isoformat(), kind, slot, body)
    assert record.event == event
    assert record.utc == NOW


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (("a_later_kind", None, "{}"), JournalTooNew),
        (("shot_taken", 1, "{}"), JournalDamaged),
        (("shot_taken", 1, "not json"), JournalDamaged),
        (("gap", 1, '{"reason":"a-later-reason","detail":""}'), JournalTooNew),
        (("gap", 1, '{"reason":5,"detail":""}'), JournalDamaged),
        (("gap", 1, "[]"), JournalDamaged),
    ],
)
def test_rows_that_cannot_be_read(row, error):
    with pytest.raises(error):
        decode(1, NOW.isoformat(), *row)


def test_what_is_appended_is_read(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(BEGAN, RunStarted(pid=1, version="0", count=9))
        journal.append(ShotIntended(slot=0))
        journal.append(ShotTaken(slot=0, url="u", late_ms=2.5))
        journal.append(stored(0, shutter_seconds=0.004, iso=160.0))
        journal.append(Gap(slot=1, reason=GapReason.CAMERA_BUSY, detail="busy"), Gap(slot=2, reason=GapReason.PAUSED))
        with JournalReader(tmp_path) as reader:
            assert [type(record.event).__name__ for record in reader.records()] == [
                "ShootBegan", "RunStarted", "ShotIntended", "ShotTaken", "FrameStored", "Gap", "Gap",
            ]  # fmt: skip
            assert reader.began() == BEGAN
            (frame,) = reader.frames()
            assert (frame.slot, frame.name, frame.late_ms, frame.shutter_seconds) == (0, "000000.jpg", 2.5, 0.004)
            assert [(gap.slot, gap.gap_reason) for gap in reader.gaps()] == [
                (1, GapReason.CAMERA_BUSY),
                (2, GapReason.PAUSED),
            ]
            assert reader.late_ms() == [2.5]
            assert reader.session() == journal.session()


def test_a_frame_that_comes_later_ends_its_gap(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(Gap(slot=1, reason=GapReason.ON_CARD), stored(1))
        assert [row.slot for row in journal.frames()] == [1]
        assert list(journal.gaps()) == []


@pytest.mark.parametrize("statement", ["UPDATE events SET slot = 5", "DELETE FROM events"])
def test_history_cannot_be_changed(tmp_path, statement):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(stored(0))
    database = sqlite3.connect(tmp_path / "journal.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    "event",
    [ShotIntended(slot=3), stored(3), Gap(slot=3, reason=GapReason.PAUSED), BEGAN],
    ids=lambda e: type(e).__name__,
)
def test_nothing_happens_twice_to_a_slot(tmp_path, event):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(event)
        with pytest.raises(JournalError, match=rf"refused a second {encode(event)[0]}.*UNIQUE") as caught:
            journal.append(RunStarted(pid=1, version="0", count=1), event)
        assert not isinstance(caught.value, JournalUnwritable), "no fault of the disk: nobody should make room"
        assert len(list(journal.records())) == 1, "a refused transaction leaves nothing behind"


def test_commits_are_forced_to_the_disk(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        database = journal._database
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_a_second_writer_is_told_who_writes(tmp_path):
    with JournalWriter(tmp_path, now):
        assert is_being_written(tmp_path)
        with pytest.raises(JournalLocked, match=str(os.getpid())):
            JournalWriter(tmp_path, now)
    assert not is_being_written(tmp_path)
    JournalWriter(tmp_path, now).close()


def test_a_folder_without_a_journal(tmp_path):
    with pytest.raises(PlanError, match="is no shoot"):
        JournalReader(tmp_path)
    assert not is_being_written(tmp_path)


def test_asking_who_writes_takes_nothing(tmp_path, monkeypatch):
    JournalWriter(tmp_path, now).close()
    real, commands = fcntl.fcntl, []
    monkeypatch.setattr(fcntl, "fcntl", lambda handle, *words: commands.append(words[0]) or real(handle, *words))
    monkeypatch.setattr(fcntl, "flock", lambda *_: pytest.fail("the lock was taken"))
    assert not is_being_written(tmp_path)
    assert commands == [fcntl.F_OFD_GETLK]


def test_closing_another_handle_on_the_lock_drops_nothing(tmp_path):
    with JournalWriter(tmp_path, now):
        (tmp_path / "journal.lock").read_bytes()
        is_being_written(tmp_path)
        with pytest.raises(JournalLocked):
            JournalWriter(tmp_path, now)
        asked = "import sys; from pathlib import Path; from dayspool.journal import is_being_written as w\n"
        other = subprocess.run([sys.executable, "-c", f"{asked}print(w(Path({str(tmp_path)!r})))"], capture_output=True)
        assert other.stdout == b"True\n"


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(fcntl, "fcntl", refuse)
    with pytest.raises(JournalUnwritable, match=r"cannot be locked .*No locks available"):
        JournalWriter(tmp_path, now)
    assert len(list(Path("/proc/self/fd").iterdir())) == before, "the handle is closed"
    assert not (tmp_path / "journal.db").exists()
    assert not is_being_written(tmp_path)


class WithoutWal(sqlite3.Connection):
    """A database on a file system that cannot hold a write-ahead log: SQLite keeps the mode it had."""

    def execute(self, statement, *values):
        return super().execute("SELECT 'delete'" if "journal_mode" in statement else statement, *values)


def test_a_file_system_without_write_ahead_logs_is_named(tmp_path, monkeypatch):
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *path, **more: real(*path, **more, factory=WithoutWal))
    with pytest.raises(JournalUnwritable, match="cannot hold a write-ahead log, only delete"):
        JournalWriter(tmp_path, now)


def test_a_new_journals_name_is_forced_to_the_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("dayspool.journal.store.sync_folder", synced.append)
    JournalWriter(tmp_path, now).close()
    assert synced == [tmp_path]
    JournalWriter(tmp_path, now).close()
    assert synced == [tmp_path], "only when it is made"


def test_what_a_killed_maker_left_behind_does_not_get_into_the_next_journal(tmp_path):
    (tmp_path / "journal.db.part").write_bytes(b"half a journal")
    (tmp_path / "journal.db.part-journal").write_bytes(b"half of what SQLite keeps to undo it")
    JournalWriter(tmp_path, now).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.db", "journal.lock"]


def damaged_files(tmp_path):
    with JournalWriter(tmp_path / "good", now) as journal:
        journal.append(*(stored(slot) for slot in range(500)))
    whole = (tmp_path / "good" / "journal.db").read_bytes()
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t (x)")
    database.close()
    rotten = bytearray(whole)
    rotten[4096 : 4096 * 6] = random.Random(1).randbytes(4096 * 5)
    return {
        "text": b"this is no database, whatever its name says",
        "zeros": b"\0" * 10_000,
        "cut short": whole[: len(whole) // 2],
        "rotten": bytes(rotten),
        "another program's": other.read_bytes(),
        "empty": b"",
    }


@pytest.mark.parametrize("kind", ["text", "zeros", "cut short", "rotten", "another program's", "empty"])
@pytest.mark.parametrize("open_it", [JournalReader, lambda shoot: JournalWriter(shoot, now)], ids=["read", "write"])
def test_a_damaged_journal_is_left_untouched(tmp_path, kind, open_it):
    (tmp_path / "good").mkdir()
    path = tmp_path / "journal.db"
    path.write_bytes(damaged_files(tmp_path)[kind])
    before = digest(path)
    with pytest.raises(JournalDamaged, match="left as it is"):
        open_it(tmp_path)
    assert digest(path) == before


@pytest.mark.parametrize("open_it", [JournalReader, lambda shoot: JournalWriter(shoot, now)], ids=["read", "write"])
def test_a_newer_journal_is_left_untouched(tmp_path, open_it):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(stored(0))
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO migrations VALUES ('0099_holograms', '2031')")
    database.close()
    before = digest(path)
    with pytest.raises(JournalTooNew, match="0099_holograms"):
        open_it(tmp_path)
    assert digest(path) == before


def test_an_older_journal_is_brought_up_to_date(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(stored(0))
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("DROP TABLE requests")
        database.execute("DELETE FROM migrations WHERE name = '0003_requests'")
    database.close()
    with JournalWriter(tmp_path, now) as journal:
        assert journal.open_requests() == []
        assert [row.slot for row in journal.frames()] == [0]


def test_requests_are_left_and_answered_once(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        leave_request(tmp_path, RequestKind.PAUSE, NOW)
        leave_request(tmp_path, RequestKind.STOP, NOW)
        pause, stop = journal.open_requests()
        assert (pause.kind, stop.kind) == (RequestKind.PAUSE, RequestKind.STOP)
        journal.answer(pause)
        assert journal.open_requests() == [stop]
    with pytest.raises(PlanError):
        leave_request(tmp_path / "nowhere", RequestKind.STOP, NOW)


def test_a_request_is_answered_together_with_its_events_or_not_at_all(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        leave_request(tmp_path, RequestKind.STOP, NOW)
        (wish,) = journal.open_requests()
        journal._database.execute(
            "CREATE TEMP TRIGGER full BEFORE UPDATE ON requests BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )
        with pytest.raises(JournalError):
            journal.answer(wish, StopAsked(by="request"))
        assert list(journal.records()) == []
        journal._database.execute("DROP TRIGGER full")
        (record,) = journal.answer(wish, StopAsked(by="request"))
        assert list(journal.records()) == [record]
        assert journal.open_requests() == []


def test_a_gap_for_a_reason_of_a_later_dayspool(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(Gap(slot=1, reason=GapReason.PAUSED))
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute(
            "INSERT INTO events (utc, kind, slot, body) VALUES (?, 'gap', 2, ?)",
            (NOW.isoformat(), '{"reason":"eclipse"}'),
        )
    database.close()
    with JournalReader(tmp_path) as reader:
        with pytest.raises(JournalTooNew, match="eclipse"):
            list(reader.gaps())
        with pytest.raises(JournalTooNew, match="eclipse"):
            reader.session()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from dayspool.core.events import ShotIntended, ShotTaken
from dayspool.journal import JournalWriter
with JournalWriter(Path(sys.argv[1]), lambda: datetime.now(UTC)) as journal:
    slot = journal.session().next_slot
    while True:
        journal.append(ShotIntended(slot=slot))
        print(slot, flush=True)
        journal.append(ShotTaken(slot=slot, url=str(slot)))
        slot += 1
"""


def test_killed_writers_lose_nothing_they_reported(tmp_path):
    rng = random.Random(5)
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True)
        for _ in range(rng.randrange(1, 60)):
            reported = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        left = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        reported = int(left[-1]) if left else reported
        with JournalReader(tmp_path) as journal:
            intended = [record.event.slot for record in journal.records() if isinstance(record.event, ShotIntended)]
            taken = [record.event.slot for record in journal.records() if isinstance(record.event, ShotTaken)]
        assert intended == list(range(len(intended)))
        assert intended[-1] >= reported
        assert len(set(intended) - set(taken)) <= 6, "at most one open intent per kill"


def test_a_journal_that_cannot_be_made(tmp_path):
    folder = tmp_path / "file"
    folder.write_text("in the way")
    with pytest.raises(JournalError, match="cannot be written"):
        JournalWriter(folder, now)
