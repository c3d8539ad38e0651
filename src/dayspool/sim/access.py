"""The small services beside `camera`: which services there are, the two steps that unlock methods, and the clock.

The real unlock needs a secret that belongs to Sony. This camera accepts a developer of its own instead, so that a
client with a key from its user can be tried; the answer is made as recorded: base64 of SHA-256 over secret and dg.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from dayspool.sim.exchange import illegal_argument
from dayspool.sim.parts import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.body import Body
    from dayspool.sim.exchange import Caller, Handler

__all__ = ["DEVELOPER_ID", "DEVELOPER_NAME", "DEVELOPER_SECRET", "Access", "access_handlers"]

DEVELOPER_NAME = "dayspool"
DEVELOPER_ID = "7a1d3f52-0000-4000-8000-dayspoolsim0"
DEVELOPER_SECRET = "a key of the simulator alone"  # noqa: S105 - it opens nothing but a camera that does not exist
_KEYS = frozenset({"methods", "developerName", "developerID", "sg"})
_CHALLENGE_LETTERS = 16
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_CALENDAR = range(1980, 2100)
_MOMENT_KEYS = frozenset({"dateTime", "timeZoneOffsetMinute", "dstOffsetMinute"})


class Access:
    """Which methods are locked, and the challenge that is out."""

    def __init__(self, body: Body, seed: str) -> None:
        self._locked = set(body.profile.gated)
        self._seed = seed
        self._challenges = 0
        self._challenge: str | None = None

    def locked(self, method: str) -> bool:
        """Return whether a method of the camera service is answered with 403."""
        return method in self._locked

    async def enable(self, params: list[Any], caller: Caller) -> list[Any]:
        """Answer `actEnableMethods`: a challenge to four empty strings, nothing more to the right answer to it."""
        if len(params) != 1 or not isinstance(params[0], dict) or set(params[0]) != _KEYS:
            raise illegal_argument()
        asked: Mapping[str, Any] = params[0]
        if not all(isinstance(value, str) for value in asked.values()):
            raise illegal_argument()
        if not any(asked.values()):
            return [{"dg": self._challenged()}]
        if not self._answers(asked):
            raise Refusal(401, "Unauthorized")
        self._challenge = None
        names = {name.rpartition("/")[2] for name in asked["methods"].split(":")}
        self._locked -= names
        return [{"dg": ""}]

    def _challenged(self) -> str:
        self._challenges += 1
        digest = hashlib.sha256(f"{self._seed} {self._challenges}".encode()).digest()
        self._challenge = b64encode(digest).decode().replace("+", "a").replace("/", "b")[:_CHALLENGE_LETTERS]
        return self._challenge

    def _answers(self, asked: Mapping[str, Any]) -> bool:
        if self._challenge is None:
            return False
        right = b64encode(hashlib.sha256(f"{DEVELOPER_SECRET}{self._challenge}".encode()).digest()).decode()
        return (asked["developerName"], asked["developerID"], asked["sg"]) == (DEVELOPER_NAME, DEVELOPER_ID, right)


def access_handlers(body: Body, access: Access) -> Mapping[str, Mapping[str, Handler]]:
    """Return the handlers of `guide`, `accessControl` and `system`, by service and method."""

    async def protocols(params: list[Any], caller: Caller) -> list[Any]:
        return [[service, ["xhrpost:jsonizer"]] for service in body.profile.services]

    async def set_current_time(params: list[Any], caller: Caller) -> list[Any]:
        body.time.set(_moment(params))
        return [0]

    return {
        "guide": {"getServiceProtocols": protocols},
        "accessControl": {"actEnableMethods": access.enable},
        "system": {"setCurrentTime": set_current_time},
    }


def _moment(params: list[Any]) -> datetime:
    """Return the local time that `setCurrentTime` asks for.

    Raises:
        Refusal: it is none.
    """
    if len(params) != 1 or not isinstance(params[0], dict) or set(params[0]) != _MOMENT_KEYS:
        raise illegal_argument()
    asked = params[0]
    offsets = asked["timeZoneOffsetMinute"], asked["dstOffsetMinute"]
    if not isinstance(asked["dateTime"], str) or not all(type(offset) is int for offset in offsets):
        raise illegal_argument()
    try:
        zone = timezone(timedelta(minutes=sum(offsets)))
        moment = datetime.strptime(asked["dateTime"], _MOMENT).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise illegal_argument() from None
    if moment.year not in _CALENDAR:
        raise illegal_argument()
    return moment.astimezone(zone)
