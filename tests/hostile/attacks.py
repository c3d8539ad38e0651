"""What a camera that means harm answers: bytes, statuses and streams, each by its name."""

from __future__ import annotations

import functools
import json
import os
from contextlib import aclosing
from typing import Any

import anyio
import httpx2

EXHAUSTIVE = bool(os.environ.get("DAYSPOOL_EXHAUSTIVE"))  # every attack on every answer, not a share of them
HUGE = 100 * 1024 * 1024
FOREIGN = "127.0.0.9"
ELSEWHERE = (
    f"http://{FOREIGN}/x.jpg",
    f"http://{FOREIGN}:60152/x.jpg",
    "http://example.org/x.jpg",
    f"https://{FOREIGN}/x.jpg",
    "file:///etc/passwd",
    "ftp://127.0.0.9/x.jpg",
    "//127.0.0.9/x.jpg",
    "/etc/passwd",
    "../../x",
    "",
    "http://",
    "http://[::1",
    "http://{host}@127.0.0.9/x.jpg",
    "http://{host}:80@127.0.0.9/x.jpg",
    "http://{host}\\@127.0.0.9/x.jpg",
    "http://{host}#@127.0.0.9/x.jpg",
    "http://{host}\n@127.0.0.9/x.jpg",
    "http://{host}.example.org/x.jpg",
    "http://{host}:0/x.jpg",
    "http://{host}:99999/x.jpg",
    "http://{host}:-1/x.jpg",
    "http://127.1.0x9/x.jpg",
    "http://2130706441/x.jpg",
    "http://127\u30020\u30020\u30029/x.jpg",
    "http://{host}/\x00",
    "http://{host}/\ud800.jpg",
    "http://{host}/\r\nHost: x\r\n\r\nGET / HTTP/1.1",
    "http://{host}/" + "a" * 100_000,
    "data:image/jpeg;base64,/9j/",
)
"""Addresses that lead elsewhere, or nowhere; `{host}` is the camera's own."""

RUBBISH = {
    "nothing": b"",
    "bytes": b"\x00\xff\xfe\x80rubbish\r\n\r\n",
    "half": b'{"id":1,"result":[',
    "a page": b"<html><body>It works!</body></html>",
    "open lists": b"[" * 500_000,
    "open objects": b'{"a":' * 100_000,
    "a deep list": b"[" * 3_000 + b"]" * 3_000,
    "a long number": b"1" * 500_000,
    "UTF-16": '{"id":1,"result":[]}'.encode("utf-16"),
    "zeros": bytes(500_000),
    "spaces": b" " * 500_000,
    "a bomb": (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c SYSTEM "file:///etc/passwd">]><root>&b;&c;</root>'
    ),
    "deep XML": b"<a>" * 100_000,
    "deep XML that ends": b"<a>" * 20_000 + b"</a>" * 20_000,
    "a JPEG of nothing": b"\xff\xd8\xff\xd9",
    "a GIF": b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
    "magic words": b"\xff\x01" + bytes(6) + b"\x24\x35\x68\x79" * 10_000,
}

WORDS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    7.5,
    float("nan"),
    float("inf"),
    10**400,
    -(10**4000),
    "",
    "IDLE",
    "\x1b[2J\x07",
    "\ud800",
    "\x00",
    "../../x",
    "/etc/passwd",
    "a" * 200_000,
)


def nested(depth: int) -> bytes:
    """Return an answer whose result is a list in a list in a list."""
    return b'{"id":0,"result":' + b"[" * depth + b"]" * depth + b"}"


@functools.cache
def other_types(host: str) -> dict[str, bytes]:
    """Return well-formed JSON of other types than any answer has; the id is put in by `body_for`."""
    led = [url.replace("{host}", host) for url in ELSEWHERE]
    shapes: dict[str, Any] = {f"only {word!r:.20}": word for word in WORDS}
    for word in (*WORDS, [], {}, [[]], [[[[]]]], [{}], {"type": {}}, {"type": "cameraStatus", "cameraStatus": {}}):
        shapes |= {
            f"result {word!r:.40}": {"result": word},
            f"list of {word!r:.40}": {"result": [word]},
            f"list of lists of {word!r:.40}": {"result": [[word, word]]},
            f"results {word!r:.40}": {"results": [word, word, word, word]},
            f"error {word!r:.40}": {"error": word},
            f"error of {word!r:.40}": {"error": [word, word]},
            f"error 1 and {word!r:.40}": {"error": [1, word]},
        }
    shapes |= {f"error {code}": {"error": [code, "\x1b]0;x\x07\ud800"]} for code in (3, 12, 14, 403, 500, 40400, 40403)}
    shapes |= {f"events of {word!r:.20}": {"result": events_of(word)} for word in WORDS}
    shapes |= {f"another's answer {word!r:.20}": {"result": [], "id": word} for word in WORDS[:9]}
    shapes |= {f"the address {number}": {"result": [[url]]} for number, url in enumerate(led)}
    shapes |= {f"the plain address {number}": {"result": [url]} for number, url in enumerate(led)}
    return {name: json.dumps(shape).encode() for name, shape in shapes.items()}


def events_of(word: Any) -> list[Any]:
    """Return events of every type, and each of their values the same wrong word."""
    keys = {
        "availableApiList": ("names",),
        "cameraStatus": ("cameraStatus",),
        "takePicture": ("takePictureUrl",),
        "storageInformation": ("storageID", "storageDescription", "recordTarget", "numberOfRecordableImages"),
        "batteryInfo": ("batteryInfo",),
        "shootMode": ("currentShootMode", "shootModeCandidates"),
        "exposureCompensation": (
            "currentExposureCompensation",
            "maxExposureCompensation",
            "minExposureCompensation",
            "stepIndexOfExposureCompensation",
        ),
        "isoSpeedRate": ("currentIsoSpeedRate", "isoSpeedRateCandidates"),
        "shutterSpeed": ("currentShutterSpeed", "shutterSpeedCandidates"),
        "whiteBalance": ("currentWhiteBalanceMode", "currentColorTemperature"),
        "stillSize": ("currentAspect", "currentSize"),
        "zoomInformation": ("zoomPosition",),
        "cameraFunction": ("currentCameraFunction",),
    }
    return [
        {"type": kind, **dict.fromkeys(names, value)}
        for kind, names in keys.items()
        for value in (word, [word], {"batteryID": word, "levelNumer": word, "levelDenom": word})
    ]


class Stream(httpx2.AsyncByteStream):
    """A body that comes as `parts` says."""

    def __init__(self, parts):
        self._parts = parts

    async def __aiter__(self):
        async with aclosing(self._parts) as parts:
            async for part in parts:
                yield part


async def huge(first: bytes = b'{"id":1,"result":["', taken: list[int] | None = None):
    """Yield 100 MB, and count what was taken of them."""
    yield first
    part = b"a" * 65_536
    for _ in range(HUGE // len(part)):
        if taken is not None:
            taken[0] += len(part)
        yield part


async def drops(content: bytes, seconds: float = 1.0):
    """Yield one byte a second, and a day of them at least."""
    for at in range(86_400):
        yield content[at % len(content) : at % len(content) + 1] if content else b"a"
        await anyio.sleep(seconds)


async def breaks(content: bytes):
    """Yield the half of it; then the connection is reset."""
    yield content[: len(content) // 2]
    raise httpx2.ReadError("connection reset by peer")


async def silence():
    """Never say anything."""
    await anyio.sleep(86_400)
    yield b""


def replies(content: bytes, own: str) -> dict[str, Any]:
    """Return the answers that differ in how they come; `content` is the honest one, `own` the camera's address."""
    answer = httpx2.Response
    told = {
        "huge": lambda: answer(200, stream=Stream(huge())),
        "huge, as said": lambda: answer(200, headers={"Content-Length": str(HUGE)}, stream=Stream(huge())),
        "less than said": lambda: answer(200, headers={"Content-Length": "999"}, stream=Stream(_once(content[:20]))),
        "more than said": lambda: answer(200, headers={"Content-Length": "2"}, stream=Stream(_once(content))),
        "a length of rubbish": lambda: answer(200, headers={"Content-Length": "9" * 5_000}, stream=Stream(_once(b"x"))),
        "a negative length": lambda: answer(200, headers={"Content-Length": "-5"}, stream=Stream(_once(content))),
        "drops": lambda: answer(200, stream=Stream(drops(content))),
        "drops of spaces": lambda: answer(200, stream=Stream(drops(b" "))),
        "silence": lambda: answer(200, stream=Stream(silence())),
        "a reset": lambda: answer(200, stream=Stream(breaks(content))),
        "packed": lambda: answer(200, headers={"Content-Encoding": "gzip"}, stream=Stream(_once(content))),
        "part of it": lambda: answer(206, headers={"Content-Range": "bytes 7-9/3"}, stream=Stream(_once(content))),
    }
    for status in (100, 204, 301, 302, 307, 308, 400, 401, 403, 404, 416, 500, 503, 999):
        target = own if status == 308 else f"http://{FOREIGN}/elsewhere"
        told[f"status {status}"] = lambda status=status, target=target: answer(
            status, headers={"Location": target}, stream=Stream(_once(b""))
        )
    return told


async def _once(content: bytes):
    yield content
