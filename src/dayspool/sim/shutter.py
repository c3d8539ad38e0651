"""The shutter: single shots, long ones, series and bulb, each a function of the loop's time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import anyio

from dayspool.clock import pause
from dayspool.sim.exchange import not_now
from dayspool.sim.exposure import Exposer
from dayspool.sim.faults import FaultKind
from dayspool.sim.parts import Refusal, Status
from dayspool.sim.series import Series

if TYPE_CHECKING:
    from dayspool.clock import Clock
    from dayspool.sim.body import Body
    from dayspool.sim.exposure import Aim
    from dayspool.sim.ledger import Ledger
    from dayspool.sim.parts import Shot
    from dayspool.sim.picture import Imager

__all__ = ["Shutter"]

_TOO_DARK_EV = -3.0  # below it autofocus finds nothing to hold on to
_SINGLE = "Single"
_BURST = "Burst"  # a continuous mode of ten frames
_BURST_FRAMES = 10


class Shutter:
    """The shutter of one body, and the exposures it has made."""

    def __init__(
        self, body: Body, imager: Imager, *, clock: Clock, ledger: Ledger | None, seed: int, speed: float
    ) -> None:
        self._body, self._speed = body, speed
        self._exposer = Exposer(body, imager, clock=clock, ledger=ledger, seed=seed, speed=speed)
        self._shots: list[Shot] = []
        self._before: dict[int, Shot] = {}
        self._exposures = 0
        self._unanswered: Shot | None = None
        self._series: Series | None = None
        self._bulb: Aim | None = None
        self.burst: tuple[Shot, ...] = ()
        self.bulb_shot: Shot | None = None

    # -- what can be seen -------------------------------------------------------------------------------------------

    @property
    def exposures(self) -> int:
        """How many exposures there have been."""
        self.settle()
        return self._exposures

    @property
    def series(self) -> Series | None:
        """The series that runs."""
        self.settle()
        return self._series

    @property
    def status(self) -> Status:
        """What the shutter is doing; idle when nothing."""
        self.settle()
        now = anyio.current_time()
        if self._bulb is not None:
            return Status.STILL_CAPTURING
        if self._series is not None:
            return self._series.status
        if self._shots and now < self._shots[-1].idle:
            return Status.STILL_CAPTURING if now < self._shots[-1].answers else Status.STILL_SAVING
        return Status.IDLE

    @property
    def bulb_seconds(self) -> float | None:
        """For how long a bulb exposure has lasted, in camera seconds."""
        return None if self._bulb is None else (anyio.current_time() - self._bulb.begun) * self._speed

    @property
    def last_answered(self) -> Shot | None:
        """The last exposure whose picture is ready."""
        self.settle()
        now = anyio.current_time()
        return next((shot for shot in reversed(self._shots) if shot.answers <= now), None)

    def named(self, name: str) -> Shot | None:
        """Return the exposure behind a postview name, while the camera still keeps it."""
        last = self.last_answered
        now = anyio.current_time()
        mishaps = self._body.mishaps
        for shot in self._shots:
            if shot.name == name and shot.answers <= now:
                gone = mishaps.lasting(FaultKind.PICTURE_GONE, shot=shot.number)
                dead = shot is not last and mishaps.lasting(FaultKind.URL_DEAD)
                return None if gone or dead else shot
        return None

    def before(self, shot: Shot) -> Shot:
        """Return the exposure before that one; itself when it was the first."""
        return self._before.get(shot.number, shot)

    def next_transitions(self) -> list[float]:
        """Return the loop times at which it changes by itself."""
        self.settle()
        moments = [moment for shot in self._shots for moment in (shot.answers, shot.idle)]
        return moments + ([self._series.next_moment] if self._series else [])

    # -- one shot ---------------------------------------------------------------------------------------------------

    async def take(self) -> Shot:
        """Expose one picture, wait until the camera would answer, and return it.

        The exposure happens, and is in the ledger, before the first wait: nothing a client does later undoes it.

        Raises:
            Refusal: busy, in the wrong mode, a full card, no focus, a scripted mishap, or (40403) a long exposure.
        """
        self._spoil_attempt(self.exposures + 1)
        self._be_ready()
        if self._drive != _SINGLE:
            raise not_now()  # `startContShooting` does it then
        if self._body.settings.get("ShutterSpeed") == "BULB":
            return await self._keep_open()
        delay = self._body.settings.get("SelfTimer", 0)
        shot = self._unanswered = self._expose(self._exposer.aim(anyio.current_time() + delay / self._speed))
        self._body.announce()
        return await self._answered(shot)

    def _spoil_attempt(self, number: int) -> None:
        body = self._body
        if body.status not in {Status.IDLE, Status.NOT_READY}:
            return  # a real refusal: no scripted one is spent on it
        if fault := body.mishaps.strike(FaultKind.NOT_READY, shot=number):
            body.rest(fault.seconds or 0.0)
        if body.mishaps.strike(FaultKind.BUSY, shot=number):
            raise not_now()
        if body.mishaps.strike(FaultKind.SHUTTER_FAILED, shot=number):
            raise Refusal(40400, "Shooting fail")

    @property
    def _drive(self) -> str:
        return str(self._body.settings.get("ContShootingMode", _SINGLE))

    def _be_ready(self) -> None:
        self._body.require(Status.IDLE, mode="still")
        if not self._body.images_left:
            raise Refusal(40400, "Shooting fail")
        self._focus()

    def _focus(self) -> None:
        """Focus as a full press does.

        Raises:
            Refusal: 40400; it is too dark, or the model wants a half-press before (A7III, RX0).
        """
        lens = self._body.lens
        if "FocusMode" not in self._body.settings or lens.by_hand or lens.focus_status == "Focused":
            return
        if self._body.profile.quirks.needs_half_press or self.cannot_focus():
            raise Refusal(40400, "Shooting fail")
        lens.focus_at_once()

    def cannot_focus(self) -> bool:
        """Return whether autofocus would fail now: in real darkness, on a body whose client could choose MF instead.

        Where it could not (ILCE-6300: fixed to AF-S) the body's lamp assists and always finds something, as nothing
        a client can do would get it out.
        """
        by_hand = "FocusMode" in self._body.settings and "MF" in self._body.settings.supported("FocusMode")
        return by_hand and self._exposer.scene_ev() < _TOO_DARK_EV

    async def _keep_open(self) -> Shot:
        """Open for BULB: the camera shoots on until `stopBulbShooting`, and says so after its longest answer."""
        self.start_bulb()
        await pause(self._longest_answer_seconds)
        raise Refusal(40403, "Long shooting")

    def _expose(self, aim: Aim) -> Shot:
        number = self._exposures + 1
        self._exposures = number
        shot = self._exposer.expose(number, aim, self._shots[-1] if self._shots else None)
        kept = self._body.profile.pictures_kept
        kept = self._series.kept(kept) if self._series else kept
        if self._shots:
            self._before[number] = self._shots[-1]
            self._before.pop(number - kept, None)
        self._shots = [*self._shots, shot][-kept:]
        if self._body.profile.quirks.liveview_ends_at_shot:
            self._body.viewfinder.stop()
        return shot

    @property
    def _longest_answer_seconds(self) -> float:
        """For how long an answer is held back; as long as it takes on a body without `awaitTakePicture` (WX350)."""
        timings, methods = self._body.profile.timings, self._body.profile.methods
        later = any(method.name == "awaitTakePicture" for method in methods)
        return timings.longest_answer_seconds / self._speed if later else math.inf

    async def wait(self) -> Shot:
        """Wait for the exposure that goes on, as long as the camera holds an answer back, and return it.

        Raises:
            Refusal: 1 when there is none or its picture is saved already, 40403 when it takes longer still, 40400 when
                the model, or a script, reports an error although the picture was taken.
        """
        if self._bulb is not None:
            await pause(self._longest_answer_seconds)
            raise Refusal(40403, "Long shooting")
        shot = self._unanswered
        if shot is None or anyio.current_time() >= shot.idle:
            raise not_now()
        return await self._answered(shot)

    async def _answered(self, shot: Shot) -> Shot:
        """Return an exposure once it would be answered, or refuse as `wait`; a slow host makes it no less exposed."""
        give_up = anyio.current_time() + self._longest_answer_seconds
        until = min(shot.answers, give_up)
        while (left := until - anyio.current_time()) > 0:  # a sum of floats may fall short of `until` by the last bit
            await pause(left)
        if give_up < shot.answers:
            raise Refusal(40403, "Long shooting")
        self._unanswered = None
        every = self._body.profile.quirks.shot_error_every
        if (every and shot.number % every == 0) or self._body.mishaps.strike(FaultKind.SHOT_ERROR, shot=shot.number):
            raise Refusal(40400, "Shooting fail")
        return shot

    # -- many shots -------------------------------------------------------------------------------------------------

    def start_continuous(self) -> None:
        """Begin to shoot until told to stop.

        Raises:
            Refusal: not ready for a shot, or the drive mode is `Single`.
        """
        if self._drive == _SINGLE:
            raise not_now()
        self._be_ready()
        limit = _BURST_FRAMES if self._drive == _BURST else None
        gap = 1 / self._body.profile.timings.continuous_fps
        self._begin(Status.STILL_CAPTURING, gap, limit)

    def start_interval(self) -> None:
        """Begin the camera's own time-lapse.

        Raises:
            Refusal: not in the shoot mode `intervalstill`, or busy.
        """
        self._body.require(Status.IDLE, mode="intervalstill")
        self._begin(Status.INTERVAL_RECORDING, float(self._body.settings.get("IntervalTime", "5")))

    def _begin(self, status: Status, gap_seconds: float, limit: int | None = None) -> None:
        self.burst = ()
        self._series = Series(status=status, since=anyio.current_time(), gap=gap_seconds / self._speed, limit=limit)
        self.settle()
        self._body.announce()

    def stop_series(self, status: Status) -> None:
        """End the series of that kind.

        Raises:
            Refusal: none runs.
        """
        if self.series is None or self.series.status is not status:
            raise not_now()
        self._end_series()
        self._body.announce()

    def settle(self) -> None:
        """Make the exposures of a series that are due by now."""
        now = anyio.current_time()
        while (series := self._series) is not None and series.next_moment <= now:
            if not self._body.images_left_after(self._exposures):
                return self._end_series()
            self._expose(self._exposer.aim(series.next_moment))
            series.taken += 1
            if series.taken == series.limit:
                return self._end_series()

    def _end_series(self) -> None:
        series, self._series = self._series, None
        if series is not None and series.status is Status.STILL_CAPTURING:
            self.burst = tuple(self._shots[-series.taken :])

    # -- bulb -------------------------------------------------------------------------------------------------------

    def start_bulb(self) -> None:
        """Open until told to close.

        Raises:
            Refusal: not ready for a shot, or the shutter is not set to BULB.
        """
        if self._body.settings.get("ShutterSpeed") != "BULB":
            raise not_now()
        self._be_ready()
        self._bulb, self.bulb_shot = self._exposer.aim(anyio.current_time()), None
        self._body.announce()

    def stop_bulb(self) -> None:
        """Close after a bulb exposure.

        Raises:
            Refusal: none goes on.
        """
        seconds, aim = self.bulb_seconds, self._bulb
        if seconds is None or aim is None:
            raise not_now()
        self._bulb = None
        self.bulb_shot = self._unanswered = self._expose(aim.lasting(seconds))
        self._body.announce()
