"""The slots of a shoot as events: how it begins, how it goes on after a restart, and the next stretch of its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.core.events import ShootBegan, SlotsOver, StretchPlanned
from dayspool.core.windows import planned_stretches
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from datetime import datetime

    from dayspool.core.plan import Plan
    from dayspool.core.schedule import Schedule, Stretch

__all__ = ["begun", "next_stretch", "refuse_another"]


def begun(plan: Plan, now: datetime) -> tuple[ShootBegan | StretchPlanned, ...]:
    """Return the events that begin a shoot of `plan` now.

    Raises:
        PlanError: the plan has no slot from now on.
    """
    schedule = plan.schedule(now)
    began = ShootBegan(
        origin=schedule.origin.isoformat(),
        interval_seconds=plan.interval.total_seconds(),
        count=schedule.count,
        source="camera",
    )
    return (began,)


def refuse_another(plan: Plan, schedule: Schedule) -> None:
    """Raise where the slots of a shoot that has begun are not those of `plan`.

    Raises:
        PlanError: the plan has another interval.
    """
    if schedule.interval_at(0) != plan.interval:
        raise PlanError(
            f"every: this shoot has a slot every {schedule.interval_at(0).total_seconds():g} s since it began; "
            "begin another folder for another interval"
        )


def next_stretch(plan: Plan, schedule: Schedule) -> StretchPlanned | SlotsOver:
    """Return what follows the stretches planned so far."""
    last = schedule.stretches[-1]
    stretch = next(planned_stretches(plan, schedule.origin, after=last), None)
    return SlotsOver(count=last.end or 0) if stretch is None else _planned(stretch)


def _planned(stretch: Stretch) -> StretchPlanned:
    return StretchPlanned(
        first=stretch.first,
        origin=stretch.origin.isoformat(),
        interval_seconds=stretch.interval.total_seconds(),
        count=stretch.count,
        window=stretch.window,
        why=stretch.why,
    )
