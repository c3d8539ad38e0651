from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from dayspool.errors import PlanError
from dayspool.intake import plan_import
from tests.picture.builders import TEXT, camera_jpeg, jpeg

TEN = timedelta(seconds=10)


def save(folder, name, second=None, **more):
    content = jpeg() if second is None else camera_jpeg(taken=f"2026:06:21 04:30:{second:02d}", **more)
    (folder / name).write_bytes(content)


def placed(plan):
    return [(one.slot, one.picture.path.name) for one in plan.placed]


def test_times_decide_over_names_and_missing_slots_are_gaps(tmp_path):
    for name, second in (("d.jpg", 0), ("a.jpg", 10), ("b.jpg", 20), ("c.jpg", 50)):
        save(tmp_path, name, second)
    (tmp_path / "cut.jpg").write_bytes(jpeg()[:-1])
    plan = plan_import([tmp_path])
    assert placed(plan) == [(0, "d.jpg"), (1, "a.jpg"), (2, "b.jpg"), (5, "c.jpg")]
    assert plan.gaps == (3, 4)
    assert plan.schedule.interval_at(0) == TEN
    assert plan.schedule.origin == datetime(2026, 6, 21, 4, 30, tzinfo=UTC)
    assert plan.schedule.count == 6
    assert (plan.by_name, plan.moved, plan.ignored) == (False, (), 0)
    assert [one.path.name for one in plan.unreadable] == ["cut.jpg"]


def test_every_replaces_the_inferred_interval(tmp_path):
    for second in (0, 10, 20):
        save(tmp_path, f"{second}.jpg", second)
    plan = plan_import([tmp_path], every=timedelta(seconds=5))
    assert [one.slot for one in plan.placed] == [0, 2, 4]
    assert plan.gaps == (1, 3)


def test_pictures_that_crowd_are_reported_by_slot(tmp_path):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        save(tmp_path, name, 7)
    plan = plan_import([tmp_path], every=TEN)
    assert [one.slot for one in plan.placed] == [0, 1, 2]
    assert len(plan.moved) == 2


def test_one_picture_without_a_time_asks_for_the_interval(tmp_path):
    save(tmp_path, "a.jpg", 0)
    save(tmp_path, "b.jpg")
    with pytest.raises(PlanError, match=r"1 of 2 pictures do not tell .* \(the first is b.jpg\); .* --every 10s"):
        plan_import([tmp_path])


def test_one_picture_alone_asks_for_the_interval(tmp_path):
    save(tmp_path, "a.jpg", 0)
    with pytest.raises(PlanError, match="--every 10s"):
        plan_import([tmp_path])
    assert placed(plan_import([tmp_path], every=TEN)) == [(0, "a.jpg")]


def test_told_the_interval_pictures_without_times_are_numbered_by_name(tmp_path):
    save(tmp_path, "a10.jpg")
    save(tmp_path, "a9.jpg", 15)
    plan = plan_import([tmp_path], every=TEN)
    assert placed(plan) == [(0, "a9.jpg"), (1, "a10.jpg")]
    assert plan.by_name
    assert plan.schedule.origin == datetime(2026, 6, 21, 4, 30, 20, tzinfo=UTC)
    assert plan.schedule.count == 2


def test_with_no_time_at_all_the_first_files_date_is_the_beginning(tmp_path):
    save(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", (1_000_000_003, 1_000_000_003))
    plan = plan_import([tmp_path], every=TEN)
    assert plan.schedule.origin == datetime.fromtimestamp(1_000_000_010, UTC)


def test_offsets_count_only_when_every_picture_has_one(tmp_path):
    save(tmp_path, "a.jpg", 0, t9011=(TEXT, b"+02:00"))
    save(tmp_path, "b.jpg", 10, t9011=(TEXT, b"+02:00"))
    assert plan_import([tmp_path]).schedule.origin == datetime(2026, 6, 21, 2, 30, tzinfo=UTC)
    save(tmp_path, "c.jpg", 20)
    plan = plan_import([tmp_path])
    assert plan.schedule.origin == datetime(2026, 6, 21, 4, 30, tzinfo=UTC)
    assert plan.gaps == ()


def test_a_camera_set_back_an_hour_in_the_night_loses_nothing_when_it_tells_its_offset(tmp_path):
    for minute, offset in ((58, b"+02:00"), (59, b"+02:00")):
        (tmp_path / f"a{minute}.jpg").write_bytes(camera_jpeg(taken=f"2026:10:25 02:{minute}:00", t9011=(TEXT, offset)))
    (tmp_path / "b.jpg").write_bytes(camera_jpeg(taken="2026:10:25 02:00:00", t9011=(TEXT, b"+01:00")))
    assert placed(plan_import([tmp_path])) == [(0, "a58.jpg"), (1, "a59.jpg"), (2, "b.jpg")]
