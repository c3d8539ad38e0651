from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.schedule import EPOCH
from dayspool.errors import PlanError
from dayspool.intake import assign_slots, infer_interval, infer_phase

BASE = datetime(2026, 6, 21, 4, 30, tzinfo=UTC)


def seconds(*values: float) -> list[datetime]:
    return [BASE + timedelta(seconds=value) for value in values]


def whole_seconds(interval: float, count: int, *, begins: float = 0.37) -> list[datetime]:
    """What a camera that knows only whole seconds writes."""
    return seconds(*(int(begins + interval * index) for index in range(count)))


@pytest.mark.parametrize("interval", [0.3, 0.5, 1, 1.5, 2, 2.5, 3, 7, 10, 10.02, 10.4, 60, 3600, 86_400])
def test_the_interval_is_found_in_whole_seconds(interval):
    assert infer_interval(whole_seconds(interval, 1000)) == timedelta(seconds=interval)


@pytest.mark.parametrize(
    ("times", "interval"),
    [
        pytest.param(seconds(0, 7.3), 7, id="two pictures, a little off a round number"),
        pytest.param(seconds(0, 7), 7, id="two pictures"),
        pytest.param(seconds(*range(0, 600, 10), *range(4000, 5000, 10)), 10, id="a pause"),
        pytest.param(seconds(*range(0, 600, 10), *range(4005, 5000, 10)), 10, id="a pause that shifts the clock"),
        pytest.param(seconds(*range(0, 6000, 60), 140, 2990), 60, id="two extra shots by hand"),
        pytest.param(seconds(*range(0, 600, 10), 0, 10, 50), 10, id="three pictures copied twice"),
        pytest.param(seconds(*(k for k in range(500) if k % 10)), 1, id="frames missing at one a second"),
        pytest.param(seconds(*(10 * k for k in range(200) if k % 7)), 10, id="every seventh missing"),
        pytest.param(seconds(*(10 * k + k % 2 for k in range(100))), 10, id="one second to and fro"),
        pytest.param(seconds(*(0.2 * k + 0.005 * (k % 3) for k in range(100))), 0.2, id="five a second"),
        pytest.param(seconds(*range(0, 6000, 60), *range(6000, 9300, 30)), 30, id="mixed: the commoner one"),
    ],
)
def test_the_interval_is_the_usual_one(times, interval):
    assert infer_interval(times) == timedelta(seconds=interval)
    assert infer_interval(times[::-1]) == timedelta(seconds=interval)


@pytest.mark.parametrize("times", [[], seconds(0), seconds(5, 5, 5)])
def test_times_that_tell_no_interval_ask_for_it(times):
    with pytest.raises(PlanError, match="--every 10s"):
        infer_interval(times)


@pytest.mark.parametrize(
    ("offsets", "phase"),
    [
        ([0, 10, 20], 0),
        ([3, 13, 23, 34], 3),
        ([9.5, 20.5, 30], 0),  # 9.5 and 0.5 lie side by side on the circle
        ([7], 7),
    ],
)
def test_the_phase_is_the_middle_of_the_circle(offsets, phase):
    assert infer_phase(seconds(*offsets), timedelta(seconds=10)) == timedelta(seconds=phase)


@pytest.mark.parametrize(
    ("times", "interval", "slots", "gaps"),
    [
        pytest.param(seconds(0), 10, (0,), (), id="one picture"),
        pytest.param(seconds(0, 11, 19), 10, (0, 1, 2), (), id="a little off"),
        pytest.param(seconds(0, 30, 50), 10, (0, 3, 5), (1, 2, 4), id="gaps"),
        pytest.param(seconds(20, 0, 10), 10, (2, 0, 1), (), id="unsorted"),
        pytest.param(seconds(0, 0, 0), 10, (0, 1, 2), (), id="equal times in the order given"),
        pytest.param(seconds(0, 10, 14, 20, 40), 10, (0, 1, 2, 3, 4), (), id="an extra shot pushes on, into a gap"),
    ],
)
def test_each_picture_gets_its_slot(times, interval, slots, gaps):
    assigned = assign_slots(times, timedelta(seconds=interval))
    assert (assigned.slots, assigned.gaps) == (slots, gaps)
    assert assigned.schedule.count == len(slots) + len(gaps)


def test_two_pauses_one_of_which_shifts_the_clock_lose_nothing():
    times = seconds(*range(49, 1489, 60), *range(1577, 3437, 60), *range(3497, 4300, 60))
    assigned = assign_slots(times)
    assert assigned.schedule.interval_at(0) == timedelta(seconds=60)
    assert assigned.gaps == (24, 56)
    assert assigned.moved == ()
    assert sorted({*assigned.slots, *assigned.gaps}) == list(range(assigned.schedule.count))


def test_a_shift_of_half_an_interval_with_jitter_invents_at_most_one_gap():
    first = [10 * k + k % 2 for k in range(100)]
    second = [1200 + 10 * k + 5 + k % 2 for k in range(100)]
    assigned = assign_slots(seconds(*first, *second))
    pause = (1205 - 991) / 10 - 1
    assert pause - 1 <= len(assigned.gaps) <= pause + 1


def test_an_interval_that_is_a_little_off_does_not_run_away():
    assigned = assign_slots(whole_seconds(10.02, 5000))
    assert assigned.gaps == ()
    assert assigned.moved == ()


def test_slots_lie_on_the_epoch_grid_in_utc_whatever_zone_the_times_come_in():
    elsewhere = timezone(timedelta(hours=5, minutes=45))
    times = [moment.astimezone(elsewhere) for moment in seconds(0, 10, 20)]
    schedule = assign_slots(times).schedule
    assert schedule.origin.tzinfo is UTC
    assert schedule.origin == BASE
    assert (schedule.origin - EPOCH) % schedule.interval_at(0) == timedelta(0)


def test_a_picture_from_another_year_is_an_error_that_shows_the_jump():
    with pytest.raises(PlanError, match=r"jump from 2006-06-2.* to 2026-06-21 04:30:00: leave out the pictures"):
        assign_slots([BASE - timedelta(days=7305), *seconds(*range(0, 100, 10))])


def test_no_pictures_have_no_slots():
    with pytest.raises(PlanError, match="no pictures"):
        assign_slots([])


moments = st.lists(
    st.one_of(st.integers(0, 5_000), st.floats(0, 5_000)).map(lambda value: BASE + timedelta(seconds=value)),
    min_size=1,
    max_size=60,
)
intervals = st.sampled_from([0.05, 0.5, 1, 2.5, 10, 60, 3600]).map(lambda value: timedelta(seconds=value))


@given(times=moments, interval=intervals)
def test_every_picture_has_one_slot_in_time_order(times, interval):
    assigned = assign_slots(times, interval)
    count = assigned.schedule.count
    assert len(assigned.slots) == len(times)
    assert len(set(assigned.slots)) == len(times)
    assert sorted([*assigned.slots, *assigned.gaps]) == list(range(count))
    in_slot_order = [moment for _, moment in sorted(zip(assigned.slots, times, strict=True))]
    assert in_slot_order == sorted(times)
    assert set(assigned.moved) <= set(range(len(times)))


@given(times=moments, interval=intervals)
def test_a_picture_that_did_not_move_is_in_its_nearest_slot(times, interval):
    assigned = assign_slots(times, interval)
    for place, (slot, moment) in enumerate(zip(assigned.slots, times, strict=True)):
        if place not in assigned.moved:
            assert abs(assigned.schedule.instant(slot) - moment) <= interval / 2 + timedelta(microseconds=1)


@given(times=moments)
def test_the_inferred_interval_is_positive_and_the_assignment_complete(times):
    if len(set(times)) < 2:
        with pytest.raises(PlanError):
            assign_slots(times)
        return
    assert infer_interval(times) > timedelta(0)
    try:
        assigned = assign_slots(times)
    except PlanError as error:
        assert "span" in str(error)  # noqa: PT017 - microseconds between two pictures, hours to the third
        return
    assert len(assigned.slots) + len(assigned.gaps) == assigned.schedule.count


@given(
    interval=st.sampled_from([1, 2, 5, 10, 30, 60, 300]),
    begins=st.integers(0, 100_000),
    missing=st.sets(st.integers(1, 198), max_size=40),
)
def test_a_regular_series_with_missing_frames_has_exactly_those_gaps(interval, begins, missing):
    times = seconds(*(begins + interval * slot for slot in range(200) if slot not in missing))
    assigned = assign_slots(times)
    assert assigned.schedule.interval_at(0) == timedelta(seconds=interval)
    assert assigned.gaps == tuple(sorted(missing))
    assert assigned.moved == ()


@given(times=moments, interval=intervals, days=st.integers(-3000, 3000))
def test_moving_all_times_by_whole_days_changes_no_slot(times, interval, days):
    later = [moment + timedelta(days=days) for moment in times]
    assert assign_slots(times, interval).slots == assign_slots(later, interval).slots


@given(times=moments, interval=intervals)
def test_slots_follow_the_times_strictly(times, interval):
    ascending = sorted(times)
    assert all(earlier < later for earlier, later in pairwise(assign_slots(ascending, interval).slots))
