"""Why a camera says "not now" (code 1), as far as its state tells, and the command that changes it. No network here."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.camera.rpc import NOT_NOW, Code
from dayspool.errors import CameraBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dayspool.camera.values import CameraStatus

__all__ = ["explained", "why_not"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """What a method asks of one setting.

    Attributes:
        setting: its name, as `dayspool camera set` takes it.
        told: reads it from the state; `None` is "not told", which is no reason.
        suits: whether a value does.
        wish: one that does, as a person writes it.
    """

    setting: str
    told: Callable[[CameraStatus], str | None]
    suits: Callable[[str], bool]
    wish: str


_SHOOTING = _Need(
    setting="camera-function",
    told=lambda status: status.camera_function,
    suits=lambda value: value != "Contents Transfer",
    wish="remote",
)
_STILLS = _Need(
    setting="shoot-mode", told=lambda status: status.shoot_mode, suits=lambda value: value == "still", wish="still"
)


def _drive(suits: Callable[[str], bool], wish: str) -> _Need:
    return _Need(setting="drive-mode", told=lambda status: status.drive_mode, suits=suits, wish=wish)


# The error itself names nothing; what these need is told by the kz client and the Camera Remote API's own reference.
_NEEDS: Mapping[str, tuple[_Need, ...]] = {
    "actTakePicture": (_SHOOTING, _STILLS, _drive(lambda value: value in ("Single", "MotionShot"), "single")),
    "startContShooting": (_SHOOTING, _STILLS, _drive(lambda value: value != "Single", "continuous")),
    "startBulbShooting": (
        _SHOOTING,
        _STILLS,
        _Need(
            setting="shutter",
            told=lambda status: status.shutter,
            suits=lambda value: value.casefold() == "bulb",
            wish="bulb",
        ),
    ),
}


def why_not(method: str, status: CameraStatus) -> str | None:
    """Return what keeps a method from working, and the command that changes it; `None` where nothing known does."""
    for need in _NEEDS.get(method, ()):
        value = need.told(status)
        if value is not None and not need.suits(value):
            return f"its {need.setting} is {value}: `dayspool camera set {need.setting} {need.wish}` changes that"
    return None


@contextmanager
def explained(method: str, known: Callable[[], CameraStatus]) -> Iterator[None]:
    """Name the setting that kept a method from working, where its "not now" means that.

    Raises:
        CameraBusy: as it came, with the reason in place of the general advice.
    """
    try:
        yield
    except CameraBusy as error:
        reason = why_not(method, known()) if error.code == Code.ANY else None
        if reason is None:
            raise
        message = str(error).removesuffix(f"; {NOT_NOW}")
        raise CameraBusy(f"{message}; {reason}", code=error.code) from error
