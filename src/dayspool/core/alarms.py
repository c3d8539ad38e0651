"""Alarms on changes of state: what a shoot's record, the moment and the presence of its writer give to tell.

Pure: `review` looks at a `Watch` (core/watch.py) and returns it with the alarms that are due. A state is told when it
begins, after an hour, then each day while it lasts, and when it is over; one that began and ended between two looks is
told once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dayspool.core.alarm import ADVICE, Alarm, AlarmKind, Phase, Severity
from dayspool.core.events import ClockStepped, RunEnded
from dayspool.core.plan import duration_text
from dayspool.core.watch import begun, closed, next_due

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dayspool.core.watch import Losses, Trouble, Watch

__all__ = ["FORECASTS", "Patience", "Standing", "given_up", "review", "standing"]

FORECASTS = (AlarmKind.DISK_FILLING, AlarmKind.CARD_FILLING, AlarmKind.BATTERY_LOW)
_CRITICAL = frozenset({AlarmKind.CAMERA_LOST, AlarmKind.NOT_RUNNING, AlarmKind.CARD_FULL, AlarmKind.FROZEN_PICTURE})
_WORDS = {
    AlarmKind.GAPS: "slots are missing",
    AlarmKind.CAMERA_LOST: "camera lost",
    AlarmKind.FROZEN_PICTURE: "the camera gives an old picture",
    AlarmKind.CARD_FULL: "the camera's card is full",
    AlarmKind.HOST_STALLED: "the computer did nothing",
    AlarmKind.NOT_RUNNING: "dayspool is not running",
    AlarmKind.PAUSED: "still paused",
    AlarmKind.DISK_FULL: "disk full",
    AlarmKind.DISK_FILLING: "the disk will not last",
    AlarmKind.CARD_FILLING: "the card will not last",
    AlarmKind.BATTERY_LOW: "the battery will not last",
}
_OVER_WORDS = {
    AlarmKind.GAPS: "frames come again",
    AlarmKind.CAMERA_LOST: "camera found",
    AlarmKind.FROZEN_PICTURE: "new pictures again",
    AlarmKind.CARD_FULL: "the camera's card takes pictures again",
    AlarmKind.HOST_STALLED: "the computer works again",
    AlarmKind.NOT_RUNNING: "dayspool runs again",
    AlarmKind.PAUSED: "resumed",
    AlarmKind.DISK_FULL: "the disk has room again",
    AlarmKind.DISK_FILLING: "the disk will last",
    AlarmKind.CARD_FILLING: "the card will last",
    AlarmKind.BATTERY_LOW: "the battery will last",
}
_COME_TRUE = {AlarmKind.DISK_FILLING: AlarmKind.DISK_FULL, AlarmKind.CARD_FILLING: AlarmKind.CARD_FULL}
_ENDS = {"done": AlarmKind.DONE, "stopped": AlarmKind.STOPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited before something is told.

    Attributes:
        first_reminder: after a state was first told.
        reminders: from one reminder to the next.
        camera: a camera away so long is told before it costs three slots, if a slot is due.
        soon: a slot is due when it comes within this time.
        writer: how long the process may be away, as when systemd starts it again.
        silence: how long a process may write nothing although slots are due; at least three intervals.
        pause: how long a pause is not worth a word.
        calm: a forecast must be better for so long.
        hopeless: a shoot without a process so long is given up.
    """

    first_reminder: timedelta = timedelta(hours=1)
    reminders: timedelta = timedelta(days=1)
    camera: timedelta = timedelta(minutes=5)
    soon: timedelta = timedelta(minutes=10)
    writer: timedelta = timedelta(seconds=30)
    silence: timedelta = timedelta(minutes=2)
    pause: timedelta = timedelta(hours=1)
    calm: timedelta = timedelta(minutes=10)
    hopeless: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a shoot stands at a moment, for those that show values: `state` is one word, `problems` the open troubles."""

    state: str
    frames: int
    gaps: int
    last_frame_age_seconds: float | None
    next_slot: datetime | None
    battery: float | None
    disk_free_bytes: int | None
    problems: tuple[str, ...]


def review(
    past: Watch,
    now: datetime,
    *,
    alive: bool,
    forecasts: Mapping[AlarmKind, str] | None = None,
    patience: Patience | None = None,
) -> tuple[Watch, tuple[Alarm, ...]]:
    """Return the watch after a look at it, and what is to be told, in order.

    Args:
        past: what the journal told so far.
        now: the moment, aware, UTC, by the clock the shoot goes by.
        alive: whether a process writes the journal.
        forecasts: what will not last until the end, each with a sentence; kinds as in `FORECASTS`.
        patience: how long is waited before something is told.
    """
    patience = patience or Patience()
    seen = _by_the_clock(past, now, alive, patience)
    seen = _forecast(seen, now, forecasts or {}, patience)
    alarms: list[Alarm] = []
    if seen.step_cost is not None and isinstance(seen.step_cost.event, ClockStepped):
        alarms.append(_stepped(seen, now, seen.step_cost.event, seen.step_cost.utc))
        seen = replace(seen, step_cost=None)
    if seen.ended is not None and isinstance(seen.ended.event, RunEnded):
        alarms.append(_last_word(seen, now, seen.ended.event.why))
        return replace(seen, ended=None, troubles=(), loose={}, recent=(), exposed=0), tuple(alarms)
    kept: list[Trouble] = []
    for trouble in seen.troubles:
        phase = _phase(trouble, now, patience)
        if phase is not None:
            alarms.append(_told(seen, trouble, phase, now))
            trouble = replace(trouble, told=now, tellings=trouble.tellings + 1)
        if trouble.over is None:
            kept.append(trouble)
    return replace(seen, troubles=tuple(kept)), tuple(alarms)


def given_up(seen: Watch, now: datetime, patience: Patience | None = None) -> Alarm | None:
    """Return the last word on a shoot without a process whose slots are over, or that nobody continued for days."""
    patience = patience or Patience()
    session, gone = seen.session, seen.gone_since
    if gone is None or session.schedule is None:
        return None
    over = now - gone >= patience.writer and _slots_are_over(seen, now)
    if not over and now - gone < patience.hopeless:
        return None
    return _last_word(seen, now, "failed")


def standing(seen: Watch, now: datetime, *, alive: bool) -> Standing:
    """Return how the shoot stands now."""
    session, health = seen.session, seen.health
    age = None if session.last_frame is None else max(0.0, (now - session.last_frame).total_seconds())
    if session.ended is not None or session.run_started is None:
        state = session.ended or "waiting"
    elif not alive:
        state = "interrupted"
    else:
        state = "paused" if session.paused else "shooting"
    return Standing(
        state=state,
        frames=session.frames,
        gaps=session.gaps,
        last_frame_age_seconds=age,
        next_slot=next_due(session),
        battery=None if health is None else health.battery,
        disk_free_bytes=None if health is None else health.disk_free_bytes,
        problems=tuple(trouble.kind.value for trouble in seen.troubles if trouble.over is None),
    )


def _by_the_clock(seen: Watch, now: datetime, alive: bool, patience: Patience) -> Watch:
    """Begin what shows only as time goes by: nobody writes, nothing is written, no camera, a long pause."""
    session = seen.session
    if session.run_started is None or session.ended is not None:
        return replace(seen, gone_since=None)
    if not alive:
        gone = seen.gone_since or now
        seen = replace(seen, gone_since=gone)
        return begun(seen, AlarmKind.NOT_RUNNING, gone) if now - gone >= patience.writer else seen
    seen = replace(seen, gone_since=None)
    if session.paused and seen.paused_since is not None:
        return begun(seen, AlarmKind.PAUSED, seen.paused_since) if now - seen.paused_since >= patience.pause else seen
    due = next_due(session)
    if due is None or session.schedule is None:
        return seen
    silence = max(patience.silence, 3 * session.schedule.interval_at(session.next_slot))
    if now - max(due, seen.last_record or due) >= silence:
        return begun(seen, AlarmKind.HOST_STALLED, due, "the process is there and writes nothing")
    since = session.link_changed
    if not session.connected and since is not None and now - since >= patience.camera and due - now <= patience.soon:
        return begun(seen, AlarmKind.CAMERA_LOST, since, session.trouble)
    return seen


def _forecast(seen: Watch, now: datetime, forecasts: Mapping[AlarmKind, str], patience: Patience) -> Watch:
    for kind in FORECASTS:
        trouble = seen.open(kind)
        if kind in _COME_TRUE and seen.open(_COME_TRUE[kind]) is not None:
            continue  # what has come true is told as itself
        if kind in forecasts:
            seen = _changed(begun(seen, kind, now, forecasts[kind]), kind, detail=forecasts[kind], calm_since=None)
        elif trouble is not None and trouble.calm_since is None:
            seen = _changed(seen, kind, detail=trouble.detail, calm_since=now)
        elif trouble is not None and trouble.calm_since is not None and now - trouble.calm_since >= patience.calm:
            seen = closed(seen, kind, now)
    return seen


def _changed(seen: Watch, kind: AlarmKind, *, detail: str, calm_since: datetime | None) -> Watch:
    changed = (
        replace(one, detail=detail, calm_since=calm_since) if one.kind is kind and one.over is None else one
        for one in seen.troubles
    )
    return replace(seen, troubles=tuple(changed))


def _phase(trouble: Trouble, now: datetime, patience: Patience) -> Phase | None:
    """Return what is to be told of a trouble now, if anything."""
    if trouble.over is not None:
        return Phase.OVER if trouble.told is not None or trouble.lost else None
    if trouble.told is None:
        return Phase.BEGINS
    wait = patience.first_reminder if trouble.tellings == 1 else patience.reminders
    return Phase.LASTS if now - trouble.told >= wait else None


def _told(seen: Watch, trouble: Trouble, phase: Phase, now: datetime) -> Alarm:
    over = phase is Phase.OVER
    words = (_OVER_WORDS if over else _WORDS)[trouble.kind]
    lasted = duration_text(_whole_seconds((trouble.over or now) - trouble.since))
    lost = f", {trouble.lost} slots missing" if trouble.lost else ""
    title = f"{seen.shoot}: {words}{lost if over else ''}"
    if phase is Phase.LASTS:
        title = f"{title}, for {lasted} now"
    told = f"It lasted {lasted}{lost}." if over else f"Since {trouble.since:%Y-%m-%d %H:%M:%S} UTC{lost} so far."
    severity = Severity.CRITICAL if trouble.kind in _CRITICAL else Severity.WARNING
    return Alarm(
        kind=trouble.kind,
        phase=phase,
        severity=Severity.INFO if over else severity,
        shoot=seen.shoot,
        since=trouble.since,
        utc=now,
        title=title,
        body=_lines(told, *_reasons(trouble.losses), trouble.detail, "" if over else ADVICE[trouble.kind]),
        lost=trouble.lost,
    )


def _stepped(seen: Watch, now: datetime, event: ClockStepped, utc: datetime) -> Alarm:
    way = "ahead" if event.seconds > 0 else "back"
    return Alarm(
        kind=AlarmKind.CLOCK_STEPPED,
        phase=Phase.ONCE,
        severity=Severity.WARNING,
        shoot=seen.shoot,
        since=utc,
        utc=now,
        title=f"{seen.shoot}: the computer's clock stepped {abs(event.seconds):g} s {way}, and slots were missed",
        body=ADVICE[AlarmKind.CLOCK_STEPPED],
    )


def _last_word(seen: Watch, now: datetime, why: str) -> Alarm:
    """Return how the shoot ended, with every slot that no alarm has accounted for yet."""
    session = seen.session
    kind = _ENDS.get(why, AlarmKind.FAILED)
    failed = kind is AlarmKind.FAILED or (kind is AlarmKind.DONE and not session.frames)
    untold = sum(seen.loose.values()) + sum(trouble.lost for trouble in seen.troubles)
    problems = [f"Until the end: {_WORDS[one.kind]}." for one in seen.troubles if one.over is None]
    reasons = [line for losses in (seen.loose, *(one.losses for one in seen.troubles)) for line in _reasons(losses)]
    return Alarm(
        kind=kind,
        phase=Phase.ONCE,
        severity=Severity.CRITICAL if failed else Severity.INFO,
        shoot=seen.shoot,
        since=now if seen.ended is None else seen.ended.utc,
        utc=now,
        title=f"{seen.shoot}: {kind.value}, {session.frames} frames, {session.gaps} gaps",
        body=_lines(
            f"Not summed up before: {untold} gaps." if untold else "",
            *reasons,
            *problems,
            ADVICE[AlarmKind.FAILED] if failed else "",
        ),
        lost=untold,
    )


def _slots_are_over(seen: Watch, now: datetime) -> bool:
    session = seen.session
    last = None if session.schedule is None else session.schedule.last_slot()
    if session.schedule is None or last is None:
        return False
    if session.schedule.is_over(session.next_slot):
        return True
    return session.schedule.is_planned(last) and session.schedule.instant(last) + timedelta(hours=1) < now


def _reasons(losses: Losses) -> Iterable[str]:
    return (f"{count} × {reason.sentence}" for reason, count in sorted(losses.items(), key=lambda one: -one[1]))


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _whole_seconds(length: timedelta) -> timedelta:
    return timedelta(seconds=max(0, round(length.total_seconds())))
