"""Hold the focus: leave autofocus for manual focus where autofocus costs frames; at night it hunts, and fails."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from dayspool.errors import CameraBusy, CameraConfused, CameraRefused
from dayspool.shoot.setting import PatientSetter

if TYPE_CHECKING:
    from dayspool.camera import SonyCamera
    from dayspool.core.session import Session

__all__ = ["FocusHold"]

_MODE, _BY_HAND = "focus-mode", "MF"


class FocusHold:
    """Sets one shoot's camera to manual focus where it offers that: after a shot that failed for want of focus.

    A shoot that `ramps` goes from light to dark, so there it is done as soon as a first picture has been focused;
    without a ramp a person may want each picture focused for as long as that works. A camera that comes back in
    autofocus is set again; one that a person sets back meanwhile is left so until a shot fails.
    """

    def __init__(self, *, ramps: bool) -> None:
        self._ramps = ramps
        self._setter = PatientSetter()
        self._held: SonyCamera | None = None  # the connection on which it was done

    def is_wanted(self, camera: SonyCamera, session: Session) -> bool:
        """Say whether it is to be done before the next shot."""
        if camera.known.focus_mode == _BY_HAND or "setFocusMode" not in camera.events.ever_offered:
            return False
        if session.unfocused:
            return True
        return self._held is not camera and (session.focus_held or (self._ramps and session.exposures > 0))

    async def hold(self, camera: SonyCamera, slot: int, *, seconds: float) -> bool:
        """Do it within so many seconds and say whether it is done; where not, it is tried ever more rarely.

        Raises:
            CameraUnreachable: as `Link.call`.
        """
        with anyio.move_on_after(seconds) as limit:
            with suppress(CameraBusy, CameraRefused, CameraConfused):
                await camera.until_idle()
            if await self._setter.change(camera, _MODE, _BY_HAND, slot):
                self._held = camera
                return True
        if limit.cancelled_caught:
            self._setter.failed(_MODE, slot)
        return False
