"""The exposure through dusk and dawn (the holy grail): from metered frames to the camera's next setting. Pure.

It follows the light and not the picture. The light of the scene is what was really exposed plus how bright it came out;
a controller that instead corrects the picture's error through an actuator of thirds of a stop winds up its own rounding
and swings for ever. What the sun is known to do is fed forward; the rest (haze, clouds, lamps) is a level and a trend,
filtered over minutes. The setting goes along the camera's own ladder with a dead band that is narrow in the direction
of the light and wide against it. docs/ramping.md tells how it does beside others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from dayspool.core.events import ExposureSteered
from dayspool.core.ladder import Ladder, Setting
from dayspool.core.plan import Mistake
from dayspool.core.skylight import light_by_sun
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from dayspool.core.events import FrameMetered

__all__ = ["Ramp", "RampState", "step"]

_LAMPS_EV = 4.0  # EV at ISO 100; in darker scenes what stands out is a lamp: the brightest quarter is not looked at
_MEMORY = 13  # readings whose densest half counts: headlights and lightnings are a minority
_LEVEL_SECONDS = 40.0  # half-life of a level that is off, nearly
_TREND_SECONDS = 900.0
_FORGET_SECONDS = 900.0  # a trend of which nothing is heard any more fades
_FASTEST_TREND = 0.4  # EV a minute
_OFF_EV = 1.0  # a level so far off is no noise: it is taken at once, and the exposure hurries
_SURELY = 9  # readings in a row that say so, or all there are
_HURRY = 6.0  # times the usual rate, then
_MOST_PER_STEP = 1.0  # EV
_MEASURABLE_EV = 12.0  # what is measured further from grey than this tells the direction only
_BURNT = 0.5  # of the picture: then its brightness is a lower bound only
_BLACK_EV = -6.0  # below this it is an upper bound only
_BOUND_STEP_EV = 1.0  # how far beyond a bound the light is taken to be

_BRIGHT_SCENE, _DIM_SCENE = 9.0, -2.0  # EV at ISO 100, where the target is the day's and the night's
_CLIPPED, _CLEAR = 0.03, 0.01  # shares of a picture
_GUARD_EV = 0.7
_GUARD_CHANGE_EV = 0.5  # so much must the light have changed before it is given back
_GUARD_DOWN, _GUARD_UP = 0.10, 0.03  # EV a minute
_GUARD_NIGHT, _GUARD_DAY = 0.0, 3.0  # EV at ISO 100, between which the guard fades in

_WITH, _STILL, _AGAINST = 0.02, 0.085, 0.2  # EV beyond the middle between two settings, by the light's direction
_SETTLED_SLOTS = 30  # so long after a move it is taken back only for a larger error
_SURE_EV = 0.7
_MOVING = 0.03  # EV a minute; slower light has no direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """The table `[ramp]` of a plan.

    Attributes:
        day_ev: how much brighter than middle grey a bright scene (EV 9 and more) comes out.
        night_ev: the same of a dark one (EV −2 and less): night shall look like night.
        iso_min: the lowest ISO; the camera's own unless given.
        iso_max: the highest one.
        shutter_max_seconds: the longest shutter; only the interval bounds it unless given.
        aperture: whether the aperture may open after the shutter has come to its end. Flickers on most lenses.
        rate_ev_per_minute: how fast the exposure may follow what the sun (where it is not known, the trend) does not
            explain.
        highlights: whether bright scenes are drawn darker, slowly, while much of them burns out.

    Raises:
        PlanError: with every mistake at once.
    """

    day_ev: float = 0.0
    night_ev: float = -1.5
    iso_min: float | None = None
    iso_max: float = 1600.0
    shutter_max_seconds: float | None = None
    aperture: bool = False
    rate_ev_per_minute: float = 0.25
    highlights: bool = True

    def __post_init__(self) -> None:
        problems = []
        for key in ("day_ev", "night_ev"):
            if not abs(getattr(self, key)) <= 5:
                problems.append(Mistake("must lie between -5 and 5 EV", key))
        for key in ("iso_min", "iso_max", "shutter_max_seconds"):
            value = getattr(self, key)
            if value is not None and not (math.isfinite(value) and value > 0):
                problems.append(Mistake("must be a positive number", key))
        if not problems and self.iso_min is not None and self.iso_min > self.iso_max:
            problems.append(Mistake("the lowest ISO lies above the highest", "iso_min", "iso_max"))
        if not 0.01 <= self.rate_ev_per_minute <= 5:
            problems.append(Mistake("must lie between 0.01 and 5 EV a minute", "rate_ev_per_minute"))
        if problems:
            raise PlanError(*problems)

    def target_ev(self, scene_ev: float) -> float:
        """Return how much brighter than middle grey a scene is to come out."""
        share = _share(scene_ev, _DIM_SCENE, _BRIGHT_SCENE)
        return self.night_ev + (self.day_ev - self.night_ev) * share


@dataclass(frozen=True, slots=True, kw_only=True)
class RampState:
    """What the ramp remembers from one slot to the next.

    Attributes:
        setting: what was commanded last; the next one starts from it, whatever the camera says it did.
        level_ev: the scene's light less what the sun explains of it; `None` before the first reading.
        trend_ev: how that changes, in EV a second.
        recent: the last few readings of it.
        wanted_ev: where the exposure was wanted last, before it was fitted to the ladder.
        sun_ev: what the sun explained then.
        guard_ev: how much darker than its target a bright scene is drawn for its highlights.
        guarded_ev: how bright the scene was when that last grew.
        direction: of the last move along the ladder: 1 brighter, −1 darker, 0 none yet.
        moved: the slot of that move.
    """

    setting: Setting
    level_ev: float | None = None
    trend_ev: float = 0.0
    recent: tuple[float, ...] = ()
    wanted_ev: float | None = None
    sun_ev: float | None = None
    guard_ev: float = 0.0
    guarded_ev: float | None = None
    direction: int = 0
    moved: int = 0

    @classmethod
    def begin(cls, setting: Setting) -> RampState:
        """Return the state before the first metered frame: what the camera is set to now."""
        return cls(setting=setting)

    @classmethod
    def again(cls, last: ExposureSteered) -> RampState:
        """Return the state after a restart: from what was commanded last, not from what the camera reported."""
        setting = Setting(
            shutter_seconds=last.shutter_seconds,
            aperture=last.aperture,
            iso=last.iso,
            compensation_ev=last.compensation_ev,
        )
        return cls(setting=setting, wanted_ev=last.wanted_ev)


def step(
    state: RampState,
    *,
    slot: int,
    metered: FrameMetered | None,
    metered_elevation_deg: float | None,
    elevation_deg: float | None,
    seconds: float,
    ramp: Ramp,
    ladder: Ladder,
    longest_seconds: float,
    bias_ev: float = 0.0,
) -> tuple[RampState, Setting, ExposureSteered]:
    """Choose the exposure for `slot`.

    Args:
        state: as the last call, `RampState.begin` or `RampState.again` returned it.
        slot: whose frame will be taken with it.
        metered: the newest frame's reading, given once; `None` where there is none since the last call.
        metered_elevation_deg: the sun's elevation when that frame was taken; `None` where the place is not known.
        elevation_deg: the same at `slot`.
        seconds: since the slot of the last call.
        ramp: what the plan wants.
        ladder: what the camera can be set to.
        longest_seconds: the longest exposure the interval has room for: interval − busy time − margin.
        bias_ev: a person's wish: brighter if positive.

    Returns:
        The state for the next call, what to set, and the event for the journal.
    """
    if not ladder.steers_exposure:  # the camera's own automatic exposure follows the sun already
        metered_elevation_deg = elevation_deg = None
    seconds = min(max(seconds, 0.0), 3600.0) if math.isfinite(seconds) else 0.0
    sun = light_by_sun(elevation_deg)
    state = _heard(state, _reading(state, metered, metered_elevation_deg, ladder), sun, seconds)
    if state.level_ev is None:
        return _unheard(state, slot, sun, bias_ev)
    scene = sun + state.level_ev
    state = _guarded(state, metered, scene, seconds) if ramp.highlights and ladder.steers_exposure else state
    target = ramp.target_ev(scene if ladder.steers_exposure or metered is None else metered.scene_ev or scene)
    target = target + _finite(bias_ev) - state.guard_ev
    limits = ["highlights"] if state.guard_ev > 0.05 else []
    aim = scene - target
    wanted = _slewed(state, aim, sun if elevation_deg is not None else None, seconds, ramp)
    if abs(wanted - aim) > 0.05:
        limits.append("rate")
    longest = min(longest_seconds, ramp.shutter_max_seconds or math.inf)
    path = ladder.path(
        state.setting,
        longest_seconds=longest,
        iso_min=ramp.iso_min,
        iso_max=ramp.iso_max,
        open_aperture=ramp.aperture,
    )
    setting = _fitted(state, path, wanted, sun, slot)
    limits += _ends(path, setting, wanted)
    change = setting.ev100 - state.setting.ev100 if state.wanted_ev is not None else 0.0
    if abs(change) > 1e-6:
        state = replace(state, direction=1 if change < 0 else -1, moved=slot)
    state = replace(state, setting=setting, wanted_ev=wanted, sun_ev=sun)
    return state, setting, _told(slot, setting, wanted, target, bias_ev, tuple(limits))


def _reading(
    state: RampState, metered: FrameMetered | None, elevation_deg: float | None, ladder: Ladder
) -> float | None:
    """Return the light that the sun does not explain, or `None` where the frame tells nothing new.

    Of a camera that exposes by itself it is how bright it draws at no compensation, with the sign turned.
    """
    if metered is None or metered.measured_ev is None or not math.isfinite(metered.measured_ev):
        return None
    measured = min(max(metered.measured_ev, -_MEASURABLE_EV), _MEASURABLE_EV)
    if ladder.steers_exposure:
        if metered.scene_ev is None or not abs(metered.scene_ev) <= 40:
            return None
        told = metered.scene_ev - light_by_sun(elevation_deg)
    else:
        told = measured + state.setting.ev100
    if metered.clipped_share > _BURNT:
        return max(told + _BOUND_STEP_EV, state.level_ev if state.level_ev is not None else told)
    if measured <= _BLACK_EV:
        return min(told - _BOUND_STEP_EV, state.level_ev if state.level_ev is not None else told)
    return told


def _heard(state: RampState, reading: float | None, sun: float, seconds: float) -> RampState:
    """Move level and trend on by `seconds`, and towards what was read."""
    if state.level_ev is None:
        if reading is None:
            return state
        return replace(state, level_ev=reading, recent=(reading,))
    trend = state.trend_ev * math.exp(-seconds / _FORGET_SECONDS)
    level = state.level_ev + trend * seconds
    if reading is None or seconds == 0:
        return replace(state, level_ev=level, trend_ev=trend)
    recent = (*(each + trend * seconds for each in state.recent), reading)[-_MEMORY:]  # the trend has gone on since
    dark = sun + level < _LAMPS_EV
    error = _densest(recent, leave_out=len(recent) // 4 if dark else 0) - level
    if abs(error) > _OFF_EV and all(abs(each - level) > _OFF_EV for each in recent[-_SURELY:]):
        return replace(state, level_ev=level + error, trend_ev=0.0, recent=recent)
    share = 1 - math.exp(-seconds / _LEVEL_SECONDS)
    learned = (1 - math.exp(-seconds / _TREND_SECONDS)) * error / _LEVEL_SECONDS
    fastest = _FASTEST_TREND / 60
    trend = min(max(trend + learned, -fastest), fastest)
    return replace(state, level_ev=level + share * error, trend_ev=trend, recent=recent)


def _densest(values: tuple[float, ...], *, leave_out: int) -> float:
    """Return the mean of the closest half: where most readings agree (the shorth; Andrews et al., 1972)."""
    ordered = sorted(values)[: len(values) - leave_out]
    half = len(ordered) // 2 + 1
    begin = min(range(len(ordered) - half + 1), key=lambda at: ordered[at + half - 1] - ordered[at])
    return fmean(ordered[begin : begin + half])


def _guarded(state: RampState, metered: FrameMetered | None, scene: float, seconds: float) -> RampState:
    """Move the guard of the highlights: slowly down while too much burns out, more slowly up again, off at night."""
    at_most = _GUARD_EV * _share(scene, _GUARD_NIGHT, _GUARD_DAY)
    guard, guarded = state.guard_ev, state.guarded_ev
    if metered is not None and metered.clipped_share > _CLIPPED:
        guard, guarded = guard + _GUARD_DOWN * seconds / 60, scene
    elif metered is not None and metered.clipped_share < _CLEAR and abs(scene - (guarded or 0.0)) > _GUARD_CHANGE_EV:
        guard -= _GUARD_UP * seconds / 60  # in the same light the highlights it saved would burn out again
    return replace(state, guard_ev=min(max(guard, 0.0), at_most), guarded_ev=guarded)


def _slewed(state: RampState, aim: float, sun: float | None, seconds: float, ramp: Ramp) -> float:
    """Return the exposure on its way to `aim`: what the sun does at once, the rest at the plan's rate.

    Where the sun is not known, what the trend foretells stands for it, as far as it leads to `aim`.
    """
    if state.wanted_ev is None:
        return aim
    way, trend = aim - state.wanted_ev, state.trend_ev * seconds
    if sun is not None:
        explained = 0.0 if state.sun_ev is None else sun - state.sun_ev
    else:
        explained = min(trend, way, key=abs) if trend * way > 0 else 0.0
    base = state.wanted_ev + explained
    rest = aim - base
    rate = ramp.rate_ev_per_minute * seconds / 60 * (_HURRY if abs(rest) > _OFF_EV else 1.0)
    most = min(rate, _MOST_PER_STEP)
    return base + min(max(rest, -most), most)


def _fitted(state: RampState, path: tuple[Setting, ...], wanted: float, sun: float, slot: int) -> Setting:
    """Return the setting on the path for `wanted`, with a dead band around the one that holds."""
    nearest, held = _nearest(path, wanted), _nearest(path, state.setting.ev100)
    if nearest is held or state.wanted_ev is None:
        return nearest
    error = wanted - held.ev100
    brighter = 1 if error < 0 else -1
    moving = _direction(state, wanted, sun)
    if state.direction == -brighter and slot - state.moved < _SETTLED_SLOTS and abs(error) < _SURE_EV:
        return held
    beyond = _WITH if moving == brighter else _STILL if moving == 0 else _AGAINST
    between = (held.ev100 + _next(path, held, brighter).ev100) / 2
    return nearest if abs(error) >= abs(between - held.ev100) + beyond else held


def _nearest(path: tuple[Setting, ...], ev100: float) -> Setting:
    return min(path, key=lambda setting: abs(setting.ev100 - ev100))


def _next(path: tuple[Setting, ...], held: Setting, brighter: int) -> Setting:
    index = path.index(held) + brighter
    return path[min(max(index, 0), len(path) - 1)]


def _direction(state: RampState, wanted: float, sun: float) -> int:
    """Return where the light goes: 1 wants brighter exposures (dusk), −1 darker ones (dawn), 0 neither."""
    if state.wanted_ev is None or state.sun_ev is None:
        return 0
    drift = (sun - state.sun_ev) * 6 + state.trend_ev * 60  # about EV a minute at ten seconds
    if abs(drift) < _MOVING:
        return 0
    return 1 if drift < 0 else -1


def _ends(path: tuple[Setting, ...], setting: Setting, wanted: float) -> list[str]:
    """Say which end of the camera's values, or of the plan's, keeps it from going further."""
    if setting is path[-1] and wanted < setting.ev100 - 0.5:
        return ["brightest"]
    return ["darkest"] if setting is path[0] and wanted > setting.ev100 + 0.5 else []


def _unheard(state: RampState, slot: int, sun: float, bias_ev: float) -> tuple[RampState, Setting, ExposureSteered]:
    """Keep what is set, moved on with the sun in mind only, until a frame has been metered."""
    wanted = state.setting.ev100 if state.wanted_ev is None else state.wanted_ev
    told = _told(slot, state.setting, wanted, 0.0, bias_ev, ("unmetered",))
    return replace(state, sun_ev=sun if state.wanted_ev is not None else None), state.setting, told


def _told(
    slot: int, setting: Setting, wanted: float, target: float, bias_ev: float, limits: tuple[str, ...]
) -> ExposureSteered:
    return ExposureSteered(
        slot=slot,
        wanted_ev=round(wanted, 4),
        applied_ev=round(setting.ev100, 4),
        residue_ev=round(wanted - setting.ev100, 4),
        target_ev=round(target, 4),
        bias_ev=_finite(bias_ev),
        limits=limits,
        shutter_seconds=setting.shutter_seconds,
        aperture=setting.aperture,
        iso=setting.iso,
        compensation_ev=setting.compensation_ev,
    )


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _finite(ev: float) -> float:
    return min(max(ev, -5.0), 5.0) if math.isfinite(ev) else 0.0
