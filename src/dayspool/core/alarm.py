"""What a person is told of a shoot: one alarm, with what it is about, how bad it is and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ADVICE", "Alarm", "AlarmKind", "Phase", "Severity", "plain_alarm", "shoot_name"]

_TITLE_SIGNS = 120
_BODY_SIGNS = 1500


class AlarmKind(StrEnum):
    """What an alarm is about: a state of the shoot that lasts, or something that happened once."""

    GAPS = "gaps"  # slots without a frame, for no state named below
    CAMERA_LOST = "camera-lost"
    FROZEN_PICTURE = "frozen-picture"
    CARD_FULL = "card-full"
    HOST_STALLED = "host-stalled"
    NOT_RUNNING = "not-running"
    PAUSED = "paused"
    DISK_FULL = "disk-full"
    DISK_FILLING = "disk-filling"  # forecast
    CARD_FILLING = "card-filling"  # forecast
    BATTERY_LOW = "battery-low"  # forecast
    CLOCK_STEPPED = "clock-stepped"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    SUMMARY = "summary"  # of alarms that came too fast
    TEST = "test"


class Phase(StrEnum):
    """Where in its life a state is: an alarm tells that it begins, lasts, or is over; or something happened `once`."""

    BEGINS = "begins"
    LASTS = "lasts"
    OVER = "over"
    ONCE = "once"


class Severity(StrEnum):
    """How much an alarm matters; `rank` orders them."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for information, 2 for what needs a person now."""
        return list(Severity).index(self)


ADVICE: dict[AlarmKind, str] = {
    AlarmKind.GAPS: "Look at the camera: focus, its mode, and whether the interval leaves it time.",
    AlarmKind.CAMERA_LOST: (
        "Look whether the camera is on, has power and its Wi-Fi is up. One that hangs may need its battery out and in. "
        "dayspool goes on trying."
    ),
    AlarmKind.FROZEN_PICTURE: (
        "The camera answers but gives an old picture. Switch it off and on; its own card may have the new ones."
    ),
    AlarmKind.CARD_FULL: "Put an empty card into the camera, or make room on it; the shoot goes on by itself.",
    AlarmKind.HOST_STALLED: (
        "The computer was asleep, stopped or too slow. Keep it from sleeping (lid, power saving) while it shoots."
    ),
    AlarmKind.NOT_RUNNING: "The process died, or the computer restarted. Run `dayspool shoot` on the folder again.",
    AlarmKind.PAUSED: "Nothing is taken until somebody resumes the shoot.",
    AlarmKind.DISK_FULL: (
        "Make room on the disk. The shutter goes on; the pictures wait on the camera's card until there is room."
    ),
    AlarmKind.DISK_FILLING: "Make room on the disk, or shoot fewer or smaller pictures.",
    AlarmKind.CARD_FILLING: "Have an empty card ready, or make room on the one in the camera.",
    AlarmKind.BATTERY_LOW: "Give the camera power or a fresh battery.",
    AlarmKind.CLOCK_STEPPED: "The computer's clock was set while slots were due; see that it keeps time (NTP).",
    AlarmKind.FAILED: "Run `dayspool status` on the folder to see why, then `dayspool shoot` to go on.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing to tell. Whatever a camera or a folder is called, the title is one line and both texts are short.

    Attributes:
        shoot: the name of the shoot.
        since: when the state began, or the thing happened; aware, UTC.
        utc: when the alarm was raised.
        title: one printable line.
        body: what is known, and what the person can do.
        lost: how many slots without a frame it tells of.
    """

    kind: AlarmKind
    phase: Phase
    severity: Severity
    shoot: str
    since: datetime
    utc: datetime
    title: str
    body: str
    lost: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "shoot", shoot_name(self.shoot))
        object.__setattr__(self, "title", _printable(self.title, _TITLE_SIGNS))
        lines = (_printable(line, _BODY_SIGNS) for line in self.body.split("\n"))
        object.__setattr__(self, "body", _capped("\n".join(lines), _BODY_SIGNS))

    @property
    def is_last_word(self) -> bool:
        """Whether the shoot has ended with it: it is always delivered."""
        return self.kind in (AlarmKind.DONE, AlarmKind.STOPPED, AlarmKind.FAILED)


def plain_alarm(alarm: Alarm) -> dict[str, str | int]:
    """Return an alarm as what JSON can hold; moments in ISO 8601."""
    return {
        "kind": alarm.kind.value,
        "phase": alarm.phase.value,
        "severity": alarm.severity.value,
        "shoot": alarm.shoot,
        "since": alarm.since.isoformat(),
        "utc": alarm.utc.isoformat(),
        "title": alarm.title,
        "body": alarm.body,
        "lost": alarm.lost,
    }


def shoot_name(folder: str) -> str:
    """Return what a shoot is called in everything that is told of it; `folder` may be any name of a folder."""
    return _printable(folder, _TITLE_SIGNS)


def _printable(text: str, signs: int) -> str:
    """Return one line: what is not printable (ends of lines, controls, halves of characters) becomes a space."""
    return _capped("".join(sign if sign.isprintable() else " " for sign in text).strip(), signs)


def _capped(text: str, signs: int) -> str:
    return text if len(text) <= signs else f"{text[: signs - 1]}…"
