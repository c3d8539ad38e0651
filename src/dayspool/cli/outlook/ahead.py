"""The slots ahead of a folder's plan: those that its journal has settled, and what follows from the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from dayspool.cli.outlook.outlook import outlook_of
from dayspool.core.plan import duration_text
from dayspool.core.schedule import grid_at_or_after
from dayspool.core.windows import count_of, planned_stretches, schedule_of
from dayspool.errors import PlanError
from dayspool.journal import FILE_NAME, JournalReader
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


def outlook_ahead(shoot: Path | None, planned: PlanFile, now: datetime) -> Outlook:
    """Return what is ahead: from the journal's slots once the shoot has begun, else as if it began `now`.

    Raises:
        PlanError: no slot is due, or what is fixed since the shoot began was changed.
        JournalError: its journal cannot be read.
    """
    begun = None
    if shoot is not None and (shoot / FILE_NAME).exists():
        with JournalReader(shoot) as journal:
            begun = journal.session().schedule
    plan = planned.plan()
    if begun is not None and plan.is_even:
        _refuse_other_slots(begun, planned)
    sun = None if plan.place is None else sun_over(plan.place)
    try:
        stretches = tuple((_even if plan.is_even else _uneven)(plan, begun, now, sun))
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


def _even(plan: Plan, begun: Schedule | None, now: datetime, sun: Sun | None) -> Iterator[Stretch]:
    """Yield the stretches of a plan of one interval; a shoot may have been made longer since it began."""
    schedule = schedule_of(plan, now, sun) if begun is None else begun.with_count(count_of(plan, begun.origin, sun))
    *settled, last = schedule.stretches
    yield from settled
    yield last if schedule.count is None else replace(last, count=max(1, schedule.count - last.first))


def _uneven(plan: Plan, begun: Schedule | None, now: datetime, sun: Sun | None) -> Iterator[Stretch]:
    """Yield the stretches that the journal has settled, and what follows from the plan; a week where it has no end."""
    if begun is None:
        _ = schedule_of(plan, now, sun)  # says what is wrong where no slot is due
        ahead = planned_stretches(plan, now, sun)
    else:
        ahead = chain(begun.stretches, planned_stretches(plan, begun.origin, sun, after=begun.stretches[-1]))
    until: datetime | None = None
    for stretch in ahead:
        until = until or stretch.origin + _SHOWN_ENDLESS
        if _is_endless(plan) and stretch.origin >= until:
            return
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
