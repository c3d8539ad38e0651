"""The loop against a simulated camera that misbehaves by script: every slot a frame or a gap, never two exposures."""

from datetime import timedelta

import pytest

from dayspool.core.events import IntervalTooShort
from dayspool.core.frame import GapReason
from dayspool.journal import RequestKind, leave_request
from dayspool.picture import inspect
from dayspool.sim import Fault, FaultKind
from dayspool.testing import BEGINNING
from tests.shoot.scenes import play


def check(played, slots):
    """Hold what must hold in every shoot: one row a slot, at most one exposure a slot, whole files."""
    frames = [row.slot for row in played.frames]
    assert sorted([*frames, *played.gaps]) == list(range(slots))
    exposed = [exposure.slot for exposure in played.exposures]
    assert len(exposed) == len(set(exposed)), f"a slot was exposed twice: {exposed}"
    assert set(frames) <= set(exposed)
    assert played.session.open_intent is None
    on_disk = sorted(path.name for path in (played.folder / "frames").iterdir())
    assert on_disk == [row.name for row in played.frames]
    for row in played.frames:
        data = (played.folder / "frames" / row.name).read_bytes()
        assert inspect(data).width == 48
        assert len(data) == row.size_bytes
    assert (played.summary.frames, played.summary.gaps) == (len(frames), len(played.gaps))


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_a_quiet_shoot(tmp_path, backend):
    played = play(tmp_path, backend=backend)
    check(played, 6)
    assert played.gaps == {}
    assert played.summary.ended == "done"
    assert played.summary.exposures == 6
    assert [exposure.utc for exposure in played.exposures] == [
        BEGINNING + n * timedelta(seconds=10) for n in range(6)
    ], "not a microsecond late"
    assert all(row.shutter_seconds and row.iso and row.taken for row in played.frames)


def test_begins_on_the_epoch_grid(tmp_path):
    played = play(tmp_path, began=BEGINNING + timedelta(seconds=3.7))
    assert played.exposures[0].utc == BEGINNING + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("faults", "gaps"),
    [
        pytest.param([Fault(kind=FaultKind.ANSWER_LOST, shot=2)], {}, id="the answer is lost, the exposure is found"),
        pytest.param([Fault(kind=FaultKind.ANSWER_LOST, every=1)], {}, id="every answer is lost"),
        pytest.param(
            [Fault(kind=FaultKind.RESET, shot=2)], {1: GapReason.ANSWER_LOST}, id="it breaks before the exposure"
        ),
        pytest.param([Fault(kind=FaultKind.BUSY, shot=2)], {1: GapReason.CAMERA_BUSY}, id="busy"),
        pytest.param([Fault(kind=FaultKind.SHUTTER_FAILED, shot=2)], {1: GapReason.SHUTTER_FAILED}, id="no focus"),
        pytest.param([Fault(kind=FaultKind.LONG_EXPOSURE, shot=2, seconds=17)], {2: GapReason.CAMERA_BUSY}, id="40403"),
        pytest.param(
            [Fault(kind=FaultKind.LONG_EXPOSURE, shot=2, seconds=37)],
            dict.fromkeys((2, 3, 4), GapReason.CAMERA_BUSY),
            id="40403, three times",
        ),
        pytest.param([Fault(kind=FaultKind.PICTURE_TRUNCATED, shot=2)], {}, id="a picture cut short, once"),
        pytest.param([Fault(kind=FaultKind.PICTURE_GARBAGE, shot=2)], {}, id="a picture that is none, once"),
        pytest.param(
            [Fault(kind=FaultKind.PICTURE_GARBAGE, shot=2, times=9)], {1: GapReason.ON_CARD}, id="always none"
        ),
        pytest.param([Fault(kind=FaultKind.PICTURE_GONE, shot=2)], {1: GapReason.ON_CARD}, id="the picture is gone"),
        pytest.param([Fault(kind=FaultKind.WRONG_SHOOT_MODE)], {}, id="it comes up in movie mode"),
        pytest.param(
            [Fault(kind=FaultKind.LINK_DOWN, begins=12, ends=38)],
            {2: GapReason.CAMERA_UNREACHABLE, 3: GapReason.CAMERA_UNREACHABLE},
            id="the link goes and comes back",
        ),
        pytest.param([Fault(kind=FaultKind.LINK_DOWN, begins=11.0, ends=14)], {}, id="the link goes while it exposes"),
        pytest.param(
            [Fault(kind=FaultKind.LINK_DOWN, begins=0, ends=18)],
            {0: GapReason.CAMERA_UNREACHABLE, 1: GapReason.CAMERA_UNREACHABLE},
            id="there is no camera at first",
        ),
        pytest.param(
            [Fault(kind=FaultKind.LINK_DOWN, begins=35)],
            {4: GapReason.ANSWER_LOST, 5: GapReason.CAMERA_UNREACHABLE},
            id="the link goes for good",
        ),
        pytest.param(
            [Fault(kind=FaultKind.LINK_DOWN, begins=51)],
            {5: GapReason.ANSWER_LOST},
            id="the link goes for good with the last exposure under way",
        ),
    ],
)
def test_mishaps(tmp_path, faults, gaps):
    played = play(tmp_path, *faults)
    check(played, 6)
    if played.gaps != gaps:
        print(*played.records, sep="\n")
    assert played.gaps == gaps


def test_a_camera_that_needs_longer_than_the_interval_loses_slots_and_not_the_grid(tmp_path):
    played = play(tmp_path, every="2s", frames=20)
    check(played, 20)
    assert played.frames
    assert set(played.gaps.values()) == {GapReason.CAMERA_BUSY}
    assert all(
        (exposure.utc - BEGINNING) % timedelta(seconds=2) <= timedelta(seconds=1) for exposure in played.exposures
    ), "late by half the interval at most"


def test_an_interval_too_short_is_told_as_advised_and_once_more_as_measured_and_never_refused(tmp_path):
    played = play(tmp_path, every="2s", frames=60, model="DSC-RX100M2")
    said = [record.event for record in played.records if isinstance(record.event, IntervalTooShort)]
    assert [one.learned for one in said] == [False, True]
    assert said[0].shortest_seconds == 5.0
    assert 2.0 < said[1].shortest_seconds < 6.0
    assert played.summary.ended == "done"


def test_an_interval_that_the_camera_keeps_needs_no_word(tmp_path):
    assert play(tmp_path, frames=12, model="DSC-RX100M2").count(IntervalTooShort) == 0


def test_requests_pause_resume_and_stop(tmp_path):
    async def steer(intervalometer, clock, folder):
        for seconds, kind in ((15, RequestKind.PAUSE), (42, RequestKind.RESUME), (74, RequestKind.STOP)):
            await clock.sleep_until(BEGINNING + timedelta(seconds=seconds))
            leave_request(folder, kind, clock.utc())

    played = play(tmp_path, frames=20, steer=steer)
    assert played.gaps == dict.fromkeys((2, 3), GapReason.PAUSED)
    assert [row.slot for row in played.frames] == [0, 1, 4, 5, 6, 7], "resumed at 42 s, slot 4 is taken late"
    assert played.summary.ended == "stopped"


def test_stop_finishes_the_frame_in_hand(tmp_path):
    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=21))
        intervalometer.stop()

    played = play(tmp_path, steer=steer)
    assert [row.slot for row in played.frames] == [0, 1, 2]
    assert played.gaps == {}
    assert played.summary.ended == "stopped"


def test_stop_while_nothing_happens_ends_at_once(tmp_path):
    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=1000))
        intervalometer.stop()

    played = play(tmp_path, every="1h", steer=steer)
    ended = played.records[-1].utc
    assert ended < BEGINNING + timedelta(seconds=1001)


def test_a_shoot_that_goes_on_counts_the_slots_between(tmp_path):
    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=21))
        intervalometer.stop()

    play(tmp_path, frames=12, steer=steer)
    played = play(tmp_path, frames=12, began=BEGINNING + timedelta(seconds=64), seed=4)
    assert played.gaps == dict.fromkeys((3, 4, 5), GapReason.NOT_RUNNING)
    assert [row.slot for row in played.frames] == [0, 1, 2, 6, 7, 8, 9, 10, 11], "slot 6, due 4 s ago, is taken late"


def test_a_finished_shoot_run_again_takes_nothing(tmp_path):
    play(tmp_path)
    again = play(tmp_path, began=BEGINNING + timedelta(hours=1))
    assert again.summary.frames == 6
    assert len(again.exposures) == 6
