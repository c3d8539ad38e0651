"""Forecasts: batteries that fall in quarters or per cent, hold, are exchanged; room on card and disk."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.events import FrameStored, HealthRead, Record, ShootBegan, ShotTaken
from dayspool.core.forecast import Trend, Verdict, follow, forecast
from dayspool.core.session import Session, fold

BEGAN = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def session(count=8640, taken=0):
    began = ShootBegan(origin=BEGAN.isoformat(), interval_seconds=10.0, count=count, source="camera")
    now = fold(Session(), Record(seq=1, utc=BEGAN, event=began))
    if taken:
        stored = FrameStored(slot=taken - 1, name="x", size_bytes=1)
        now = fold(now, Record(seq=2, utc=BEGAN, event=stored))
    return now


def trend_of(*told):
    """Return the trend after events at minutes since the beginning."""
    trend = Trend()
    for seq, (minutes, event) in enumerate(told):
        trend = follow(trend, Record(seq=seq, utc=BEGAN + minutes * MINUTE, event=event))
    return trend


def falling(level_at, hours, *, charging=None, every=5):
    return trend_of(
        *(
            (minutes, HealthRead(battery=level_at(minutes / 60), charging=charging))
            for minutes in range(0, hours * 60 + 1, every)
        )
    )


def after(trend, hours, count=8640):
    return forecast(trend, session(count), BEGAN + timedelta(hours=hours)).battery


@pytest.mark.parametrize(
    "level_at",
    [
        pytest.param(lambda hour: 1 - hour / 10, id="finely"),
        pytest.param(lambda hour: round(1 - hour / 10, 2), id="in per cent"),
        pytest.param(lambda hour: (10 - int(hour)) / 10, id="in tenths"),
        pytest.param(lambda hour: (4 - int(hour / 2.5)) / 4, id="in quarters"),
    ],
)
def test_a_battery_that_lasts_ten_hours_is_known_to_after_six(level_at):
    battery = after(falling(level_at, 6), 6)
    assert battery.verdict is Verdict.ENDS_EARLY
    assert battery.runs_out - BEGAN == pytest.approx(timedelta(hours=10), abs=timedelta(hours=1.3))
    assert "falling by" in battery.sentence
    assert "less than the shoot" in battery.sentence


def test_one_wrong_reading_changes_little():
    def level_at(hour):
        return 0.0 if 2.9 < hour < 2.95 else 1 - hour / 20

    battery = after(falling(level_at, 5, every=1), 5)
    assert battery.runs_out is None or battery.runs_out - BEGAN > timedelta(hours=15)


def test_a_battery_that_outlasts_the_plan_is_no_worry():
    battery = after(falling(lambda hour: 1 - hour / 50, 6), 6)
    assert (battery.verdict, battery.worrying) == (Verdict.LASTS, False)
    assert battery.runs_out - BEGAN == pytest.approx(timedelta(hours=50), abs=timedelta(hours=2))


@pytest.mark.parametrize(
    ("level_at", "charging", "verdict"),
    [
        (lambda hour: 1.0, True, Verdict.LASTS),
        (lambda hour: min(1.0, 0.5 + hour / 10), True, Verdict.LASTS),
        (lambda hour: 0.75, None, Verdict.UNKNOWN),
        (lambda hour: 1 - hour / 60, True, Verdict.FALLING),
        (lambda hour: 1 - hour / 10, True, Verdict.ENDS_EARLY),
        (lambda hour: 0.05, None, Verdict.LOW),
        (lambda hour: 0.0, None, Verdict.OUT),
        (lambda hour: None, None, Verdict.UNKNOWN),
    ],
)
def test_what_is_said_of_a_battery_after_four_hours(level_at, charging, verdict):
    battery = after(falling(level_at, 4, charging=charging), 4)
    assert battery.verdict is verdict
    assert battery.sentence


def test_a_level_that_has_not_moved_for_half_a_day_holds():
    assert after(falling(lambda hour: 0.75, 13), 13).verdict is Verdict.LASTS


def test_a_plateau_longer_than_a_step_makes_the_fall_gentler():
    steps = falling(lambda hour: 1 - min(hour, 2) / 10, 2)
    assert after(steps, 6).runs_out > after(steps, 2).runs_out + timedelta(hours=4)


def test_a_fresh_battery_begins_anew():
    battery = after(falling(lambda hour: (1 - hour / 5) if hour < 4 else 1.0, 5), 5)
    assert battery.verdict is Verdict.UNKNOWN


def test_a_shoot_without_an_end_is_to_last_half_a_day():
    def level_at(hour):
        return 1 - hour / 10

    assert after(falling(level_at, 5), 5, count=None).verdict is Verdict.ENDS_EARLY
    assert after(falling(lambda hour: 1 - hour / 40, 5), 5, count=None).verdict is Verdict.LASTS


@pytest.mark.parametrize(
    ("images", "count", "verdict", "runs_out"),
    [
        (8640, 8640, Verdict.LASTS, None),
        (9999, None, Verdict.LASTS, BEGAN + timedelta(seconds=99_990)),
        (3600, 8640, Verdict.ENDS_EARLY, BEGAN + timedelta(hours=10)),
        (30, 8640, Verdict.LOW, BEGAN + timedelta(minutes=5)),
        (0, 8640, Verdict.OUT, None),
        (None, 8640, Verdict.UNKNOWN, None),
    ],
)
def test_what_is_said_of_a_card(images, count, verdict, runs_out):
    card = forecast(trend_of((0, HealthRead(card_images=images))), session(count), BEGAN).card
    assert (card.verdict, card.runs_out) == (verdict, runs_out)


def test_pictures_taken_since_the_reading_are_off_the_card():
    shots = [(1, ShotTaken(slot=slot, url="u")) for slot in range(4)]
    trend = trend_of((0, HealthRead(card_images=100)), *shots)
    assert forecast(trend, session(), BEGAN).card.left == 96
    assert follow(trend, Record(seq=9, utc=BEGAN, event=HealthRead())).shots_since == 4


def test_the_disk_is_reckoned_in_frames_as_large_as_the_last_ones():
    stored = [(1, FrameStored(slot=slot, name="x", size_bytes=498_000)) for slot in range(100)]
    trend = trend_of((0, HealthRead(disk_free_bytes=1_050_000_000)), *stored)
    disk = forecast(trend, session(taken=100), BEGAN, reserve_bytes=500_000_000).disk
    assert (disk.left, disk.verdict) == (1000, Verdict.ENDS_EARLY)
    assert disk.runs_out == BEGAN + timedelta(seconds=11_000)
    assert forecast(trend_of((0, HealthRead(disk_free_bytes=1))), session(), BEGAN).disk.verdict is Verdict.UNKNOWN


def test_what_is_left_of_the_plan():
    ahead = forecast(Trend(), session(count=10, taken=4), BEGAN)
    assert (ahead.slots_left, ahead.ends) == (6, BEGAN + timedelta(seconds=90))
    endless = forecast(Trend(), session(count=None), BEGAN)
    assert (endless.slots_left, endless.ends) == (None, None)
    assert forecast(Trend(), Session(), BEGAN).slots_left == 0


READINGS = st.builds(
    HealthRead,
    battery=st.none() | st.floats(0, 1),
    charging=st.none() | st.booleans(),
    card_images=st.none() | st.integers(0, 10_000),
    disk_free_bytes=st.none() | st.integers(0, 10**13),
)
STORED = st.builds(FrameStored, slot=st.integers(0, 100), name=st.just("x"), size_bytes=st.integers(0, 10**8))


@given(st.lists(st.tuples(st.integers(0, 3000), READINGS | STORED), max_size=30), st.none() | st.integers(0, 10_000))
def test_whatever_is_read_there_is_a_forecast(told, count):
    trend = trend_of(*sorted(told, key=lambda one: one[0]))
    ahead = forecast(trend, session(count), BEGAN + 3000 * MINUTE)
    for outlook in (ahead.battery, ahead.card, ahead.disk):
        assert outlook.sentence
        assert outlook.runs_out is None or outlook.runs_out.tzinfo is UTC
