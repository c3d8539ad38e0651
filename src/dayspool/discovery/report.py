"""What a search tells its caller: cameras found, attempts made, and why there may be nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dayspool.core.camera import Dialect

__all__ = ["Attempt", "Found", "FoundBy", "Outcome", "explain_nothing"]


class FoundBy(StrEnum):
    """The way that led to a camera."""

    SSDP = "ssdp"
    KNOWN_ADDRESS = "known-address"
    GATEWAY = "gateway"
    ADDRESS = "address"  # the person named it


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A camera that answered an API call.

    Attributes:
        model: what it calls itself, unless its owner renamed it; `None` when no description could be read.
        endpoint: the URL of its camera service.
        dialect: the generation it behaves like.
        found_by: the first way that led to it.
        location: the URL of its description, or `None`.
        usn: its unique name from SSDP, or `None`.
    """

    model: str | None
    endpoint: str
    dialect: Dialect
    found_by: FoundBy
    location: str | None = None
    usn: str | None = None


class Outcome(StrEnum):
    """What came of asking somebody."""

    CAMERA = "camera"  # an API call was answered
    DESCRIPTION = "description"  # a camera's description was read
    SILENT = "silent"  # no connection, or no answer in time
    NOT_A_CAMERA = "not-a-camera"  # something answered that is no camera
    NO_REMOTE = "no-remote"  # a Sony device whose remote control is off or of another kind
    SEND_MODE = "send-mode"  # a camera in "Send to Smartphone"
    SKIPPED = "skipped"  # not asked, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One question and what came back: `asked` is a URL or an interface, `said` is for a person."""

    way: FoundBy
    host: str
    asked: str
    outcome: Outcome
    said: str


_START_REMOTE = (
    'start remote control on the camera (MENU, Wireless, "Ctrl with Smartphone"; on cameras with apps the app '
    '"Smart Remote Control")'
)


def explain_nothing(attempts: Iterable[Attempt]) -> tuple[str, ...]:
    """Say in one sentence each why no camera was found and what the person can press.

    Every host that told something gets the most telling sentence; then comes a camera at another port than the one that
    was asked for, then interfaces that could not be searched.
    """
    rows = tuple(attempts)
    cameras = [row for row in rows if row.outcome is Outcome.CAMERA]
    sentences = [_SENTENCES[row.outcome](row) for row in _most_telling(rows, cameras)]
    sentences += [f"A camera answers elsewhere on that host, at {row.asked}: use that address." for row in cameras]
    if not sentences:
        sentences.append(f"No camera answered: {_START_REMOTE}, join its network (DIRECT-…) and try again.")
    sentences += [f"{row.asked} was left out: {row.said}." for row in rows if row.outcome is Outcome.SKIPPED]
    return tuple(dict.fromkeys(sentences))


def _most_telling(rows: Sequence[Attempt], cameras: Sequence[Attempt]) -> list[Attempt]:
    """Return one row for each host that has something to tell."""
    camera_hosts = {row.host for row in cameras}
    camera_origins = {_origin(row) for row in cameras}
    telling: dict[str, Attempt] = {}
    for outcome in _SENTENCES:
        for row in rows:
            if row.outcome is not outcome or _origin(row) in camera_origins:
                continue  # a camera refuses the paths it does not serve: that is no news
            if outcome is Outcome.DESCRIPTION and row.host in camera_hosts:
                continue
            if outcome is Outcome.SILENT and row.way is not FoundBy.ADDRESS:
                continue  # most known addresses are silent everywhere; only a host that a person named is missed
            telling.setdefault(row.host, row)
    return list(telling.values())


def _origin(row: Attempt) -> str:
    """Return host and port of the URL that was asked."""
    return row.asked.partition("://")[2].partition("/")[0]


def _send_mode(row: Attempt) -> str:
    return f'The camera at {row.host} is in "Send to Smartphone": leave that with MENU, then {_START_REMOTE}.'


def _no_remote(row: Attempt) -> str:
    return (
        f"The Sony device at {row.host} offers no remote control of this kind: {_START_REMOTE}; bodies since about "
        "2019 (A7C, RX100M7, ZV-1 …) speak PTP/IP only and cannot be driven by dayspool."
    )


def _mute(row: Attempt) -> str:
    return (
        f"A camera describes itself at {row.asked} ({row.said}), but its remote control does not answer: "
        f"switch it off and on, then {_START_REMOTE}."
    )


def _stranger(row: Attempt) -> str:
    return f"{row.host} answers, but it is no camera: {row.said}; check the address, or {_START_REMOTE}."


def _silence(row: Attempt) -> str:
    return f"Nothing answers at {row.host}: check the address, join the camera's network, {_START_REMOTE}."


# The most telling first.
_SENTENCES: Mapping[Outcome, Callable[[Attempt], str]] = {
    Outcome.SEND_MODE: _send_mode,
    Outcome.NO_REMOTE: _no_remote,
    Outcome.DESCRIPTION: _mute,
    Outcome.NOT_A_CAMERA: _stranger,
    Outcome.SILENT: _silence,
}
