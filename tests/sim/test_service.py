"""The JSON service: every method, every error, as the wire has it."""

import json

import pytest

from tests.sim.calls import virtually

MODES = ["still", "movie"]


@pytest.mark.parametrize(
    ("method", "params", "result"),
    [
        ("getVersions", [], [["1.0"]]),
        ("getApplicationInfo", [], ["Smart Remote Control", "2.0.0"]),
        ("getShootMode", [], ["still"]),
        ("getShootMode", ["still"], ["still"]),
        ("getSupportedShootMode", [], [MODES]),
        ("getAvailableShootMode", [], ["still", MODES]),
        ("setShootMode", ["movie"], [0]),
        ("stopLiveview", [], [0]),
        ("actZoom", ["in", "1shot"], [0]),
        (
            "startLiveview",
            [""],
            ["http://10.0.0.1:60152/liveview.JPG?%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21"],
        ),
    ],
)
def test_results(method, params, result):
    async def main(client):
        return await client.ask(method, *params, number=7)

    assert virtually(main) == {"id": 7, "result": result}


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("getEvent", [False], [12, "getEvent"]),
        ("startRecMode", [], [12, "startRecMode"]),
        ("format-everything", [], [12, "format-everything"]),
        ("setShootMode", [], [3, "illegal argument"]),
        ("setShootMode", ["burst"], [3, "illegal argument"]),
        ("setShootMode", [3], [3, "illegal argument"]),
        ("actZoom", ["sideways", "start"], [3, "illegal argument"]),
        ("actZoom", ["in"], [3, "illegal argument"]),
        ("receiveEvent", [], [3, "illegal argument"]),
        ("receiveEvent", ["false"], [3, "illegal argument"]),
        ("getMethodTypes", [1], [3, "illegal argument"]),
        ("awaitTakePicture", [], [1, "Not Available Now"]),
        ("stopMovieRec", [], [1, "Not Available Now"]),
    ],
)
def test_errors(method, params, error):
    async def main(client):
        return await client.ask(method, *params)

    assert virtually(main) == {"id": 1, "error": error}


@pytest.mark.parametrize(
    "request_body",
    [
        b"",
        b"hello",
        b"[]",
        b'"getVersions"',
        b'{"id":1}',
        b'{"method":"getVersions","params":[]}',
        b'{"method":"getVersions","params":[],"id":0}',
        b'{"method":"getVersions","params":[],"id":-1}',
        b'{"method":"getVersions","params":[],"id":true}',
        b'{"method":"getVersions","params":[],"id":1.5}',
        rb'{"method":"\ud800","params":[],"id":1}',
        b'{"method":1}',
        b'{"method":"getVersions","params":{}}',
        b'{"method":"getVersions","params":[],"id":"one"}',
        b"\xff",
        b"[" * 60_000,
    ],
)
def test_what_is_no_request_is_refused_without_an_id(request_body):
    async def main(client):
        reply = await client.send(10_000, "/camera", request_body, "POST")
        return reply.status, reply.content

    assert virtually(main) == (200, b'{"error":[5,"Illegal Request"]}')


@pytest.mark.parametrize(("method", "path"), [("POST", "/sony/camera"), ("POST", "/"), ("GET", "/camera")])
def test_anything_but_a_post_to_the_service_is_not_found(method, path):
    async def main(client):
        reply = await client.send(10_000, path, b'{"method":"getVersions","params":[],"id":1}', method)
        return reply.status, reply.content

    assert virtually(main) == (404, b'{"error":[404,"Not Found"]}')


def test_a_request_larger_than_any_is_not_read():
    async def main(client):
        return (await client.send(10_000, "/camera", b" " * 70_000, "POST")).status

    assert virtually(main) == 413


@pytest.mark.parametrize("version", ["", "1.0"])
def test_method_types_come_as_rows_under_results(version):
    async def main(client):
        return await client.ask("getMethodTypes", version)

    answer = virtually(main)
    assert list(answer) == ["id", "results"]
    assert ["setShootMode", ["string"], ["int"], "1.0"] in answer["results"]
    assert ["actTakePicture", [], ["string*"], "1.0"] in answer["results"]
    assert len(answer["results"]) == 16


def test_no_method_has_an_unknown_version():
    async def main(client):
        return await client.ask("getMethodTypes", "9.9")

    assert virtually(main)["results"] == []


@pytest.mark.parametrize("version", ["1.1", "", "9.9", 1.0, None, ["1.0"]])
def test_a_version_it_does_not_speak_is_refused(version):
    async def main(client):
        request = json.dumps({"method": "getVersions", "params": [], "id": 3, "version": version}).encode()
        return (await client.send(10_000, "/camera", request, "POST")).json

    assert virtually(main) == {"id": 3, "error": [14, "Unsupported Version"]}


def test_the_list_of_methods_follows_the_mode():
    async def main(client):
        still = (await client.ask("getAvailableApiList"))["result"][0]
        await client.ask("setShootMode", "movie")
        return set(still), set((await client.ask("getAvailableApiList"))["result"][0])

    still, movie = virtually(main)
    assert still - movie == {"actTakePicture"}
    assert movie - still == {"startMovieRec"}


def test_answers_put_the_id_first_and_waste_no_byte():
    async def main(client):
        request = json.dumps({"params": [], "id": 38, "version": "1.0", "method": "getShootMode"}).encode()
        return (await client.send(10_000, "/camera", request, "POST")).content

    assert virtually(main) == b'{"id":38,"result":["still"]}'


def test_a_profile_may_escape_its_slashes():
    from dataclasses import replace

    from dayspool.sim import RX100M2

    async def main(client):
        reply = await client.send(10_000, "/camera", b'{"method":"startLiveview","params":[],"id":1}', "POST")
        return reply.content

    assert rb'["http:\/\/10.0.0.1:60152\/liveview.JPG?' in virtually(
        main, profile=replace(RX100M2, escapes_slashes=True)
    )
