"""The services beside `camera`: where they are, what is locked, how it is unlocked, and the clock."""

import hashlib
from base64 import b64encode

import pytest

from dayspool.sim import PROFILES
from dayspool.sim.access import DEVELOPER_ID, DEVELOPER_NAME, DEVELOPER_SECRET
from tests.sim.calls import virtually

EMPTY = {"methods": "", "developerName": "", "developerID": "", "sg": ""}
LOCKED = "getAvailableCameraFunction"
METHODS = "camera/setCameraFunction:camera/getCameraFunction:camera/getAvailableCameraFunction:system/setCurrentTime"


def key(challenge, *, secret=DEVELOPER_SECRET, name=DEVELOPER_NAME, developer=DEVELOPER_ID, methods=METHODS):
    sg = b64encode(hashlib.sha256((secret + challenge).encode()).digest()).decode()
    return {"methods": methods, "developerName": name, "developerID": developer, "sg": sg}


async def unlock(client, **wrong):
    """Take both steps, and return both answers."""
    first = await client.ask("actEnableMethods", EMPTY, service="accessControl")
    given = key(first["result"][0]["dg"], **wrong)
    return first, await client.ask("actEnableMethods", given, service="accessControl")


@pytest.mark.parametrize(
    ("model", "groups"),
    [
        ("wx350", ["FlashMode"]),
        ("qx10", ["CameraFunction"]),
        ("as30v", ["SteadyMode", "ViewAngle", "MovieQuality", "CameraFunction"]),
    ],
)
def test_locked_methods_are_offered_and_answered_with_403(model, groups):
    async def main(client):
        replies = [await client.post(f"getSupported{group}") for group in groups]
        offered = await client.offered()
        return [(reply.status, reply.content) for reply in replies], offered

    replies, offered = virtually(main, profile=PROFILES[model])
    assert replies == [(403, f'{{"error":[403,"getSupported{group}"],"id":1}}'.encode()) for group in groups]
    assert {f"getSupported{group}" for group in groups} <= set(offered)


def test_two_steps_unlock_what_was_asked_for():
    async def main(client):
        first, second = await unlock(client)
        answers = [await client.ask(method) for method in (LOCKED, "getSupportedCameraFunction")]
        return first, second, answers

    first, second, answers = virtually(main, profile=PROFILES["qx10"])
    assert len(first["result"][0]["dg"]) == 16
    assert second == {"id": 1, "result": [{"dg": ""}]}
    assert answers[0]["result"] == ["Remote Shooting", ["Remote Shooting", "Contents Transfer"]]
    assert answers[1]["error"] == [403, "getSupportedCameraFunction"]


@pytest.mark.parametrize("wrong", [{"secret": "guessed"}, {"name": "somebody"}, {"developer": "else"}])
def test_a_wrong_key_unlocks_nothing(wrong):
    async def main(client):
        return (await unlock(client, **wrong))[1], (await client.post(LOCKED)).status

    answer, status = virtually(main, profile=PROFILES["qx10"])
    assert answer["error"] == [401, "Unauthorized"]
    assert status == 403


def test_a_challenge_is_good_for_once():
    async def main(client):
        first, _ = await unlock(client)
        again = await client.ask("actEnableMethods", key(first["result"][0]["dg"]), service="accessControl")
        other = await client.ask("actEnableMethods", EMPTY, service="accessControl")
        return again, first != other

    again, differs = virtually(main, profile=PROFILES["qx10"])
    assert again["error"][0] == 401
    assert differs


@pytest.mark.parametrize("params", [[], [{}], [{**EMPTY, "more": ""}], [{**EMPTY, "sg": 3}], ["", ""]])
def test_what_is_no_key(params):
    async def main(client):
        return await client.ask("actEnableMethods", *params, service="accessControl")

    assert virtually(main, profile=PROFILES["qx10"])["error"] == [3, "illegal argument"]


@pytest.mark.parametrize(
    ("model", "services"),
    [
        ("wx350", ["guide", "accessControl", "camera"]),
        ("qx10", ["guide", "system", "accessControl", "camera"]),
        ("a6300", ["guide", "accessControl", "camera"]),
        ("qx1", ["guide", "accessControl", "camera", "system", "avContent"]),
    ],
)
def test_the_guide_names_the_services_and_each_answers(model, services):
    async def main(client):
        named = await client.ask("getServiceProtocols", service="guide")
        versions = [await client.ask("getVersions", service=service) for service in services]
        rows = [(await client.ask("getMethodTypes", "1.0", service=service))["results"] for service in services]
        return named, versions, rows

    named, versions, rows = virtually(main, profile=PROFILES[model])
    assert [row[0] for row in named["results"]] == services
    assert all(row[1] for row in named["results"])
    assert all("1.0" in answer["result"][0] for answer in versions)
    assert all("getVersions" in {row[0] for row in table} for table in rows)


def test_av_content_has_its_versions():
    async def main(client):
        return await client.ask("getVersions", service="avContent")

    assert virtually(main, profile=PROFILES["qx1"])["result"] == [["1.0", "1.1", "1.2", "1.3"]]


@pytest.mark.parametrize(
    "path", ["/sony/system", "/sony/avContent", "/sony", "/sony/", "/", "/camera", "/sony/camera/x"]
)
def test_where_there_is_no_service_it_says_so_without_an_id(path):
    async def main(client):
        reply = await client.send(10_000, path, b'{"method":"getVersions","params":[],"id":1}', "POST")
        return reply.status, reply.content

    assert virtually(main, profile=PROFILES["wx350"]) == (404, b'{"error":[404,"Not Found"]}')


def test_the_clock_can_be_set_and_dates_the_pictures():
    moment = {"dateTime": "2030-01-02T03:04:05Z", "timeZoneOffsetMinute": 60, "dstOffsetMinute": 60}

    async def main(client):
        return await client.ask("setCurrentTime", moment, service="system"), await client.shoot()

    answer, url = virtually(main, profile=PROFILES["qx10"])
    assert answer == {"id": 1, "result": [0]}
    assert "/pict300102_0504050000.JPG" in url, "in the zone that was told, with summer time"


@pytest.mark.parametrize(
    "moment",
    [
        "2030-01-02T03:04:05Z",
        {"dateTime": "2030-01-02T03:04:05Z"},
        {"dateTime": "soon", "timeZoneOffsetMinute": 0, "dstOffsetMinute": 0},
        {"dateTime": "2030-01-02T03:04:05Z", "timeZoneOffsetMinute": "0", "dstOffsetMinute": 0},
        {"dateTime": "2030-01-02T03:04:05Z", "timeZoneOffsetMinute": 100_000, "dstOffsetMinute": 0},
        {"dateTime": "0001-01-01T00:00:00Z", "timeZoneOffsetMinute": -60, "dstOffsetMinute": 0},
    ],
)
def test_what_is_no_time(moment):
    async def main(client):
        return await client.ask("setCurrentTime", moment, service="system")

    assert virtually(main, profile=PROFILES["qx10"])["error"] == [3, "illegal argument"]


@pytest.mark.parametrize("model", ["a6100-send", "a7c-ptp"])
def test_who_speaks_no_json_has_no_service(model):
    from dayspool.sim.service import Services

    profile = PROFILES[model]
    assert not profile.json

    async def main(client):
        return any(Services(client.body).known(f"/sony/{service}") for service in ("camera", "guide", "accessControl"))

    assert not virtually(main, profile=profile)
