"""The commands as processes against a camera on sockets that means harm: exit codes, words, time, memory, files."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time

import pytest

from tests.hostile.attacks import EXHAUSTIVE
from tests.hostile.server import PACKET, PICTURE, harmful, trap, whole
from tests.processes import DAYSPOOL

MOST_KB = 200_000
MOST_KB_OF_A_PICTURE = 400_000  # the largest allowed, 64 MiB, with the copies made to check and write it
HUGE = 100 * 1024 * 1024
PART = b"a" * 65_536
MEASURED = (
    "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(done.returncode)"
)


def huge(head, first):
    def say(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + head + b"\r\n" + first)
        for _ in range(HUGE // len(PART)):
            connection.sendall(PART)

    return say


def chunked(first):
    def say(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (first, *(PART for _ in range(HUGE // len(PART)))):
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        connection.sendall(b"0\r\n\r\n")

    return say


def endless_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"a" * 1_000 + b"\r\n")


def drops(head=b""):
    def say(connection):
        connection.sendall(head)
        while True:
            connection.sendall(b"H")
            time.sleep(1)  # the camera's own slowness, in its own thread

    return say


def reset(connection):
    connection.sendall(whole(b"x" * 5_000)[:100])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def said(result):
    return whole(json.dumps({"result": result}).encode(), "200 OK", "Content-Type: application/json")


def refused(*error):
    return whole(json.dumps({"error": error}).encode(), "200 OK", "Content-Type: application/json")


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def play(folder, camera, *words, codes=(1, 2), seconds=60.0, most_kb=MOST_KB):
    """Run a command against the camera; hold it to a clear end, and return it and its largest size in kB."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    asked = ("--address" if words[0] == "find" else "--camera", f"http://127.0.0.1:{camera.port}/sony/camera")
    if words[0] == "find":
        asked = ("--address", f"127.0.0.1:{camera.port}", "--timeout", "2s")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, DAYSPOOL), *words, *asked],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=work,
    )
    took = time.monotonic() - began
    *lines, kilobytes = done.stderr.splitlines()
    assert done.returncode in codes, done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert took < seconds
    assert int(kilobytes) < most_kb, f"{int(kilobytes) / 1000:.0f} MB"
    if done.returncode:
        assert lines, "a failure says why"
        assert len(done.stderr) < 4_000
    return done, int(kilobytes)


JSON_START = b'{"id":1,"result":["'
SNAP = ("camera", "snap", "-o", "a.jpg")
INFO = ("camera", "info")
VIEW = ("camera", "liveview", "-n", "3", "-o", "view")
SET = ("camera", "set", "iso", "400")


@pytest.mark.slow
def test_the_honest_camera_satisfies_them_all(tmp_path):
    with harmful() as camera:
        for words in (("find",), INFO, SET, SNAP, VIEW, ("camera", "dump", "-o", "d.json")):
            # Scripted, it takes every setting without an error and keeps what it had: that is told, and exits 1.
            play(tmp_path, camera, *words, codes=(1,) if words == SET else (0,))
    assert files(tmp_path) == [
        f"work/{name}" for name in ("a.jpg", "d.json", *(f"view/liveview-000{n}.jpg" for n in range(3)))
    ]


@pytest.mark.parametrize(
    ("words", "attacks"),
    [
        (("find",), {"getVersions": huge(b"", JSON_START)}),
        (INFO, {"getEvent": huge(b"Content-Length: %d\r\n" % HUGE, JSON_START)}),
        (INFO, {"getEvent": huge(b"", JSON_START)}),
        (INFO, {"getAvailableApiList": chunked(JSON_START)}),
        (SNAP, {"picture": huge(b"", PICTURE[:1_000])}),
        (SNAP, {"picture": huge(b"Content-Length: %d\r\n" % HUGE, PICTURE[:1_000])}),
        (SNAP, {"picture": chunked(PICTURE[:1_000])}),
        (SNAP, {"actTakePicture": huge(b"", JSON_START)}),
        (VIEW, {"liveview": huge(b"", PACKET[:200])}),
        (INFO, {"getEvent": endless_headers}),
        (SNAP, {"picture": endless_headers}),
        (VIEW, {"liveview": endless_headers}),
    ],
)
def test_answers_without_end(tmp_path, words, attacks):
    with harmful(**attacks) as camera:
        play(tmp_path, camera, *words)
    assert files(tmp_path) == []
    assert camera.counts.get("actTakePicture", 0) <= 1


@pytest.mark.slow
def test_a_picture_as_large_as_is_allowed(tmp_path):
    picture = PICTURE[:-2] + bytes((63 << 20) - len(PICTURE)) + PICTURE[-2:]
    with harmful(picture=whole(picture)) as camera:
        play(tmp_path, camera, *SNAP, codes=(0, 1), most_kb=MOST_KB_OF_A_PICTURE)


@pytest.mark.slow
def test_a_dump_of_answers_without_end_is_one_of_failures(tmp_path):
    with harmful(getEvent=huge(b"", JSON_START), getMethodTypes=chunked(JSON_START)) as camera:
        play(tmp_path, camera, "camera", "dump", "-o", "d.json", codes=(0,))
    assert (tmp_path / "work" / "d.json").stat().st_size < 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("lead", ["http://127.0.0.9:{}/x.jpg", "http://{{own}}@127.0.0.9:{}/x.jpg", "//127.0.0.9:{}/"])
def test_nobody_else_is_asked(tmp_path, lead):
    with trap() as (port, came):
        url = lead.format(port).replace("{own}", "127.0.0.1")
        moved = whole(b"", "302 Found", f"Location: {url}")
        for words, attacks in (
            (("find",), {"getVersions": moved}),
            (INFO, {"getEvent": moved}),
            (SNAP, {"picture": moved}),
            (SNAP, {"actTakePicture": said([[url]])}),
            (VIEW, {"startLiveview": said([url])}),
            (VIEW, {"liveview": moved}),
        ):
            with harmful(**attacks) as camera:
                play(tmp_path, camera, *words)
    assert came == []
    assert files(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "../../x", "\x00", "\ud800", "", "\x1b[2J"])
def test_addresses_that_are_none(tmp_path, url):
    with harmful(actTakePicture=said([[url]]), startLiveview=said([url])) as camera:
        play(tmp_path, camera, *SNAP)
        play(tmp_path, camera, *VIEW)
    assert files(tmp_path) == []
    assert camera.counts["actTakePicture"] == 1


@pytest.mark.slow
def test_the_words_of_a_camera_are_shown_as_words(tmp_path):
    evil = "\x1b[2J\x1b]0;owned\x07\n\ud800"
    events = said([{"type": "isoSpeedRate", "currentIsoSpeedRate": evil, "isoSpeedRateCandidates": [evil, "400"]}])
    with harmful(getEvent=events, getApplicationInfo=said([evil, evil])) as camera:
        play(tmp_path, camera, *INFO, codes=(0, 1))
        play(tmp_path, camera, *SET[:-1], "300", codes=(1, 2))
    with harmful(
        getEvent=refused(5, evil), getVersions=refused(1, evil), getAvailableApiList=refused(5, evil)
    ) as camera:
        for words in (("find",), INFO, SNAP, VIEW, ("camera", "dump", "-o", "d.json")):
            play(tmp_path, camera, *words, codes=(0, 1))


@pytest.mark.parametrize(
    ("name", "words"), [("getEvent", INFO), ("picture", SNAP), ("liveview", VIEW), ("getVersions", ("find",))]
)
def test_a_connection_reset_in_the_middle(tmp_path, name, words):
    with harmful(**{name: reset}) as camera:
        play(tmp_path, camera, *words)
    assert files(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words", "seconds"),
    [
        ("getVersions", ("find",), 10),
        ("getEvent", INFO, 25),
        ("liveview", VIEW, 35),
        *([("actTakePicture", SNAP, 100), ("picture", SNAP, 70)] if EXHAUSTIVE else []),
    ],
)
@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"], ids=["head", "body"])
def test_one_byte_a_second(tmp_path, name, words, seconds, head):
    with harmful(**{name: drops(head)}) as camera:
        play(tmp_path, camera, *words, seconds=seconds)
    assert files(tmp_path) == []
    assert camera.counts.get("actTakePicture", 0) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "attacks",
    [
        {"picture": huge(b"", PICTURE[:1_000])},
        {"picture": reset},
        {"picture": whole(b"", "302 Found", "Location: http://127.0.0.9/x.jpg")},
        {"actTakePicture": said([["../../x"]])},
        {"actTakePicture": said([["http://127.0.0.9/\ud800"]])},
        {"actTakePicture": refused(40400, "\x1b[2J\ud800")},
        {"actTakePicture": whole(b"\x00\xff rubbish")},
        {"actTakePicture": huge(b"", JSON_START)},
    ],
)
def test_a_shoot_of_three_slots(tmp_path, attacks):
    with harmful(**attacks) as camera:
        words = ("shoot", "s", "--every", "1s", "--frames", "3", "--json")
        done, _ = play(tmp_path, camera, *words, codes=(0, 1), seconds=90)
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["frames"] + last["gaps"] == 3
    assert camera.counts.get("actTakePicture", 0) <= 3
    stray = [
        name
        for name in files(tmp_path)
        if not name.startswith(("work/s/frames/", "work/s/journal", "work/s/shoot.toml"))
    ]
    assert stray == []


def test_a_camera_that_leads_astray_in_the_middle_of_a_shoot(tmp_path):
    with trap() as (port, came):
        lead = f"http://127.0.0.9:{port}/x.jpg"
        with harmful(actTakePicture=said([[lead]]), picture=whole(b"", "302 Found", f"Location: {lead}")) as camera:
            play(tmp_path, camera, *SNAP)
            words = ("shoot", "s", "--every", "1s", "--frames", "3", "--json")
            done, _ = play(tmp_path, camera, *words, codes=(0, 1), seconds=90)
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["frames"], last["gaps"], came) == (0, 3, [])
    assert camera.counts["actTakePicture"] <= 4
