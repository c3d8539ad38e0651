"""Staying joined, decided without I/O: what was seen goes in with its time, the next thing to do comes out.

NetworkManager joins by itself too, but after a false "no secrets" it blocks a profile for good and never tries again
(seen by others as hours of lost pictures). So the network is looked for and joined explicitly, for ever, with growing
pauses; a camera that is off is told from one that refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

from dayspool.wifi.state import Joined, Joining, JoinResult, Link, Outcome

__all__ = [
    "Action",
    "CycleRadio",
    "Deed",
    "Input",
    "Join",
    "Look",
    "Phase",
    "Policy",
    "RadioCycled",
    "Scan",
    "Scanned",
    "Trouble",
    "WaitUntil",
    "Watch",
    "after",
    "begin",
    "next_action",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient the watch is.

    `radio_after_seconds`: switch Wi-Fi off and on when the network has been away for so long, and again each time so
    long; None, never: it takes every other connection down too.
    """

    look_seconds: float = 10.0
    shortest_pause_seconds: float = 2.0
    longest_pause_seconds: float = 60.0
    joining_seconds: float = 60.0
    radio_after_seconds: float | None = None

    def pause_seconds(self, failures: int) -> float:
        """Return how long to wait before joining again after so many failures in a row: 2, 4, 8 … 60 s."""
        if failures == 0:
            return 0.0
        doublings = min(failures - 1, 16)
        return min(self.shortest_pause_seconds * 2.0**doublings, self.longest_pause_seconds)


class Phase(Enum):
    """What a person is told."""

    LOOKING = "looking"
    CAMERA_OFF = "camera-off"
    JOINING = "joining"
    JOINED = "joined"
    REFUSED = "refused"
    FAILED = "failed"
    TROUBLE = "trouble"
    """NetworkManager itself cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Ask whether the network is joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Look for the network on the air."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Join it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRadio:
    """Switch Wi-Fi off and on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil:
    """Do nothing until then."""

    when: datetime


Deed: TypeAlias = Look | Scan | Join | CycleRadio
Action: TypeAlias = Deed | WaitUntil


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A scan has ended."""

    visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioCycled:
    """Wi-Fi was switched off and on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The last action could not be done."""

    said: str


Input: TypeAlias = Link | Scanned | JoinResult | RadioCycled | Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """All that the watch knows.

    Attributes:
        phase: what a person is told, with `detail`.
        link: where the network is joined, while it is.
        todo: what to do once `due` has come.
        failures: attempts in a row that did not join.
        not_before: no attempt to join begins earlier.
        seen: when the network was last on the air; None if the last scan did not show it.
        joining_since: since when NetworkManager has been joining by itself.
        away_since: when the network was last joined, or Wi-Fi was last switched off and on.
    """

    phase: Phase
    todo: Deed
    due: datetime
    not_before: datetime
    away_since: datetime
    detail: str = ""
    link: Joined | None = None
    failures: int = 0
    seen: datetime | None = None
    joining_since: datetime | None = None


def begin(now: datetime) -> Watch:
    """Return a watch that knows nothing yet."""
    return Watch(phase=Phase.LOOKING, todo=Look(), due=now, not_before=now, away_since=now)


def next_action(watch: Watch, now: datetime) -> Action:
    """Return what to do now."""
    return watch.todo if now >= watch.due else WaitUntil(when=watch.due)


def after(watch: Watch, seen: Input, now: datetime, policy: Policy) -> Watch:
    """Return the watch after an action has ended with `seen`, at `now`."""
    match seen:
        case Joined():
            return _joined(seen, now, policy)
        case Joining():
            return _joining(watch, now, policy)
        case Scanned(visible=True):
            return replace(watch, seen=now, todo=Look(), due=now)  # NetworkManager may have joined while we looked
        case Scanned():
            return _off(watch, now, policy)
        case JoinResult():
            return _tried(watch, seen, now, policy)
        case RadioCycled():
            return replace(watch, away_since=now, seen=None, todo=Look(), due=now + _seconds(2.0))
        case Trouble():
            return _troubled(watch, seen, now, policy)
        case _:
            return _unjoined(replace(watch, joining_since=None), now, policy)


def _joined(link: Joined, now: datetime, policy: Policy) -> Watch:
    return replace(begin(now), phase=Phase.JOINED, link=link, due=now + _seconds(policy.look_seconds))


def _joining(watch: Watch, now: datetime, policy: Policy) -> Watch:
    since = watch.joining_since or now
    if now - since >= _seconds(policy.joining_seconds):
        return _unjoined(watch, now, policy)
    soon = now + _seconds(policy.shortest_pause_seconds)
    return replace(_trying(_away(watch)), joining_since=since, todo=Look(), due=soon)


def _unjoined(watch: Watch, now: datetime, policy: Policy) -> Watch:
    """Scan, join or wait: a network seen lately is joined as soon as the pause after the last attempt is over."""
    watch = _away(watch)
    if policy.radio_after_seconds is not None and now - watch.away_since >= _seconds(policy.radio_after_seconds):
        return replace(watch, todo=CycleRadio(), due=now)
    rescan = watch.seen + _seconds(policy.look_seconds) if watch.seen is not None else now
    if now >= rescan:
        return replace(watch, todo=Scan(), due=now)
    if now >= watch.not_before:
        return replace(_trying(watch), todo=Join(), due=now)
    return replace(watch, todo=Look(), due=min(rescan, watch.not_before))


def _off(watch: Watch, now: datetime, policy: Policy) -> Watch:
    return replace(
        watch,
        phase=Phase.CAMERA_OFF,
        detail="its network is not on the air: the camera is off, asleep or not in its remote mode",
        seen=None,
        todo=Look(),
        due=now + _seconds(policy.look_seconds),
    )


def _tried(watch: Watch, result: JoinResult, now: datetime, policy: Policy) -> Watch:
    """Note how an attempt ended; whether the network is joined, only looking tells."""
    failed = _failed(watch, now, policy)
    if result.outcome is Outcome.JOINED:
        return replace(failed, due=now)
    if result.outcome is Outcome.NOT_SEEN:
        return replace(_off(failed, now, policy), due=min(failed.not_before, now + _seconds(policy.look_seconds)))
    again = f"trying again in {policy.pause_seconds(failed.failures):g} s"
    if result.outcome is Outcome.REFUSED:
        said = f"the password is wrong, or the signal too weak ({result.said}); {again}"
        return replace(failed, phase=Phase.REFUSED, detail=said)
    return replace(failed, phase=Phase.FAILED, detail=f"{result.said}; {again}")


def _failed(watch: Watch, now: datetime, policy: Policy) -> Watch:
    failures = watch.failures + 1
    not_before = now + _seconds(policy.pause_seconds(failures))
    due = min(not_before, now + _seconds(policy.look_seconds))
    return replace(watch, failures=failures, not_before=not_before, joining_since=None, todo=Look(), due=due)


def _troubled(watch: Watch, trouble: Trouble, now: datetime, policy: Policy) -> Watch:
    if isinstance(watch.todo, Join):
        watch = _failed(watch, now, policy)
    due = now + _seconds(policy.look_seconds)
    radio = now if isinstance(watch.todo, CycleRadio) else watch.away_since
    return replace(
        watch, phase=Phase.TROUBLE, detail=trouble.said, link=None, away_since=radio, todo=Look(), due=due, seen=None
    )


def _away(watch: Watch) -> Watch:
    """Note that the network is not joined any more."""
    if watch.phase is not Phase.JOINED:
        return watch
    return replace(watch, phase=Phase.LOOKING, detail="the link was lost", link=None)


def _trying(watch: Watch) -> Watch:
    """Tell of an attempt; after a failure the failure is told until the next one has ended otherwise."""
    if watch.phase in (Phase.REFUSED, Phase.FAILED):
        return watch
    return replace(watch, phase=Phase.JOINING, detail="")


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
