"""What is done with the camera: find it, release the shutter, settle doubts, watch, fetch. Each step tells what it did.

No step decides what comes next; that is `core.decision`. None sends the shutter request twice.
"""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import anyio

from dayspool.camera.shutter import FOCUS_SECONDS
from dayspool.core.events import CameraIdle, CameraLost, FocusHeld, Gap, ShotIntended, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.errors import CameraBusy, CameraError, CameraRefused, CameraUnreachable
from dayspool.shoot.fetching import Fetching
from dayspool.shoot.recovery import Lifeline, doubt_about, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.camera import SonyCamera
    from dayspool.clock import Clock
    from dayspool.core.decision import Fetch, Reconcile, Settle, Steer, Take
    from dayspool.core.events import CameraReady, Event
    from dayspool.core.session import Session
    from dayspool.shoot.disk import DiskWatch
    from dayspool.shoot.exposing import Exposing
    from dayspool.shoot.focus import FocusHold
    from dayspool.shoot.store import FrameStore

__all__ = ["Camerawork"]

KEEP_AWAKE = timedelta(seconds=10)  # a light call this often keeps a body from falling asleep between slots
HEAR_PAUSED = timedelta(seconds=2)  # so soon somebody who wants to go on is heard
KEEP_AWAKE_SECONDS = 2.5
KEEP_AWAKE_MARGIN = timedelta(seconds=3)
LONGEST_WATCH_SECONDS = 60.0
MOST_TROUBLES = 20  # so many reasons are told of one loss: some hold a number that is always another
WRITING_MEMORY = 20
RELEASE_SECONDS = 0.25  # focusing ends so long before its slot closes, or a fifth of its late window
LATE_WAKING = timedelta(seconds=0.25)  # beyond it the slot was lost to this machine, not to the camera
FIRST_LOOK = timedelta(seconds=0.5)  # a camera that is ready within it was ready before


class Camerawork:
    """The hands of one shoot; `tell` writes an event and is back when it is safe."""

    def __init__(
        self,
        *,
        lifeline: Lifeline,
        store: FrameStore,
        disk: DiskWatch,
        clock: Clock,
        tell: Callable[[Event], None],
        focus: FocusHold,
        exposing: Exposing | None = None,
    ) -> None:
        self._lifeline = lifeline
        self._fetching = Fetching(lifeline=lifeline, store=store, disk=disk, clock=clock, tell=tell, exposing=exposing)
        self._clock = clock
        self._tell = tell
        self._focus = focus
        self._exposing = exposing
        self._talked = clock.utc()
        self._writing: deque[timedelta] = deque(maxlen=WRITING_MEMORY)
        self._doubt: tuple[int, tuple[GapReason, str]] | None = None
        self._exposed: tuple[int, datetime] | None = None
        self._looked_away = False  # a download went on since then, and nobody saw when the camera was ready
        self._room: int | None = None  # how many more pictures fit on the card; unknown once one may have been taken
        self._room_before: tuple[int, int | None] = (-1, None)  # a slot, and that number right before its shot
        self._told: set[str] = set()  # why the camera could not be had again, since it was last there
        self._answers = False  # as was last told

    def focus_lead(self, session: Session) -> timedelta:
        """Return how long before its instant the next picture has to be focused, or the focus held.

        Nothing where that is not our business.
        """
        camera = self._lifeline.camera if self._lifeline.connected else None
        needed = camera is not None and (camera.focus_first or self._focus.is_wanted(camera, session))
        return timedelta(seconds=FOCUS_SECONDS) if needed else timedelta(0)

    @property
    def writing(self) -> timedelta:
        """How long the journal lately took for an intent: it has to be safe before the shutter request leaves."""
        return max(self._writing, default=timedelta(0))

    @property
    def keeping(self) -> timedelta:
        """How long it takes to put a picture away, once it is here."""
        return self._fetching.keeping

    async def connect(self, until: datetime, interval: timedelta) -> None:
        """Try to get the camera back, for as long as nobody has to be heard meanwhile."""
        soon = min(until, self._clock.utc() + KEEP_AWAKE)
        ready = await self._lifeline.connect(soon, interval, busy=self._note_busy)
        trouble = self._lifeline.take_trouble()
        if ready is not None:
            self._told.clear()
            self._answers = False
            self._talked = self._clock.utc()
            self._room = self._lifeline.camera.known.recordable_images
            self._tell(ready if self._exposing is None else await self._examined(ready, self._exposing))
        elif trouble is not None and self._is_new(trouble):
            self._told.add(trouble.detail)  # a person may have to do something: say so, once
            self._answers = trouble.answers
            self._tell(trouble)

    def _note_busy(self) -> None:
        """Say, once, that a camera which was told to be out of reach answers, and is not ready: slots wait for it."""
        if self._told and not self._answers:
            self._answers = True
            self._tell(CameraLost(detail="the camera answers again and is not ready yet", heard=True, answers=True))

    @property
    def steers(self) -> bool:
        """Whether there is an exposure to choose before the next slot."""
        return self._exposing is not None and self._exposing.steers

    async def _examined(self, ready: CameraReady, exposing: Exposing) -> CameraReady:
        """See what of the exposure can be steered, and add what is to be said about it; asked again if that fails."""
        notes: tuple[str, ...] = ()
        with suppress(CameraError), anyio.move_on_after(LONGEST_WATCH_SECONDS):
            notes = await exposing.examine(self._lifeline.camera)
        return replace(ready, note="; ".join(note for note in (ready.note, *notes) if note) or None)

    async def steer(self, action: Steer, session: Session) -> None:
        """Choose and set the exposure of the next slot.

        Raises:
            CameraUnreachable: the camera went away meanwhile.
        """
        if self._exposing is not None:
            await self._exposing.steer(action, self._lifeline.camera, session)

    def _is_new(self, trouble: CameraLost) -> bool:
        """Say whether it was not told yet since the camera was there, or whether the camera answers now and then not.

        The latter decides what the slots meanwhile are called.
        """
        untold = trouble.detail not in self._told and len(self._told) < MOST_TROUBLES
        return untold or trouble.answers is not self._answers

    async def rest(self, until: datetime, *, paused: bool, connected: bool) -> None:
        """Wait, for as long as nobody has to be heard meanwhile, and keep a connected camera awake.

        Raises:
            CameraUnreachable: it did not answer.
        """
        await self._clock.sleep_until(min(until, self._clock.utc() + (HEAR_PAUSED if paused else KEEP_AWAKE)))
        now = self._clock.utc()
        if connected and now - self._talked >= KEEP_AWAKE and until - now > KEEP_AWAKE_MARGIN:
            self._talked = now
            await self._lifeline.camera.keep_awake(seconds=KEEP_AWAKE_SECONDS)
            self._room = self._lifeline.camera.known.recordable_images

    async def take(self, action: Take, session: Session) -> None:
        """Focus if need be, write the intent, wait for the instant, release the shutter, write the outcome.

        Raises:
            CameraError: the outcome is open, or the camera is gone.
        """
        camera = self._lifeline.camera
        try:
            hindrance = await self._made_ready(action, camera, session)
            if hindrance is None:
                await self._release(action, camera)
            else:
                self._tell(hindrance)
        finally:
            await camera.let_go()

    async def _made_ready(self, action: Take, camera: SonyCamera, session: Session) -> Gap | None:
        """Do what the shot needs before its request, and return why it cannot be taken, if so.

        Focusing may last beyond the instant: a late frame beats none. Where it fails, or the half-press is declined,
        the shot is tried all the same, and never half-pressed for again; only where the slot's time is over with the
        camera still at it, a request could but fail and cost the next slot too.
        """
        slot = action.slot
        try:
            await camera.refuse_bulb()
        except CameraRefused as error:
            return Gap(slot=slot, reason=GapReason.CAMERA_REFUSED, detail=str(error))
        margin = min(RELEASE_SECONDS, (action.closes - action.due).total_seconds() / 5)
        if self._focus.is_wanted(camera, session):
            seconds = self._seconds_to(action.closes, math.inf) - margin
            if await self._focus.hold(camera, slot, seconds=seconds):
                self._tell(FocusHeld(slot=slot))
        if not camera.focus_first:
            return None
        seconds = self._seconds_to(action.closes, math.inf)
        if seconds > margin:
            locked = await camera.focus(seconds=seconds - margin)
            left = self._seconds_to(action.closes, math.inf)
            if left > margin or (locked and left > 0):
                return None
        return Gap(slot=slot, reason=GapReason.CAMERA_BUSY, detail="there was no time to focus before the slot closed")

    async def _release(self, action: Take, camera: SonyCamera) -> None:
        slot = action.slot
        began = self._clock.utc()
        self._tell(ShotIntended(slot=slot))
        self._writing.append(self._clock.utc() - began)
        self._talked = action.due
        await self._clock.sleep_until(action.due)
        now = self._clock.utc()
        if now >= action.closes:  # the disk, or the whole machine, took its time
            self._tell(Gap(slot=slot, reason=GapReason.HOST_LATE, detail="the slot was over before the request left"))
            return
        room, self._room = self._room, None
        self._room_before = (slot, room)
        try:
            url = await self._released_by(action.closes, camera)
        except CameraBusy as error:
            if camera.errs_though_exposed:
                self._doubt = (slot, (GapReason.CAMERA_BUSY, str(error)))
                return
            reason = GapReason.CARD_FULL if room == 0 else GapReason.CAMERA_BUSY
            self._tell(Gap(slot=slot, reason=reason, detail=str(error)))
        except CameraUnreachable as error:
            if not error.sent:
                self._tell(Gap(slot=slot, reason=GapReason.CAMERA_UNREACHABLE, detail=str(error)))
            self._doubt = (slot, doubt_about(error))
            raise
        except CameraError as error:  # some bodies report a failure though they exposed: ask before believing it
            self._doubt = (slot, doubt_about(error))
        else:
            self._exposed, self._looked_away = (slot, now), False
            self._lifeline.prove()
            self._tell(ShotTaken(slot=slot, url=url, late_ms=round((now - action.due) / timedelta(milliseconds=1), 3)))

    async def _released_by(self, closes: datetime, camera: SonyCamera) -> str:
        """Release the shutter; once more where certainly not a byte has left and the slot is still open.

        A connection that stands only after the slot has closed is of no use: that exposure would be the next slot's.
        """
        try:
            return await camera.release(within_seconds=self._seconds_to(closes, math.inf))
        except CameraUnreachable as error:
            if error.sent or self._clock.utc() >= closes:
                raise
        return await camera.release(within_seconds=self._seconds_to(closes, math.inf))

    async def reconcile(self, action: Reconcile, session: Session) -> None:
        """Ask what became of a shot whose answer is missing.

        Raises:
            CameraError: the camera is gone again; the question stays open.
        """
        outcome: Event | None = None
        with anyio.move_on_after(LONGEST_WATCH_SECONDS):
            doubt = self._doubt_about(action.slot, session)
            slot, room = self._room_before
            outcome = await verdict(
                self._lifeline.camera,
                action.slot,
                session.last_url,
                doubt,
                room_before=room if slot == action.slot else None,
            )
        if outcome is not None:
            self._tell(outcome)
        elif action.last:
            self.give_up(action.slot, session)

    def give_up(self, slot: int, session: Session) -> None:
        """Write the gap of a shot about which the camera could not be asked."""
        reason, detail = self._doubt_about(slot, session)
        self._tell(Gap(slot=slot, reason=reason, detail=f"{detail}; the camera could not be asked about it"))

    async def settle(self, action: Settle, session: Session) -> None:
        """Watch until the camera is ready again; one that called itself busy is made ready for stills too."""
        began = self._clock.utc()
        with anyio.move_on_after(self._seconds_to(action.until, LONGEST_WATCH_SECONDS)):
            status = await self._lifeline.camera.until_idle()
            now = self._clock.utc()
            self._room = status.recordable_images
            if session.found_busy:  # "busy" and "in another mode" are the same answer
                await self._lifeline.camera.prepare(single=True)
            self._tell(CameraIdle(slot=action.slot, busy_seconds=self._busy_seconds(action.slot, began, now)))
            return
        if action.until <= self._clock.utc() < action.until + LATE_WAKING:
            self._lose_slot(session)

    def _busy_seconds(self, slot: int, began: datetime, now: datetime) -> float | None:
        """Return how long the camera was busy with a slot; `None` where it was ready before anybody looked."""
        if self._exposed is None or self._exposed[0] != slot or (self._looked_away and now - began < FIRST_LOOK):
            return None
        return round((now - self._exposed[1]).total_seconds(), 3)

    async def fetch(self, action: Fetch, session: Session) -> None:
        """Download a picture; as `Fetching.fetch`."""
        self._looked_away = True
        await self._fetching.fetch(action, session)

    def _lose_slot(self, session: Session) -> None:
        detail = "it was still at work when the slot closed"
        self._tell(Gap(slot=session.next_slot, reason=GapReason.CAMERA_BUSY, detail=detail))

    def _doubt_about(self, slot: int, session: Session) -> tuple[GapReason, str]:
        if self._doubt is not None and self._doubt[0] == slot:
            return self._doubt[1]
        if session.intent_lost is not None:  # as an earlier run wrote it
            return GapReason.ANSWER_LOST, session.intent_lost
        return GapReason.INTERRUPTED, "dayspool was interrupted between the intent and the answer"

    def _seconds_to(self, until: datetime | None, at_most: float) -> float:
        if until is None:
            return at_most
        return min(at_most, max(0.0, (until - self._clock.utc()).total_seconds()))
