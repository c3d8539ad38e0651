"""What simulated cameras do from afar beside single shots: focus, series, bulb, contents, and the quirks of models."""

from dataclasses import replace

import anyio
import pytest

from dayspool.sim import PROFILES, ConnectionDropped, Fault, FaultKind, Faults, Ledger
from dayspool.sim.profile import Quirks
from tests.sim.calls import BACKENDS, NOON, Client, virtually

NOT_NOW = [1, "Not Available Now"]
FAILED = [40400, "Shooting fail"]


def lines(path):
    return path.read_text().splitlines()


# -- focus ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["a7m3", "rx0"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_youngest_want_a_half_press_before_a_shot(model, backend):
    async def main(client):
        await client.begin()
        seen = [await client.ask("actTakePicture"), await client.event("focusStatus")]
        seen.append(await client.ask("actHalfPressShutter"))
        seen += [await client.event("focusStatus"), await client.ask("actTakePicture")]
        await anyio.sleep(0.5)
        seen += [await client.event("focusStatus"), "result" in await client.ask("actTakePicture")]
        await anyio.sleep(3)
        seen += [await client.ask("cancelHalfPressShutter"), await client.event("focusStatus")]
        seen.append((await client.ask("actTakePicture"))["error"])
        await client.ask("setFocusMode", "MF")
        seen.append("result" in await client.ask("actTakePicture"))
        return seen, client.body.exposures

    def status(name):
        return {"type": "focusStatus", "focusStatus": name}

    failed = {"id": 1, "error": FAILED}
    seen, exposures = virtually(main, backend, profile=PROFILES[model])
    assert seen == [
        failed,
        status("Not Focusing"),
        {"id": 1, "result": []},
        status("Focusing"),
        failed,
        status("Focused"),
        True,
        {"id": 1, "result": []},
        status("Not Focusing"),
        FAILED,
        True,
    ]
    assert exposures == 2


def test_autofocus_finds_nothing_by_night():
    night = NOON.replace(month=12, hour=23)

    async def main(client):
        await client.begin()
        await client.ask("actHalfPressShutter")
        await anyio.sleep(1)
        status = (await client.event("focusStatus"))["focusStatus"]
        touched = await client.ask("setTouchAFPosition", 50.0, 50)
        await client.ask("cancelHalfPressShutter")
        shot = await client.ask("actTakePicture")
        await client.ask("setFocusMode", "MF")
        return status, touched, shot, "result" in await client.ask("actTakePicture")

    status, touched, shot, by_hand = virtually(main, profile=PROFILES["a5000"], sky_start=night)
    assert status == "Failed"
    assert touched["result"] == [0, {"AFResult": False, "AFType": "Touch"}]
    assert shot["error"] == FAILED
    assert by_hand


def test_a_body_whose_client_cannot_choose_manual_focus_finds_it_by_night_too():
    night = NOON.replace(month=12, hour=23)

    async def main(client):
        await client.begin()
        await client.ask("startLiveview")
        return "result" in await client.ask("actTakePicture")

    assert virtually(main, profile=PROFILES["a6300"], sky_start=night)


def test_focus_is_in_the_picture():
    async def main(client):
        await client.begin()
        await client.ask("setFocusMode", "MF")
        blurred = await client.shoot(), client.body.shutter.last_answered.wish.focus_error
        await anyio.sleep(4)
        await client.ask("setFocusMode", "AF-S")
        await client.shoot()
        return blurred[1], client.body.shutter.last_answered.wish.focus_error

    blurred, sharp = virtually(main, profile=PROFILES["a5000"])
    assert blurred > 0.3
    assert sharp == 0


def test_a_point_can_be_touched():
    async def main(client):
        await client.begin()
        seen = [await client.ask("getTouchAFPosition"), await client.ask("setTouchAFPosition", 25, 75.5)]
        seen += [await client.ask("getTouchAFPosition"), await client.event("touchAFPosition")]
        seen.append(await client.ask("setTouchAFPosition", 25, 101))
        return seen

    assert virtually(main, profile=PROFILES["a5000"]) == [
        {"id": 1, "result": [{"set": False, "touchCoordinates": []}]},
        {"id": 1, "result": [0, {"AFResult": True, "AFType": "Touch"}]},
        {"id": 1, "result": [{"set": True, "touchCoordinates": [25, 75.5]}]},
        {"type": "touchAFPosition", "currentSet": True, "currentTouchCoordinates": [25, 75.5]},
        {"id": 1, "error": [3, "illegal argument"]},
    ]


def test_a_qx1_can_follow_a_thing():
    async def main(client):
        await client.begin()
        refused = await client.ask("actTrackingFocus", {"xPosition": 50.0, "yPosition": 50.0})
        return refused, await client.event("trackingFocusStatus")

    answer, told = virtually(main, profile=PROFILES["qx1"])
    assert answer["error"] == NOT_NOW, "it has a row and is never offered"
    assert told == {"type": "trackingFocusStatus", "trackingFocusStatus": "Not Tracking"}


# -- series and bulb --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_continuous_shooting_goes_on_until_it_is_stopped(tmp_path, backend):
    async def main(client):
        await client.begin()
        single = await client.ask("startContShooting")
        await client.ask("setContShootingMode", {"contShootingMode": "Continuous"})
        no_single = await client.ask("actTakePicture")
        started = await client.ask("startContShooting")
        await anyio.sleep(1.1)
        during = client.body.status, client.body.exposures, await client.event("contShooting")
        stopped = await client.ask("stopContShooting")
        count = client.body.exposures
        await anyio.sleep(5)
        event = await client.event("contShooting")
        statuses = [(await client.fetch(row["postviewUrl"])).status for row in event["contShootingUrl"]]
        return single, no_single, started, during, stopped, count, statuses, client.body.status

    with Ledger(tmp_path / "ledger") as ledger:
        single, no_single, started, during, stopped, count, statuses, status = virtually(
            main, backend, profile=PROFILES["qx1"], ledger=ledger
        )
    assert single["error"] == no_single["error"] == NOT_NOW
    assert started == stopped == {"id": 1, "result": []}
    assert during == ("StillCapturing", 4, None)
    assert count == 4
    assert statuses == [200] * 4
    assert status == "IDLE"
    moments = [line.split('"utc":')[1][:28] for line in lines(tmp_path / "ledger")]
    assert len(set(moments)) == 4


def test_an_action_camera_makes_its_own_time_lapse():
    async def main(client):
        await client.begin()
        early = await client.ask("startIntervalStillRec")
        await client.ask("setShootMode", "intervalstill")
        started = await client.ask("startIntervalStillRec")
        await anyio.sleep(12)
        during = client.body.status, client.body.exposures
        again = await client.ask("startIntervalStillRec")
        return early, started, during, again, await client.ask("stopIntervalStillRec"), client.body.exposures

    early, started, during, again, stopped, exposures = virtually(main, profile=PROFILES["as30v"])
    assert early["error"] == again["error"] == NOT_NOW
    assert started == stopped == {"id": 1, "result": [0]}
    assert during == ("IntervalRecording", 3)
    assert exposures == 3


def test_a_long_time_lapse_of_its_own_does_not_fill_the_memory():
    async def main(client):
        await client.begin()
        await client.ask("setShootMode", "intervalstill")
        await client.ask("startIntervalStillRec")
        names = []
        for _ in range(20):
            await anyio.sleep(5)
            names.append(client.body.shutter.last_answered.name)
        return sum(client.body.shot_named(name) is not None for name in names), client.body.exposures

    kept, exposures = virtually(main, profile=PROFILES["as30v"])
    assert 1 <= kept <= PROFILES["as30v"].pictures_kept
    assert exposures == 21


def test_an_exposure_is_made_as_lens_and_settings_stood_when_it_began():
    async def main(client):
        await client.begin()
        await client.ask("setExposureMode", "Manual")
        await client.ask("setShutterSpeed", "BULB")
        await client.ask("startBulbShooting")
        client.body.lens.move_zoom("in", "start")
        client.body.settings.turn("IsoSpeedRate", "800")
        await anyio.sleep(2)
        await client.ask("stopBulbShooting")
        await anyio.sleep(5)
        bulb = client.body.shutter.bulb_shot
        client.body.settings.turn("ShutterSpeed", "1/250")
        client.body.lens.move_zoom("out", "start")
        await client.ask("setSelfTimer", 2)
        shot = await client.body.take_picture()
        return bulb.zoom, bulb.wish.iso, bulb.wish.shutter_seconds, shot.zoom

    zoom, iso, seconds, delayed = virtually(main, profile=PROFILES["a5000"])
    assert (zoom, iso, seconds) == (0, None, pytest.approx(2))
    assert delayed == pytest.approx(1 - 2 / 3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_bulb_lasts_as_long_as_it_is_held(tmp_path, backend):
    async def main(client):
        await client.begin()
        early = await client.ask("startBulbShooting")
        await client.ask("setExposureMode", "Manual")
        await client.ask("setShutterSpeed", "BULB")
        seen = [await client.ask("startBulbShooting"), client.body.exposures]
        await anyio.sleep(41.5)
        seen += [(await client.event("bulbCapturingTime"))["bulbCapturingTime"], client.body.status]
        seen += [await client.ask("stopBulbShooting"), client.body.exposures]
        shot = await client.ask("awaitTakePicture")
        event = await client.event("bulbShooting")
        return early, seen, shot["result"][0][0], event["bulbShootingUrl"][0]["postviewUrl"]

    with Ledger(tmp_path / "ledger") as ledger:
        early, seen, url, told = virtually(main, backend, profile=PROFILES["a5000"], ledger=ledger)
    assert early["error"] == NOT_NOW
    assert seen == [{"id": 1, "result": []}, 0, 41, "StillCapturing", {"id": 1, "result": []}, 1]
    assert url == told
    assert len(lines(tmp_path / "ledger")) == 1


def test_a_plain_shot_at_bulb_does_not_end_by_itself():
    async def main(client):
        await client.begin()
        client.body.settings.turn("ExposureMode", "Manual")
        await client.ask("setShutterSpeed", "BULB")
        first, at = await client.ask("actTakePicture"), anyio.current_time()
        second = await client.ask("awaitTakePicture")
        return first, at, second, client.body.status, await client.ask("stopBulbShooting")

    first, at, second, status, stopped = virtually(main, profile=PROFILES["a5000"])
    assert first["error"] == second["error"] == [40403, "Long shooting"]
    assert (at, status) == (17.5, "StillCapturing")
    assert stopped["result"] == []


def test_a_self_timer_delays_the_shot():
    async def main(client):
        await client.begin()
        await client.ask("setSelfTimer", 2)
        began = anyio.current_time()
        await client.shoot()
        return anyio.current_time() - began

    assert 2 + 1.0 <= virtually(main, profile=PROFILES["qx10"]) <= 2 + 2.0


def test_a_shutter_set_by_hand_is_waited_for():
    async def main(client):
        await client.begin()
        client.body.settings.turn("ExposureMode", "Shutter")
        await client.ask("setShutterSpeed", '8"')
        began = anyio.current_time()
        await client.shoot()
        return anyio.current_time() - began

    assert 8 + 1.2 <= virtually(main, profile=PROFILES["a5000"]) <= 8 + 2.3


# -- quirks -----------------------------------------------------------------------------------------------------------


def test_a_qx1_reports_an_error_though_the_picture_was_taken():
    async def main(client):
        await client.begin()
        seen = []
        for _ in range(5):
            seen.append(sorted(await client.ask("actTakePicture"))[0])
            await anyio.sleep(5)
        left = (await client.event("storageInformation"))["numberOfRecordableImages"]
        urls = (await client.event("takePicture"))["takePictureUrl"]
        return seen, client.body.exposures, left, (await client.fetch(urls[0])).status

    assert virtually(main, profile=PROFILES["qx1"]) == (["id"] * 4 + ["error"], 5, 39_995, 200)


def test_an_rx0_is_not_ready_in_its_first_seconds():
    async def main(client):
        early = await client.ask("actTakePicture"), await client.ask("setSelfTimer", 2)
        await anyio.sleep(5)
        return early, await client.ask("setSelfTimer", 2)

    early, later = virtually(main, profile=PROFILES["rx0"])
    assert [answer["error"] for answer in early] == [[40401, "Camera Not Ready"]] * 2
    assert later["result"] == [0]


def test_not_being_ready_is_said_before_anything_else():
    async def main(client):
        calls = (("setShootMode", "sideways"), ("stopBulbShooting",), ("startLiveview",), ("stopMovieRec",))
        refused = [(await client.ask(*call))["error"][0] for call in calls]
        told = [await client.ask(name) for name in ("getVersions", "getShootMode", "getAvailableApiList")]
        return refused, all("result" in answer for answer in told)

    assert virtually(main, profile=PROFILES["a7m3"]) == ([40401] * 4, True)


def quirky(model, **quirks):
    profile = PROFILES[model]
    return replace(profile, quirks=replace(profile.quirks, **quirks))


def test_some_do_not_like_to_be_told_twice():
    async def main(client):
        await client.begin()
        first = await client.ask("startLiveview"), await client.ask("startLiveview")
        return first[1], await client.ask("setShootMode", "still"), await client.ask("setShootMode", "movie")

    again, same, other = virtually(main, profile=PROFILES["a7m3"])
    assert again["error"][0] == 40402
    assert same["error"] == NOT_NOW
    assert other["result"] == [0]


def test_a_body_that_hangs_drops_who_leaves():
    from dayspool.sim.service import Caller, Services

    async def main(client):
        services = Services(client.body)
        leaving = Caller("h", anyio.lowlevel.checkpoint)
        await services.answer("/sony/camera", b"{}", leaving)
        with pytest.raises(ConnectionDropped):
            await services.answer("/sony/camera", b"{}", leaving)

    faults = Faults((Fault(kind=FaultKind.HANGS, calls=1),))
    virtually(main, profile=PROFILES["wx350"], faults=faults)


@pytest.mark.parametrize(("model", "ends"), [("rx100m2", True), ("qx10", False), ("a6300", False)])
def test_liveview_ends_at_a_shot_on_the_oldest_only(model, ends):
    async def main(client):
        await client.begin()
        await client.ask("startLiveview")
        watching = client.body.open_liveview()
        await client.shoot()
        return not client.body.viewfinder.on, not watching()

    assert virtually(main, profile=PROFILES[model]) == (ends, ends)


def test_liveview_ends_with_the_mode_in_which_it_ran():
    async def main(client):
        await client.begin()
        await client.ask("startLiveview")
        watching = client.body.open_liveview()
        await client.ask("stopRecMode")
        await client.begin()
        return client.body.viewfinder.on, watching()

    assert virtually(main, profile=PROFILES["a6300"]) == (False, False)


def test_liveview_has_two_sizes_where_it_can():
    async def main(client):
        await client.begin()
        seen = [client.body.viewfinder.px, await client.ask("startLiveviewWithSize", "L"), client.body.viewfinder.px]
        seen += [await client.ask("getLiveviewSize"), await client.ask("startLiveviewWithSize", "XXL")]
        return seen

    assert virtually(main, profile=PROFILES["a5000"]) == [
        (640, 424),
        {"id": 1, "result": ["http://10.0.0.1:8080/liveview/liveviewstream"]},
        (1024, 680),
        {"id": 1, "result": ["L"]},
        {"id": 1, "error": [3, "illegal argument"]},
    ]


# -- contents, storage, battery ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_camera_goes_over_to_its_contents_and_back(backend):
    async def main(client):
        await client.begin()
        await client.ask("startLiveview")
        seen = [await client.ask("setCameraFunction", "Contents Transfer"), client.body.status]
        seen += [client.body.viewfinder.on, await client.event("cameraFunctionResult")]
        await anyio.sleep(1.6)
        seen += [client.body.status, (await client.event("cameraFunctionResult"))["cameraFunctionResult"]]
        seen += [(await client.event("cameraFunction"))["currentCameraFunction"]]
        seen += [(await client.ask("actTakePicture"))["error"], (await client.ask("startLiveview"))["error"]]
        seen += [await client.ask("setCameraFunction", "Remote Shooting")]
        await anyio.sleep(1.6)
        return [*seen, client.body.status]

    done = {"id": 1, "result": [0]}
    assert virtually(main, backend, profile=PROFILES["qx1"]) == [
        done,
        "NotReady",
        False,
        None,
        "ContentsTransfer",
        "Success",
        "Contents Transfer",
        NOT_NOW,
        NOT_NOW,
        done,
        "IDLE",
    ]


def test_a_card_can_be_formatted_and_keeps_what_was_shot():
    async def main(client):
        await client.begin()
        before = len(client.body.card.files)
        await client.shoot()
        await anyio.sleep(5)
        after = len(client.body.card.files), client.body.images_left
        answer = await client.ask("actFormatStorage")
        return after[0] - before, after[1], answer, len(client.body.card.files), client.body.images_left

    assert virtually(main, profile=PROFILES["qx1"]) == (1, 39_999, {"id": 1, "result": [0]}, 0, 40_000)


def test_a_battery_is_told_where_it_is_known():
    async def main(client):
        await client.begin()
        return await client.event("batteryInfo")

    assert virtually(main, profile=PROFILES["a6300"]) is None
    (row,) = virtually(main, profile=PROFILES["a5000"])["batteryInfo"]
    assert (row["levelNumer"], row["levelDenom"], row["status"]) == (4, 4, "active")


# -- every camera -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", sorted(name for name, profile in PROFILES.items() if profile.json))
def test_every_model_takes_a_picture_and_gives_it(model):
    async def main(client: Client):
        await client.begin()
        if "ShootMode" in client.body.settings and client.body.shoot_mode != "still":
            await client.ask("setShootMode", "still")
        await client.ask("actHalfPressShutter")
        await anyio.sleep(1)
        await client.ask("startLiveview")
        url = await client.shoot()
        reply = await client.fetch(url)
        return url, reply.status, reply.content[:2]

    url, status, head = virtually(main, profile=PROFILES[model])
    assert (status, head) == (200, b"\xff\xd8")
    assert str(PROFILES[model].ports.media) in url


def test_quirks_are_off_unless_a_model_shows_them():
    assert Quirks() == PROFILES["wx350"].quirks
