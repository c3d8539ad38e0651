"""The ramp in a closed loop with made-up skies: what must hold for any readings, and what others' users complain of."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.core.events import ExposureSteered, FrameMetered
from dayspool.core.ladder import Ladder, Setting
from dayspool.core.ramp import Ramp, RampState, step
from dayspool.core.skylight import light_by_sun
from dayspool.errors import PlanError

THIRDS = Ladder(
    shutters=tuple(2 ** (n / 3) for n in range(-36, 15)),
    isos=tuple(100 * 2 ** (n / 3) for n in range(19)),
    apertures=tuple(2 ** (n / 6) for n in range(10, 27)),
)
BEGUN = Setting(shutter_seconds=2**-6.0, aperture=4.0, iso=100.0)
PLAN = Ramp(iso_max=6400)
BLACK, WHITE = -8.0, 2.47


@dataclass
class Loop:
    """A camera before a sky; `slots` of it at a time."""

    ramp: Ramp = PLAN
    ladder: Ladder = THIRDS
    interval: float = 10.0
    longest: float = 6.0
    state: RampState = field(default_factory=lambda: RampState.begin(BEGUN))
    slot: int = 0
    told: list[ExposureSteered] = field(default_factory=list)
    metered: FrameMetered | None = None
    elevation: float | None = None

    def shoot(self, light, *, elevation=None, lamp=0.0, clipped=None, bias=0.0):
        """Take one frame of a scene of `light` EV; return how much brighter than grey it came out."""
        self.state, setting, told = step(
            self.state,
            slot=self.slot,
            metered=self.metered,
            metered_elevation_deg=self.elevation,
            elevation_deg=elevation,
            seconds=self.interval,
            ramp=self.ramp,
            ladder=self.ladder,
            longest_seconds=self.longest,
            bias_ev=bias,
        )
        self.told.append(told)
        seen = min(max(light + lamp - setting.ev100, BLACK), WHITE)
        share = float(seen >= WHITE) if clipped is None else clipped(seen)
        self.metered = FrameMetered(
            slot=self.slot, measured_ev=seen, clipped_share=share, scene_ev=setting.ev100 + seen
        )
        self.elevation = elevation
        self.slot += 1
        return light - setting.ev100

    @property
    def applied(self):
        return [one.applied_ev for one in self.told]


def moves(applied):
    return [later - earlier for earlier, later in pairwise(applied) if abs(later - earlier) > 1e-6]


def turns(applied):
    return sum(one * two < 0 for one, two in pairwise(moves(applied)))


ODD = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1e9, -1e9, math.nan, math.inf, BLACK, WHITE]),
    st.floats(-4, 4),
)
READINGS = st.lists(st.tuples(ODD, st.one_of(st.floats(0, 1), st.just(math.nan)), ODD, ODD), max_size=40)


@settings(max_examples=60, deadline=None)
@given(readings=READINGS, longest=st.floats(0.01, 40), iso_max=st.floats(50, 12_800), bias=ODD)
def test_no_readings_whatever_lead_beyond_the_limits(readings, longest, iso_max, bias):
    ramp = Ramp(iso_max=iso_max)
    state = RampState.begin(BEGUN)
    for slot, (measured, clipped, scene, elevation) in enumerate(readings):
        metered = FrameMetered(slot=slot, measured_ev=measured, clipped_share=clipped, scene_ev=scene)
        state, setting, told = step(
            state,
            slot=slot,
            metered=metered if measured is not None else None,
            metered_elevation_deg=elevation,
            elevation_deg=elevation,
            seconds=10.0,
            ramp=ramp,
            ladder=THIRDS,
            longest_seconds=longest,
            bias_ev=bias or 0.0,
        )
        numbers = (told.wanted_ev, told.applied_ev, told.residue_ev, told.target_ev, told.bias_ev)
        assert all(math.isfinite(number) for number in numbers)
        if setting != BEGUN:
            assert setting.shutter_seconds in THIRDS.shutters
            assert setting.shutter_seconds <= max(longest, min(THIRDS.shutters))
            assert setting.iso <= max(iso_max, 100.0)
            assert setting.aperture == 4.0, "it may move only where the plan says so"


@settings(max_examples=4, deadline=None)
@given(
    light=st.floats(-3, 14.5),
    noise=st.lists(st.floats(-0.06, 0.06), min_size=30, max_size=30),
    clip_at=st.floats(-0.5, 3.0),
)
def test_on_a_constant_sky_it_comes_to_rest(light, noise, clip_at):
    loop = Loop()
    for slot in range(400):
        loop.shoot(
            light,
            elevation=5.0,
            lamp=noise[slot % 30],
            clipped=lambda seen: min(1.0, max(0.0, 0.02 + 0.06 * (seen - clip_at))),
        )
    assert moves(loop.applied[300:]) == []
    assert abs(loop.told[-1].residue_ev) < 0.4


@settings(max_examples=12, deadline=None)
@given(light=st.floats(-2, 15))
def test_a_start_far_off_is_mended_within_a_few_frames_without_overshoot(light):
    loop = Loop()
    errors = [loop.shoot(light) - PLAN.target_ev(light) for _ in range(40)]
    assert abs(errors[-1]) < 0.8, errors
    assert turns(loop.applied) <= 2, "the first guess is taken back by a third at most"
    assert max((abs(move) for move in moves(loop.applied[5:])), default=0.0) < 0.7


def test_flapping_around_a_threshold():
    """Light that hovers right between two settings moves nothing to and fro."""
    loop = Loop()
    for slot in range(200):
        loop.shoot(8.5 + 0.1 * math.sin(slot / 7), elevation=4.0)
    assert turns(loop.applied[30:]) == 0


def test_pumping_on_headlights_and_lightning():
    loop = Loop()
    for slot in range(200):
        lamp = 2.5 if slot % 37 in (0, 1) or slot % 53 == 0 else 0.0
        loop.shoot(1.0, lamp=lamp, elevation=-10.0)
    assert moves(loop.applied[40:]) == []


def dusk(loop, degrees_per_hour, from_degrees=6.0, to_degrees=-9.0, place=True, haze=0.5):
    """Take a dusk, hazier than the ramp believes; return the errors."""
    errors = []
    for slot in range(int((from_degrees - to_degrees) / degrees_per_hour * 3600 / loop.interval)):
        elevation = from_degrees - degrees_per_hour * slot * loop.interval / 3600
        light = max(light_by_sun(elevation - haze) / 0.9 * 0.95 + 1.5, -3.0)
        came_out = loop.shoot(light, elevation=elevation if place else None)
        errors.append(came_out - loop.ramp.target_ev(light))
    return errors


@pytest.mark.parametrize(
    ("degrees_per_hour", "place"), [(4.0, True), (9.0, True), (14.5, True), (9.0, False), (14.5, False)]
)
def test_too_slow_in_the_tropics_or_the_arctic(degrees_per_hour, place):
    loop = Loop()
    errors = dusk(loop, degrees_per_hour, place=place)
    assert max(map(abs, errors[20:])) < 0.9
    assert math.sqrt(sum(error**2 for error in errors[20:]) / len(errors[20:])) < (0.25 if place else 0.35)
    assert turns(loop.applied[20:]) <= 1


def test_a_step_at_the_boundary_of_day_and_night():
    """There are no modes: through all of a dusk no step is larger than two thirds."""
    loop = Loop()
    dusk(loop, 9.0)
    assert max(abs(move) for move in moves(loop.applied[20:])) < 0.7


def test_highlight_protection_that_darkens_everything():
    def lamps(seen):
        return 0.06  # always too much, whatever the exposure: a window, the sun's disc

    day, night = Loop(), Loop()
    by_day = [day.shoot(12.0, elevation=20.0, clipped=lamps) for _ in range(300)]
    at_night = [night.shoot(-2.0, elevation=-20.0, clipped=lamps) for _ in range(100)]
    assert by_day[-1] > -1.2, "it has an end"
    assert abs(at_night[-1] - PLAN.night_ev) < 0.4, "and none at night"
    steps = [abs(later - earlier) for earlier, later in pairwise(day.applied[20:])]
    assert max(steps) < 0.4, "and goes slowly"


@pytest.mark.parametrize(("slope", "clip_at"), [(0.15, -0.2), (0.3, -0.6), (0.3, -0.2)])
def test_highlight_protection_that_swings(slope, clip_at):
    """One step darker and nothing burns out; that is no reason to go back in the same light."""
    loop = Loop()
    for _ in range(400):
        loop.shoot(12.0, elevation=20.0, clipped=lambda seen: min(1.0, max(0.0, 0.02 + slope * (seen - clip_at))))
    assert moves(loop.applied[250:]) == []


def test_first_frames_after_a_restart_are_as_those_before():
    before = Loop()
    for _ in range(100):
        before.shoot(3.0, elevation=-5.0)
    after = Loop(state=RampState.again(before.told[-1]))
    errors = [after.shoot(3.0, elevation=-5.0) - PLAN.target_ev(3.0) for _ in range(20)]
    assert max(map(abs, errors)) < 0.4
    assert len(moves(after.applied)) <= 1


def test_silently_off_without_readings():
    """It says so, and holds what is set."""
    loop = Loop()
    for _ in range(5):
        loop.metered = None
        loop.shoot(8.0)
    assert all("unmetered" in one.limits for one in loop.told)
    assert moves(loop.applied) == []


def test_a_shutter_longer_than_the_interval():
    loop = Loop(longest=4.0)
    for _ in range(200):
        loop.shoot(-8.0)
    assert loop.told[-1].shutter_seconds <= 4.0
    assert loop.told[-1].iso == pytest.approx(6400)
    assert "brightest" in loop.told[-1].limits


def test_a_measured_nought_is_a_measure():
    loop = Loop()
    for _ in range(30):
        loop.shoot(9.0)
    assert "unmetered" not in loop.told[-1].limits
    exact = RampState.begin(BEGUN)
    metered = FrameMetered(slot=0, measured_ev=0.0, clipped_share=0.0, scene_ev=0.0)
    state, _, told = step(
        exact,
        slot=1,
        metered=metered,
        metered_elevation_deg=None,
        elevation_deg=None,
        seconds=10,
        ramp=PLAN,
        ladder=THIRDS,
        longest_seconds=6.0,
    )
    assert state.level_ev is not None
    assert "unmetered" not in told.limits


def test_iso_goes_back_first_at_dawn():
    loop = Loop(longest=1.0)
    for slot in range(900):
        loop.shoot(-1.0 + slot * 0.01)
    times = [one.shutter_seconds for one in loop.told[60:]]
    isos = [one.iso for one in loop.told[60:]]
    assert all(time == pytest.approx(1.0) for time, iso in zip(times, isos, strict=True) if iso > 101)
    assert isos[-1] == 100.0


def test_a_bias_moves_the_target_at_once_and_the_exposure_at_its_rate():
    loop = Loop()
    for _ in range(60):
        loop.shoot(10.0, elevation=20.0)
    came_out = [loop.shoot(10.0, elevation=20.0, bias=1.0) for _ in range(60)]
    assert loop.told[-1].bias_ev == 1.0
    assert came_out[-1] == pytest.approx(1.0, abs=0.4)
    assert came_out[3] < 0.7


@pytest.mark.parametrize(
    "wrong",
    [{"night_ev": -9.0}, {"iso_max": 0.0}, {"rate_ev_per_minute": math.nan}, {"iso_min": 800.0, "iso_max": 400.0}],
)
def test_a_plan_of_nonsense_is_refused(wrong):
    with pytest.raises(PlanError):
        Ramp(**wrong)


def test_the_sun_is_not_fed_to_a_camera_that_exposes_by_itself():
    steps = Ladder(compensations=tuple(third / 3 for third in range(-9, 10)))
    state, metered = RampState.begin(Setting(compensation_ev=0.0)), None
    for slot in range(60):
        state, setting, _ = step(
            state,
            slot=slot,
            metered=metered,
            metered_elevation_deg=10.0,
            elevation_deg=10.0,
            seconds=10,
            ramp=PLAN,
            ladder=steps,
            longest_seconds=6,
        )
        seen = setting.compensation_ev - 0.6
        metered = FrameMetered(slot=slot, measured_ev=seen, clipped_share=0.0, scene_ev=12.0)
    assert setting.compensation_ev == pytest.approx(2 / 3)
