"""What happens in a camera: its whole state at once, or the news of a long poll, in the version it speaks.

`getEvent` grew from 1.0 to 1.4 and tells more in each version; the `/camera` generation calls it `receiveEvent`. What
the camera lists decides, then its dialect, then what it answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

from dayspool.camera.line import CALL_SECONDS
from dayspool.camera.rpc import Code
from dayspool.camera.values import CameraStatus, merge, parse_events, parse_names
from dayspool.clock import pause
from dayspool.core.camera import Dialect
from dayspool.errors import CameraAsleep, CameraBusy, CameraConfused, CameraRefused

if TYPE_CHECKING:
    from dayspool.camera.line import Line

__all__ = ["NOT_READY", "Events", "refuse_not_ready"]

NOT_READY = "NotReady"
POLL_SECONDS = 30.0  # Sony's long polls end after about 20 s
POLL_PAUSE_SECONDS = 0.2
TRIES = 3  # error 1 from getEvent itself is a hiccup: ask again at once (seen by the authors of the VIEW controller)

_NAMES = ("receiveEvent", "getEvent")
_VERSIONS = ("1.4", "1.3", "1.2", "1.1", "1.0")
_METHOD_MISSING = frozenset({Code.NO_SUCH_METHOD, Code.NOT_IMPLEMENTED, Code.UNSUPPORTED_OPERATION})
_NO_NEWS = frozenset({Code.TIMEOUT, Code.ALREADY_POLLING})  # 40402: most often a poll of ours that was killed


class Events:
    """The events of one camera.

    Attributes:
        known: all that they have told so far.
        ever_offered: every method the camera has listed so far; bodies shorten their list while they work.
    """

    def __init__(self, line: Line, dialect: Dialect) -> None:
        self.known = CameraStatus()
        self.ever_offered: frozenset[str] = frozenset()
        self._line = line
        self._method = "receiveEvent" if dialect is Dialect.LEGACY else "getEvent"
        self._version: str | None = "1.0" if dialect is Dialect.LEGACY else None
        self._poller = anyio.Lock()

    async def whole(self, *, seconds: float = CALL_SECONDS) -> list[Any]:
        """Return every event as the camera tells it at this moment; `parse_events` reads them.

        Raises:
            CameraError: as `Link.call`.
        """
        told = await self._whole(seconds)
        self._learn(parse_events(told))
        return told

    async def _whole(self, seconds: float) -> list[Any]:
        for _ in range(TRIES - 1):
            try:
                return await self._fitting(seconds)
            except CameraBusy as error:
                if error.code != Code.ANY:
                    raise
        return await self._fitting(seconds)

    async def status(self, *, seconds: float = CALL_SECONDS) -> CameraStatus:
        """Return its whole state, at once.

        Raises:
            CameraError: as `Link.call`.
        """
        status = parse_events(await self._whole(seconds))
        self._learn(status)
        return status

    async def news(self, known: CameraStatus) -> CameraStatus:
        """Wait for a change (a long poll, one at a time) and return what is known then; without news, `known` itself.

        Raises:
            CameraError: as `Link.call`.
        """
        try:
            async with self._poller:
                version = self._version or "1.0"
                news = parse_events(await self._line.poll(self._method, [True], version=version, seconds=POLL_SECONDS))
        except CameraBusy:
            return known
        except CameraRefused as error:
            if error.code in _NO_NEWS:
                return known
            raise
        self._learn(news)
        return merge(known, news)

    async def until_idle(self) -> CameraStatus:
        """Return its state once it can take the next picture; bound the wait with a deadline of your own.

        Raises:
            CameraAsleep: its remote control has ended (`NotReady`); it has to be started again.
            CameraError: as `Link.call`.
        """
        status = await self.status()
        while not status.is_idle:
            refuse_not_ready(status)
            before = status
            status = await self.news(status)
            if status == before:  # no news, perhaps at once: ask plainly, but no burst of calls: one hung an HDR-AS50
                await pause(POLL_PAUSE_SECONDS)
                status = await self.status()
        return status

    def _learn(self, status: CameraStatus) -> None:
        self.known = merge(self.known, status)
        if status.methods is not None:
            self.offered(status.methods)

    def offered(self, methods: tuple[str, ...]) -> None:
        """Take note of the methods a camera lists: whichever name for its events is among them is used."""
        self.known = merge(self.known, CameraStatus(methods=methods))
        self.ever_offered |= frozenset(methods)
        listed = next((name for name in _NAMES if name in methods), self._method)
        if self._method not in methods and listed != self._method:
            self._method = listed
            self._version = None if listed == "getEvent" else "1.0"

    async def _fitting(self, seconds: float) -> list[Any]:
        """Ask under the name and in the version that the camera takes, and keep them."""
        if self._version is None:
            self._version = await self._newest_version()
        while True:
            try:
                return await self._line.call(self._method, [False], version=self._version, seconds=seconds)
            except CameraRefused as error:
                if error.code in _METHOD_MISSING:
                    break
                if error.code != Code.UNSUPPORTED_VERSION or self._version == _VERSIONS[-1]:
                    raise
                self._version = _VERSIONS[_VERSIONS.index(self._version) + 1]
        other = next(name for name in _NAMES if name != self._method)
        result = await self._line.call(other, [False], seconds=seconds)
        self._method, self._version = other, "1.0"
        return result

    async def _newest_version(self) -> str:
        try:
            versions = parse_names(await self._line.call("getVersions"), "getVersions")
        except (CameraRefused, CameraConfused):
            versions = ()
        return next((version for version in _VERSIONS if version in versions), "1.0")


def refuse_not_ready(status: CameraStatus) -> None:
    """Raise what a camera means that fell back to `NotReady`: the link stands, its remote control has ended.

    Raises:
        CameraAsleep: it did.
    """
    if status.state == NOT_READY:
        said = "the camera's remote control has ended (NotReady); it has to be started again"
        raise CameraAsleep(said, sent=False, heard=True)
