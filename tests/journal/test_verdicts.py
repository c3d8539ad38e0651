"""Verdicts on frames: left beside the one writer, only what changed, and never at the cost of a shoot."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from dayspool.core.events import ShootBegan, StopAsked
from dayspool.errors import JournalDamaged, JournalLocked, PlanError
from dayspool.journal import JournalReader, JournalWriter, Verdict, leave_verdicts
from dayspool.journal.schema import FILE_NAME, MIGRATIONS, migrate

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
COVERED = Verdict(slot=7, kind="covered", action="correct", sentence="most of the picture is covered")
BLURRED = Verdict(slot=3, kind="blurred", action="keep", sentence="it is less sharp than its neighbours")


def now():
    return NOW


@pytest.fixture
def shoot(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(ShootBegan(origin=NOW.isoformat(), interval_seconds=10.0, count=9, source="camera"))
    return tmp_path


@pytest.fixture
def older(shoot):
    """A shoot of a dayspool that knew no verdicts."""
    with closing(sqlite3.connect(shoot / FILE_NAME, isolation_level=None)) as database:
        database.execute("DROP TABLE verdicts")
        database.execute("DELETE FROM migrations WHERE name = '0005_verdicts'")
    return shoot


def verdicts(shoot):
    with JournalReader(shoot) as journal:
        return journal.verdicts()


def rows(shoot):
    with closing(sqlite3.connect(shoot / FILE_NAME)) as database:
        return database.execute("SELECT slot, kind, action FROM verdicts ORDER BY id").fetchall()


def test_only_what_changed_is_written(shoot):
    assert verdicts(shoot) == ()
    assert leave_verdicts(shoot, [COVERED, BLURRED], NOW) == 2
    assert verdicts(shoot) == (BLURRED, COVERED)
    assert leave_verdicts(shoot, [BLURRED, COVERED], NOW + timedelta(days=1)) == 0
    dropped = replace(COVERED, action="drop")
    assert leave_verdicts(shoot, [dropped], NOW) == 2
    assert verdicts(shoot) == (dropped,)
    assert rows(shoot)[2:] == [(7, "covered", "drop"), (3, "blurred", "withdrawn")]
    assert leave_verdicts(shoot, [dropped, BLURRED], NOW) == 1
    assert verdicts(shoot) == (BLURRED, dropped)


def test_where_nothing_changed_nothing_is_opened_for_writing(shoot, monkeypatch):
    leave_verdicts(shoot, [COVERED], NOW)
    opened = []
    monkeypatch.setattr(
        "sqlite3.connect", lambda *how, connect=sqlite3.connect, **more: opened.append(how) or connect(*how, **more)
    )
    assert leave_verdicts(shoot, [COVERED], NOW) == 0
    assert all("mode=ro" in how[0] for how in opened)


def test_nothing_that_was_written_can_be_changed(shoot):
    leave_verdicts(shoot, [COVERED], NOW)
    with closing(sqlite3.connect(shoot / FILE_NAME)) as database:
        for statement in ("UPDATE verdicts SET action = 'drop'", "DELETE FROM verdicts"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)


def test_they_are_left_beside_a_shoot_that_goes_on(shoot):
    with JournalWriter(shoot, now) as journal:
        assert leave_verdicts(shoot, [COVERED], NOW) == 1
        journal.append(StopAsked(by="signal"))
        assert journal.verdicts() == (COVERED,)


def test_an_older_journal_gets_its_table_when_there_is_something_to_say(older):
    assert verdicts(older) == ()
    assert leave_verdicts(older, [], NOW) == 0
    assert applied(older) == set(MIGRATIONS) - {"0005_verdicts"}
    assert leave_verdicts(older, [COVERED], NOW) == 1
    assert verdicts(older) == (COVERED,)
    assert applied(older) == set(MIGRATIONS)
    with JournalWriter(older, now) as journal:
        assert journal.verdicts() == (COVERED,)


def test_an_older_journal_gets_its_table_by_its_next_writer(older):
    with JournalWriter(older, now) as journal:
        assert journal.verdicts() == ()
    assert applied(older) == set(MIGRATIONS)


def test_a_journal_that_an_earlier_dayspool_writes_is_left_alone(older, monkeypatch):
    monkeypatch.setattr("dayspool.journal.store.migrate", lambda *_: None)  # it knows of no more than there is
    with JournalWriter(older, now) as journal:
        with pytest.raises(JournalLocked, match="an earlier dayspool writes"):
            leave_verdicts(older, [COVERED], NOW)
        journal.append(StopAsked(by="signal"))
    assert applied(older) == set(MIGRATIONS) - {"0005_verdicts"}


@pytest.mark.parametrize("attempt", range(5))
def test_two_who_bring_a_journal_up_to_date_at_once_do_not_hurt_each_other(older, attempt):
    together = Barrier(2)

    def bring(_):
        with closing(sqlite3.connect(older / FILE_NAME, isolation_level=None, timeout=10)) as database:
            together.wait()
            migrate(database, NOW.isoformat())
            return database.in_transaction

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(bring, range(2))) == [False, False]
    assert applied(older) == set(MIGRATIONS)


def test_two_renders_at_once_write_a_verdict_once(shoot):
    together = Barrier(2)

    def leave(_):
        together.wait()
        return leave_verdicts(shoot, [COVERED, BLURRED], NOW)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, range(2))) == [0, 2]
    assert len(rows(shoot)) == 2


def test_what_is_no_journal_is_not_written_to(tmp_path):
    with pytest.raises(PlanError, match="is no shoot"):
        leave_verdicts(tmp_path, [COVERED], NOW)
    (tmp_path / FILE_NAME).write_bytes(b"no journal")
    with pytest.raises(JournalDamaged):
        leave_verdicts(tmp_path, [COVERED], NOW)
    assert (tmp_path / FILE_NAME).read_bytes() == b"no journal"


def applied(shoot):
    with closing(sqlite3.connect(shoot / FILE_NAME)) as database:
        return {name for (name,) in database.execute("SELECT name FROM migrations")}
