"""Moments, windows and weekdays survive being written, and what is none is refused with what would be one."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.moments import SunEvent, SunTime, Window
from dayspool.core.spoken import days_text, parse_days, parse_when, parse_window, when_text, window_text
from dayspool.errors import PlanError

HALF = timedelta(minutes=30)
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
suns = st.builds(SunTime, event=st.sampled_from(SunEvent), offset=st.timedeltas(-24 * HALF, 24 * HALF))
dates = st.datetimes() | st.datetimes(timezones=st.just(UTC))


@given(clocks | suns | dates)
def test_moments_survive_being_written(when):
    assert parse_when(when_text(when)) == when


@given(st.builds(Window, start=clocks | suns, end=clocks | suns))
def test_windows_survive_being_written(window):
    assert parse_window(window_text(window)) == window


@given(st.sets(st.integers(0, 6), min_size=1))
def test_weekdays_survive_being_written(days):
    assert parse_days(days_text(tuple(sorted(days)))) == tuple(sorted(days))


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("sunset", SunTime(event=SunEvent.SUNSET)),
        (" Sunset - 30m ", SunTime(event=SunEvent.SUNSET, offset=-HALF)),
        ("dawn+1h30m", SunTime(event=SunEvent.DAWN, offset=3 * HALF)),
        ("6:00", time(6)),
        ("24:00", time(0)),
        ("2026-06-21", datetime(2026, 6, 21)),  # noqa: DTZ001 - without a zone, the plan's is meant
        ("2026-06-21T04:30Z", datetime(2026, 6, 21, 4, 30, tzinfo=UTC)),
    ],
)
def test_moments(text, when):
    assert parse_when(text) == when


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon-fri", (0, 1, 2, 3, 4)), ("Sat, Sun", (5, 6)), ("fri-mon", (0, 4, 5, 6)), ("wed", (2,))],
)  # fmt: skip
def test_weekdays(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "noon", "25:00", "6", "sunset30m", "sunset+", "sunset+x", "24:01", "2026-02-30"])
def test_what_is_no_moment(text):
    with pytest.raises(PlanError, match=r"no moment|no duration"):
        parse_when(text)


@pytest.mark.parametrize(
    "text", ["", "06:00", "6-22", "06:00-22:00-23:00", "a..b", "sunset-1h", "2026-06-21..dawn", "06:00..", "dawn-dusk"]
)  # fmt: skip
def test_what_is_no_window(text):
    with pytest.raises(PlanError, match="is no window of the day; write"):
        parse_window(text)


@pytest.mark.parametrize("text", ["", "monday", "mon-", "mon--fri", "0-4", "mon,,tue"])
def test_what_are_no_weekdays(text):
    with pytest.raises(PlanError, match="no weekdays"):
        parse_days(text)
