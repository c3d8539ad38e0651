"""The JSON service: one request's bytes in, one answer out, as the wire has it.

Written from the recorded traffic alone and sharing no code with the client, so that the two can disagree.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.clock import pause
from dayspool.sim.faults import FaultKind
from dayspool.sim.parts import Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from dayspool.sim.body import Body
    from dayspool.sim.parts import Shot

__all__ = ["NOT_FOUND", "Answer", "Caller", "ConnectionDropped", "Service", "Services"]


class ConnectionDropped(ConnectionResetError):
    """The camera closes the connection without an answer.

    The real server closes the socket; in memory it comes out of the ASGI application, where a client's transport has to
    turn it into its own read error.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and JSON body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the address by which they reach the camera, and a way to wait until they leave."""

    host: str
    left: Callable[[], Awaitable[None]]


NOT_FOUND = Answer(404, b'{"error":[404,"Not Found"]}')
"""What a camera says where it has no service: no id."""


class Services:
    """Every service of one body."""

    def __init__(self, body: Body) -> None:
        self._camera = Service(body)
        self._path = body.profile.service_path

    async def answer(self, path: str, raw: bytes, caller: Caller) -> Answer:
        """Answer one request to a path.

        Raises:
            ConnectionDropped: a scripted mishap.
        """
        return await self._camera.answer(raw, caller) if path == self._path else NOT_FOUND


class Service:
    """The methods of one body's `camera` service."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._profile = body.profile
        self._calls = count(1)
        self._told: list[Any] = []
        self._polling = False
        self._methods = {method.name: method for method in body.profile.methods}
        self._handlers: Mapping[str, Callable[[list[Any], Caller], Awaitable[list[Any]]]] = {
            "getMethodTypes": self._get_method_types,
            "getAvailableApiList": self._get_available_api_list,
            "getVersions": self._get_versions,
            "getApplicationInfo": self._get_application_info,
            "getShootMode": self._get_shoot_mode,
            "getSupportedShootMode": self._get_supported_shoot_mode,
            "getAvailableShootMode": self._get_available_shoot_mode,
            "setShootMode": self._set_shoot_mode,
            "actTakePicture": self._act_take_picture,
            "awaitTakePicture": self._await_take_picture,
            "startLiveview": self._start_liveview,
            "stopLiveview": self._stop_liveview,
            "actZoom": self._act_zoom,
            "startMovieRec": self._start_movie_rec,
            "stopMovieRec": self._stop_movie_rec,
            body.profile.event_method: self._event,
        }

    async def answer(self, raw: bytes, caller: Caller) -> Answer:
        """Answer one request.

        Raises:
            ConnectionDropped: a scripted mishap.
        """
        body = self._body
        call = next(self._calls)
        request = _parse(raw)
        if request is None:
            return self._json({"error": [5, "Illegal Request"]})
        name, params, number, version = request
        shot = body.exposures + 1 if name == "actTakePicture" and body.status is Status.IDLE else None
        if body.mishaps.strike(FaultKind.RESET, shot=shot, call=call):
            raise ConnectionDropped("scripted: reset")
        result = await self._reply(name, version, params, caller)
        shot = shot if shot == body.exposures else None  # an attempt that was refused has no answer to lose
        delay = body.mishaps.strike(FaultKind.ANSWER_DELAYED, shot=shot, call=call)
        if delay is not None:
            await pause(delay.seconds or 0.0)
        if body.mishaps.strike(FaultKind.ANSWER_LOST, shot=shot, call=call):
            raise ConnectionDropped("scripted: answer lost")
        return self._json({"id": number, **result})

    async def _reply(self, name: str, version: object, params: list[Any], caller: Caller) -> dict[str, Any]:
        if name not in self._methods:
            return {"error": [12, name]}
        if version != self._methods[name].version:
            return {"error": [14, "Unsupported Version"]}
        try:
            result = await self._handlers[name](params, caller)
        except Refusal as refusal:
            return {"error": [refusal.code, refusal.text]}
        return {"results" if name == "getMethodTypes" else "result": result}

    def _json(self, value: dict[str, Any]) -> Answer:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if self._profile.escapes_slashes:
            text = text.replace("/", "\\/")
        return Answer(200, text.encode())

    # -- about itself -----------------------------------------------------------------------------------------------

    async def _get_versions(self, params: list[Any], caller: Caller) -> list[Any]:
        return [list(self._profile.versions())]

    async def _get_application_info(self, params: list[Any], caller: Caller) -> list[Any]:
        return list(self._profile.application)

    async def _get_method_types(self, params: list[Any], caller: Caller) -> list[Any]:
        wanted = params[0] if params else ""
        if not isinstance(wanted, str):
            raise _illegal_argument()
        rows = [method for method in self._profile.methods if wanted in {"", method.version}]
        return [[row.name, list(row.params), list(row.results), row.version] for row in rows]

    async def _get_available_api_list(self, params: list[Any], caller: Caller) -> list[Any]:
        return [self._offered()]

    def _offered(self) -> list[str]:
        state = self._body.state
        return [offer.name for offer in self._profile.offers if offer.when.holds(state)]

    # -- shoot mode -------------------------------------------------------------------------------------------------

    async def _get_shoot_mode(self, params: list[Any], caller: Caller) -> list[Any]:
        return [self._body.shoot_mode]

    async def _get_supported_shoot_mode(self, params: list[Any], caller: Caller) -> list[Any]:
        return [list(self._profile.shoot_modes)]

    async def _get_available_shoot_mode(self, params: list[Any], caller: Caller) -> list[Any]:
        return [self._body.shoot_mode, list(self._profile.shoot_modes)]

    async def _set_shoot_mode(self, params: list[Any], caller: Caller) -> list[Any]:
        (mode,) = _strings(params, 1)
        self._body.set_shoot_mode(mode)
        return [0]

    # -- pictures ---------------------------------------------------------------------------------------------------

    async def _act_take_picture(self, params: list[Any], caller: Caller) -> list[Any]:
        return [[self._url(await self._body.take_picture(), caller.host)]]

    async def _await_take_picture(self, params: list[Any], caller: Caller) -> list[Any]:
        return [[self._url(await self._body.await_picture(), caller.host)]]

    def _url(self, shot: Shot, host: str) -> str:
        return f"http://{host}:{self._body.ports.media}/{shot.name}?{self._profile.postview_query}"

    async def _start_liveview(self, params: list[Any], caller: Caller) -> list[Any]:
        if self._body.status in {Status.STILL_CAPTURING, Status.NOT_READY}:
            raise Refusal(1, "Not Available Now")
        self._body.switch_liveview(True)
        return [f"http://{caller.host}:{self._body.ports.media}{self._profile.liveview_path}"]

    async def _stop_liveview(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.switch_liveview(False)
        return [0]

    async def _act_zoom(self, params: list[Any], caller: Caller) -> list[Any]:
        direction, movement = _strings(params, 2)
        self._body.move_zoom(direction, movement)
        return [0]

    async def _start_movie_rec(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.start_movie()
        return [0]

    async def _stop_movie_rec(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.stop_movie()
        return [""]

    # -- events -----------------------------------------------------------------------------------------------------

    async def _event(self, params: list[Any], caller: Caller) -> list[Any]:
        if len(params) != 1 or not isinstance(params[0], bool):
            raise _illegal_argument()
        if not params[0]:
            self._told = self._slots(caller.host)
            return self._told
        if self._polling:
            raise Refusal(40402, "Already Running Polling API")
        self._polling = True
        try:
            return await self._news(caller)
        finally:
            self._polling = False

    async def _news(self, caller: Caller) -> list[Any]:
        """Wait for slots that differ from those told last; the others come as `null`, or `[]` when they are lists."""
        timeout = True
        async with anyio.create_task_group() as tasks:
            tasks.cancel_scope.deadline = anyio.current_time() + self._profile.timings.poll_seconds

            async def hang_up() -> None:
                nonlocal timeout
                await caller.left()
                timeout = False
                tasks.cancel_scope.cancel()

            tasks.start_soon(hang_up)
            while (slots := self._slots(caller.host)) == self._told:
                await self._body.wait_for_change()
            told, self._told = self._told or [None] * len(slots), slots
            tasks.cancel_scope.cancel()
            return [new if new != old else _no_news(new) for old, new in zip(told, slots, strict=True)]
        if timeout:
            raise Refusal(2, "Timeout")
        raise ConnectionDropped("the client stopped waiting for news")

    def _slots(self, host: str) -> list[Any]:
        """Return the whole state in the order of getEvent 1.0, which is assumed for this generation too."""
        body, profile = self._body, self._profile
        shot = body.last_answered
        slots: list[Any] = [None] * 35
        slots[0] = {"type": "availableApiList", "names": self._offered()}
        slots[1] = {"type": "cameraStatus", "cameraStatus": body.status.value}
        slots[2] = {
            "type": "zoomInformation",
            "zoomPosition": round(100 * body.zoom),
            "zoomNumberBox": 1,
            "zoomIndexCurrentBox": 0,
            "zoomPositionCurrentBox": round(100 * body.zoom),
        }
        slots[3] = {"type": "liveviewStatus", "liveviewStatus": body.liveview_on}
        slots[5] = [{"type": "takePicture", "takePictureUrl": [self._url(shot, host)]}] if shot else []
        slots[6] = []
        slots[10] = [
            {
                "type": "storageInformation",
                "storageID": "Memory Card 1",
                "recordTarget": True,
                "numberOfRecordableImages": body.images_left,
                "recordableTime": -1,
                "storageDescription": "Storage Media",
            }
        ]
        slots[21] = {
            "type": "shootMode",
            "currentShootMode": body.shoot_mode,
            "shootModeCandidates": list(profile.shoot_modes),
        }
        return slots


def _illegal_argument() -> Refusal:
    return Refusal(3, "illegal argument")


def _no_news(slot: Any) -> Any:
    return [] if isinstance(slot, list) else None


def _parse(raw: bytes) -> tuple[str, list[Any], int, object] | None:
    """Return method, params, id and version; `None` when it is no request. The camera takes `[""]` for `[]`."""
    try:
        request = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict):
        return None
    name, params, number = request.get("method"), request.get("params", []), request.get("id")
    if not isinstance(params, list) or type(number) is not int or number <= 0:
        return None
    if not isinstance(name, str) or not _has_utf8(name):
        return None
    return name, [] if params == [""] else params, number, request.get("version", "1.0")


def _has_utf8(text: str) -> bool:
    """Return whether a text can be sent back: JSON escapes can write lone surrogates, which UTF-8 has not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _strings(params: list[Any], wanted: int) -> list[str]:
    if len(params) != wanted or not all(isinstance(param, str) for param in params):
        raise _illegal_argument()
    return params
