"""The camera's body: its states, its clock and its exposures, in the running event loop's time.

Every state is a function of the loop's time and the last request, so there is no task behind it and virtual time works.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import numpy as np

from dayspool.clock import pause
from dayspool.core.plan import Place
from dayspool.sim.faults import FaultKind, Faults, Mishaps
from dayspool.sim.models import RX100M2
from dayspool.sim.parts import Refusal, Shot, Status, Zoom
from dayspool.sim.picture import Imager
from dayspool.sim.profile import Ports, Profile, State

if TYPE_CHECKING:
    from dayspool.clock import Clock
    from dayspool.sim.ledger import Ledger
    from dayspool.sim.meter import Metered

__all__ = ["KIEL", "Body", "Draw", "draw_inline"]

KIEL = Place(latitude=54.32, longitude=10.14)
_SAVING_SECONDS = 0.3  # at least this long between the answer and IDLE
_LAST_MOMENT = datetime(9998, 1, 1, tzinfo=UTC)  # where the camera's clock stops: calendars end soon after
_DURATIONS = 2  # a stream of random numbers for each exposure, apart from those of the imager

Draw = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""How a picture is drawn: called here, or handed to a thread by the real server."""


async def draw_inline(paint: Callable[[], bytes]) -> bytes:
    """Draw in the event loop itself: the only way that is safe in virtual time."""
    return paint()


class Body:
    """One simulated camera, switched on at construction (inside a running event loop).

    Args:
        profile: the model.
        clock: the host's clock, for the ledger.
        seed: everything random comes from it.
        picture_px: width and height of the pictures; the model's own postview size unless given.
        ledger: where exposures are recorded.
        faults: what shall go wrong.
        speed: how many seconds pass in the camera and its sky during one second here.
        sky_start: the camera's clock at switch-on, aware; now unless given.
        place: where the camera stands.
        draw: how pictures are drawn; the real server hands them to a thread.
        ports: the ports it answers on, when they are not the model's own.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        profile: Profile = RX100M2,
        seed: int = 0,
        picture_px: tuple[int, int] | None = None,
        ledger: Ledger | None = None,
        faults: Faults | None = None,
        speed: float = 1.0,
        sky_start: datetime | None = None,
        place: Place = KIEL,
        draw: Draw = draw_inline,
        ports: Ports | None = None,
    ) -> None:
        self.profile = profile
        self.ports = ports or profile.ports
        self.faults = faults or Faults()
        self.mishaps = Mishaps(self.faults, lambda: self.elapsed_seconds)
        self.exposures = 0
        self.liveview_on = False
        self._clock = clock
        self._seed = seed
        self._ledger = ledger
        self._speed = speed
        self._draw = draw
        self._switched_on = anyio.current_time()
        self._sky_start = sky_start or clock.utc()
        self._imager = Imager(
            profile=profile,
            place=place,
            seed=seed,
            picture_px=picture_px or profile.postview_px,
            start=self._sky_start,
        )
        self._shots: deque[Shot] = deque(maxlen=profile.pictures_kept)
        self._unanswered: Shot | None = None
        self._mode = profile.shoot_modes[0]
        self._wrong_modes = deque(
            sorted(fault.begins or 0.0 for fault in self.faults.faults if fault.kind is FaultKind.WRONG_SHOOT_MODE)
        )
        self._not_ready_until = 0.0
        self._movie_saved: float | None = None
        self._recording = False
        self._zoom = Zoom(since=self._switched_on)
        self._liveview_reader = 0
        self._liveview_unasked = True
        self._previews = 0
        self._changed = anyio.Event()

    # -- time and state ---------------------------------------------------------------------------------------------

    @property
    def udn(self) -> str:
        """The unique device name, in the shape of the model's stack; its last digits follow the seed."""
        mac = f"{self.profile.mac_prefix}{self._seed % 0x1000000:06x}"
        return self.profile.udn_form.format(mac=mac.lower(), MAC=mac.upper())

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since switch-on, in the host's time."""
        return anyio.current_time() - self._switched_on

    def camera_time(self) -> datetime:
        """Return the camera's own clock, aware, in the zone of `sky_start`."""
        left = (_LAST_MOMENT - self._sky_start).total_seconds()
        return self._sky_start + timedelta(seconds=min(self.elapsed_seconds * self._speed, left))

    @property
    def link_up(self) -> bool:
        """Whether the camera's network is there, and hears."""
        return not self.silent and self.mishaps.lasting(FaultKind.LINK_DOWN) is None

    @property
    def silent(self) -> bool:
        """Whether the camera is out of reach, so that nobody even hears that a connection has ended."""
        return self.mishaps.lasting(FaultKind.SILENT) is not None

    @property
    def status(self) -> Status:
        """What the camera is doing."""
        now = anyio.current_time()
        if now < self._not_ready_until or self._not_ready_span():
            return Status.NOT_READY
        if self._shots and now < self._shots[-1].idle:
            return Status.STILL_CAPTURING if now < self._shots[-1].answers else Status.STILL_SAVING
        if self._recording:
            return Status.MOVIE_RECORDING
        if self._movie_saved is not None and now < self._movie_saved:
            return Status.MOVIE_SAVING
        return Status.IDLE

    def _not_ready_span(self) -> bool:
        return self.mishaps.lasting(FaultKind.NOT_READY) is not None

    @property
    def shoot_mode(self) -> str:
        """The shoot mode; a scripted mishap may have changed it."""
        while self._wrong_modes and self._wrong_modes[0] <= self.elapsed_seconds:
            self._wrong_modes.popleft()
            self._mode = "movie"
        return self._mode

    @property
    def state(self) -> State:
        """What the offers depend on."""
        values = {"ShootMode": self.shoot_mode}
        return State(rec_mode=True, liveview=self.liveview_on, status=self.status.value, values=values)

    @property
    def zoom(self) -> float:
        """The zoom position, from 0 (wide) to 1 (long)."""
        return self._zoom.at(anyio.current_time())

    @property
    def images_left(self) -> int:
        """How many more images the card holds."""
        return max(0, self.profile.card_images - self.exposures)

    @property
    def last_answered(self) -> Shot | None:
        """The last exposure whose picture is ready."""
        now = anyio.current_time()
        return next((shot for shot in reversed(self._shots) if shot.answers <= now), None)

    def next_transition(self) -> float | None:
        """Return the loop time at which the state next changes by itself; `None` when it will not."""
        now = anyio.current_time()
        moments = [self._not_ready_until, self._movie_saved or 0.0, self._zoom.ends]
        moments += [moment for shot in self._shots for moment in (shot.answers, shot.idle)]
        for fault in self.faults.faults:
            moments += [self._switched_on + edge for edge in (fault.begins, fault.ends) if edge is not None]
        return min((moment for moment in moments if moment > now), default=None)

    async def wait_for_change(self) -> None:
        """Return when something has changed by request, or when `next_transition` has come."""
        changed = self._changed
        until = self.next_transition()
        with anyio.move_on_at(until) if until is not None else anyio.CancelScope():
            await changed.wait()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _require(self, *statuses: Status, mode: str | None = None) -> None:
        status = self.status
        if status is Status.NOT_READY:
            raise Refusal(40401, "Camera Not Ready")
        if status not in statuses or (mode is not None and self.shoot_mode != mode):
            raise Refusal(1, "Not Available Now")

    # -- what it is asked to do -------------------------------------------------------------------------------------

    def set_shoot_mode(self, mode: str) -> None:
        """Change the shoot mode.

        Raises:
            Refusal: no such mode, or not while the camera is busy.
        """
        if mode not in self.profile.shoot_modes:
            raise Refusal(3, "illegal argument")
        self._require(Status.IDLE)
        self._mode = mode
        self._announce()

    async def take_picture(self) -> Shot:
        """Expose one picture, wait until the camera would answer, and return it.

        The exposure happens, and is in the ledger, before the first wait: nothing a client does later undoes it.

        Raises:
            Refusal: busy, in the wrong mode, a full card, a scripted mishap, or (40403) a long exposure.
        """
        self._spoil_attempt(self.exposures + 1)
        self._require(Status.IDLE, mode="still")
        if not self.images_left:
            raise Refusal(40400, "Shooting fail")
        self._unanswered = self._expose()
        return await self.await_picture()

    def _spoil_attempt(self, number: int) -> None:
        if self.status not in {Status.IDLE, Status.NOT_READY}:
            return  # a real refusal: no scripted one is spent on it
        if fault := self.mishaps.strike(FaultKind.NOT_READY, shot=number):
            self._not_ready_until = max(self._not_ready_until, anyio.current_time() + (fault.seconds or 0.0))
        if self.mishaps.strike(FaultKind.BUSY, shot=number):
            raise Refusal(1, "Not Available Now")
        if self.mishaps.strike(FaultKind.SHUTTER_FAILED, shot=number):
            raise Refusal(40400, "Shooting fail")

    def _expose(self) -> Shot:
        taken, begun = self.camera_time(), anyio.current_time()
        number = self.exposures + 1
        metered = self._imager.meter(taken, number)
        if self._ledger is not None:
            self._ledger.write(number=number, utc=self._clock.utc(), exposure=metered.nominal)
        self.exposures = number
        answers, idle = self._durations(number, metered)
        shot = Shot(
            number=number,
            begun=begun,
            answers=begun + answers / self._speed,
            idle=begun + idle / self._speed,
            taken=taken,
            metered=metered,
            zoom=self.zoom,
            name=self.profile.postview_name.format(taken=taken, count=(number - 1) % 10_000),
        )
        self._shots.append(shot)
        self._end_liveview()  # seen on the RX100M2: it has to be started again after each shot
        self._announce()
        return shot

    def _durations(self, number: int, metered: Metered) -> tuple[float, float]:
        """Return camera seconds from the request to the answer and to IDLE."""
        timings = self.profile.timings
        rng = np.random.default_rng((self._seed, number, _DURATIONS))
        processing, busy = rng.uniform(*timings.processing_seconds), rng.uniform(*timings.busy_seconds)
        exposure = metered.nominal.shutter_seconds
        if fault := self.mishaps.strike(FaultKind.LONG_EXPOSURE, shot=number):
            exposure = max(exposure, (fault.seconds or 0.0) - processing)
        answers = exposure + processing
        return answers, max(exposure + busy, answers + _SAVING_SECONDS)

    async def await_picture(self) -> Shot:
        """Wait for the exposure that goes on, as long as the camera holds an answer back, and return it.

        Raises:
            Refusal: 1 when there is none or its picture is saved already, 40403 when it takes longer still.
        """
        shot = self._unanswered
        if shot is None or anyio.current_time() >= shot.idle:
            raise Refusal(1, "Not Available Now")
        give_up = anyio.current_time() + self.profile.timings.longest_answer_seconds / self._speed
        until = min(shot.answers, give_up)
        while (left := until - anyio.current_time()) > 0:  # a sum of floats may fall short of `until` by the last bit
            await pause(left)
        if give_up < shot.answers:
            raise Refusal(40403, "Long shooting")
        self._unanswered = None
        return shot

    def start_movie(self) -> None:
        """Begin to record a movie.

        Raises:
            Refusal: not in movie mode, or busy.
        """
        self._require(Status.IDLE, mode="movie")
        self._recording = True
        self._announce()

    def stop_movie(self) -> None:
        """End the movie.

        Raises:
            Refusal: there is none.
        """
        self._require(Status.MOVIE_RECORDING)
        self._recording = False
        self._movie_saved = anyio.current_time() + self.profile.timings.movie_saving_seconds / self._speed
        self._announce()

    def move_zoom(self, direction: str, movement: str) -> None:
        """Move the zoom `in` or `out`: `start`, `stop` or `1shot`.

        Raises:
            Refusal: no such direction or movement.
        """
        if direction not in {"in", "out"} or movement not in {"start", "stop", "1shot"}:
            raise Refusal(3, "illegal argument")
        sign = 1 if direction == "in" else -1
        rate = sign * self._speed / self.profile.timings.zoom_seconds
        self._zoom = self._zoom.moved(anyio.current_time(), movement, sign, rate)
        self._announce()

    # -- pictures ---------------------------------------------------------------------------------------------------

    async def picture(self, shot: Shot) -> bytes:
        """Draw the picture of an exposure."""
        return await self._draw(lambda: self._imager.jpeg(shot.taken, shot.metered, shot.number, zoom=shot.zoom))

    def shot_named(self, name: str) -> Shot | None:
        """Return the exposure behind a postview name, while the camera still keeps it."""
        now = anyio.current_time()
        for shot in self._shots:
            if shot.name == name and shot.answers <= now:
                gone = self.mishaps.lasting(FaultKind.PICTURE_GONE, shot=shot.number)
                return None if gone else shot
        return None

    async def preview(self) -> bytes:
        """Draw the liveview picture of this moment."""
        self._previews += 1
        when, number = self.camera_time(), self._previews
        return await self._draw(lambda: self._imager.preview(when, number))

    def switch_liveview(self, on: bool) -> None:
        """Start or stop liveview."""
        if self.liveview_on == on:
            return
        if on:
            self.liveview_on = True
        else:
            self._end_liveview()
        self._announce()

    def _end_liveview(self) -> None:
        self.liveview_on = self._liveview_unasked = False

    @property
    def liveview_readable(self) -> bool:
        """Whether the liveview address answers: when started, and also unasked until something has ended it once."""
        return self.liveview_on or (self._liveview_unasked and self.status is Status.IDLE)

    def open_liveview(self) -> Callable[[], bool]:
        """Become the one reader of liveview, and return a function that says whether one still is.

        Seen on the A6000: a second reader drops the first.
        """
        self.switch_liveview(True)
        self._liveview_reader += 1
        mine, exposures = self._liveview_reader, self.exposures
        return lambda: (
            self.liveview_on and self.link_up and mine == self._liveview_reader and exposures == self.exposures
        )
