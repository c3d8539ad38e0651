"""Other people's clients: plain sockets and `urllib` in the manner of libsonyapi and pysony, and none of our code.

They find what a camera would give them: a description to search for a text, one reply per connection, headers in their
order, liveview heads of 136 bytes at fixed places.
"""

from __future__ import annotations

import http.client
import json
import queue
import re
import socket
import struct
import tempfile
import threading
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from dayspool.clock import LoopClock
from dayspool.sim import PROFILES, Body, Endpoints, Ledger, Profile, serving
from dayspool.testing import BEGINNING

SPEED = 40.0
SPEAKING = [name for name, profile in PROFILES.items() if profile.json]
SECONDS = 20.0
SMALL_PX = (48, 32)
MOST_QUESTIONS = 500
FRAMES = 8  # at the pace of the real thing
AV = "{urn:schemas-sony-com:av}"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A camera that stands somewhere, and the record of what it exposed."""

    served: Endpoints
    profile: Profile
    ledger: Path

    @property
    def exposures(self):
        """Return how many exposures there have been."""
        return len(self.ledger.read_text().splitlines())


@contextmanager
def standing(name):
    """Let a camera stand in a thread of its own."""
    where, leave = queue.Queue(), threading.Event()

    async def stand(folder):
        profile, path = PROFILES[name], Path(folder) / "ledger.jsonl"
        with Ledger(path) as ledger:
            body = Body(
                clock=LoopClock(BEGINNING), profile=profile, seed=7, picture_px=SMALL_PX, speed=SPEED, ledger=ledger
            )
            async with serving(body, port=0, ssdp=False) as served:
                where.put(Standing(served=served, profile=profile, ledger=path))
                await anyio.to_thread.run_sync(leave.wait)

    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=anyio.run, args=(stand, folder))
        thread.start()
        try:
            yield where.get(timeout=SECONDS)
        finally:
            leave.set()
            thread.join()


# -- in the manner of libsonyapi: description, search for a text in it, POST -----------------------------------------


def action_list_url(location):
    """Return the camera service's address, as libsonyapi takes it: a text between two marks, and `/camera`."""
    with urllib.request.urlopen(location, timeout=SECONDS) as reply:
        text = reply.read().decode()
    begin = text.index("<av:X_ScalarWebAPI_ActionList_URL>") + len("<av:X_ScalarWebAPI_ActionList_URL>")
    return text[begin : text.index("<", begin)] + "/camera"


def post(url, method, *params, version="1.0", number=1):
    """Make one call with nothing but `urllib`, whose content type is that of a form; return status and reply."""
    content = json.dumps({"method": method, "params": list(params), "id": number, "version": version}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content), timeout=SECONDS) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def service_of(camera, name):
    """Return where an rx100m2's users post to, who know it by heart; everybody else reads it."""
    url = action_list_url(camera.served.location)
    if name == "rx100m2":
        assert post(url, "getVersions") == (404, {"error": [404, "Not Found"]})
        return url.replace("/sony/camera", "/camera")
    return url


def make_ready(url):
    """Start the remote mode where there is one, wait for IDLE and choose stills, as the published examples do."""
    if "startRecMode" in post(url, "getAvailableApiList")[1].get("result", [[]])[0]:
        assert post(url, "startRecMode")[1] == {"id": 1, "result": [0]}
    until(url, "cameraStatus", "IDLE")
    if "setShootMode" in post(url, "getAvailableApiList")[1]["result"][0]:
        post(url, "setShootMode", "still")


def until(url, kind, value, *, version="1.0"):
    """Ask for events until the slot of that type says so; slots are found by their type."""
    for _ in range(MOST_QUESTIONS):
        events = post(url, "getEvent", False, version=version)[1]
        if "error" in events:
            events = post(url, "receiveEvent", False)[1]
        slots = [slot for slot in events.get("result", []) if isinstance(slot, dict)]
        if any(slot["type"] == kind and slot[kind] == value for slot in slots):
            return
    pytest.fail(f"{kind} never became {value}")


@pytest.mark.parametrize("name", SPEAKING)
def test_a_client_that_searches_the_description_takes_a_picture(name):
    with standing(name) as camera:
        url = service_of(camera, name)
        assert url == camera.served.endpoint
        make_ready(url)
        if camera.profile.quirks.needs_half_press:
            post(url, "actHalfPressShutter")
            until(url, "focusStatus", "Focused", version="1.1")
        status, reply = post(url, "actTakePicture", number=7)
        assert (status, list(reply)) == (200, ["id", "result"])
        assert reply["id"] == 7
        ((picture_url,),) = reply["result"]
        with urllib.request.urlopen(picture_url, timeout=SECONDS) as picture:
            assert picture.headers.get_content_type() == "image/jpeg"
            jpeg = picture.read()
        assert jpeg[:2] == b"\xff\xd8"
        assert jpeg.rstrip(b"\0")[-2:] == b"\xff\xd9"
        assert camera.exposures == 1


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_strict_xml_reader_finds_the_services(name):
    with standing(name) as camera:
        with urllib.request.urlopen(camera.served.location, timeout=SECONDS) as reply:
            assert reply.headers["Accept-Range"] == "none" or "Accept-Range" not in reply.headers
            root = ElementTree.fromstring(reply.read())
        found = [element.text for element in root.iter(f"{AV}X_ScalarWebAPI_ServiceType")]
        assert found == list(camera.profile.services)
        for service in root.iter(f"{AV}X_ScalarWebAPI_Service"):
            assert [child.tag.removeprefix(AV) for child in service] == [
                "X_ScalarWebAPI_ServiceType",
                "X_ScalarWebAPI_ActionList_URL",
                "X_ScalarWebAPI_AccessType",
            ]
        bases = {element.text for element in root.iter(f"{AV}X_ScalarWebAPI_ActionList_URL")}
        assert len(bases) <= 1
        assert root.find(".//{urn:schemas-upnp-org:device-1-0}friendlyName").text == camera.profile.model


# -- in the manner of pysony: fixed heads, read to their length ------------------------------------------------------


@pytest.mark.parametrize("name", SPEAKING)
def test_a_reader_of_fixed_heads_gets_every_liveview_frame(name):
    with standing(name) as camera:
        make_ready(camera.served.endpoint)
        (url,) = post(camera.served.endpoint, "startLiveview")[1]["result"]
        host, port, path = re.fullmatch(r"http://([^:/]+):(\d+)(/.*)", url).groups()
        line = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
        try:
            line.request("GET", path)
            stream = line.getresponse()
            assert stream.status == 200
            heads = [one_frame(stream) for _ in range(FRAMES)]
        finally:
            line.close()
        numbers = [number for number, _ in heads]
        assert numbers == list(range(numbers[0], numbers[0] + FRAMES))
        stamps = [stamp for _, stamp in heads]
        assert stamps == sorted(stamps)
        assert post(camera.served.endpoint, "stopLiveview")[1]["result"] in ([], [0])


def one_frame(stream):
    """Read one head of 136 bytes, its JPEG and its padding; return sequence and time stamp."""
    head = stream.read(136)
    start, kind, number, stamp = struct.unpack(">BBHI", head[:8])
    assert (start, kind) == (0xFF, 0x01)
    assert head[8:12] == b"\x24\x35\x68\x79"
    size, padding = int.from_bytes(head[12:15], "big"), head[15]
    jpeg = stream.read(size)
    assert jpeg[:2] == b"\xff\xd8"
    assert b"\xff\xd9" in jpeg
    assert len(stream.read(padding)) == padding
    return number, stamp


# -- raw sockets: the bytes themselves -------------------------------------------------------------------------------


def exchange(camera, path, content, head=""):
    """Post bytes over a socket of our own, read until the camera closes, and return head lines and body."""
    request = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(content)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", camera.served.ports.control), timeout=SECONDS) as line:
        line.sendall(request.encode() + content)
        reply = b""
        while part := line.recv(65_536):
            reply += part
    lines, _, body = reply.partition(b"\r\n\r\n")
    return lines.decode().split("\r\n"), body


@pytest.mark.parametrize("name", SPEAKING)
def test_replies_close_the_line_and_keep_their_headers_in_order(name):
    with standing(name) as camera:
        path = camera.profile.service_path
        call = b'{"method":"getVersions","params":[],"id":38,"version":"1.0"}'
        lines, content = exchange(camera, path, call)
        assert lines[0] == "HTTP/1.1 200 OK"
        assert [line.partition(": ")[0] for line in lines[1:]] == ["Connection", "Content-Length", "Content-Type"]
        assert lines[1:] == ["Connection: close", f"Content-Length: {len(content)}", "Content-Type: application/json"]
        assert content.startswith((b'{"id":38,"result":', b'{"result":'))
        assert json.loads(content) == {"id": 38, "result": [list(camera.profile.versions())]}


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_the_content_type_is_not_looked_at(kind):
    with standing("rx100m2") as camera:
        head = f"Content-Type: {kind}\r\n" if kind else ""
        call = b'{"method":"getVersions","params":[],"id":1,"version":"1.0"}'
        assert json.loads(exchange(camera, "/camera", call, head)[1])["result"] == [["1.0"]]


@pytest.mark.parametrize("name", ["rx100m2", "qx10", "a7m3"])
def test_errors_are_written_as_they_were_recorded(name):
    with standing(name) as camera:
        path = camera.profile.service_path
        lines, content = exchange(camera, path, b'{"method":"getMoon","params":[],"id":9,"version":"1.0"}')
        assert (lines[0], json.loads(content)) == ("HTTP/1.1 200 OK", {"id": 9, "error": [12, "getMoon"]})
        lines, content = exchange(camera, "/nowhere/camera", b"{}")
        assert (lines[0], content) == ("HTTP/1.1 404 Not Found", b'{"error":[404,"Not Found"]}')


def test_a_gated_method_is_forbidden_with_its_name():
    with standing("qx10") as camera:
        gated = b'{"method":"getCameraFunction","params":[],"id":1,"version":"1.0"}'
        lines, content = exchange(camera, "/sony/camera", gated)
        assert (lines[0], json.loads(content)) == (
            "HTTP/1.1 403 Forbidden",
            {"error": [403, "getCameraFunction"], "id": 1},
        )


def test_slashes_are_escaped_where_they_were_recorded_so():
    with standing("a5000") as camera:
        make_ready(camera.served.endpoint)
        call = b'{"method":"startLiveview","params":[],"id":1,"version":"1.0"}'
        assert b"http:\\/\\/127.0.0.1" in exchange(camera, "/sony/camera", call)[1]


def test_a_second_reader_of_liveview_ends_the_first():
    with standing("a6000") as camera:
        make_ready(camera.served.endpoint)
        (url,) = post(camera.served.endpoint, "startLiveview")[1]["result"]
        with urllib.request.urlopen(url, timeout=SECONDS) as first:
            one_frame(first)
            with urllib.request.urlopen(url, timeout=SECONDS) as second:
                one_frame(second)
                while first.read(65_536):
                    pass
                one_frame(second)
