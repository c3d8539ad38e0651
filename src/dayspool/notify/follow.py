"""Follow the journal of a shoot from outside, and say what is to be told: look by look, as often as one likes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dayspool.clock import SystemClock
from dayspool.core.alarm import AlarmKind, shoot_name
from dayspool.core.alarms import FORECASTS, given_up, review, standing
from dayspool.core.events import RunStarted
from dayspool.core.forecast import Trend, follow, forecast
from dayspool.core.watch import Watch, caught_up, watch
from dayspool.errors import JournalUnwritable
from dayspool.journal import FILE_NAME, JournalReader, is_being_written
from dayspool.journal.room import reserve_bytes

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from dayspool.core.alarm import Alarm
    from dayspool.core.alarms import Patience, Standing

__all__ = ["Follower"]

_LOG = logging.getLogger(__name__)


class Follower:
    """Reads what was written since the last look. What was over before the first look is history and not told.

    Args:
        shoot: its folder; neither it nor its journal need be there yet.
        run: the process whose run is news from its beginning, if that began before the first look.
        patience: how long is waited before something is told.
    """

    def __init__(
        self,
        shoot: Path,
        *,
        run: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._shoot = shoot
        self._run = run
        self._patience = patience
        self._trend = Trend()
        self._journal: JournalReader | None = None
        self._watch = Watch(shoot=shoot_name(shoot.resolve().name))
        self._clock = SystemClock()
        self._seq = 0
        self._caught_up = self._alive = False
        self._unreadable = ""
        self.saw_run = False
        self.last_word_said = False

    @property
    def name(self) -> str:
        """What the shoot is called."""
        return self._watch.shoot

    @property
    def has_ended(self) -> bool:
        """Whether the last run ended on purpose, or nobody shoots because the pictures were imported."""
        session = self._watch.session
        nobody = session.run_started is None and not self._alive
        return self._caught_up and (session.ended is not None or nobody)

    def look(self) -> tuple[Alarm, ...]:
        """Return what is to be told now, in order.

        Raises:
            JournalDamaged, JournalTooNew: the journal cannot be followed.
        """
        alive = self._alive = is_being_written(
            self._shoot
        )  # asked first: who is gone by now has written all it ever will
        if not self._read():
            return ()
        now = self._clock.utc()
        worries = self._worries(now)
        self._watch, alarms = review(self._watch, now, alive=alive, forecasts=worries, patience=self._patience)
        if not alive and not self.last_word_said and (last := given_up(self._watch, now, self._patience)) is not None:
            alarms = (*(alarm for alarm in alarms if alarm.kind is not AlarmKind.NOT_RUNNING), last)
        self.last_word_said = self.last_word_said or any(alarm.is_last_word for alarm in alarms)
        return alarms

    def standing(self) -> Standing:
        """Return how the shoot stands now."""
        return standing(self._watch, self._clock.utc(), alive=is_being_written(self._shoot))

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _worries(self, now: datetime) -> dict[AlarmKind, str]:
        """Return what will not last, each with a sentence; nothing once the shoot has ended."""
        session = self._watch.session
        if session.schedule is None or session.ended is not None:
            return {}
        ahead = forecast(self._trend, session, now, reserve_bytes=reserve_bytes(self._shoot))
        outlooks = zip(FORECASTS, (ahead.disk, ahead.card, ahead.battery), strict=True)
        return {kind: outlook.sentence for kind, outlook in outlooks if outlook.worrying}

    def _read(self) -> bool:
        """Take in what is new; return whether there is anything at all yet."""
        try:
            if self._journal is None:
                if not (self._shoot / FILE_NAME).exists():
                    return self._caught_up
                self._journal = JournalReader(self._shoot)
            self._take_in(self._journal)
            self._unreadable = ""
        except JournalUnwritable as error:  # busy, or its disk went away: it may come back
            self.close()
            if str(error) != self._unreadable:
                _LOG.warning("%s; tried again", error)
            self._unreadable = str(error)
        return self._caught_up

    def _take_in(self, journal: JournalReader) -> None:
        for record in journal.records(self._seq):
            if isinstance(record.event, RunStarted):
                self._clock = SystemClock()  # the shoot anchors its clock anew, so that a step between is no offset
                self.last_word_said = False
                if record.event.pid == self._run:
                    self._watch = self._watch if self._caught_up else caught_up(self._watch)
                    self._caught_up = self.saw_run = True
            self._watch = watch(self._watch, record)
            self._trend = follow(self._trend, record)
            self._seq = record.seq
            self._clock.go_on_from(record.utc)  # where the machine has lost the date, the shoot has a time of its own
        if not self._caught_up:
            self._watch = caught_up(self._watch)
            self._caught_up = True
