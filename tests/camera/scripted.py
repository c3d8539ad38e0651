"""A camera that answers by script: what no simulated model does, said in a few lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2

from dayspool.camera import open_camera
from dayspool.testing import run_virtually

HOST = "http://192.168.122.1:10000"
BASIC = ["getVersions", "getMethodTypes", "getApplicationInfo", "getAvailableApiList", "getEvent"]
SHOOTING = [*BASIC, "actTakePicture", "getShootMode", "setShootMode"]

HALF_PRESSING = [*SHOOTING, "actHalfPressShutter", "cancelHalfPressShutter"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A JSON call as it reached the camera; `times` counts the calls of its method from 1, `at` is in seconds."""

    method: str
    params: list[Any]
    version: str
    service: str
    times: int
    at: float


class Scripted(httpx2.AsyncBaseTransport):
    """Answers each method by its script: a result (list), an error (code, text), a bare HTTP status (int), a dict as
    it is, or a function of the call that gives one of them, or raises. What has no script is error 12.
    """

    def __init__(self, **script):
        self.script = script
        self.calls = []

    @property
    def methods(self):
        return [call.method for call in self.calls]

    def at(self, method):
        return [call.at for call in self.calls if call.method == method]

    async def handle_async_request(self, request):
        asked = json.loads(request.content)
        method = asked["method"]
        call = Call(
            method=method,
            params=asked["params"],
            version=asked["version"],
            service=request.url.path.rpartition("/")[2],
            times=self.methods.count(method) + 1,
            at=round(anyio.current_time() - self.began, 3),
        )
        self.calls.append(call)
        reply = self.script.get(method, (12, method))
        if callable(reply):
            reply = reply(call)
        if hasattr(reply, "__await__"):
            reply = await reply
        return answer(reply, asked["id"])


def answer(reply, call_id):
    """Return the HTTP answer that stands for a scripted reply."""
    if isinstance(reply, int):
        return httpx2.Response(reply, stream=httpx2.ByteStream(b""))
    if isinstance(reply, tuple):
        reply = {"error": list(reply)}
    if isinstance(reply, list):
        reply = {"result": reply}
    return httpx2.Response(200, stream=httpx2.ByteStream(json.dumps({"id": call_id, **reply}).encode()))


def talk(
    play, *, path="/sony/camera", port=10000, host="192.168.122.1", model="", dialect=None, courtesy=None, **script
):
    """Run `play(camera)` against a scripted camera in virtual time; return its result and the transport."""
    transport = Scripted(**script)

    async def main(_):
        transport.began = anyio.current_time()
        endpoint = f"http://{host}:{port}{path}"
        async with open_camera(
            endpoint, model=model, dialect=dialect, transport=transport, courtesy=courtesy
        ) as camera:
            return await play(camera)

    return run_virtually(main), transport


def told(state="IDLE", *, methods=None, mode=None, modes=None, **more):
    """Return the result of `getEvent`; further words are whole events by their type."""
    events = [{"type": "cameraStatus", "cameraStatus": state}] if state else []
    if methods is not None:
        events.append({"type": "availableApiList", "names": methods})
    if mode is not None:
        events.append({"type": "shootMode", "currentShootMode": mode, "shootModeCandidates": modes or []})
    return [None, *events, *more.values()]


def event(kind, **fields):
    """Return one event."""
    return {"type": kind, **fields}
