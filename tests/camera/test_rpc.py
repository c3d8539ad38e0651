"""Calls and replies as bytes: recorded forms become values or typed errors, and nothing else ever escapes."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.camera.rpc import Code, decode_reply, encode_request
from dayspool.camera.values import (
    CameraStatus,
    StorageInfo,
    merge,
    parse_events,
    parse_names,
    parse_picture_urls,
)
from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraRefused, StillExposing

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def decoded(body, status=200, request_id=1):
    return decode_reply(status, body, method="actTakePicture", request_id=request_id)


def test_a_request_is_what_every_recorded_client_sends():
    body = encode_request("setShootMode", ["still"], 7)
    assert body == b'{"method":"setShootMode","params":["still"],"id":7,"version":"1.0"}'


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b'{"id":1,"result":[0]}', [0]),
        (b'{"id":1,"result":[["http:\\/\\/10.0.0.1:60152\\/pict.JPG"]]}', [["http://10.0.0.1:60152/pict.JPG"]]),
        (b'{"result":[["1.0"]],"id":1}', [["1.0"]]),
        (b'{"id":1,"results":[["getVersions",[],["string*"],"1.0"]]}', [["getVersions", [], ["string*"], "1.0"]]),
        (b'{"result":[]}', []),
    ],
)
def test_results(body, result):
    assert decoded(body) == result


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (200, b'{"id":1,"error":[1,"Not Available Now"]}', CameraBusy, 1),
        (200, b'{"id":1,"error":[40401,"Camera Not Ready"]}', CameraBusy, 40401),
        (200, b'{"id":1,"error":[40403,"Long shooting"]}', StillExposing, 40403),
        (200, b'{"id":1,"error":[40400,"Shooting fail"]}', CameraRefused, 40400),
        (200, b'{"id":1,"error":[12,"getEvent"]}', CameraRefused, 12),
        (200, b'{"id":1,"error":[3,"illegal argument"]}', CameraRefused, 3),
        (403, b'{"error":[403,"getAvailableCameraFunction"],"id":1}', CameraRefused, 403),
        (404, b'{"error":[404,"Not Found"]}', CameraRefused, 404),
        (404, b"<html>nothing here</html>", CameraRefused, 404),
        (500, b"", CameraRefused, 500),
        (500, b'{"id":1,"error":[500,"Internal Server Error"]}', CameraRefused, 500),
        (501, b"<html/>", CameraRefused, 501),
        (503, b"", CameraBusy, 503),
        (401, b'{"error":[401,"Unauthorized"]}', CameraRefused, 401),
        (413, b"too large", CameraRefused, 413),
        (502, b"", CameraConfused, None),
        (200, b'{"id":1,"error":[2,"Timeout"]}', CameraRefused, 2),
        (200, b'{"id":1,"error":[14,"Unsupported Version"]}', CameraRefused, 14),
        (200, b'{"id":1,"error":[40402,"Already Running Polling API"]}', CameraRefused, 40402),
        (200, b'{"id":1,"error":[41001,"Content Does Not Exist"]}', CameraRefused, 41001),
        (200, b'{"id":1,"error":[99999,"News"]}', CameraRefused, 99999),
        (200, b"<html>a web server</html>", CameraConfused, None),
        (200, b'"text"', CameraConfused, None),
        (200, b'{"id":2,"result":[0]}', CameraConfused, None),
        (200, b'{"id":1,"result":0}', CameraConfused, None),
        (200, b'{"id":1,"error":"broken"}', CameraConfused, None),
        (200, b'{"id":1}', CameraConfused, None),
        (500, b'{"id":1,"result":[0]}', CameraConfused, 500),
        (200, b"[" * 100_000, CameraConfused, None),
        (200, b"\xff\xfe", CameraConfused, None),
    ],
)
def test_errors_are_typed(status, body, error, code):
    with pytest.raises(error) as caught:
        decoded(body, status)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert "actTakePicture" in str(caught.value)


@pytest.mark.parametrize("code", list(Code))
def test_every_known_number_says_what_it_means(code):
    if code == Code.STILL_CAPTURING:  # no person reads it: the client goes on asking
        return
    with pytest.raises(CameraError) as caught:
        decoded(json.dumps({"id": 1, "error": [code, "words"]}).encode())
    assert caught.value.code == code
    assert "; " in str(caught.value)


@given(st.sampled_from([200, 403, 404, 500]), st.binary(max_size=200))
def test_no_bytes_escape_our_errors(status, body):
    with suppress(CameraError):
        decoded(body, status)


@given(anything)
def test_no_json_escapes_our_errors(value):
    body = json.dumps({"id": 1, "result": value, "error": None}).encode()
    for parse in (parse_events, lambda result: parse_names(result, "m"), parse_picture_urls):
        with suppress(CameraError):
            parse(decoded(body))


EVENTS = [
    {"type": "availableApiList", "names": ["getVersions", "actTakePicture"]},
    {"type": "cameraStatus", "cameraStatus": "StillSaving"},
    None,
    {"type": "liveviewStatus", "liveviewStatus": True},
    [{"type": "takePicture", "takePictureUrl": ["http://10.0.0.1:60152/a.JPG"]}],
    [],
    [
        {
            "type": "storageInformation",
            "recordTarget": True,
            "numberOfRecordableImages": 612,
            "storageID": "Memory Card 1",
        }
    ],
    {"type": "shootMode", "currentShootMode": "still", "shootModeCandidates": ["still", "movie"]},
    {"type": "zoomInformation", "zoomPosition": 0, "zoomNumberBox": 1},
    {"type": "aLaterType", "x": 1},
]


@pytest.mark.parametrize("order", [EVENTS, EVENTS[::-1]], ids=["as sent", "reversed"])
def test_events_are_told_apart_by_type_and_not_by_place(order):
    assert parse_events(order) == CameraStatus(
        state="StillSaving",
        shoot_mode="still",
        shoot_modes=("still", "movie"),
        methods=("getVersions", "actTakePicture"),
        picture_urls=("http://10.0.0.1:60152/a.JPG",),
        liveview=True,
        zoom_position=0,
        recordable_images=612,
        storage=(StorageInfo(name="Memory Card 1", target=True, images_left=612),),
    )


def test_unknown_numbers_are_not_told():
    card = {"type": "storageInformation", "numberOfRecordableImages": -1}
    assert parse_events([[card]]) == CameraStatus()


def test_news_adds_to_what_is_known():
    known = CameraStatus(state="IDLE", shoot_mode="still")
    assert merge(known, CameraStatus(state="StillCapturing")) == CameraStatus(
        state="StillCapturing", shoot_mode="still"
    )


@pytest.mark.parametrize("result", [[], [[]], [0], [[1]], ["http://x"], [[None]]])
def test_a_shot_without_an_address_is_refused(result):
    with pytest.raises(CameraConfused):
        parse_picture_urls(result)


@pytest.mark.parametrize(
    ("words", "kept"), [(b'"\\ud83d\\udcf7"', "\U0001f4f7"), (b'"a\\ud800"', "a?"), (b'"\xed\xa0\x80"', "\ufffd" * 3)]
)
def test_half_a_character_is_none(words, kept):
    assert decode_reply(200, b'{"id":1,"result":[%s]}' % words, method="getX", request_id=1) == [kept]


@pytest.mark.parametrize("reply", [{"id": 10**4000, "result": []}, {"id": 1, "error": [10**4000, "x"]}])
def test_an_error_is_not_as_long_as_what_the_camera_said(reply):
    with pytest.raises(CameraConfused) as caught:
        decode_reply(200, json.dumps(reply).encode(), method="getX", request_id=1)
    assert len(str(caught.value)) < 200
