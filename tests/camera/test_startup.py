"""Cameras made ready for stills: every generation's way, and the bodies that cannot."""

import pytest

from dayspool.core.camera import Dialect
from dayspool.errors import CameraBusy, CameraRefused, CameraUnreachable
from tests.camera.scripted import BASIC, SHOOTING, event, talk, told

APP = [*BASIC, "startRecMode", "stopRecMode"]


async def prepare(camera):
    return await camera.prepare()


def app_camera(*, ready_after=2.5, start=None):
    """Return the script of an app camera: little before `startRecMode`, NotReady for some seconds, then all."""
    began = []

    def up(call):
        return began and call.at - began[0] >= ready_after

    def start_rec_mode(call):
        began.append(call.at)
        return [0] if start is None else start

    return {
        "getVersions": [["1.0"]],
        "startRecMode": start_rec_mode,
        "getAvailableApiList": lambda call: [SHOOTING if up(call) else APP],
        "getEvent": lambda call: told(
            "IDLE" if up(call) else "NotReady", methods=SHOOTING if up(call) else APP, mode="still"
        ),
    }


def test_an_app_camera_is_started_and_waited_for():
    status, camera = talk(prepare, port=8080, **app_camera())
    assert status.is_idle
    assert camera.methods[:2] == ["getAvailableApiList", "startRecMode"]
    assert camera.methods.count("startRecMode") == 1
    assert 2.5 <= camera.calls[-1].at < 3.5
    assert "setShootMode" not in camera.methods


@pytest.mark.parametrize("reply", [(1, "Not Available Now"), (7, "already"), (12, "startRecMode"), 404, (40401, "x")])
def test_a_start_that_is_refused_matters_only_if_the_camera_stays_down(reply):
    status, _ = talk(prepare, port=8080, **app_camera(start=reply))
    assert status.is_idle


def test_an_app_camera_on_loopback_is_known_by_what_it_offers():
    _, camera = talk(prepare, host="127.0.0.1", **app_camera())
    assert "startRecMode" in camera.methods


def test_a_camera_that_never_comes_up_is_busy_and_says_what_to_look_at():
    async def play(camera):
        with pytest.raises(CameraBusy, match="look at its screen"):
            await camera.prepare()

    _, camera = talk(play, port=8080, **app_camera(ready_after=9_999))
    assert 14 <= camera.calls[-1].at <= 20
    assert len(camera.calls) < 45, "no burst"


def test_an_idle_camera_whose_list_does_not_grow_is_taken_as_it_is():
    status, camera = talk(
        prepare, port=8080, **app_camera() | {"getAvailableApiList": [APP], "getEvent": told(methods=APP, mode="still")}
    )
    assert status.is_idle
    assert camera.calls[-1].at < 7


def test_not_ready_in_the_first_seconds_is_waited_out():
    def late(reply):
        return lambda call: reply if call.at > 4 else (40401, "Camera Not Ready")

    status, _ = talk(
        prepare,
        getAvailableApiList=late([SHOOTING]),
        getVersions=late([["1.0"]]),
        getEvent=late(told(mode="still")),
    )
    assert status.is_idle


def test_not_ready_for_ever_ends():
    async def play(camera):
        with pytest.raises(CameraBusy) as caught:
            await camera.prepare()
        return caught.value.code

    code, camera = talk(play, getAvailableApiList=(40401, "Camera Not Ready"))
    assert code == 40401
    assert camera.calls[-1].at <= 16


def modal(mode, modes, *, refused=None):
    now = [mode]

    def set_mode(call):
        if refused is not None:
            return refused
        now[0] = call.params[0]
        return [0]

    return {
        "getVersions": [["1.0"]],
        "getAvailableApiList": [SHOOTING],
        "setShootMode": set_mode,
        "getEvent": lambda call: told(mode=now[0], modes=modes),
    }


def test_a_camcorder_in_movie_mode_is_set_to_stills():
    status, camera = talk(prepare, **modal("movie", ["still", "movie"]))
    assert status.shoot_mode == "still"
    assert camera.methods.count("setShootMode") == 1


def test_a_mode_it_is_in_already_is_not_set():
    _, camera = talk(prepare, **modal("still", ["still", "movie"]))
    assert "setShootMode" not in camera.methods


@pytest.mark.parametrize(
    ("mode", "modes", "refused", "says"),
    [
        ("movie", ["movie", "intervalstill"], (3, "illegal argument"), "no single stills.*movie, intervalstill"),
        ("movie", ["movie"], (1, "Not Available Now"), "only movie now; turn its mode dial"),
        ("movie", ["movie"], 500, "turn its mode dial"),
    ],
)
def test_a_body_without_stills_says_so(mode, modes, refused, says):
    async def play(camera):
        with pytest.raises(CameraRefused, match=says):
            await camera.prepare()

    talk(play, **modal(mode, modes, refused=refused))


def test_a_camera_that_is_only_busy_with_its_movie_is_busy():
    async def play(camera):
        with pytest.raises(CameraBusy):
            await camera.prepare()

    talk(play, **modal("movie", ["still", "movie"], refused=(1, "Not Available Now")))


def test_a_camera_left_in_transfer_comes_back_to_shooting():
    function = ["Contents Transfer"]
    asked = []

    def switch(call):
        asked.append(call.at)
        function[0] = call.params[0]
        return [0]

    def events(call):
        seen = function[0] if not asked or call.at - asked[0] > 1 else "Contents Transfer"
        return told(mode="still", function=event("cameraFunction", currentCameraFunction=seen))

    status, _ = talk(
        prepare, getAvailableApiList=[SHOOTING], getVersions=[["1.0"]], getEvent=events, setCameraFunction=switch
    )
    assert status.camera_function == "Remote Shooting"


def test_the_oldest_generation_needs_one_call():
    status, camera = talk(prepare, path="/camera", host="10.0.0.1", receiveEvent=told(mode="still"))
    assert status.is_idle
    assert camera.methods == ["receiveEvent"]


@pytest.mark.parametrize(
    ("now", "reply", "calls", "note"),
    [
        ("2M", [0], 1, None),
        ("Original", [0], 0, None),
        ("2M", (1, "Not Available Now"), 1, "stays at 2M"),
        (None, (12, "setPostviewImageSize"), 1, "stays what it is"),
        (None, 403, 1, "does not take Original"),
    ],
)
def test_the_size_of_pictures_over_wifi(monkeypatch, tmp_path, now, reply, calls, note):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    size = {} if now is None else {"size": event("postviewImageSize", currentPostviewImageSize=now)}

    async def play(camera):
        await camera.prepare(postview="original")
        return camera.notes

    notes, camera = talk(
        play,
        getAvailableApiList=[SHOOTING],
        getVersions=[["1.0"]],
        getEvent=told(mode="still", **size),
        setPostviewImageSize=reply,
    )
    assert camera.methods.count("setPostviewImageSize") == calls
    assert notes == () if note is None else note in notes[0]


def test_a_camera_whose_remote_control_ended_is_lost_not_awaited():
    async def play(camera):
        await camera.prepare()
        with pytest.raises(CameraUnreachable, match="NotReady"):
            await camera.until_idle()
        with pytest.raises(CameraUnreachable, match="NotReady"):
            await camera.keep_awake(seconds=2)

    talk(
        play,
        dialect=Dialect.APP,
        getAvailableApiList=[SHOOTING],
        getVersions=[["1.0"]],
        getEvent=lambda call: told("IDLE" if call.times == 1 else "NotReady", mode="still"),
    )
