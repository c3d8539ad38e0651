"""The record of a shoot read for alarms: which troubles begin and end, and which slots each of them cost.

Pure: `watch` takes one record after the other. A slot without a frame belongs to exactly one trouble, or stays loose: a
single gap now and then is worth no alarm. A trouble begins when three of the last ten slots are missing, or two where
slots lie five minutes apart or more; it is over when five slots in a row were exposed again (two where they lie apart).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dayspool.core.alarm import AlarmKind
from dayspool.core.events import (
    CameraLost,
    CameraReady,
    ClockStepped,
    DownloadsPaused,
    DownloadsResumed,
    Gap,
    HealthRead,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    ShotTaken,
)
from dayspool.core.frame import GapReason
from dayspool.core.session import Session, fold

if TYPE_CHECKING:
    from dayspool.core.events import Record

__all__ = ["Losses", "Trouble", "Watch", "begun", "caught_up", "closed", "next_due", "watch"]

Losses = Mapping[GapReason, int]

_KINDS = {
    GapReason.CAMERA_UNREACHABLE: AlarmKind.CAMERA_LOST,
    GapReason.FROZEN_PICTURE: AlarmKind.FROZEN_PICTURE,
    GapReason.CARD_FULL: AlarmKind.CARD_FULL,
    GapReason.HOST_ASLEEP: AlarmKind.HOST_STALLED,
    GapReason.HOST_LATE: AlarmKind.HOST_STALLED,
    GapReason.NOT_RUNNING: AlarmKind.NOT_RUNNING,
    GapReason.INTERRUPTED: AlarmKind.NOT_RUNNING,
    GapReason.PAUSED: AlarmKind.PAUSED,
}
_AFTER_EXPOSURE = (GapReason.ON_CARD, GapReason.FROZEN_PICTURE)  # told of a slot that had counted as exposed
_OF_THE_CLOCK = (AlarmKind.HOST_STALLED, AlarmKind.NOT_RUNNING)
_LONG_INTERVAL = timedelta(minutes=5)
_WINDOW = 10
_BEGINS_AT, _BEGINS_AT_LONG = 3, 2
_OVER_AT, _OVER_AT_LONG = 5, 2
# A run of exposures ends these; the others end with an event, or with the look of the moment (core/alarms.py).
_ENDED_BY_EXPOSURES = frozenset(
    {
        AlarmKind.GAPS,
        AlarmKind.CAMERA_LOST,
        AlarmKind.FROZEN_PICTURE,
        AlarmKind.CARD_FULL,
        AlarmKind.HOST_STALLED,
        AlarmKind.NOT_RUNNING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A state that lasts, and is told once when it begins, now and then while it lasts, and once when it is over.

    Attributes:
        since: when it began.
        detail: what is known of its cause.
        losses: how many slots it cost, by reason.
        over: when it ended; it is kept until that is told.
        told: when it was last told; `None` when it is not told yet.
        tellings: how often it was told.
        calm_since: a forecast no longer says so since then.
    """

    kind: AlarmKind
    since: datetime
    detail: str = ""
    losses: Losses = field(default_factory=dict)
    over: datetime | None = None
    told: datetime | None = None
    tellings: int = 0
    calm_since: datetime | None = None

    @property
    def lost(self) -> int:
        """How many slots it cost."""
        return sum(self.losses.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """All that alarms need to know of the past.

    Attributes:
        shoot: the name of the shoot.
        recent: what became of the last slots: a reason without a frame, or nothing.
        exposed: how many slots in a row were exposed.
        loose: slots without a frame that no trouble accounts for.
        troubles: what is wrong now, and what has ended untold; one of a kind is open at most.
        last_gap: when the newest gap was written.
        paused_since: when somebody paused the shoot.
        gone_since: when the writer was first missed.
        ended: the newest end of a run, until it is told.
        stepped: a step of the clock since which no slot was decided.
        step_cost: a step of the clock that cost slots, until it is told.
        health: the newest reading.
    """

    shoot: str
    session: Session = field(default_factory=Session)
    recent: tuple[GapReason | None, ...] = ()
    exposed: int = 0
    loose: Losses = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    paused_since: datetime | None = None
    gone_since: datetime | None = None
    ended: Record | None = None
    stepped: Record | None = None
    step_cost: Record | None = None
    health: HealthRead | None = None
    last_record: datetime | None = None

    def open(self, kind: AlarmKind) -> Trouble | None:
        """Return the trouble of a kind that goes on."""
        return next((one for one in self.troubles if one.kind is kind and one.over is None), None)


def watch(past: Watch, record: Record) -> Watch:
    """Return the watch after one more record."""
    now = replace(past, session=fold(past.session, record), last_record=record.utc)
    match record.event:
        case ShotTaken():
            return _exposed(now, record.utc)
        case Gap(reason=reason, detail=detail):
            return _missed(now, record, reason, detail)
        case Paused():
            return replace(now, paused_since=record.utc)
        case Resumed():
            return closed(replace(now, paused_since=None), AlarmKind.PAUSED, record.utc)
        case DownloadsPaused(detail=detail):
            return begun(now, AlarmKind.DISK_FULL, record.utc, detail)
        case DownloadsResumed():
            return closed(now, AlarmKind.DISK_FULL, record.utc)
        case CameraLost(detail=detail) if (lost := now.open(AlarmKind.CAMERA_LOST)) is not None:
            return _with(now, lost, replace(lost, detail=detail))
        case CameraReady() if (lost := now.open(AlarmKind.CAMERA_LOST)) is not None and not lost.lost:
            return closed(now, AlarmKind.CAMERA_LOST, record.utc)  # it cost nothing, so no exposure is to prove the end
        case ClockStepped():
            return replace(now, stepped=record)
        case HealthRead() as health:
            return replace(now, health=health)
        case RunStarted():
            return _started(now, record.utc)
        case RunEnded():
            return replace(now, ended=record)
    return now


def begun(now: Watch, kind: AlarmKind, since: datetime, detail: str = "") -> Watch:
    """Return the watch with a trouble of `kind` open, and with the loose slots of its kind accounted to it."""
    if now.open(kind) is not None:
        return now
    own = {reason: count for reason, count in now.loose.items() if _kind(reason) is kind and kind is AlarmKind.PAUSED}
    own = own or dict(Counter(reason for reason in now.recent if reason is not None and _kind(reason) is kind))
    own = {reason: min(count, now.loose.get(reason, 0)) for reason, count in own.items()}
    trouble = Trouble(kind=kind, since=since, detail=detail, losses={one: count for one, count in own.items() if count})
    return replace(now, troubles=(*now.troubles, trouble), loose=_less(now.loose, own))


def closed(now: Watch, kind: AlarmKind, utc: datetime) -> Watch:
    """Return the watch with the trouble of `kind`, if there is one, over."""
    trouble = now.open(kind)
    if trouble is None:
        return now
    recent = tuple(None if reason is not None and _kind(reason) is kind else reason for reason in now.recent)
    return replace(_with(now, trouble, replace(trouble, over=utc)), recent=recent)


def caught_up(now: Watch) -> Watch:
    """Return the watch of somebody who begins to look now: what is over is history, what lasts is news."""
    lasting = tuple(trouble for trouble in now.troubles if trouble.over is None)
    return replace(now, troubles=lasting, loose={}, ended=None, stepped=None, step_cost=None)


def next_due(session: Session) -> datetime | None:
    """Return when the next undecided slot is due; nothing where the shoot is over or the slot not planned yet."""
    schedule = session.schedule
    if schedule is None or schedule.is_over(session.next_slot) or not schedule.is_planned(session.next_slot):
        return None
    return schedule.instant(session.next_slot)


def _kind(reason: GapReason) -> AlarmKind:
    return _KINDS.get(reason, AlarmKind.GAPS)


def _exposed(now: Watch, utc: datetime) -> Watch:
    now = replace(now, recent=(*now.recent, None)[-_WINDOW:], exposed=now.exposed + 1, stepped=None)
    if now.troubles and now.exposed >= (_OVER_AT_LONG if _lie_apart(now) else _OVER_AT):
        for kind in _ENDED_BY_EXPOSURES:
            now = closed(now, kind, utc)
    return now


def _missed(now: Watch, record: Record, reason: GapReason, detail: str) -> Watch:
    kind = _kind(reason)
    if now.stepped is not None:
        now = replace(now, step_cost=now.stepped if kind in _OF_THE_CLOCK else now.step_cost, stepped=None)
    now = replace(now, exposed=0)
    if reason is not GapReason.PAUSED:
        now = replace(now, recent=_with_gap(now.recent, reason))
    trouble = now.open(kind)
    if trouble is not None:
        more = {**trouble.losses, reason: trouble.losses.get(reason, 0) + 1}
        return _with(now, trouble, replace(trouble, losses=more, detail=detail or trouble.detail))
    now = replace(now, loose={**now.loose, reason: now.loose.get(reason, 0) + 1})
    unexplained = sum(one is not None and now.open(_kind(one)) is None for one in now.recent)
    if reason is GapReason.PAUSED or unexplained < (_BEGINS_AT_LONG if _lie_apart(now) else _BEGINS_AT):
        return now
    return begun(now, kind, _since(now, record), detail)


def _with_gap(recent: tuple[GapReason | None, ...], reason: GapReason) -> tuple[GapReason | None, ...]:
    """Return what became of the last slots after one more gap; one told after its exposure takes that one's place."""
    if reason in _AFTER_EXPOSURE and None in recent:
        place = len(recent) - 1 - recent[::-1].index(None)
        return (*recent[:place], reason, *recent[place + 1 :])
    return (*recent, reason)[-_WINDOW:]


def _since(now: Watch, record: Record) -> datetime:
    """Return when the slots of the window began to be missing: the instant of the first, as far as it is known."""
    schedule = now.session.schedule
    assert isinstance(record.event, Gap)
    first = record.event.slot - (_BEGINS_AT_LONG if _lie_apart(now) else _BEGINS_AT) + 1
    if schedule is None or first < 0 or not schedule.is_planned(record.event.slot):
        return record.utc
    return min(record.utc, schedule.instant(first))


def _started(now: Watch, utc: datetime) -> Watch:
    gone = now.open(AlarmKind.NOT_RUNNING)
    now = replace(now, gone_since=None, ended=None, stepped=None)
    if gone is not None and not gone.lost:
        due = next_due(now.session)
        if due is not None and due >= utc:  # it cost nothing
            return closed(now, AlarmKind.NOT_RUNNING, utc)
    return now


def _with(now: Watch, old: Trouble, new: Trouble) -> Watch:
    return replace(now, troubles=tuple(new if one is old else one for one in now.troubles))


def _less(losses: Losses, taken: Losses) -> Losses:
    left = {reason: count - taken.get(reason, 0) for reason, count in losses.items()}
    return {reason: count for reason, count in left.items() if count > 0}


def _lie_apart(now: Watch) -> bool:
    """Say whether slots come so seldom that few of them are already long."""
    schedule = now.session.schedule
    return schedule is not None and schedule.interval_at(now.session.next_slot) >= _LONG_INTERVAL
