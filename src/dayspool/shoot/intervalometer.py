"""The loop that shoots: fold the journal, decide, write the intent, act, write the outcome, repeat.

A crash anywhere leaves at most one intent without an outcome, and the first thing the next run does is to ask the
camera about it. So resuming is not a feature but the only way the program ever starts. The shutter request leaves at
most once per slot.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio

from dayspool import __version__
from dayspool.core.decision import (
    Action,
    Connect,
    Fetch,
    Finish,
    GiveUpIntent,
    PlanOn,
    Policy,
    Reconcile,
    Settle,
    Skip,
    Steer,
    Take,
    Wait,
    decide,
)
from dayspool.core.events import (
    BiasAsked,
    FetchFailed,
    Gap,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    StopAsked,
)
from dayspool.core.session import Session, fold
from dayspool.errors import CameraError, JournalError
from dayspool.journal import RequestKind
from dayspool.shoot.camerawork import Camerawork
from dayspool.shoot.defects import Defects
from dayspool.shoot.disk import DiskWatch
from dayspool.shoot.exposing import Exposing
from dayspool.shoot.focus import FocusHold
from dayspool.shoot.lookout import Lookout
from dayspool.shoot.recovery import Lifeline, lost_by
from dayspool.shoot.slots import SlotPlanner
from dayspool.shoot.stall import StallWatch
from dayspool.shoot.store import FrameStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dayspool.clock import Clock
    from dayspool.core.events import Event, Record
    from dayspool.core.plan import Plan
    from dayspool.core.ramp import Ramp
    from dayspool.core.schedule import Schedule
    from dayspool.journal import JournalWriter, Request
    from dayspool.shoot.recovery import CameraSource

__all__ = ["Intervalometer", "ShootSummary"]

_TIME_TO_TIDY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShootSummary:
    """How a run ended; the counts are of the whole shoot. `late_ms_p99` is `None` without any shot."""

    frames: int
    gaps: int
    exposures: int
    late_ms_p99: float | None
    ended: str


class Intervalometer:
    """Shoots one plan into one folder with one camera; `postview` is the size of its pictures, as for `prepare`.

    `notify` is told every record as it is written, with the session that follows from it; it must not block.
    `turned` is called whenever the loop comes round. With `ramp` the exposure is chosen anew for every slot; that needs
    Pillow, as does a plan whose interval follows the meter. A plan that begins at once has its first slot after
    `ready_in`: so long a camera that is there may take until it can shoot.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        journal: JournalWriter,
        source: CameraSource,
        clock: Clock,
        frames_dir: Path,
        policy: Policy | None = None,
        postview: str | None = None,
        notify: Callable[[Record, Session], None] | None = None,
        turned: Callable[[], None] | None = None,
        ramp: Ramp | None = None,
        ready_in: timedelta = timedelta(0),
    ) -> None:
        self._slots = SlotPlanner(plan)
        self._ready_in = ready_in
        self._journal = journal
        self._clock = clock
        self._policy = policy or Policy()
        self._notify = notify
        self._turned = turned
        self._store = FrameStore(frames_dir, lambda slot: self._schedule.stretch_of(slot).window)
        self._lifeline = Lifeline(source, clock, postview=postview)
        disk = DiskWatch(frames_dir, clock)
        self._lookout = Lookout(frames_dir.parent, clock, disk)
        self._defects = Defects()
        metered = ramp is not None or plan.light == "meter"
        self._camerawork = Camerawork(
            lifeline=self._lifeline,
            store=self._store,
            disk=disk,
            clock=clock,
            tell=self._append,
            focus=FocusHold(ramps=ramp is not None),
            exposing=Exposing(ramp=ramp, place=plan.place, clock=clock, tell=self._append) if metered else None,
        )
        self._session = Session()
        self._stalls = StallWatch(clock, lambda: self._schedule.interval_at(self._session.next_slot))
        self._stop_asked = 0
        self._interruptible: anyio.CancelScope | None = None
        self._running: anyio.CancelScope | None = None

    def stop(self) -> None:
        """Finish the frame in hand, then end; called a second time, end at once.

        May be called from a signal handler's task at any time.
        """
        self._stop_asked += 1
        scope = self._interruptible if self._stop_asked == 1 else self._running
        if scope is not None:
            scope.cancel()

    async def run(self) -> ShootSummary:
        """Shoot until the plan is done or `stop` is called.

        Raises:
            PlanError: the folder belongs to a shoot with another interval, or holds strange frames.
            JournalError: the record cannot be written any more; nothing is lost but the slots that follow.
        """
        self._begin()
        why = "stopped"
        try:
            with anyio.CancelScope() as self._running:
                why = await self._stalls.during(self._loop)
        finally:
            await self._lifeline.drop()
        self._append(RunEnded(why=why))
        return self.summary()

    def summary(self) -> ShootSummary:
        """Return the counts so far."""
        late = self._journal.late_ms()
        session = self._session
        return ShootSummary(
            frames=session.frames,
            gaps=session.gaps,
            exposures=session.exposures,
            late_ms_p99=late[max(0, -(-len(late) * 99 // 100) - 1)] if late else None,
            ended=session.ended or "running",
        )

    def _begin(self) -> None:
        for record in self._journal.records():
            self._session = fold(self._session, record)
        known = self._session.schedule
        self._store.open(new=known is None)
        if known is None:
            self._append(*self._slots.begun(self._clock.utc(), ready_in=self._ready_in))
        replanned = () if known is None else self._slots.resumed(self._session, self._clock.utc())
        count = self._slots.count(self._schedule)
        self._append(RunStarted(pid=os.getpid(), version=__version__, count=count), *replanned)
        for shot in self._session.unfetched:  # a killed run may have stored a picture and not said so
            stored = self._store.find(shot.slot)
            if stored is not None:
                self._append(stored)

    async def _loop(self) -> str:
        while True:
            if self._turned is not None:
                self._turned()
            self._look_around()
            self._hear()
            retimed = self._slots.retimed(self._session)
            if retimed is not None:
                self._append(retimed)
            action = decide(self._session, self._clock.utc(), self._policy_now)
            if isinstance(action, Finish):
                return action.why
            await self._act(action)

    @property
    def _policy_now(self) -> Policy:
        """The policy with what this camera and this machine need."""
        work, policy = self._camerawork, self._policy
        lead = policy.lead + work.writing
        return replace(
            policy,
            lead=lead,
            focus=work.focus_lead(self._session),
            steer=work.steers,
            fetch_guard=max(policy.fetch_guard, work.keeping, lead),
        )

    @property
    def _schedule(self) -> Schedule:
        assert self._session.schedule is not None
        return self._session.schedule

    def _append(self, *events: Event) -> None:
        stall = self._stalls.news()
        self._learn(self._journal.append(*events if stall is None else (stall, *events)))

    def _learn(self, records: list[Record]) -> None:
        for record in records:
            self._session = fold(self._session, record)
            if self._notify is not None:
                self._notify(record, self._session)

    def _look_around(self) -> None:
        stall = self._stalls.news()
        if stall is not None:
            self._append(stall)
        for news in self._lookout.around(self._session):
            self._append(news)

    def _hear(self) -> None:
        """Take up what was asked: by a signal, or by another process through the journal's requests."""
        if self._stop_asked and not self._session.stopping:
            self._append(StopAsked(by="signal"))
        for request in self._journal.open_requests():
            self._learn(self._journal.answer(request, *self._answer(request)))

    def _answer(self, request: Request) -> tuple[Event, ...]:
        match request.kind:
            case RequestKind.PAUSE if not self._session.paused:
                return (Paused(),)
            case RequestKind.RESUME if self._session.paused:
                return (Resumed(),)
            case RequestKind.STOP if not self._session.stopping:
                return (StopAsked(by="request"),)
            case RequestKind.BIAS:
                return (BiasAsked(ev=request.ev),)
        return ()

    async def _act(self, action: Action) -> None:
        try:
            await self._perform(action)
        except JournalError:
            raise
        except CameraError as error:
            await self._lose(error)
        except Exception as error:  # the one place: a defect of ours costs a reconnection, never the night
            self._defects.note(type(action).__name__, error)
            if isinstance(action, Fetch):
                self._append(FetchFailed(slot=action.shot.slot, detail=f"unexpected: {error!r}"))
            await self._lose(error)

    async def _perform(self, action: Action) -> None:
        match action:
            case Take():
                await self._camerawork.take(action, self._session)
            case Fetch():
                await self._camerawork.fetch(action, self._session)
            case Steer():
                await self._camerawork.steer(action, self._session)
            case Reconcile():
                await self._camerawork.reconcile(action, self._session)
            case GiveUpIntent(slot=slot):
                self._camerawork.give_up(slot, self._session)
            case Skip(reason=reason, detail=detail):
                lost = range(action.first, action.last + 1)
                self._append(*(Gap(slot=slot, reason=reason, detail=detail) for slot in lost))
            case PlanOn():
                self._append(self._slots.next_stretch(self._session))
            case _:
                self._look_at_health(action)
                await self._idle(action)

    def _look_at_health(self, action: Action) -> None:
        if isinstance(action, Wait | Connect):
            known = self._lifeline.camera.known if self._lifeline.connected else None
            health = self._lookout.health(known, action.until)
            if health is not None:
                self._append(health)
            if action.until - self._clock.utc() > _TIME_TO_TIDY:
                self._journal.restock()

    async def _idle(self, action: Action) -> None:
        """Do what a wish to stop may interrupt."""
        with anyio.CancelScope() as self._interruptible:
            match action:
                case Wait(until=until):
                    session = self._session
                    await self._camerawork.rest(until, paused=session.paused, connected=session.connected)
                case Connect(until=until):
                    await self._camerawork.connect(until, self._schedule.interval_at(self._session.next_slot))
                case Settle():
                    await self._camerawork.settle(action, self._session)
        self._interruptible = None
        pace = None if isinstance(action, Wait) else self._lookout.pace(self._session)
        if pace is not None:
            self._append(pace)

    async def _lose(self, error: Exception) -> None:
        await self._lifeline.drop()
        if self._session.connected:
            self._append(lost_by(error))
