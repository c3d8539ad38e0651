"""What a search saw that is no camera to shoot with, and what to press: one sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.discovery.report import FoundBy, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dayspool.discovery.report import Attempt

__all__ = ["Other", "explain_nothing", "others"]

_START_REMOTE = (
    'start remote control on the camera (MENU, Wireless, "Ctrl with Smartphone"; on cameras with apps the app '
    '"Smart Remote Control")'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Somebody who was seen and cannot be shot with: what it is, and what to press.

    Attributes:
        host: its address.
        kind: `send-mode`, `computer-mode`, `ptp-only`, `no-remote`, `transfer`, or `description`: it does not answer.
        model: what it calls itself, or `None`.
        asked: where that was learned: mostly the URL of its description.
        sentence: for a person.
    """

    host: str
    kind: Outcome
    model: str | None
    asked: str
    sentence: str


def others(attempts: Iterable[Attempt]) -> tuple[Other, ...]:
    """Return who was seen that is no camera to shoot with, one for each host, strangers left out."""
    rows = tuple(attempts)
    cameras = [row for row in rows if row.outcome is Outcome.CAMERA]
    return tuple(
        Other(host=row.host, kind=row.outcome, model=row.model, asked=row.asked, sentence=_SENTENCES[row.outcome](row))
        for row in _most_telling(rows, cameras)
        if row.outcome in _KINDS
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
    sentences += [f"{row.said}." for row in rows if row.outcome is Outcome.ROUTER]
    sentences += [f"{row.asked} was left out: {row.said}." for row in rows if row.outcome is Outcome.SKIPPED]
    return tuple(dict.fromkeys(sentences))


def _most_telling(rows: Sequence[Attempt], cameras: Sequence[Attempt]) -> list[Attempt]:
    """Return one row for each host that has something to tell."""
    camera_hosts = {row.host for row in cameras}
    camera_origins = {_origin(row) for row in cameras}
    telling: dict[str, Attempt] = {}
    for outcome in _SENTENCES:
        for row in rows:
            if row.outcome is not outcome:
                continue
            if outcome is not Outcome.TRANSFER and _origin(row) in camera_origins:
                continue  # a camera refuses the paths it does not serve: that is no news
            if outcome in _NO_NEWS_OF_A_CAMERA and row.host in camera_hosts:
                continue
            if outcome is Outcome.SILENT and row.way is not FoundBy.ADDRESS:
                continue  # most known addresses are silent everywhere; only a host that a person named is missed
            if outcome is Outcome.NOT_A_CAMERA and row.way in _UNASKED:
                continue  # every printer nearby would be told of
            telling.setdefault(row.host, row)
    return list(telling.values())


def _origin(row: Attempt) -> str:
    """Return host and port of the URL that was asked."""
    return row.asked.partition("://")[2].partition("/")[0]


def _who(row: Attempt) -> str:
    return f"The {row.model or 'camera'} at {row.host}"


def _send_mode(row: Attempt) -> str:
    return f'{_who(row)} is in "Send to Smartphone": leave that with MENU, then {_START_REMOTE}.'


def _transfer(row: Attempt) -> str:
    return (
        f'{_who(row)} is set to "Contents Transfer", as in "Send to Smartphone", and takes no pictures: leave that '
        f"with MENU, then {_START_REMOTE}."
    )


def _computer_mode(row: Attempt) -> str:
    return f'{_who(row)} is in "Send to Computer": cancel that on the camera, then {_START_REMOTE}.'


def _ptp_only(row: Attempt) -> str:
    if row.never_remote:
        return f"{_who(row)} answers by PTP/IP only, which dayspool does not speak: this model cannot be driven."
    return (
        f'{_who(row)} answers by PTP/IP only, which dayspool does not speak: if its MENU has "Ctrl with Smartphone" '
        '(bodies until about 2019), start that with "PC Remote" off; newer bodies (A7C, RX100M7, ZV-1 …) cannot be '
        "driven."
    )


def _no_remote(row: Attempt) -> str:
    who = f"The Sony device at {row.host}" if row.model is None else f"The {row.model} at {row.host}"
    return (
        f"{who} offers no remote control of this kind: {_START_REMOTE}; bodies since about "
        "2019 (A7C, RX100M7, ZV-1 …) speak PTP/IP only and cannot be driven by dayspool."
    )


def _mute(row: Attempt) -> str:
    return (
        f"A camera describes itself at {row.asked} ({row.said}), but its remote control does not answer: "
        f"switch it off and on, then {_START_REMOTE}."
    )


def _stranger(row: Attempt) -> str:
    return (
        f"{row.host} answers, but it is no camera: {row.said}; check the address ({row.asked} was asked), or "
        f"{_START_REMOTE}."
    )


def _silence(row: Attempt) -> str:
    return (
        f"Nothing answers at {row.host}: check the address ({row.asked} was asked), join the camera's "
        f"network, {_START_REMOTE}."
    )


# The most telling first.
_SENTENCES: Mapping[Outcome, Callable[[Attempt], str]] = {
    Outcome.TRANSFER: _transfer,
    Outcome.SEND_MODE: _send_mode,
    Outcome.COMPUTER_MODE: _computer_mode,
    Outcome.PTP_ONLY: _ptp_only,
    Outcome.NO_REMOTE: _no_remote,
    Outcome.DESCRIPTION: _mute,
    Outcome.NOT_A_CAMERA: _stranger,
    Outcome.SILENT: _silence,
}
_KINDS = frozenset(_SENTENCES) - {Outcome.NOT_A_CAMERA, Outcome.SILENT}
_NO_NEWS_OF_A_CAMERA = frozenset({Outcome.DESCRIPTION, Outcome.PTP_ONLY, Outcome.NO_REMOTE, Outcome.SEND_MODE})
_UNASKED = frozenset({FoundBy.NEIGHBOUR, FoundBy.SNMP})
