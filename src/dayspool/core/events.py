"""What can happen in a shoot: the only things the journal holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, get_args

from dayspool.core.frame import GapReason  # noqa: TC001 - the codec reads the annotations at run time

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "EVENT_TYPES",
    "CameraIdle",
    "CameraLost",
    "CameraReady",
    "ClockStepped",
    "Event",
    "FetchFailed",
    "FrameStored",
    "Gap",
    "Paused",
    "Record",
    "Resumed",
    "RunEnded",
    "RunStarted",
    "ShootBegan",
    "ShotIntended",
    "ShotTaken",
    "StopAsked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShootBegan:
    """The first event of a journal: it fixes the slots for ever. `source` is `camera` or `import`."""

    origin: str
    interval_seconds: float
    count: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A process became the writer. `count` is how many slots the plan has now: a shoot may be made longer."""

    pid: int
    version: str
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The writer left on purpose: `done`, `stopped` or `failed`; a killed one leaves no such event."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraReady:
    """A camera answered and can shoot.

    Attributes:
        picture_url: the last picture it offers, taken by whomever.
        note: what it does not do as planned.
        identity: who it is among cameras of its model, as its description says.
        location: where that description is.
    """

    endpoint: str
    model: str
    picture_url: str | None = None
    note: str | None = None
    identity: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLost:
    """The link to the camera broke; `detail` says how it showed."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotIntended:
    """Written before the shutter request leaves: at most one per slot, ever."""

    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotTaken:
    """The camera confirmed the exposure.

    `late_ms` is how long after its instant the shutter request left. `reconciled`: the answer was lost, and the
    exposure was found again through the camera's events.
    """

    slot: int
    url: str
    late_ms: float | None = None
    reconciled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraIdle:
    """The camera was seen ready again after `slot`.

    `busy_seconds` counts from its shutter request; `None` when that slot was not exposed, or by an earlier run.
    """

    slot: int
    busy_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """A picture did not arrive whole; it is tried again while the camera has it."""

    slot: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStored:
    """A picture is on the disk, complete. `taken` is the camera's own clock, as in EXIF, without a zone."""

    slot: int
    name: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    taken: str | None = None
    shutter_seconds: float | None = None
    aperture: float | None = None
    iso: float | None = None
    origin_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A slot without a frame: one row, one reason."""

    slot: int
    reason: GapReason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """Slots go by untaken from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Slots are taken again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsked:
    """Somebody wants the shoot to end after the frame in hand: `signal` or `request`."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped:
    """The host's wall clock jumped by this many seconds, forwards if positive; the slots of this run do not follow."""

    seconds: float


Event: TypeAlias = (
    ShootBegan
    | RunStarted
    | RunEnded
    | CameraReady
    | CameraLost
    | ShotIntended
    | ShotTaken
    | CameraIdle
    | FetchFailed
    | FrameStored
    | Gap
    | Paused
    | Resumed
    | StopAsked
    | ClockStepped
)

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event with its number in the journal and the moment it was written, aware, UTC."""

    seq: int
    utc: datetime
    event: Event
