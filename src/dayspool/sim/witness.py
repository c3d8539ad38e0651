"""What the simulated camera could do at each moment, and what became of every request for a picture.

The truth to hold a client's journal against: it is told by the camera itself and knows nothing of the client.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dayspool.sim.kinds import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dayspool.sim.faults import Faults

__all__ = ["Attempt", "Hindrance", "Span", "Witness"]


class Hindrance(StrEnum):
    """Why the camera could not expose at a moment, or did not on a request."""

    AWAY = "away"  # its network was not there
    HUNG = "hung"  # it took connections and said nothing
    NOT_READY = "not-ready"  # error 40401
    AT_WORK = "at-work"  # exposing or saving
    REQUEST_LOST = "request-lost"  # the connection ended before the request was read
    REFUSED = "refused"  # any other error


_HINDERS = {FaultKind.LINK_DOWN: Hindrance.AWAY, FaultKind.SILENT: Hindrance.HUNG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `begins` to before `ends` (aware, UTC) the camera could not expose, and why."""

    begins: datetime
    ends: datetime
    why: Hindrance


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request for a picture that the camera saw: the exposure that came of it, or why none did."""

    utc: datetime
    exposure: int | None = None
    why: Hindrance | None = None


class Witness:
    """Sees what one camera does, from switch-on on.

    Attributes:
        attempts: every request for a picture that reached it, in order.
        repeated: the exposures for which it gave the picture of the one before.
    """

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.repeated: set[int] = set()
        self._spans: list[Span] = []
        self._begins: list[datetime] = []
        self._longest = timedelta(0)

    def watch(self, faults: Faults, switched_on: datetime) -> None:
        """Take note of when the script keeps the camera out of reach; `switched_on` is aware, UTC."""
        for fault in faults.faults:
            if fault.kind in _HINDERS and fault.begins is not None and fault.ends is not None:
                begins, ends = (switched_on + timedelta(seconds=edge) for edge in (fault.begins, fault.ends))
                self.hindered(begins, ends, _HINDERS[fault.kind])

    def hindered(self, begins: datetime, ends: datetime, why: Hindrance) -> None:
        """Note that the camera cannot expose from a moment to another."""
        span = Span(begins=begins, ends=ends, why=why)
        place = bisect_right(self._begins, begins)
        self._spans.insert(place, span)
        self._begins.insert(place, begins)
        self._longest = max(self._longest, ends - begins)

    def asked(self, attempt: Attempt) -> None:
        """Note a request for a picture and what became of it."""
        self.attempts.append(attempt)

    def spans(self, begins: datetime, ends: datetime) -> list[Span]:
        """Return what kept the camera from exposing at any moment from `begins` to before `ends`, in order."""
        first = bisect_left(self._begins, begins - self._longest)
        last = bisect_left(self._begins, ends)
        return [span for span in self._spans[first:last] if span.ends > begins]

    def returns(self) -> Iterable[Span]:
        """Return the times out of reach, each of which ends with the camera's return."""
        return [span for span in self._spans if span.why in _HINDERS.values()]
