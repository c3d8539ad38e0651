"""What is told of a shoot, and when: states once when they begin, now and then while they last, once when they end."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.alarm import ADVICE, Alarm, AlarmKind, Phase, Severity, plain_alarm
from dayspool.core.alarms import FORECASTS, Patience, given_up, review, standing
from dayspool.core.events import (
    CameraLost,
    CameraReady,
    ClockStepped,
    DownloadsPaused,
    DownloadsResumed,
    FrameStored,
    Gap,
    HealthRead,
    Paused,
    Record,
    Resumed,
    RunEnded,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
)
from dayspool.core.frame import GapReason
from dayspool.core.watch import Watch, caught_up, watch

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
LOST = GapReason.CAMERA_UNREACHABLE
READY = CameraReady(endpoint="http://10.0.0.1", model="RX100M2")


class Story:
    """A shoot told slot by slot, looked at after each event."""

    def __init__(self, *, every=10.0, count=100_000):
        self.every, self.slot, self.now, self.alive = every, 0, START, True
        self.alarms, self.seen, self.seq = [], Watch(shoot="harbour"), 0
        self.forecasts = {}
        self.happen(
            ShootBegan(origin=START.isoformat(), interval_seconds=every, count=count, source="camera"),
            RunStarted(pid=1, version="1", count=count),
            READY,
        )

    def happen(self, *events, look=True):
        for event in events:
            self.seq += 1
            self.seen = watch(self.seen, Record(seq=self.seq, utc=self.now, event=event))
        if look:
            self.look()
        return self

    def look(self):
        self.seen, alarms = review(self.seen, self.now, alive=self.alive, forecasts=self.forecasts)
        self.alarms += alarms
        return self

    def _next(self):
        self.slot += 1
        self.now = max(self.now, START + timedelta(seconds=self.every * self.slot))

    def frames(self, count=1):
        for _ in range(count):
            slot = self.slot
            url = f"http://10.0.0.1/{slot}"
            self.happen(ShotIntended(slot=slot), ShotTaken(slot=slot, url=url), look=False)
            self.happen(FrameStored(slot=slot, name=f"{slot}.jpg", size_bytes=9))
            self._next()
        return self

    def gaps(self, count=1, reason=LOST):
        for _ in range(count):
            self.happen(Gap(slot=self.slot, reason=reason))
            self._next()
        return self

    def wait(self, **length):
        self.now += timedelta(**length)
        return self.look()

    @property
    def told(self):
        return [(alarm.kind.value, alarm.phase.value) for alarm in self.alarms]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("." * 30, []),
        ("....x....", []),
        ("....xx.....", []),
        ("...xxx......", [("camera-lost", "begins"), ("camera-lost", "over")]),
        ("x.x.x..", [("camera-lost", "begins")]),
        ("x....x....x....x....", []),
        ("..." + "x" * 500 + ".....", [("camera-lost", "begins"), ("camera-lost", "lasts"), ("camera-lost", "over")]),
        ("xxx" + "...x" * 20, [("camera-lost", "begins")]),
        (
            "bbb" + "x" * 20 + ".....",
            [("gaps", "begins"), ("camera-lost", "begins"), ("gaps", "over"), ("camera-lost", "over")],
        ),
        ("b" * 8, [("gaps", "begins")]),
        ("fff.....", [("frozen-picture", "begins"), ("frozen-picture", "over")]),
        ("ccc", [("card-full", "begins")]),
        ("hhhh.....", [("host-stalled", "begins"), ("host-stalled", "over")]),
        ("pppppppp", []),
    ],
)
def test_a_state_is_told_once_when_it_begins_and_once_when_it_ends(pattern, told):
    reasons = {
        "x": LOST,
        "b": GapReason.CAMERA_BUSY,
        "f": GapReason.FROZEN_PICTURE,
        "c": GapReason.CARD_FULL,
        "h": GapReason.HOST_ASLEEP,
        "p": GapReason.PAUSED,
    }
    story = Story()
    for sign in pattern:
        story.frames() if sign == "." else story.gaps(1, reasons[sign])
    assert sorted(story.told) == sorted(told)


def test_slots_that_lie_apart_count_sooner():
    story = Story(every=1800).frames(3).gaps(2)
    assert story.told == [("camera-lost", "begins")]
    assert story.alarms[0].since == START + timedelta(seconds=3 * 1800)  # the first slot that is missing
    assert Story(every=1800).frames(3).gaps(1).told == []
    assert story.frames(2).told[-1] == ("camera-lost", "over")


def test_an_alarm_says_what_since_when_how_many_and_what_to_do():
    story = Story().frames(2)
    story.happen(CameraLost(detail="no route to 10.0.0.1")).gaps(40).happen(READY).frames(5)
    begins, over = story.alarms
    assert begins.title == "harbour: camera lost"
    assert begins.severity is Severity.CRITICAL
    assert begins.since == START + timedelta(seconds=20)
    assert ADVICE[AlarmKind.CAMERA_LOST] in begins.body
    assert "2026-06-01 12:00:20 UTC" in begins.body
    assert (over.title, over.severity, over.lost) == ("harbour: camera found, 40 slots missing", Severity.INFO, 40)
    assert "40 × the camera could not be reached" in over.body


def test_reminders_come_after_an_hour_and_then_each_day():
    story = Story().frames(3).gaps(3)
    begun = story.now
    for _ in range(3 * 24 * 60):
        story.happen(look=False)
        story.seen = replace(story.seen, last_record=story.now)
        story.wait(minutes=1)
    lasts = [round((alarm.utc - begun).total_seconds() / 3600) for alarm in story.alarms if alarm.phase is Phase.LASTS]
    assert lasts == [1, 25, 49]


def test_what_began_and_ended_between_two_looks_is_told_once():
    story = Story()
    for slot in range(12):
        story.happen(Gap(slot=slot, reason=LOST), look=False)
    for slot in range(12, 20):
        story.happen(ShotTaken(slot=slot, url="x"), look=False)
    assert story.look().told == [("camera-lost", "over")]
    assert story.alarms[0].lost == 12


def test_a_camera_away_is_told_before_it_costs_three_slots_only_if_a_slot_is_due():
    story = Story(every=3600).frames(1)
    story.now = START + timedelta(minutes=1)
    story.happen(CameraLost(detail="gone")).wait(minutes=20)
    assert story.told == []
    story.now = START + timedelta(minutes=51)
    assert story.look().told == [("camera-lost", "begins")]
    assert story.happen(READY).told[-1] == ("camera-lost", "over")


def test_a_writer_that_is_gone_is_told_after_half_a_minute_and_when_it_is_back():
    story = Story().frames(5)
    story.alive = False
    story.look().wait(seconds=20)
    assert story.told == []
    assert story.wait(seconds=20).told == [("not-running", "begins")]
    assert story.wait(seconds=20).told == [("not-running", "begins")]
    story.alive = True
    story.happen(RunStarted(pid=2, version="1", count=None)).gaps(6, GapReason.NOT_RUNNING).frames(5)
    assert story.told == [("not-running", "begins"), ("not-running", "over")]
    assert story.alarms[-1].lost == 6


def test_a_restart_by_systemd_in_time_is_no_word():
    story = Story().frames(5)
    story.alive = False
    story.look().wait(seconds=12)
    story.alive = True
    story.happen(RunStarted(pid=2, version="1", count=None)).gaps(1, GapReason.NOT_RUNNING).frames(20)
    assert story.told == []


def test_a_process_that_writes_nothing_is_told():
    story = Story().frames(3)
    story.wait(minutes=3)
    assert story.told == [("host-stalled", "begins")]


def test_a_pause_is_told_after_an_hour():
    story = Story().frames(3).happen(Paused())
    story.gaps(30, GapReason.PAUSED)
    assert story.told == []
    story.gaps(360, GapReason.PAUSED)
    assert story.told == [("paused", "begins")]
    story.happen(Resumed())
    assert story.told == [("paused", "begins"), ("paused", "over")]
    assert story.alarms[-1].lost == 390


def test_a_full_disk():
    story = Story().frames(3).happen(DownloadsPaused(detail="80 MB are left"))
    story.frames(20).happen(DownloadsResumed())
    assert story.told == [("disk-full", "begins"), ("disk-full", "over")]
    assert "80 MB are left" in story.alarms[0].body


@pytest.mark.parametrize("kind", FORECASTS)
def test_a_forecast_must_be_better_for_a_while(kind):
    story = Story()
    story.forecasts = {kind: "about 3 h are left"}
    story.look().wait(minutes=2)
    story.forecasts = {}
    story.wait(minutes=2)
    story.forecasts = {kind: "about 2 h are left"}
    story.wait(minutes=2)
    story.forecasts = {}
    story.seen = replace(story.seen, last_record=story.now)
    story.frames(1).wait(minutes=1)
    for _ in range(11):
        story.seen = replace(story.seen, last_record=story.now)
        story.wait(minutes=1)
    assert [told for told in story.told if told[0] == kind] == [(kind.value, "begins"), (kind.value, "over")]


def test_a_forecast_that_comes_true_is_told_as_itself():
    story = Story().frames(3).happen(DownloadsPaused(detail="full"))
    story.forecasts = {AlarmKind.DISK_FILLING: "it is full"}
    assert story.frames(3).told == [("disk-full", "begins")]


def test_a_step_of_the_clock_is_told_only_when_it_cost_slots():
    quiet = Story().frames(3).happen(ClockStepped(seconds=90.0)).frames(3)
    assert quiet.told == []
    costly = Story().frames(3).happen(ClockStepped(seconds=-90.0)).gaps(1, GapReason.HOST_LATE).frames(3)
    assert costly.told == [("clock-stepped", "once")]
    assert "90 s back" in costly.alarms[0].title


@pytest.mark.parametrize(("why", "kind"), [("done", "done"), ("stopped", "stopped"), ("failed", "failed")])
def test_the_last_word(why, kind):
    story = Story().frames(8).gaps(2).frames(2).happen(RunEnded(why=why))
    story.alive = False
    story.wait(hours=5)
    assert story.told == [(kind, "once")]
    last = story.alarms[0]
    assert last.title == f"harbour: {kind}, 10 frames, 2 gaps"
    assert last.lost == 2
    assert last.is_last_word
    assert (last.severity is Severity.CRITICAL) is (why == "failed")


def test_a_shoot_that_is_done_without_a_frame_is_critical():
    story = Story(count=2).gaps(2).happen(RunEnded(why="done"))
    assert story.alarms[-1].severity is Severity.CRITICAL


def test_a_shoot_that_ends_in_trouble_says_so_and_goes_on_afresh():
    story = Story().frames(3).gaps(9).happen(RunEnded(why="stopped"))
    assert "Until the end: camera lost." in story.alarms[-1].body
    assert story.alarms[-1].lost == 9
    story.happen(RunStarted(pid=2, version="1", count=None)).gaps(3)
    assert story.told[-1] == ("camera-lost", "begins")


def test_nobody_comes_back():
    story = Story(count=20).frames(5)
    story.alive = False
    story.look()
    assert given_up(story.seen, story.now) is None
    story.wait(minutes=2)
    assert given_up(story.seen, story.now) is None
    story.wait(hours=2)
    assert given_up(story.seen, story.now).kind is AlarmKind.FAILED
    endless = Story(count=None).frames(5)
    endless.alive = False
    endless.look().wait(days=2)
    assert given_up(endless.seen, endless.now) is None
    assert given_up(endless.seen, endless.now + timedelta(days=2)) is not None


def test_history_is_not_news_and_what_lasts_is():
    story = Story()
    story.frames(5)
    for slot in range(5, 30):
        story.happen(Gap(slot=slot, reason=LOST), look=False)
    for slot in range(30, 40):
        story.happen(ShotTaken(slot=slot, url="x"), look=False)
    story.happen(DownloadsPaused(detail="full"), look=False)
    story.seen = caught_up(story.seen)
    assert story.look().told == [("disk-full", "begins")]


def test_how_it_stands():
    story = Story().frames(4).happen(HealthRead(battery=0.4, disk_free_bytes=10**9)).gaps(3)
    now = standing(story.seen, story.now, alive=True)
    assert (now.state, now.frames, now.gaps, now.battery) == ("shooting", 4, 3, 0.4)
    assert now.next_slot == START + timedelta(seconds=70)
    assert now.last_frame_age_seconds == 40
    assert now.problems == ("camera-lost",)
    assert standing(story.seen, story.now, alive=False).state == "interrupted"


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\0", "\x1b", "\u202e", "\ud800", "\u2028", "\x85"])
def test_a_title_is_one_printable_line_whatever_a_camera_says(sign):
    alarm = Alarm(
        kind=AlarmKind.TEST,
        phase=Phase.ONCE,
        severity=Severity.INFO,
        shoot=f"a{sign}Bcc: x",
        since=START,
        utc=START,
        title=f"a{sign}Bcc: x" + "y" * 10_000,
        body=f"one{sign}two\n" * 10_000,
    )
    assert alarm.title.isprintable()
    assert len(alarm.title) <= 120
    assert len(alarm.body) <= 1500
    assert all(line.isprintable() for line in alarm.body.split("\n"))
    plain_alarm(alarm)["body"].encode()


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("frames"), st.integers(1, 8)),
        st.tuples(st.sampled_from(list(GapReason)), st.integers(1, 8)),
        st.sampled_from(
            [("lost", 0), ("ready", 0), ("pause", 0), ("resume", 0), ("full", 0), ("room", 0), ("step", 0)]
        ),
        st.tuples(st.just("wait"), st.integers(1, 7200)),
        st.tuples(st.sampled_from(["die", "run", "end"]), st.just(0)),
    ),
    max_size=40,
)


@given(happenings, st.sampled_from([2.0, 10.0, 600.0]))
def test_never_two_alarms_for_one_state_and_every_loss_is_told_once(script, every):
    story = Story(every=every)
    events = {
        "lost": CameraLost(detail="x"),
        "ready": READY,
        "pause": Paused(),
        "resume": Resumed(),
        "full": DownloadsPaused(detail="x"),
        "room": DownloadsResumed(),
        "step": ClockStepped(seconds=9.0),
        "end": RunEnded(why="stopped"),
    }
    missing = 0
    for word, number in script:
        if word == "frames":
            story.frames(number)
        elif isinstance(word, GapReason):
            story.gaps(number, word)
            missing += number
        elif word == "wait":
            story.wait(seconds=number)
        elif word in ("die", "run"):
            story.alive = word == "run"
            story.happen(*([RunStarted(pid=2, version="1", count=None)] if story.alive else []))
        else:
            story.happen(events[word])
    story.happen(RunEnded(why="done"))
    said = [alarm.lost for alarm in story.alarms if alarm.phase is Phase.OVER or alarm.is_last_word]
    assert sum(said) == missing
    going_on = Counter()
    for alarm in story.alarms:
        if alarm.is_last_word:
            going_on.clear()
        elif alarm.phase is Phase.BEGINS:
            assert going_on[alarm.kind] == 0
            going_on[alarm.kind] = 1
        elif alarm.phase is Phase.LASTS:
            assert going_on[alarm.kind] == 1
        elif alarm.phase is Phase.OVER:
            assert going_on[alarm.kind] == 1 or alarm.lost
            going_on[alarm.kind] = 0


@given(st.lists(st.integers(1, 90_000), max_size=60))
def test_looks_at_any_times_give_reminders_no_closer_than_stated(waits):
    story = Story().frames(3).gaps(3)
    patience = Patience()
    for seconds in waits:
        story.seen = replace(story.seen, last_record=story.now + timedelta(seconds=seconds))
        story.wait(seconds=seconds)
    times = [alarm.utc for alarm in story.alarms if alarm.kind is AlarmKind.CAMERA_LOST]
    apart = [later - sooner for sooner, later in pairwise(times)]
    assert all(one >= patience.first_reminder for one in apart[:1])
    assert all(one >= patience.reminders for one in apart[1:])
