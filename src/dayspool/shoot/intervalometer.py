"""The loop that shoots: fold the journal, decide, write the intent, act, write the outcome, repeat.

A crash anywhere leaves at most one intent without an outcome, and the first thing the next run does is to ask the
camera about it. So resuming is not a feature but the only way the program ever starts. The shutter request leaves at
most once per slot.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio

from dayspool import __version__
from dayspool.core.events import (
    CameraIdle,
    CameraLost,
    ClockStepped,
    FetchFailed,
    Gap,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
    StopAsked,
)
from dayspool.core.frame import GapReason
from dayspool.core.session import (
    Action,
    Connect,
    Fetch,
    Finish,
    GiveUpIntent,
    Policy,
    Reconcile,
    Session,
    Settle,
    Skip,
    Take,
    Wait,
    decide,
    fold,
)
from dayspool.errors import CameraBusy, CameraError, CameraUnreachable, FrameUnreadable, JournalError, PlanError
from dayspool.journal import RequestKind
from dayspool.shoot.recovery import Lifeline, doubt_about, verdict
from dayspool.shoot.store import FrameStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from dayspool.clock import Clock
    from dayspool.core.events import Event, Record
    from dayspool.core.plan import Plan
    from dayspool.journal import JournalWriter, Request
    from dayspool.shoot.recovery import CameraSource

__all__ = ["Intervalometer", "ShootSummary"]

_LOG = logging.getLogger(__name__)
_CLOCK_STEP_SECONDS = 0.5
_KEEP_AWAKE = timedelta(seconds=10)  # a light call this often keeps a body from falling asleep between slots
_KEEP_AWAKE_MARGIN = timedelta(seconds=3)
_RECONCILE_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShootSummary:
    """How a run ended; the counts are of the whole shoot. `late_ms_p99` is `None` without any shot."""

    frames: int
    gaps: int
    exposures: int
    late_ms_p99: float | None
    ended: str


class Intervalometer:
    """Shoots one plan into one folder with one camera.

    `notify` is told every record as it is written, with the session that follows from it; it must not block.
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
        notify: Callable[[Record, Session], None] | None = None,
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._clock = clock
        self._store = FrameStore(frames_dir)
        self._policy = policy or Policy()
        self._notify = notify
        self._lifeline = Lifeline(source, clock)
        self._session = Session()
        self._stop_asked = False
        self._pausing: anyio.CancelScope | None = None
        self._doubts: dict[int, tuple[GapReason, str]] = {}
        self._shutter_elapsed: float | None = None
        self._clock_offset: float | None = None

    def stop(self) -> None:
        """Finish the frame in hand, then end; may be called from a signal handler's task at any time."""
        self._stop_asked = True
        if self._pausing is not None:
            self._pausing.cancel()

    async def run(self) -> ShootSummary:
        """Shoot until the plan is done or `stop` is called.

        Raises:
            PlanError: the folder belongs to a shoot with another interval.
            JournalError: the record cannot be written any more; nothing is lost but the slots that follow.
        """
        self._begin()
        try:
            while True:
                self._look_at_clock()
                self._hear()
                action = decide(self._session, self._clock.utc(), self._policy)
                if isinstance(action, Finish):
                    self._append(RunEnded(why=action.why))
                    return self.summary()
                await self._act(action)
        finally:
            await self._lifeline.drop()

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
        self._store.clean()
        for record in self._journal.records():
            self._session = fold(self._session, record)
        schedule = self._session.schedule
        if schedule is None:
            schedule = self._plan.schedule(self._clock.utc())
            self._append(
                ShootBegan(
                    origin=schedule.origin.isoformat(),
                    interval_seconds=schedule.interval.total_seconds(),
                    count=schedule.count,
                    source="camera",
                )
            )
        elif schedule.interval != self._plan.interval:
            raise PlanError(
                f"every: this shoot has a slot every {schedule.interval.total_seconds():g} s since it began; "
                "begin another folder for another interval"
            )
        count = self._plan.count_from(schedule.origin)
        self._append(RunStarted(pid=os.getpid(), version=__version__, count=count))

    def _append(self, *events: Event) -> None:
        self._learn(self._journal.append(*events))

    def _learn(self, records: list[Record]) -> None:
        for record in records:
            self._session = fold(self._session, record)
            if self._notify is not None:
                self._notify(record, self._session)

    def _look_at_clock(self) -> None:
        offset = self._clock.utc().timestamp() - self._clock.elapsed()
        if self._clock_offset is not None and abs(step := offset - self._clock_offset) > _CLOCK_STEP_SECONDS:
            self._append(ClockStepped(seconds=round(step, 3)))
        self._clock_offset = offset

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
        return ()

    async def _act(self, action: Action) -> None:
        try:
            await self._perform(action)
        except JournalError:
            raise
        except CameraError as error:
            await self._lose(error)
        except Exception as error:  # the one place: a defect of ours costs a reconnection, never the night
            _LOG.exception("unexpected while performing %s", action)
            await self._lose(error)

    async def _perform(self, action: Action) -> None:
        match action:
            case Wait(until=until):
                await self._wait(until)
            case Connect(until=until):
                await self._connect(until)
            case Take(slot=slot):
                await self._take(slot)
            case Reconcile(slot=slot, until=until):
                await self._reconcile(slot, until)
            case GiveUpIntent(slot=slot):
                reason, detail = self._doubts.pop(slot, _unknown_fate())
                self._append(Gap(slot=slot, reason=reason, detail=detail))
            case Settle(until=until):
                await self._settle(until)
            case Fetch(shot=shot, until=until):
                await self._fetch(shot.slot, shot.url, until)
            case Skip(first=first, last=last, reason=reason):
                self._append(*(Gap(slot=slot, reason=reason) for slot in range(first, last + 1)))

    async def _lose(self, error: Exception) -> None:
        await self._lifeline.drop()
        if self._session.connected:
            self._append(CameraLost(detail=str(error) or type(error).__name__))

    async def _wait(self, until: datetime) -> None:
        now = self._clock.utc()
        rest = min(until, now + _KEEP_AWAKE)
        with anyio.CancelScope() as self._pausing:
            await self._clock.sleep_until(rest)
        self._pausing = None
        if rest < until - _KEEP_AWAKE_MARGIN and self._session.connected and not self._stop_asked:
            with anyio.fail_after(_KEEP_AWAKE_MARGIN.total_seconds() / 2):
                await self._lifeline.camera.status()

    async def _connect(self, until: datetime) -> None:
        ready = None
        with anyio.CancelScope() as self._pausing:
            ready = await self._lifeline.connect(until)
        self._pausing = None
        if ready is not None:
            self._append(ready)

    async def _take(self, slot: int) -> None:
        assert self._session.schedule is not None
        due = self._session.schedule.instant(slot)
        camera = self._lifeline.camera
        self._append(ShotIntended(slot=slot))
        await self._clock.sleep_until(due)
        late_ms = (self._clock.utc() - due) / timedelta(milliseconds=1)
        released = self._clock.elapsed()
        try:
            try:
                url = await camera.take_picture()
            except CameraUnreachable as error:
                if error.sent:
                    raise
                url = await camera.take_picture()  # nothing reached the camera: this is still the first request
        except CameraBusy as error:
            self._append(Gap(slot=slot, reason=GapReason.CAMERA_BUSY, detail=str(error)))
        except CameraUnreachable as error:
            if error.sent:
                self._doubts[slot] = doubt_about(error)
            else:
                self._append(Gap(slot=slot, reason=GapReason.CAMERA_UNREACHABLE, detail=str(error)))
            raise
        except CameraError as error:  # some bodies report a failure though they exposed: ask before believing it
            self._shutter_elapsed = released
            self._doubts[slot] = doubt_about(error)
        else:
            self._shutter_elapsed = released
            self._append(ShotTaken(slot=slot, url=url, late_ms=round(late_ms, 3)))

    async def _reconcile(self, slot: int, until: datetime | None) -> None:
        outcome: Event | None = None
        with anyio.move_on_after(self._seconds_to(until, _RECONCILE_SECONDS)):
            doubt = self._doubts.get(slot, _unknown_fate())
            outcome = await verdict(self._lifeline.camera, slot, self._session.last_url, doubt)
        if isinstance(outcome, CameraLost):
            raise CameraUnreachable(outcome.detail, sent=False)
        if outcome is not None:
            self._doubts.pop(slot, None)
            self._append(outcome)
        elif until is None:
            self._append(Gap(slot=slot, reason=GapReason.ANSWER_LOST, detail="the camera did not become idle again"))
        else:
            self._lose_slot_to_busy_camera()

    async def _settle(self, until: datetime) -> None:
        with anyio.move_on_after(self._seconds_to(until, _RECONCILE_SECONDS)):
            await self._lifeline.camera.until_idle()
            began = self._shutter_elapsed if self._shutter_elapsed is not None else self._clock.elapsed()
            slot = self._session.next_slot - 1
            self._append(CameraIdle(slot=slot, busy_seconds=round(self._clock.elapsed() - began, 3)))
            return
        self._lose_slot_to_busy_camera()

    def _lose_slot_to_busy_camera(self) -> None:
        self._append(
            Gap(
                slot=self._session.next_slot,
                reason=GapReason.CAMERA_BUSY,
                detail="it was still at work when the slot closed",
            )
        )

    async def _fetch(self, slot: int, url: str, until: datetime | None) -> None:
        stored = self._store.find(slot)
        try:
            if stored is None:
                data: bytes | None = None
                with anyio.move_on_after(self._seconds_to(until, _RECONCILE_SECONDS)):
                    data = await self._lifeline.camera.picture(url)
                if data is None:
                    return  # the next slot comes first; what is left is fetched after it
                stored = self._store.put(slot, data)
        except (CameraError, FrameUnreadable, OSError) as error:
            self._append(FetchFailed(slot=slot, detail=str(error)))
            if isinstance(error, CameraUnreachable):
                raise
        else:
            self._append(stored)

    def _seconds_to(self, until: datetime | None, at_most: float) -> float:
        if until is None:
            return at_most
        return min(at_most, max(0.0, (until - self._clock.utc()).total_seconds()))


def _unknown_fate() -> tuple[GapReason, str]:
    return GapReason.INTERRUPTED, "the run before this one ended between the intent and the answer"
