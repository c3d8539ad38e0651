"""How long a camera is at work for one picture, learned from its last ones, and the shortest interval that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dayspool.core.events import IntervalTooShort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.core.session import Session

__all__ = ["LEARN_SHOTS", "high", "is_learned", "shortest_interval", "too_short"]

LEARN_SHOTS = 10  # so many shots are watched before anything is said of the camera
MARGIN = 1.2


def high(seconds: Sequence[float]) -> float:
    """Return what 95 of 100 of these times stay below, nearly; of less than twenty the longest one."""
    return sorted(seconds)[-max(1, len(seconds) // 20)]


def is_learned(session: Session) -> bool:
    """Say whether so many of its shots were watched that the camera's own times count."""
    return len(session.overheads) >= LEARN_SHOTS


def shortest_interval(session: Session, advised_seconds: float | None = None) -> timedelta | None:
    """Return the shortest interval that the camera keeps: its busy time near the 95th percentile, and a fifth more.

    An exposure that the ramp chose is left out of it, for the ramp fits it into the interval. Until enough shots were
    watched it is what users of the model advise; `None` where nobody does.
    """
    if not is_learned(session):
        return None if advised_seconds is None else timedelta(seconds=advised_seconds)
    return timedelta(seconds=round(max(0.0, high(session.overheads)) * MARGIN, 1))


def too_short(session: Session, advised_seconds: float | None = None) -> IntervalTooShort | None:
    """Return what is to be said of slots that come faster than the camera is ready; nothing if it was said.

    It is said again when a still shorter interval begins, and once more when what was advised has been measured.
    """
    shortest = shortest_interval(session, advised_seconds)
    if session.schedule is None or shortest is None:
        return None
    interval, learned = session.schedule.interval_at(session.next_slot), is_learned(session)
    said = session.too_short
    if interval >= shortest or (
        said is not None and interval.total_seconds() >= said.interval_seconds and learned <= said.learned
    ):
        return None
    return IntervalTooShort(
        shortest_seconds=shortest.total_seconds(), interval_seconds=interval.total_seconds(), learned=learned
    )
