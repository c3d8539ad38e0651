"""Exposures that follow each other without being asked for: continuous shooting, and the camera's own time-lapse."""

from __future__ import annotations

from dataclasses import dataclass

from dayspool.sim.parts import Status

__all__ = ["Series"]

_BURST_KEPT = 100  # of continuous shooting, so many can be fetched; our choice


@dataclass(slots=True, kw_only=True)
class Series:
    """One series: what the camera is doing then, since when and how far apart (loop seconds), and how many there are.

    Attributes:
        limit: after so many it ends by itself.
        taken: how many there have been.
    """

    status: Status
    since: float
    gap: float
    limit: int | None = None
    taken: int = 0

    @property
    def next_moment(self) -> float:
        """When the next exposure begins, in loop seconds."""
        return self.since + self.taken * self.gap

    def kept(self, pictures_kept: int) -> int:
        """Return how many of its pictures can be fetched, on a body that keeps so many of single shots."""
        return _BURST_KEPT if self.status is Status.STILL_CAPTURING else pictures_kept
