"""`dayspool status`: what happened in a shoot and what is next."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from dayspool.core.session import Session

__all__ = ["command"]

_MOST_DETAILS = 3  # of each kind of gap, the newest


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@json_option
def command(shoot: Path, output: Output) -> None:
    """Tell what happened in SHOOT and what is next."""
    from dayspool.clock import SystemClock
    from dayspool.journal import JournalReader, is_being_written

    with JournalReader(shoot) as journal:
        began, session = journal.began(), journal.session()
        gaps: list[dict[str, object]] = [
            {"slot": row.slot, "reason": row.gap_reason, "detail": row.gap_detail} for row in journal.gaps()
        ]
    state = _state(session, imported=began is not None and began.source == "import", alive=is_being_written(shoot))
    now = SystemClock().utc()
    age = None if session.last_frame is None else (now - session.last_frame).total_seconds()
    next_slot, due = _next(session)
    _tell(output, shoot, state, session, gaps, due)
    output.result(
        {
            "state": state,
            "frames": session.frames,
            "exposures": session.exposures,
            "slots": None if session.schedule is None else session.schedule.count,
            "gaps": gaps,
            "next_slot": next_slot,
            "next_due": due,
            "last_frame_age_s": age,
            "camera": None if session.camera is None else session.camera.model,
        }
    )


def _state(session: Session, *, imported: bool, alive: bool) -> str:
    if imported:
        return "imported"
    if alive:
        return "paused" if session.paused else "shooting"
    return session.ended or "interrupted"


def _next(session: Session) -> tuple[int | None, datetime | None]:
    """Return the next slot still to come and its instant, or nothing when the shoot is over."""
    schedule = session.schedule
    if schedule is None or schedule.is_over(session.next_slot) or not schedule.is_planned(session.next_slot):
        return None, None
    return session.next_slot, schedule.instant(session.next_slot).astimezone(UTC)


def _tell(
    output: Output, shoot: Path, state: str, session: Session, gaps: list[dict[str, object]], due: datetime | None
) -> None:
    schedule = session.schedule
    of = f" of {schedule.count}" if schedule is not None and schedule.count is not None else ""
    output.say(f"{shoot.name or shoot}: {state}, {session.frames}{of} frames, {len(gaps)} gaps")
    if schedule is not None:
        output.say(
            f"  every {duration_text(schedule.interval_at(session.next_slot))}, "
            f"first slot {schedule.origin.astimezone():%Y-%m-%d %H:%M:%S %Z}"
        )
    if due is not None:
        output.say(f"  next slot {session.next_slot} at {due.astimezone():%Y-%m-%d %H:%M:%S %Z}")
    for reason, count in Counter(gap["reason"] for gap in gaps).most_common():
        output.say(f"  {count} × {getattr(reason, 'sentence', reason)}")
        details = dict.fromkeys(str(gap["detail"]) for gap in gaps if gap["reason"] == reason and gap["detail"])
        for detail in list(details)[-_MOST_DETAILS:]:
            output.say(f"      {detail}")
