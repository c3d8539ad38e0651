"""What comes next: `fold` and `decide` as tables, and as a whole shoot played against chance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.core.decision import (
    Connect,
    Fetch,
    Finish,
    GiveUpIntent,
    PlanOn,
    Policy,
    Reconcile,
    Settle,
    Skip,
    Take,
    Wait,
    decide,
)
from dayspool.core.events import (
    CameraIdle,
    CameraLost,
    CameraReady,
    FetchFailed,
    FrameStored,
    Gap,
    HostStalled,
    Paused,
    Record,
    Resumed,
    RunEnded,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
    SlotsOver,
    StopAsked,
    StretchPlanned,
)
from dayspool.core.frame import GapReason, Shot
from dayspool.core.session import Session, fold, fold_all

BEGIN = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
INTERVAL = timedelta(seconds=10)
POLICY = Policy()
READY = CameraReady(endpoint="http://10.0.0.1:10000/camera", model="DSC-RX100M2")


def at(seconds):
    return BEGIN + timedelta(seconds=seconds)


def told(*events, count=5, now=0.0):
    """Fold a shoot that began at slot 0 with these events, all at `now`."""
    began = ShootBegan(origin=BEGIN.isoformat(), interval_seconds=10.0, count=count, source="camera")
    run = RunStarted(pid=1, version="0", count=count)
    records = [Record(seq=1, utc=BEGIN, event=began), Record(seq=2, utc=BEGIN, event=run)]
    records += [Record(seq=number, utc=at(now), event=event) for number, event in enumerate(events, 3)]
    return fold_all(records)


def learned():
    """Events of a camera whose busy time is known to be three seconds."""
    return [CameraIdle(slot=0, busy_seconds=3.0) for _ in range(POLICY.learn_shots)]


def take(slot):
    return Take(slot=slot, due=at(10 * slot), closes=at(10 * slot + 5))


def stored(slot):
    return FrameStored(slot=slot, name=f"{slot:06d}.jpg", size_bytes=1)


def shot(slot):
    return (ShotIntended(slot=slot), ShotTaken(slot=slot, url=f"http://c/{slot}.jpg", late_ms=1.0))


def backlog():
    return [event for slot in range(POLICY.backlog + 1) for event in shot(slot)]


FAILED0 = Shot(slot=0, url="http://c/0.jpg", failures=1)
URL0 = Shot(slot=0, url="http://c/0.jpg")


@pytest.mark.parametrize(
    ("events", "now", "action"),
    [
        pytest.param([], 0, Connect(until=at(5)), id="no camera yet"),
        pytest.param([READY], -3, Wait(until=at(-0.05)), id="before the first slot"),
        pytest.param([READY], -0.05, take(0), id="the slot"),
        pytest.param([READY], 4.9, take(0), id="late, within half the interval"),
        pytest.param([READY], 5.0, Skip(first=0, last=0, reason=GapReason.HOST_LATE), id="too late"),
        pytest.param([READY], 38, Skip(first=0, last=3, reason=GapReason.HOST_LATE), id="slept over four slots"),
        pytest.param([READY], 999, Skip(first=0, last=4, reason=GapReason.HOST_LATE), id="slept over the end"),
        pytest.param([], 17, Skip(first=0, last=1, reason=GapReason.CAMERA_UNREACHABLE), id="camera away"),
        pytest.param(
            [READY, CameraLost(detail="it fell asleep")],
            17,
            Skip(first=0, last=1, reason=GapReason.CAMERA_UNREACHABLE, detail="it fell asleep"),
            id="camera away, and it is known why",
        ),
        pytest.param(
            [READY, CameraLost(detail="no answer"), CameraLost(detail="another body answers")],
            17,
            Skip(first=0, last=1, reason=GapReason.CAMERA_UNREACHABLE, detail="another body answers"),
            id="camera away, and now it is known why",
        ),
        pytest.param([READY, Paused()], 3, Wait(until=at(5)), id="paused"),
        pytest.param([READY, Paused()], 7, Skip(first=0, last=0, reason=GapReason.PAUSED), id="paused over a slot"),
        pytest.param([READY, Paused(), Resumed()], 0, take(0), id="resumed"),
        pytest.param([READY, ShotIntended(slot=0)], 2, Reconcile(slot=0, last=False), id="an answer is missing"),
        pytest.param([ShotIntended(slot=0)], 2, Connect(until=at(15)), id="an answer is missing, and the camera too"),
        pytest.param([READY, *learned(), *shot(0)], 3, Fetch(shot=URL0, until=at(9.75)), id="fetch what was taken"),
        pytest.param([READY, *shot(0)], 3, Settle(slot=0, until=at(15)), id="learn first how long it is busy"),
        pytest.param(
            [READY, *shot(0), CameraIdle(slot=0, busy_seconds=3.0)],
            3,
            Fetch(shot=URL0, until=at(9.75)),
            id="and then fetch",
        ),
        pytest.param([READY, *shot(0)], 9.8, Settle(slot=0, until=at(15)), id="no time left to fetch"),
        pytest.param([READY, *shot(0), stored(0)], 4, Settle(slot=0, until=at(15)), id="learn how long it is busy"),
        pytest.param([READY, *learned(), *shot(0), stored(0)], 4, Wait(until=at(9.95)), id="known to be quick"),
        pytest.param(
            [READY, *learned(), ShotIntended(slot=0), Gap(slot=0, reason=GapReason.CAMERA_BUSY)],
            4,
            Settle(slot=0, until=at(15)),
            id="found busy: wait until it is ready",
        ),
        pytest.param(
            [READY, *shot(0), *[FetchFailed(slot=0, detail="broken")] * 3],
            4,
            Skip(first=0, last=0, reason=GapReason.ON_CARD, detail="broken"),
            id="a picture that will not come stays on the card",
        ),
        pytest.param(
            [READY, *learned(), *shot(0), FetchFailed(slot=0, detail="")],
            0.3,
            Wait(until=at(0.5)),
            id="pause between tries",
        ),
        pytest.param(
            [READY, *learned(), *shot(0), FetchFailed(slot=0, detail="")],
            0.5,
            Fetch(shot=FAILED0, until=at(9.75)),
            id="try again",
        ),
        pytest.param(
            [READY, *shot(0), Paused()], 3, Fetch(shot=URL0, until=at(15)), id="a pause rests the shutter only"
        ),
        pytest.param(
            [*shot(0), Paused()], 3, Connect(until=at(15)), id="paused, with a picture to fetch and no camera"
        ),
        pytest.param(
            [READY, Paused(), ShotIntended(slot=0)],
            3,
            Reconcile(slot=0, last=False),
            id="paused, with an answer missing",
        ),
        pytest.param(
            [READY, *backlog()],
            3,
            Skip(first=0, last=0, reason=GapReason.ON_CARD, detail="there was no time to fetch it between the slots"),
            id="too many pictures wait",
        ),
        pytest.param([READY, StopAsked(by="signal")], 4, Finish(why="stopped"), id="stop"),
        pytest.param(
            [READY, *shot(0), StopAsked(by="signal")], 4, Fetch(shot=URL0, until=None), id="stop, after the frame"
        ),
        pytest.param([READY, *[stored(n) for n in range(5)]], 41, Finish(why="done"), id="all done"),
        pytest.param(
            [READY, *[stored(n) for n in range(4)], *shot(4)],
            41,
            Fetch(shot=Shot(slot=4, url="http://c/4.jpg"), until=None),
            id="last picture",
        ),
        pytest.param([ShotIntended(slot=4)], 42, Connect(until=at(70)), id="at the end, wait for a lost camera"),
        pytest.param([ShotIntended(slot=4)], 71, GiveUpIntent(slot=4), id="at the end, give up on an answer"),
        pytest.param(
            [*shot(4), CameraLost(detail="")],
            71,
            Skip(first=4, last=4, reason=GapReason.ON_CARD, detail="the camera did not come back"),
            id="at the end, give up on a picture",
        ),
    ],
)
def test_decides(events, now, action):
    assert decide(told(*events), at(now), POLICY) == action


def test_slots_before_this_run_were_missed_for_want_of_one():
    session = told(RunEnded(why="stopped"), READY)
    session = fold(session, Record(seq=9, utc=at(27), event=RunStarted(pid=2, version="0", count=5)))
    assert decide(session, at(27), POLICY) == Skip(first=0, last=2, reason=GapReason.NOT_RUNNING)


def test_a_shoot_made_longer_goes_on():
    session = told(READY, *[stored(n) for n in range(5)], RunEnded(why="done"))
    session = fold(session, Record(seq=99, utc=at(45), event=RunStarted(pid=2, version="0", count=9)))
    session = fold(session, Record(seq=100, utc=at(45), event=READY))
    assert decide(session, at(45), POLICY) == Wait(until=at(49.95))


def test_nothing_can_be_decided_before_the_beginning():
    with pytest.raises(ValueError, match="ShootBegan"):
        decide(Session(), BEGIN, POLICY)


class World:
    """A camera and a host that misbehave by chance; performs actions and keeps its own ledger."""

    def __init__(self, draw):
        self.draw, self.now, self.records, self.session = draw, at(-20), [], Session()
        self.exposed, self.stop_after = [], 400
        self.write(ShootBegan(origin=BEGIN.isoformat(), interval_seconds=10.0, count=12, source="camera"))
        self.write(RunStarted(pid=1, version="0", count=12))

    def write(self, event):
        record = Record(seq=len(self.records) + 1, utc=self.now, event=event)
        self.records.append(record)
        self.session = fold(self.session, record)

    def chance(self, *outcomes):
        return self.draw(st.sampled_from(outcomes))

    def pass_time(self, until):
        self.now = max(self.now, until) + timedelta(seconds=self.chance(0, 0, 0, 0.2, 7, 31))

    def perform(self, action):
        match action:
            case Wait(until=until):
                self.pass_time(until)
                self.steer()
            case Connect(until=until):
                if self.chance(True, True, False):
                    self.write(READY)
                else:
                    self.pass_time(until)
            case Take(slot=slot):
                self.write(ShotIntended(slot=slot))
                self.take(slot)
            case Reconcile(slot=slot):
                taken = slot in self.exposed
                self.write(
                    ShotTaken(slot=slot, url=f"u{slot}") if taken else Gap(slot=slot, reason=GapReason.ANSWER_LOST)
                )
            case GiveUpIntent(slot=slot):
                self.write(Gap(slot=slot, reason=GapReason.INTERRUPTED))
            case Settle(until=until):
                if self.chance(True, True, False):
                    self.write(CameraIdle(slot=0, busy_seconds=self.chance(3.0, None)))
                else:
                    self.pass_time(until)
                    self.write(Gap(slot=self.session.next_slot, reason=GapReason.CAMERA_BUSY))
            case Fetch(shot=shot, until=until):
                outcome = self.chance("stored", "stored", "failed", "lost", "cut off")
                if outcome == "cut off":
                    self.pass_time(until or self.now + timedelta(seconds=60))
                self.write(
                    {
                        "stored": stored(shot.slot),
                        "failed": FetchFailed(slot=shot.slot, detail=""),
                        "cut off": FetchFailed(slot=shot.slot, detail=""),
                        "lost": CameraLost(detail=""),
                    }[outcome]
                )
            case Skip(first=first, last=last, reason=reason):
                for slot in range(first, last + 1):
                    self.write(Gap(slot=slot, reason=reason))

    def steer(self):
        wish = self.chance(None, None, None, Paused(), Resumed())
        if wish is not None and isinstance(wish, Resumed) == self.session.paused:
            self.write(wish)

    def take(self, slot):
        self.now += timedelta(seconds=2)
        outcome = self.chance("answer", "answer", "answer", "busy", "lost", "lost before", "killed")
        if outcome in ("answer", "lost", "killed"):
            self.exposed.append(slot)
        match outcome:
            case "answer":
                self.write(ShotTaken(slot=slot, url=f"u{slot}", late_ms=0.0))
            case "busy":
                self.write(Gap(slot=slot, reason=GapReason.CAMERA_BUSY))
            case "lost" | "lost before":
                self.write(CameraLost(detail=""))
            case "killed":
                self.now += timedelta(seconds=self.chance(0, 3, 40))
                self.session = fold_all(self.records)
                self.write(RunStarted(pid=2, version="0", count=12))


@settings(max_examples=300)
@given(st.data())
def test_every_slot_ends_as_one_frame_or_one_gap_whatever_happens(data):
    world = World(data.draw)
    for _ in range(400):
        action = decide(world.session, world.now, POLICY)
        if isinstance(action, Finish):
            break
        world.perform(action)
    else:
        pytest.fail("the shoot never ended")
    events = [record.event for record in world.records]
    ended = [event.slot for event in events if isinstance(event, FrameStored | Gap)]
    assert sorted(ended) == list(range(12))
    assert len(world.exposed) == len(set(world.exposed)), "a slot was exposed twice"
    assert world.session == fold_all(world.records), "a restart must see the same"
    assert (world.session.frames, world.session.gaps) == (
        sum(isinstance(event, FrameStored) for event in events),
        sum(isinstance(event, Gap) for event in events),
    )


def test_a_session_stays_small():
    session = told(READY, count=None)
    for slot in range(2_000):
        for event in (*shot(slot), CameraIdle(slot=slot, busy_seconds=3.0), stored(slot)):
            session = fold(session, Record(seq=1, utc=at(slot), event=event))
    assert (session.frames, session.unfetched, len(session.busy)) == (2_000, (), 100)


def test_a_reason_learned_while_the_camera_is_away_does_not_lengthen_the_wait_for_it():
    lost = fold(told(READY), Record(seq=9, utc=at(20), event=CameraLost(detail="no answer")))
    again = fold(lost, Record(seq=10, utc=at(28), event=CameraLost(detail="another body answers")))
    assert again.link_changed == lost.link_changed == at(20)
    assert again.hindered_until == lost.hindered_until
    assert again.trouble == "another body answers"


def after(session, *events):
    """Fold further events, each at its moment in seconds."""
    for seconds, event in events:
        session = fold(session, Record(seq=100, utc=at(seconds), event=event))
    return session


def reason_at(session, now):
    action = decide(session, at(now), POLICY)
    assert isinstance(action, Skip)
    return action.first, action.last, action.reason


BUSY, AWAY = GapReason.CAMERA_BUSY, GapReason.CAMERA_UNREACHABLE


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        pytest.param([(1, CameraLost(detail="x", heard=True, answers=True))], 27, (0, 2, BUSY), id="not ready"),
        pytest.param(
            [(1, CameraLost(detail="x", answers=True)), (16, CameraLost(detail="y"))], 27, (0, 2, AWAY), id="then gone"
        ),
        pytest.param(
            [(1, CameraLost(detail="x")), (16, CameraLost(detail="y", answers=True)), (26, READY)],
            26,
            (0, 1, AWAY),
            id="gone, then not ready",
        ),
        pytest.param(
            [(0, ShotIntended(slot=0)), (17, CameraLost(detail="x", heard=True))], 17, (1, 1, BUSY), id="broken off"
        ),
        pytest.param([(0, ShotIntended(slot=0)), (17, CameraLost(detail="x"))], 17, (1, 1, AWAY), id="silence"),
        pytest.param(
            [
                (0, ShotIntended(slot=0)),
                (1, CameraLost(detail="x")),
                (14, READY),
                (16, Gap(slot=0, reason=GapReason.ANSWER_LOST)),
            ],
            16,
            (1, 1, AWAY),
            id="due while it was away, closed while it was asked",
        ),
        pytest.param(
            [
                (0, ShotIntended(slot=0)),
                (12, RunStarted(pid=2, version="0", count=5)),
                (14, READY),
                (27, ShotTaken(slot=0, url="u", reconciled=True)),
            ],
            27,
            (1, 1, GapReason.NOT_RUNNING),
            id="due while nothing ran, closed while it was asked",
        ),
        pytest.param(
            [(12, RunStarted(pid=2, version="0", count=5)), (17, READY)],
            17,
            (0, 1, GapReason.NOT_RUNNING),
            id="due while nothing ran, closed while the camera was made ready",
        ),
        pytest.param(
            [
                (1, CameraLost(detail="x", answers=True)),
                (45, HostStalled(seconds=30.1, asleep=False)),
                (45, CameraLost(detail="y")),
            ],
            45,
            (0, 1, BUSY),
            id="due while it was not ready, closed about when the process stood still",
        ),
        pytest.param(
            [
                (0, ShotIntended(slot=0)),
                (45, HostStalled(seconds=28.1, asleep=False)),
                (45, CameraLost(detail="no answer within 40 s")),
            ],
            45,
            (1, 1, BUSY),
            id="due while an answer was waited for, closed about when the process stood still",
        ),
        pytest.param(
            [(1, CameraLost(detail="x", answers=True)), (22, CameraLost(detail="y", busy_before=8.0))],
            27,
            (0, 1, BUSY),
            id="not ready, then silent",
        ),
        pytest.param(
            [(44, HostStalled(seconds=40.1, asleep=False)), (44, CameraLost(detail="y"))],
            44,
            (0, 3, GapReason.HOST_LATE),
            id="due while all was well, closed when the process stood still",
        ),
    ],
)
def test_a_slot_that_went_by_is_given_the_cause_of_its_own_moment(events, now, expected):
    assert reason_at(after(told(READY), *events), now) == expected


def test_how_the_answer_was_lost_outlives_the_process():
    session = after(told(READY), (0, ShotIntended(slot=0)), (1, CameraLost(detail="the connection broke")))
    session = after(session, (3, RunStarted(pid=2, version="0", count=5)), (4, READY))
    assert (session.open_intent, session.intent_lost) == (0, "the connection broke")
    assert after(session, (5, Gap(slot=0, reason=BUSY)), (10, ShotIntended(slot=1))).intent_lost is None


HOURS = 3600.0
# Three slots every 10 s, nothing for hours, then slots every 60 s of which the plan knows two so far.
NIGHTS = [
    StretchPlanned(first=0, origin=at(0).isoformat(), interval_seconds=10.0, count=3, window="2026-06-01"),
    StretchPlanned(first=3, origin=at(9 * HOURS).isoformat(), interval_seconds=60.0, count=2, window="2026-06-02"),
]
ANEW = StretchPlanned(first=1, origin=at(12).isoformat(), interval_seconds=4.0, count=None)
THREE = [READY, *learned(), *[stored(slot) for slot in range(3)]]


@pytest.mark.parametrize(
    ("events", "now", "action"),
    [
        pytest.param([READY, NIGHTS[0]], 0, take(0), id="a stretch of which slots are left"),
        pytest.param([READY, NIGHTS[0], stored(0), stored(1)], 12, PlanOn(after=2), id="the last slot: plan on"),
        pytest.param([READY, *learned(), NIGHTS[0], stored(0), stored(1)], 19.95, take(2), id="no time to plan"),
        pytest.param([READY, *learned(), NIGHTS[0], stored(0), stored(1)], 21, take(2), id="late: none to plan either"),
        pytest.param([NIGHTS[0], *THREE], 21, PlanOn(after=2), id="no slot is left: plan on"),
        pytest.param(
            [READY, *learned(), NIGHTS[0], stored(0), stored(1), SlotsOver(count=3)], 20, take(2), id="the last of all"
        ),
        pytest.param([NIGHTS[0], *THREE, SlotsOver(count=3)], 21, Finish(why="done"), id="no stretch more"),
        pytest.param([*NIGHTS, *THREE], 3 * HOURS, Wait(until=at(9 * HOURS - 0.05)), id="hours to the next window"),
        pytest.param(
            [*NIGHTS, *THREE],
            9 * HOURS + 29,
            Take(slot=3, due=at(9 * HOURS), closes=at(9 * HOURS + 30)),
            id="late by the new interval",
        ),
        pytest.param(
            [*NIGHTS, *THREE, stored(3)], 9 * HOURS + 1, PlanOn(after=4), id="planned on while a slot is left"
        ),
        pytest.param(
            [*NIGHTS, *THREE, CameraLost(detail="")],
            9 * HOURS + 30,
            Skip(first=3, last=3, reason=GapReason.CAMERA_UNREACHABLE),
            id="no camera when the window opens",
        ),
        pytest.param(
            [*NIGHTS, READY, stored(0)],
            8 * HOURS,
            Skip(first=1, last=2, reason=GapReason.HOST_LATE),
            id="to the end of one",
        ),
        pytest.param(
            [*NIGHTS, READY, stored(0)],
            20 * HOURS,
            Skip(first=1, last=4, reason=GapReason.HOST_LATE),
            id="over a whole one",
        ),
        pytest.param(
            [*NIGHTS, *THREE, *shot(3)], 9 * HOURS + 3, PlanOn(after=4), id="planning costs no slot: it comes at once"
        ),
        pytest.param([*NIGHTS, *THREE, StopAsked(by="signal")], HOURS, Finish(why="stopped"), id="stopped between two"),
        pytest.param(
            [NIGHTS[0], ANEW, READY, stored(0)],
            11.95,
            Take(slot=1, due=at(12), closes=at(14)),
            id="planned anew from the next slot on",
        ),
    ],
)  # fmt: skip
def test_decides_between_stretches(events, now, action):
    assert decide(told(*events, count=None), at(now), POLICY) == action


def test_a_whole_window_without_a_run_is_a_gap_for_each_of_its_slots():
    session = told(*NIGHTS, *THREE, RunEnded(why="stopped"), count=None)
    session = fold(session, Record(seq=9, utc=at(20 * HOURS), event=RunStarted(pid=2, version="0", count=None)))
    assert decide(session, at(20 * HOURS), POLICY) == Skip(first=3, last=4, reason=GapReason.NOT_RUNNING)


def test_a_slot_is_over_when_the_next_one_is_due():
    quick = StretchPlanned(first=1, origin=at(2).isoformat(), interval_seconds=2.0, count=None)
    assert decide(told(READY, quick), at(0), POLICY) == Take(slot=0, due=at(0), closes=at(2))
    assert decide(told(READY, quick), at(2), POLICY) == Skip(first=0, last=0, reason=GapReason.HOST_LATE)


def test_a_camera_that_answers_again_is_what_keeps_the_slots_from_then_on_and_not_those_before():
    session = after(told(READY), (2, CameraLost(detail="gone")), (18, CameraLost(detail="it starts", answers=True)))
    assert decide(session, at(29), POLICY) == Skip(first=0, last=1, reason=AWAY)
    session = after(session, (29, Gap(slot=0, reason=AWAY)), (29, Gap(slot=1, reason=AWAY)))
    assert decide(session, at(29), POLICY) == Skip(first=2, last=2, reason=BUSY, detail="it starts")
