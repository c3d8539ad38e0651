"""What other intervalometers do with exposure, simplified: each chooses the next exposure from the last picture.

Re-implemented from the descriptions of their code and manuals, for this benchmark only. Exposures are EV at ISO 100 of
the scene drawn as middle grey (larger is darker), on a ladder of thirds; `measured` is by how many EV the picture came
out brighter than middle grey.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Protocol

from dayspool.core.ramp import Ramp
from dayspool.core.skylight import light_by_sun

__all__ = ["RIVALS", "Rival"]

THIRD = 1 / 3
MINUTE_FRAMES = 6  # at ten seconds
_RAMP = Ramp()


class Rival(Protocol):
    """A controller: `target` says how bright it means a scene to come out, `next` chooses the exposure."""

    def target(self, scene_ev: float) -> float:
        """Return the wanted brightness over middle grey of a scene, in EV."""

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Return the exposure after one that was `applied` and came out as `measured`."""


def rounded(ev: float) -> float:
    """Return the nearest third."""
    return round(ev * 3) / 3


@dataclass
class Constant:
    """Those that hold the pictures at one brightness, by day and by night."""

    def target(self, scene_ev: float) -> float:
        """Return middle grey."""
        return 0.0


@dataclass
class NightLooksLikeNight:
    """Those whose target falls with the light, as ours does."""

    def target(self, scene_ev: float) -> float:
        """Return 0 by day, −1.5 EV at night."""
        return _RAMP.target_ev(scene_ev)


@dataclass
class LrtLike(Constant):
    """Outside ±10 % of the reference (of the picture's encoded brightness: 0.3 EV) one third is moved."""

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Move by one third at most."""
        return applied + (THIRD if measured > 0.3 else -THIRD if measured < -0.3 else 0.0)


@dataclass
class AllskyLike(Constant):
    """When the mean of six pictures leaves a band, the exposure is set anew each frame until it is back inside."""

    recent: deque[float] = field(default_factory=lambda: deque(maxlen=6))
    chasing: bool = False

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Correct in full while chasing."""
        self.recent.append(measured)
        if abs(fmean(self.recent)) > 0.3:
            self.chasing = True
        elif abs(measured) < 0.15:
            self.chasing = False
        return rounded(applied + measured) if self.chasing else applied


@dataclass
class ViewLike(NightLooksLikeNight):
    """A PID whose output is a rate in stops an hour, at most 30; a dead band of a quarter stop on the ladder."""

    ramp: float | None = None
    total: float = 0.0
    last: float = 0.0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=5))

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Turn the error into a rate, the rate into a ramp."""
        ramp = applied if self.ramp is None else self.ramp
        scene = applied + measured
        error = (scene - self.target(scene)) - ramp
        self.recent.append(error)
        mean = fmean(self.recent)
        self.total = max(-8.0, min(8.0, self.total + mean * 0.6 / MINUTE_FRAMES))
        rate = 11.0 * mean * 1.1 + self.total + 4.0 * (mean - self.last) * 0.4
        self.last = mean
        rate = max(-30.0, min(30.0, rate))
        self.ramp = ramp + (rate if abs(rate) > 0.4 else 0.0) * 10 / 3600
        return rounded(self.ramp) if abs(self.ramp - applied) >= 0.25 else applied


@dataclass
class RawopintLike(NightLooksLikeNight):
    """An exponential mean of the light, limited when it turns, and the nearest third."""

    smooth: float | None = None

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Follow the light with a memory of a few frames."""
        scene = applied + measured
        before = scene if self.smooth is None else self.smooth
        self.smooth = before + max(-0.5, min(0.5, 0.35 * (scene - before)))
        return rounded(self.smooth - self.target(self.smooth))


@dataclass
class LadderLike(Constant):
    """required = last × (target / measured)^0.5, and the nearest third: an integrator of the picture's error."""

    dead_band_ev: float = 0.0
    state: float | None = None

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Take back half of the error."""
        before = applied if self.state is None else self.state
        self.state = before + max(-1.0, min(1.0, 0.5 * measured))
        return rounded(self.state) if abs(self.state - applied) > self.dead_band_ev else applied


@dataclass
class SceneFilter(NightLooksLikeNight):
    """The light filtered over two minutes, a dead band of a quarter stop; with the sun fed forward if wished."""

    sun: bool = False
    state: float | None = None
    before: float | None = None
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=5))

    def next(self, applied: float, measured: float, elevation: float) -> float:
        """Follow the median of five readings."""
        self.recent.append(applied + measured)
        scene = median(self.recent)
        aim = scene - self.target(scene)
        sun = light_by_sun(elevation) if self.sun else 0.0
        moved = 0.0 if self.before is None else sun - self.before
        self.before = sun
        state = aim if self.state is None else self.state + moved
        step = (aim - state) * 10 / 120
        self.state = state + max(-0.25 / 6, min(0.25 / 6, step))
        return rounded(self.state) if abs(self.state - applied) >= 0.25 else applied


RIVALS: dict[str, type[Rival] | object] = {
    "LRT-like: ±10 % → one third": LrtLike,
    "allsky-like: a band, then in full": AllskyLike,
    "VIEW-like: PID of a rate": ViewLike,
    "rawopint-like: smoothing, plain rounding": RawopintLike,
    "ladder-like: half the picture's error, plain rounding": LadderLike,
    "the same with a dead band of 0.25 EV": lambda: LadderLike(dead_band_ev=0.25),
    "light filtered, dead band": SceneFilter,
    "the same, sun fed forward": lambda: SceneFilter(sun=True),
}
