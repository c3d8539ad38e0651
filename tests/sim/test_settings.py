"""The settings of simulated cameras: every shape there and back, what can be set when, and what a picture shows."""

import anyio
import pytest

from dayspool.sim import PROFILES
from dayspool.sim.groups import GROUPS, Shape
from dayspool.sim.parts import ExposureWish
from dayspool.sim.settings import Settings, stop_seconds
from tests.sim.calls import virtually

SPEAKING = sorted(name for name, profile in PROFILES.items() if profile.json)
NOT_NOW, ILLEGAL = [1, "Not Available Now"], [3, "illegal argument"]


def written(group, value):
    """Return the parameters that set a value, and what its getter tells then."""
    match GROUPS[group].shape:
        case Shape.OBJECT:
            told = {GROUPS[group].key: value}
            return [told], told
        case Shape.WHITE_BALANCE:
            mode, span = value
            kelvin = span[1] + 3 * span[2] if span else -1
            return [mode, bool(span), kelvin if span else 0], {"whiteBalanceMode": mode, "colorTemperature": kelvin}
        case Shape.STILL_SIZE:
            return list(value), {"aspect": value[0], "size": value[1]}
        case _:
            return [value], value


def values(group, choices):
    """Return the values that choices stand for."""
    if GROUPS[group].shape in {Shape.STEP, Shape.SHIFT}:
        highest, lowest, *_ = choices
        return [lowest, 0, highest]
    return choices


@pytest.mark.parametrize("model", SPEAKING)
def test_what_is_offered_can_be_set_and_is_told_then(model):
    profile = PROFILES[model]

    async def main(client):
        await client.begin()
        await client.ask("startLiveview")
        await anyio.sleep(2)
        wrong = []
        for setting in profile.settings:
            group = setting.group
            if group == "CameraFunction" or f"set{group}" in profile.gated | {"setShootMode"}:
                continue
            for dial in ("Program Auto", "Aperture", "Shutter", "Manual"):
                if "ExposureMode" in client.body.settings:
                    client.body.settings.turn("ExposureMode", dial)
                if f"set{group}" not in await client.offered():
                    continue
                for value in values(group, client.body.settings.choices(group, client.body.state)):
                    params, told = written(group, value)
                    answer = await client.ask(f"set{group}", *params)
                    if answer.get("result") != ([] if GROUPS[group].shape is Shape.OBJECT else [0]):
                        wrong.append((group, value, answer))
                    getter = await client.ask(f"get{group}")
                    if f"get{group}" in await client.offered() and getter != {"id": 1, "result": [told]}:
                        wrong.append((group, value, getter))
        return wrong

    assert virtually(main, profile=profile) == []


@pytest.mark.parametrize(
    ("model", "method", "params", "error"),
    [
        ("a5000", "setFNumber", ["5.6"], NOT_NOW),  # in Program Auto the camera chooses it
        ("a5000", "setShutterSpeed", ["1/60"], NOT_NOW),
        ("a5000", "setIsoSpeedRate", ["123"], ILLEGAL),
        ("a5000", "setIsoSpeedRate", [400], ILLEGAL),
        ("a5000", "setExposureCompensation", [10], ILLEGAL),
        ("a5000", "setExposureCompensation", [0.5], ILLEGAL),
        ("a5000", "setExposureCompensation", [True], ILLEGAL),
        ("a5000", "setWhiteBalance", ["Color Temperature", True, 2550], ILLEGAL),
        ("a5000", "setWhiteBalance", ["Color Temperature", True, 10_000], ILLEGAL),
        ("a5000", "setWhiteBalance", ["Candle", False, 0], ILLEGAL),
        ("a5000", "setWhiteBalance", ["Daylight"], ILLEGAL),
        ("a5000", "setZoomSetting", ["Optical Zoom Only"], ILLEGAL),
        ("a5000", "setZoomSetting", [{"zoom": 3}], ILLEGAL),
        ("a5000", "setZoomSetting", [{"room": "Optical Zoom Only"}], ILLEGAL),
        ("a5000", "setLiveviewFrameInfo", [{"frameInfo": 1}], ILLEGAL),
        ("a5000", "setSelfTimer", [5], ILLEGAL),
        ("a5000", "setSelfTimer", ["2"], ILLEGAL),
        ("a5000", "setShootMode", ["movie"], ILLEGAL),
        ("a5000", "setCameraFunction", ["Contents Transfer"], NOT_NOW),
        ("a5000", "getFlashMode", [], NOT_NOW),
        ("qx10", "setStillSize", ["4:3", "2M"], ILLEGAL),
        ("qx10", "setStillSize", ["4:3"], ILLEGAL),
        ("a6300", "setSelfTimer", [2], NOT_NOW),  # without liveview
        ("a6300", "setExposureCompensation", [3], NOT_NOW),
    ],
)
def test_what_cannot_be_set(model, method, params, error):
    async def main(client):
        await client.begin()
        return await client.ask(method, *params)

    assert virtually(main, profile=PROFILES[model]) == {"id": 1, "error": error}


def test_an_a6300_sets_exposure_compensation_under_liveview_though_it_does_not_say_so():
    async def main(client):
        await client.begin()
        client.body.settings.turn("ExposureMode", "Manual")
        await client.ask("startLiveview")
        await anyio.sleep(2)
        return await client.offered(), await client.ask("setExposureCompensation", 3)

    offered, answer = virtually(main, profile=PROFILES["a6300"])
    assert "setExposureCompensation" not in offered
    assert answer == {"id": 1, "result": [0]}


def test_an_a6300_fails_without_a_word_when_asked_for_movies():
    async def main(client):
        await client.begin()
        reply = await client.post("setShootMode", "movie")
        return reply.status, reply.content, await client.ask("setShootMode", "still")

    assert virtually(main, profile=PROFILES["a6300"]) == (500, b"", {"id": 1, "result": [0]})


@pytest.mark.parametrize(
    ("model", "dial", "method", "result"),
    [
        ("a5000", "Intelligent Auto", "getAvailableExposureCompensation", [0, 0, 0, 0]),
        ("a5000", "Program Auto", "getAvailableExposureCompensation", [0, 9, -9, 1]),
        ("a5000", "Program Auto", "getSupportedExposureCompensation", [[9], [-9], [1]]),
        ("a5000", "Intelligent Auto", "getAvailableIsoSpeedRate", ["AUTO", []]),
        ("a5000", "Intelligent Auto", "getAvailableFocusMode", ["AF-S", ["AF-S", "DMF", "MF"]]),
        (
            "a5000",
            "Intelligent Auto",
            "getAvailableWhiteBalance",
            [{"whiteBalanceMode": "Auto WB", "colorTemperature": -1}, []],
        ),
        ("a5000", "Program Auto", "getLiveviewFrameInfo", [{"frameInfo": False}]),
        ("a5000", "Program Auto", "getSupportedContShootingMode", [{"candidate": []}]),
        ("hx400v", "Program Auto", "getSupportedContShootingMode", [{"candidate": ["Single"]}]),
    ],
)
def test_what_the_getters_tell(model, dial, method, result):
    async def main(client):
        client.body.settings.turn("ExposureMode", dial)
        await client.begin()
        return await client.ask(method)

    assert virtually(main, profile=PROFILES[model]) == {"id": 1, "result": result}


def test_a_change_is_an_event():
    async def main(client):
        await client.begin()
        await client.ask("getEvent", False, version="1.4")
        await client.ask("setWhiteBalance", "Color Temperature", True, 5600)
        return [slot for slot in (await client.ask("getEvent", True, version="1.4"))["result"] if slot]

    assert virtually(main, profile=PROFILES["a5000"]) == [
        {
            "type": "whiteBalance",
            "checkAvailability": False,
            "currentWhiteBalanceMode": "Color Temperature",
            "currentColorTemperature": 5600,
        }
    ]


@pytest.mark.parametrize(
    ("name", "seconds"), [("1/250", 1 / 250), ('0.4"', 0.4), ('30"', 30.0), ("BULB", None), (None, None)]
)
def test_what_a_shutters_name_stands_for(name, seconds):
    assert stop_seconds(name) == seconds


def wish(**dials):
    settings = Settings(PROFILES["a5000"])
    for group, value in dials.items():
        settings.turn(group, value)
    return settings.wish(focus_error=0.25)


def test_what_the_settings_ask_of_an_exposure():
    assert wish() == ExposureWish(focus_error=0.25)
    assert wish(
        ExposureMode="Manual",
        ShutterSpeed='2.5"',
        FNumber="8.0",
        IsoSpeedRate="400",
        ExposureCompensation=-2,
        WhiteBalance=("Color Temperature", 5600),
    ) == ExposureWish(
        mode="Manual",
        shutter_seconds=2.5,
        aperture=8.0,
        iso=400,
        bias_ev=-2 / 3,
        white_balance_kelvin=5600,
        focus_error=0.25,
    )
    assert wish(ExposureMode="Aperture", FNumber="8.0").aperture == 8.0
    assert wish(ExposureMode="Aperture", FNumber="8.0").shutter_seconds is None
    assert wish(ExposureMode="Shutter", ShutterSpeed="1/8").shutter_seconds == 1 / 8
    assert wish(WhiteBalance=("Incandescent", -1)).white_balance_kelvin == 2800


def test_what_is_set_is_in_the_exposure():
    async def main(client):
        await client.begin()
        for method, value in (("ExposureMode", "Manual"), ("ShutterSpeed", "1/125"), ("FNumber", "11")):
            await client.ask(f"set{method}", value)
        await client.ask("setIsoSpeedRate", "200")
        await client.shoot()
        nominal = client.body.shutter.last_answered.metered.nominal
        return nominal.shutter_seconds, nominal.aperture, nominal.iso

    assert virtually(main, profile=PROFILES["a5000"]) == (1 / 125, 11, 200)


def test_a_postview_is_as_large_as_was_set():
    import io

    from PIL import Image

    async def main(client):
        await client.begin()
        sizes = []
        for size in ("2M", "Original"):
            await client.ask("setPostviewImageSize", size)
            sizes.append(Image.open(io.BytesIO((await client.fetch(await client.shoot())).content)).size)
            await anyio.sleep(4)
        return sizes

    small, large = virtually(main, profile=PROFILES["a5000"])
    assert small == (48, 32)
    assert large == (162, 108)
