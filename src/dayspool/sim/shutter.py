"""The shutter: single shots, long ones, series and bulb, each a function of the loop's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import numpy as np

from dayspool.clock import pause
from dayspool.sim.exchange import not_now
from dayspool.sim.faults import FaultKind
from dayspool.sim.parts import Refusal, Shot, Status

if TYPE_CHECKING:
    from dayspool.clock import Clock
    from dayspool.sim.body import Body
    from dayspool.sim.ledger import Ledger
    from dayspool.sim.meter import Metered
    from dayspool.sim.picture import Imager

__all__ = ["Series", "Shutter"]

_SAVING_SECONDS = 0.3  # at least this long between the answer and IDLE
_DURATIONS = 2  # a stream of random numbers for each exposure, apart from those of the imager
_TOO_DARK_EV = -3.0  # below it autofocus finds nothing to hold on to
_SINGLE = "Single"
_BURST = "Burst"  # a continuous mode of ten frames
_BURST_FRAMES = 10


@dataclass(slots=True, kw_only=True)
class Series:
    """Exposures that follow each other without being asked for."""

    status: Status
    since: float
    gap: float
    limit: int | None = None
    taken: int = 0

    @property
    def next_moment(self) -> float:
        """When the next exposure begins, in loop seconds."""
        return self.since + self.taken * self.gap


class Shutter:
    """The shutter of one body, and the exposures it has made."""

    def __init__(
        self, body: Body, imager: Imager, *, clock: Clock, ledger: Ledger | None, seed: int, speed: float
    ) -> None:
        self._body, self._imager, self._clock, self._ledger = body, imager, clock, ledger
        self._seed, self._speed = seed, speed
        self._shots: list[Shot] = []
        self._exposures = 0
        self._unanswered: Shot | None = None
        self._series: Series | None = None
        self._bulb_since: float | None = None
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
        if self._bulb_since is not None:
            return Status.STILL_CAPTURING
        if self._series is not None:
            return self._series.status
        if self._shots and now < self._shots[-1].idle:
            return Status.STILL_CAPTURING if now < self._shots[-1].answers else Status.STILL_SAVING
        return Status.IDLE

    @property
    def bulb_seconds(self) -> float | None:
        """For how long a bulb exposure has lasted, in camera seconds."""
        return None if self._bulb_since is None else (anyio.current_time() - self._bulb_since) * self._speed

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
        self._unanswered = self._expose(anyio.current_time() + delay / self._speed)
        self._body.announce()
        return await self.wait()

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
        if self._body.profile.quirks.needs_half_press or self.too_dark():
            raise Refusal(40400, "Shooting fail")
        lens.focus_at_once()

    def too_dark(self) -> bool:
        """Return whether autofocus would fail now."""
        return self._imager.meter(self._body.camera_time(), 0).scene_ev < _TOO_DARK_EV

    async def _keep_open(self) -> Shot:
        """Open for BULB: the camera shoots on until `stopBulbShooting`, and says so after its longest answer."""
        self.start_bulb()
        await pause(self._body.profile.timings.longest_answer_seconds / self._speed)
        raise Refusal(40403, "Long shooting")

    def _expose(self, begun: float, *, bulb_seconds: float | None = None) -> Shot:
        body = self._body
        taken, number = body.camera_time(begun), self._exposures + 1
        wish = body.settings.wish(bulb_seconds=bulb_seconds, focus_error=body.lens.error)
        metered = self._imager.meter(taken, number, wish)
        if self._ledger is not None:
            utc = self._clock.utc() + timedelta(seconds=begun - anyio.current_time())
            self._ledger.write(number=number, utc=utc, exposure=metered.nominal)
        self._exposures = number
        answers, idle = self._durations(number, metered)
        before = self._shots[-1] if self._shots else None
        shot = Shot(
            number=number,
            begun=begun,
            answers=max(begun + answers / self._speed, before.answers if before else 0.0),
            idle=max(begun + idle / self._speed, before.idle if before else 0.0),
            taken=taken,
            metered=metered,
            zoom=body.lens.zoom,
            name=body.profile.postview_name.format(taken=body.dated(taken), count=(number - 1) % 10_000),
            wish=wish,
            size=body.settings.get("PostviewImageSize", "2M"),
        )
        kept = max(body.profile.pictures_kept, self._series.taken + 1 if self._series else 0)
        self._shots = [*self._shots, shot][-kept:]
        body.keep(shot)
        if body.profile.quirks.liveview_ends_at_shot:
            body.viewfinder.stop()
        return shot

    def _durations(self, number: int, metered: Metered) -> tuple[float, float]:
        """Return camera seconds from the request to the answer and to IDLE."""
        timings = self._body.profile.timings
        rng = np.random.default_rng((self._seed, number, _DURATIONS))
        processing, busy = rng.uniform(*timings.processing_seconds), rng.uniform(*timings.busy_seconds)
        exposure = metered.nominal.shutter_seconds
        if fault := self._body.mishaps.strike(FaultKind.LONG_EXPOSURE, shot=number):
            exposure = max(exposure, (fault.seconds or 0.0) - processing)
        answers = exposure + processing
        return answers, max(exposure + busy, answers + _SAVING_SECONDS)

    async def wait(self) -> Shot:
        """Wait for the exposure that goes on, as long as the camera holds an answer back, and return it.

        Raises:
            Refusal: 1 when there is none or its picture is saved already, 40403 when it takes longer still, 40400 when
                the model, or a script, reports an error although the picture was taken.
        """
        if self._bulb_since is not None:
            await pause(self._body.profile.timings.longest_answer_seconds / self._speed)
            raise Refusal(40403, "Long shooting")
        shot = self._unanswered
        if shot is None or anyio.current_time() >= shot.idle:
            raise not_now()
        give_up = anyio.current_time() + self._body.profile.timings.longest_answer_seconds / self._speed
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
            self._expose(series.next_moment)
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
        self._bulb_since, self.bulb_shot = anyio.current_time(), None
        self._body.announce()

    def stop_bulb(self) -> None:
        """Close after a bulb exposure.

        Raises:
            Refusal: none goes on.
        """
        seconds, since = self.bulb_seconds, self._bulb_since
        if seconds is None or since is None:
            raise not_now()
        self._bulb_since = None
        self.bulb_shot = self._unanswered = self._expose(since, bulb_seconds=seconds)
        self._body.announce()
