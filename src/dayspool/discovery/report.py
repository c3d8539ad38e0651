"""What a search tells its caller: cameras found, attempts made, and why there may be nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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

    What a person can act on comes first: a camera in the wrong mode, then answers that came from something else, then
    an address that was named and is silent, then a camera at another port of that host, then interfaces that could not
    be searched.
    """
    rows = tuple(attempts)
    explained = {row.host for row in rows if row.outcome in (Outcome.SEND_MODE, Outcome.NO_REMOTE)}
    sentences = [_SENTENCES[row.outcome](row) for row in rows if row.outcome in (Outcome.SEND_MODE, Outcome.NO_REMOTE)]
    strangers = {row.host: row for row in rows if row.outcome is Outcome.NOT_A_CAMERA and row.host not in explained}
    sentences += [_stranger(row) for row in strangers.values()]
    silent = {row.host: row for row in rows if row.way is FoundBy.ADDRESS and row.outcome is Outcome.SILENT}
    sentences += [_silence(row) for host, row in silent.items() if host not in explained | strangers.keys()]
    sentences += [_elsewhere(row) for row in rows if row.outcome is Outcome.CAMERA]
    if not sentences:
        sentences.append(f"No camera answered: {_START_REMOTE}, join its network (DIRECT-…) and try again.")
    sentences += [f"{row.asked} was left out: {row.said}." for row in rows if row.outcome is Outcome.SKIPPED]
    return tuple(dict.fromkeys(sentences))


def _send_mode(row: Attempt) -> str:
    return f'The camera at {row.host} is in "Send to Smartphone": leave that with MENU, then {_START_REMOTE}.'


def _no_remote(row: Attempt) -> str:
    return (
        f"The Sony device at {row.host} offers no remote control of this kind: {_START_REMOTE}; bodies since about "
        "2019 (A7C, RX100M7, ZV-1 …) speak PTP/IP only and cannot be driven by dayspool."
    )


def _stranger(row: Attempt) -> str:
    return f"{row.host} answers, but it is no camera: {row.said}; check the address, or {_START_REMOTE}."


def _silence(row: Attempt) -> str:
    return f"Nothing answers at {row.host} ({row.said}): check the address, join the camera's network, {_START_REMOTE}."


def _elsewhere(row: Attempt) -> str:
    return f"A camera answers elsewhere on that host, at {row.asked}: use that address."


_SENTENCES = {Outcome.SEND_MODE: _send_mode, Outcome.NO_REMOTE: _no_remote}
