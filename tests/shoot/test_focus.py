"""Shoots with bodies that take no picture in AF without a half-press, when time is short or the camera declines."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from dayspool.core.events import CameraLost, CameraReady, FocusHeld, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.sim import PROFILES, Fault, FaultKind
from dayspool.testing import BEGINNING
from tests.shoot.scenes import play
from tests.shoot.test_bodies import FocusingBody
from tests.shoot.test_intervalometer import check

MARGIN = timedelta(seconds=8)


class SlowToFocus(FocusingBody):
    """Focuses so many seconds after its half-press; until then it takes no picture, and says so by its events."""

    def __init__(self, *, focus_seconds=0.4, ends="Focused", declines=(), answer_seconds=0.0):
        super().__init__()
        self.focus_seconds, self.ends = focus_seconds, ends
        self.declines, self.answer_seconds = declines, answer_seconds
        self.presses = []
        self.shots = []
        self.since = None

    async def __call__(self, call):
        now = anyio.current_time()
        match call.method:
            case "actHalfPressShutter":
                self.presses.append(now)
                await anyio.sleep(self.answer_seconds)
                if len(self.presses) in self.declines:
                    return {"error": [1, "Not Available Now"]}
                self.since = anyio.current_time()
                return {"result": []}
            case "cancelHalfPressShutter":
                self.since = None
                return {"result": []}
            case "actTakePicture":
                self.shots.append(now)
                return None if self.focused(now) == "Focused" else {"error": [40400, "Shooting fail"]}
            case "receiveEvent" | "getEvent" if call.params == [False]:
                return {"result": self.events(now, busy=len(self.presses) in self.declines)}
        return None

    def focused(self, now):
        if self.since is None:
            return "Not Focusing"
        return self.ends if now - self.since >= self.focus_seconds else "Focusing"

    def events(self, now, *, busy):
        names = ["receiveEvent", "actTakePicture", "actHalfPressShutter", "cancelHalfPressShutter"]
        return [
            {"type": "availableApiList", "names": names},
            {"type": "cameraStatus", "cameraStatus": "StillSaving" if busy else "IDLE"},
            {"type": "shootMode", "currentShootMode": "still"},
            {"type": "focusStatus", "focusStatus": self.focused(now)},
        ]


def late_ms(played):
    return [record.event.late_ms for record in played.records if isinstance(record.event, ShotTaken)]


def test_a_declined_half_press_costs_no_slot_and_hides_no_lateness(tmp_path):
    body = SlowToFocus(declines=(3, 4))
    played = play(tmp_path, model="ILCE-7M3", answer=body, frames=4, began=BEGINNING - MARGIN)
    check(played, 4)
    assert played.gaps == {}
    assert late_ms(played) == [0.0] * 4, "it is asked again well before the instant"
    assert len(body.presses) == 6
    assert len(body.shots) == 4


def test_a_camera_that_declines_up_to_the_instant_is_shot_with_late_and_the_journal_says_how_late(tmp_path):
    body = SlowToFocus(declines=range(2, 24))
    played = play(tmp_path, model="ILCE-7M3", answer=body, frames=3, began=BEGINNING - MARGIN)
    check(played, 3)
    assert played.gaps == {}
    exposed = [(exposure.utc - BEGINNING) / timedelta(milliseconds=1) for exposure in played.exposures]
    assert [late + slot * 10_000 for slot, late in enumerate(late_ms(played))] == pytest.approx(exposed)
    assert 500 < late_ms(played)[1] < 5_000
    assert len(body.shots) == 3, "one request a slot"


@pytest.mark.parametrize("name", ["a7m3", "rx0"])
@pytest.mark.parametrize("milliseconds", [20, 150, 400])
def test_little_time_before_the_instant_makes_a_late_frame_and_no_gap(tmp_path, name, milliseconds):
    body = SlowToFocus(focus_seconds=0.6)
    began = BEGINNING - timedelta(milliseconds=milliseconds)
    played = play(tmp_path, model=PROFILES[name].model, answer=body, frames=3, began=began)
    check(played, 3)
    assert played.gaps == {}
    assert 0 < late_ms(played)[0] < 1000
    assert late_ms(played)[1:] == [0.0, 0.0]


def test_a_slow_answer_to_the_half_press_makes_a_late_frame(tmp_path):
    body = SlowToFocus(answer_seconds=4.0, focus_seconds=0.0)
    played = play(tmp_path, model="ILCE-7M3", answer=body, frames=3, began=BEGINNING - MARGIN)
    check(played, 3)
    assert played.gaps == {}
    assert all(1000 <= ms < 1200 for ms in late_ms(played)), "asked 3 s before, answered 1 s after the instant"
    assert played.count(CameraLost) == 0


def test_a_half_press_that_is_never_answered_is_the_cameras_fault_and_hangs_nothing(tmp_path):
    body = SlowToFocus(answer_seconds=9_999.0)
    played = play(tmp_path, model="ILCE-7M3", answer=body, frames=3, began=BEGINNING - MARGIN)
    check(played, 3)
    assert set(played.gaps.values()) <= {GapReason.CAMERA_UNREACHABLE, GapReason.CAMERA_BUSY}
    assert body.shots == []
    assert played.records[-1].utc < BEGINNING + timedelta(minutes=1)


@pytest.mark.parametrize("every", ["1s", "2s"])
def test_where_the_time_ends_before_focus_does_nothing_is_sent(tmp_path, every):
    body = SlowToFocus(focus_seconds=9_999.0)
    played = play(tmp_path, model="ILCE-7M3", answer=body, frames=4, every=every, began=BEGINNING - MARGIN)
    check(played, 4)
    assert played.gaps == dict.fromkeys(range(4), GapReason.CAMERA_BUSY)
    assert body.shots == []


def test_focus_that_fails_in_time_is_tried_on_the_instant(tmp_path):
    body = SlowToFocus(ends="Failed")
    played = play(tmp_path, model="ILCE-7M3", answer=body, frames=3, began=BEGINNING - MARGIN)
    assert played.gaps == dict.fromkeys(range(3), GapReason.SHUTTER_FAILED)
    assert len(body.shots) == 3


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("name", "every"), [("a7m3", "3s"), ("rx0", "3s"), ("a7m3", "2s"), ("rx0", "2s")])
def test_short_intervals_lose_no_slot_that_can_be_kept(tmp_path, name, every, known):
    """At 3 s nothing once it is ready; at 2 s, which is less than shot and focus take, every second slot at most."""
    profile = PROFILES[name]
    model = profile.model if known else ""
    began = BEGINNING - timedelta(seconds=12)
    played = play(tmp_path, profile=profile, model=model, every=every, frames=20, began=began)
    check(played, 20)
    ready = next(record.utc for record in played.records if isinstance(record.event, CameraReady))
    first = played.session.schedule.slot_at(ready) + 1
    lost = {slot: reason for slot, reason in played.gaps.items() if slot >= first and reason is not GapReason.ON_CARD}
    assert set(lost.values()) <= {GapReason.CAMERA_BUSY}
    if every == "3s":
        assert lost == {}
    else:
        assert len(played.exposures) > (20 - first) / 2
        assert all(slot + 1 not in lost for slot in lost)


@pytest.mark.parametrize("name", ["a7m3", "rx0", "qx10", "hx400v"])
@pytest.mark.parametrize("host", ["192.168.1.23", "127.0.0.1"])
def test_a_body_nobody_knows_shoots_wherever_it_is(tmp_path, name, host):
    """On somebody's network its address tells nothing; that it lists the half-press does."""
    profile = PROFILES[name]
    endpoint = f"http://{host}:{profile.ports.control}{profile.service_path}"
    played = play(tmp_path, profile=profile, endpoint=endpoint, frames=3, began=BEGINNING - MARGIN)
    check(played, 3)
    assert played.gaps == {}


NIGHT = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)  # too dark there to focus by


def held(played):
    return [record.event.slot for record in played.records if isinstance(record.event, FocusHeld)]


@pytest.mark.parametrize(("name", "every"), [("a7m3", "10s"), ("a7m3", "4s"), ("qx1", "10s")])
def test_a_shot_that_found_no_focus_is_the_last_one_in_autofocus(tmp_path, name, every):
    played = play(tmp_path, profile=PROFILES[name], every=every, frames=8, began=NIGHT - MARGIN)
    check(played, 8)
    (first,) = held(played)
    assert first <= 3
    assert set(played.gaps) == set(range(first)), "from then on every slot has its frame"
    assert GapReason.SHUTTER_FAILED in played.gaps.values()


def test_a_camera_that_comes_back_in_autofocus_loses_no_second_slot_to_it(tmp_path):
    bodies = []

    async def keep(body):
        bodies.append(body)

    async def switch_off_and_on(intervalometer, clock, folder):
        await clock.sleep_until(NIGHT + timedelta(seconds=45))
        bodies[0].settings.turn("FocusMode", "AF-S")

    down = Fault(kind=FaultKind.LINK_DOWN, begins=40.0, ends=70.0)
    options = {"began": NIGHT - MARGIN, "before": keep, "steer": switch_off_and_on}
    played = play(tmp_path, down, profile=PROFILES["a7m3"], frames=12, **options)
    assert played.count(CameraLost) > 0
    assert list(played.gaps.values()).count(GapReason.SHUTTER_FAILED) == 1
    assert len(held(played)) == 2


def test_while_autofocus_works_it_is_left_on(tmp_path):
    played = play(tmp_path, profile=PROFILES["a7m3"], frames=4, began=BEGINNING - MARGIN)
    assert (played.gaps, held(played)) == ({}, [])


def test_a_camera_that_refuses_manual_focus_is_not_stormed(tmp_path):
    tries = []

    def refuse(call):
        if call.method == "setFocusMode":
            tries.append(call)
            return {"error": [1, "Not Available Now"]}
        return None

    played = play(tmp_path, profile=PROFILES["a7m3"], frames=30, began=NIGHT - MARGIN, answer=refuse)
    assert held(played) == []
    assert len(tries) <= 6
