"""Set settings while shooting: one that a camera refuses is tried ever more rarely, and costs no frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.errors import CameraBusy, CameraConfused, CameraRefused, PlanError

if TYPE_CHECKING:
    from dayspool.camera import SonyCamera

__all__ = ["PatientSetter"]

LONGEST_QUIET_SLOTS = 64  # so rarely a setting is tried that is always refused


class PatientSetter:
    """Sets the settings of one shoot's camera."""

    def __init__(self) -> None:
        self._refused: dict[str, tuple[int, int]] = {}  # by setting: how often in a row, and the slot to try it again

    async def change(self, camera: SonyCamera, name: str, text: str, slot: int) -> bool:
        """Set one setting and say whether it was set; nothing is tried soon after a refusal.

        Raises:
            CameraUnreachable: as `Link.call`.
        """
        _, again = self._refused.get(name, (0, slot))
        if slot < again:
            return False
        try:
            await camera.set(name, text)
        except (CameraRefused, CameraBusy, CameraConfused, PlanError):
            self.failed(name, slot)
            return False
        self._refused.pop(name, None)
        return True

    def failed(self, name: str, slot: int) -> None:
        """Note that a setting could not be set before `slot`: the next try is 1, 2, 4 … 64 slots later."""
        times, _ = self._refused.get(name, (0, slot))
        self._refused[name] = times + 1, slot + min(2**times, LONGEST_QUIET_SLOTS)
