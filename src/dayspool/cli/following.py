"""A shoot followed from outside: its journal is folded once, and then only what is new; all that `status` tells."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from dayspool.camera.models import model_named
from dayspool.core.busy import shortest_interval
from dayspool.core.events import FrameStored, Gap, HostStalled, Record, ShootBegan
from dayspool.core.forecast import Forecast, Trend, follow, forecast
from dayspool.core.frame import GapReason
from dayspool.core.session import Session, fold
from dayspool.core.watch import next_due
from dayspool.journal import JournalReader, is_being_written
from dayspool.journal.room import reserve_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dayspool.clock import SystemClock

__all__ = ["Following", "GapRun", "Standing", "gap_runs", "pictures_text", "slots_text"]

RECORDS_KEPT = 200  # the newest ones, to tell what happened last


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRun:
    """Slots `first` to `last` without a frame, all for one reason."""

    first: int
    last: int
    reason: GapReason

    @property
    def count(self) -> int:
        """How many slots."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a shoot stands at a moment.

    Attributes:
        state: `shooting`, `paused`, `done`, `stopped`, `failed`, `interrupted` or `imported`.
        gaps: every slot without a frame, in order.
        recovered: slots that were gaps until their frame came from the card.
        on_card: slots whose picture is on the camera's card only, for good or so far.
        due: when the next slot is due; `None` when none follows, or that is not planned yet.
        stalls: how often, for how long in all and at the longest the machine did nothing, in seconds.
        shortest_interval: from slot to slot the camera can keep this at best; until that is learned, what users
            of its model advise, or `None`.
    """

    now: datetime
    state: str
    session: Session
    trend: Trend
    forecast: Forecast
    gaps: tuple[Gap, ...]
    on_card: tuple[int, ...]
    due: datetime | None
    stalls: tuple[float, ...]
    shortest_interval: timedelta | None
    recovered: tuple[int, ...] = ()

    @property
    def next_slot(self) -> int | None:
        """The next slot still to come."""
        return None if self.due is None else self.session.next_slot

    @property
    def last_frame_age_seconds(self) -> float | None:
        """How old the newest frame is."""
        last = self.session.last_frame
        return None if last is None else (self.now - last).total_seconds()

    @property
    def window(self) -> str:
        """The day on which the window of the next slot begins; empty without windows."""
        schedule = self.session.schedule
        return "" if schedule is None else schedule.stretch_of(self.session.next_slot).window

    def values(self) -> dict[str, Any]:
        """Return all of it for programs."""
        session, schedule = self.session, self.session.schedule
        shortest = self.shortest_interval
        return {
            "state": self.state,
            "frames": session.frames,
            "exposures": session.exposures,
            "slots": None if schedule is None else schedule.count,
            "gaps": [{"slot": gap.slot, "reason": gap.reason, "detail": gap.detail} for gap in self.gaps],
            "recovered": self.recovered,
            "on_card": self.on_card,
            "downloads_paused": session.downloads_paused,
            "next_slot": self.next_slot,
            "next_due": self.due,
            "window": self.window or None,
            "last_frame_age_s": self.last_frame_age_seconds,
            "camera": None if session.camera is None else session.camera.model,
            "connected": session.connected,
            "forecast": self.forecast,
            "health": {"read": self.trend.read, **_fields(self.trend.health)},
            "clock_ahead_s": session.clock_ahead.total_seconds(),
            "shortest_interval_s": None if shortest is None else shortest.total_seconds(),
            "stalls": {
                "count": len(self.stalls),
                "longest_s": max(self.stalls, default=0.0),
                "total_s": round(sum(self.stalls), 3),
            },
        }


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


class Following:
    """The journal of a shoot, read as far as it is written; `catch_up` reads on.

    Raises:
        PlanError, JournalError: as `JournalReader`.
    """

    def __init__(self, shoot: Path) -> None:
        self._shoot = shoot
        self._journal = JournalReader(shoot)
        self._seq = 0
        self._imported = False
        self._session, self._trend = Session(), Trend()
        self._gaps: dict[int, Gap] = {}
        self._recovered: list[int] = []
        self._stalls: list[float] = []
        self.newest: deque[Record] = deque(maxlen=RECORDS_KEPT)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the journal."""
        self._journal.close()

    def catch_up(self) -> Iterator[tuple[Record, Session]]:
        """Take in what was written since, and yield each record with the session that follows from it."""
        for record in self._journal.records(self._seq):
            self._seq = record.seq
            self._session, self._trend = fold(self._session, record), follow(self._trend, record)
            self.newest.append(record)
            match record.event:
                case Gap(slot=slot) as gap:
                    self._gaps[slot] = gap
                case FrameStored(slot=slot):
                    if self._gaps.pop(slot, None) is not None:  # it came later, from the card
                        self._recovered.append(slot)
                case HostStalled(seconds=seconds):
                    self._stalls.append(seconds)
                case ShootBegan(source=source):
                    self._imported = source == "import"
            yield record, self._session

    def now(self, clock: SystemClock) -> datetime:
        """Return the moment it is for the shoot, which has a time of its own where the machine has lost the date."""
        clock.go_on_from(self.newest[-1].utc if self.newest else None)
        return clock.utc()

    def standing(self, now: datetime) -> Standing:
        """Return where the shoot stands at `now`, as far as the journal was read."""
        session = self._session
        gaps = tuple(self._gaps[slot] for slot in sorted(self._gaps))
        due = next_due(session)
        left_there = (gap.slot for gap in gaps if gap.reason is GapReason.ON_CARD)
        return Standing(
            now=now,
            state=self._state(),
            session=session,
            trend=self._trend,
            forecast=forecast(self._trend, session, now, reserve_bytes=reserve_bytes(self._shoot)),
            gaps=gaps,
            recovered=tuple(sorted(self._recovered)),
            on_card=tuple(sorted({*left_there, *(shot.slot for shot in session.unfetched)})),
            due=None if due is None else due.astimezone(UTC),
            stalls=tuple(self._stalls),
            shortest_interval=shortest_interval(session, _advised_seconds(session)),
        )

    def _state(self) -> str:
        if self._imported:
            return "imported"
        if is_being_written(self._shoot):
            return "paused" if self._session.paused else "shooting"
        return self._session.ended or "interrupted"


def _advised_seconds(session: Session) -> float | None:
    model = None if session.camera is None else model_named(session.camera.model)
    return None if model is None else model.shortest_interval_seconds


def gap_runs(gaps: Iterable[Gap]) -> list[GapRun]:
    """Return gaps (in order) as runs of neighbours with one reason."""
    runs: list[GapRun] = []
    for gap in gaps:
        last = runs[-1] if runs else None
        if last is not None and last.last == gap.slot - 1 and last.reason is gap.reason:
            runs[-1] = GapRun(first=last.first, last=gap.slot, reason=gap.reason)
        else:
            runs.append(GapRun(first=gap.slot, last=gap.slot, reason=gap.reason))
    return runs


def slots_text(slots: Iterable[int], most: int = 6) -> str:
    """Write slots (in order) for a person: `3, 7–9, 12 …`, at most so many runs of them."""
    runs = gap_runs(Gap(slot=slot, reason=GapReason.ON_CARD) for slot in slots)
    written = [str(run.first) if run.count == 1 else f"{run.first}–{run.last}" for run in runs[:most]]
    return ", ".join(written) + (" …" if len(runs) > most else "")


def pictures_text(count: int) -> str:
    """Write so many pictures for a person."""
    return "1 picture" if count == 1 else f"{count} pictures"
