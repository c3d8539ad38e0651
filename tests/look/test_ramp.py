"""Positions of ramps: percent, slots, clocks and the sun over a shoot."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.moments import SunEvent
from dayspool.core.plan import Place
from dayspool.core.sun_events import sun_event
from dayspool.errors import PlanError
from dayspool.look.interpolate import Between
from dayspool.look.ramp import Timeline, ramp_problems, resolved
from dayspool.look.wish import Chosen, LookWish
from dayspool.sun import sun_over

KIEL = Place(latitude=54.32, longitude=10.14)
BERLIN = ZoneInfo("Europe/Berlin")
NAME = "exposure.exposure"


def timeline(hours=6, begins=datetime(2026, 6, 21, 17, tzinfo=UTC), place=KIEL, every=10):
    slots = tuple(range(hours * 3600 // every + 1))
    return Timeline(
        slots=slots,
        moments=tuple(begins + slot * timedelta(seconds=every) for slot in slots),
        place=place,
        zone=BERLIN,
    )


@pytest.mark.parametrize(
    ("position", "slot"),
    [
        ("0%", 0),
        ("50%", 1080),
        ("100 %", 2160),
        ("slot:120", 120),
        ("slot:5000", 5000),
        ("21:30", (2.5 * 360)),
        ("2026-06-21T20:00", 360),
        ("2026-06-21T20:00Z", 3 * 360),
        ("2026-06-22T02:00", 7 * 360),
    ],
)
def test_positions_are_found(position, slot):
    assert resolved(NAME, {position: 1.0}, timeline()).slots == (pytest.approx(slot),)


def test_the_sun_is_that_of_the_place():
    sunset = sun_event(sun_over(KIEL), KIEL.longitude, SunEvent.SUNSET, date(2026, 6, 21), BERLIN).utc
    begins = timeline().moments[0]
    line = resolved(NAME, {"sunset": 1.0, "sunset+30m": 2.0}, timeline())
    assert line.slots == (pytest.approx((sunset - begins).total_seconds() / 10), pytest.approx(line.slots[0] + 180))


def test_what_comes_daily_comes_on_every_day_of_the_shoot():
    line = resolved(NAME, {"12:00": 0.0, "00:00": 1.0}, timeline(hours=72, every=600))
    assert line.values == (1.0, 0.0) * 3
    assert [right - left for left, right in zip(line.slots, line.slots[1:], strict=False)] == [72.0] * 5


def test_the_sun_without_a_place_is_told():
    with pytest.raises(PlanError, match="needs a place"):
        resolved(NAME, {"sunset": 1.0}, timeline(place=None))


def test_a_moment_that_does_not_come_is_told():
    with pytest.raises(PlanError, match="speaks of 12:00, but the shoot lasts from 2026-06-21 19:00"):
        resolved(NAME, {"12:00": 1.0}, timeline())


def test_two_values_at_one_slot_are_told():
    with pytest.raises(PlanError, match=r"two values at slot 1080: 1\.0 at 50%, 2\.0 at slot:1080"):
        resolved(NAME, {"50%": 1.0, "slot:1080": 2.0}, timeline())


def test_a_ramp_holds_before_and_after():
    course = resolved(NAME, {"50%": 1.0, "slot:1090": 2.0}, timeline()).course(Between.LINEAR)
    assert [course(slot) for slot in (0, 1080, 1085, 1090, 9999)] == pytest.approx([1, 1, 1.5, 2, 2])


def test_pictures_of_one_second_are_no_reason_to_fail():
    moment = datetime(2026, 6, 21, 17, tzinfo=UTC)
    twice = Timeline(slots=(3, 4, 5), moments=(moment, moment, moment), zone=BERLIN)
    assert resolved(NAME, {"19:00": 1.0}, twice).slots == (3.0,)
    alone = Timeline(slots=(3,), moments=(moment,), zone=BERLIN)
    assert resolved(NAME, {"0%": 1.0, "100%": 1.0, "19:00": 1.0}, alone).slots == (3.0,)


@given(st.floats(0, 100), st.floats(0, 100))
def test_percent_keeps_its_order(one, two):
    low, high = (resolved(NAME, {f"{percent:.6f}%": 1.0}, timeline()).slots[0] for percent in sorted((one, two)))
    assert low <= high


@pytest.mark.parametrize(
    ("ramp", "said"),
    [
        ({"exposure": {"0%": 1.0}}, "names no field of a module"),
        ({NAME: {}}, "say a value"),
        ({NAME: {"later": 1.0}}, "'later' is no position"),
        ({NAME: {"101%": 1.0}}, "behind the end"),
        ({NAME: {"sunset+13h": 1.0}}, "by 12h at most"),
        ({NAME: {"0%": float("nan")}}, "must be a number"),
        ({"exposure.exposure": {"0%": -18.5}}, "beyond the 18 EV"),
    ],
)
def test_a_ramp_that_is_misspelt_is_told_with_its_key(ramp, said):
    (problem,) = ramp_problems(ramp)
    assert said in problem
    assert problem.keys == (f"ramp.{next(iter(ramp))}",)


@pytest.mark.parametrize(
    ("keyframes", "chosen"),
    [
        ("edited", Chosen()),
        ("none", None),
        ("rating:4", Chosen(rating=4)),
        ("label:purple", Chosen(label=4)),
        ((9, 3, 9), Chosen(slots=(3, 9))),
    ],
)
def test_keyframes_are_chosen_in_words(keyframes, chosen):
    assert LookWish(keyframes=keyframes).chosen == chosen


def test_a_wish_tells_all_its_mistakes_at_once():
    with pytest.raises(PlanError) as caught:
        LookWish(keyframes="rating:6", ramp={NAME: {"later": 1.0}}, moving=("crop", "velvia"))
    assert len(caught.value.problems) == 3
