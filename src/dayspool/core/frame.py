"""What became of a slot: a frame, or a gap with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["GapReason", "Shot", "frame_name", "is_window_name"]

_WINDOW = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class GapReason(StrEnum):
    """Why a slot has no frame: exactly one of these, in the journal, for every missing slot."""

    NOT_RUNNING = "not-running"  # no dayspool process was there
    CAMERA_UNREACHABLE = "camera-unreachable"  # no link when the slot was due
    CAMERA_BUSY = "camera-busy"  # it was still saving or exposing
    CAMERA_REFUSED = "camera-refused"  # it declined, and not for being busy
    SHUTTER_FAILED = "shutter-failed"  # code 40400: most often focus
    CARD_FULL = "card-full"  # code 40400, or 1, and the card takes no more
    ANSWER_LOST = "answer-lost"  # the request left, and no exposure was found afterwards
    INTERRUPTED = "interrupted"  # dayspool was killed on the way to the shutter
    HOST_ASLEEP = "host-asleep"  # this machine was suspended
    HOST_LATE = "host-late"  # this machine, or this process, was stopped or too slow
    PAUSED = "paused"  # the person wanted it so
    FROZEN_PICTURE = "frozen-picture"  # the camera gave an earlier picture again, whole and wrong
    ON_CARD = "on-card"  # exposed; the picture could not be fetched and is on the card only
    NO_PICTURE = "no-picture"  # imported shoots: no file belongs to this slot

    @property
    def sentence(self) -> str:
        """The reason in words for a person."""
        return _SENTENCES[self]


_SENTENCES = {
    GapReason.NOT_RUNNING: "dayspool was not running",
    GapReason.CAMERA_UNREACHABLE: "the camera could not be reached",
    GapReason.CAMERA_BUSY: "the camera was still busy",
    GapReason.CAMERA_REFUSED: "the camera declined",
    GapReason.SHUTTER_FAILED: "the shutter did not fire (often focus)",
    GapReason.CARD_FULL: "the camera's card is full",
    GapReason.ANSWER_LOST: "the answer was lost and no exposure was found",
    GapReason.INTERRUPTED: "dayspool was interrupted before the exposure",
    GapReason.HOST_ASLEEP: "this machine was asleep",
    GapReason.HOST_LATE: "this machine was stopped or too slow",
    GapReason.PAUSED: "the shoot was paused",
    GapReason.FROZEN_PICTURE: "the camera gave an earlier picture again",
    GapReason.ON_CARD: "exposed, but the picture is on the card only",
    GapReason.NO_PICTURE: "no picture was there to import",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """An exposure that the camera confirmed: its slot, and where the camera offers its picture.

    `failures` counts downloads that failed, `cuts` those that the next slot ended; `trouble` is the last one's.
    """

    slot: int
    url: str
    failures: int = 0
    cuts: int = 0
    trouble: str = ""


def frame_name(slot: int, suffix: str = ".jpg", *, window: str = "") -> str:
    """Return the name of a slot's frame, below `frames/`: `000123.jpg`, or with its window `2026-06-21/000123.jpg`.

    The camera's own names are never used.

    Raises:
        ValueError: the slot lies before the first one, or the window is no date.
    """
    if slot < 0:
        raise ValueError(f"slot {slot} lies before the first slot")
    if window and not is_window_name(window):
        raise ValueError(f"{window!r} is no date, and so no window")
    return f"{window}/{slot:06d}{suffix}" if window else f"{slot:06d}{suffix}"


def is_window_name(name: str) -> bool:
    """Say whether a folder's name is that of a window: `2026-06-21`."""
    return _WINDOW.fullmatch(name) is not None
