"""How long a shoot goes on, and whether battery, card and disk last: from what was read so far, as pure functions.

`follow` gathers what a forecast needs, record by record, as `fold` does for the session; `forecast` looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from dayspool.core.events import FrameStored, HealthRead, Record, ShotTaken

if TYPE_CHECKING:
    from dayspool.core.session import Session

__all__ = ["Forecast", "Level", "Outlook", "Trend", "Verdict", "follow", "forecast"]

LEVELS_FOR = timedelta(hours=12)  # battery steps older than this say nothing of how it goes now
MOST_LEVELS = 24
LEAST_STEPS = 2  # between two steps of a level lies the first slope that can be told
EXCHANGED = 0.3  # a level that rises by so much at once belongs to a fresh battery
LOW_BATTERY = 0.1
LOW_SHOTS = 50
WITHOUT_END = timedelta(hours=12)  # a shoot without an end is to last at least so long from now on
FRAME_MEMORY = 200  # the size of a frame is the mean of about so many
FAR_HOURS = 100_000.0
FAR_SLOTS = 1_000_000
JOURNAL_BYTES = 2_000  # what the journal grows by with each frame


class Verdict(StrEnum):
    """What a forecast comes to."""

    UNKNOWN = "unknown"  # not told, or too little is known yet
    LASTS = "lasts"  # to the end of the plan; without one, for the next half day
    FALLING = "falling"  # it lasts, but falls although it is charged: the supply is too weak
    ENDS_EARLY = "ends-early"  # it runs out before the shoot does
    LOW = "low"  # nearly nothing is left
    OUT = "out"  # nothing is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A battery level, 0 to 1, and the moment at which it was first seen."""

    utc: datetime
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What is remembered of a shoot for its forecast.

    Attributes:
        health: the newest reading, and `read` when it was.
        battery: every change of the level since it was last exchanged, or its charging began or ended.
        shots_since: exposures since the newest reading that told of the card; `bytes_since` what was stored since
            the newest one that told of the disk.
        frame_bytes: how large a frame is, in the mean of the last ones; `frames` how many were stored.
    """

    health: HealthRead = field(default_factory=HealthRead)
    read: datetime | None = None
    battery: tuple[Level, ...] = ()
    shots_since: int = 0
    bytes_since: int = 0
    frame_bytes: float = 0.0
    frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How long one thing lasts.

    Attributes:
        left: the battery as a share of 1; card and disk as so many pictures.
        runs_out: when it is used up if all goes on as now; `None` where it does not, or nobody can tell.
        sentence: all this for a person.
    """

    verdict: Verdict
    left: float | None
    runs_out: datetime | None
    sentence: str

    @property
    def worrying(self) -> bool:
        """Whether somebody should do something about it."""
        return self.verdict not in (Verdict.UNKNOWN, Verdict.LASTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What lies ahead of a shoot.

    Attributes:
        slots_left: slots still to come; `None` without an end, or where that is not planned yet.
        ends: when the last of them is due.
    """

    slots_left: int | None
    ends: datetime | None
    battery: Outlook
    card: Outlook
    disk: Outlook


def follow(trend: Trend, record: Record) -> Trend:
    """Return what is remembered after one more record."""
    match record.event:
        case ShotTaken():
            return replace(trend, shots_since=trend.shots_since + 1)
        case FrameStored(size_bytes=size):
            frames = trend.frames + 1
            mean = trend.frame_bytes + (size - trend.frame_bytes) / min(frames, FRAME_MEMORY)
            return replace(trend, frames=frames, frame_bytes=mean, bytes_since=trend.bytes_since + size + JOURNAL_BYTES)
        case HealthRead() as health:
            return _read(trend, health, record.utc)
    return trend


def _read(trend: Trend, health: HealthRead, utc: datetime) -> Trend:
    """Take a reading; what it does not tell stays as it was last told."""
    known = trend.health
    return replace(
        trend,
        health=replace(
            health,
            battery=known.battery if health.battery is None else health.battery,
            charging=known.charging if health.charging is None else health.charging,
            card_images=known.card_images if health.card_images is None else health.card_images,
            disk_free_bytes=known.disk_free_bytes if health.disk_free_bytes is None else health.disk_free_bytes,
        ),
        read=utc,
        battery=_levels(trend, health, utc),
        shots_since=trend.shots_since if health.card_images is None else 0,
        bytes_since=trend.bytes_since if health.disk_free_bytes is None else 0,
    )


def _levels(trend: Trend, health: HealthRead, utc: datetime) -> tuple[Level, ...]:
    level, known = health.battery, trend.battery
    if level is None:
        return known
    other_supply = health.charging is not None and health.charging is not trend.health.charging
    exchanged = bool(known) and level - known[-1].level >= EXCHANGED
    if not known or other_supply or exchanged:
        return (Level(utc=utc, level=level),)
    if level == known[-1].level:
        return known
    return (*known, Level(utc=utc, level=level))[-MOST_LEVELS:]


def forecast(trend: Trend, session: Session, now: datetime, *, reserve_bytes: int = 0) -> Forecast:
    """Look ahead from `now` (aware).

    Args:
        trend: what `follow` gathered.
        session: where the shoot stands.
        now: the moment it is.
        reserve_bytes: room on the disk that is kept free of pictures.
    """
    ends = _ends(session)
    return Forecast(
        slots_left=_slots_left(session),
        ends=ends,
        battery=_battery(trend, ends, now),
        card=_card(trend, session, ends),
        disk=_disk(trend, session, ends, reserve_bytes),
    )


def _slots_left(session: Session) -> int | None:
    schedule = session.schedule
    if schedule is None or session.ended in ("done", "stopped"):
        return 0
    return None if schedule.count is None else max(0, schedule.count - session.next_slot)


def _ends(session: Session) -> datetime | None:
    schedule = session.schedule
    if schedule is None or not schedule.count or not schedule.is_planned(schedule.count - 1):
        return None
    return schedule.instant(schedule.count - 1)


def _battery(trend: Trend, ends: datetime | None, now: datetime) -> Outlook:
    level, charging = trend.health.battery, bool(trend.health.charging)
    if level is None:
        return _unknown("the camera does not tell how full its battery is")
    text = f"battery at {level * 100:.0f} %{', charging' if charging else ''}"
    if level <= 0:
        return Outlook(verdict=Verdict.OUT, left=level, runs_out=None, sentence=f"{text}: it is empty")
    slope = _slope_per_hour(trend.battery, now)
    if slope is None or slope >= 0:
        if level <= LOW_BATTERY and not charging:
            return Outlook(verdict=Verdict.LOW, left=level, runs_out=None, sentence=f"{text}: nearly empty")
        verdict = Verdict.UNKNOWN if slope is None and not charging else Verdict.LASTS
        how = ": it holds" if verdict is Verdict.LASTS else ": how fast it falls is not known yet"
        return Outlook(verdict=verdict, left=level, runs_out=None, sentence=text + how)
    runs_out = trend.battery[-1].utc + timedelta(hours=min(FAR_HOURS, level / -slope))
    text += f", falling by {-slope * 100:.2g} % an hour{' all the same' if charging else ''}"
    verdict = _against(runs_out, ends, now)
    if verdict is Verdict.LASTS and charging:
        verdict = Verdict.FALLING
    if level <= LOW_BATTERY and not charging:
        verdict = Verdict.LOW
    sentence = f"{text}: {_how_long(runs_out - now)} left{_compared(verdict, ends)}"
    return Outlook(verdict=verdict, left=level, runs_out=runs_out, sentence=sentence)


def _slope_per_hour(levels: tuple[Level, ...], now: datetime) -> float | None:
    """Return how the level changes per hour: the median of the slopes between all steps (Theil 1950, Sen 1968).

    Steps, not readings: many cameras tell a battery in quarters, and of readings on the stairs of one most pairs lie on
    one step. A level that already holds for longer than a step has lasted makes the slope gentler; the first level
    counts only with the time it was seen, for nobody saw it begin.

    Returns:
        Share of the battery per hour; 0 where the level holds; `None` where too little was seen.
    """
    recent = [level for level in levels if now - level.utc <= LEVELS_FOR]
    steps = [level for level in recent if level is not levels[0]]
    if len(steps) < LEAST_STEPS:
        return 0.0 if levels and now - levels[-1].utc >= LEVELS_FOR else None
    slopes = [
        (later.level - earlier.level) / _hours(later.utc - earlier.utc)
        for at, later in enumerate(steps)
        for earlier in steps[:at]
        if later.utc > earlier.utc
    ]
    slope = median(slopes) if slopes else 0.0
    step = median(abs(later.level - earlier.level) for earlier, later in pairwise(steps))
    held = max(_hours(now - steps[-1].utc), 1e-9)
    return max(slope, -step / held) if slope < 0 else slope


def _card(trend: Trend, session: Session, ends: datetime | None) -> Outlook:
    if trend.health.card_images is None:
        return _unknown("the camera does not tell how many pictures fit on its card")
    left = max(0, trend.health.card_images - trend.shots_since)
    return _room(left, f"the card takes {left} more pictures", session, ends)


def _disk(trend: Trend, session: Session, ends: datetime | None, reserve_bytes: int) -> Outlook:
    free = trend.health.disk_free_bytes
    if free is None or not trend.frames:
        return _unknown("how many pictures fit on the disk is known after the first one")
    room = free - trend.bytes_since - reserve_bytes
    left = max(0, int(room / (trend.frame_bytes + JOURNAL_BYTES)))
    return _room(left, f"the disk takes {left} more pictures", session, ends)


def _room(left: int, text: str, session: Session, ends: datetime | None) -> Outlook:
    """Judge room for `left` more pictures, one for each slot to come and each still to be fetched."""
    schedule, to_come = session.schedule, _slots_left(session)
    if to_come == 0 or schedule is None:
        return Outlook(verdict=Verdict.LASTS, left=left, runs_out=None, sentence=text)
    if to_come is not None and left >= to_come:
        return Outlook(verdict=Verdict.LASTS, left=left, runs_out=None, sentence=f"{text}, enough for the whole plan")
    if left == 0:
        return Outlook(verdict=Verdict.OUT, left=left, runs_out=None, sentence=f"{text}: it is full")
    full = session.next_slot + min(left, FAR_SLOTS)
    if not schedule.is_planned(full):
        return Outlook(verdict=Verdict.LASTS, left=left, runs_out=None, sentence=f"{text}, enough for what is planned")
    runs_out = schedule.instant(full)
    verdict = _against(runs_out, ends, schedule.instant(session.next_slot))
    if left <= LOW_SHOTS:
        verdict = Verdict.LOW
    sentence = f"{text}, {_how_long(runs_out - schedule.instant(session.next_slot))}{_compared(verdict, ends)}"
    return Outlook(verdict=verdict, left=left, runs_out=runs_out, sentence=sentence)


def _against(runs_out: datetime, ends: datetime | None, now: datetime) -> Verdict:
    return Verdict.ENDS_EARLY if runs_out < (now + WITHOUT_END if ends is None else ends) else Verdict.LASTS


def _compared(verdict: Verdict, ends: datetime | None) -> str:
    if verdict not in (Verdict.ENDS_EARLY, Verdict.LOW) or ends is None:
        return ""
    return ", less than the shoot"


def _unknown(sentence: str) -> Outlook:
    return Outlook(verdict=Verdict.UNKNOWN, left=None, runs_out=None, sentence=sentence)


def _hours(length: timedelta) -> float:
    return length / timedelta(hours=1)


def _how_long(length: timedelta) -> str:
    hours = max(0.0, _hours(length))
    if hours < 1:
        return f"about {hours * 60:.0f} min"
    return f"about {hours:.0f} h" if hours < 72 else f"about {hours / 24:.0f} days"
