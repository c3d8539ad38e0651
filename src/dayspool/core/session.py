"""Where a shoot stands: `fold` reads the record, event by event.

Pure: the same journal gives the same session, in a test, after a crash, at three at night. A session is small whatever
the length of the shoot, because it keeps counts and not frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dayspool.core.events import (
    BiasAsked,
    CameraIdle,
    CameraLost,
    CameraReady,
    ClockStepped,
    DownloadsPaused,
    DownloadsResumed,
    ExposureSteered,
    FetchFailed,
    FocusHeld,
    FrameMetered,
    FrameStored,
    Gap,
    HostStalled,
    IntervalTooShort,
    Paused,
    Record,
    Resumed,
    RunEnded,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
    SlotsOver,
    StopAsked,
    StretchPlanned,
)
from dayspool.core.frame import GapReason, Shot
from dayspool.core.schedule import Schedule, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Session", "fold", "fold_all"]

_BUSY_MEMORY = 100
_PICTURE_MEMORY = 100
_WAKING = timedelta(seconds=1)  # what is found so soon after a stall was found on waking
_LIGHT_MEMORY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All that the loop needs to know of the past.

    Attributes:
        schedule: begun by the first event, and planned on from stretch to stretch.
        next_slot: the lowest slot about which nothing is decided yet.
        open_intent: a slot whose shutter request may have left, without an outcome.
        intent_lost: how the link broke on which its answer was waited for.
        unfetched: exposures whose picture is still to be fetched, oldest first.
        fetch_failed: when a download last failed.
        downloads_paused: the disk has no room for pictures.
        last_url: the newest picture of the camera that cannot belong to an open intent.
        hindrance: what kept slots from being taken until `hindered_until`: no run, no camera, a camera still exposing,
            a pause.
        earlier: what its absence was before that changed, and until when.
        stalled: from when to when this machine or process did nothing, the last time.
        stall: how that was told.
        absence: what the camera's absence was to a slot when that began, and how it showed; `None`: it was there.
        link_changed: when the camera was last lost or found.
        away: what its absence is to a slot: it cannot be reached, or it answers and is not ready to shoot.
        trouble: how its loss showed, or what the last attempt to get it back came upon.
        watched: the slot after which the camera has still to be seen ready.
        found_busy: the camera refused the last slot for being busy, and was not seen ready since.
        busy: the last busy times seen, in seconds.
        pictures: digest and slot of the last frames.
        camera_ahead: by how much the camera's clock was ahead of UTC when it took the last frame that tells.
        scene_evs: the light of the scene in the last few frames that were metered, in EV at ISO 100.
        steered: what the ramp chose last.
        bias_ev: how much brighter a person wants the pictures.
        clock_ahead: by how much this machine's wall clock is ahead of the time that this run follows, and records have.
        unfocused: how many shots in a row failed at the shutter, most often for want of light to focus by.
        focus_held: autofocus was left for manual focus.
        overheads: the last times from a request to the camera's rest less the exposure itself, in seconds.
        too_short: what was last said of an interval that the camera cannot keep.
    """

    schedule: Schedule | None = None
    next_slot: int = 0
    open_intent: int | None = None
    intent_lost: str | None = None
    unfetched: tuple[Shot, ...] = ()
    fetch_failed: datetime | None = None
    downloads_paused: bool = False
    last_url: str | None = None
    connected: bool = False
    camera: CameraReady | None = None
    run_started: datetime | None = None
    stalled: tuple[datetime, datetime] | None = None
    stall: HostStalled | None = None
    absence: tuple[GapReason, str] | None = None
    link_changed: datetime | None = None
    away: GapReason = GapReason.CAMERA_UNREACHABLE
    trouble: str = ""
    hindrance: GapReason = GapReason.NOT_RUNNING
    hindered_until: datetime | None = None
    earlier: tuple[GapReason, datetime] | None = None
    paused: bool = False
    stopping: bool = False
    ended: str | None = None
    frames: int = 0
    gaps: int = 0
    exposures: int = 0
    last_frame: datetime | None = None
    watched: int | None = None
    found_busy: bool = False
    busy: tuple[float, ...] = ()
    pictures: tuple[tuple[str, int], ...] = ()
    camera_ahead: timedelta | None = None
    scene_evs: tuple[float, ...] = ()
    steered: ExposureSteered | None = None
    bias_ev: float = 0.0
    clock_ahead: timedelta = timedelta(0)
    unfocused: int = 0
    focus_held: bool = False
    overheads: tuple[float, ...] = ()
    too_short: IntervalTooShort | None = None


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
            return replace(session, schedule=_schedule(began))
        case StretchPlanned() as planned if session.schedule is not None:
            return replace(session, schedule=session.schedule.with_stretch(_stretch(planned)))
        case SlotsOver(count=count) if session.schedule is not None:
            return replace(session, schedule=session.schedule.with_count(count))
        case RunStarted(count=count):
            return _new_run(session, record, count)
        case RunEnded(why=why):
            return replace(session, ended=why, connected=False)
        case CameraLost() as lost if not session.connected:  # an attempt to get it back failed in a new way
            return _found_away(session, record, lost)
        case CameraReady() | CameraLost() as change:
            return _link_changed(session, record, change)
        case ShotIntended(slot=slot):
            return replace(session, open_intent=slot, intent_lost=None, next_slot=slot + 1, watched=slot)
        case ShotTaken(slot=slot, url=url):
            shot = Shot(slot=slot, url=url)
            taken = {
                "unfetched": (*session.unfetched, shot),
                "last_url": url,
                "exposures": session.exposures + 1,
                "unfocused": 0,
            }
            return _busy_until(session, record, refused=False, **taken)
        case CameraIdle() as idle:
            return _at_rest(session, idle)
        case FetchFailed() as failed:
            return _failed_to_fetch(session, record, failed)
        case DownloadsPaused() | DownloadsResumed() as change:
            return replace(session, downloads_paused=isinstance(change, DownloadsPaused))
        case FrameStored() as stored:
            return _stored(session, record, stored)
        case FrameMetered(scene_ev=scene_ev) if scene_ev is not None:
            return replace(session, scene_evs=(*session.scene_evs, scene_ev)[-_LIGHT_MEMORY:])
        case Gap(slot=slot, reason=reason):
            if slot == session.open_intent:
                session = _busy_until(session, record, refused=reason is GapReason.CAMERA_BUSY)
                if reason is GapReason.HOST_LATE:
                    session = replace(session, hindrance=reason)
            unfocused = session.unfocused + (reason is GapReason.SHUTTER_FAILED)
            return _decided(session, slot, gaps=session.gaps + 1, unfocused=unfocused)
        case HostStalled(seconds=seconds) as stall:
            stalled = (record.utc - timedelta(seconds=seconds), record.utc)
            absence = None if session.connected else (session.away, session.trouble)
            return replace(session, stalled=stalled, stall=stall, absence=absence)
        case Paused():
            return replace(session, paused=True)
        case Resumed():
            return replace(session, paused=False, hindrance=GapReason.PAUSED, hindered_until=record.utc)
        case StopAsked():
            return replace(session, stopping=True)
        case FocusHeld():
            return replace(session, focus_held=True)
        case ExposureSteered() as steered:
            return replace(session, steered=steered)
        case IntervalTooShort() as said:
            return replace(session, too_short=said)
        case ClockStepped(seconds=seconds):
            return replace(session, clock_ahead=session.clock_ahead + timedelta(seconds=seconds))
        case BiasAsked(ev=ev):
            return replace(session, bias_ev=ev)
    return session


def _schedule(began: ShootBegan) -> Schedule:
    return Schedule.even(
        origin=datetime.fromisoformat(began.origin).astimezone(UTC),
        interval=timedelta(seconds=began.interval_seconds),
        count=began.count,
    )


def _stretch(planned: StretchPlanned) -> Stretch:
    return Stretch(
        first=planned.first,
        origin=datetime.fromisoformat(planned.origin).astimezone(UTC),
        interval=timedelta(seconds=planned.interval_seconds),
        count=planned.count,
        window=planned.window,
        why=planned.why,
    )


def _new_run(session: Session, record: Record, count: int | None) -> Session:
    known = session.schedule
    return replace(
        session,
        schedule=None if known is None else known.with_count(count),
        hindrance=GapReason.NOT_RUNNING,
        hindered_until=record.utc,
        run_started=record.utc,
        link_changed=record.utc,
        away=GapReason.CAMERA_UNREACHABLE,
        earlier=None,
        trouble="",
        connected=False,
        stopping=False,
        ended=None,
        watched=None,
        fetch_failed=None,
        clock_ahead=timedelta(0),
    )


def _link_changed(session: Session, record: Record, change: CameraReady | CameraLost) -> Session:
    """Every moment up to a loss or a find counts as without a camera, unless it was heard to be at work."""
    session = replace(
        session,
        connected=isinstance(change, CameraReady),
        link_changed=record.utc,
        hindrance=session.away,
        hindered_until=record.utc,
        steered=_unapplied(session),
    )
    if isinstance(change, CameraLost):
        away = _absence(change)
        session = replace(session, watched=None, trouble=change.detail, away=away)
        if session.open_intent is None:
            return replace(session, hindrance=away)
        at_work = change.heard or _has_just_woken(session, record)
        return replace(session, intent_lost=change.detail, hindrance=GapReason.CAMERA_BUSY if at_work else away)
    known = session.last_url if session.open_intent is not None else change.picture_url or session.last_url
    return replace(session, camera=change, last_url=known)


def _has_just_woken(session: Session, record: Record) -> bool:
    """Say whether nothing ran here until now: that an answer is overdue then tells nothing of the camera."""
    return session.stalled is not None and record.utc - session.stalled[1] < _WAKING


def _found_away(session: Session, record: Record, lost: CameraLost) -> Session:
    """The camera is still away; what that is to a slot changes with what was heard of it, not for the slots before."""
    away = _absence(lost)
    earlier = session.earlier
    if lost.busy_before is not None:
        earlier = GapReason.CAMERA_BUSY, record.utc - timedelta(seconds=lost.busy_before)
    elif session.away is GapReason.CAMERA_UNREACHABLE and away is GapReason.CAMERA_BUSY:
        earlier = session.away, record.utc
    return replace(session, trouble=lost.detail, away=away, earlier=earlier)


def _unapplied(session: Session) -> ExposureSteered | None:
    """Return the last choice of the ramp as one of an earlier slot: a camera that comes back has to be set anew."""
    steered = session.steered
    return None if steered is None else replace(steered, slot=min(steered.slot, session.next_slot - 1))


def _absence(lost: CameraLost) -> GapReason:
    return GapReason.CAMERA_BUSY if lost.answers else GapReason.CAMERA_UNREACHABLE


def _busy_until(session: Session, record: Record, *, refused: bool, **more: Any) -> Session:
    """The shutter request has its outcome; up to this moment the camera was busy with it. `more` changes as well."""
    return replace(
        session,
        open_intent=None,
        found_busy=refused,
        hindrance=GapReason.CAMERA_BUSY,
        hindered_until=record.utc,
        **more,
    )


def _at_rest(session: Session, idle: CameraIdle) -> Session:
    if idle.busy_seconds is None:
        return replace(session, watched=None, found_busy=False)
    steered = session.steered
    exposed = steered.shutter_seconds if steered is not None and steered.slot == idle.slot else None
    return replace(
        session,
        busy=(*session.busy, idle.busy_seconds)[-_BUSY_MEMORY:],
        overheads=(*session.overheads, idle.busy_seconds - (exposed or 0.0))[-_BUSY_MEMORY:],
        watched=None,
        found_busy=False,
    )


def _stored(session: Session, record: Record, stored: FrameStored) -> Session:
    pictures, ahead = session.pictures, session.camera_ahead
    if stored.digest is not None:
        pictures = (*pictures, (stored.digest, stored.slot))[-_PICTURE_MEMORY:]
    if stored.taken is not None and session.schedule is not None and session.schedule.is_planned(stored.slot):
        due = session.schedule.instant(stored.slot)
        ahead = datetime.fromisoformat(stored.taken).replace(tzinfo=UTC) - due
    return _decided(
        session,
        stored.slot,
        frames=session.frames + 1,
        last_frame=record.utc,
        fetch_failed=None,
        pictures=pictures,
        camera_ahead=ahead,
    )


def _failed_to_fetch(session: Session, record: Record, failed: FetchFailed) -> Session:
    failures, cuts = (0, 1) if failed.cut_off else (1, 0)
    unfetched = tuple(
        replace(shot, failures=shot.failures + failures, cuts=shot.cuts + cuts, trouble=failed.detail)
        if shot.slot == failed.slot
        else shot
        for shot in session.unfetched
    )
    return replace(session, unfetched=unfetched, fetch_failed=session.fetch_failed if failed.cut_off else record.utc)


def _decided(session: Session, slot: int, **more: Any) -> Session:
    left = tuple(shot for shot in session.unfetched if shot.slot != slot) if session.unfetched else ()
    return replace(session, unfetched=left, next_slot=max(session.next_slot, slot + 1), **more)
