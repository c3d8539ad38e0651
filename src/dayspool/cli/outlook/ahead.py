"""The slots ahead of a folder's plan: those that its journal has settled, and what follows from the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from dayspool.cli.outlook.outlook import outlook_of
from dayspool.core.events import Record, RunStarted
from dayspool.core.plan import Mistake, duration_text
from dayspool.core.schedule import grid_at_or_after
from dayspool.core.session import fold
from dayspool.core.windows import planned_stretches, schedule_of
from dayspool.errors import PlanError
from dayspool.journal import FILE_NAME, JournalReader
from dayspool.shoot.slots import SlotPlanner
from dayspool.sun import sun_over

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dayspool.cli.outlook.outlook import Outlook
    from dayspool.config import PlanFile
    from dayspool.core.plan import Plan
    from dayspool.core.schedule import Schedule, Stretch
    from dayspool.core.sun_events import Sun

__all__ = ["outlook_ahead"]

_SHOWN_ENDLESS = timedelta(days=7)  # so far windows without an end are looked at
_LONGEST = timedelta(days=1100)  # so far others are, which takes seconds for each year


def outlook_ahead(shoot: Path | None, planned: PlanFile, now: datetime) -> Outlook:
    """Return what is ahead: from the journal's slots once the shoot has begun, else as if it began `now`.

    Raises:
        PlanError: no slot is due, or what is fixed since the shoot began was changed.
        JournalError: its journal cannot be read.
    """
    plan = planned.plan()
    sun = None if plan.place is None else sun_over(plan.place)
    begun = None if shoot is None or not (shoot / FILE_NAME).exists() else _begun(shoot, planned, now)
    try:
        stretches = tuple(_stretches(plan, begun, now, sun))
        count = None if _is_endless(plan) else stretches[-1].end
        until = _end(plan, stretches[0].origin)
        return outlook_of(stretches, place=plan.place, zone=plan.zone, count=count, until=until)
    except OverflowError:
        raise PlanError("the shoot would go on until after the year 9999") from None


def _end(plan: Plan, first: datetime) -> datetime | None:
    """Return when the plan ends, where it says so by itself; windows may be shut for the last days of it."""
    if plan.length is not None:
        return first + plan.length
    return plan.end if isinstance(plan.end, datetime) else None


def _begun(shoot: Path, planned: PlanFile, now: datetime) -> Schedule | None:
    """Return the slots of a shoot as its next run would find them, with what was changed in its plan since."""
    with JournalReader(shoot) as journal:
        session = journal.session()
    if session.schedule is None:
        return None
    plan = planned.plan()
    if plan.is_even:
        _refuse_other_slots(session.schedule, planned)
    planner = SlotPlanner(plan)
    again = RunStarted(pid=0, version="", count=planner.count(session.schedule))
    for event in (again, *planner.resumed(session, now)):
        session = fold(session, Record(seq=0, utc=now, event=event))
    return session.schedule


def _stretches(plan: Plan, begun: Schedule | None, now: datetime, sun: Sun | None) -> Iterator[Stretch]:
    """Yield the stretches known so far, and what follows from the plan; a week of it where it has no end."""
    known = schedule_of(plan, now, sun) if begun is None else begun
    last = known.stretches[-1]
    if known.count is not None:
        last = replace(last, count=min(last.count or known.count, max(1, known.count - last.first)))
    ahead = planned_stretches(plan, known.origin, sun, after=last)
    until: datetime | None = None
    for stretch in chain(known.stretches[:-1], (last,), ahead):
        until = until or stretch.origin + _SHOWN_ENDLESS
        if _is_endless(plan) and stretch.origin >= until:
            return
        if stretch.origin - known.origin > _LONGEST:
            keys = [key for key, end in (("for", plan.length), ("frames", plan.frames)) if end is not None] or ["until"]
            raise PlanError(Mistake("slots of windows, phases and light are counted for three years at most", *keys))
        yield stretch


def _is_endless(plan: Plan) -> bool:
    return plan.length is None and plan.frames is None and plan.end is None


def _refuse_other_slots(begun: Schedule, planned: PlanFile) -> None:
    """Raise what is fixed since the shoot began and was changed in its plan all the same."""
    every = begun.interval_at(0)
    if planned.every != every:
        raise PlanError(
            f"every: this shoot has a slot every {duration_text(every)} since it began, and its plan now says "
            f"{duration_text(planned.every)}; put it back, or begin another folder"
        )
    if grid_at_or_after(begun.origin, planned.every, planned.offset) != begun.origin:
        raise PlanError(
            f"offset: the slots of this shoot are fixed since it began, and {duration_text(planned.offset)} would move "
            "them; put it back, or begin another folder"
        )
