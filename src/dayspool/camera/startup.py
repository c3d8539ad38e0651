"""Make a camera ready for stills: start its remote control, wait until it stands, leave movie and transfer modes.

What the camera lists decides, not its address: the apps of the A series list `startRecMode` and little else before it
was called, an RX0 answers 40401 in its first seconds, camcorders begin in movie mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from dayspool.camera.events import NOT_READY
from dayspool.camera.rpc import Code
from dayspool.camera.values import CameraStatus, merge, parse_names
from dayspool.clock import pause
from dayspool.core.camera import POSTVIEW_SIZES, Dialect
from dayspool.errors import CameraBusy, CameraRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dayspool.camera.events import Events
    from dayspool.camera.line import Line

__all__ = ["make_ready", "set_postview", "start"]

READY_SECONDS = 15.0  # from the first call to a camera that can shoot; the apps take some seconds
GROWING_SECONDS = 4.0  # how long an idle camera's list may lag behind
ASK_AGAIN_SECONDS = 0.5
MODE_PAUSE_SECONDS = 1.2  # hx50ripper waits so long between a mode change and a shot on the RX100 M2's generation

_STARTING = frozenset({Code.NOT_READY, Code.UNAVAILABLE})
# What bodies may answer that need no start or have it behind them; what counts is the state afterwards.
_STARTED_ALREADY = frozenset({Code.ANY, Code.ILLEGAL_STATE, Code.NO_SUCH_METHOD, Code.NOT_FOUND})
_SHOOTING, _TRANSFER = "Remote Shooting", "Contents Transfer"

Answer = TypeVar("Answer")


async def make_ready(line: Line, events: Events, dialect: Dialect) -> CameraStatus:
    """Bring the camera into still mode and return its state; one that is exposing is not waited for.

    Raises:
        CameraBusy: it did not become ready in time, or cannot leave its mode right now.
        CameraRefused: it takes no single stills, or not with its mode dial where it is.
        CameraError: as `Link.call`.
    """
    by = anyio.current_time() + READY_SECONDS
    status = await start(line, events, dialect, by=by)
    if status.camera_function == _TRANSFER:
        status = await _leave_transfer(line, events, by)
    return await _in_still_mode(line, events, status)


async def start(line: Line, events: Events, dialect: Dialect, *, by: float | None = None) -> CameraStatus:
    """Start its remote control where that is needed, wait until it stands, and return its state; its modes stay.

    Raises:
        CameraBusy: it did not become ready in time (`by`, on the loop's clock).
        CameraError: as `Link.call`.
    """
    by = anyio.current_time() + READY_SECONDS if by is None else by
    if dialect is Dialect.LEGACY:  # nothing to start: one call tells all, and the first shot can follow at once
        return await _standing(line, events, by, before=None)
    methods = await _patiently(lambda: _methods(line), by)
    started = "startRecMode" in methods or (not methods and dialect is Dialect.APP)
    if started:
        await _start(line)
    events.offered(methods)
    return await _standing(line, events, by, before=methods if started else None)


async def set_postview(line: Line, status: CameraStatus, size: str) -> str | None:
    """Ask for the pictures' size over Wi-Fi, by a key of `POSTVIEW_SIZES`; return why the camera does not follow.

    Raises:
        CameraError: as `Link.call`, but for a refusal.
    """
    wanted = POSTVIEW_SIZES[size]
    if status.postview_size == wanted:
        return None
    try:
        await line.call("setPostviewImageSize", [wanted])
    except (CameraRefused, CameraBusy) as error:
        usual = f"stays at {status.postview_size}" if status.postview_size else "stays what it is"
        if isinstance(error, CameraBusy) and "setPostviewImageSize" not in (
            status.methods or ("setPostviewImageSize",)
        ):
            return f"the pictures' size over Wi-Fi {usual}: the camera does not offer to choose it as it stands now"
        return f"the pictures' size over Wi-Fi {usual}, for the camera does not take {wanted}: {error}"
    return None


async def _methods(line: Line) -> tuple[str, ...]:
    try:
        return parse_names(await line.call("getAvailableApiList"), "getAvailableApiList")
    except CameraRefused as error:
        if error.code != Code.NO_SUCH_METHOD:
            raise
        return ()


async def _patiently(ask: Callable[[], Awaitable[Answer]], by: float) -> Answer:
    """Ask until the camera is up: an RX0 says "not ready" (40401) right after one has joined it."""
    while True:
        try:
            return await ask()
        except CameraBusy as error:
            if error.code not in _STARTING or anyio.current_time() >= by:
                raise
        await pause(ASK_AGAIN_SECONDS)


async def _start(line: Line) -> None:
    try:
        await line.call("startRecMode")
    except (CameraBusy, CameraRefused) as error:
        if error.code not in _STARTED_ALREADY | _STARTING:
            raise


async def _standing(line: Line, events: Events, by: float, *, before: tuple[str, ...] | None) -> CameraStatus:
    """Return its state once it is up; after a start also once it lists more than `before`, or has had time to."""
    status = await _patiently(events.status, by)
    idle_since: float | None = None
    while True:
        now = anyio.current_time()
        if status.state != NOT_READY:
            if before is None:
                return status
            idle_since = now if idle_since is None else idle_since
            methods = status.methods or await _methods(line)
            if set(methods) - set(before) or now - idle_since >= GROWING_SECONDS:
                events.offered(methods)
                return merge(status, CameraStatus(methods=methods))
        else:
            line.on_busy()
        if now >= by:
            raise CameraBusy(
                f"the camera was still starting after {READY_SECONDS:g} s; look at its screen, and start its remote "
                "control (or its Smart Remote app) anew",
                code=Code.NOT_READY,
            )
        await pause(ASK_AGAIN_SECONDS)
        status = await _patiently(events.status, by)


async def _leave_transfer(line: Line, events: Events, by: float) -> CameraStatus:
    """Go back to shooting from the transfer of pictures; the event tells when, the call's own result is unreliable."""
    await line.call("setCameraFunction", [_SHOOTING])
    while True:
        status = await _patiently(events.status, by)
        if status.camera_function == _SHOOTING and status.state != NOT_READY:
            return status
        if anyio.current_time() >= by:
            raise CameraBusy("the camera did not come back from the transfer of pictures to shooting")
        await pause(ASK_AGAIN_SECONDS)


async def _in_still_mode(line: Line, events: Events, status: CameraStatus) -> CameraStatus:
    """Set still mode only when it differs: some bodies refuse the mode they are already in."""
    mode = status.shoot_mode
    if mode is None and "getShootMode" in (status.methods or ()):
        answer = await line.call("getShootMode")
        mode = answer[0] if answer and isinstance(answer[0], str) else None
    if mode in ("still", None):
        return status
    try:
        await line.call("setShootMode", ["still"])
    except (CameraRefused, CameraBusy) as error:
        modes = status.shoot_modes or ()
        if "still" in modes or (not modes and isinstance(error, CameraBusy)):
            raise
        raise CameraRefused(_no_stills(mode, modes), code=error.code) from error
    await pause(MODE_PAUSE_SECONDS)
    return merge(await events.status(), CameraStatus(shoot_mode="still"))


def _no_stills(mode: str, modes: tuple[str, ...]) -> str:
    if "intervalstill" in modes:  # HDR-AS15: it has no actTakePicture at all
        return (
            f"this body takes no single stills over Wi-Fi: it offers only {', '.join(modes)}. Its own interval "
            "shooting (intervalstill) can be set on the camera, without dayspool"
        )
    offers = ", ".join(modes) or mode
    return f"the camera offers only {offers} now; turn its mode dial to a still mode (P, A, S or M) and try again"
