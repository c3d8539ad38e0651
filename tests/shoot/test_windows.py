"""Shoots of windows in virtual time: nights in folders, restarts in, between and behind windows, and by the light."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dayspool.core.events import (
    FrameMetered,
    FrameStored,
    Record,
    RunEnded,
    RunStarted,
    ShootBegan,
    SlotsOver,
    StretchPlanned,
)
from dayspool.core.frame import GapReason
from dayspool.core.moments import Pace, Phase, SunEvent, SunTime, Window
from dayspool.core.plan import Place, Plan
from dayspool.core.session import Session, fold
from dayspool.errors import PlanError
from dayspool.shoot import camerawork, stall
from dayspool.shoot.slots import SlotPlanner
from tests.shoot.scenes import play

BERLIN = ZoneInfo("Europe/Berlin")
KIEL = Place(latitude=54.32, longitude=10.14)
NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
HALF_HOURS = tuple(
    Window(start=time(*start), end=time(*end))
    for start, end in (((22, 0), (22, 20)), ((22, 40), (23, 0)), ((23, 50), (0, 10)))
)
EVENING = datetime(2026, 6, 1, 19, 55, tzinfo=UTC)


def at(hour, minute, second=0):
    """Return a moment of the evening in Berlin, which lasts until one o'clock."""
    return datetime(2026, 6, 1 if hour > 12 else 2, hour, minute, second, tzinfo=BERLIN).astimezone(UTC)


def evenings(**wanted):
    return Plan(**{"interval": MINUTE, "windows": HALF_HOURS, "zone": BERLIN, "frames": 60, **wanted})


def until(moment):
    """Return a steer that stops the shoot at a moment."""

    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(moment)
        intervalometer.stop()

    return steer


def names(played):
    return [record.event.name for record in played.records if isinstance(record.event, FrameStored)]


@pytest.fixture(autouse=True)
def few_beats(monkeypatch):
    """Keep the camera awake, and look for stalls, less often: hours of it would take most of the time here."""
    monkeypatch.setattr(camerawork, "KEEP_AWAKE", 50 * MINUTE)
    monkeypatch.setattr(stall, "LONGEST_BEAT", 10 * MINUTE)


def test_three_days_of_nights_lie_in_three_folders(tmp_path):
    night = Window(start=SunTime(event=SunEvent.SUNSET), end=SunTime(event=SunEvent.SUNRISE))
    plan = Plan(interval=TEN_MINUTES, windows=(night,), zone=BERLIN, place=KIEL, length=timedelta(days=3))
    played = play(tmp_path / "s", plan=plan, began=NOON)
    assert (played.summary.ended, played.gaps) == ("done", {})
    assert (
        played.summary.frames == played.summary.exposures == played.session.schedule.count == played.session.next_slot
    )
    folders = {name.split("/")[0] for name in names(played)}
    assert folders == {"2026-06-01", "2026-06-02", "2026-06-03"}
    assert sorted(path.relative_to(tmp_path / "s/frames").as_posix() for path in tmp_path.glob("s/frames/*/*")) == [
        frame.name for frame in played.frames
    ]
    hours = {exposure.utc.astimezone(BERLIN).hour for exposure in played.exposures}
    assert hours == {21, 22, 23, 0, 1, 2, 3, 4}
    assert (played.count(StretchPlanned), played.count(SlotsOver)) == (3, 1)


@pytest.mark.parametrize(
    ("stops", "again", "lost"),
    [
        pytest.param(at(22, 5, 10), at(22, 8, 40), 3, id="within one"),
        pytest.param(at(22, 25), at(22, 35), 0, id="between two"),
        pytest.param(at(22, 25), at(23, 30), 20, id="behind one that was missed"),
        pytest.param(at(21, 57), datetime(2026, 6, 5, tzinfo=UTC), 60, id="behind all"),
    ],
)
def test_a_restart_shoots_the_same_slots(tmp_path, stops, again, lost):
    first = play(tmp_path / "s", plan=evenings(), began=EVENING, steer=until(stops))
    assert first.summary.ended == "stopped"
    played = play(tmp_path / "s", plan=evenings(), began=again)
    assert played.summary.ended == "done"
    assert list(played.gaps.values()) == [GapReason.NOT_RUNNING] * lost
    assert played.summary.frames == 60 - lost
    assert all(frame.name == f"2026-06-01/{frame.slot:06d}.jpg" for frame in played.frames)
    due = [(window, minute) for window in (at(22, 0), at(22, 40), at(23, 50)) for minute in range(20)]
    assert [played.session.schedule.instant(slot) for slot in range(60)] == [
        window + minute * MINUTE for window, minute in due
    ]


def test_a_camera_away_for_a_whole_window_makes_each_of_its_slots_a_gap(tmp_path):
    played = play(
        tmp_path / "s", plan=evenings(), began=EVENING, steer=until(at(22, 30)), endpoint="http://10.9.9.9:1/camera"
    )
    assert set(played.gaps) == set(range(20))
    assert set(played.gaps.values()) == {GapReason.CAMERA_UNREACHABLE}


def test_windows_edited_between_two_runs_count_from_the_next_slot(tmp_path):
    play(tmp_path / "s", plan=evenings(), began=EVENING, steer=until(at(22, 5, 10)))
    windows = (Window(start=time(22), end=time(22, 10)), Window(start=time(22, 15), end=time(23)))
    played = play(tmp_path / "s", plan=evenings(windows=windows, interval=MINUTE / 2), began=at(22, 5, 40))
    schedule = played.session.schedule
    assert [(stretch.first, stretch.count) for stretch in schedule.stretches] == [(0, 6), (6, 8), (14, 46)]
    assert [schedule.instant(slot) for slot in (5, 6, 7, 14)] == [at(22, 5), at(22, 6), at(22, 6, 30), at(22, 15)]
    assert (played.summary.frames, played.gaps) == (60, {})


def test_a_shoot_made_longer_after_its_windows_were_over(tmp_path):
    first = play(tmp_path / "s", plan=evenings(frames=None, length=30 * MINUTE), began=EVENING)
    assert (first.summary.ended, first.summary.frames, first.count(SlotsOver)) == ("done", 20, 1)
    longer = evenings(frames=None, length=60 * MINUTE)
    assert SlotPlanner(longer).goes_on(first.session)
    assert not SlotPlanner(evenings(frames=None, length=30 * MINUTE)).goes_on(first.session)
    played = play(tmp_path / "s", plan=longer, began=at(22, 30))
    assert (played.summary.ended, played.summary.frames, played.gaps) == ("done", 40, {})


def test_phases_taken_out_between_two_runs_leave_the_end_where_it_was(tmp_path):
    rush = Phase(name="rush", start=time(12, 1), end=time(12, 3), interval=timedelta(seconds=5))
    plan = Plan(interval=MINUTE, zone=BERLIN, phases=(rush,), length=TEN_MINUTES)
    first = play(tmp_path / "s", plan=plan, began=NOON, steer=until(NOON + 4 * MINUTE + 5 * SECOND))
    assert first.summary.frames == 1 + 24 + 2
    even = Plan(interval=MINUTE, zone=BERLIN, length=TEN_MINUTES)
    played = play(tmp_path / "s", plan=even, began=NOON + 4 * MINUTE + 30 * SECOND)
    assert (played.summary.ended, played.summary.frames, played.gaps) == ("done", 1 + 24 + 7, {})
    assert played.session.schedule.instant(31) == NOON + 9 * MINUTE
    assert not SlotPlanner(even).goes_on(played.session)


@pytest.mark.parametrize(
    ("length", "slots"), [pytest.param(10, 10, id="as it was"), pytest.param(70, 70, id="made longer")]
)
def test_an_even_shoot_that_was_over_and_got_phases_ends_where_its_plan_says(length, slots):
    even = Plan(interval=MINUTE, zone=BERLIN, length=TEN_MINUTES)
    events = [*SlotPlanner(even).begun(NOON), RunStarted(pid=1, version="0", count=10)]
    events += [FrameStored(slot=slot, name=f"{slot:06d}.jpg", size_bytes=1) for slot in range(10)]
    rush = Phase(name="rush", start=time(20), end=time(21), interval=10 * SECOND)
    planner = SlotPlanner(Plan(interval=MINUTE, zone=BERLIN, phases=(rush,), length=length * MINUTE))
    session, now = Session(), NOON + 60 * MINUTE

    def tell(*news):
        nonlocal session
        for event in news:
            session = fold(session, Record(seq=1, utc=now, event=event))

    tell(*events, RunEnded(why="done"))
    tell(RunStarted(pid=2, version="0", count=planner.count(session.schedule)), *planner.resumed(session, now))
    while session.schedule.count is None:
        tell(planner.next_stretch(session))
    assert session.schedule.count == slots
    assert [session.schedule.instant(slot) for slot in (9, slots - 1)] == [
        NOON + 9 * MINUTE,
        NOON + (slots - 1) * MINUTE,
    ]


def test_a_phase_is_shot_at_its_own_interval(tmp_path):
    rush = Phase(name="rush", start=time(12, 10), end=time(12, 12), interval=timedelta(seconds=10))
    plan = Plan(interval=5 * MINUTE, zone=BERLIN, phases=(rush,), frames=16)
    played = play(tmp_path / "s", plan=plan, began=NOON)
    assert (played.summary.frames, played.gaps) == (16, {})
    assert [stretch.count for stretch in played.session.schedule.stretches[:2]] == [2, 12]
    assert [frame.name for frame in played.frames[:2]] == ["000000.jpg", "000001.jpg"]


@pytest.mark.parametrize(
    ("night", "slots"),
    [pytest.param(date(2026, 10, 25), 30, id="autumn"), pytest.param(date(2026, 3, 29), 18, id="spring")],
)
def test_a_night_in_which_the_clocks_change(tmp_path, night, slots):
    window = Window(start=time(0, 30), end=time(4, 30))
    plan = Plan(interval=TEN_MINUTES, windows=(window,), zone=BERLIN, frames=60)
    began = datetime.combine(night, time(0, 20), BERLIN).astimezone(UTC)
    played = play(tmp_path / "s", plan=plan, began=began, steer=until(began + timedelta(hours=12)))
    assert (played.summary.frames, played.gaps) == (slots, {})
    assert {name.split("/")[0] for name in names(played)} == {night.isoformat()}
    local = [exposure.utc.astimezone(BERLIN) for exposure in played.exposures]
    assert (f"{local[0]:%H:%M}", f"{local[-1]:%H:%M}") == ("00:30", "04:20")
    assert {moment.utcoffset() / timedelta(hours=1) for moment in local} == {1, 2}
    assert {round((then.timestamp() - now.timestamp()) / 60) for now, then in pairwise(local)} == {10}


def test_a_plan_without_any_slot_begins_no_shoot(tmp_path):
    with pytest.raises(PlanError, match=r"until: .* comes before the first slot"):
        SlotPlanner(evenings(frames=None, end=NOON + TEN_MINUTES)).begun(NOON)


@pytest.mark.parametrize(
    ("options", "first"),
    [
        pytest.param({"interval": timedelta(seconds=3)}, 6, id="the first on the grid after it"),
        pytest.param({"interval": timedelta(seconds=10)}, 10, id="a long interval"),
        pytest.param({"interval": timedelta(milliseconds=500)}, 1, id="two short intervals"),
        pytest.param({"interval": timedelta(seconds=3), "start": NOON}, 0, id="the moment that was asked for"),
    ],
)
def test_a_camera_may_take_its_time_before_the_first_slot_of_a_shoot_that_begins_at_once(options, first):
    began = SlotPlanner(Plan(**options)).begun(NOON, ready_in=timedelta(seconds=4))[0]
    assert datetime.fromisoformat(began.origin) - NOON == timedelta(seconds=first)


PLAN = Plan(
    interval=TEN_MINUTES,
    frames=1000,
    light="meter",
    day=Pace(interval=timedelta(seconds=10), degrees=0.0, ev=9.0),
    night=Pace(interval=timedelta(seconds=40), degrees=-12.0, ev=-1.0),
)


def test_the_interval_follows_the_meter_and_not_its_noise():
    planner, session = SlotPlanner(PLAN), Session()

    def tell(*events):
        nonlocal session
        for event in events:
            session = fold(session, Record(seq=1, utc=NOON, event=event))

    tell(*planner.begun(NOON))
    assert session.schedule.interval_at(0) == TEN_MINUTES  # nothing is known of the light yet
    intervals = []
    for slot in range(400):
        due = session.schedule.instant(slot)
        tell(FrameStored(slot=slot, name=f"{slot:06d}.jpg", size_bytes=1))
        light = 12 - slot / 25 + (0.2 if slot % 2 else -0.2) + (9 if slot % 50 == 7 else 0)  # noise, and headlights
        tell(FrameMetered(slot=slot, measured_ev=0.0, clipped_share=0.0, scene_ev=light))
        retimed = planner.retimed(session)
        if retimed is not None:
            tell(retimed)
        assert session.schedule.instant(slot) == due
        intervals.append((session.schedule.instant(slot + 1) - due).total_seconds())
    assert (intervals[1], intervals[-1]) == (10, 40)
    changed = [interval for before, interval in pairwise(intervals[1:]) if before != interval]
    assert changed == sorted(set(changed)), "it must not go back and forth"
    assert len(changed) == 14
    resumed = planner.resumed(session, session.schedule.instant(300))
    assert resumed == (), "a restart finds nothing to change"


def test_a_journal_of_one_interval_stays_readable_and_its_interval_fixed():
    began = ShootBegan(origin=NOON.isoformat(), interval_seconds=600.0, count=72, source="camera")
    session = fold(Session(), Record(seq=1, utc=NOON, event=began))
    assert SlotPlanner(Plan(interval=TEN_MINUTES, frames=72)).resumed(session, NOON) == ()
    with pytest.raises(PlanError, match="every: this shoot has a slot every 600 s"):
        SlotPlanner(Plan(interval=timedelta(minutes=5), frames=72)).resumed(session, NOON)
