"""What comes next in a shoot: `decide` chooses one action.

Pure: the same session and the same moment give the same action.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from dayspool.core.busy import LEARN_SHOTS, high
from dayspool.core.frame import GapReason, Shot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.core.schedule import Schedule
    from dayspool.core.session import Session

__all__ = [
    "Action",
    "Connect",
    "Fetch",
    "Finish",
    "GiveUpIntent",
    "PlanOn",
    "Policy",
    "Reconcile",
    "Settle",
    "Skip",
    "Steer",
    "Take",
    "Wait",
    "decide",
]

_SKIP_AT_ONCE = 5_000
_LONGEST_DETAIL = 400  # characters: every slot of a lost night may get it
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The few numbers `decide` goes by.

    Attributes:
        late_share: a slot may be taken late by this share of the interval, never more (skip, never burst).
        lead: so long before its instant (a tenth of a short interval) a slot is prepared, so that only the request
            itself remains.
        focus: so long before its instant (a third of a short interval) a slot is prepared whose picture has to be
            focused; nothing for the cameras that need no focusing of ours.
        fetch_guard: no download reaches nearer than this to the next slot, or than a tenth of a short interval.
        planning: the next stretch is planned this long before a slot (half of a short interval), or behind it: a sun
            that does not set for months takes a small board a good part of a second.
        fetch_tries: a picture that failed this often stays on the card.
        fetch_cuts: one whose download a slot has ended this often waits until there is time, as after the last slot.
        steer: whether the exposure is chosen anew before each slot.
        fetch_pause: after a failed download the next one waits this long, and twice as long after each further one.
        backlog: so many pictures wait to be fetched at most, for memory's sake; the oldest then stay on the card.
        learn_shots: so many shots are watched until the camera is ready again, to learn how long it is busy.
        learn_from: where slots lie so far apart, its picture is only then fetched.
        wrap_up: how long after the last slot a lost camera is waited for, to fetch what it still holds.
        wrap_up_at_most: how long one that comes and goes is waited for in all.
    """

    late_share: float = 0.5
    lead: timedelta = timedelta(milliseconds=50)
    focus: timedelta = timedelta(0)
    steer: bool = False
    fetch_guard: timedelta = timedelta(milliseconds=250)
    planning: timedelta = timedelta(seconds=1)
    fetch_tries: int = 3
    fetch_cuts: int = 3
    fetch_pause: timedelta = timedelta(milliseconds=500)
    backlog: int = 5_000
    learn_shots: int = LEARN_SHOTS
    learn_from: timedelta = timedelta(seconds=10)
    wrap_up: timedelta = timedelta(seconds=30)
    wrap_up_at_most: timedelta = timedelta(minutes=10)


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
    """Release the shutter for `slot` at `due`; from `closes` on it is too late."""

    slot: int
    due: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Ask the camera what became of `slot`, whose answer is missing; never shoot for it again.

    Slots may go by meanwhile; when `last`, none follows, and a camera that does not tell is given up.
    """

    slot: int
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpIntent:
    """The camera did not come back to tell what became of `slot`."""

    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Watch until the camera is ready again after `slot`; at `until` the next slot is lost to it."""

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
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOn:
    """The slots planned so far end with `after`: plan the stretch that follows, or say that there is none.

    Asked for when no slot is planned behind the next one: at once where there is time before that one, else behind it.
    """

    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """Choose the exposure of `slot` and set it; stop at `until` in favour of the slot."""

    slot: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """All is done: `done`, or `stopped` on somebody's wish."""

    why: str


Action: TypeAlias = Wait | Connect | Take | Reconcile | GiveUpIntent | Settle | Fetch | Skip | PlanOn | Steer | Finish


def decide(session: Session, now: datetime, policy: Policy) -> Action:
    """Return the one thing to do now.

    Slots that went by are accounted for first, then questions left open, then the shutter; downloads and watching only
    get what time is left before the next slot. A pause rests the shutter, nothing else.

    Raises:
        ValueError: the shoot has not begun.
    """
    schedule = session.schedule
    if schedule is None:
        raise ValueError("the journal has no ShootBegan event yet")
    accounted = _missed(session, schedule, now, policy) or _left_on_card(session, policy)
    if accounted is not None:
        return accounted
    if session.stopping or schedule.is_over(session.next_slot):
        return _wrap_up(session, schedule, now, policy)
    unplanned = schedule.planned_to
    if unplanned is not None and not schedule.is_over(unplanned) and _plans_on(session, unplanned, now, policy):
        return PlanOn(after=unplanned - 1)
    due = schedule.instant(session.next_slot)
    closes = schedule.closes(session.next_slot, policy.late_share)
    if not session.connected:
        needed = not session.paused or session.open_intent is not None or session.unfetched
        return Connect(until=closes) if needed else Wait(until=closes)
    if session.open_intent is not None:
        return Reconcile(slot=session.open_intent, last=False)
    return _around_slot(session, due, closes, now, policy)


def _plans_on(session: Session, unplanned: int, now: datetime, policy: Policy) -> bool:
    """Say whether to plan now: with one slot left when there is time before it, without one at once."""
    assert session.schedule is not None
    if unplanned != session.next_slot + 1:
        return unplanned <= session.next_slot
    return session.schedule.instant(session.next_slot) - now >= _margin(policy.planning, session, share=2)


def _missed(session: Session, schedule: Schedule, now: datetime, policy: Policy) -> Skip | None:
    first = session.next_slot
    if session.stopping or schedule.is_over(first):
        return None
    last = schedule.closed_at(now, policy.late_share)
    if schedule.count is not None:
        last = min(last, schedule.count - 1)
    if last < first:
        return None
    last = min(last, first + _SKIP_AT_ONCE - 1)
    for hindrance, hindered in _hindrances(session, schedule, policy):
        if hindered >= first:
            return _skip(first, min(last, hindered), hindrance, session, policy)
    if session.paused:
        reason = GapReason.PAUSED
    elif not session.connected:
        reason = session.away
    elif session.open_intent is not None:
        reason = GapReason.CAMERA_BUSY
    else:
        reason = GapReason.HOST_LATE
    return _skip(first, last, reason, session, policy)


def _hindrances(session: Session, schedule: Schedule, policy: Policy) -> Iterator[tuple[GapReason, int]]:
    """Yield what kept slots from being taken, oldest first, each with the last slot of which that is true.

    A camera last heard to be busy was so when the slot before was due; else a slot has to be over by then.
    """
    if session.earlier is not None:
        reason, until = session.earlier
        busy = reason is GapReason.CAMERA_BUSY
        yield reason, schedule.slot_at(until) if busy else schedule.closed_at(until, policy.late_share)
    if session.hindered_until is not None:
        yield session.hindrance, schedule.closed_at(session.hindered_until, policy.late_share)


def _skip(first: int, last: int, reason: GapReason, session: Session, policy: Policy) -> Skip:
    """Skip slots for a reason, as many as it is true of.

    One that fell into a time when nothing ran here is that stall's, and one due before the camera was back is its
    absence's, as it was then, whatever has been found out since.
    """
    schedule = session.schedule
    assert schedule is not None
    due, since = schedule.instant(first), session.link_changed
    stall, without_camera = session.stall, reason in (GapReason.CAMERA_BUSY, GapReason.CAMERA_UNREACHABLE)
    if without_camera and session.absence is not None and _was_due_before_stall(session, due):
        assert session.stalled is not None
        (reason, detail), last = session.absence, min(last, schedule.slot_at(session.stalled[0]))
        return Skip(first=first, last=last, reason=reason, detail=detail[:_LONGEST_DETAIL])
    if session.stalled is not None and stall is not None and due < session.stalled[1]:
        before = schedule.closed_at(session.stalled[0], policy.late_share)
        if first > before:
            last = min(last, schedule.slot_at(session.stalled[1]))
            return Skip(first=first, last=last, reason=stall.reason, detail=stall.sentence)
        last = min(last, before)
    if without_camera and session.run_started is not None and due < session.run_started:
        reason, last = GapReason.NOT_RUNNING, min(last, schedule.slot_at(session.run_started))
    elif reason is GapReason.CAMERA_BUSY and session.connected and since is not None and due < since:
        reason, last = session.away, min(last, schedule.slot_at(since))
    away = not session.connected or reason is GapReason.CAMERA_UNREACHABLE
    told = away and reason in (GapReason.CAMERA_UNREACHABLE, GapReason.CAMERA_BUSY)
    told = told and (session.connected or reason is session.away)  # else the trouble is of a later moment
    return Skip(first=first, last=last, reason=reason, detail=session.trouble[:_LONGEST_DETAIL] if told else "")


def _was_due_before_stall(session: Session, due: datetime) -> bool:
    """Say whether a slot of this run was due before the last time when nothing ran here."""
    return session.stalled is not None and (session.run_started or due) <= due < session.stalled[0]


def _left_on_card(session: Session, policy: Policy) -> Skip | None:
    """Give up on a picture that failed too often, and on the oldest of too many that wait."""
    lost = next((shot for shot in session.unfetched if shot.failures >= policy.fetch_tries), None)
    if lost is None and len(session.unfetched) > policy.backlog:
        lost = session.unfetched[0]
    if lost is None:
        return None
    detail = lost.trouble or "there was no time to fetch it between the slots"
    return Skip(first=lost.slot, last=lost.slot, reason=GapReason.ON_CARD, detail=detail)


def _wrap_up(session: Session, schedule: Schedule, now: datetime, policy: Policy) -> Action:
    if session.open_intent is None and not session.unfetched:
        return Finish(why="stopped" if session.stopping else "done")
    if session.stopping and session.downloads_paused and session.open_intent is None:
        return Finish(why="stopped")  # the next run fetches what waits
    ended = max(schedule.instant(session.next_slot - 1), session.run_started or now, session.last_frame or _LONG_AGO)
    hopeless = now >= ended + policy.wrap_up_at_most
    if session.connected and not hopeless:
        if session.open_intent is not None:
            return Reconcile(slot=session.open_intent, last=True)
        ready = now + policy.wrap_up if session.downloads_paused else _fetch_pause_ends(session, policy)
        return Wait(until=ready) if now < ready else Fetch(shot=_to_fetch(session, policy), until=None)
    patience = max(ended, session.link_changed or now) + policy.wrap_up
    if now < patience and not hopeless:
        return Connect(until=patience)
    if session.open_intent is not None:
        return GiveUpIntent(slot=session.open_intent)
    lost = session.unfetched[0]
    detail = "the disk was full" if session.downloads_paused else lost.trouble or "the camera did not come back"
    return Skip(first=lost.slot, last=lost.slot, reason=GapReason.ON_CARD, detail=detail)


def _around_slot(session: Session, due: datetime, closes: datetime, now: datetime, policy: Policy) -> Action:
    focus = _margin(policy.focus, session, share=3)
    leave = closes if session.paused else due - max(focus, _margin(policy.fetch_guard, session))
    ready = _fetch_pause_ends(session, policy)
    fetches = bool(session.unfetched) and not session.downloads_paused
    watch = session.watched is not None and _is_tight(session, policy)
    if fetches and ready <= now < leave and not (watch and _is_learning(session, policy)):
        return Fetch(shot=_to_fetch(session, policy), until=leave)
    if session.watched is not None and watch:
        return Settle(slot=session.watched, until=closes)  # a slot taken late beats a gap
    if policy.steer and not session.paused and not _is_steered(session) and now < leave:
        return Steer(slot=session.next_slot, until=leave)
    until = closes if session.paused else due - max(focus, _margin(policy.lead, session))
    if now < until:
        return Wait(until=min(until, ready) if fetches and ready > now else until)
    return Take(slot=session.next_slot, due=due, closes=closes)


def _is_steered(session: Session) -> bool:
    return session.steered is not None and session.steered.slot >= session.next_slot


def _fetch_pause_ends(session: Session, policy: Policy) -> datetime:
    """Return when the next download may begin; pauses double with each failure of the picture in turn."""
    if session.fetch_failed is None or not session.unfetched:
        return _LONG_AGO
    pause: timedelta = policy.fetch_pause * 2.0 ** max(0, _to_fetch(session, policy).failures - 1)
    return session.fetch_failed + pause


def _to_fetch(session: Session, policy: Policy) -> Shot:
    """Return the shot whose picture is next: the one whose download a slot has ended, else the newest.

    One that failed, or was cut off again and again, comes when nothing else waits.
    """
    fresh = [shot for shot in session.unfetched if shot.cuts < policy.fetch_cuts]
    untried = [shot for shot in fresh if not shot.failures]
    begun = [shot for shot in untried if shot.cuts]
    return (begun or untried or fresh or session.unfetched)[-1]


def _is_tight(session: Session, policy: Policy) -> bool:
    """Say whether the camera has to be watched before the next slot: its busy time is unknown, or long."""
    assert session.schedule is not None
    if session.found_busy or len(session.busy) < policy.learn_shots:
        return True
    return session.schedule.interval_at(session.next_slot) < timedelta(seconds=2 * high(session.busy))


def _is_learning(session: Session, policy: Policy) -> bool:
    """Say whether to watch before a picture is fetched, for nobody sees during a download when the camera is ready.

    Only where that leaves time for the download.
    """
    assert session.schedule is not None
    interval = session.schedule.interval_at(session.next_slot)
    busy = timedelta(seconds=high(session.busy) if session.busy else 0.0)
    known = session.found_busy or len(session.busy) >= policy.learn_shots
    return not known and not session.paused and interval >= max(policy.learn_from, 2 * busy)


def _margin(wanted: timedelta, session: Session, *, share: int = 10) -> timedelta:
    """Return `wanted`, or the interval's tenth (or other share) where that is shorter."""
    assert session.schedule is not None
    return min(wanted, session.schedule.interval_at(session.next_slot) / share)
