"""What can happen in a shoot: the only things the journal holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, get_args

from dayspool.core.exposure_events import BiasAsked, ExposureSteered, FocusHeld, FrameMetered
from dayspool.core.frame import GapReason
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "EVENT_TYPES",
    "BiasAsked",
    "CameraIdle",
    "CameraLost",
    "CameraReady",
    "ClockStepped",
    "DownloadsPaused",
    "DownloadsResumed",
    "Event",
    "ExposureSteered",
    "FetchFailed",
    "FocusHeld",
    "FrameMetered",
    "FrameStored",
    "Gap",
    "HealthRead",
    "HostStalled",
    "IntervalTooShort",
    "OriginalKept",
    "Paused",
    "Record",
    "Resumed",
    "RunEnded",
    "RunStarted",
    "ShootBegan",
    "ShotIntended",
    "ShotTaken",
    "SlotsOver",
    "StopAsked",
    "StretchPlanned",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShootBegan:
    """The first event of a journal: it fixes the slots for ever. `source` is `camera` or `import`."""

    origin: str
    interval_seconds: float
    count: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchPlanned:
    """From slot `first` on, slots are due every `interval_seconds` from `origin` on; what was planned there is void.

    Attributes:
        first: the first slot of the stretch.
        origin: its instant, ISO 8601, UTC.
        interval_seconds: from slot to slot.
        count: how many slots the stretch has; `None` goes on until the next stretch, or the end.
        window: the day on which the window of a daily plan began, at the place of the shoot: `2026-06-21`. The frames
            of one window lie in one folder of that name. Empty without windows.
        why: what the interval follows: the name of a phase, or the light; empty where it is the plan's own.
    """

    first: int
    origin: str
    interval_seconds: float
    count: int | None
    window: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsOver:
    """The plan has no slot more: there are `count` in all. Said where a plan of windows or phases comes to its end."""

    count: int


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
    """The link to the camera broke, or it could not be had again.

    Attributes:
        detail: how that showed.
        heard: it was there until this moment: the connection ended, where else nothing came until patience was over.
        answers: it is there all the same, but not ready to shoot.
        busy_before: how many seconds ago it last answered that it was not ready, if it did meanwhile.
    """

    detail: str
    heard: bool = False
    answers: bool = False
    busy_before: float | None = None


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

    `busy_seconds` counts from its shutter request; `None` when that slot was not exposed, or by an earlier run, or the
    camera became ready during a download, nobody saw when.
    """

    slot: int
    busy_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalTooShort:
    """The slots come faster than the camera is ready again: some will be lost to it. A warning, said once.

    Attributes:
        shortest_seconds: from slot to slot the camera keeps this.
        interval_seconds: the plan's.
        learned: it was measured in this shoot; else it is what users of the model advise.
    """

    shortest_seconds: float
    interval_seconds: float
    learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """A picture did not arrive whole; it is tried again while the camera has it.

    `cut_off`: the next slot ended the download, which says nothing against the camera.
    """

    slot: int
    detail: str
    cut_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadsPaused:
    """The disk has no room for pictures: the shutter goes on, the pictures wait on the card. `detail` says how full."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadsResumed:
    """There is room again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStored:
    """A picture is on the disk, complete.

    `taken` is the camera's own clock, as in EXIF, without a zone; `digest` is the BLAKE2b of its bytes (16 bytes, hex).
    """

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
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalKept:
    """The original of a slot's exposure was brought from the card into `cards/`.

    Attributes:
        name: its path below `cards/`.
        source_name: what it is called on the card, with its folder: `100MSDCF/DSC00123.ARW`.
        digest: the BLAKE2b of its bytes (16 bytes, hex).
        confidence: how sure the match is, 0 to 1.
        taken: the camera's own clock, as in EXIF, without a zone.
    """

    slot: int
    name: str
    source_name: str
    size_bytes: int
    digest: str
    confidence: float
    taken: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStalled:
    """This machine did nothing for so many seconds; `asleep` where the whole machine was suspended."""

    seconds: float
    asleep: bool

    @property
    def reason(self) -> GapReason:
        """What it is to the slots that fell into it."""
        return GapReason.HOST_ASLEEP if self.asleep else GapReason.HOST_LATE

    @property
    def sentence(self) -> str:
        """For about how long it was, for a person."""
        step = 1 if self.seconds < 120 else 10 if self.seconds < 600 else 60
        length = duration_text(timedelta(seconds=round(self.seconds / step) * step))
        return f"this machine {'was asleep' if self.asleep else 'stood still'} for {length}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRead:
    """How camera and machine are doing, every few minutes and when that changes; `None` where it is not told.

    Attributes:
        battery: what is left of the camera's battery, 0 to 1.
        charging: whether the camera says it has power.
        card_images: how many more pictures fit on the camera's card.
        disk_free_bytes: room where the shoot lies.
        memory_bytes: resident memory of this process.
    """

    battery: float | None = None
    charging: bool | None = None
    card_images: int | None = None
    disk_free_bytes: int | None = None
    memory_bytes: int | None = None


Event: TypeAlias = (
    ShootBegan
    | StretchPlanned
    | SlotsOver
    | RunStarted
    | RunEnded
    | CameraReady
    | CameraLost
    | ShotIntended
    | ShotTaken
    | CameraIdle
    | FetchFailed
    | DownloadsPaused
    | DownloadsResumed
    | FrameStored
    | FrameMetered
    | ExposureSteered
    | FocusHeld
    | OriginalKept
    | Gap
    | Paused
    | Resumed
    | StopAsked
    | ClockStepped
    | HostStalled
    | IntervalTooShort
    | BiasAsked
    | HealthRead
)

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event with its number in the journal and the moment it was written, aware, UTC."""

    seq: int
    utc: datetime
    event: Event
