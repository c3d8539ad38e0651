"""The camera's body: its clock, its states and its parts, in the running event loop's time.

Every state is a function of the loop's time and the last request, so there is no task behind it and virtual time works.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

import anyio

from dayspool.core.plan import Place
from dayspool.sim.camera_clock import CameraClock
from dayspool.sim.card import Card
from dayspool.sim.darkroom import Darkroom, Draw, draw_inline
from dayspool.sim.exchange import illegal_argument, not_now
from dayspool.sim.faults import FaultKind, Faults
from dayspool.sim.lens import Lens
from dayspool.sim.mishaps import Mishaps
from dayspool.sim.models import RX100M2
from dayspool.sim.parts import Refusal, Shot, Status
from dayspool.sim.picture import Imager
from dayspool.sim.profile import Ports, Profile, State
from dayspool.sim.recorder import Recorder
from dayspool.sim.settings import Settings
from dayspool.sim.shutter import Shutter
from dayspool.sim.viewfinder import Viewfinder
from dayspool.sim.witness import Hindrance

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dayspool.clock import Clock
    from dayspool.sim.ledger import Ledger
    from dayspool.sim.witness import Witness

__all__ = ["KIEL", "Body"]

KIEL = Place(latitude=54.32, longitude=10.14)
_CONTENTS = "Contents Transfer"


class Body:
    """One simulated camera, switched on at construction (inside a running event loop).

    Args:
        profile: the model.
        clock: the host's clock, for the ledger.
        seed: everything random comes from it.
        picture_px: width and height of the postviews; the model's own unless given. "Original" is larger in the
            model's own proportion.
        ledger: where exposures are recorded.
        faults: what shall go wrong.
        speed: how many seconds pass in the camera and its sky during one second here.
        sky_start: the camera's clock at switch-on, aware; now unless given.
        place: where the camera stands.
        draw: how pictures are drawn; the real server hands them to a thread.
        ports: the ports it answers on, when they are not the model's own.
        name: what its owner calls it; the model's name unless given.
        witness: is told what it could do when, and what became of every request for a picture.
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
        name: str | None = None,
        witness: Witness | None = None,
    ) -> None:
        self.profile = profile
        self.name = name or profile.model
        self.clock = clock
        self.witness = witness
        self.ports = ports or profile.ports
        self.faults = faults or Faults()
        self.time = CameraClock(sky_start or clock.utc(), speed)
        self.mishaps = Mishaps(self.faults, lambda: self.time.elapsed_seconds, seed=seed)
        self.settings = Settings(profile)
        self.viewfinder = Viewfinder(profile)
        self.lens = Lens(self.settings, profile.timings, speed)
        self._seed, self._speed = seed, speed
        postview_px = picture_px or profile.postview_px
        start = self.time.start
        imager = Imager(profile=profile, place=place, seed=seed, picture_px=postview_px, start=start)
        self.darkroom = Darkroom(imager, draw, profile, postview_px)
        self.shutter = Shutter(self, imager, clock=clock, ledger=ledger, seed=seed, speed=speed)
        self.recorder = Recorder(self, speed)
        self._card = Card(
            start=start,
            original_px=self.original_px,
            paint=self.darkroom.at,
            meter=imager.meter,
            first=self.first_file,
        )
        self._ready_from = self.time.switched_on + profile.timings.not_ready_seconds / speed
        self._rec_mode = not profile.quirks.needs_rec_mode
        self._switched_function = False
        self._formatted_after: int | None = None
        self._hung_until = 0.0
        edges = [edge for fault in self.faults.faults for edge in (fault.begins, fault.ends) if edge is not None]
        if witness is not None:
            witness.watch(self.faults, clock.utc())
        self._edges = sorted(self.time.switched_on + edge for edge in edges)
        self._changed = anyio.Event()

    # -- time and link ----------------------------------------------------------------------------------------------

    @property
    def udn(self) -> str:
        """The unique device name, in the shape of the model's stack; its last digits follow model and seed."""
        return self.profile.udn_form.format(mac=self.mac.lower(), MAC=self.mac.upper())

    @property
    def mac(self) -> str:
        """The twelve digits of its Wi-Fi module's address; the last six follow the seed and differ between models."""
        own = crc32(self.profile.model.encode()) + self._seed
        return f"{self.profile.mac_prefix}{own % 0x1000000:06x}"

    @property
    def link_up(self) -> bool:
        """Whether the camera's network is there, and hears."""
        return not self.silent and self.mishaps.lasting(FaultKind.LINK_DOWN) is None

    @property
    def silent(self) -> bool:
        """Whether the camera is out of reach, so that nobody even hears that a connection has ended."""
        return self.time.elapsed_seconds < self._hung_until or self.mishaps.lasting(FaultKind.SILENT) is not None

    def hang(self, until: float | None = None) -> None:
        """Fall silent, as an HDR-AS50 does after a burst of commands, until its battery is pulled.

        That is never, or `until` so many seconds after switch-on.
        """
        self._hung_until = math.inf if until is None else until
        self.announce()

    # -- state ------------------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """What the camera is doing."""
        now = anyio.current_time()
        if not self._rec_mode or now < self._ready_from or self.mishaps.lasting(FaultKind.NOT_READY) is not None:
            return Status.NOT_READY
        if self.settings.get("CameraFunction") == _CONTENTS:
            return Status.CONTENTS_TRANSFER
        recording = self.recorder.status
        return self.shutter.status if recording is Status.IDLE else recording

    @property
    def state(self) -> State:
        """What the offers and choices depend on."""
        status = self.status
        self._follow_script()
        return State(
            rec_mode=status is not Status.NOT_READY or not self.profile.quirks.needs_rec_mode,
            liveview=self.viewfinder.on,
            liveview_seconds=self.viewfinder.seconds() * self._speed,
            status=status.value,
            values=self.settings.values,
        )

    @property
    def shoot_mode(self) -> str:
        """The shoot mode; a scripted mishap may have changed it."""
        self._follow_script()
        return str(self.settings.get("ShootMode", "still"))

    def _follow_script(self) -> None:
        if self.mishaps.due(FaultKind.WRONG_SHOOT_MODE):
            self.settings.turn("ShootMode", "movie")

    @property
    def exposures(self) -> int:
        """How many exposures there have been."""
        return self.shutter.exposures

    @property
    def first_file(self) -> int:
        """The number of the file that the first exposure becomes, as a camera counts them through its life."""
        fault = self.faults.first(FaultKind.FILE_NUMBER)
        return fault.number or 1 if fault else 1

    @property
    def images_left(self) -> int:
        """How many more images the card holds."""
        return self.images_left_after(self.shutter.exposures)

    def images_left_after(self, exposures: int) -> int:
        """Return how many more images the card holds after so many exposures."""
        full = self.mishaps.lasting(FaultKind.CARD_FULL, shot=exposures + 1)
        if full or not self.card_there:
            return 0
        return max(0, self.profile.card_images - exposures + (self._formatted_after or 0))

    @property
    def card(self) -> Card:
        """The memory card, with everything exposed by now."""
        self.shutter.settle()
        return self._card

    def keep(self, shot: Shot) -> None:
        """Put an exposure on the card, on a body whose contents can be fetched."""
        if "avContent" in self.profile.services:
            self._card.record(shot, self.time.dated(shot.taken), raw="RAW" in self.settings.get("StillQuality", ""))

    @property
    def card_there(self) -> bool:
        """Whether a card is in the camera."""
        return self.mishaps.lasting(FaultKind.NO_CARD) is None

    @property
    def card_formatted(self) -> bool:
        """Whether the card has been formatted over the network."""
        return self._formatted_after is not None

    @property
    def function_switched(self) -> bool:
        """Whether a switch of the camera's function has come to its end."""
        return self._switched_function and anyio.current_time() >= self._ready_from

    def next_transition(self) -> float | None:
        """Return the loop time at which the state next changes by itself; `None` when it will not."""
        now = anyio.current_time()
        moments = [self._ready_from, self.recorder.saved_at, *self.lens.next_transitions()]
        moments += self.shutter.next_transitions()
        if self.viewfinder.on:
            moments += [self.viewfinder.since + seconds / self._speed for seconds in self.profile.liveview_moments]
        edge = bisect_right(self._edges, now)
        moments += self._edges[edge : edge + 1]
        return min((moment for moment in moments if moment > now), default=None)

    async def wait_for_change(self) -> None:
        """Return when something has changed by request, or when `next_transition` has come."""
        changed = self._changed
        until = self.next_transition()
        with anyio.move_on_at(until) if until is not None else anyio.CancelScope():
            await changed.wait()

    def announce(self) -> None:
        """Let those who wait for a change look again."""
        self._changed.set()
        self._changed = anyio.Event()

    def require(self, *statuses: Status, mode: str | None = None) -> None:
        """Go on only in one of these statuses, and in that shoot mode.

        Raises:
            Refusal: 40401 while it is not ready, 1 otherwise.
        """
        status = self.status
        if status is Status.NOT_READY:
            raise Refusal(40401, "Camera Not Ready")
        if status not in statuses or (mode is not None and self.shoot_mode != mode):
            raise not_now()

    def rest(self, seconds: float) -> None:
        """Be not ready for so many seconds of the host."""
        self._ready_from = max(self._ready_from, anyio.current_time() + seconds)
        self.hindered(anyio.current_time(), self._ready_from, Hindrance.NOT_READY)
        self.announce()

    def hindered(self, begins: float, ends: float, why: Hindrance) -> None:
        """Tell the witness that it cannot expose from one moment of the loop to another."""
        if self.witness is not None:
            zero = self.clock.utc() - timedelta(seconds=anyio.current_time())
            self.witness.hindered(zero + timedelta(seconds=begins), zero + timedelta(seconds=ends), why)

    # -- what it is asked to do -------------------------------------------------------------------------------------

    def switch_rec_mode(self, on: bool) -> None:
        """Start or stop the mode in which app cameras shoot; it takes some seconds."""
        if on and not self._rec_mode:
            self.rest(self.profile.timings.rec_mode_seconds / self._speed)
        self._rec_mode = on or not self.profile.quirks.needs_rec_mode
        if not self._rec_mode:
            self.viewfinder.stop()
        self.announce()

    def change_setting(self, group: str, value: Any) -> None:
        """Change a setting as a client asks for it.

        Raises:
            Refusal: 3 for no such value, 1 when it cannot be changed now, 40401 while it is not ready.
        """
        if group == "CameraFunction":
            return self._switch_function(value)
        if group == "ShootMode":
            self._check_shoot_mode(value)
        self.require(Status.IDLE)
        self.settings.change(group, value, self.state)
        self.announce()

    def _check_shoot_mode(self, mode: Any) -> None:
        if mode not in self.settings.supported("ShootMode"):
            raise illegal_argument()
        if self.profile.quirks.refuses_same_shoot_mode and mode == self.shoot_mode:
            raise not_now()

    def _switch_function(self, value: Any) -> None:
        """Go over to giving contents away, or back to shooting: liveview ends, and for a moment nothing works."""
        self.require(Status.IDLE, Status.CONTENTS_TRANSFER)
        self.settings.change("CameraFunction", value, self.state)
        self.viewfinder.stop()
        self._switched_function = True
        self.rest(self.profile.timings.function_seconds / self._speed)

    def format_card(self) -> None:
        """Lose every picture on the card.

        Raises:
            Refusal: busy.
        """
        self.require(Status.IDLE)
        self._formatted_after = self.exposures
        self.card.clear()
        self.announce()

    # -- pictures ---------------------------------------------------------------------------------------------------

    async def take_picture(self) -> Shot:
        """Expose one picture, wait until the camera would answer, and return it; see `Shutter.take`."""
        return await self.shutter.take()

    @property
    def original_px(self) -> tuple[int, int]:
        """Width and height of the files on the card."""
        return self.darkroom.original_px

    def shot_named(self, name: str) -> Shot | None:
        """Return the exposure behind a postview name, while the camera still keeps it."""
        return self.shutter.named(name)

    def shown(self, shot: Shot) -> Shot:
        """Return the exposure whose picture is given for that of `shot`: itself, unless a script repeats the last."""
        if self.mishaps.lasting(FaultKind.PICTURE_REPEATED, shot=shot.number) is None:
            return shot
        before = self.shutter.before(shot)
        if self.witness is not None and before is not shot:
            self.witness.repeated.add(shot.number)
        return before

    async def preview(self) -> bytes:
        """Draw the liveview picture of this moment."""
        self.viewfinder.frames += 1
        wish = self.settings.wish(focus_error=self.lens.error)
        viewfinder = self.viewfinder
        return await self.darkroom.preview(self.time.sky(), viewfinder.frames, wish=wish, px=viewfinder.px)

    def switch_liveview(self, on: bool, size: str | None = None) -> None:
        """Start or stop liveview.

        Raises:
            Refusal: no such size, or it runs already and the model minds.
        """
        if self.viewfinder.start(size) if on else self.viewfinder.stop():
            self.announce()

    @property
    def liveview_readable(self) -> bool:
        """Whether the liveview address answers: when started, and also unasked until something has ended it once."""
        return self.viewfinder.on or (self.viewfinder.unasked and self.status is Status.IDLE)

    def open_liveview(self) -> Callable[[], bool]:
        """Become the one reader of liveview, and return a function that says whether one still is."""
        if not self.viewfinder.on:
            self.switch_liveview(True)
        watching, exposures = self.viewfinder.watch(), self.exposures
        ends = self.profile.quirks.liveview_ends_at_shot
        return lambda: watching() and self.link_up and not (ends and exposures != self.exposures)
