"""Gains in linear light and tone curves: exact where they must be, smooth and monotone everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.develop import Recipe
from dayspool.develop.builtin_light import adjusted, decoded_light, encoded_light, looked_up, shouldered
from dayspool.develop.builtin_tone import BASE_EV, filmic, through
from dayspool.errors import PlanError

GREYS = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)
DEEP_GREYS = np.repeat(np.arange(0, 65536, 5, dtype=np.uint16)[np.newaxis, :, np.newaxis], 3, axis=2)
HALF_A_CODE = 0.5 / 255
evs = st.floats(-4, 4)
gains = st.floats(0.25, 4)


def light(rgb: np.ndarray) -> np.ndarray:
    """The light of a picture, by a formula of IEC 61966-2-1 written down once more."""
    code = rgb.astype(np.float64) / np.iinfo(rgb.dtype).max
    return np.where(code > 0.04045, ((code + 0.055) / 1.055) ** 2.4, code / 12.92)


def code(linear: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, linear * 12.92)


@pytest.mark.parametrize("greys", [GREYS, DEEP_GREYS], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize("ev", [-3.0, -1.0, -0.3, -0.01, 0.01, 0.3, 1.0, 3.0])
def test_a_grey_ramp_obeys_an_exposure_in_linear_light(greys, ev):
    wanted = light(greys) * 2**ev
    got = adjusted(greys, Recipe(ev=ev))
    assert got.dtype == np.uint16
    below = wanted <= 0.5 if ev > 0 else wanted <= 1
    assert np.abs(got / 65535 - code(wanted))[below].max() <= HALF_A_CODE / 100
    assert (np.diff(got[0, :, 1].astype(int)) >= 0).all()
    assert got[0, -1, 1] == 65535 or ev < 0


def test_a_recipe_that_asks_for_nothing_gives_the_very_same_picture():
    assert adjusted(GREYS, Recipe()) is GREYS
    assert adjusted(DEEP_GREYS, Recipe(ev=0.0, gains=(1, 1, 1))) is DEEP_GREYS
    assert adjusted(GREYS, Recipe(ev=1.0, gains=(0.5, 0.5, 0.5))) is GREYS


@pytest.mark.parametrize("ev", [-32.0, 32.0])
def test_the_most_that_can_be_asked_for_is_black_or_white(ev):
    assert set(np.unique(adjusted(GREYS, Recipe(ev=ev))[:, 1:])) == {65535 if ev > 0 else 0}


@given(evs, st.tuples(gains, gains, gains))
def test_exposure_and_gains_are_one_factor_for_each_channel(ev, three):
    together = adjusted(GREYS, Recipe(ev=ev, gains=three))
    for channel, gain in enumerate(three):
        alone = adjusted(GREYS, Recipe(ev=ev + np.log2(gain)))
        assert np.abs(together[..., channel].astype(int) - alone[..., channel].astype(int)).max() <= 1


@given(st.floats(0.1, 16))
def test_the_shoulder_rises_and_keeps_black_and_white(gain):
    ramp = np.linspace(0, 1, 4097)
    bent = shouldered(ramp, gain)
    assert (np.diff(bent) > 0).all()
    assert bent[0] == 0
    assert bent[-1] == pytest.approx(min(gain, 1))
    assert (bent <= ramp * gain + 1e-12).all()


def test_the_shoulder_goes_over_into_the_straight_line_without_a_jump_or_a_kink():
    ramp = np.linspace(0, 1, 20001)
    assert np.abs(shouldered(ramp, 1 + 1e-6) - ramp).max() < 1e-6
    slope = np.diff(shouldered(ramp, 2.0)) / np.diff(ramp)
    assert np.abs(np.diff(slope)).max() < 1e-3


@given(st.floats(-4, 4), st.floats(0, 0.1))
def test_more_exposure_is_never_darker(ev, more):
    ramp = np.linspace(0, 1, 257)
    assert (shouldered(ramp, 2 ** (ev + more)) >= shouldered(ramp, 2**ev) - 1e-12).all()


def test_encoding_undoes_decoding():
    ramp = np.linspace(0, 1, 65536)
    assert np.abs(encoded_light(decoded_light(ramp)) - ramp).max() < 1e-7


@pytest.mark.parametrize("alike", [True, False])
def test_every_code_is_looked_up_in_the_table_of_its_channel(alike):
    rng = np.random.default_rng(3)
    rgb = rng.integers(0, 256, (37, 5, 3), dtype=np.uint8)
    tables = [rng.integers(0, 65536, 256).astype(np.uint16) for _ in range(3)]
    tables = tables[:1] * 3 if alike else tables
    wanted = np.stack([tables[channel][rgb[..., channel]] for channel in range(3)], axis=2)
    assert (looked_up(rgb, tables) == wanted).all()
    assert (looked_up(rgb.transpose(1, 0, 2), tables) == wanted.transpose(1, 0, 2)).all()


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(ev=float("nan")),
        Recipe(ev=float("inf")),
        Recipe(ev=5000.0),
        Recipe(ev=600.0),
        Recipe(ev=32.1),
        Recipe(ev=-5000.0),
        Recipe(gains=(1.0, 0.0, 1.0)),
        Recipe(gains=(1.0, 1.0, -1.0)),
    ],
)
def test_numbers_that_make_no_picture_are_named(recipe):
    with pytest.raises(PlanError, match="EV with gains"):
        adjusted(GREYS, recipe)


curves = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=2, max_size=7).map(
    lambda points: tuple(
        zip(
            *(np.unique([p[0] / 100 for p in points]).tolist(), sorted(p[1] / 100 for p in points)),
            strict=False,
        )
    )
)


@given(curves.filter(lambda points: len(points) >= 2))
def test_a_curve_goes_through_its_points_and_overshoots_nowhere(points):
    at, to = np.array(points).T
    assert through(points, at) == pytest.approx(to)
    drawn = through(points, np.linspace(0, 1, 1001))
    assert (np.diff(drawn) >= -1e-12).all()
    assert (drawn >= to[0] - 1e-12).all()
    assert (drawn <= to[-1] + 1e-12).all()


def test_a_curve_is_straight_where_its_points_are_and_has_the_slopes_of_the_paper_elsewhere():
    straight = through(((0.0, 0.0), (0.3, 0.3), (1.0, 1.0)), np.linspace(0, 1, 101))
    assert straight == pytest.approx(np.linspace(0, 1, 101))
    points = ((0.0, 0.0), (0.25, 0.15), (0.5, 0.55), (0.75, 0.9), (1.0, 1.0))
    left, right = 2 / (1 / 0.6 + 1 / 1.6), 2 / (1 / 1.6 + 1 / 1.4)  # harmonic means: the points lie evenly
    middle = (0.15 + 0.55) / 2 + 0.25 * (left - right) / 8  # of a cubic between two points with these slopes
    assert through(points, np.array([0.375])) == pytest.approx([middle])


def test_a_curve_is_drawn_over_the_encoded_picture_after_the_gain():
    flat = ((0.0, 0.5), (1.0, 0.5))
    assert (adjusted(GREYS, Recipe(ev=2.0, curve=flat)) == 32768).all()
    identity = adjusted(GREYS, Recipe(curve=((0.0, 0.0), (1.0, 1.0))))
    assert (identity == GREYS.astype(np.uint16) * 257).all()


@pytest.mark.parametrize(
    "points",
    [
        ((0.0, 0.0),),
        ((0.5, 0.0), (0.5, 1.0)),
        ((1.0, 0.0), (0.0, 1.0)),
        ((0.0, 0.5), (1.0, 0.4)),
        ((0.0, 0.0), (1.5, 1.0)),
        ((0.0, float("nan")), (1.0, 1.0)),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_named(points):
    with pytest.raises(PlanError, match="tone curve"):
        through(points, np.zeros(1))


def test_the_tone_of_raw_frames_keeps_middle_grey_and_shows_a_full_sensor_as_white():
    scene = np.linspace(0, 2 * 2**BASE_EV, 10001)
    shown = filmic(scene)
    assert (np.diff(shown) >= 0).all()
    assert filmic(np.array([0.0, 0.1845, 2**BASE_EV])) == pytest.approx([0, 0.1845, 1])
    assert shown[-1] == 1
    slope = np.diff(np.log(filmic(np.array([0.184, 0.185])))) / np.diff(np.log([0.184, 0.185]))
    assert slope == pytest.approx([1.27], abs=0.01)
