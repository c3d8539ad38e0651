"""The lens: zoom and focus, each a function of the loop's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from dayspool.sim.exchange import illegal_argument
from dayspool.sim.parts import Zoom

if TYPE_CHECKING:
    from dayspool.sim.profile import Timings
    from dayspool.sim.settings import Settings

__all__ = ["Lens"]

_UNFOCUSED = 0.6  # where the lens stands at switch-on, before it has ever focused
_ZOOMED = 0.4  # what zooming costs a lens that is focused by hand
_FULL = 100.0


@dataclass(frozen=True, slots=True)
class _Focusing:
    """One focusing: begun by half-press or touch, and how it ends."""

    ends: float
    succeeds: bool


class Lens:
    """The lens of one body.

    Args:
        settings: say whether it focuses by itself; a body without `FocusMode` always does, out of anybody's hands.
        timings: how long zooming and focusing take.
        speed: how many seconds pass in the camera during one second here.
    """

    def __init__(self, settings: Settings, timings: Timings, speed: float) -> None:
        self._settings, self._timings, self._speed = settings, timings, speed
        self._zoom = Zoom(since=anyio.current_time())
        self._focusing: _Focusing | None = None
        self._error = _UNFOCUSED if "FocusMode" in settings else 0.0
        self.touched: tuple[float, float] | None = None
        self.tracking = False

    @property
    def by_hand(self) -> bool:
        """Whether the person focuses."""
        return bool(self._settings.get("FocusMode") == "MF")

    @property
    def error(self) -> float:
        """How far out of focus it is, from 0 (sharp) to 1."""
        self._settle()
        return self._error

    @property
    def focus_status(self) -> str:
        """As the event `focusStatus` says."""
        self._settle()
        focusing = self._focusing
        if focusing is None:
            return "Not Focusing"
        if anyio.current_time() < focusing.ends:
            return "Focusing"
        return "Focused" if focusing.succeeds else "Failed"

    def focus(self, *, succeeds: bool) -> None:
        """Begin to focus."""
        self._focusing = _Focusing(anyio.current_time() + self._timings.focus_seconds / self._speed, succeeds)

    def focus_at_once(self) -> None:
        """Focus within a shot that was not half-pressed before."""
        self._error = 0.0

    def release(self) -> None:
        """Let go of the shutter, or of the point that was touched."""
        self._settle()
        self._focusing, self.touched, self.tracking = None, None, False

    def _settle(self) -> None:
        focusing = self._focusing
        if focusing is not None and focusing.succeeds and anyio.current_time() >= focusing.ends:
            self._error = 0.0

    @property
    def zoom(self) -> float:
        """The zoom position, from 0 (wide) to 1 (long)."""
        return self.zoom_at(anyio.current_time())

    def zoom_at(self, moment: float) -> float:
        """Return where it is at a moment of the loop: now, or later when nobody moves it till then."""
        return self._zoom.at(moment)

    def move_zoom(self, direction: str, movement: str) -> None:
        """Move the zoom `in` or `out`: `start`, `stop` or `1shot`.

        Raises:
            Refusal: no such direction or movement.
        """
        if direction not in {"in", "out"} or movement not in {"start", "stop", "1shot"}:
            raise illegal_argument()
        sign = 1 if direction == "in" else -1
        rate = sign * self._speed / self._timings.zoom_seconds
        self._zoom = self._zoom.moved(anyio.current_time(), movement, sign, rate)
        if self.by_hand:
            self._error = max(self._error, _ZOOMED)

    def touch(self, across: float, down: float, *, succeeds: bool) -> bool:
        """Focus on a point, in percent of the picture, and return whether that succeeds.

        Raises:
            Refusal: outside the picture.
        """
        if not (0 <= across <= _FULL and 0 <= down <= _FULL):
            raise illegal_argument()
        self.touched = (across, down)
        self.focus(succeeds=succeeds)
        return succeeds

    def next_transitions(self) -> list[float]:
        """Return the loop times at which it changes by itself."""
        return [self._zoom.ends, *([self._focusing.ends] if self._focusing else [])]
