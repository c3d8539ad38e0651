"""One exposure: what it is aimed at when it begins, and the shot that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import numpy as np

from dayspool.sim.faults import FaultKind
from dayspool.sim.parts import Shot
from dayspool.sim.witness import Hindrance

if TYPE_CHECKING:
    from dayspool.clock import Clock
    from dayspool.sim.body import Body
    from dayspool.sim.ledger import Ledger
    from dayspool.sim.meter import Metered
    from dayspool.sim.parts import ExposureWish
    from dayspool.sim.picture import Imager

__all__ = ["Aim", "Exposer"]

_SAVING_SECONDS = 0.3  # at least this long between the answer and IDLE
_DURATIONS = 2  # a stream of random numbers for each exposure, apart from those of the imager


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How lens and settings stand when an exposure begins (loop seconds); what happens later changes it no more."""

    begun: float
    zoom: float
    wish: ExposureWish
    size: str

    def lasting(self, seconds: float) -> Aim:
        """Return the same for a bulb exposure that lasted so many camera seconds."""
        return replace(self, wish=replace(self.wish, shutter_seconds=seconds))


class Exposer:
    """Makes the exposures of one body: meters, writes the ledger, and says when each is answered and saved."""

    def __init__(
        self, body: Body, imager: Imager, *, clock: Clock, ledger: Ledger | None, seed: int, speed: float
    ) -> None:
        self._body, self._imager, self._clock, self._ledger = body, imager, clock, ledger
        self._seed, self._speed = seed, speed

    def scene_ev(self) -> float:
        """Return how bright the scene is now."""
        return self._imager.meter(self._body.time.sky(), 0).scene_ev

    def aim(self, begun: float) -> Aim:
        """Return how an exposure is aimed that begins then: now or later."""
        lens, settings = self._body.lens, self._body.settings
        return Aim(
            begun=begun,
            zoom=lens.zoom_at(begun),
            wish=settings.wish(focus_error=lens.error),
            size=settings.get("PostviewImageSize", "2M"),
        )

    def expose(self, number: int, aim: Aim, before: Shot | None) -> Shot:
        """Make an exposure, write it to the ledger and put it on the card; it ends no sooner than the one before."""
        body = self._body
        taken = body.time.sky(aim.begun)
        metered = self._imager.meter(taken, number, aim.wish)
        if self._ledger is not None:
            utc = self._clock.utc() + timedelta(seconds=aim.begun - anyio.current_time())
            self._ledger.write(number=number, utc=utc, exposure=metered.nominal)
        answers, idle = self._durations(number, metered)
        shot = Shot(
            number=number,
            begun=aim.begun,
            answers=max(aim.begun + answers / self._speed, before.answers if before else 0.0),
            idle=max(aim.begun + idle / self._speed, before.idle if before else 0.0),
            taken=taken,
            metered=metered,
            zoom=aim.zoom,
            name=body.profile.postview_name.format(
                taken=body.time.dated(taken), count=(number + body.first_file - 2) % 10_000
            ),
            wish=aim.wish,
            size=aim.size,
        )
        body.keep(shot)
        body.hindered(shot.begun, shot.idle, Hindrance.AT_WORK)
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
