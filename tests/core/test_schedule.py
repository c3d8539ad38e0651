"""Slots are a pure function of time: no drift, no duplicate, the same after any restart."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dayspool.core.schedule import EPOCH, Schedule, Stretch, grid_at_or_after

moments = st.timedeltas(min_value=timedelta(days=7_300), max_value=timedelta(days=43_800)).map(lambda age: EPOCH + age)
intervals = st.timedeltas(min_value=timedelta(milliseconds=50), max_value=timedelta(hours=2))
slots = st.integers(min_value=0, max_value=2_000_000)


@given(moments, intervals)
def test_the_first_slot_is_the_next_on_the_epoch_grid(moment, interval):
    first = grid_at_or_after(moment, interval)
    assert moment <= first < moment + interval
    assert (first - EPOCH) % interval == timedelta(0)


@given(moments, intervals, intervals)
def test_a_phase_moves_the_grid(moment, interval, phase):
    assert (grid_at_or_after(moment, interval, phase) - EPOCH - phase) % interval == timedelta(0)


@given(moments, intervals, slots)
def test_no_drift(origin, interval, slot):
    schedule = Schedule.even(origin=origin, interval=interval)
    assert schedule.instant(slot) - origin == slot * interval
    assert schedule.instant(slot + 1) - schedule.instant(slot) == interval


@given(moments, intervals, slots, st.floats(min_value=0, max_value=0.999))
def test_every_moment_has_one_slot(origin, interval, slot, share):
    schedule = Schedule.even(origin=origin, interval=interval)
    within = schedule.instant(slot) + interval * share
    assume(within < schedule.instant(slot + 1))
    assert schedule.slot_at(within) == slot


@given(moments, intervals, st.lists(st.timedeltas(max_value=timedelta(days=400), min_value=timedelta(0)), max_size=5))
def test_a_restart_at_any_moment_sees_the_same_slots(begins, interval, restarts):
    origin = grid_at_or_after(begins, interval)
    again = [Schedule.even(origin=origin, interval=interval).slot_at(begins + pause) for pause in restarts]
    fresh = [(grid_at_or_after(begins, interval), begins + pause) for pause in restarts]
    assert again == [(moment - first) // interval for first, moment in fresh]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_daylight_saving_moves_no_slot(zone, day):
    schedule = Schedule.even(origin=day, interval=timedelta(minutes=10))
    local = [schedule.instant(slot).astimezone(ZoneInfo(zone)) for slot in range(144)]
    utc = [moment.astimezone(UTC) for moment in local]
    assert all(later - earlier == timedelta(minutes=10) for earlier, later in pairwise(utc))
    assert [schedule.slot_at(moment) for moment in local] == list(range(144))


def test_an_origin_outside_utc_is_refused():
    with pytest.raises(ValueError, match="UTC"):
        Schedule.even(origin=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))), interval=timedelta(seconds=1))


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(seconds=-1)])
def test_no_interval_is_refused(interval):
    with pytest.raises(ValueError, match="interval"):
        Schedule.even(origin=EPOCH, interval=interval)


def test_the_end():
    schedule = Schedule.even(origin=EPOCH, interval=timedelta(seconds=1), count=3)
    assert schedule.last_slot() == 2
    assert [schedule.is_over(slot) for slot in range(4)] == [False, False, False, True]
    assert Schedule.even(origin=EPOCH, interval=timedelta(seconds=1)).last_slot() is None


def stretches(draw):
    """Stretches that follow each other, with or without hours between."""
    origin, first, made = draw(moments), 0, []
    for _ in range(draw(st.integers(1, 5))):
        interval, count = draw(intervals), draw(st.integers(1, 50))
        made.append(Stretch(first=first, origin=origin, interval=interval, count=count))
        first, origin = first + count, made[-1].instant(first + count) + draw(st.sampled_from([timedelta(0), PAUSE]))
    return tuple(made)


PAUSE = timedelta(hours=9, seconds=1)
schedules = st.composite(stretches)().map(lambda made: Schedule(stretches=made))


@given(schedules)
def test_slots_follow_each_other_through_stretches(schedule):
    instants = [schedule.instant(slot) for slot in range(schedule.planned_to)]
    for slot, (earlier, later) in enumerate(pairwise(instants)):
        assert later - earlier >= schedule.interval_at(slot)
        assert schedule.slot_at(earlier) == schedule.slot_at(later - timedelta(microseconds=1)) == slot
        assert schedule.closed_at(later, 0.5) == slot
        assert schedule.closed_at(earlier + schedule.interval_at(slot) * 0.5, 0.5) == slot
        assert schedule.closed_at(earlier, 0.5) == slot - 1
    assert schedule.slot_at(instants[-1] + PAUSE) == len(instants) - 1


@given(schedules, st.data())
def test_a_new_stretch_voids_what_was_planned_from_there_on(schedule, data):
    first = data.draw(st.integers(0, schedule.planned_to))
    origin = schedule.stretch_of(first).instant(first)
    again = schedule.with_stretch(Stretch(first=first, origin=origin, interval=timedelta(seconds=7)))
    assert [again.instant(slot) for slot in range(first)] == [schedule.instant(slot) for slot in range(first)]
    assert again.instant(first + 3) == origin + timedelta(seconds=21)
    assert again.planned_to is None
    assert again.stretch_of(first).first == first


def test_what_is_not_planned_has_no_instant():
    known = Schedule(stretches=(Stretch(first=0, origin=EPOCH, interval=timedelta(seconds=1), count=3),))
    assert (known.planned_to, known.is_planned(2), known.is_planned(3), known.is_over(3)) == (3, True, False, False)
    with pytest.raises(ValueError, match="not planned yet"):
        known.instant(3)
    with pytest.raises(ValueError, match="slots would be missing"):
        known.with_stretch(Stretch(first=4, origin=EPOCH, interval=timedelta(seconds=1)))
