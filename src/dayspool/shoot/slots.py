"""The slots of a shoot as events: how it begins, how it goes on after a restart, and each next stretch of its plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dayspool.core.events import ShootBegan, SlotsOver, StretchPlanned
from dayspool.core.pace import IntervalRamp
from dayspool.core.windows import count_of, planned_stretches, schedule_of
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from datetime import datetime

    from dayspool.core.plan import Plan
    from dayspool.core.schedule import Schedule, Stretch
    from dayspool.core.session import Session

__all__ = ["SlotPlanner"]


class SlotPlanner:
    """Makes the slots of one plan, a stretch at a time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sun = None
        if plan.place is not None:
            from dayspool.sun import sun_over

            self._sun = sun_over(plan.place)

    def begun(self, now: datetime, *, ready_in: timedelta = timedelta(0)) -> tuple[ShootBegan | StretchPlanned, ...]:
        """Return the events that begin the shoot now, with a camera that takes pictures after `ready_in`.

        A plan that names no moment to begin at has its first slot then, or two intervals from now where that is sooner.

        Raises:
            PlanError: the plan has no slot from now on.
        """
        begins = now if self._plan.start is not None else now + min(ready_in, 2 * self._plan.interval)
        schedule = schedule_of(self._plan, begins, self._sun)
        (first,) = schedule.stretches
        began = ShootBegan(
            origin=first.origin.isoformat(),
            interval_seconds=first.interval.total_seconds(),
            count=schedule.count,
            source="camera",
        )
        return (began,) if self._plan.is_even else (began, _planned(first))

    def count(self, schedule: Schedule) -> int | None:
        """Return how many slots the plan has in all, as far as it is known beforehand.

        Where the slots so far were of several stretches, a plan that is even by now says nothing of their number.

        Raises:
            PlanError: the end comes before the first slot.
        """
        if self._plan.is_even and not _is_even(schedule):
            return self._plan.frames
        return count_of(self._plan, schedule.origin, self._sun)

    def goes_on(self, session: Session) -> bool:
        """Say whether the plan, as it is now, has slots behind those that are settled.

        Raises:
            PlanError: the end comes before the first slot.
        """
        schedule = session.schedule
        assert schedule is not None
        count = self.count(schedule)
        if count is not None or schedule.planned_to is None:
            settled = session.next_slot if schedule.count is None else schedule.count
            return count is None or settled < count
        return isinstance(self.next_stretch(session), StretchPlanned)

    def resumed(self, session: Session, now: datetime) -> tuple[StretchPlanned | SlotsOver, ...]:
        """Return what the plan, as it is now, changes of the slots that are not due yet; nothing if it is as it was.

        Raises:
            PlanError: a shoot of one interval has another in its plan.
        """
        schedule = session.schedule
        assert schedule is not None
        if self._plan.is_even and _is_even(schedule):
            self._refuse_another(schedule)
            return ()
        gone_by = (
            schedule.slot_at(now) + 1 if schedule.count is None else min(schedule.slot_at(now) + 1, schedule.count)
        )
        schedule = schedule.with_count(self.count(schedule))  # the end that it had is the old plan's
        first = max(session.next_slot, gone_by)
        while schedule.is_planned(first) and not schedule.is_over(first):
            there = schedule.stretch_of(first)
            metered = there.interval if self._follows_meter(there) else None
            wanted = self._from(schedule, first, now, metered)
            if wanted is None:
                return (SlotsOver(count=first),)
            if wanted != _rest(there, first):
                return (_planned(wanted),)
            if there.end is None:
                break
            first = there.end
        return ()

    def next_stretch(self, session: Session) -> StretchPlanned | SlotsOver:
        """Return what follows the stretches planned so far."""
        schedule = session.schedule
        assert schedule is not None
        last = schedule.stretches[-1]
        metered = None
        if self._plan.light == "meter":
            held = last.interval if self._follows_meter(last) else None
            metered = IntervalRamp(self._plan).by_meter(session.scene_evs, held)
        after = planned_stretches(self._plan, schedule.origin, self._sun, after=last, metered=metered)
        stretch = next(after, None)
        return SlotsOver(count=last.end or 0) if stretch is None else _planned(stretch)

    def retimed(self, session: Session) -> StretchPlanned | None:
        """Return the slots from the next one on, where the meter asks for another interval."""
        schedule, first = session.schedule, session.next_slot
        if self._plan.light != "meter" or schedule is None or first == 0 or not schedule.is_planned(first):
            return None
        there = schedule.stretch_of(first)
        if not self._follows_meter(there):
            return None
        wanted = IntervalRamp(self._plan).by_meter(session.scene_evs, there.interval)
        if wanted in (None, there.interval):
            return None
        stretch = self._from(schedule, first, schedule.origin, wanted)
        return None if stretch is None else _planned(stretch)

    def _from(self, schedule: Schedule, first: int, begins: datetime, metered: timedelta | None) -> Stretch | None:
        """Return the plan's stretch from slot `first` on, behind what the schedule has before it."""
        if first == 0:
            return next(planned_stretches(self._plan, begins, self._sun, metered=metered), None)
        before = schedule.stretch_of(first - 1)
        after = replace(before, count=first - before.first)
        return next(planned_stretches(self._plan, schedule.origin, self._sun, after=after, metered=metered), None)

    def _follows_meter(self, stretch: Stretch) -> bool:
        return self._plan.light == "meter" and stretch.why not in {phase.name for phase in self._plan.phases}

    def _refuse_another(self, schedule: Schedule) -> None:
        if schedule.interval_at(0) != self._plan.interval:
            raise PlanError(
                f"every: this shoot has a slot every {schedule.interval_at(0).total_seconds():g} s since it began; "
                "begin another folder for another interval"
            )


def _is_even(schedule: Schedule) -> bool:
    """Say whether all slots are one stretch that goes on."""
    return len(schedule.stretches) == 1 and schedule.planned_to is None


def _rest(stretch: Stretch, first: int) -> Stretch:
    """Return a stretch from one of its slots on."""
    count = None if stretch.end is None else stretch.end - first
    return replace(stretch, first=first, origin=stretch.instant(first), count=count)


def _planned(stretch: Stretch) -> StretchPlanned:
    return StretchPlanned(
        first=stretch.first,
        origin=stretch.origin.isoformat(),
        interval_seconds=stretch.interval.total_seconds(),
        count=stretch.count,
        window=stretch.window,
        why=stretch.why,
    )
