"""Every exception dayspool raises on purpose.

Catch broadly at the top, recover narrowly where a recovery exists::

    DayspoolError                 never raised itself
     ├ PlanError                  the person must change something                      → exit code 2
     ├ CameraError                one camera, one attempt
     │  ├ CameraUnreachable       no answer: `sent` says whether the request left us    transient
     │  │  └ CameraAsleep         it answers, but its remote control has ended          transient
     │  ├ CameraBusy              the camera said "not now"                             transient
     │  │  └ StillExposing        a long exposure goes on (code 40403): ask again       transient
     │  ├ CameraRefused           the camera understood and declined
     │  └ CameraConfused          the answer made no sense
     ├ JournalError
     │  ├ JournalLocked           another process writes this shoot
     │  ├ JournalTooNew           written by a later dayspool
     │  ├ JournalDamaged          not a journal, or a broken one; left as it is
     │  └ JournalUnwritable       the disk refused (full, read-only)
     ├ ToolError                  a program outside dayspool
     │  ├ ToolMissing             it is not installed
     │  ├ ToolFailed              it ended badly: argv, status, last lines
     │  └ ToolDisobeyed           it ended well and did something else
     ├ FrameError                 one picture
     │  ├ FrameMissing            the journal has it, the disk has not
     │  ├ FrameUnreadable         it does not decode
     │  ├ FrameUnlike             it decodes, and cannot be compared with the others
     │  └ SidecarUnreadable       its sidecar is broken, foreign, or of a later darktable
     ├ FilmError                  the film could not be made, or is not as ordered
     └ AlarmUndelivered           a receiver was not told: `refused` says that it declined      transient

A message says what was attempted, what came back and what the person can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AlarmUndelivered",
    "CameraAsleep",
    "CameraBusy",
    "CameraConfused",
    "CameraError",
    "CameraRefused",
    "CameraUnreachable",
    "DayspoolError",
    "FilmError",
    "FrameError",
    "FrameMissing",
    "FrameUnlike",
    "FrameUnreadable",
    "JournalDamaged",
    "JournalError",
    "JournalLocked",
    "JournalTooNew",
    "JournalUnwritable",
    "PlanError",
    "SidecarUnreadable",
    "StillExposing",
    "ToolDisobeyed",
    "ToolError",
    "ToolFailed",
    "ToolMissing",
]


class DayspoolError(Exception):
    """The root: everything dayspool raises on purpose is one of these."""

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False


class PlanError(DayspoolError):
    """The person must change something; `problems` holds one sentence each."""

    exit_code: ClassVar[int] = 2

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class CameraError(DayspoolError):
    """One attempt with one camera failed; `code` is the camera's own number, if it gave one."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        self.code = code
        super().__init__(message)


class CameraUnreachable(CameraError):
    """No answer came.

    Attributes:
        sent: false only when it is certain that nothing reached the camera.
        heard: the camera was there until this moment: the connection ended, where else patience did.
    """

    transient: ClassVar[bool] = True

    def __init__(self, message: str, *, sent: bool, heard: bool = False) -> None:
        self.sent = sent
        self.heard = heard
        super().__init__(message)


class CameraAsleep(CameraUnreachable):
    """It answers, but its remote control has ended (`NotReady`) and has to be started again."""


class CameraBusy(CameraError):
    """The camera said "not available now" (code 1) or "not ready" (code 40401)."""

    transient: ClassVar[bool] = True


class StillExposing(CameraBusy):
    """A long exposure goes on (code 40403); `awaitTakePicture` fetches its answer."""


class CameraRefused(CameraError):
    """The camera understood the request and declined it."""


class CameraConfused(CameraError):
    """The answer was not what this protocol allows; nothing of it was used."""


class JournalError(DayspoolError):
    """The record of a shoot cannot be used as asked."""


class JournalLocked(JournalError):
    """Another process is the one writer of this journal."""


class JournalTooNew(JournalError):
    """The journal was written by a later dayspool and was left untouched."""


class JournalDamaged(JournalError):
    """The file is no journal or a broken one; it was left untouched."""


class JournalUnwritable(JournalError):
    """The disk refused a write: full, read-only or gone."""


class ToolError(DayspoolError):
    """A program outside dayspool did not do its work."""


class ToolMissing(ToolError):
    """The program is not installed."""


class ToolFailed(ToolError):
    """The program ended badly; `argv`, `status` and its `last_lines` are kept."""

    def __init__(
        self, message: str, *, argv: Sequence[str], status: int | None, last_lines: Sequence[str] = ()
    ) -> None:
        self.argv = tuple(argv)
        self.status = status
        self.last_lines = tuple(last_lines)
        said = "".join(f"\n  {line}" for line in self.last_lines)
        super().__init__(f"{message}{said}")


class ToolDisobeyed(ToolError):
    """The program ended well, yet its result is not what it was told to make."""


class FrameError(DayspoolError):
    """One picture cannot be used."""


class FrameMissing(FrameError):
    """The journal has this frame, the disk has not."""


class FrameUnreadable(FrameError):
    """The file does not decode to a picture of the expected size."""


class FrameUnlike(FrameError):
    """It decodes, and cannot be compared with the others: of another kind, or one colour all over."""


class SidecarUnreadable(FrameError):
    """A sidecar is broken, or written by a darktable later than this program knows; it is left as it is."""


class FilmError(DayspoolError):
    """The film could not be made, or is not as ordered; the last good film stays."""


class AlarmUndelivered(DayspoolError):
    """A receiver of alarms was not told; the message names no secret.

    `refused`: it was reached and declined this alarm, and so it may for ever; `wait_seconds`: it wants to be left alone
    for so long.
    """

    transient: ClassVar[bool] = True

    def __init__(self, message: str, *, refused: bool = False, wait_seconds: float | None = None) -> None:
        self.refused = refused
        self.wait_seconds = wait_seconds
        super().__init__(message)
