"""See that one request brings one picture, at once: drive mode Single, no self-timer, no BULB. A shoot needs that.

Left on Continuous a body takes no single picture at all; a self-timer makes each one late, or costs every other slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.camera.settings import read_settings
from dayspool.camera.shutter import BULB, ON_BULB
from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraRefused, CameraUnreachable, PlanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.camera.kinds import Raw
    from dayspool.camera.sony import SonyCamera
    from dayspool.camera.values import CameraStatus

__all__ = ["make_single"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """What one setting has to be.

    Attributes:
        setting: its name, as `dayspool camera set` takes it.
        told: reads it from the camera's state; `None` is "not told".
        suits: what it may be, on the wire; the first is what it is set to.
        wish: that, as a person writes it.
        harm: what comes of another value.
        hopeless: whether there is no shoot with another value.
    """

    setting: str
    told: Callable[[CameraStatus], Raw | None]
    suits: tuple[Raw, ...]
    wish: str
    harm: str
    hopeless: bool


_NEEDS = (
    _Need(
        setting="drive-mode",
        told=lambda status: status.drive_mode,
        suits=("Single", "MotionShot"),
        wish="Single",
        harm="takes no single pictures with it",
        hopeless=True,
    ),
    _Need(
        setting="self-timer",
        told=lambda status: status.self_timer_seconds,
        suits=(0,),
        wish="off",
        harm="takes every picture so much late",
        hopeless=False,
    ),
)


async def make_single(camera: SonyCamera, status: CameraStatus) -> tuple[str, ...]:
    """Set what keeps the camera from one picture a request, at once; return what was done or could not be, in words.

    `status` is its whole state of this moment; what that leaves out is asked for where the camera offers it.

    Raises:
        CameraRefused: it is on BULB, or in a drive mode that cannot be left over Wi-Fi.
        CameraBusy: it has to be set otherwise, and is at work.
        CameraError: as `Link.call`.
    """
    if status.shutter == BULB:
        raise CameraRefused(ON_BULB)
    notes = []
    for need in _NEEDS:
        value = need.told(status)
        if value is None:
            value = await _asked(camera, need.setting)
        if value is None or value in need.suits:
            continue
        if status.state is not None and not status.is_idle:
            raise CameraBusy(f"its {need.setting} is {value}, and it is at work ({status.state}): to be changed then")
        notes.append(await _changed(camera, need, value))
    return tuple(notes)


async def _asked(camera: SonyCamera, name: str) -> Raw | None:
    settings = await read_settings(camera.line, [], camera.known.methods or (), names=(name,))
    return settings[0].raw if settings else None


async def _changed(camera: SonyCamera, need: _Need, value: Raw) -> str:
    shown = f"{value} s" if isinstance(value, int) else value
    try:
        await camera.set(need.setting, need.wish)
    except (CameraError, PlanError) as error:
        said = (
            f"the camera's {need.setting} is {shown}: it {need.harm}. Set it to {need.wish} on the camera, for over "
            f"Wi-Fi it does not change: {error}"
        )
        if need.hopeless:
            if isinstance(error, CameraUnreachable | CameraConfused):
                raise
            raise CameraRefused(said) from error
        return said  # whether the camera is still there shows with the next call
    return f"the camera's {need.setting} was {shown}; it is {need.wish} now"
