"""What `dayspool doctor` says of the machine as a host of long shoots."""

import errno
import json
import os
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from dayspool.cli import host
from dayspool.cli.doctor import command
from dayspool.core.events import HostStalled, RunStarted, ShootBegan
from dayspool.journal import JournalWriter


def check(name, folder="/tmp"):
    return next(found for found in host.host_checks(folder) if found.name == name)


def test_every_check_says_something(tmp_path):
    found = list(host.host_checks(tmp_path))
    assert [one.name for one in found] == ["phone", "clock", "storage", "sleep", "service"]
    assert all(one.detail and (one.ok or one.remedy) for one in found)
    assert check("storage", tmp_path).ok


@pytest.mark.parametrize(
    ("synchronised", "ok", "detail"),
    [(True, True, "synchronised"), (False, False, "free-running"), (None, True, "cannot be told")],
)
def test_the_clock_is_judged_only_when_it_can_be(monkeypatch, synchronised, ok, detail):
    monkeypatch.setattr(host, "is_synchronised", lambda: synchronised)
    found = check("clock")
    assert (found.ok, detail in found.detail) == (ok, True)


def test_the_kernel_is_asked_and_its_word_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(host, "TIMESYNC", tmp_path / "not")
    assert host.is_synchronised() in (True, False, None)
    monkeypatch.setattr(host, "TIMESYNC", tmp_path)
    assert host.is_synchronised() is True


def test_a_board_without_a_clock_of_its_own_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(host, "RTC", tmp_path)
    assert "no clock that goes on without power" in check("clock").detail


@pytest.mark.parametrize(
    ("environment", "lock", "ok"),
    [({"ANDROID_ROOT": "/system"}, True, True), ({"PREFIX": "/data/data/com.termux/files/usr"}, False, False)],
)
def test_a_phone_needs_a_wake_lock(monkeypatch, tmp_path, environment, lock, ok):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if lock:
        (tmp_path / "termux-wake-lock").touch(mode=0o755)
    found = check("phone")
    assert (found.ok, "docs/android.md" in found.remedy) == (ok, not ok)
    assert found.detail.startswith("Android")


@pytest.mark.parametrize(
    ("number", "detail"), [(errno.EOPNOTSUPP, "has no locks"), (errno.EROFS, "cannot be written: Read-only")]
)
def test_a_disk_that_cannot_hold_a_journal_is_named(monkeypatch, tmp_path, number, detail):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(host.fcntl, "fcntl", refuse)
    found = check("storage", tmp_path)
    assert not found.ok
    assert detail in found.detail


def test_a_slow_disk_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(host, "_fsync_seconds", lambda _: 0.6)
    found = check("storage", tmp_path)
    assert (found.ok, "600.0 ms" in found.detail) == (False, True)


def test_the_stalls_of_a_shoot_are_named(tmp_path):
    with JournalWriter(tmp_path, lambda: datetime(2026, 6, 1, tzinfo=UTC)) as journal:
        began = ShootBegan(origin="2026-06-01T00:00:00+00:00", interval_seconds=10.0, count=None, source="camera")
        journal.append(began, RunStarted(pid=1, version="1", count=None))
        journal.append(*(HostStalled(seconds=seconds, asleep=True) for seconds in (40.0, 7800.0)))
    done = CliRunner().invoke(command, [str(tmp_path), "--json"])
    (stalls,) = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "stalls"]
    assert (stalls["ok"], stalls["detail"]) == (False, "this machine stood still 2 times, the longest for 2h10m")
    assert "docs/android.md" in stalls["remedy"]
