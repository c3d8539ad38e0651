"""One setting changed: under liveview where a body wants that, and read back, since some acknowledge and ignore."""

from __future__ import annotations

from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from dayspool.camera.settings import Setting, change, chosen, read_settings, setter_of
from dayspool.camera.values import CameraStatus, parse_events
from dayspool.clock import pause
from dayspool.errors import CameraBusy, CameraRefused

if TYPE_CHECKING:
    from dayspool.camera.sony import SonyCamera

__all__ = ["set_and_read_back"]

OFFER_SECONDS = 4.0  # an ILCE-6300 lists more a second after its liveview began
READ_BACK_SECONDS = 10.0  # the change to "Contents Transfer" takes some seconds; most are there at once
ASK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A setting, and the state of the camera it was read in."""

    setting: Setting
    status: CameraStatus
    methods: tuple[str, ...]


async def set_and_read_back(camera: SonyCamera, name: str, text: str, *, insist: bool = False) -> Setting:
    """Set one setting to what a person wrote and return it as the camera tells it then.

    Where its setter is not on offer and liveview is, it is tried with liveview on: an ILCE-6300 lets
    `exposure-compensation` be set only so. What a camera does not tell is returned as it was asked for.

    Raises:
        PlanError: as `change`.
        CameraRefused: as `change`; or the camera took the call and kept what it had.
        CameraError: as `Link.call`.
    """
    seen = await _seen(camera, name, insist=insist)
    async with AsyncExitStack() as stack:
        if _wants_liveview(seen):
            with suppress(CameraBusy, CameraRefused):  # then it is refused as it stands, with the reason
                frames = await stack.enter_async_context(camera.liveview())
                await anext(frames, None)  # it runs
                seen = await _offered(camera, name, insist=insist)
        wished = await change(camera.line, seen.setting, text, insist=insist, state=seen.status.state)
        if wished.raw == seen.setting.raw:
            return wished
        return await _read_back(camera, wished)


async def _seen(camera: SonyCamera, name: str, *, insist: bool) -> _Seen:
    methods = await camera.methods()
    events = await camera.events.whole()
    settings = await read_settings(camera.line, events, methods, names=(name,))
    if not settings and not insist:
        settings = await read_settings(camera.line, events, methods)
    setting = chosen(settings, name, insist=insist)
    return _Seen(setting=setting, status=parse_events(events), methods=methods)


def _wants_liveview(seen: _Seen) -> bool:
    setter = setter_of(seen.setting.name)
    offered = setter is None or setter in seen.methods
    return not offered and "startLiveview" in seen.methods and not seen.status.liveview


async def _offered(camera: SonyCamera, name: str, *, insist: bool) -> _Seen:
    """Return the setting as it is under liveview, once its setter is on offer, or had time to be."""
    by = anyio.current_time() + OFFER_SECONDS
    setter = setter_of(name)
    while setter not in await camera.methods() and anyio.current_time() < by:
        await pause(ASK_AGAIN_SECONDS)
    return await _seen(camera, name, insist=insist)


async def _read_back(camera: SonyCamera, wished: Setting) -> Setting:
    by = anyio.current_time() + READ_BACK_SECONDS
    while True:
        told = None
        with suppress(CameraBusy):  # it is changing over
            told = await _told(camera, wished.name)
            if told is None or told.raw is None or isinstance(told.raw, bool) != isinstance(wished.raw, bool):
                return wished  # the camera does not tell; of a program shift only whether there is one
            if told.raw == wished.raw or told.value == wished.value:
                return told
        if anyio.current_time() >= by:
            break
        await pause(ASK_AGAIN_SECONDS)
    kept = f"kept {told.value}" if told is not None else "has not told since what it is"
    raise CameraRefused(
        f"{wished.name} was to become {wished.value}; the camera took the call without an error and {kept}"
    )


async def _told(camera: SonyCamera, name: str) -> Setting | None:
    events = await camera.events.whole()
    return next(iter(await read_settings(camera.line, events, await camera.methods(), names=(name,))), None)
