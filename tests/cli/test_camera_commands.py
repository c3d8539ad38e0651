"""`camera info`, `set` and `liveview` with an ILCE-5000 by script, in M: recorded lists, a charging battery, a card."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest
from click.testing import CliRunner

from dayspool.camera import Courtesy, open_camera
from dayspool.cli import root
from tests.camera.scripted import BASIC, Scripted
from tests.camera.test_liveview import FACE, focus_packet, jpeg, packet

FRACTIONS = [f"1/{below}" for below in (10, 20, 30, 40, 60, 80, 100, 125, 160, 200, 250)]
SHUTTERS = ["BULB", '30"', '0.4"', "1/3", *FRACTIONS]
SETTERS = ("setShutterSpeed", "setIsoSpeedRate", "setExposureCompensation", "setWhiteBalance")
OFFERED = [
    *BASIC,
    *SETTERS,
    *("getAvailableWhiteBalance", "getAvailableSelfTimer", "setSelfTimer"),
    *("startLiveview", "stopLiveview", "setLiveviewFrameInfo"),
]
BATTERY = {
    **{"batteryID": "externalBattery1", "status": "active", "additionalStatus": "charging"},
    **{"levelNumer": 3, "levelDenom": 4, "description": ""},
}
CARD = {
    **{"type": "storageInformation", "storageID": "Memory Card 1"},
    **{"recordTarget": True, "numberOfRecordableImages": 612},
}
EVENTS = [
    {"type": "availableApiList", "names": OFFERED},
    {"type": "cameraStatus", "cameraStatus": "IDLE"},
    [
        {
            "type": "storageInformation",
            "storageID": "Memory Card 1",
            "recordTarget": True,
            "numberOfRecordableImages": 612,
        }
    ],
    {"type": "shutterSpeed", "currentShutterSpeed": "1/250", "shutterSpeedCandidates": SHUTTERS},
    {"type": "isoSpeedRate", "currentIsoSpeedRate": "AUTO", "isoSpeedRateCandidates": ["AUTO", "100", "200"]},
    {"type": "fNumber", "currentFNumber": "4.0", "fNumberCandidates": ["4.0", "4.5"]},
    {
        **{"type": "exposureCompensation", "currentExposureCompensation": 0, "stepIndexOfExposureCompensation": 1},
        **{"maxExposureCompensation": 9, "minExposureCompensation": -9},
    },
    {"type": "exposureMode", "currentExposureMode": "Man\x1b[2Jual", "exposureModeCandidates": []},
    {"type": "batteryInfo", "batteryInfo": [BATTERY]},
]
WHITE_BALANCE = [
    {"whiteBalanceMode": "Auto WB", "colorTemperature": -1},
    [
        {"whiteBalanceMode": "Auto WB", "colorTemperatureRange": []},
        {"whiteBalanceMode": "Color Temperature", "colorTemperatureRange": [9900, 2500, 100]},
    ],
]
STREAM = focus_packet(FACE) + packet(jpeg(), sequence=7) + focus_packet() + packet(jpeg(), sequence=8)


class Ilce5000(Scripted):
    """Answers calls by script and serves one stream."""

    def __init__(self, **script):
        super().__init__(
            getVersions=[["1.0", "1.4"]],
            getApplicationInfo=["Smart Remote Control", "2.1.4"],
            getAvailableApiList=[OFFERED],
            getEvent=EVENTS,
            getAvailableWhiteBalance=WHITE_BALANCE,
            getAvailableSelfTimer=(1, "Not Available Now"),
            startLiveview=["http://127.0.0.1:8080/liveview/liveviewstream"],
            stopLiveview=[0],
            setLiveviewFrameInfo=[],
            **{f"set{group}": self.turned for group in ("ShutterSpeed", "IsoSpeedRate", "ExposureCompensation")},
            setWhiteBalance=self.balanced,
            **script,
        )

    def turned(self, call):
        """Tell the value in the events from now on, as a camera that does what it is told."""
        key = call.method.replace("set", "current")
        self.script["getEvent"] = [
            event | {key: call.params[0]} if key in event else event for event in self.script["getEvent"]
        ]
        return [0]

    def balanced(self, call):
        mode, _, kelvin = call.params
        choices = WHITE_BALANCE[1]
        self.script["getAvailableWhiteBalance"] = [{"whiteBalanceMode": mode, "colorTemperature": kelvin}, choices]
        return [0]

    @property
    def settings_sent(self):
        return [(call.method, call.params) for call in self.calls if call.method.startswith("set")]

    async def handle_async_request(self, request):
        self.began = anyio.current_time()
        if request.method == "GET":
            return httpx2.Response(200, stream=httpx2.ByteStream(STREAM))
        return await super().handle_async_request(request)


@pytest.fixture
def ilce5000(monkeypatch):
    transport = Ilce5000()
    courtesy = Courtesy()
    courtesy.spacing_seconds = 0.0

    @asynccontextmanager
    async def opened(*_):
        endpoint = "http://127.0.0.1:8080/sony/camera"
        async with open_camera(endpoint, model="ILCE-5000", transport=transport, courtesy=courtesy) as camera:
            yield camera

    for command in ("info", "set_", "liveview"):
        monkeypatch.setattr(f"dayspool.cli.camera.{command}.opened", opened)
    return transport


def ran(*words, code=0):
    done = CliRunner().invoke(root, ["camera", *map(str, words)])
    problem = f"dayspool: {done.exception}" if done.exception is not None and done.exit_code == 1 else done.output
    assert (done.exit_code if not hasattr(done.exception, "exit_code") else done.exception.exit_code) == code, problem
    return done


def test_info_for_a_person(ilce5000):
    assert ran("info").output.splitlines() == [
        "ILCE-5000 at http://127.0.0.1:8080/sony/camera: IDLE",
        "  application            Smart Remote Control 2.1.4",
        "  battery                75%, charging",
        "  card                   Memory Card 1, 612 pictures left",
        "  exposure-mode          Man\\x1b[2Jual  read only now",
        "  shutter                1/250 s  (bulb, 30 s, 0.4 s, 1/3 s, 1/10 s, 1/20 s, …, 1/80 s, 1/100 s,",
        "                         1/125 s, 1/160 s, 1/200 s, 1/250 s)",
        "  aperture               f/4  (f/4, f/4.5)  read only now",
        "  iso                    auto  (auto, ISO 100, ISO 200)",
        "  exposure-compensation  0 EV  (-3 EV, -2.7 EV, -2.3 EV, -2 EV, -1.7 EV, -1.3 EV, …, +1.3 EV,",
        "                         +1.7 EV, +2 EV, +2.3 EV, +2.7 EV, +3 EV)",
        "  white-balance          Auto WB  (Auto WB, 2500 K, 2600 K, 2700 K, 2800 K, 2900 K, …, 9400 K,",
        "                         9500 K, 9600 K, 9700 K, 9800 K, 9900 K)",
    ]


def test_info_shows_methods_to_whom_asks(ilce5000):
    assert ran("info", "--methods").output.splitlines()[-4:-2] == [
        "  methods                getVersions, getMethodTypes, getApplicationInfo, getAvailableApiList,",
        "                         getEvent, setShutterSpeed, setIsoSpeedRate, setExposureCompensation,",
    ]


def test_info_for_a_program_is_complete(ilce5000):
    told = json.loads(ran("info", "--json").output)
    assert told["application"] == ["Smart Remote Control", "2.1.4"]
    assert told["battery"] == [
        {"name": "externalBattery1", "level": 0.75, "active": True, "charging": True, "near_end": False}
    ]
    settings = {setting["name"]: setting for setting in told["settings"]}
    assert settings["shutter"]["raw_choices"] == SHUTTERS
    assert len(settings["white-balance"]["choices"]) == 76
    assert settings["white-balance"]["raw"] == ["Auto WB", -1]


@pytest.mark.parametrize(
    ("words", "now", "sent"),
    [
        (["shutter", "1/60"], "1/60 s", ("setShutterSpeed", ["1/60"])),
        (["shutter", "bulb"], "bulb", ("setShutterSpeed", ["BULB"])),
        (["iso", "iso 200"], "ISO 200", ("setIsoSpeedRate", ["200"])),
        (["exposure-compensation", "-1"], "-1 EV", ("setExposureCompensation", [-3])),
        (["exposure-compensation", "+0.7 EV"], "+0.7 EV", ("setExposureCompensation", [2])),
        (["exposure-compensation", "-2/3"], "-0.7 EV", ("setExposureCompensation", [-2])),
        (["white-balance", "5600K"], "5600 K", ("setWhiteBalance", ["Color Temperature", True, 5600])),
    ],
)
def test_set_takes_what_people_write(ilce5000, words, now, sent):
    assert ran("set", *words).output == f"{words[0]} is now {now}\n"
    assert ilce5000.settings_sent == [sent]


def test_set_sends_nothing_for_what_is_so_already(ilce5000):
    assert json.loads(ran("set", "shutter", "1/250s", "--json").output) == {
        "name": "shutter",
        "value": "1/250 s",
        "raw": "1/250",
    }
    assert ilce5000.settings_sent == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["shutter", "1/251"], 2, "shutter cannot be '1/251'; the choices are bulb, 30 s, 0.4 s, 1/3 s,"),
        (["shutter", "quick"], 2, "write 1/250, 0.5s, 30s or bulb; the choices are bulb"),
        (["white-balance", "5650K"], 2, "the choices are Auto WB, 2500 K"),
        (["aperture", "f/4.5"], 1, "aperture cannot be set now; it is f/4"),
        (["poetry", "on"], 2, "no setting 'poetry' now; it has exposure-mode, shutter, aperture"),
        (["flash", "on"], 1, "no setting 'flash' now; it has exposure-mode, shutter, aperture"),
        (["aperture", "f/4.5", "--insist"], 1, "setFNumber: the camera answered 12"),
    ],
)
def test_set_says_what_can_be_done(ilce5000, words, code, said):
    assert said in str(ran("set", *words, code=code).exception)


@pytest.mark.parametrize("words", [["shutter", "1/251"], ["white-balance", "5650K"]])
def test_choices_are_folded(ilce5000, words):
    lines = str(ran("set", *words, code=2).exception).splitlines()
    assert max(map(len, lines)) <= 90
    assert all(line.startswith("  ") for line in lines[1:])


def test_a_camera_that_acknowledges_and_ignores_is_told_of(ilce5000, monkeypatch):
    monkeypatch.setattr("dayspool.camera.changing.READ_BACK_SECONDS", 0.0)
    ilce5000.script["setShutterSpeed"] = [0]
    done = ran("set", "shutter", "1/60", code=1)
    assert "shutter was to become 1/60 s; the camera took the call without an error and kept 1/250 s" in str(
        done.exception
    )
    assert ilce5000.settings_sent == [("setShutterSpeed", ["1/60"])]


def test_liveview_tells_where_it_focuses(ilce5000, tmp_path):
    out = ran("liveview", "-n", 2, "--focus", "-o", tmp_path, "--json").output
    first, second, last = map(json.loads, out.splitlines())
    assert first["sequence"] == 7
    assert first["frame"] == str(tmp_path / "liveview-0000.jpg")
    (area,) = first["focus"]
    assert (area["left"], area["bottom"], area["found_by"], area["state"]) == (2500, 7000, "face", "focused")
    assert second["focus"] == []
    assert last["frames"] == 2
    assert ilce5000.settings_sent == [("setLiveviewFrameInfo", [{"frameInfo": on}]) for on in (True, False)]
    assert ilce5000.methods[-3:] == ["startLiveview", "stopLiveview", "setLiveviewFrameInfo"]


def test_liveview_without_focus_asks_for_none(ilce5000, tmp_path):
    assert ran("liveview", "-n", 1, "-o", tmp_path).output == f"1 frames in {tmp_path}\n"
    assert ilce5000.settings_sent == []


def test_liveview_says_where_it_focuses(ilce5000, tmp_path):
    first, second, _ = ran("liveview", "-n", 2, "--focus", "-o", tmp_path).output.splitlines()
    assert first == "liveview-0000.jpg: face focused 25–50 % × 30–70 %"
    assert second == "liveview-0001.jpg: no focus rectangle"


def test_a_camera_that_does_not_tell_where_it_focuses(ilce5000, tmp_path):
    ilce5000.script["setLiveviewFrameInfo"] = (12, "setLiveviewFrameInfo")
    done = ran("liveview", "-n", 1, "--focus", "-o", tmp_path, code=1)
    assert "does not tell where it focuses" in str(done.exception)
