"""What is written of camera and machine: regularly, when it changes, and never when a slot is near."""

from datetime import UTC, datetime, timedelta

import pytest

from dayspool.camera import Battery, CameraStatus
from dayspool.core.events import HealthRead
from dayspool.shoot.health import HealthWatch, health_of
from dayspool.sim import PROFILES
from tests.shoot.scenes import play

BEGAN = datetime(2026, 6, 1, 12, tzinfo=UTC)


def status(level=None, *, left=None, **more):
    return CameraStatus(
        battery=None if level is None else (Battery(name="b", level=level, **more),), recordable_images=left
    )


def test_a_reading_tells_what_the_camera_told_and_what_the_machine_has(tmp_path):
    health = health_of(status(0.75, charging=True, left=812), tmp_path)
    assert (health.battery, health.charging, health.card_images) == (0.75, True, 812)
    assert health.disk_free_bytes > 0
    assert 1e6 < health.memory_bytes < 1e10


def test_without_a_camera_the_machine_still_tells(tmp_path):
    health = health_of(None, tmp_path)
    assert (health.battery, health.charging, health.card_images) == (None, None, None)
    assert health_of(None, tmp_path / "gone").disk_free_bytes is None


@pytest.mark.parametrize(
    ("batteries", "level"),
    [
        ((Battery(name="a", level=0.5), Battery(name="b", level=0.25, active=True)), 0.25),
        ((Battery(name="a"), Battery(name="b", level=0.25)), 0.25),
        ((Battery(name="a", level=0.25, near_end=True),), 0.05),
        ((Battery(name="a"),), None),
        ((), None),
    ],
)
def test_which_battery_counts(tmp_path, batteries, level):
    assert health_of(CameraStatus(battery=batteries), tmp_path).battery == level


def readings(folder, told):
    """Return at which seconds a watch had news, told `(second, status)` one after the other."""
    watch = HealthWatch(folder)
    moments = [(second, BEGAN + timedelta(seconds=second), known) for second, known in told]
    return [second for second, now, known in moments if watch.news(known, now, now + timedelta(seconds=5))]


def test_without_changes_it_is_read_every_five_minutes(tmp_path):
    assert readings(tmp_path, [(second, status(0.5, left=100)) for second in range(0, 901, 10)]) == [0, 300, 600, 900]


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        (status(0.5), status(0.25), True),
        (status(0.5), status(0.5, charging=True), True),
        (status(0.5), None, False),
        (status(left=1000), status(left=950), False),
        (status(left=1000), status(left=800), True),
    ],
)
def test_what_is_news(tmp_path, before, after, news):
    assert readings(tmp_path, [(0, before), (60, after)]) == ([0, 60] if news else [0])


def test_a_level_that_flickers_is_not_told_every_slot(tmp_path):
    told = [(second, status(0.5 if second % 4 else 0.25)) for second in range(0, 120, 2)]
    assert len(readings(tmp_path, told)) <= 4


def test_nothing_is_read_right_before_a_slot(tmp_path):
    assert HealthWatch(tmp_path).news(None, BEGAN, BEGAN + timedelta(milliseconds=200)) is None


@pytest.mark.parametrize("name", ["rx100m2", "a6300"])
def test_a_shoot_writes_its_health_and_asks_the_camera_nothing_for_it(tmp_path, name):
    done = play(tmp_path / "s", every="10s", frames=61, profile=PROFILES[name])
    told = [record.event for record in done.records if isinstance(record.event, HealthRead)]
    assert 2 <= len(told) <= 6
    assert all(event.disk_free_bytes and event.memory_bytes for event in told)
    assert done.summary.frames == 61
