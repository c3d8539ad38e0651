"""Where a shoot stands and what comes next: `fold` reads the record, `decide` chooses one action.

Both are pure: the same journal and the same moment give the same action, in a test, after a crash, at three at night.
A session is small and of fixed size whatever the length of the shoot, because it keeps counts and not frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from dayspool.core.events import (
    CameraIdle,
    CameraLost,
    CameraReady,
    FetchFailed,
    FrameStored,
    Gap,
    Paused,
    Record,
    Resumed,
    RunEnded,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
    StopAsked,
)
from dayspool.core.frame import GapReason, Shot
from dayspool.core.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Action",
    "Connect",
    "Fetch",
    "Finish",
    "GiveUpIntent",
    "Policy",
    "Reconcile",
    "Session",
    "Settle",
    "Skip",
    "Take",
    "Wait",
    "decide",
    "fold",
    "fold_all",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The few numbers `decide` goes by.

    Attributes:
        late_share: a slot may be taken late by this share of the interval, never more (skip, never burst).
        fetch_guard: no download reaches nearer than this to the next slot, or than a tenth of a short interval.
        fetch_tries: a picture that failed this often stays on the card.
        lead: so long before its instant (a tenth of a short interval) a slot is prepared, so that only the request
            itself remains.
        learn_shots: so many shots are watched until the camera is ready again, to learn how long it is busy.
        first_busy_guess: how long a camera is taken to be busy until that is known (RX100 M2: 3–5 s).
        wrap_up: how long after the last slot a lost camera is waited for, to fetch what it still holds.
    """

    late_share: float = 0.5
    fetch_guard: timedelta = timedelta(milliseconds=250)
    fetch_tries: int = 3
    learn_shots: int = 10
    lead: timedelta = timedelta(milliseconds=50)
    first_busy_guess: float = 5.0
    wrap_up: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All that the loop needs to know of the past.

    Attributes:
        schedule: fixed by the first event.
        next_slot: the lowest slot about which nothing is decided yet.
        open_intent: a slot whose shutter request may have left, without an outcome.
        unfetched: exposures whose picture is still to be fetched, oldest first.
        fetch_failures: how often the newest of them has failed.
        busy: the last busy times seen, in seconds.
        watched: the shot whose busy time is still to be seen.
        hindrance: what kept slots from being taken until `hindered_until`: no run, no camera, a camera still exposing,
            a pause.
        found_busy: the camera refused the last slot for being busy, and was not seen ready since.
    """

    schedule: Schedule | None = None
    next_slot: int = 0
    open_intent: int | None = None
    unfetched: tuple[Shot, ...] = ()
    fetch_failures: int = 0
    last_url: str | None = None
    connected: bool = False
    hindrance: GapReason = GapReason.NOT_RUNNING
    hindered_until: datetime | None = None
    run_started: datetime | None = None
    paused: bool = False
    stopping: bool = False
    ended: str | None = None
    frames: int = 0
    gaps: int = 0
    exposures: int = 0
    busy: tuple[float, ...] = ()
    watched: int | None = None
    found_busy: bool = False
    last_frame: datetime | None = None
    camera: CameraReady | None = None

    def margin(self, wanted: timedelta) -> timedelta:
        """Return `wanted`, or a tenth of the interval where that is shorter."""
        assert self.schedule is not None
        return min(wanted, self.schedule.interval / 10)

    def busy_guess(self, policy: Policy) -> float:
        """Return how long the camera is expected to be busy after a shot, in seconds (near the 95th percentile)."""
        if len(self.busy) < policy.learn_shots:
            return max((policy.first_busy_guess, *self.busy))
        return sorted(self.busy)[-max(1, len(self.busy) // 20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing to do before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Find the camera again; give up at `until` to look at the slots."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Release the shutter for `slot`, now."""

    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Ask the camera what became of `slot`, whose answer is missing; never shoot for it again.

    A camera that is still at work at `until` costs the next slot (`None`: no slot follows).
    """

    slot: int
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpIntent:
    """The camera did not come back to tell what became of `slot`."""

    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Watch until the camera is ready again after the shot of `slot`; at `until` the next slot is lost to it."""

    slot: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Download the picture of `shot`; stop at `until` in favour of the next slot (`None`: no slot follows)."""

    shot: Shot
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """The slots `first` to `last` are over without a frame."""

    first: int
    last: int
    reason: GapReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """All is done: `done`, or `stopped` on somebody's wish."""

    why: str


Action: TypeAlias = Wait | Connect | Take | Reconcile | GiveUpIntent | Settle | Fetch | Skip | Finish

_BUSY_MEMORY = 100
_SKIP_AT_ONCE = 5_000


def fold_all(records: Iterable[Record]) -> Session:
    """Return the session that a whole journal tells of."""
    session = Session()
    for record in records:
        session = fold(session, record)
    return session


def fold(session: Session, record: Record) -> Session:
    """Return the session after one more record."""
    match record.event:
        case ShootBegan() as began:
            schedule = Schedule(
                origin=datetime.fromisoformat(began.origin).astimezone(UTC),
                interval=timedelta(seconds=began.interval_seconds),
                count=began.count,
            )
            return replace(session, schedule=schedule)
        case RunStarted(count=count):
            known = session.schedule
            return replace(
                session,
                schedule=None if known is None else replace(known, count=count),
                run_started=record.utc,
                hindrance=GapReason.NOT_RUNNING,
                hindered_until=record.utc,
                connected=False,
                stopping=False,
                ended=None,
                watched=None,
                fetch_failures=0,
            )
        case RunEnded(why=why):
            return replace(session, ended=why, connected=False)
        case CameraReady() as camera:
            return replace(
                session,
                connected=True,
                camera=camera,
                hindrance=GapReason.CAMERA_UNREACHABLE,
                hindered_until=record.utc,
            )
        case CameraLost():
            return replace(session, connected=False, watched=None)
        case ShotIntended(slot=slot):
            return replace(session, open_intent=slot, next_slot=slot + 1, watched=slot)
        case ShotTaken(slot=slot, url=url):
            return replace(
                session,
                open_intent=None,
                unfetched=(*session.unfetched, Shot(slot=slot, url=url)),
                fetch_failures=0,
                found_busy=False,
                last_url=url,
                hindrance=GapReason.CAMERA_BUSY,
                hindered_until=record.utc,
                exposures=session.exposures + 1,
            )
        case CameraIdle(busy_seconds=seconds):
            return replace(session, busy=(*session.busy, seconds)[-_BUSY_MEMORY:], watched=None, found_busy=False)
        case FetchFailed():
            return replace(session, fetch_failures=session.fetch_failures + 1)
        case FrameStored(slot=slot):
            return replace(
                _without(session, slot),
                frames=session.frames + 1,
                last_frame=record.utc,
                next_slot=max(session.next_slot, slot + 1),
            )
        case Gap(slot=slot, reason=reason):
            return replace(
                _without(session, slot),
                gaps=session.gaps + 1,
                open_intent=None if session.open_intent == slot else session.open_intent,
                found_busy=reason is GapReason.CAMERA_BUSY,
                next_slot=max(session.next_slot, slot + 1),
            )
        case Paused():
            return replace(session, paused=True)
        case Resumed():
            return replace(session, paused=False, hindrance=GapReason.PAUSED, hindered_until=record.utc)
        case StopAsked():
            return replace(session, stopping=True)
    return session


def _without(session: Session, slot: int) -> Session:
    if not session.unfetched:
        return session
    left = tuple(shot for shot in session.unfetched if shot.slot != slot)
    return replace(session, unfetched=left, fetch_failures=0)


def decide(session: Session, now: datetime, policy: Policy) -> Action:
    """Return the one thing to do now.

    Slots that went by are accounted for first, then questions left open, then the shutter; downloads and watching only
    get what time is left before the next slot.

    Raises:
        ValueError: the shoot has not begun.
    """
    schedule = session.schedule
    if schedule is None:
        raise ValueError("the journal has no ShootBegan event yet")
    missed = _missed(session, schedule, now, policy)
    if missed is not None:
        return missed
    if session.stopping or schedule.is_over(session.next_slot):
        return _wrap_up(session, schedule, now, policy)
    due = schedule.instant(session.next_slot)
    closes = due + schedule.interval * policy.late_share
    if not session.connected and not session.paused:
        return Connect(until=closes)
    if session.open_intent is not None and session.connected:
        return Reconcile(slot=session.open_intent, until=closes)
    if session.paused:
        return Wait(until=closes)
    return _before_slot(session, due, closes, now, policy)


def _missed(session: Session, schedule: Schedule, now: datetime, policy: Policy) -> Skip | None:
    first = session.next_slot
    if session.stopping or schedule.is_over(first):
        return None
    window = schedule.interval * policy.late_share
    last = schedule.slot_at(now - window)
    if schedule.count is not None:
        last = min(last, schedule.count - 1)
    if last < first:
        return None
    last = min(last, first + _SKIP_AT_ONCE - 1)
    if session.hindered_until is not None:
        hindered = schedule.slot_at(session.hindered_until - window)
        if hindered >= first:
            return Skip(first=first, last=min(last, hindered), reason=session.hindrance)
    if session.paused:
        reason = GapReason.PAUSED
    elif not session.connected:
        reason = GapReason.CAMERA_UNREACHABLE
    else:
        reason = GapReason.HOST_LATE
    return Skip(first=first, last=last, reason=reason)


def _wrap_up(session: Session, schedule: Schedule, now: datetime, policy: Policy) -> Action:
    open_intent, newest = session.open_intent, session.unfetched[-1] if session.unfetched else None
    if open_intent is None and newest is None:
        return Finish(why="stopped" if session.stopping else "done")
    if session.connected:
        if open_intent is not None:
            return Reconcile(slot=open_intent, until=None)
        assert newest is not None
        return _leave_on_card(session, policy) or Fetch(shot=newest, until=None)
    last = session.next_slot - 1
    patience = max(schedule.instant(last), session.run_started or schedule.instant(last)) + policy.wrap_up
    if now < patience:
        return Connect(until=patience)
    if open_intent is not None:
        return GiveUpIntent(slot=open_intent)
    assert newest is not None
    return Skip(first=newest.slot, last=newest.slot, reason=GapReason.ON_CARD)


def _before_slot(session: Session, due: datetime, closes: datetime, now: datetime, policy: Policy) -> Action:
    prepare, leave = due - session.margin(policy.lead), due - session.margin(policy.fetch_guard)
    if session.unfetched and now < leave:
        return _leave_on_card(session, policy) or Fetch(shot=session.unfetched[-1], until=leave)
    if session.watched is not None and _is_tight(session, policy):
        return Settle(slot=session.watched, until=closes)  # a slot taken late beats a gap
    if now < prepare:
        return Wait(until=prepare)
    return Take(slot=session.next_slot)


def _leave_on_card(session: Session, policy: Policy) -> Skip | None:
    if session.fetch_failures < policy.fetch_tries:
        return None
    slot = session.unfetched[-1].slot
    return Skip(first=slot, last=slot, reason=GapReason.ON_CARD)


def _is_tight(session: Session, policy: Policy) -> bool:
    assert session.schedule is not None
    learning = len(session.busy) < policy.learn_shots
    return (
        learning or session.found_busy or session.schedule.interval < timedelta(seconds=2 * session.busy_guess(policy))
    )
