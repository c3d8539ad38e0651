"""The slots of a plan, stretch by stretch: windows of the day, phases, and an interval that follows the light.

`planned_stretches(plan, begins, sun, after=None)` yields the `Stretch`es of `plan` lazily, in order and numbered on:

- `begins`: when the shoot begins (before its first slot), or for one that has begun the instant of its slot 0;
- `sun`: the sun's elevation at the plan's place, in degrees without refraction, as a function of a moment in UTC
  (`dayspool.sun.sun_over(place)`); `None` where the plan has no place;
- `after`: the last stretch already planned (its `count` known): what follows it is yielded. `None` starts at slot 0.

The stretches end by themselves where the plan has an end; a plan without one goes on, with a last stretch of
`count=None` or for ever. The same arguments give the same stretches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from dayspool.core.schedule import Stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from dayspool.core.plan import Plan

    Sun: TypeAlias = Callable[[datetime], float]

__all__ = ["planned_stretches"]


def planned_stretches(
    plan: Plan, begins: datetime, sun: Sun | None = None, *, after: Stretch | None = None
) -> Iterator[Stretch]:
    """Yield the stretches of `plan`, see above.

    Raises:
        PlanError: the end lies before the first slot, or after the end of the calendar.
    """
    schedule = plan.schedule(begins)
    first = 0 if after is None else after.end
    if first is None or schedule.is_over(first):
        return
    count = None if schedule.count is None else schedule.count - first
    yield Stretch(first=first, origin=schedule.instant(first), interval=plan.interval, count=count)
