"""A disk that refuses the journal: room kept for it is given up first, and nothing is ever damaged."""

import errno
import os
import resource
import signal
import sqlite3
from datetime import UTC, datetime

import pytest

from dayspool.core.events import Gap, RunStarted, StopAsked
from dayspool.core.frame import GapReason
from dayspool.errors import JournalUnwritable
from dayspool.journal import JournalReader, JournalWriter, RequestKind, leave_request
from dayspool.journal.ballast import BALLAST_BYTES, BALLAST_NAME

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STARTED = RunStarted(pid=1, version="x", count=None)


def now():
    return NOW


def gap(slot):
    return Gap(slot=slot, reason=GapReason.CAMERA_BUSY)


class Refusing:
    """A database that refuses every commit until there is room."""

    def __init__(self, database, has_room):
        self._database, self._has_room = database, has_room

    def execute(self, statement, *values):
        if statement == "COMMIT" and not self._has_room():
            raise sqlite3.OperationalError("database or disk is full")
        return self._database.execute(statement, *values)

    def close(self):
        self._database.close()


@pytest.fixture
def journal(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        yield journal


def refuse_until(journal, has_room):
    journal._database = Refusing(journal._database, has_room)


def kept(tmp_path):
    return (tmp_path / BALLAST_NAME).exists()


def test_room_is_kept_while_the_journal_is_written_and_given_back_at_its_end(tmp_path):
    with JournalWriter(tmp_path, now):
        room = (tmp_path / BALLAST_NAME).stat()
        assert 0 < room.st_size <= BALLAST_BYTES
        assert room.st_blocks * 512 >= room.st_size, "it takes the room, not only the name"
    assert not kept(tmp_path)


def test_a_full_disk_costs_the_reserve_and_no_event(tmp_path, journal):
    refuse_until(journal, lambda: not kept(tmp_path))
    (record,) = journal.append(STARTED)
    assert (record.seq, kept(tmp_path)) == (1, False)
    leave_request(tmp_path, RequestKind.STOP, NOW)
    (request,) = journal.open_requests()
    journal.answer(request, StopAsked(by="request"))
    assert [record.event for record in journal.records()] == [STARTED, StopAsked(by="request")]


def test_a_request_is_answered_on_a_full_disk_once(tmp_path, journal):
    leave_request(tmp_path, RequestKind.STOP, NOW)
    refuse_until(journal, lambda: not kept(tmp_path))
    (request,) = journal.open_requests()
    journal.answer(request, StopAsked(by="request"))
    assert [record.event for record in journal.records()] == [StopAsked(by="request")]


def test_the_reserve_is_laid_in_again_where_there_is_plenty_of_room(tmp_path, journal):
    refuse_until(journal, lambda: not kept(tmp_path))
    journal.append(STARTED)
    journal.restock()
    assert kept(tmp_path)


def test_when_the_reserve_is_used_up_too_the_run_ends_and_nothing_is_damaged(tmp_path):
    with JournalWriter(tmp_path, now) as journal:
        journal.append(STARTED)
        refuse_until(journal, lambda: False)
        with pytest.raises(JournalUnwritable, match="Nothing is damaged: make room"):
            journal.append(gap(0))
        assert not kept(tmp_path)
    with JournalReader(tmp_path) as journal:
        assert [record.event for record in journal.records()] == [STARTED]


def test_a_killed_runs_reserve_is_there_for_the_next(tmp_path, monkeypatch):
    JournalWriter(tmp_path, now).close()
    (tmp_path / BALLAST_NAME).write_bytes(bytes(100_000))
    connect = JournalWriter._connect

    def connect_where_there_is_room(journal):
        if kept(tmp_path):
            raise JournalUnwritable("full")
        return connect(journal)

    monkeypatch.setattr(JournalWriter, "_connect", connect_where_there_is_room)
    with JournalWriter(tmp_path, now) as journal:
        journal.append(STARTED)


@pytest.mark.parametrize("refusal", [errno.ENOSPC, errno.EOPNOTSUPP, errno.EROFS])
def test_a_disk_that_cannot_keep_room_is_no_error(tmp_path, monkeypatch, refusal):
    def refuse(*_):
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with JournalWriter(tmp_path, now) as journal:
        journal.append(STARTED)
        assert not kept(tmp_path)


def test_a_limit_of_file_sizes_damages_nothing(tmp_path):
    """Row 11: the real refusal of a real kernel, in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            with JournalWriter(tmp_path, now) as journal:
                journal.append(STARTED)
                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
                try:
                    for slot in range(10_000):
                        journal.append(gap(slot))
                except JournalUnwritable:
                    code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with JournalWriter(tmp_path, now) as journal:
        slots = [record.event.slot for record in journal.records() if isinstance(record.event, Gap)]
        assert slots == list(range(len(slots)))
        assert slots
        journal.append(gap(len(slots)))
