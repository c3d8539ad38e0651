"""No secret of a camera's owner survives in a dump, in no spelling."""

from __future__ import annotations

import json
import re

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dayspool.learn.redact import redacted

UDN = "uuid:000000001000-1010-8000-B272BF3A6A3F"


def description(**texts: str) -> str:
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())
    return f'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>{inside}</device></root>'


def document(body: str = "", **more) -> dict:
    files = [{"url": "http://10.0.0.1:64321/dd.xml", "status": 200, "headers": [], "body": body}]
    return {"dayspool_dump": 1, "descriptions": files, **more}


def text_of(values: dict) -> str:
    return json.dumps(redacted(values))


@pytest.mark.parametrize(
    "spelt",
    [
        "B272BF3A6A3F", "b272bf3a6a3f", "B2:72:BF:3A:6A:3F", "b2-72-bf-3a-6a-3f", "b0:72:bf:3a:ea:3f", "B272BF3AEA3F",
        "3A6A3F", "3a:6a:3f",
    ],
)  # fmt: skip
def test_a_mac_address_loses_its_second_half_everywhere(spelt):
    usn = f"{UDN}::urn:schemas-sony-com:service:ScalarWebAPI:1"
    seen = document(
        description(UDN=UDN, X_MacAddress=spelt),
        ssdp=[f"HTTP/1.1 200 OK\r\nUSN: {usn}\r\nX-Note: {spelt}\r\n\r\n"],
        exchanges=[{"headers": [["X-Av-Physical-Unit-Info", f'pa="{spelt}"']], "reply": {"result": [{spelt: spelt}]}}],
    )
    left = re.sub("[^0-9a-f]", "", text_of(seen).lower())
    assert "3a6a3f" not in left
    assert "3aea3f" not in left
    assert "8000-b272bf000000" in text_of(seen).lower()


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("serialNumber", "3281042"),
        ("av:X_SerialNumber", "AB-77182"),
        ("serial_no", "991827364"),
        ("X_GpsLatitude", "54.3233"),
        ("password", "Xq7aLp9Z"),
        ("ssid", "DIRECT-p2E0:ILCE-6300"),
        ("X_MacAddress", "B272BF3A6A3F"),
        ("wifiPassword", "Xq7aLp9Z"),
        ("av:X_WifiPassword", "Xq7aLp9Z"),
        ("wpa2Key", "Xq7aLp9Z"),
        ("apSSID", "Harbour 7"),
        ("lat", "54.3233"),
        ("artist", "Anna Petersen"),
        ("userName", "anna.petersen"),
        ("cameraOwnerName", "Anna Petersen"),
    ],
)
def test_what_an_element_or_a_key_names_as_secret_goes_wherever_it_is(name, secret):
    seen = document(
        f"<root><device><{name} lang='en'> {secret} </{name}><x {name}='{secret}'/></device></root>",
        exchanges=[{"reply": {"result": [{name.rpartition(":")[2]: secret}, f"so it is {secret}"]}}],
    )
    assert secret not in text_of(seen)


def test_keys_of_developers_go_and_types_stay():
    types = ["actEnableMethods", ['{"methods":"string", "developerName":"string", "sg":"string"}'], [], "1.0"]
    unlock = {
        "methods": "camera/setFlashMode",
        "developerName": "Acme",
        "developerID": "7DED695E",
        "sg": "cGFzc3dvcmQ=",
    }
    seen = document(
        services={"accessControl": {"method_types": [types]}},
        exchanges=[
            {
                "method": "actEnableMethods",
                "params": [unlock],
                "reply": {"id": 1, "result": [{"dg": "a1b2c3d4e5f6g7h8"}]},
            }
        ],
    )
    shown = redacted(seen)
    assert shown["services"]["accessControl"]["method_types"] == [types]
    (params,) = shown["exchanges"][0]["params"]
    assert params == {
        "methods": "camera/setFlashMode",
        "developerName": "redacted",
        "developerID": "redacted",
        "sg": "redacted",
    }
    assert shown["exchanges"][0]["reply"] == {"id": 1, "result": [{"dg": "redacted"}]}


def test_places_lose_numbers_and_all_they_hold():
    item = {
        "fileName": "DSC01528.JPG",
        "gpsInfo": {"lat": 54.32, "text": "Kiel", "all": [1, True, None]},
        "latitude": 54.32,
    }
    shown = redacted(document(exchanges=[{"reply": {"result": [[item]]}}]))["exchanges"][0]["reply"]["result"][0][0]
    assert shown == {
        "fileName": "DSC01528.JPG",
        "gpsInfo": {"lat": 0, "text": "redacted", "all": [0, True, None]},
        "latitude": 0,
    }


@pytest.mark.parametrize(
    ("name", "model", "becomes"),
    [
        ("DSC-QX10", None, "DSC-QX10"),
        ("ILCE-7RM2", "ILCE-7RM2", "ILCE-7RM2"),
        ("Anna's camera", "ILCE-6000", "ILCE-6000"),
        ("6000", "ILCE-6000", "ILCE-6000"),
        ("Anna's camera", None, "Sony camera"),
        ("6000", None, "Sony camera"),
    ],
)
def test_a_name_that_a_person_chose_becomes_the_model(name, model, becomes):
    told = f"<av:X_ModelName>{model}</av:X_ModelName>" if model else ""
    body = f"<device><friendlyName>{name}</friendlyName>{told}</device>"
    shown = redacted(
        document(
            body,
            model=model or name,
            ssdp=[f'X-AV-Server-Info: av=5.0; hn="{name}"; cn="{name}"; cn="Sony Corporation"'],
        )
    )
    assert f"<friendlyName>{becomes}</friendlyName>" in shown["descriptions"][0]["body"]
    assert shown.get("model") == (None if becomes == "Sony camera" else becomes)
    assert shown["ssdp"] == ['X-AV-Server-Info: av=5.0; hn=""; cn=""; cn="Sony Corporation"']


OWNERS = (
    st.text("abcdefghijklmnopqrstuvwxyzäöüABC ", min_size=3, max_size=12)
    .map(str.strip)
    .filter(lambda name: len(name) > 2 and name.casefold() not in "direct-0000:sony camera.local redacted")
)


@given(
    OWNERS.map(lambda name: f"Zq{name}"),
    st.sampled_from(["{}", "{}'s camera", "{} at sea"]),
    st.sampled_from(
        ["DIRECT-p2E0:{}", "joined DIRECT-aB3d:{}\r\nand left", 'hn="{}"', 'cn="{}"', "<x ssid='DIRECT-p2E0:{}'/>"]
    ),
)
def test_an_owner_is_in_no_network_and_no_host_name(name, form, where):
    text = where.format(form.format(name))
    seen = document(f"<device><friendlyName>{form.format(name)}</friendlyName><x>{text}</x></device>", ssdp=[text])
    shown = redacted(seen)
    assert name not in json.dumps(shown, ensure_ascii=False)
    assert redacted(shown) == shown


def test_a_network_keeps_the_model_and_what_stands_around_it():
    seen = document(
        description(X_ModelName="ILCE-6300"),
        exchanges=[{"reply": {"result": ['{"a":"DIRECT-p2E0:Anna\'s camera","b":1}', "annas-phone.local:80"]}}],
    )
    assert redacted(seen)["exchanges"][0]["reply"]["result"] == [
        '{"a":"DIRECT-0000:ILCE-6300","b":1}',
        "camera.local:80",
    ]


def test_names_that_only_hold_such_letters_stay():
    reply = {"platform": "a1b2", "latency": "0.12345", "assign": "x9y8", "colon": "c0l0n", "keyFrame": "k3y5"}
    assert redacted(document(exchanges=[{"reply": reply}]))["exchanges"][0]["reply"] == reply


def test_what_every_camera_says_stays():
    body = description(
        friendlyName="DSC-QX10",
        manufacturer="Sony Corporation",
        modelName="SonyImagingDevice",
        UDN="uuid:1",
        SCPDURL="/D.xml",
    )
    reply = {"id": 1, "result": ["http://10.0.0.1:60152/pict190621_0430120000.JPG?%211234%21http%2dget"]}
    seen = document(body, model="DSC-QX10", exchanges=[{"reply": reply, "params": [], "version": "1.0"}])
    assert redacted(seen) == seen


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 300_000,
        "<" * 200_000,
        "<a " * 100_000,
        "friendlyName>" + " " * 300_000,
        "X_ModelName>" + "\t" * 300_000,
        "UDN " + "ab:" * 90_000,
        "x='" * 100_000,
        "".join(f"<serialNumber>{number:09}</serialNumber>" for number in range(5000)),
    ],
    ids=range(8),
)
def test_a_hostile_description_takes_no_time(hostile):
    tried = anyio.run(_redact_in_time, document(f"<device>{hostile}</device>"))
    assert tried < 5


async def _redact_in_time(values: dict) -> float:
    began = anyio.current_time()
    redacted(values)
    return anyio.current_time() - began


NAMES = st.sampled_from(
    [
        "serialNumber",
        "ssid",
        "password",
        "X_WifiPassword",
        "apPsk",
        "lon",
        "artist",
        "gpsLatitude",
        "sg",
        "friendlyName",
        "X_SerialNumber",
    ]
)
WORDS = st.text("ABCDEFGHJKLMNPQRTUVWXYZ23456789", min_size=8, max_size=16).filter(lambda word: not word.isalpha())


@example([("serialNumber", "22222222")], bytes.fromhex("000001010101"))
@given(
    st.lists(st.tuples(NAMES, WORDS), min_size=1, max_size=4),
    st.binary(min_size=6, max_size=6).filter(lambda mac: mac[3:] != bytes(3)),
)
def test_no_secret_survives_and_twice_is_once(secrets, mac):
    inside = {f"<{name}>{word}</{name}>" for name, word in secrets}
    address = mac.hex(":")
    seen = document(
        f"<device>{''.join(sorted(inside))}<UDN>uuid:00000000-0005-0010-8000-{mac.hex()}</UDN></device>",
        exchanges=[{"reply": dict(secrets) | {"rest": [*(word for _, word in secrets), address]}}],
    )
    shown = redacted(seen)
    text = json.dumps(shown)
    assert [word for _, word in secrets if word in text] == []
    assert mac[3:].hex() not in text
    assert address[9:] not in text
    assert redacted(shown) == shown
