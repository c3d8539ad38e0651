"""Deliver alarms: one thread for each receiver, so that a slow one delays neither the others nor the reading."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from dayspool.errors import AlarmUndelivered, ToolMissing
from dayspool.notify.outbox import Outbox
from dayspool.notify.receiver import ShowsStanding

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dayspool.core.alarm import Alarm
    from dayspool.core.alarms import Standing
    from dayspool.notify.receiver import Subscription

__all__ = ["Post"]

_LOG = logging.getLogger(__name__)
_LONGEST_WAIT = 60.0


class Post:
    """The way to one receiver; `utc` is the moment, by the clock of the process."""

    def __init__(self, subscription: Subscription, utc: Callable[[], datetime]) -> None:
        self.name = subscription.name
        self._receiver = subscription.receiver
        self._outbox = Outbox(subscription.taste)
        self._utc = utc
        self._changed = threading.Condition()
        self._closing = False
        self._in_hand = False
        self._standing: tuple[str, Standing] | None = None
        self._trouble = ""
        self._thread = threading.Thread(target=self._work, name=f"alarms to {self.name}", daemon=True)
        self._thread.start()

    def add(self, alarm: Alarm) -> None:
        """Take an alarm to deliver."""
        with self._changed:
            dropped = self._outbox.add(alarm)
            self._changed.notify()
        if dropped is not None:
            _LOG.warning("%s: too many alarms wait; given up: %s", self.name, dropped.title)

    def show(self, shoot: str, standing: Standing) -> None:
        """Take how the shoot stands, for a receiver that shows it; only the newest is kept."""
        if isinstance(self._receiver, ShowsStanding):
            with self._changed:
                self._standing = (shoot, standing)
                self._changed.notify()

    @property
    def is_idle(self) -> bool:
        """Whether all was delivered, or refused for good, and the newest standing shown."""
        with self._changed:
            return not self._outbox.waiting and not self._in_hand and self._standing is None

    def close(self, seconds: float) -> bool:
        """Let the delivery in hand end, for so long at most; return whether all was delivered."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(seconds)
        with self._changed:
            for alarm in self._outbox.waiting:
                _LOG.warning("%s: never told: %s", self.name, alarm.title)
        return self.is_idle and not self._outbox.dropped

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._closing:  # looked at where it is set, or the call to wake up comes before the sleep
                    break
                now = self._utc()
                alarm = self._outbox.next(now)
                standing, self._standing = self._standing, None
                if alarm is None and standing is None:
                    wakes = self._outbox.wakes(now)
                    wait = _LONGEST_WAIT if wakes is None else max(0.01, (wakes - now).total_seconds())
                    self._changed.wait(min(_LONGEST_WAIT, wait))
                    continue
                self._in_hand = True
            self._tell(alarm, standing)
        self._receiver.close()

    def _tell(self, alarm: Alarm | None, standing: tuple[str, Standing] | None) -> None:
        """Deliver what is in hand. How the shoot stands comes first: whoever reads the alarm may look at it."""
        failure: AlarmUndelivered | None = None
        try:
            if standing is not None and isinstance(self._receiver, ShowsStanding):
                self._receiver.show(*standing)
        except (AlarmUndelivered, ToolMissing) as error:
            self._log(str(error))  # the next one comes soon
        try:
            if alarm is not None:
                self._receiver.deliver(alarm)
        except ToolMissing as error:
            failure = AlarmUndelivered(str(error), refused=True)
        except AlarmUndelivered as error:
            failure = error
        self._note(alarm, failure)

    def _note(self, alarm: Alarm | None, failure: AlarmUndelivered | None) -> None:
        with self._changed:
            self._in_hand = False
            if alarm is None:
                return
            if failure is None:
                self._outbox.delivered(self._utc())
                self._log("")
            elif self._outbox.failed(self._utc(), failure):
                self._log(f"{failure}; given up: {alarm.title}")
            else:
                self._log(f"{failure}; tried again later")

    def _log(self, trouble: str) -> None:
        """Log a change only: an outage of days is two lines."""
        if trouble == self._trouble:
            return
        if trouble:
            _LOG.warning("%s: %s", self.name, trouble)
        else:
            _LOG.warning("%s: delivered again", self.name)
        self._trouble = trouble
