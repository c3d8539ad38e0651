"""Settings: what people write and what cameras take, both ways; what events and replies tell; scripted cameras."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dayspool.camera.human import ev_text, meaning, shown_value
from dayspool.camera.kinds import KINDS, Shape
from dayspool.camera.settings import Setting, change, chosen, listed, read_settings
from dayspool.camera.told import NOTHING, from_events, from_reply, from_supported
from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraRefused, PlanError

pytestmark = pytest.mark.anyio

KIND = {kind.name: kind for kind in KINDS}
ALL_METHODS = {f"{verb}{kind.group}" for kind in KINDS for verb in ("get", "set", "getAvailable", "getSupported")}


class ScriptedLine:
    """Answers from a table, raises what is an error in it, and keeps what it was asked."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.calls = []

    async def call(self, method, params=None, **_):
        self.calls.append((method, params) if params is not None else method)
        answer = self.answers.get(method, [0])
        if isinstance(answer, Exception):
            raise answer
        return answer


def settings_of(events, methods=ALL_METHODS):
    """Return what events alone tell: nothing is asked, so nothing is waited for."""
    reading = read_settings(ScriptedLine(), events, {method for method in methods if method.startswith("set")})
    with pytest.raises(StopIteration) as told:
        reading.send(None)
    return told.value.value


def event(name, value, choices=None):
    kind = KIND[name]
    told = {"type": kind.event, kind.keys[0]: value}
    return told | ({} if choices is None else {kind.keys[1]: choices})


def ev_event(now, high, low, step):
    return {
        "type": "exposureCompensation",
        "currentExposureCompensation": now,
        "maxExposureCompensation": high,
        "minExposureCompensation": low,
        "stepIndexOfExposureCompensation": step,
    }


def the(name, *events, methods=ALL_METHODS) -> Setting:
    return chosen(settings_of(list(events), methods), name)


@pytest.mark.parametrize(
    ("unit", "raw", "shown"),
    [
        ("s", "1/250", "1/250 s"),
        ("s", '0.4"', "0.4 s"),
        ("s", '30"', "30 s"),
        ("s", "BULB", "bulb"),
        ("s", 0, "off"),
        ("s", 10, "10 s"),
        ("s", "AUTO", "AUTO"),
        ("f/", "4.0", "f/4"),
        ("f/", "1.8", "f/1.8"),
        ("f/", "10", "f/10"),
        ("f/", "--", "--"),
        ("ISO", "400", "ISO 400"),
        ("ISO", "AUTO", "auto"),
        ("%", 37, "37 %"),
        ("°", 120, "120°"),
        ("min", "unlimited", "unlimited"),
        ("min", "20", "20 min"),
        ("steps", -2, "-2"),
        ("", "AF-S", "AF-S"),
        ("", True, "on"),
        ("", False, "off"),
    ],
)
def test_values_as_a_person_writes_them(unit, raw, shown):
    assert shown_value(raw, unit) == shown


@pytest.mark.parametrize(
    ("index", "per_ev", "shown"),
    [(0, 3, "0 EV"), (2, 3, "+0.7 EV"), (-1, 3, "-0.3 EV"), (3, 3, "+1 EV"), (1, 2, "+0.5 EV")],
)
def test_compensation_is_counted_in_steps(index, per_ev, shown):
    assert ev_text(index, per_ev) == shown
    assert meaning(shown, "EV") == Fraction(index, per_ev)


@pytest.mark.parametrize(
    ("name", "texts", "raw"),
    [
        ("shutter", ["1/250", "1/250s", "1/250 sec", " 1 / 250 "], "1/250"),
        ("shutter", ["0.5s", '0.5"', "0,5", "1/2"], '0.5"'),
        ("shutter", ['30"', "30", "30s", "30 seconds", "30″"], '30"'),
        ("shutter", ["bulb", "BULB"], "BULB"),
        ("aperture", ["f/4", "F4.0", "4", "f4", "F/4", "4.0", "f/4,0"], "4.0"),
        ("aperture", ["f/11", "11.0"], "11"),
        ("iso", ["ISO 400", "iso400", "400"], "400"),
        ("iso", ["auto", "AUTO", "ISO auto"], "AUTO"),
        ("exposure-mode", ["manual", "M", "m"], "Manual"),
        ("exposure-mode", ["aperture priority", "av"], "Aperture"),
        ("focus-mode", ["mf", "MF", "manual"], "MF"),
        ("focus-mode", ["afs", "AF-S", "af s"], "AF-S"),
        ("flash", ["slow sync", "SLOWSYNC"], "slowSync"),
        ("self-timer", ["10", "10s", "10 s"], 10),
        ("self-timer", ["off", "0"], 0),
        ("view-angle", ["170", "170°"], 170),
        ("drive-mode", ["burst", "burst (10 frames)"], "Burst (10 frames)"),
        ("still-quality", ["raw", "RAW+JPEG"], "RAW+JPEG"),
        ("white-balance", ["daylight", "Daylight"], ("Daylight", -1)),
        ("white-balance", ["auto", "awb"], ("Auto WB", -1)),
        ("white-balance", ["tungsten", "incandescent"], ("Incandescent", -1)),
        ("white-balance", ["warm white"], ("Fluorescent: Warm White (-1)", -1)),
        ("white-balance", ["5600K", "5600 k", "5600"], ("Color Temperature", 5600)),
        ("exposure-compensation", ["+0.7 EV", "+2/3", "0.7", "0.67ev"], 2),
        ("exposure-compensation", ["-1", "−1 EV", "-1.0"], -3),
        ("exposure-compensation", ["1 1/3", "+1.3 EV", "4/3"], 4),
        ("exposure-compensation", ["0", "±0", "0 EV"], 0),
        ("program-shift", ["+2", "2", "2 steps"], 2),
        ("program-shift", ["-2"], -2),
        ("focus-frames", ["on"], True),
        ("still-size", ["3:2 20M"], ("3:2", "20M")),
        ("scene", ["Night Scene"], "Night Scene"),
    ],
)
async def test_what_people_write(name, texts, raw):
    """Also where the camera tells no choices."""
    for text in texts:
        setting = Setting(name=name, unit=KIND[name].unit, writable=True)
        assert (await change(ScriptedLine(), setting, text)).raw == raw


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shutter", "quick"),
        ("shutter", "1/0"),
        ("aperture", "wide open"),
        ("iso", "fast"),
        ("exposure-compensation", "1/0"),
        ("exposure-compensation", "bright"),
        ("self-timer", "soon"),
        ("view-angle", "wide"),
        ("scene", ""),
        ("focus-mode", "-"),
        ("white-balance", " "),
    ],
)
async def test_what_is_no_value_at_all_is_misuse(name, text):
    with pytest.raises(PlanError, match="write "):
        await change(line := ScriptedLine(), Setting(name=name, unit=KIND[name].unit, writable=True), text)
    assert line.calls == []


@pytest.mark.parametrize(
    ("name", "text", "choices"),
    [
        ("shutter", "1/251", ["1/250", "1/320"]),
        ("shutter", "0.33", ["1/3"]),
        ("aperture", "f/3.9", ["4.0"]),
        ("iso", "401", ["400"]),
        ("focus-mode", "m", ["MF"]),
        ("flash", "slow", ["slowSync"]),
    ],
)
async def test_nothing_is_rounded_to_another_value(name, text, choices):
    setting = the(name, event(name, choices[0], choices))
    with pytest.raises(PlanError, match="the choices are") as caught:
        await change(line := ScriptedLine(), setting, text)
    assert all(choice in str(caught.value) for choice in setting.choices)
    assert line.calls == []


async def test_a_fluorescent_daylight_is_no_daylight():
    offered = [{"whiteBalanceMode": "Fluorescent: Daylight (+2)", "colorTemperatureRange": []}]
    line = ScriptedLine(
        {"getAvailableWhiteBalance": [{"whiteBalanceMode": "Auto WB", "colorTemperature": -1}, offered]}
    )
    (setting,) = await read_settings(line, [], {"getAvailableWhiteBalance", "setWhiteBalance"})
    with pytest.raises(PlanError, match=r"Fluorescent: Daylight \(\+2\)"):
        await change(line, setting, "daylight")


@pytest.mark.parametrize("step_per_ev", [(1, 3), (2, 2)])
async def test_every_index_of_a_compensation_goes_round(step_per_ev):
    step, per_ev = step_per_ev
    setting = the("exposure-compensation", ev_event(1, 15, -15, step))
    for index in range(-15, 16):
        line = ScriptedLine()
        assert (await change(line, setting, ev_text(index, per_ev))).raw == index
        assert line.calls == ([("setExposureCompensation", [index])] if index != 1 else [])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.known and kind.has_setter], ids=lambda kind: kind.name)
async def test_every_known_value_goes_round(kind):
    """From the wire to a person and back, among the choices of a camera that has them all, in any case."""
    raws = kind.known
    if kind.shape is Shape.WHITE_BALANCE:
        modes = [{"whiteBalanceMode": mode, "colorTemperatureRange": []} for mode, _ in raws]
        kelvins = {"whiteBalanceMode": "Color Temperature", "colorTemperatureRange": [9900, 2500, 100]}
        told = from_reply(kind, [{"whiteBalanceMode": "Auto WB", "colorTemperature": -1}, [*modes, kelvins]])
        raws = told.choices
        assert len(raws) == len(modes) + 75
        line = ScriptedLine({"getAvailableWhiteBalance": [modes[0] | {"colorTemperature": -1}, [*modes, kelvins]]})
        (setting,) = await read_settings(line, [], {"getAvailableWhiteBalance", "setWhiteBalance"})
    else:
        setting = the(kind.name, event(kind.name, raws[0], list(raws)))
    assert setting.raw_choices == raws
    for raw, shown in zip(raws, setting.choices, strict=True):
        for text in (shown, shown.lower(), shown.upper()):
            changed = await change(ScriptedLine(), setting, text)
            assert (changed.raw, changed.value) == (raw, shown)


@pytest.mark.parametrize(
    ("setting", "text", "call"),
    [
        (Setting(name="shutter", unit="s", writable=True), "1/60", ("setShutterSpeed", ["1/60"])),
        (Setting(name="self-timer", unit="s", writable=True), "2", ("setSelfTimer", [2])),
        (
            Setting(name="drive-mode", writable=True),
            "single",
            ("setContShootingMode", [{"contShootingMode": "Single"}]),
        ),
        (Setting(name="focus-frames", writable=True), "on", ("setLiveviewFrameInfo", [{"frameInfo": True}])),
        (Setting(name="still-size", writable=True), "4:3 18M", ("setStillSize", ["4:3", "18M"])),
        (Setting(name="white-balance", unit="K", writable=True), "cloudy", ("setWhiteBalance", ["Cloudy", False, -1])),
        (
            Setting(name="white-balance", unit="K", writable=True),
            "5600K",
            ("setWhiteBalance", ["Color Temperature", True, 5600]),
        ),
    ],
)
async def test_the_call_that_sets(setting, text, call):
    line = ScriptedLine()
    await change(line, setting, text)
    assert line.calls == [call]


async def test_what_it_is_already_is_not_sent():
    line = ScriptedLine()
    setting = the("shutter", event("shutter", "1/60", ["1/60", "1/80"]))
    assert (await change(line, setting, "1/60 s")).value == "1/60 s"
    assert line.calls == []


async def test_what_cannot_be_set_now_is_refused_unless_insisted_on():
    """As on an ILCE-6300 in M: the setter is not listed, and works."""
    setting = the("exposure-compensation", ev_event(3, 15, -15, 1), methods=())
    assert (setting.value, setting.writable) == ("+1 EV", False)
    line = ScriptedLine()
    with pytest.raises(CameraRefused, match="--insist"):
        await change(line, setting, "+0.7")
    assert (await change(line, setting, "+0.7", insist=True)).value == "+0.7 EV"
    assert line.calls == [("setExposureCompensation", [2])]


async def test_a_value_that_is_not_offered_can_be_insisted_on():
    setting = the("shutter", event("shutter", "1/60", ["1/60", "1/80"]))
    line = ScriptedLine()
    assert (await change(line, setting, "1/100", insist=True)).raw == "1/100"
    with pytest.raises(PlanError, match=r"the choices are bulb, 30 s"):
        await change(line, setting, "1/101", insist=True)
    assert line.calls == [("setShutterSpeed", ["1/100"])]


def test_a_setting_that_events_leave_out_can_be_insisted_on():
    with pytest.raises(CameraRefused, match="it has none"):
        chosen((), "iso")
    assert chosen((), "iso", insist=True) == Setting(name="iso", unit="ISO")
    with pytest.raises(PlanError, match="has no setting 'poetry'"):
        chosen((), "poetry", insist=True)


@pytest.mark.parametrize("name", ["zoom-position", "liveview-size", "exposure-lock"])
async def test_what_no_camera_lets_be_set(name):
    setting = Setting(name=name, value="37", unit=KIND[name].unit)
    with pytest.raises(CameraRefused, match="can only be read; it is 37"):
        await change(ScriptedLine(), setting, "50", insist=True)


def test_a_compensation_that_is_not_adjustable_now():
    """ILCE-5000 and DSC-HX60V in their automatic modes."""
    setting = the("exposure-compensation", ev_event(0, 0, 0, 0))
    assert (setting.value, setting.choices, setting.writable) == ("0 EV", (), False)


async def test_what_is_on_or_off_needs_no_list():
    line = ScriptedLine({"getLiveviewFrameInfo": [{"frameInfo": False}]})
    (setting,) = await read_settings(line, [], {"getLiveviewFrameInfo", "setLiveviewFrameInfo"})
    assert (setting.value, setting.choices) == ("off", ("on", "off"))
    assert (await change(line, setting, "ON")).raw is True


def test_a_program_shift_tells_only_whether():
    assert the("program-shift", {"type": "programShift", "isShifted": True}).value == "shifted"


def test_a_value_without_candidates_is_shown():
    setting = the("iso", event("iso", "400", []))
    assert (setting.value, setting.raw, setting.choices, setting.writable) == ("ISO 400", "400", (), True)


def test_a_list_of_one_stop_steps():
    """ILCE-6300, abridged: neither order nor completeness is relied upon."""
    told = settings_of(
        [
            None,
            [],
            event("exposure-mode", "Manual", []),
            ev_event(3, 15, -15, 1),
            event("aperture", "3.5", ["3.5", "4.0", "5.0"]),
            {"type": "whiteBalance", "currentWhiteBalanceMode": "Color Temperature", "currentColorTemperature": 5600},
            {"type": "stillSize", "checkAvailability": False, "currentAspect": "3:2", "currentSize": "20M"},
            {"type": "loopRecTime", "loopRecTime": "20", "candidate": ["5", "20", "unlimited"]},
            {"type": "zoomInformation", "zoomPosition": 37},
        ],
        {"setFNumber"},
    )
    assert {setting.name: setting.value for setting in told} == {
        "exposure-mode": "Manual",
        "aperture": "f/3.5",
        "exposure-compensation": "+1 EV",
        "white-balance": "5600 K",
        "still-size": "3:2 20M",
        "zoom-position": "37 %",
        "loop-time": "20 min",
    }
    assert [setting.name for setting in told if setting.writable] == ["aperture"]
    assert chosen(told, "loop-time").choices == ("5 min", "20 min", "unlimited")


@pytest.mark.parametrize(
    ("name", "reply", "value", "choices"),
    [
        ("self-timer", [0, [0, 2, 10]], "off", ("off", "2 s", "10 s")),
        ("exposure-compensation", [0, 1, -1, 1], "0 EV", ("-0.3 EV", "0 EV", "+0.3 EV")),
        ("exposure-compensation", [1, 2, -2, 2], "+0.5 EV", ("-1 EV", "-0.5 EV", "0 EV", "+0.5 EV", "+1 EV")),
        ("shutter", ['0.4"', []], "0.4 s", ()),
        (
            "zoom-setting",
            [{"zoom": "Optical Zoom Only", "candidate": ["Optical Zoom Only", "On:Digital Zoom"]}],
            "Optical Zoom Only",
            ("Optical Zoom Only", "On:Digital Zoom"),
        ),
        (
            "still-size",
            [{"aspect": "4:3", "size": "18M"}, [{"aspect": "4:3", "size": "18M"}, {"aspect": "16:9", "size": "2M"}]],
            "4:3 18M",
            ("4:3 18M", "16:9 2M"),
        ),
        (
            "white-balance",
            [
                {"whiteBalanceMode": "Color Temperature", "colorTemperature": 5600},
                [
                    {"whiteBalanceMode": "Auto WB", "colorTemperatureRange": []},
                    {"whiteBalanceMode": "Color Temperature", "colorTemperatureRange": [2700, 2500, 100]},
                ],
            ],
            "5600 K",
            ("Auto WB", "2500 K", "2600 K", "2700 K"),
        ),
    ],
)
async def test_what_events_leave_out_is_asked_for(name, reply, value, choices):
    line = ScriptedLine({f"getAvailable{KIND[name].group}": reply})
    (setting,) = await read_settings(line, [], {f"getAvailable{KIND[name].group}"})
    assert (setting.value, setting.choices) == (value, choices)
    assert len(line.calls) == 1


@pytest.mark.parametrize(
    ("name", "supported", "choices"),
    [
        ("iso", [["AUTO", "50"]], ("auto", "ISO 50")),
        ("exposure-compensation", [[1], [-1], [1]], ("-0.3 EV", "0 EV", "+0.3 EV")),
        ("exposure-compensation", [[0], [0], [0]], ()),
        ("program-shift", [[1, -1]], ("-1", "+0", "+1")),
        ("drive-mode", [{"candidate": ["Single"]}], ("Single",)),
        ("white-balance", [[{"whiteBalanceMode": "Shade", "colorTemperatureRange": []}]], ("Shade",)),
        ("still-size", [[{"aspect": "3:2", "size": "20M"}]], ("3:2 20M",)),
    ],
)
async def test_where_only_the_supported_values_are_told(name, supported, choices):
    line = ScriptedLine({f"getSupported{KIND[name].group}": supported})
    told = await read_settings(line, [], {f"getSupported{KIND[name].group}"})
    assert [setting.choices for setting in told] == ([choices] if choices else [])


async def test_nothing_is_asked_that_events_told_or_that_is_not_offered():
    line = ScriptedLine()
    await read_settings(
        line, [event("iso", "400", []), event("shutter", "1/60", ["1/60"])], {"getAvailableIsoSpeedRate"}
    )
    assert line.calls == []


@pytest.mark.parametrize("error", [CameraRefused("403"), CameraBusy("1"), CameraConfused("500")])
async def test_one_declined_question_costs_no_other(error):
    line = ScriptedLine({"getAvailableFlashMode": error, "getAvailableSelfTimer": [2, [0, 2, 10]]})
    told = await read_settings(line, [], {"getAvailableFlashMode", "getAvailableSelfTimer"})
    assert [setting.name for setting in told] == ["self-timer"]


async def test_only_the_named_are_asked_for():
    line = ScriptedLine({"getAvailableSelfTimer": [2, [0, 2, 10]]})
    await read_settings(line, [], {"getAvailableFlashMode", "getAvailableSelfTimer"}, names={"self-timer"})
    assert line.calls == ["getAvailableSelfTimer"]


def test_a_very_long_list_is_abridged():
    choices = [str(number) for number in range(100)]
    assert listed(choices, most=4) == "0, 1, …, 98, 99"
    assert listed(choices[:4], most=4) == "0, 1, 2, 3"


def test_no_two_kinds_share_a_name_or_a_group():
    assert len({kind.name for kind in KINDS}) == len({kind.group for kind in KINDS}) == len(KINDS)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1/60", "AUTO"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["candidate", "whiteBalanceMode", "colorTemperatureRange", "aspect", "size", "zoom"]), inner
        )
    ),
    max_leaves=10,
)
keys = st.sampled_from([key for kind in KINDS for key in kind.keys if key])
hostile_events = st.builds(
    lambda kind, told: {"type": kind.event} | told, st.sampled_from(KINDS), st.dictionaries(keys, anything)
)


@given(st.lists(anything | hostile_events, max_size=4))
def test_no_event_escapes(result):
    for setting in settings_of(result, ALL_METHODS):
        assert len(setting.choices) == len(setting.raw_choices) <= 1000
        json.dumps(setting.raw)


@given(
    st.sampled_from(KINDS), st.lists(anything, max_size=4) | st.lists(st.lists(st.integers(), max_size=3), max_size=3)
)
def test_no_reply_escapes(kind, result):
    for read in (from_reply, from_supported):
        told = read(kind, result)
        assert told == NOTHING or told.choices is None or len(told.choices) <= 1000


@given(st.sampled_from(KINDS), st.text(max_size=12) | st.from_regex(r"[+-]?[0-9]{1,4}([./][0-9]{1,4})?( ?[a-zK%]+)?"))
async def test_no_text_escapes_and_what_is_taken_is_shown_back(kind, text):
    assume(kind.has_setter)
    setting = Setting(name=kind.name, unit=kind.unit, writable=True)
    try:
        changed = await change(ScriptedLine(), setting, text)
    except (CameraError, PlanError):
        return
    assert changed.value is not None
    again = await change(ScriptedLine(), setting, changed.value)
    assert again.raw == changed.raw


def test_an_event_without_anything_of_use_tells_nothing():
    assert from_events([{"type": "shutterSpeed"}, {"type": "isoSpeedRate", "currentIsoSpeedRate": ""}]) == {}
