"""The shutter: half-press before it where bodies want that, long exposures, bulb, bursts; one request per picture."""

import anyio
import httpx2
import pytest

from dayspool.camera import Courtesy
from dayspool.core.camera import Dialect
from dayspool.errors import CameraBusy, CameraRefused, CameraUnreachable
from tests.camera.scripted import HALF_PRESSING, SHOOTING, event, talk, told

URL = "http://192.168.122.1:60152/pict.JPG"


def late_body(*, focus_seconds=0.6, ends="Focused", mode="AF-S", bare=(40400, "Shooting fail"), **more):
    """Return the script of a body that shoots in AF only while half pressed and focused."""
    pressed = []

    def press(call):
        pressed.append(call.at)
        return []

    def let_go(_):
        pressed.clear()
        return []

    def status(call):
        if not pressed:
            return "Not Focusing"
        return ends if call.at - pressed[-1] >= focus_seconds else "Focusing"

    def events(call):
        return told(
            mode="still",
            methods=HALF_PRESSING,
            focus=event("focusStatus", focusStatus=status(call)),
            focus_mode=event("focusMode", currentFocusMode=mode),
        )

    return {
        "getVersions": [["1.0"]],
        "getAvailableApiList": [HALF_PRESSING],
        "getEvent": events,
        "actHalfPressShutter": press,
        "cancelHalfPressShutter": let_go,
        "actTakePicture": lambda call: [[URL]] if mode == "MF" or (pressed and status(call) == "Focused") else bare,
    } | more


async def shoot(camera):
    await camera.prepare()
    return await camera.take_picture()


def hand(camera):
    """Return what the shutter was told, in order."""
    return [name for name in camera.methods if "Shutter" in name or "Picture" in name or "Shooting" in name]


def test_half_press_focus_shot_and_let_go():
    url, camera = talk(shoot, **late_body())
    assert url == URL
    assert hand(camera) == ["actHalfPressShutter", "actTakePicture", "cancelHalfPressShutter"]
    assert camera.at("actTakePicture")[0] - camera.at("actHalfPressShutter")[0] < 1


def test_focused_before_its_instant_only_the_request_remains():
    async def play(camera):
        await camera.prepare()
        assert await camera.focus()
        before = len(camera.line.link._client._transport.calls)
        await camera.take_picture()
        return before

    before, camera = talk(play, **late_body())
    assert camera.methods[before] == "actTakePicture"
    assert hand(camera) == ["actHalfPressShutter", "actTakePicture", "cancelHalfPressShutter"]


def test_manual_focus_needs_none():
    _, camera = talk(shoot, **late_body(mode="MF"))
    assert hand(camera) == ["actTakePicture"]


@pytest.mark.parametrize(
    ("words", "half_press"),
    [
        ({"model": "ILCE-7M3"}, True),
        ({"model": "ILCE-7M3", "host": "127.0.0.1", "port": 4711}, True),
        ({}, True),
        ({"model": "ILCA-77M2"}, False),
        ({"host": "10.0.0.1"}, False),
        ({"host": "10.0.0.1", "dialect": Dialect.BUILTIN_3}, True),
        ({"port": 8080}, False),
        ({"host": "192.168.1.7", "port": 4711}, False),
        ({"port": 8080, "model": "DSC-RX100M5"}, True),
    ],
)
def test_who_is_half_pressed(words, half_press):
    async def play(camera):
        return camera.focus_first

    assert talk(play, **words)[0] is half_press


@pytest.mark.parametrize("model", ["", "DSC-NEW1"])
@pytest.mark.parametrize("place", [{"host": "192.168.1.7"}, {"host": "127.0.0.1", "port": 4711}, {"port": 8080}])
def test_a_body_nobody_knows_is_half_pressed_where_it_lists_that(model, place):
    url, camera = talk(shoot, model=model, **place, **late_body())
    assert url == URL
    assert hand(camera) == ["actHalfPressShutter", "actTakePicture", "cancelHalfPressShutter"]


def test_a_list_that_is_short_for_a_moment_changes_nothing():
    full = late_body()["getEvent"]

    def events(call):
        told_events = full(call)
        told_events[2] = event("availableApiList", names=HALF_PRESSING if call.times == 1 else SHOOTING)
        return told_events

    async def play(camera):
        await camera.prepare()
        await camera.status()
        assert "actHalfPressShutter" not in camera.known.methods
        return camera.focus_first

    assert talk(play, host="127.0.0.1", **late_body(getEvent=events))[0]


def test_failed_focus_is_tried_all_the_same_and_told():
    async def play(camera):
        with pytest.raises(CameraRefused, match="manual focus") as caught:
            await shoot(camera)
        return caught.value.code

    code, camera = talk(play, **late_body(ends="Failed"))
    assert code == 40400
    assert hand(camera) == ["actHalfPressShutter", "actTakePicture", "cancelHalfPressShutter"]


def test_focus_that_never_ends_is_not_awaited_for_ever():
    async def play(camera):
        await camera.prepare()
        return await camera.focus(seconds=2)

    locked, camera = talk(play, **late_body(focus_seconds=9_999))
    assert not locked
    assert camera.calls[-1].at < 4


def test_focus_of_which_nothing_is_told_gets_a_fixed_time():
    _, camera = talk(
        shoot, **late_body() | {"getEvent": told(mode="still", methods=HALF_PRESSING), "actTakePicture": [[URL]]}
    )
    waited = camera.at("actTakePicture")[0] - camera.at("actHalfPressShutter")[0]
    assert 1.0 <= waited < 1.5


@pytest.mark.parametrize(
    ("reply", "times"), [((1, "Not Available Now"), 2), ((12, "actHalfPressShutter"), 1), ((40401, "x"), 2)]
)
def test_a_half_press_that_is_refused_costs_no_picture(reply, times):
    url, camera = talk(shoot, **late_body() | {"actHalfPressShutter": reply, "actTakePicture": [[URL]]})
    assert url == URL
    assert hand(camera) == ["actHalfPressShutter"] * times + ["actTakePicture"], "an idle camera is not urged for long"


def saving(until, **more):
    """Return the script of a body that saves its last picture until so many seconds after the line was opened."""
    body = late_body()
    press, events = body["actHalfPressShutter"], body["getEvent"]

    def status(call):
        told_events = events(call)
        if call.at < until and call.times > 1:
            told_events[1] = event("cameraStatus", cameraStatus="StillSaving")
        return told_events

    def press_when_idle(call):
        return (1, "Not Available Now") if call.at < until else press(call)

    return body | {"getEvent": status, "actHalfPressShutter": press_when_idle} | more


def test_a_half_press_is_repeated_while_the_camera_still_saves():
    url, camera = talk(shoot, **saving(2.0))
    assert url == URL
    presses, (shot,) = camera.at("actHalfPressShutter"), camera.at("actTakePicture")
    assert len(presses) > 2
    assert 2.0 <= presses[-1] < 2.5
    assert shot - presses[-1] < 1.2, "focus is awaited after the half-press that was taken"
    assert len(camera.calls) < 30, "no burst"


def test_a_declined_half_press_is_not_repeated_by_the_release():
    async def play(camera):
        await camera.prepare()
        assert not await camera.focus(seconds=0.8)
        asked = anyio.current_time()
        with pytest.raises(CameraRefused):
            await camera.release()
        return anyio.current_time() - asked

    seconds, camera = talk(play, **saving(999.0))
    assert seconds < 0.1, "the request leaves at once"
    assert hand(camera)[-2:] == ["actHalfPressShutter", "actTakePicture"]


@pytest.mark.parametrize("answers_after", [0.9, 2.5])
def test_a_slow_answer_to_the_half_press_ends_with_the_time_for_it(answers_after):
    async def slow(call):
        await anyio.sleep(answers_after)
        return body["actHalfPressShutter"](call)

    body = late_body(focus_seconds=9_999)

    async def play(camera):
        await camera.prepare()
        began = anyio.current_time()
        if answers_after < 2:
            assert not await camera.focus(seconds=2)
        else:
            with pytest.raises(CameraUnreachable):
                await camera.focus(seconds=2)
        return anyio.current_time() - began

    seconds, _ = talk(play, **body | {"actHalfPressShutter": slow})
    assert seconds == pytest.approx(2)


def test_the_shutter_is_let_go_of_when_the_shot_is_cancelled():
    async def hang(_):
        await anyio.sleep(60)
        return [[URL]]

    async def play(camera):
        await camera.prepare()
        with anyio.move_on_after(5):
            await camera.take_picture()

    _, camera = talk(play, **late_body(actTakePicture=hang))
    assert camera.methods[-1] == "cancelHalfPressShutter"


def test_a_body_that_fails_bare_is_half_pressed_from_the_next_shot_on_and_after_reconnections():
    courtesy = Courtesy()

    async def play(camera):
        await camera.prepare()
        assert not camera.focus_first
        with pytest.raises(CameraRefused):
            await camera.take_picture()
        assert camera.focus_first
        return await camera.take_picture()

    url, camera = talk(play, host="10.0.0.1", model="DSC-QX10", courtesy=courtesy, **late_body())
    assert url == URL
    assert hand(camera) == ["actTakePicture", "actHalfPressShutter", "actTakePicture", "cancelHalfPressShutter"]

    async def again(camera):
        return camera.focus_first

    assert talk(again, host="10.0.0.1", model="DSC-QX10", courtesy=courtesy)[0]


def test_a_body_that_took_a_bare_picture_before_lacks_light_and_not_a_half_press():
    async def play(camera):
        await camera.prepare()
        await camera.take_picture()
        with pytest.raises(CameraRefused):
            await camera.take_picture()
        return camera.focus_first

    by_turns = late_body(actTakePicture=lambda call: [[URL]] if call.times == 1 else (40400, "Shooting fail"))
    assert not talk(play, host="10.0.0.1", model="DSC-QX10", **by_turns)[0]


def test_a_failed_shot_in_manual_focus_teaches_nothing():
    async def play(camera):
        with pytest.raises(CameraRefused):
            await shoot(camera)
        return camera.focus_first

    assert not talk(
        play, host="10.0.0.1", model="DSC-QX10", **late_body(mode="MF", actTakePicture=(40400, "Shooting fail"))
    )[0]


def test_nothing_is_sent_on_bulb():
    async def play(camera):
        with pytest.raises(CameraRefused, match="set a time on the camera"):
            await shoot(camera)

    bulb = told(mode="still", shutter=event("shutterSpeed", currentShutterSpeed="BULB", shutterSpeedCandidates=[]))
    _, camera = talk(play, host="10.0.0.1", model="DSC-QX10", **late_body(getEvent=bulb))
    assert hand(camera) == []


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_long_exposure_is_awaited_though_the_list_does_not_offer_it(rounds):
    _, camera = talk(
        shoot,
        host="10.0.0.1",
        model="DSC-QX10",
        **late_body(
            actTakePicture=(40403, "Long shooting"),
            awaitTakePicture=lambda call: [[URL]] if call.times == rounds else (40403, "Long shooting"),
        ),
    )
    assert hand(camera) == ["actTakePicture"] + ["awaitTakePicture"] * rounds


@pytest.mark.parametrize(
    ("reply", "error"),
    [((1, "x"), CameraBusy), ((40401, "x"), CameraBusy), (500, CameraRefused), (403, CameraRefused)],
)
def test_a_shot_is_never_sent_twice(reply, error):
    async def play(camera):
        await camera.prepare()
        with pytest.raises(error):
            await camera.take_picture()

    _, camera = talk(play, host="10.0.0.1", model="DSC-QX10", **late_body(actTakePicture=reply))
    assert hand(camera) == ["actTakePicture"]


def test_a_shot_whose_answer_is_lost_is_not_sent_twice_either():
    async def play(camera):
        await camera.prepare()
        with pytest.raises(CameraUnreachable) as caught:
            await camera.take_picture()
        return caught.value.sent

    sent, camera = talk(play, host="10.0.0.1", model="DSC-QX10", **late_body(actTakePicture=broken))
    assert sent
    assert hand(camera) == ["actTakePicture"]


def held_body(start, stop, tell):
    """Return the script of a body that exposes between two calls and writes for 1.5 s after; then comes `tell`."""
    stopped = []

    def events(call):
        if not stopped:
            return told(mode="still")
        done = call.at - stopped[0] > 1.5
        return told("IDLE" if done else "StillSaving", mode="still", **({"urls": tell} if done else {}))

    return {
        "getVersions": [["1.0"]],
        "getAvailableApiList": [SHOOTING],
        "getEvent": events,
        start: [],
        stop: lambda call: stopped.append(call.at) or [],
    }


def test_bulb():
    async def play(camera):
        await camera.prepare()
        return await camera.bulb(120)

    urls, camera = talk(
        play,
        host="10.0.0.1",
        **held_body("startBulbShooting", "stopBulbShooting", event("bulbShooting", bulbShootingUrl=[URL])),
    )
    assert urls == (URL,)
    assert camera.at("stopBulbShooting")[0] - camera.at("startBulbShooting")[0] == pytest.approx(120)


def test_a_burst():
    pictures = [{"postviewUrl": f"{URL}?{n}", "thumbnailUrl": "t"} for n in range(3)]

    async def play(camera):
        await camera.prepare()
        return await camera.continuous(2)

    urls, _ = talk(
        play,
        host="10.0.0.1",
        **held_body("startContShooting", "stopContShooting", event("contShooting", contShootingUrl=pictures)),
    )
    assert urls == tuple(picture["postviewUrl"] for picture in pictures)


BULB_PICTURE = event("bulbShooting", bulbShootingUrl=[URL])


def broken(_):
    raise httpx2.ReadError("broke")


async def bulb_of_a_minute(camera):
    await camera.prepare()
    return await camera.bulb(60)


def test_bulb_is_closed_though_the_answer_to_its_start_was_lost():
    async def play(camera):
        with pytest.raises(CameraUnreachable):
            await bulb_of_a_minute(camera)

    script = held_body("startBulbShooting", "stopBulbShooting", BULB_PICTURE) | {"startBulbShooting": broken}
    _, camera = talk(play, host="10.0.0.1", **script)
    assert camera.methods[-1] == "stopBulbShooting"


@pytest.mark.parametrize("reply", [(1, "Not Available Now"), (12, "startBulbShooting")])
def test_bulb_that_was_declined_is_not_closed(reply):
    async def play(camera):
        with pytest.raises((CameraBusy, CameraRefused)):
            await bulb_of_a_minute(camera)

    script = held_body("startBulbShooting", "stopBulbShooting", BULB_PICTURE) | {"startBulbShooting": reply}
    _, camera = talk(play, host="10.0.0.1", **script)
    assert "stopBulbShooting" not in camera.methods


@pytest.mark.parametrize("told_of", [True, False])
def test_events_tell_of_the_picture_where_the_answer_to_the_stop_is_lost(told_of):
    script = held_body("startBulbShooting", "stopBulbShooting", BULB_PICTURE if told_of else event("x"))
    stop = script["stopBulbShooting"]

    def stop_unheard(call):
        stop(call)
        raise httpx2.ReadError("broke")

    async def play(camera):
        if told_of:
            return await bulb_of_a_minute(camera)
        with pytest.raises(CameraUnreachable, match="stopBulbShooting"):
            await bulb_of_a_minute(camera)
        return None

    urls, _ = talk(play, host="10.0.0.1", **script | {"stopBulbShooting": stop_unheard})
    assert urls == ((URL,) if told_of else None)


def test_the_noise_reduction_of_a_long_exposure_is_awaited():
    script = held_body("startBulbShooting", "stopBulbShooting", BULB_PICTURE)
    stop, events, stopped = script["stopBulbShooting"], script["getEvent"], []

    async def slow_stop(call):
        stopped.append(call.at)
        await anyio.sleep(100)
        return stop(call)

    def late(call):
        busy = stopped and call.at < stopped[0] + 180
        return told("StillSaving", mode="still") if busy else events(call)

    async def play(camera):
        await camera.prepare()
        return await camera.bulb(120)

    urls, _ = talk(play, host="10.0.0.1", **script | {"stopBulbShooting": slow_stop, "getEvent": late})
    assert urls == (URL,)


def test_a_cancelled_bulb_exposure_is_closed():
    async def play(camera):
        await camera.prepare()
        with anyio.move_on_after(5):
            await camera.bulb(600)

    _, camera = talk(play, host="10.0.0.1", **held_body("startBulbShooting", "stopBulbShooting", None))
    assert camera.methods[-1] == "stopBulbShooting"


def test_a_body_without_bulb_says_so():
    async def play(camera):
        with pytest.raises(CameraRefused, match="does not have that function"):
            await camera.bulb(10)

    talk(play, host="10.0.0.1")
