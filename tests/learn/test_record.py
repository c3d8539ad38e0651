"""A camera asked for everything: all that reads is called, nothing that does anything."""

from __future__ import annotations

import json
from itertools import pairwise

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.camera.line import Courtesy
from dayspool.camera.link import Link
from dayspool.discovery.ssdp import CAMERA_TARGET
from dayspool.errors import CameraUnreachable
from dayspool.learn.announced import announced
from dayspool.learn.dump import Dump, from_json, to_json
from dayspool.learn.record import is_harmless, record
from dayspool.testing.virtual import run_virtually

HOST = "192.168.122.1"
ENDPOINT = f"http://{HOST}:8080/sony/camera"
LOCATION = f"http://{HOST}:61000/scalarwebapi_dd.xml"
SERVICE = (
    "<av:X_ScalarWebAPI_Service><av:X_ScalarWebAPI_ServiceType>{}</av:X_ScalarWebAPI_ServiceType>"
    f"<av:X_ScalarWebAPI_ActionList_URL>http://{HOST}:8080/sony</av:X_ScalarWebAPI_ActionList_URL>"
    "</av:X_ScalarWebAPI_Service>"
)
DESCRIPTION = (
    '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>Anna</friendlyName>'
    "<UDN>uuid:000000001000-1010-8000-A2C9A09A4028</UDN><SCPDURL>/DigitalImagingDesc.xml</SCPDURL>"
    '<x xmlns:av="urn:schemas-sony-com:av">'
    + SERVICE.format("guide")
    + SERVICE.format("camera")
    + "</x></device></root>"
)
IMAGING = "<scpd><X_ModelName>ILCE-6300</X_ModelName><X_MacAddress>A2:C9:A0:9A:40:28</X_MacAddress></scpd>"
BEFORE = ["getVersions", "getMethodTypes", "getAvailableApiList", "getEvent", "startRecMode"]
AFTER = [
    *BEFORE,
    "getFNumber",
    "getAvailableFNumber",
    "setFNumber",
    "actTakePicture",
    "actFormatStorage",
    "startLiveview",
]
TYPES = [
    ["getFNumber", [], ["string"], "1.0"],
    ["getAvailableFNumber", [], ["string", "string*"], "1.0"],
    ["getStorageInformation", [], ["x*"], "1.0"],
    ["getThingOf", ["string"], ["string"], "1.0"],
    ["setFNumber", ["string"], ["int"], "1.0"],
    ["actFormatStorage", [], ["int"], "1.0"],
    ["deleteAll", [], ["int"], "1.0"],
    ["stopRecMode", [], ["int"], "1.0"],
    ["cancelHalfPressShutter", [], [], "1.0"],
    ["getEvent", ["bool"], ["x"], "1.0"],
    ["getEvent", ["bool"], ["x"], "1.1"],
]


class ScriptedCamera:
    """An app camera whose answers are written down here; notes every request."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, list, str]] = []
        self.files = {"/scalarwebapi_dd.xml": DESCRIPTION, "/DigitalImagingDesc.xml": IMAGING}
        self.remote = False
        self.not_ready = 2
        self.silent = False

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.silent:
            raise httpx2.ConnectTimeout("nobody", request=request)
        if request.method == "GET":
            body = self.files.get(request.url.path)
            stream = httpx2.ByteStream((body or "").encode())
            return httpx2.Response(200 if body else 404, stream=stream, headers=[("Accept-Range", "none")])
        call = json.loads(request.content)
        service = request.url.path.rpartition("/")[2]
        self.calls.append((service, call["method"], call["params"], call["version"]))
        status, reply = self.answer(service, call["method"], call["params"])
        content = reply if isinstance(reply, bytes) else json.dumps({"id": call["id"], **reply}).encode()
        return httpx2.Response(status, stream=httpx2.ByteStream(content), headers=[("X-Odd", "One"), ("x-odd", "two")])

    def answer(self, service: str, method: str, params: list) -> tuple[int, dict | bytes]:
        if method == "getVersions":
            return 200, {"result": [["1.0", "1.1"] if service == "camera" else ["1.0"]]}
        if method == "getServiceProtocols":
            return 200, {"results": [["guide", ["xhrpost:jsonizer"]], ["camera", []], ["../x", []]]}
        if method == "getMethodTypes":
            return 200, {"results": [row for row in TYPES if service == "camera" and params[0] in ("", row[3])]}
        if method == "getAvailableApiList":
            return 200, {"result": [AFTER if self.remote else BEFORE]}
        if method == "getEvent":
            self.not_ready -= self.remote
            status = "IDLE" if self.remote and self.not_ready < 0 else "NotReady"
            return 200, {"result": [None, {"type": "cameraStatus", "cameraStatus": status}]}
        if method == "startRecMode":
            self.remote = True
            return 200, {"result": [0]}
        if method == "getStorageInformation":
            return 403, {"error": [403, "getStorageInformation"]}
        if method == "getAvailableFNumber":
            return 500, b"<html>rubbish"
        return 200, {"result": ["4.0"]} if self.remote else {"error": [1, "Not Available Now"]}


def recorded(camera: ScriptedCamera, **options) -> Dump:
    async def main(_clock) -> Dump:
        async with Link(HOST, transport=httpx2.MockTransport(camera)) as link:
            return await record(link, ENDPOINT, **{"locations": [LOCATION], **options})

    return run_virtually(main)


def test_everything_that_reads_is_asked_and_nothing_else():
    camera = ScriptedCamera()
    dump = recorded(camera)
    assert {method for _, method, _, _ in camera.calls if not method.startswith("get")} == set()
    assert ("camera", "getFNumber", [], "1.0") in camera.calls
    assert ("camera", "getMethodTypes", [""], "1.0") in camera.calls
    assert ("camera", "getMethodTypes", ["1.1"], "1.0") in camera.calls
    assert ("camera", "getEvent", [False], "1.1") in camera.calls
    assert ("guide", "getVersions", [], "1.0") in camera.calls
    assert "getThingOf" not in {method for _, method, _, _ in camera.calls}
    assert {service for service, _, _, _ in camera.calls} == {"camera", "guide"}
    assert (dump.model, dump.dialect, len(dump.descriptions)) == ("ILCE-6300", "app", 2)
    assert dump.api_lists == [{"state": {"status": "NotReady"}, "methods": BEFORE}]


def test_every_answer_is_kept_as_it_came():
    dump = recorded(ScriptedCamera())
    by_method = {one.method: one for one in dump.exchanges}
    assert by_method["getFNumber"].reply["error"] == [1, "Not Available Now"]
    assert by_method["getStorageInformation"].status == 403
    assert (by_method["getAvailableFNumber"].status, by_method["getAvailableFNumber"].reply) == (500, "<html>rubbish")
    assert by_method["getFNumber"].headers[:2] == (("X-Odd", "One"), ("x-odd", "two"))
    assert dump.descriptions[0].headers[0] == ("Accept-Range", "none")
    times = [one.at_seconds for one in dump.exchanges]
    assert all(later - earlier > 0.0999 for earlier, later in pairwise(times))


def test_remote_mode_is_entered_only_when_asked():
    camera = ScriptedCamera()
    dump = recorded(camera, enter_remote_mode=True)
    assert {method for _, method, _, _ in camera.calls if not method.startswith("get")} == {"startRecMode"}
    assert [row["methods"] for row in dump.api_lists] == [BEFORE, AFTER]
    assert dump.api_lists[-1]["state"] == {"status": "IDLE"}
    assert [one.result for one in dump.exchanges if one.method == "getFNumber"] == [None, ["4.0"]]


def test_what_is_written_holds_no_address_of_its_owner():
    text = to_json(recorded(ScriptedCamera()))
    assert "9A4028" not in text
    assert "9A:40:28" not in text
    assert "Anna" not in text
    assert from_json(text).model == "ILCE-6300"


def test_without_a_location_the_usual_places_are_tried():
    assert recorded(ScriptedCamera(), locations=[]).descriptions[0].url.endswith("/scalarwebapi_dd.xml")


def test_a_camera_that_says_nothing_is_an_error_soon():
    camera = ScriptedCamera()
    camera.silent = True
    with pytest.raises(CameraUnreachable, match="nothing was recorded"):
        recorded(camera)


def test_a_camera_that_goes_away_costs_few_waits():
    camera = ScriptedCamera()
    courtesy = Courtesy()
    dump = recorded(
        camera,
        courtesy=courtesy,
        on_call=lambda one: setattr(camera, "silent", one.method == "getEvent" or camera.silent),
    )
    failures = [one.failure or "" for one in dump.exchanges]
    assert sum("no connection" in failure for failure in failures) == 5
    assert "not asked" in failures[-1]
    assert courtesy.spacing_seconds > Courtesy().spacing_seconds


@pytest.mark.parametrize("method", ["getEvent", "receiveEvent", "getAvailableShootMode", "getX"])
def test_readers_are_harmless(method):
    assert is_harmless(method)


@given(
    st.sampled_from(
        ["set", "act", "start", "stop", "cancel", "delete", "format", "await", "seek", "request", "", "get", "unget"]
    ),
    st.text(max_size=9),
)
def test_no_other_verb_is(verb, rest):
    assert not is_harmless(verb + rest) or (verb + rest).startswith("get")


@pytest.mark.parametrize("method", ["get", "getaway", "getFNumber\n", "get FNumber", "getX/../y", "get" + "X" * 200])
def test_what_only_looks_like_a_reader_is_not_called(method):
    assert not is_harmless(method)


@pytest.mark.anyio
async def test_answers_to_a_search_are_kept_word_for_word():
    answer = "HTTP/1.1 200 OK\r\nEXT: \r\nLOCATION: http://127.0.0.1:64321/dd.xml\r\n\r\n"
    udp = await anyio.create_udp_socket(local_host="127.0.0.1")
    heard: list[str] = []

    async def respond() -> None:
        async for datagram, sender in udp:
            heard.append(datagram.decode())
            for text in (answer, answer, "NOTIFY * HTTP/1.1\r\n\r\n"):
                await udp.sendto(text.encode(), *sender)

    async with udp, anyio.create_task_group() as tasks:
        tasks.start_soon(respond)
        port = udp.extra(anyio.abc.SocketAttribute.local_port)
        assert await announced("127.0.0.1", seconds=0.3, port=port) == (answer,)
        tasks.cancel_scope.cancel()
    assert [text.split("\r\nST: ")[1].split()[0] for text in heard] == [CAMERA_TARGET, "ssdp:all"]
    assert await announced("camera.example", seconds=9.0) == ()


@pytest.mark.parametrize(
    ("body", "escapes"), [(b'{"id":1,"result":["http:\\/\\/x"]}', True), (b'["a/b"]', False), (b"[0]", None)]
)
def test_the_spelling_of_slashes_is_noted(body, escapes):
    camera = ScriptedCamera()
    camera.answer = lambda *_: (200, body)
    assert recorded(camera).escapes_slashes is escapes


class Endless(ScriptedCamera):
    """Lists methods without end, each answer as deep or as long as `said`."""

    def __init__(self, said: bytes) -> None:
        super().__init__()
        self.said = said

    def answer(self, service: str, method: str, params: list) -> tuple[int, dict | bytes]:
        if method == "getMethodTypes":
            return 200, {"results": [[f"getThing{number}", [], [], "1.0"] for number in range(5_000)]}
        if method.startswith("getThing"):
            return 200, self.said
        return super().answer(service, method, params)


@pytest.mark.parametrize(
    ("said", "most", "why"),
    [(b"[" * 900 + b"]" * 900, 1_100, ""), (b'"' + b"a" * 500_000 + b'"', 60, "said more than 16 MiB")],
)
def test_a_camera_that_lists_without_end_is_recorded_as_far_as_sense_goes(said, most, why):
    camera = Endless(said)
    dump = recorded(camera)
    things = [one for one in dump.exchanges if one.method.startswith("getThing")]
    assert len([call for call in camera.calls if call[1].startswith("getThing")]) <= most
    assert why in (things[-1].failure or "")
    assert from_json(to_json(dump)).exchanges[-1].reply == dump.exchanges[-1].reply
    assert isinstance(things[0].reply, str)
