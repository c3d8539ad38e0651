"""What a body is made of: its statuses, its exposures, its zoom, and the way it says no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dayspool.sim.meter import Metered

__all__ = ["AUTOMATIC", "ExposureWish", "Refusal", "Shot", "Status", "Zoom"]


class Status(StrEnum):
    """What `cameraStatus` says."""

    NOT_READY = "NotReady"
    IDLE = "IDLE"
    STILL_CAPTURING = "StillCapturing"
    STILL_SAVING = "StillSaving"
    MOVIE_RECORDING = "MovieRecording"
    MOVIE_SAVING = "MovieSaving"
    INTERVAL_RECORDING = "IntervalRecording"
    CONTENTS_TRANSFER = "ContentsTransfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureWish:
    """What the settings in force ask of an exposure; `None` leaves the choice to the camera.

    Attributes:
        mode: the exposure mode, as the API names it, such as `Manual`.
        shutter_seconds: by hand, or the time a bulb exposure lasts.
        aperture: f-number, by hand.
        iso: by hand; `None` for AUTO.
        bias_ev: exposure compensation, in EV.
        white_balance_kelvin: the light the white balance is made for; `None` for Auto WB.
        focus_error: how far out of focus the lens is, from 0 (sharp) to 1.
    """

    mode: str = "Program Auto"
    shutter_seconds: float | None = None
    aperture: float | None = None
    iso: int | None = None
    bias_ev: float = 0.0
    white_balance_kelvin: int | None = None
    focus_error: float = 0.0


AUTOMATIC = ExposureWish()


class Refusal(Exception):
    """The camera answers with an error; it never leaves the simulator."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(code, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One exposure: when it began, is answered and saved (loop seconds), and all its picture needs.

    Attributes:
        name: path of its postview, without the first slash.
        size: `2M` or `Original`, as `setPostviewImageSize` was.
    """

    number: int
    begun: float
    answers: float
    idle: float
    taken: datetime
    metered: Metered
    zoom: float
    name: str
    wish: ExposureWish = AUTOMATIC
    size: str = "2M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoom:
    """A zoom on its way: its position (0 to 1) at `since`, and its speed per second of the loop."""

    since: float
    start: float = 0.0
    rate: float = 0.0

    def at(self, now: float) -> float:
        """Return the position at that moment."""
        return min(1.0, max(0.0, self.start + self.rate * (now - self.since)))

    @property
    def ends(self) -> float:
        """When it reaches its end, in loop seconds."""
        if not self.rate:
            return self.since
        return self.since + ((1.0 if self.rate > 0 else 0.0) - self.start) / self.rate

    def moved(self, now: float, movement: str, sign: int, rate: float) -> Zoom:
        """Return the zoom after a movement: `start` with `rate`, `stop`, or `1shot` in the direction of `sign`."""
        here = self.at(now)
        if movement == "start":
            return Zoom(since=now, start=here, rate=rate)
        step = sign * 0.05 if movement == "1shot" else 0.0
        return Zoom(since=now, start=min(1.0, max(0.0, here + step)))
