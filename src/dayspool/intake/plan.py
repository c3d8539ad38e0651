"""Work out an import before anything is copied: which picture goes to which slot, and what stays outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dayspool.core.schedule import Schedule, grid_at_or_after
from dayspool.errors import FrameUnreadable, PlanError
from dayspool.intake.folder import FoundPicture, Scan, Unreadable, scan
from dayspool.intake.match import assign_slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta
    from pathlib import Path

__all__ = ["ImportPlan", "Placed", "plan_import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A picture and the slot it goes to."""

    slot: int
    picture: FoundPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """An import, worked out: as many placed pictures and gaps together as there are slots.

    Attributes:
        schedule: the slots; their clock is the camera's, read as UTC, unless every picture tells its offset from UTC.
        placed: every readable picture, in slot order.
        gaps: the slots without a picture.
        moved: the slots whose picture had to make room for another (extra shots, equal times).
        unreadable: files left out, each with its reason.
        ignored: how many files in the folders are no pictures, or the JPEGs of RAW files.
        by_name: whether the pictures were numbered in name order, because not all tell when they were taken.
    """

    schedule: Schedule
    placed: tuple[Placed, ...]
    gaps: tuple[int, ...]
    moved: tuple[int, ...]
    unreadable: tuple[Unreadable, ...]
    ignored: int
    by_name: bool


def plan_import(paths: Iterable[Path], every: timedelta | None = None) -> ImportPlan:
    """Look at the pictures of folders (or single pictures) and give each its slot.

    Times from EXIF decide. `every` replaces the inferred interval; where a picture does not tell its time, it means
    that all are numbered in name order, one slot after the other.

    Raises:
        PlanError: there are no pictures, or they do not tell their slots and `every` was not given.
    """
    found = scan(paths)
    times = _instants(found.pictures)
    if times is not None:
        return _plan_by_time(found, times, every)
    if every is None:
        raise PlanError(_no_times(found.pictures))
    return _plan_by_name(found, every)


def _plan_by_time(found: Scan, times: Sequence[datetime], every: timedelta | None) -> ImportPlan:
    assigned = assign_slots(times, every)
    placed = (Placed(slot=slot, picture=picture) for slot, picture in zip(assigned.slots, found.pictures, strict=True))
    return ImportPlan(
        schedule=assigned.schedule,
        placed=tuple(sorted(placed, key=lambda one: one.slot)),
        gaps=assigned.gaps,
        moved=tuple(sorted(assigned.slots[place] for place in assigned.moved)),
        unreadable=found.unreadable,
        ignored=found.ignored,
        by_name=False,
    )


def _plan_by_name(found: Scan, every: timedelta) -> ImportPlan:
    """Number the pictures in name order; the first slot lies at the earliest time that any of them tells."""
    told = [moment for picture in found.pictures if (moment := picture.facts.instant(with_offset=False))]
    begins = min(told) if told else _modified(found.pictures[0].path)
    return ImportPlan(
        schedule=Schedule.even(origin=grid_at_or_after(begins, every), interval=every, count=len(found.pictures)),
        placed=tuple(Placed(slot=slot, picture=picture) for slot, picture in enumerate(found.pictures)),
        gaps=(),
        moved=(),
        unreadable=found.unreadable,
        ignored=found.ignored,
        by_name=True,
    )


def _instants(pictures: Sequence[FoundPicture]) -> list[datetime] | None:
    """Return when each was taken, or `None` if one of them does not say; offsets count only if all have one."""
    with_offset = all(picture.facts.offset is not None for picture in pictures)
    times = [picture.facts.instant(with_offset=with_offset) for picture in pictures]
    told = [moment for moment in times if moment is not None]
    return told if len(told) == len(times) else None


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise FrameUnreadable(f"{path}: the file went away during the import: {error.strerror}") from error


def _no_times(pictures: Sequence[FoundPicture]) -> str:
    silent = [picture.path.name for picture in pictures if picture.facts.taken_local is None]
    return (
        f"every: {len(silent)} of {len(pictures)} pictures do not tell when they were taken "
        f"(the first is {silent[0]}); say the interval, such as --every 10s, "
        "and they are numbered in the order of their names"
    )
