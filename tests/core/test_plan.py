"""Plans: every mistake at once, and the slots that follow."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.plan import Place, Plan, duration_text, mistakes_under, parse_duration
from dayspool.core.windows import schedule_of
from dayspool.errors import PlanError

NOON = datetime(2026, 6, 1, 12, 0, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10),
        ("2m", 120),
        ("24h", 86_400),
        ("3d", 259_200),
        ("1h30m", 5400),
        ("2.5s", 2.5),
        ("500ms", 0.5),
        ("1 H", 3600),
    ],
)
def test_reads_durations(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "s", "10x", "1h-3m", "ten seconds", "10s!", "9" * 400 + "d"])
def test_refuses_what_is_no_duration(text):
    with pytest.raises(PlanError, match=r"no duration|longer than any shoot"):
        parse_duration(text)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3000)))
def test_durations_survive_being_written(length):
    assert parse_duration(duration_text(length)) == length


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        ({"frames": 7}, 7),
        ({"length": timedelta(minutes=1)}, 6),
        ({"length": timedelta(seconds=61)}, 7),
        ({"end": datetime(2026, 6, 1, 12, 1, 10, tzinfo=UTC)}, 6),
        ({"end": datetime(2026, 6, 1, 12, 1, 11, tzinfo=UTC)}, 7),
        ({}, None),
    ],
)
def test_counts_slots(limits, count):
    schedule = schedule_of(Plan(interval=timedelta(seconds=10), **limits), NOON)
    assert schedule.origin == datetime(2026, 6, 1, 12, 0, 10, tzinfo=UTC)
    assert schedule.count == count


def test_a_start_in_the_future_is_waited_for():
    start = NOON + timedelta(hours=5)
    assert schedule_of(Plan(interval=timedelta(minutes=1), start=start), NOON).origin == datetime(
        2026, 6, 1, 17, 1, tzinfo=UTC
    )


def test_an_end_before_the_first_slot_is_refused():
    with pytest.raises(PlanError, match="until"):
        schedule_of(Plan(interval=timedelta(seconds=10), end=NOON), NOON)


FAR_WEST = timezone(timedelta(hours=-12))
FAR_EAST = timezone(timedelta(hours=14))


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({"frames": 10**12}, ("frames",)),
        ({"frames": 10**40}, ("frames",)),
        ({"length": timedelta(days=3_000_000)}, ("for",)),
        ({"end": datetime(9999, 12, 31, 23, 59, 59, tzinfo=FAR_WEST)}, ("until",)),
        ({"end": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}, ("until",)),
        ({"start": datetime(9999, 12, 31, 23, 59, 59, tzinfo=FAR_WEST)}, ("from",)),
        ({"phase": timedelta(days=3_000_000)}, ("phase",)),
    ],
)
def test_an_end_after_the_calendar_is_refused(wanted, keys):
    with pytest.raises(PlanError, match="until after the year 9999") as caught:
        schedule_of(Plan(interval=timedelta(days=1), **wanted), NOON)
    assert [problem.keys for problem in caught.value.problems] == [keys]


def test_an_end_before_the_calendar_is_refused():
    with pytest.raises(PlanError, match="comes before the first slot"):
        schedule_of(Plan(interval=timedelta(days=1), end=datetime(1, 1, 1, tzinfo=FAR_EAST)), NOON)


def test_names_every_mistake_at_once():
    with pytest.raises(PlanError) as caught:
        Plan(
            interval=timedelta(microseconds=1),
            frames=0,
            length=timedelta(seconds=-1),
            end=datetime(2026, 1, 1),  # noqa: DTZ001 - the mistake under test
        )
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "every",
        "for, frames, until",
        "for",
        "frames",
        "until",
    ]


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (-91, 0), (0, 181), (float("nan"), 0)])
def test_a_place_must_be_on_earth(latitude, longitude):
    with pytest.raises(PlanError, match="degrees"):
        Place(latitude=latitude, longitude=longitude)


def test_both_halves_of_a_place_are_looked_at():
    with pytest.raises(PlanError) as caught:
        Place(latitude=99, longitude=-181)
    assert [problem.keys for problem in caught.value.problems] == [("latitude",), ("longitude",)]
    nested = [*mistakes_under("place", caught.value), *mistakes_under("until", PlanError("no moment"))]
    assert [mistake.keys for mistake in nested] == [("place.latitude",), ("place.longitude",), ("until",)]
    assert nested[0] == "place.latitude: must lie between -90 and 90 degrees, not 99"
    assert nested[2] == "until: no moment"
