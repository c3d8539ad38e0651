"""Odd answers and bad moments: what a shoot makes of them must be true, and never a second exposure."""

from dataclasses import replace
from datetime import timedelta

import anyio
import httpx2
import pytest

from dayspool.core.events import (
    CameraIdle,
    CameraLost,
    CameraReady,
    ClockStepped,
    FetchFailed,
    Gap,
    HostStalled,
)
from dayspool.core.frame import GapReason
from dayspool.errors import PlanError
from dayspool.journal import RequestKind, leave_request
from dayspool.shoot.store import FrameStore
from dayspool.sim import RX100M2, Fault, FaultKind
from dayspool.testing import BEGINNING
from tests.shoot.scenes import lines_of, numbers_taken, play
from tests.shoot.test_intervalometer import check

LONG = Fault(kind=FaultKind.LONG_EXPOSURE, shot=2, seconds=18)


def refuse(error):
    def answer(call):
        if call.method == "awaitTakePicture" and call.times == 1:
            if isinstance(error, Exception):
                raise error
            return {"error": error}
        return None

    return answer


@pytest.mark.parametrize(
    "error",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadError("broke"),
        [1, "Not Available Now"],
        [40401, "x"],
        [12, "x"],
        [3, "x"],
    ],
    ids=["no connection", "broken", "busy", "not ready", "no such method", "illegal"],
)
def test_whatever_happens_to_a_long_exposures_answer_it_is_one_exposure(tmp_path, error):
    played = play(tmp_path, LONG, answer=refuse(error))
    check(played, 6)
    assert numbers_taken(played.records) == [line["n"] for line in lines_of(tmp_path / "ledger.jsonl")]
    assert 1 in [row.slot for row in played.frames], "the long exposure itself is a frame"


def test_yesterdays_picture_is_nobodys_frame(tmp_path):
    async def yesterday(body):
        await body.take_picture()
        await anyio.sleep(5)

    played = play(tmp_path, Fault(kind=FaultKind.RESET, shot=2), before=yesterday)
    assert played.gaps == {0: GapReason.ANSWER_LOST}
    assert len(played.frames) == 5


def test_a_picture_taken_by_hand_while_the_link_was_away_is_nobodys_frame(tmp_path):
    bodies = []

    async def keep(body):
        bodies.append(body)

    async def by_hand(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=90))
        await bodies[0].take_picture()

    played = play(
        tmp_path,
        Fault(kind=FaultKind.LINK_DOWN, begins=70, ends=110),
        Fault(kind=FaultKind.RESET, shot=4),
        every="1m",
        before=keep,
        steer=by_hand,
    )
    assert played.gaps == {2: GapReason.ANSWER_LOST}
    assert len(played.exposures) == 6, "one of them by hand"


def test_frames_that_no_journal_knows_are_not_adopted(tmp_path):
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "000000.jpg").write_bytes(b"somebody's")
    with pytest.raises(BaseExceptionGroup) as caught:
        play(tmp_path)
    assert caught.group_contains(PlanError, match="no journal knows")
    assert (tmp_path / "frames" / "000000.jpg").read_bytes() == b"somebody's"


def test_a_picture_on_the_disk_is_a_frame_though_the_run_was_killed_before_it_said_so(tmp_path, monkeypatch):
    put = FrameStore.put

    class Killed(BaseException):
        pass

    def put_and_die(store, slot, data):
        put(store, slot, data)
        raise Killed

    monkeypatch.setattr(FrameStore, "put", put_and_die)
    with pytest.raises(BaseExceptionGroup) as caught:
        play(tmp_path)
    assert caught.group_contains(Killed)
    monkeypatch.setattr(FrameStore, "put", put)
    gone = Fault(kind=FaultKind.LINK_DOWN, begins=0)
    played = play(tmp_path, gone, began=BEGINNING + timedelta(seconds=100))
    assert [row.slot for row in played.frames] == [0]
    assert played.gaps == dict.fromkeys(range(1, 6), GapReason.NOT_RUNNING)


class Oversleeping:
    """A clock on a machine that is suspended for an hour in the wait before slot 2."""

    def __init__(self, clock):
        self._clock = clock
        self._slept = timedelta(0)

    def utc(self):
        return self._clock.utc() + self._slept

    def stepped(self):
        return 0.0

    async def sleep_until(self, when):
        await self._clock.sleep_until(when - self._slept)
        if when == BEGINNING + timedelta(seconds=20) and not self._slept:
            self._slept = timedelta(hours=1)


def test_a_machine_that_slept_over_its_slot_does_not_shoot_into_it(tmp_path):
    played = play(tmp_path, frames=400, wrap_clock=Oversleeping)
    late = [row.late_ms for row in played.frames]
    assert max(late) < 5000
    asleep = dict.fromkeys((3, 300), GapReason.HOST_ASLEEP)
    assert {slot: played.gaps[slot] for slot in (2, 3, 300)} == {2: GapReason.HOST_LATE, **asleep}
    assert [record.event.asleep for record in played.records if isinstance(record.event, HostStalled)] == [True]
    assert len(played.frames) == 400 - 360
    details = {record.event.slot: record.event.detail for record in played.records if isinstance(record.event, Gap)}
    assert details[300] == "this machine was asleep for 1h"


def test_a_camera_that_is_long_not_ready_costs_its_slot_and_not_those_far_ahead(tmp_path):
    played = play(tmp_path, Fault(kind=FaultKind.NOT_READY, shot=2, seconds=300), every="20m", frames=4)
    assert played.gaps == {1: GapReason.CAMERA_BUSY}


def test_a_mode_dial_turned_during_the_shoot_costs_one_slot(tmp_path):
    played = play(tmp_path, Fault(kind=FaultKind.WRONG_SHOOT_MODE, begins=15), frames=8)
    check(played, 8)
    assert played.gaps == {2: GapReason.CAMERA_BUSY}
    assert max(played.session.busy) < 6, "a refusal is no busy time"


def test_a_pause_does_not_cost_the_picture_in_hand(tmp_path):
    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=11))
        leave_request(folder, RequestKind.PAUSE, clock.utc())
        await clock.sleep_until(BEGINNING + timedelta(seconds=600))
        leave_request(folder, RequestKind.STOP, clock.utc())

    played = play(tmp_path, frames=100, steer=steer)
    assert [row.slot for row in played.frames] == [0, 1]
    assert set(played.gaps.values()) == {GapReason.PAUSED}


@pytest.mark.parametrize("code", [40402, 1, 2])
def test_somebody_elses_poll_does_not_make_a_storm(tmp_path, code):
    calls = {"receiveEvent": 0}

    def answer(call):
        if call.method == "receiveEvent":
            calls["receiveEvent"] += 1
            return {"error": [code, "x"]} if call.params == [True] else None
        return None

    played = play(tmp_path, answer=answer)
    check(played, 6)
    assert played.gaps == {}
    assert played.count(CameraReady) == 1
    assert calls["receiveEvent"] < 6 * 2 * 5 / 0.2, "polls are spaced"


def test_a_camera_that_answers_and_then_breaks_is_not_asked_in_a_storm(tmp_path):
    def answer(call):
        if call.method == "actTakePicture":
            raise httpx2.ReadError("broke")
        return None

    played = play(tmp_path, answer=answer, frames=20)
    assert set(played.gaps.values()) <= {GapReason.ANSWER_LOST, GapReason.CAMERA_UNREACHABLE, GapReason.CAMERA_BUSY}
    assert played.count(CameraReady) <= 41
    assert played.exposures == []


def test_a_defect_of_ours_costs_frames_and_not_the_night(tmp_path, monkeypatch, caplog):
    def broken(store, slot, data):
        raise ZeroDivisionError

    monkeypatch.setattr(FrameStore, "put", broken)
    played = play(tmp_path, frames=10)
    assert played.summary.ended == "done"
    assert len(played.exposures) >= 5
    assert played.count(CameraReady) < 100
    told = [record for record in caplog.records if "unexpected while performing" in record.message]
    assert [record.exc_info is not None for record in told][:1] == [True], "the first one with its traceback"
    assert 2 <= len(told) <= 4, "its repeats are counted"


def test_a_slow_refusal_is_the_cameras_fault(tmp_path):
    async def hunt_for_focus():
        await anyio.sleep(17)
        return {"error": [40400, "Shooting fail"]}

    def answer(call):
        return hunt_for_focus() if call.method == "actTakePicture" and call.times == 2 else None

    played = play(tmp_path, answer=answer)
    assert played.gaps == {1: GapReason.SHUTTER_FAILED, 2: GapReason.CAMERA_BUSY}


def test_a_full_card_is_named(tmp_path):
    played = play(tmp_path, profile=replace(RX100M2, card_images=3))
    assert len(played.frames) == 3
    assert played.gaps == dict.fromkeys((3, 4, 5), GapReason.CARD_FULL)


def test_the_camera_is_kept_awake_between_rare_slots(tmp_path):
    polls = []

    def answer(call):
        if call.method == "receiveEvent":
            polls.append(call.times)

    played = play(tmp_path, every="5m", frames=3, answer=answer)
    assert played.gaps == {}
    assert 50 <= len(polls) <= 70, "every ten seconds, in ten minutes"


def test_a_slow_answer_between_slots_is_no_defect(tmp_path, caplog):
    async def slowly():
        await anyio.sleep(3)

    def answer(call):
        return slowly() if call.method == "receiveEvent" and call.times == 8 else None

    played = play(tmp_path, every="5m", frames=2, answer=answer)
    assert played.gaps == {}
    assert caplog.text == ""
    (lost,) = [record.event for record in played.records if isinstance(record.event, CameraLost)]
    assert "no whole answer" in lost.detail


def test_a_wish_to_stop_is_heard_while_the_camera_is_away(tmp_path):
    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=200))
        leave_request(folder, RequestKind.STOP, clock.utc())

    played = play(tmp_path, Fault(kind=FaultKind.LINK_DOWN, begins=0), every="1h", steer=steer)
    assert played.summary.ended == "stopped"
    assert played.records[-1].utc < BEGINNING + timedelta(seconds=215)


def test_a_second_wish_to_stop_does_not_wait_for_a_hung_camera(tmp_path):
    def answer(call):
        return anyio.sleep_forever() if call.method == "receiveEvent" and call.times > 1 else None

    async def steer(intervalometer, clock, folder):
        for seconds in (4, 6):
            await clock.sleep_until(BEGINNING + timedelta(seconds=seconds))
            intervalometer.stop()

    played = play(tmp_path, answer=answer, steer=steer)
    assert played.summary.ended == "stopped"
    assert played.records[-1].utc < BEGINNING + timedelta(seconds=7)
    assert played.gaps == {}


class Stepping:
    """A wall clock that jumps an hour back after 25 s."""

    def __init__(self, clock):
        self._clock = clock
        self.utc, self.sleep_until = clock.utc, clock.sleep_until

    def stepped(self):
        return -3600.0 if self.utc() > BEGINNING + timedelta(seconds=25) else 0.0


def test_a_step_of_the_wall_clock_is_told_and_moves_no_slot(tmp_path):
    played = play(tmp_path, wrap_clock=Stepping)
    check(played, 6)
    assert played.gaps == {}
    assert [record.event for record in played.records if isinstance(record.event, ClockStepped)] == [
        ClockStepped(seconds=-3600.0)
    ]


def test_downloads_that_are_cut_off_are_told_and_bounded(tmp_path):
    played = play(tmp_path, every="3s", frames=40, seed=9, answer=None)
    check(played, 40)
    assert len(played.session.unfetched) == 0
    assert played.count(FetchFailed) <= 40


def test_a_refused_shot_teaches_no_busy_time(tmp_path):
    played = play(tmp_path, Fault(kind=FaultKind.BUSY, shot=3))
    seen = [record.event for record in played.records if isinstance(record.event, CameraIdle)]
    assert [event.busy_seconds is None for event in seen if event.slot == 2] == [True]


def test_gaps_carry_what_was_said(tmp_path):
    played = play(tmp_path, Fault(kind=FaultKind.PICTURE_GARBAGE, shot=2, times=9))
    (gap,) = [record.event for record in played.records if isinstance(record.event, Gap)]
    assert "no whole JPEG" in gap.detail
    tries = [record.utc for record in played.records if isinstance(record.event, FetchFailed)]
    assert len(tries) == 3
    assert tries[1] - tries[0] >= timedelta(seconds=0.5)
    assert tries[2] - tries[1] >= timedelta(seconds=1)


def test_asyncio_too(tmp_path):
    played = play(tmp_path, LONG, Fault(kind=FaultKind.ANSWER_LOST, shot=4), backend="asyncio")
    check(played, 6)
    assert played.gaps == {2: GapReason.CAMERA_BUSY}


def test_a_picture_that_comes_again_is_no_frame(tmp_path):
    played = play(tmp_path, Fault(kind=FaultKind.PICTURE_REPEATED, shot=3))
    assert played.gaps == {2: GapReason.FROZEN_PICTURE}
    assert played.count(FetchFailed) == 1, "it is asked for a second time"
    assert len({row.size_bytes for row in played.frames}) > 1
