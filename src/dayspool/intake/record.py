"""An import, done: pictures copied into a shoot and every slot of it written into a journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.core.events import Gap, RunEnded, ShootBegan
from dayspool.core.frame import GapReason
from dayspool.errors import JournalUnwritable, PlanError
from dayspool.intake.adopt import copy_in
from dayspool.intake.plan import plan_import
from dayspool.journal import JournalWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta
    from pathlib import Path

    from dayspool.core.schedule import Schedule
    from dayspool.intake.folder import Unreadable
    from dayspool.intake.plan import ImportPlan

__all__ = ["ImportReport", "import_pictures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import made: as many frames and gaps together as there are slots."""

    schedule: Schedule
    imported: int
    gaps: tuple[int, ...]
    unreadable: tuple[Unreadable, ...]


def import_pictures(
    shoot: Path, paths: Iterable[Path], *, every: timedelta | None, utc: Callable[[], datetime]
) -> ImportReport:
    """Make a shoot of pictures; an interrupted import is gone on with by the same call.

    Raises:
        PlanError: no pictures, no times and no `every`, or the folder is another shoot already.
        JournalError, FrameError: as the journal and `copy_in`.
    """
    paths = list(paths)
    inside = [path for path in paths if path.is_dir() and shoot.resolve().is_relative_to(path.resolve())]
    if inside:
        raise PlanError(f"{shoot} lies inside {inside[0]}, which is only read; make the shoot elsewhere")
    plan = plan_import(paths, every)
    try:
        shoot.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnwritable(f"{shoot} cannot be made: {error.strerror}") from error
    with JournalWriter(shoot, utc) as journal:
        _begin(journal, shoot, plan)
        known = {row.slot for row in journal.slots()}
        for stored in copy_in(plan, shoot / "frames"):
            if stored.slot not in known:
                journal.append(stored)
        journal.append(
            *(Gap(slot=slot, reason=GapReason.NO_PICTURE) for slot in plan.gaps if slot not in known),
            RunEnded(why="done"),
        )
    return ImportReport(schedule=plan.schedule, imported=len(plan.placed), gaps=plan.gaps, unreadable=plan.unreadable)


def _begin(journal: JournalWriter, shoot: Path, plan: ImportPlan) -> None:
    """Fix the slots, or check that an import begun earlier has the same ones."""
    schedule = plan.schedule
    began = ShootBegan(
        origin=schedule.origin.isoformat(),
        interval_seconds=schedule.interval_at(0).total_seconds(),
        count=schedule.count,
        source="import",
    )
    before = journal.began()
    if before is None:
        journal.append(began)
    elif before != began:
        raise PlanError(f"{shoot} is another shoot already; import these pictures into a folder of their own")
