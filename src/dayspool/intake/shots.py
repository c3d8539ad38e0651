"""What a journal knows of each exposure: when its request left, whether it was confirmed, what its postview says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.core.events import FrameStored, Gap, ShotIntended, ShotTaken
from dayspool.core.exposure import Exposure
from dayspool.core.frame import GapReason
from dayspool.intake.exposures import clock_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dayspool.core.events import Record

__all__ = ["SlotShot", "shots_of"]

# A request left, and the camera said itself that it took nothing.
_NOT_EXPOSED = frozenset({GapReason.CAMERA_REFUSED, GapReason.CARD_FULL})


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotShot:
    """A slot that was exposed, or may have been.

    Attributes:
        host: when the shutter request left, by this machine's clock, in seconds since the epoch.
        confirmed: the camera said that it exposed; otherwise the request left and no more is known.
        key: the camera's clock in the picture it gave over Wi-Fi, in seconds of a calendar read as UTC.
        exposure: what the EXIF of that picture says.
        framed: whether the slot has a frame.
    """

    slot: int
    host: float
    confirmed: bool
    key: float | None = None
    exposure: Exposure | None = None
    framed: bool = False


def shots_of(records: Iterable[Record]) -> tuple[SlotShot, ...]:
    """Return every slot whose shutter request left, in slot order; slots without a request were never exposed."""
    asked: dict[int, float] = {}
    confirmed: set[int] = set()
    frames: dict[int, FrameStored] = {}
    declined: set[int] = set()
    for record in records:
        match record.event:
            case ShotIntended(slot=slot):
                asked[slot] = record.utc.timestamp()
            case ShotTaken(slot=slot):
                confirmed.add(slot)
            case FrameStored(slot=slot) as stored:
                frames[slot] = stored
            case Gap(slot=slot, reason=reason) if reason in _NOT_EXPOSED:
                declined.add(slot)
            case _:
                pass
    return tuple(
        _shot(slot, asked[slot], frames.get(slot), confirmed=slot in confirmed)
        for slot in sorted(asked)
        if slot in confirmed or slot in frames or slot not in declined
    )


def _shot(slot: int, host: float, stored: FrameStored | None, *, confirmed: bool) -> SlotShot:
    if stored is None:
        return SlotShot(slot=slot, host=host, confirmed=confirmed)
    exposure = None
    if stored.shutter_seconds is not None and stored.iso is not None:
        exposure = Exposure(shutter_seconds=stored.shutter_seconds, iso=stored.iso, aperture=stored.aperture)
    key = None if stored.taken is None else clock_seconds(stored.taken)
    return SlotShot(slot=slot, host=host, confirmed=True, key=key, exposure=exposure, framed=True)
