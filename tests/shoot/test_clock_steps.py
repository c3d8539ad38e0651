"""Row 18: a wall clock that jumps, in every way it does, moves no slot, and is told; the real `SystemClock` is used."""

import json
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import anyio
import pytest

from dayspool.clock import SystemClock
from dayspool.core.events import ClockStepped, HealthRead, ShotIntended
from dayspool.core.frame import GapReason
from dayspool.journal import JournalReader, JournalWriter
from dayspool.testing import BEGINNING
from tests.processes import DAYSPOOL, simulator
from tests.shoot.scenes import play
from tests.shoot.test_intervalometer import check

SECOND = timedelta(seconds=1)
HOUR = 3600.0
UNDATED = datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
TO_TODAY = (BEGINNING - UNDATED) / SECOND
SPRING = datetime(2026, 3, 29, 0, 59, 10, tzinfo=UTC)  # a minute later clocks are put forward in Berlin
AUTUMN = datetime(2026, 10, 25, 0, 59, 10, tzinfo=UTC)
SLOTS = 12


class Machine:
    """The clocks of a machine in the loop's time: one that only goes on, and one that is set by hand or by the net."""

    def __init__(self, monkeypatch, began, steps):
        self._began, self._steps, self._zero = began, steps, None

        class Wall(datetime):
            @classmethod
            def now(cls, tz=None):
                return self.wall().astimezone(tz)

        monkeypatch.setattr("dayspool.clock.datetime", Wall)
        boot = SimpleNamespace(CLOCK_BOOTTIME=7, clock_gettime=lambda _: anyio.current_time())
        monkeypatch.setattr("dayspool.clock.time", boot)

    def wall(self):
        gone = anyio.current_time() - self._zero
        return self._began + timedelta(seconds=gone + sum(step for at, step in self._steps if at <= gone))

    def clock(self, _):
        self._zero = anyio.current_time()
        return SystemClock()


@pytest.mark.parametrize(
    ("began", "steps"),
    [
        pytest.param(BEGINNING, [(25, 1.0)], id="a second ahead"),
        pytest.param(BEGINNING, [(25, -1.0)], id="a second back"),
        pytest.param(BEGINNING, [(29.98, -1.0)], id="a second back right before a slot"),
        pytest.param(BEGINNING, [(25, HOUR)], id="an hour ahead"),
        pytest.param(BEGINNING, [(25, -HOUR)], id="an hour back"),
        pytest.param(UNDATED, [(25, TO_TODAY)], id="from 1970 to today"),
        pytest.param(BEGINNING, [(25, 90.0), (45, -90.0)], id="ahead and back"),
        pytest.param(BEGINNING, [(25, 90.0), (26, HOUR)], id="two in a row"),
        pytest.param(UNDATED, [(25, TO_TODAY), (65, -2.5)], id="from 1970 to today and then exactly"),
        pytest.param(SPRING, [], id="daylight saving begins"),
        pytest.param(AUTUMN, [], id="daylight saving ends"),
        pytest.param(SPRING, [(50, HOUR)], id="daylight saving on a board that keeps local time"),
        pytest.param(AUTUMN, [(50, -HOUR)], id="and its end"),
    ],
)
def test_no_slot_is_lost_or_taken_twice(tmp_path, monkeypatch, began, steps):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        played = play(tmp_path, frames=SLOTS, began=began, wrap_clock=Machine(monkeypatch, began, steps).clock)
    finally:
        monkeypatch.undo()
        time.tzset()
    check(played, SLOTS)
    assert played.gaps == {}
    assert [exposure.slot for exposure in played.exposures] == list(range(SLOTS))
    assert max(row.late_ms for row in played.frames) < 1, "and none is late"
    told = [record.event.seconds for record in played.records if isinstance(record.event, ClockStepped)]
    assert sum(told) == pytest.approx(sum(step for _, step in steps), abs=0.01)
    assert len(told) <= len(steps), "two in a wait are told as one"
    assert played.session.clock_ahead / SECOND == pytest.approx(sum(step for _, step in steps), abs=0.01)
    stamps = [record.utc for record in played.records]
    assert stamps == sorted(stamps), "records stay in the order in which things happened"


def start(folder, endpoint):
    argv = [*DAYSPOOL, "shoot", folder, "--every", "500ms", "--camera", endpoint, "--interface", "lo", "--json"]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def stop_after_frames(process, frames):
    while frames:
        frames -= json.loads(process.stdout.readline())["event"] == "frame_stored"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.slow
def test_a_process_whose_clock_is_behind_its_journal_goes_on_from_there(tmp_path):
    folder = tmp_path / "shoot"
    with simulator("--speed", "60", "--picture", "64x48") as camera:
        stop_after_frames(start(folder, camera["endpoint"]), 1)
        ahead = datetime.now(UTC) + 60 * SECOND  # the shoot's machine had a right clock then, and lost it
        with JournalWriter(folder, lambda: ahead) as journal:
            journal.append(HealthRead())
        stop_after_frames(start(folder, camera["endpoint"]), 2)
    with JournalReader(folder) as journal:
        session, records = journal.session(), list(journal.records())
        reasons = {row.gap_reason for row in journal.gaps()}
    (stepped,) = [record.event.seconds for record in records if isinstance(record.event, ClockStepped)]
    assert -60 <= stepped < -1
    assert [record.utc for record in records] == sorted(record.utc for record in records)
    slots = [record.event.slot for record in records if isinstance(record.event, ShotIntended)]
    assert slots == sorted(set(slots))
    assert session.schedule.instant(slots[-2]) >= ahead - SECOND
    assert reasons == {GapReason.NOT_RUNNING}
