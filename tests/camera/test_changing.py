"""Settings that open under liveview, are read back, or cannot be set now; simulated and scripted bodies."""

from __future__ import annotations

import pytest

from dayspool.camera import open_camera
from dayspool.camera.notnow import why_not
from dayspool.camera.values import CameraStatus
from dayspool.clock import SystemClock
from dayspool.errors import CameraBusy, CameraRefused
from dayspool.sim import Body, serving
from dayspool.sim.models import PROFILES
from tests.camera.scripted import BASIC, event, talk, told

EXPOSURE = {"type": "exposureCompensation", "currentExposureCompensation": 0} | {
    f"{key}ExposureCompensation": value for key, value in (("max", 9), ("min", -9), ("stepIndexOf", 1))
}


@pytest.mark.anyio
@pytest.mark.parametrize(("mode", "insist"), [("Program Auto", False), ("Manual", True)])
async def test_an_a6300_sets_exposure_compensation_under_liveview(mode, insist):
    """Outside M it offers that only while liveview runs; in M it never does, and takes it all the same."""
    profile = PROFILES["a6300"]
    body = Body(clock=SystemClock(), profile=profile, seed=5, picture_px=(48, 32), speed=50)
    body.settings.turn("ExposureMode", mode)
    async with serving(body, port=0, ssdp=False) as served, open_camera(served.endpoint, model=profile.model) as camera:
        await camera.start()
        assert "setExposureCompensation" not in await camera.methods()
        changed = await camera.set("exposure-compensation", "+0.7 EV", insist=insist)
        status = await camera.status()
    assert (changed.value, changed.raw) == ("+0.7 EV", 2)
    assert body.settings["ExposureCompensation"] == 2
    assert not status.liveview


def test_liveview_is_not_started_for_what_is_offered_anyway_nor_where_there_is_none():
    offered = [*BASIC, "setExposureCompensation", "startLiveview", "stopLiveview"]
    for methods in (offered, BASIC):
        _, camera = talk(
            refused_or_set,
            getAvailableApiList=[methods],
            getEvent=told(methods=methods, ev=EXPOSURE | {"currentExposureCompensation": 3}),
            setExposureCompensation=[0],
        )
        assert "startLiveview" not in camera.methods


async def refused_or_set(camera):
    try:
        return await camera.set("exposure-compensation", "+1")
    except CameraRefused as error:
        return error


def test_a_liveview_that_does_not_start_leaves_the_plain_reason():
    methods = [*BASIC, "startLiveview"]
    error, _ = talk(
        refused_or_set,
        getAvailableApiList=[methods],
        getEvent=told(methods=methods, ev=EXPOSURE),
        startLiveview=(1, "Not Available Now"),
    )
    assert "exposure-compensation cannot be set now; it is 0 EV; another mode may offer it" in str(error)


def aperture(value):
    return event("fNumber", currentFNumber=value, fNumberCandidates=["4.0", "5.6"])


def set_aperture(**script):
    methods = [*BASIC, "setFNumber"]

    async def play(camera):
        return await camera.set("aperture", "f/4")

    return talk(play, getAvailableApiList=[methods], setFNumber=[0], **script)


def test_a_camera_that_keeps_what_it_had_is_told_of():
    with pytest.raises(CameraRefused, match=r"aperture was to become f/4; .* and kept f/5\.6"):
        set_aperture(getEvent=told(ev=aperture("5.6")))


def test_a_camera_may_take_its_time():
    def tells(call):
        return (
            (1, "Not Available Now") if call.times in (2, 3, 4) else told(ev=aperture("4.0" if call.at > 4 else "5.6"))
        )

    setting, camera = set_aperture(getEvent=tells)
    assert setting.value == "f/4"
    assert camera.methods.count("setFNumber") == 1


def test_a_camera_at_something_else_is_waited_for_not_put_into_another_mode():
    function = event("cameraFunction", currentCameraFunction="Remote Shooting")

    async def play(camera):
        await camera.set("camera-function", "transfer")

    with pytest.raises(CameraRefused, match=r"at something else \(StillCapturing\): wait until it is done"):
        talk(play, getAvailableApiList=[BASIC], getEvent=told("StillCapturing", ev=function))


@pytest.mark.parametrize(
    ("method", "status", "said"),
    [
        ("actTakePicture", {"drive_mode": "Continuous"}, "set drive-mode single"),
        ("actTakePicture", {"shoot_mode": "movie"}, "set shoot-mode still"),
        ("actTakePicture", {"camera_function": "Contents Transfer"}, "set camera-function remote"),
        ("actTakePicture", {"drive_mode": "Single", "shoot_mode": "still"}, None),
        ("actTakePicture", {}, None),
        ("startContShooting", {"drive_mode": "Single"}, "set drive-mode continuous"),
        ("startContShooting", {"drive_mode": "Spd Priority Cont."}, None),
        ("startBulbShooting", {"shutter": "1/60"}, "its shutter is 1/60: `dayspool camera set shutter bulb`"),
        ("startBulbShooting", {"shutter": "BULB"}, None),
        ("setPoetry", {"shutter": "BULB"}, None),
    ],
)
def test_what_keeps_a_method_from_working(method, status, said):
    reason = why_not(method, CameraStatus(**status))
    assert reason is None if said is None else said in reason


@pytest.mark.parametrize(
    ("does", "method", "known", "said"),
    [
        ("bulb", "startBulbShooting", event("shutterSpeed", currentShutterSpeed="1/60"), "set shutter bulb"),
        ("continuous", "startContShooting", event("contShootingMode", contShootingMode="Single"), "drive-mode cont"),
        ("bulb", "startBulbShooting", event("shutterSpeed", currentShutterSpeed="BULB"), "wait a few seconds"),
    ],
)
def test_not_now_names_the_setting(does, method, known, said):
    async def play(camera):
        await camera.status()
        await getattr(camera, does)(1.0)

    with pytest.raises(CameraBusy, match=said) as caught:
        talk(play, getEvent=told(known=known), **{method: (1, "Not Available Now")})
    assert caught.value.code == 1
    assert ("busy" in str(caught.value)) is (said == "wait a few seconds")


def test_a_size_that_is_not_on_offer_is_told_so():
    async def play(camera):
        await camera.prepare(postview="original")
        return camera.notes

    script = {"getAvailableApiList": [BASIC], "getEvent": told(methods=BASIC, mode="still")}
    (note,), _ = talk(play, setPostviewImageSize=(1, "Not Available Now"), **script)
    assert note.endswith("the camera does not offer to choose it as it stands now")
