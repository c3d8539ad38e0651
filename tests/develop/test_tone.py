"""A camera's own tone curve: undone, done again, and refused where it is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.develop import Recipe
from dayspool.develop.builtin_light import adjusted, decoded_light, encoded_light
from dayspool.develop.tone import Tone
from dayspool.errors import PlanError

S_CURVE = Tone(points=((0.055, 0.01), (0.19, 0.05), (0.55, 0.21), (0.86, 0.52), (0.965, 0.79)))
GREYS = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)
rising = st.lists(st.integers(1, 99), min_size=0, max_size=8, unique=True).map(sorted)
tones = st.tuples(rising, rising).map(
    lambda two: Tone(points=tuple((at / 100, to / 100) for at, to in zip(*two, strict=False)))
)


@given(tones)
def test_a_tone_rises_from_black_to_white_and_is_undone(tone):
    codes = np.linspace(0, 1, 1025)
    light = tone.light(codes)
    assert (np.diff(light) >= 0).all()
    assert light[[0, -1]] == pytest.approx([0, 1])
    assert tone.light(np.array([at for at, _ in tone.points])) == pytest.approx([to for _, to in tone.points])
    assert tone.encoded(light) == pytest.approx(codes, abs=2e-3)


def test_without_points_it_is_srgb():
    codes = np.linspace(0, 1, 256)
    assert Tone(points=()).light(codes) == pytest.approx(decoded_light(codes))
    assert Tone(points=((0.0, 0.0), (1.0, 1.0))).encoded(decoded_light(codes)) == pytest.approx(codes, abs=1e-6)


def test_a_camera_with_a_curve_of_its_own_is_graded_in_its_own_light():
    light = np.linspace(0.02, 0.7, 200)
    for grade_ev in (-0.24, -0.05, 0.05, 0.24):
        seen = np.rint(S_CURVE.encoded(light * 2**-grade_ev) * 255).astype(np.uint8)
        rgb = np.repeat(seen[np.newaxis, :, np.newaxis], 3, axis=2)
        shown = adjusted(rgb, Recipe(grade=(grade_ev,) * 3, tone=S_CURVE))[0, :, 1] / 65535
        assert np.abs(shown - S_CURVE.encoded(light)).max() <= 1 / 255
        assumed = adjusted(rgb, Recipe(grade=(grade_ev,) * 3))[0, :, 1] / 65535
        assert np.abs(assumed - S_CURVE.encoded(light)).max() > np.abs(shown - S_CURVE.encoded(light)).max()


def test_a_tone_alone_changes_nothing_and_white_stays_white():
    assert adjusted(GREYS, Recipe(tone=S_CURVE)) is GREYS
    for ev in (-0.3, 0.3):
        assert (adjusted(GREYS, Recipe(tone=S_CURVE, grade=(ev,) * 3))[0, -1] == 65535).all()


def test_what_deflicker_learned_becomes_a_tone():
    tone = Tone.over_srgb(((-6.0, -7.0), (-2.0, -2.5), (-0.1, -0.3), (0.0, 0.0)))
    assert tone.light(encoded_light(np.array([0.25]))) == pytest.approx([2**-2.5], rel=1e-3)
    assert Tone.over_srgb(((0.0, 0.0),)) == Tone(points=())


@pytest.mark.parametrize(
    "points",
    [
        ((0.5, 0.2), (0.5, 0.3)),
        ((0.5, 0.3), (0.6, 0.3)),
        ((0.6, 0.3), (0.5, 0.4)),
        ((0.5, 0.0),),
        ((1.0, 0.5),),
        ((0.5, 1.5),),
        ((0.5, float("nan")),),
        ((0.5,),),
    ],
)
def test_what_is_no_tone_is_named(points):
    with pytest.raises(PlanError, match="no camera's"):
        Tone(points=points)
