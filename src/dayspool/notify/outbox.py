"""What one receiver is still to be told, and when: in order, never too much, patiently while it is away."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dayspool.core.alarm import Alarm, AlarmKind, Phase, Severity

if TYPE_CHECKING:
    from dayspool.errors import AlarmUndelivered
    from dayspool.notify.receiver import Taste

__all__ = ["Outbox"]

_AN_HOUR = timedelta(hours=1)
_MOST = 200
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=15)
_REFUSALS = 3
_TITLES = 10


class Outbox:
    """The alarms that wait for one receiver. Not for several threads at once: its owner sees to that.

    At most `taste.per_hour` go out in any hour; those held back are summed up in one. The last word of a shoot always
    goes, and takes with it what was held back. A receiver that is away is tried again after 5 s, twice as long each
    time, 15 minutes at most. What it refuses three times is dropped.
    """

    def __init__(self, taste: Taste) -> None:
        self._taste = taste
        self._waiting: list[Alarm] = []
        self._told_to_begin: set[AlarmKind] = set()
        self._sent: deque[datetime] = deque()
        self._held: list[Alarm] = []
        self._covers = 0
        self._failures = 0
        self._refusals = 0
        self._not_before: datetime | None = None
        self.dropped = 0

    @property
    def waiting(self) -> tuple[Alarm, ...]:
        """What is still to be told."""
        return tuple(self._waiting)

    def add(self, alarm: Alarm) -> Alarm | None:
        """Take an alarm if it is wanted; return what it pushed out: of too many the oldest, never the last word."""
        if not self._is_wanted(alarm):
            return None
        self._waiting.append(alarm)
        if len(self._waiting) <= _MOST:
            return None
        spare = next((place for place, one in enumerate(self._waiting) if not one.is_last_word), 0)
        self.dropped += 1
        return self._waiting.pop(spare)

    def next(self, now: datetime) -> Alarm | None:
        """Return what to tell now, if anything; `delivered` or `failed` is to follow."""
        if not self._waiting or (self._not_before is not None and now < self._not_before):
            return None
        ready = self._ready(now)
        if not ready:
            return None
        left = self._taste.per_hour - self._sent_lately(now)
        last_word = next((place for place, one in enumerate(ready) if one.is_last_word), None)
        if left <= 0 and last_word is None:
            return None
        if left <= 1 and len(ready) > 1:
            self._covers = len(ready) if last_word is None else last_word + 1
        else:
            self._covers = 1
        return _summed(ready[: self._covers], now, self.dropped)

    def delivered(self, now: datetime) -> None:
        """Strike off what `next` gave last."""
        self._strike()
        self._sent.append(now)
        self._failures = self._refusals = 0
        self._not_before = None

    def failed(self, now: datetime, error: AlarmUndelivered) -> bool:
        """Keep what `next` gave last for later; return whether it was dropped, because it is refused for ever."""
        self._failures += 1
        self._refusals += error.refused
        if self._refusals >= _REFUSALS:
            self._strike()
            self._refusals = self._failures = 0
            self.dropped += 1
            return True
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures - 1, 16))
        if error.wait_seconds is not None:
            wait = max(wait, timedelta(seconds=error.wait_seconds))
        self._not_before = now + wait
        return False

    def wakes(self, now: datetime) -> datetime | None:
        """Return when to ask `next` again; nothing while it is empty."""
        if not self._waiting:
            return None
        times = [now + timedelta(minutes=1)]  # quiet hours end, hours go by
        if self._not_before is not None and self._not_before > now:
            times.append(self._not_before)
        return min(times)

    def _strike(self) -> None:
        gone = self._held[: self._covers]
        self._waiting = [one for one in self._waiting if not any(one is other for other in gone)]
        self._covers = 0

    def _ready(self, now: datetime) -> list[Alarm]:
        quiet = self._taste.is_quiet(now)
        self._held = [one for one in self._waiting if not quiet or one.severity is Severity.CRITICAL]
        return self._held

    def _sent_lately(self, now: datetime) -> int:
        while self._sent and now - self._sent[0] >= _AN_HOUR:
            self._sent.popleft()
        return len(self._sent)

    def _is_wanted(self, alarm: Alarm) -> bool:
        if self._taste.only and alarm.kind not in (*self._taste.only, AlarmKind.TEST):
            return False
        if alarm.phase is Phase.OVER and alarm.kind in self._told_to_begin:
            self._told_to_begin.discard(alarm.kind)
            return True
        wanted = alarm.severity.rank >= self._taste.severity.rank or alarm.kind is AlarmKind.TEST
        if wanted and alarm.phase is Phase.BEGINS:
            self._told_to_begin.add(alarm.kind)
        return wanted


def _summed(alarms: list[Alarm], now: datetime, dropped: int) -> Alarm:
    """Return one alarm for several; with a last word among them, it stays the last word."""
    if len(alarms) == 1:
        return alarms[0]
    last = alarms[-1]
    counts = Counter(one.kind.value for one in alarms)
    kinds = ", ".join(f"{count} × {kind}" for kind, count in counts.most_common())
    titles = [f"{one.utc:%H:%M} UTC {one.title}" for one in alarms[-_TITLES:]]
    more = [f"… and {len(alarms) - _TITLES} before"] if len(alarms) > _TITLES else []
    more += [f"{dropped} older alarms were dropped"] if dropped else []
    listed = "\n".join((*titles, *more))
    if last.is_last_word:
        return replace(last, body=f"{last.body}\nBefore it:\n{listed}".strip())
    return Alarm(
        kind=AlarmKind.SUMMARY,
        phase=Phase.ONCE,
        severity=max((one.severity for one in alarms), key=lambda severity: severity.rank),
        shoot=last.shoot,
        since=alarms[0].since,
        utc=now,
        title=f"{last.shoot}: {len(alarms)} alarms: {kinds}",
        body=listed,
        lost=sum(one.lost for one in alarms if one.phase is not Phase.BEGINS),
    )
