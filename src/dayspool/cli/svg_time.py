"""The time of a shoot along the bottom of a drawing: moments to pixels, and an axis in local time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from dayspool.cli.svg import line, text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TimeScale"]

_MARGIN = 8  # px between the frame of a panel and the first moment
_TICK_PX = 62  # between two labels, at least
_SECONDS = (5, 10, 15, 30, *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScale:
    """Time from `begin` to `end`, drawn from `left` to `right`, told in `zone`."""

    begin: datetime
    end: datetime
    zone: tzinfo
    left: float
    right: float

    def x(self, moment: datetime) -> float:
        """Return where a moment is drawn."""
        span = self.end - self.begin
        share = (moment - self.begin) / span if span else 0.5
        return round(self.left + _MARGIN + share * (self.right - self.left - 2 * _MARGIN), 1)

    def span_text(self) -> str:
        """Say from when until when, in local time."""
        begin, end = self.begin.astimezone(self.zone), self.end.astimezone(self.zone)
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{begin:%Y-%m-%d %H:%M} to {until} {end:%Z}"

    def axis(self, bottom: float) -> Iterator[str]:
        """Draw the local time below panels that end at `bottom`, in the finest steps that leave room for labels."""
        base = bottom - 8
        yield line(self.left, base, self.right, base, "tick")
        seconds = (self.end - self.begin).total_seconds()
        per_second = (self.right - self.left) / seconds if seconds else math.inf
        every = next((step for step in _SECONDS if step * per_second >= _TICK_PX), _SECONDS[-1])
        for moment in self._ticks(every):
            local, here = moment.astimezone(self.zone), self.x(moment)
            yield line(here, base, here, base + 5, "tick")
            form = "%H:%M:%S" if every < 60 else "%d %b" if every == _SECONDS[-1] else "%H:%M"
            yield text(here, base + 18, f"{local:{form}}", anchor="middle")
        for moment, here, anchor in ((self.begin, self.left, "start"), (self.end, self.right, "end")):
            label = f"{moment.astimezone(self.zone):%a %d %b %Y, %H:%M:%S %Z}"
            yield text(here, base + 36, label, cls="soft", anchor=anchor)

    def _ticks(self, every: int) -> Iterator[datetime]:
        moment = self.begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while moment <= self.end:
            local = moment.astimezone(self.zone)
            if moment >= self.begin and (local.hour * 3600 + local.minute * 60 + local.second) % every == 0:
                yield moment
            moment += timedelta(seconds=min(every, 900))  # there are zones of three quarters of an hour
