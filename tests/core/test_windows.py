"""Slots of windows, phases and the light: in every zone, on every kind of day, the same after any restart."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.core.moments import Pace, Phase, SunEvent, SunTime, Window
from dayspool.core.plan import Place, Plan
from dayspool.core.schedule import Schedule
from dayspool.core.spans import Calendar
from dayspool.core.windows import planned_stretches, schedule_of
from dayspool.errors import PlanError
from dayspool.sun import sun_over

BERLIN, NEW_YORK, KOLKATA, LORD_HOWE, OSLO = (
    ZoneInfo(name)
    for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Oslo")
)
KIEL = Place(latitude=54.32, longitude=10.14)
TROMSO = Place(latitude=69.65, longitude=18.96)
LONGYEARBYEN = Place(latitude=78.22, longitude=15.65)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NIGHT = Window(start=SunTime(event=SunEvent.SUNSET, offset=-HOUR), end=SunTime(event=SunEvent.SUNRISE, offset=HOUR))
DAYLIGHT = Window(start=SunTime(event=SunEvent.SUNRISE), end=SunTime(event=SunEvent.SUNSET))
DARKNESS = Window(start=SunTime(event=SunEvent.SUNSET), end=SunTime(event=SunEvent.SUNRISE))


def window(text):
    start, end = text.split("-")
    return Window(start=time.fromisoformat(start), end=time.fromisoformat(end.replace("24:00", "00:00")))


def spans(day, zone, *windows, place=None, days=(), count=1):
    """Return the windows that begin on a day and those after it, in local time."""
    plan = Plan(interval=MINUTE, windows=windows, zone=zone, place=place, days=days)
    calendar = Calendar(plan, None if place is None else sun_over(place))
    begins = datetime.combine(day, time(0), zone).astimezone(UTC)
    found = (span for span in calendar.windows_from(begins) if span.label >= day.isoformat())
    return [
        (span.label, span.start.astimezone(zone), span.end.astimezone(zone), span.end - span.start)
        for span in islice(found, count)
    ]


@pytest.mark.parametrize(
    ("zone", "day", "text", "hours"),
    [
        (BERLIN, date(2026, 6, 1), "06:00-22:00", 16),
        (BERLIN, date(2026, 6, 1), "22:00-06:00", 8),
        (BERLIN, date(2026, 6, 1), "00:00-24:00", 24),
        (BERLIN, date(2026, 6, 1), "06:00-06:00", 24),
        (BERLIN, date(2026, 3, 29), "00:00-24:00", 23),
        (BERLIN, date(2026, 10, 25), "00:00-24:00", 25),
        (BERLIN, date(2026, 3, 28), "22:00-06:00", 7),
        (BERLIN, date(2026, 10, 24), "22:00-06:00", 9),
        (BERLIN, date(2026, 3, 29), "02:30-04:00", 0.5),  # 02:30 does not exist: it is 03:30
        (BERLIN, date(2026, 10, 25), "02:30-04:00", 2.5),  # 02:30 exists twice: the first is meant
        (BERLIN, date(2026, 10, 25), "01:00-02:30", 1.5),
        (NEW_YORK, date(2026, 3, 8), "00:00-24:00", 23),
        (NEW_YORK, date(2026, 11, 1), "00:00-24:00", 25),
        (KOLKATA, date(2026, 3, 29), "05:30-18:00", 12.5),
        (KOLKATA, date(2026, 10, 25), "00:00-24:00", 24),
        (LORD_HOWE, date(2026, 4, 5), "00:00-24:00", 24.5),
        (LORD_HOWE, date(2026, 10, 4), "00:00-24:00", 23.5),
        (LORD_HOWE, date(2026, 4, 4), "22:00-06:00", 8.5),
        (ZoneInfo("America/Havana"), date(2026, 3, 8), "00:00-24:00", 23),  # there is no midnight: the day begins at 1
    ],
)
def test_windows_by_the_clock(zone, day, text, hours):
    ((label, start, _, length),) = spans(day, zone, window(text))
    assert (label, start.date(), length) == (day.isoformat(), day, timedelta(hours=hours))


@pytest.mark.parametrize(
    ("place", "zone", "day", "windows", "hours"),
    [
        (LONGYEARBYEN, OSLO, date(2026, 6, 21), DAYLIGHT, 24),
        (LONGYEARBYEN, OSLO, date(2026, 6, 21), DARKNESS, 0),
        (LONGYEARBYEN, OSLO, date(2026, 12, 21), DAYLIGHT, 0),
        (LONGYEARBYEN, OSLO, date(2026, 12, 21), DARKNESS, 24),
        (LONGYEARBYEN, OSLO, date(2026, 12, 21), NIGHT, 24),  # what reaches into the next one ends there
        (TROMSO, OSLO, date(2026, 6, 21), DAYLIGHT, 24),
        (TROMSO, OSLO, date(2026, 6, 21), DARKNESS, 0),
        (TROMSO, OSLO, date(2026, 12, 21), DAYLIGHT, 0),
        (TROMSO, OSLO, date(2026, 12, 21), DARKNESS, 24),
        (TROMSO, OSLO, date(2026, 12, 21), Window(start=time(13), end=SunTime(event=SunEvent.SUNSET)), 0),
        (TROMSO, OSLO, date(2026, 6, 21), Window(start=SunTime(event=SunEvent.DUSK), end=time(3)), 2.23),
        (TROMSO, OSLO, date(2026, 6, 21), Window(start=time(22), end=SunTime(event=SunEvent.DAWN)), 2.77),
        (TROMSO, OSLO, date(2026, 12, 21), Window(start=time(22), end=SunTime(event=SunEvent.SUNRISE)), 13.71),
    ],
)
def test_polar_day_and_night(place, zone, day, windows, hours):
    found = [span for span in spans(day, zone, windows, place=place) if span[0] == day.isoformat()]
    lengths = [span[3] / HOUR for span in found]
    assert lengths == (pytest.approx([hours], abs=0.02) if hours else [])


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        (SunTime(event=SunEvent.SUNSET), time(23), ("20:27", "23:00")),
        (SunTime(event=SunEvent.SUNSET), time(1), ("20:27", "01:00")),
        (SunTime(event=SunEvent.SUNSET, offset=4 * HOUR), time(23), None),
        (SunTime(event=SunEvent.SUNRISE), time(5), None),
        (SunTime(event=SunEvent.SUNRISE), time(7), ("06:14", "07:00")),
        (time(3), SunTime(event=SunEvent.SUNRISE), ("03:00", "06:14")),
        (time(22), SunTime(event=SunEvent.SUNRISE), ("22:00", "06:16")),
        (time(12), SunTime(event=SunEvent.SUNSET), ("12:00", "20:27")),
        (time(23), SunTime(event=SunEvent.SUNSET), None),
        (SunTime(event=SunEvent.DUSK), SunTime(event=SunEvent.DAWN), ("21:06", "05:37")),
        (SunTime(event=SunEvent.SUNSET, offset=-HOUR), SunTime(event=SunEvent.SUNSET, offset=HOUR), ("19:27", "21:27")),
    ],
)
def test_windows_between_clock_and_sun(start, end, span):
    found = spans(date(2026, 8, 25), BERLIN, Window(start=start, end=end), place=KIEL)
    times = [(f"{begins:%H:%M}", f"{ends:%H:%M}") for label, begins, ends, _ in found if label == "2026-08-25"]
    assert times == ([] if span is None else [span])


def test_windows_of_a_day_that_overlap_or_touch_are_one():
    found = spans(
        date(2026, 6, 1), BERLIN, window("20:00-22:00"), window("06:00-08:00"), window("08:00-12:00"),
        window("07:00-09:00"), count=3,
    )  # fmt: skip
    assert [(label, start.hour, end.hour) for label, start, end, _ in found] == [
        ("2026-06-01", 6, 12),
        ("2026-06-01", 20, 22),
        ("2026-06-02", 6, 12),
    ]


def test_a_window_ends_where_the_next_days_begins():
    found = spans(date(2026, 6, 1), BERLIN, window("06:00-22:00"), window("20:00-07:00"), count=3)
    assert [(label, start.hour, length) for label, start, _, length in found] == [
        (f"2026-06-0{day}", 6, 24 * HOUR) for day in (1, 2, 3)
    ]


def test_weekdays_count_at_the_start_of_a_window():
    found = spans(date(2026, 6, 1), BERLIN, window("22:00-06:00"), days=(4, 5), count=3)  # the 1st is a Monday
    assert [(label, end.isoweekday()) for label, _, end, _ in found] == [
        ("2026-06-05", 6),
        ("2026-06-06", 7),
        ("2026-06-12", 6),
    ]
    whole = spans(date(2026, 6, 1), BERLIN, days=(4,), count=2)
    assert [(label, length) for label, _, _, length in whole] == [("2026-06-05", 24 * HOUR), ("2026-06-12", 24 * HOUR)]


def test_no_darkness_is_lost_or_told_twice_around_the_polar_night():
    plan = Plan(interval=MINUTE, windows=(DARKNESS,), zone=OSLO, place=TROMSO)
    sun = sun_over(TROMSO)
    calendar = Calendar(plan, sun)
    for begins in (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)):  # it begins, it ends
        found = list(islice(calendar.windows_from(begins), 16))
        assert all(earlier.end <= later.start for earlier, later in pairwise(found))
        for minute in range(0, 14 * 24 * 60, 10):
            moment = begins + minute * MINUTE
            if abs(sun(moment) + 0.833) > 0.01:
                assert any(span.start <= moment < span.end for span in found) == (sun(moment) < -0.833), moment


def shoot(begins=datetime(2026, 6, 1, 12, tzinfo=UTC), sun=None, **wanted):
    """Return a plan's stretches for three days."""
    plan = Plan(**{"interval": MINUTE, "zone": BERLIN, "length": timedelta(days=3), **wanted})
    sun = sun_over(plan.place) if plan.place is not None else None
    return list(planned_stretches(plan, begins, sun))


def test_a_night_is_one_sequence_named_by_its_evening():
    nights = shoot(windows=(NIGHT,), place=KIEL)
    assert [stretch.window for stretch in nights] == ["2026-06-01", "2026-06-02", "2026-06-03"]
    for stretch in nights:
        last = stretch.instant(stretch.end - 1).astimezone(BERLIN)
        assert stretch.origin.astimezone(BERLIN).date().isoformat() == stretch.window
        assert last.date() == date.fromisoformat(stretch.window) + timedelta(days=1)
    assert [stretch.first for stretch in nights[1:]] == [stretch.end for stretch in nights[:-1]]


@pytest.mark.parametrize(("day", "slots"), [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_with_another_number_of_hours_have_their_slots(day, slots):
    begins = datetime.combine(day, time(0), BERLIN).astimezone(UTC)
    (first, *_) = shoot(begins, interval=HOUR, windows=(window("00:00-24:00"),))
    assert (first.window, first.count) == (day.isoformat(), slots)


def test_a_phase_begins_and_ends_with_a_slot():
    phase = Phase(name="rush", start=time(8), end=time(8, 10), interval=timedelta(seconds=5))
    begins = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
    calm, rush, again, *_ = shoot(begins, interval=4 * MINUTE, windows=(window("07:00-09:00"),), phases=(phase,))
    assert (calm.why, rush.why, again.why) == ("", "rush", "")
    assert rush.origin == datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
    assert rush.instant(rush.end) == again.origin == datetime(2026, 6, 1, 6, 10, tzinfo=UTC)
    assert (again.interval, again.window) == (4 * MINUTE, "2026-06-01")


def test_phases_of_a_date_come_once():
    start, end = datetime(2026, 6, 2, 10, tzinfo=UTC), SunTime(event=SunEvent.SUNSET)
    found = shoot(phases=(Phase(name="eclipse", start=start, end=end, interval=10 * SECOND),), place=KIEL)
    assert [stretch.why for stretch in found] == ["", "eclipse", ""]
    assert found[1].origin == datetime(2026, 6, 2, 10, tzinfo=UTC)
    assert found[1].instant(found[1].end).astimezone(BERLIN).hour == 21


DAY = Pace(interval=timedelta(seconds=10), degrees=0.0, ev=9.0)
DARK = Pace(interval=timedelta(seconds=30), degrees=-12.0, ev=-1.0)


def test_the_interval_follows_the_sun_in_steps():
    autumn = datetime(2026, 9, 20, 12, tzinfo=UTC)
    found = shoot(autumn, light="sun", day=DAY, night=DARK, place=KIEL, length=timedelta(days=1))
    intervals = [stretch.interval.total_seconds() for stretch in found]
    middle = intervals.index(30)
    assert (intervals[0], intervals[-1]) == (10, 10)
    assert intervals[: middle + 1] == sorted(intervals[: middle + 1])
    assert intervals[middle:] == sorted(intervals[middle:], reverse=True)
    assert all(1.09 <= max(pair) / min(pair) <= 1.25 for pair in pairwise(intervals))
    sun = sun_over(KIEL)
    assert sun(found[0].instant(found[0].end)) == pytest.approx(-0.5, abs=0.7)  # half a step below the horizon
    assert {stretch.why for stretch in found} == {"light"}


def test_the_meters_interval_lasts_until_it_asks_for_another():
    plan = Plan(interval=MINUTE, light="meter", day=DAY, night=DARK, windows=(window("06:00-22:00"),), zone=BERLIN)
    begins = datetime(2026, 6, 1, 12, tzinfo=UTC)
    first = next(planned_stretches(plan, begins, metered=timedelta(seconds=20)))
    assert (first.interval, first.why, first.instant(first.end)) == (
        timedelta(seconds=20), "light", datetime(2026, 6, 1, 20, tzinfo=UTC),
    )  # fmt: skip
    cut = replace(first, count=100)
    then = next(planned_stretches(plan, begins, after=cut, metered=timedelta(seconds=15)))
    assert (then.first, then.origin, then.interval) == (100, first.instant(100), timedelta(seconds=15))


ECLIPSE = datetime(2026, 8, 12, 17, tzinfo=UTC)
PHASE = Phase(name="eclipse", start=ECLIPSE, end=ECLIPSE + 2 * HOUR, interval=MINUTE)


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ({"windows": (NIGHT,)}, "windows"),
        ({"end": SunTime(event=SunEvent.DUSK)}, "until"),
        ({"light": "sun", "day": DAY, "night": DARK}, "light"),
        ({"light": "meter", "day": DAY}, "light"),
        ({"light": "meter", "day": DARK, "night": DAY}, "day.ev"),
        ({"place": KIEL, "light": "sun", "day": DARK, "night": DAY}, "day.sun"),
        ({"place": KIEL, "start": SunTime(event=SunEvent.DUSK, offset=13 * HOUR)}, "from"),
        ({"day": replace(DAY, interval=timedelta(0))}, "day.every"),
        ({"phases": (replace(PHASE, name="light"),)}, "phase[1].name"),  # what the light's own stretches are called
        ({"phases": (PHASE, replace(PHASE, name=""))}, "phase[2].name"),
        ({"phases": (replace(PHASE, end=PHASE.start),)}, "phase[1].until"),
    ],
)
def test_what_does_not_go_together(wanted, key):
    with pytest.raises(PlanError) as caught:
        Plan(interval=MINUTE, **wanted)
    assert [problem.keys[0] for problem in caught.value.problems] == [key]


def test_windows_between_the_slots_of_a_long_interval_are_said():
    plan = Plan(interval=2 * HOUR, zone=UTC, windows=(window("06:30-07:00"),))
    with pytest.raises(PlanError, match="windows: no window with a slot opens within a year"):
        schedule_of(plan, datetime(2026, 6, 1, tzinfo=UTC))


def test_a_sun_that_never_sets_is_said():
    june = datetime(2026, 6, 1, tzinfo=UTC)
    pole = Place(latitude=-89.9, longitude=0)
    plan = Plan(interval=MINUTE, place=pole, start=SunTime(event=SunEvent.SUNRISE), frames=3)
    assert schedule_of(plan, june, sun_over(pole)).origin.month == 9  # one sunrise a year
    with pytest.raises(PlanError, match="from: the sun does not"):
        schedule_of(plan, june, lambda _: 20.0)
    with pytest.raises(PlanError, match="windows: no window with a slot opens"):
        schedule_of(Plan(interval=MINUTE, place=pole, windows=(DARKNESS,)), june, lambda _: 20.0)


clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
suns = st.builds(SunTime, event=st.sampled_from(SunEvent), offset=st.integers(-180, 180).map(lambda n: n * MINUTE))
windows = st.builds(Window, start=clocks | suns, end=clocks | suns)
zones = st.sampled_from([BERLIN, NEW_YORK, KOLKATA, LORD_HOWE, OSLO, UTC])
places = st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
intervals = st.timedeltas(min_value=timedelta(seconds=30), max_value=timedelta(hours=3))
paces = st.tuples(intervals, intervals).map(
    lambda pair: {"light": "sun", "day": replace(DAY, interval=pair[0]), "night": replace(DARK, interval=pair[1])}
)
phases = st.builds(lambda start, end, interval: Phase(name="one", start=start, end=end, interval=interval),
                   clocks | suns, clocks | suns, intervals)  # fmt: skip
plans = st.builds(
    lambda light, **rest: Plan(**rest, **light),
    interval=intervals,
    length=st.timedeltas(min_value=HOUR, max_value=timedelta(days=4)),
    zone=zones,
    place=places,
    windows=st.lists(windows, max_size=3).map(tuple),
    days=st.sampled_from([(), (), (0, 1, 2, 3, 4), (5, 6)]),
    phases=st.lists(phases, max_size=1).map(tuple),
    light=st.just({}) | paces,
)
moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@settings(max_examples=60, deadline=None)
@given(plans, moments, st.data())
def test_slots_whatever_the_plan(plan, begins, data):
    sun = sun_over(plan.place)
    found = list(islice(planned_stretches(plan, begins, sun), 200))
    if not found:
        return
    schedule = Schedule(stretches=tuple(found))
    assert [stretch.first for stretch in found] == [0, *(stretch.end for stretch in found[:-1])]
    assert found[0].origin >= begins
    assert found[-1].instant(found[-1].end - 1) < found[0].origin + plan.length
    for earlier, later in pairwise(found):
        apart = later.origin - earlier.instant(earlier.end - 1)
        assert apart >= min(earlier.interval, later.interval)
    calendar = Calendar(plan, sun)
    for stretch in found:
        for slot in {stretch.first, stretch.end - 1}:
            due = schedule.instant(slot)
            if calendar.has_windows:
                (span,) = islice((span for span in calendar.windows_from(due)), 1)
                assert span.start <= due < span.end
                assert span.label == stretch.window
    known = data.draw(st.integers(0, len(found) - 1))
    again = planned_stretches(plan, found[0].origin, sun, after=found[known])
    assert list(islice(again, len(found) - known - 1)) == found[known + 1 :], "a restart must plan the same"
    assert next(planned_stretches(plan, begins, sun)) == found[0]
