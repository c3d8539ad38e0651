"""The JSON services: one request's bytes in, one answer out, as the wire has it.

Written from the recorded traffic alone and sharing no code with the client, so that the two can disagree.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.clock import pause
from dayspool.sim.access import Access, access_handlers
from dayspool.sim.dials import setting_handlers
from dayspool.sim.events import Events
from dayspool.sim.exchange import NOT_FOUND, Answer, Caller, ConnectionDropped, Handler, illegal_argument, not_now
from dayspool.sim.faults import FaultKind
from dayspool.sim.parts import Refusal, Status
from dayspool.sim.remote import Remote
from dayspool.sim.witness import Attempt, Hindrance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dayspool.sim.body import Body
    from dayspool.sim.profile import Method

__all__ = ["NOT_FOUND", "Answer", "Caller", "ConnectionDropped", "Services"]

_CAMERA = "camera"
_POLLS = frozenset({"getEvent", "receiveEvent"})
_ROWS = frozenset({"getMethodTypes", "getServiceProtocols"})  # answered under `results`
_JUDGED_BY_BODY = frozenset(
    {
        "actTakePicture",
        "awaitTakePicture",
        "setShootMode",
        "setCameraFunction",
        "startMovieRec",
        "stopMovieRec",
        "startLiveview",
        "stopLiveview",
        "stopContShooting",
        "stopBulbShooting",
        "stopIntervalStillRec",
        "cancelHalfPressShutter",
        "startRecMode",
        "stopRecMode",
    }
)
"""What the body itself allows or refuses, whatever the list of available methods says."""
_ERROR_500 = Answer(500, b"")
_HINDRANCES = {Status.IDLE: Hindrance.REFUSED, Status.NOT_READY: Hindrance.NOT_READY}


@dataclass(frozen=True, slots=True)
class _Request:
    service: str
    name: str
    params: list[Any]
    number: int
    version: object


class Services:
    """Every service of one body.

    Args:
        body: the camera.
        others: handlers of services that live elsewhere (`avContent`), by service and method; which of them the body
            has is said by its profile.
    """

    def __init__(self, body: Body, others: Mapping[str, Mapping[str, Handler]] | None = None) -> None:
        self._body = body
        self._profile = body.profile
        self._calls = count(1)
        self._recent: deque[float] = deque()
        self._remote = Remote(body)
        self._events = Events(body, self._remote)
        self._access = Access(body, body.udn)
        rows: dict[str, dict[str, dict[str, Method]]] = {_CAMERA: {}} if body.profile.json else {}
        for method in body.profile.methods:
            rows.setdefault(method.service, {}).setdefault(method.name, {})[method.version] = method
        self._rows = rows
        self._handlers: dict[str, dict[str, Handler]] = {
            service: {
                "getVersions": partial(self._get_versions, service),
                "getMethodTypes": partial(self._get_method_types, service),
            }
            for service in rows
        }
        camera = {**self._remote.handlers, **setting_handlers(body)}
        for source in ({_CAMERA: camera}, access_handlers(body, self._access), others or {}):
            for service, handlers in source.items():
                self._handlers.setdefault(service, {}).update(handlers)

    def known(self, path: str) -> bool:
        """Return whether a service answers there."""
        base, _, service = path.rpartition("/")
        return base == self._profile.service_base and service in self._rows

    async def answer(self, path: str, raw: bytes, caller: Caller) -> Answer:
        """Answer one request to a path.

        Raises:
            ConnectionDropped: a scripted mishap.
        """
        if not self.known(path):
            return NOT_FOUND
        call = next(self._calls)
        await self._bear(caller)
        request = _parse(path.rpartition("/")[2], raw)
        if request is None:
            return self._json({"error": [5, "Illegal Request"]})
        return await self._answer(request, call, caller)

    async def _bear(self, caller: Caller) -> None:
        """Count the calls of the last second, and hang when they are more than the script lets the body bear."""
        scripted = self._body.mishaps.lasting(FaultKind.HANGS)
        if scripted is None or scripted.calls is None:
            return
        now = anyio.current_time()
        self._recent.append(now)
        while self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) > scripted.calls:
            self._body.hang(scripted.ends)
            await caller.left()
            raise ConnectionDropped("the body hangs after too many calls")

    async def _answer(self, request: _Request, call: int, caller: Caller) -> Answer:
        body = self._body
        shoots = request.name == "actTakePicture" and body.status is Status.IDLE
        shot = body.exposures + 1 if shoots else None
        asked, exposures = body.clock.utc(), body.exposures
        if body.mishaps.strike(FaultKind.RESET, shot=shot, call=call):
            self._testify(request, asked, None, Hindrance.REQUEST_LOST)
            raise ConnectionDropped("scripted: reset")
        hindrance = _HINDRANCES.get(body.status, Hindrance.AT_WORK)
        try:
            answer = await self._reply(request, caller)
        finally:
            self._testify(request, asked, body.exposures if body.exposures > exposures else None, hindrance)
        shot = shot if shot == body.exposures else None  # an attempt that was refused has no answer to lose
        delay = body.mishaps.strike(FaultKind.ANSWER_DELAYED, shot=shot, call=call)
        if delay is not None:
            await pause(delay.seconds or 0.0)
        if body.mishaps.strike(FaultKind.ANSWER_LOST, shot=shot, call=call):
            raise ConnectionDropped("scripted: answer lost")
        return answer

    def _testify(self, request: _Request, asked: datetime, exposure: int | None, why: Hindrance) -> None:
        """Tell the witness what became of a request for a picture."""
        if self._body.witness is not None and request.name == "actTakePicture":
            if self._body.status is Status.NOT_READY:  # it may have fallen asleep at this very request
                why = Hindrance.NOT_READY
            why_not = None if exposure is not None else why
            self._body.witness.asked(Attempt(utc=asked, exposure=exposure, why=why_not))

    async def _reply(self, request: _Request, caller: Caller) -> Answer:
        name, number = request.name, request.number
        versions = self._rows[request.service].get(name)
        if versions is None:
            return self._json({"id": number, "error": [12, name]})
        if not isinstance(request.version, str) or request.version not in versions:
            return self._json({"id": number, "error": [14, "Unsupported Version"]})
        if request.service == _CAMERA and self._access.locked(name):
            return self._json({"error": [403, name], "id": number}, status=403)
        if (name, tuple(map(repr, request.params))) in self._crashes():
            return _ERROR_500
        try:
            result = await self._call(request, request.version, caller)
        except Refusal as refusal:
            return self._json({"id": number, "error": [refusal.code, refusal.text]})
        return self._json({"id": number, "results" if name in _ROWS else "result": result})

    def _crashes(self) -> set[tuple[str, tuple[str, ...]]]:
        return {(name, tuple(map(repr, params))) for name, params in self._profile.quirks.http_500}

    async def _call(self, request: _Request, version: str, caller: Caller) -> list[Any]:
        if request.service == _CAMERA:
            self._check_ready(request.name)
            self._check_offered(request.name)
            if request.name in _POLLS:
                return await self._events.answer(request.params, caller, version)
        handler = self._handlers[request.service].get(request.name)
        if handler is None:  # a row of a recorded camera that the simulator knows by name only
            raise not_now()
        return await handler(request.params, caller)

    def _check_ready(self, name: str) -> None:
        """Refuse whatever is more than a question while a body without `startRecMode` is not ready (rocc: RX0).

        `actTakePicture` is left to the shutter, which says the same after the mishaps that are scripted for it.
        """
        asks = name.startswith("get") or name in _POLLS or name == "actTakePicture"
        if not (asks or self._profile.quirks.needs_rec_mode) and self._body.status is Status.NOT_READY:
            raise Refusal(40401, "Camera Not Ready")

    def _check_offered(self, name: str) -> None:
        """Refuse a method that is not offered now, unless the body decides itself or the model does it all the same."""
        state = self._body.state
        if state.rec_mode and (name in _JUDGED_BY_BODY or name in self._profile.quirks.works_unlisted):
            return
        if not any(offer.name == name and offer.when.holds(state) for offer in self._profile.offers):
            raise not_now()

    def _json(self, value: dict[str, Any], status: int = 200) -> Answer:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if self._profile.escapes_slashes:
            text = text.replace("/", "\\/")
        return Answer(status, text.encode())

    async def _get_versions(self, service: str, params: list[Any], caller: Caller) -> list[Any]:
        return [list(self._profile.versions(service))]

    async def _get_method_types(self, service: str, params: list[Any], caller: Caller) -> list[Any]:
        wanted = params[0] if params else ""
        if not isinstance(wanted, str):
            raise illegal_argument()
        rows = [row for row in self._profile.methods if row.service == service and wanted in {"", row.version}]
        return [[row.name, list(row.params), list(row.results), row.version] for row in rows]


def _parse(service: str, raw: bytes) -> _Request | None:
    """Return the request; `None` when it is none. The camera takes `[""]` for `[]`."""
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
    return _Request(service, name, [] if params == [""] else params, number, request.get("version", "1.0"))


def _has_utf8(text: str) -> bool:
    """Return whether a text can be sent back: JSON escapes can write lone surrogates, which UTF-8 has not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
