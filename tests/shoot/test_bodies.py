"""Shoots with bodies that want to be treated their own way: focus before the instant, errors for pictures taken."""

from datetime import timedelta

import pytest

from dayspool.core.events import CameraLost, CameraReady, Gap, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.sim import PROFILES
from dayspool.testing import BEGINNING
from tests.shoot.scenes import play
from tests.shoot.test_intervalometer import check


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("name", [name for name, profile in PROFILES.items() if "camera" in profile.services])
def test_every_model_shoots_on_time_whether_its_name_is_known_or_not(tmp_path, name, known):
    profile = PROFILES[name]
    played = play(
        tmp_path,
        profile=profile,
        model=profile.model if known else "",
        frames=5,
        began=BEGINNING - timedelta(seconds=9),
    )
    check(played, 5)
    on_time = [exposure.utc for exposure in played.exposures]
    assert on_time[1:] == [BEGINNING + n * timedelta(seconds=10) for n in range(1, 5)], "not a microsecond late"
    assert played.gaps == {}


class FocusingBody:
    """Answers as an A7 III does: no picture in AF unless half pressed; counts what it was asked."""

    def __init__(self, *, listed=True):
        self.pressed = False
        self.asked = []
        self.listed = listed

    def __call__(self, call):
        match call.method:
            case "actHalfPressShutter":
                self.pressed = True
            case "cancelHalfPressShutter":
                self.pressed = False
            case "actTakePicture":
                self.asked.append(call.method)
                return None if self.pressed else {"error": [40400, "Shooting fail"]}
            case "receiveEvent" | "getEvent" if call.params == [False] and self.listed and not self.asked:
                names = ["receiveEvent", "actTakePicture", "actHalfPressShutter", "cancelHalfPressShutter"]
                events = [
                    {"type": "availableApiList", "names": names},
                    {"type": "cameraStatus", "cameraStatus": "IDLE"},
                ]
                return {"result": [*events, {"type": "shootMode", "currentShootMode": "still"}]}
            case _:
                return None
        self.asked.append(call.method)
        return {"result": []}


def test_focus_comes_before_the_instant_and_the_shot_on_it(tmp_path):
    body = FocusingBody()
    played = play(tmp_path, model="ILCE-7M3", answer=body, began=BEGINNING - timedelta(seconds=8))
    check(played, 6)
    assert played.gaps == {}
    assert [exposure.utc for exposure in played.exposures] == [
        BEGINNING + n * timedelta(seconds=10) for n in range(6)
    ], "not a microsecond late"
    assert body.asked == ["actHalfPressShutter", "actTakePicture", "cancelHalfPressShutter"] * 6


def test_a_body_that_wants_focus_is_learned_at_the_cost_of_one_slot(tmp_path):
    body = FocusingBody()
    played = play(tmp_path, model="DSC-RX100M2", answer=body)
    check(played, 6)
    assert played.gaps == {0: GapReason.SHUTTER_FAILED}
    detail = next(record.event.detail for record in played.records if isinstance(record.event, Gap))
    assert "use manual focus" in detail
    assert [exposure.utc for exposure in played.exposures] == [
        BEGINNING + n * timedelta(seconds=10) for n in range(1, 6)
    ], "the others on time"


def told(*, urls=(), left=None):
    events = [{"type": "cameraStatus", "cameraStatus": "IDLE"}, {"type": "shootMode", "currentShootMode": "still"}]
    events.append({"type": "takePicture", "takePictureUrl": list(urls)})
    if left is not None:
        events.append({"type": "storageInformation", "recordTarget": True, "numberOfRecordableImages": left})
    return {"result": events}


def test_an_error_for_a_picture_that_was_taken_is_found_out_by_its_address(tmp_path):
    """A QX1 that answers "not now" to every second shot, though it exposes."""

    def answer(call):
        if call.method == "actTakePicture" and call.times % 2 == 0:
            return {"error": [1, "Not Available Now"]}
        if call.method == "receiveEvent" and taken:
            return told(urls=[f"http://10.0.0.1:60152/pict{taken[-1]}.JPG"])
        return None

    taken = []

    def note(call):
        if call.method == "actTakePicture":
            taken.append(call.times)
        return answer(call)

    played = play(tmp_path, model="ILCE-QX1", answer=note, frames=4)
    found = [record.event.slot for record in played.records if isinstance(record.event, ShotTaken)]
    assert found == [0, 1, 2, 3]
    assert [record.event.slot for record in played.records if getattr(record.event, "reconciled", False)] == [1, 3]


@pytest.mark.parametrize(("exposes", "reason"), [(True, GapReason.ON_CARD), (False, GapReason.SHUTTER_FAILED)])
def test_room_on_the_card_tells_where_no_address_does(tmp_path, exposes, reason):
    left = [100]

    def answer(call):
        if call.method == "actTakePicture":
            left[0] -= exposes
            return {"error": [40400, "Shooting fail"]}
        if call.method == "receiveEvent":
            return told(left=left[0])
        return None

    played = play(tmp_path, answer=answer, frames=3)
    assert played.gaps == dict.fromkeys(range(3), reason)
    assert len(played.exposures) == 0


def test_a_full_card_is_told_as_such_though_the_camera_only_says_not_now(tmp_path):
    def answer(call):
        if call.method == "actTakePicture":
            return {"error": [1, "Not Available Now"]}
        return told(left=0) if call.method == "receiveEvent" else None

    assert set(play(tmp_path, answer=answer, frames=3).gaps.values()) == {GapReason.CARD_FULL}


def test_a_camera_whose_remote_control_ends_is_made_ready_anew(tmp_path):
    def answer(call):
        if call.method == "receiveEvent" and call.times == 4:
            return {"result": [{"type": "cameraStatus", "cameraStatus": "NotReady"}]}
        return None

    played = play(tmp_path, answer=answer)
    check(played, 6)
    assert played.count(CameraReady) == 2
    lost = [record.event.detail for record in played.records if isinstance(record.event, CameraLost)]
    assert len(lost) == 1
    assert "NotReady" in lost[0]
    assert len(played.frames) >= 5


@pytest.mark.parametrize("setting", [("ContShootingMode", "Continuous"), ("SelfTimer", 10), ("SelfTimer", 2)])
def test_a_body_left_on_continuous_or_self_timer_is_set_to_single_pictures(tmp_path, setting):
    async def leave(body):
        body.settings.turn(*setting)

    began = BEGINNING - timedelta(seconds=9)
    played = play(tmp_path, profile=PROFILES["qx1"], model="ILCE-QX1", before=leave, frames=4, began=began)
    check(played, 4)
    assert played.gaps == {}
    (note,) = [record.event.note for record in played.records if isinstance(record.event, CameraReady)]
    assert str(setting[1]) in note
    assert "it is Single now" in note or "it is off now" in note


def test_a_self_timer_turned_on_in_the_camera_does_not_keep_it_from_shooting(tmp_path):
    """An ILCE-6300 lets it be set under liveview only, and a shoot in virtual time has none."""

    async def leave(body):
        body.settings.turn("SelfTimer", 2)

    began = BEGINNING - timedelta(seconds=18)
    played = play(tmp_path, profile=PROFILES["a6300"], model="ILCE-6300", before=leave, frames=4, began=began)
    check(played, 4)
    note = next(record.event.note for record in played.records if isinstance(record.event, CameraReady))
    assert "self-timer is 2 s" in note
    assert "on the camera" in note


@pytest.mark.parametrize("drive", ["Continuous", "BULB"])
def test_what_keeps_a_body_from_pictures_is_named_in_every_gap_until_it_is_changed(tmp_path, drive):
    bodies = []

    async def leave(body):
        bodies.append(body)
        if drive == "BULB":
            body.settings.turn("ExposureMode", "Manual")
            body.settings.turn("ShutterSpeed", "BULB")
        else:
            body.settings.turn("ContShootingMode", drive)

    async def turn_the_dial(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + timedelta(seconds=22))
        bodies[0].settings.turn("ShutterSpeed", "1/60")
        bodies[0].settings.turn("ContShootingMode", "Single")

    def answer(call):
        return {"error": [1, "Not Available Now"]} if call.method == "setContShootingMode" else None

    played = play(
        tmp_path, profile=PROFILES["qx1"], model="ILCE-QX1", before=leave, answer=answer, steer=turn_the_dial, frames=5
    )
    assert {0, 1} <= played.gaps.keys()
    assert len(played.frames) >= 2
    gaps = [record.event.detail for record in played.records if isinstance(record.event, Gap)]
    assert all(drive in detail for detail in gaps), gaps
    assert sum(isinstance(record.event, CameraLost) for record in played.records) == 1, "said once"


def test_why_no_camera_can_be_had_is_in_the_gaps_and_told_when_it_changes(tmp_path):
    def answer(call):
        if call.method != "receiveEvent":
            return None
        code = 403 if 3 < call.times < 9 else 5
        return {"error": [code, "x"]}

    played = play(tmp_path, answer=answer, frames=4, every="10s")
    assert set(played.gaps.values()) == {GapReason.CAMERA_UNREACHABLE}
    lost = [record.event.detail for record in played.records if isinstance(record.event, CameraLost)]
    assert len(lost) == len(set(lost)) == 2
    gaps = [record.event.detail for record in played.records if isinstance(record.event, Gap)]
    assert set(gaps) <= set(lost)


def test_a_body_that_takes_no_stills_says_so_once(tmp_path):
    def answer(call):
        if call.method == "receiveEvent":
            mode = {"type": "shootMode", "currentShootMode": "movie", "shootModeCandidates": ["movie", "intervalstill"]}
            return {"result": [{"type": "cameraStatus", "cameraStatus": "IDLE"}, mode]}
        return {"error": [3, "illegal argument"]} if call.method == "setShootMode" else None

    played = play(tmp_path, answer=answer, frames=3)
    assert set(played.gaps.values()) == {GapReason.CAMERA_UNREACHABLE}
    lost = [record.event.detail for record in played.records if isinstance(record.event, CameraLost)]
    assert len(lost) == 1
    assert "no single stills" in lost[0]


def test_a_size_of_pictures_the_camera_does_not_know_is_noted(tmp_path):
    played = play(tmp_path, postview="original", frames=2)
    check(played, 2)
    notes = [record.event.note for record in played.records if isinstance(record.event, CameraReady)]
    assert "does not take Original" in notes[0]
