"""The methods of others, made again for the benchmark: that they do their work, where it can be done."""

import numpy as np
import pytest

from benchmarks.deflicker.page import kept_footage
from benchmarks.deflicker.rivals import NOTHING, encoded, linear, rivals

FRAMES = 40
MADE_AGAIN = [one for one in rivals() if not one.real and one.name != NOTHING]


def view():
    x, y = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 40))
    light = 0.05 + 0.3 * x * (0.4 + 0.6 * y)
    return light[..., np.newaxis] * np.array([1.0, 0.85, 0.7])


def green_ev(codes):
    return np.log2(linear(codes)[..., 1].mean(axis=(1, 2)))


@pytest.mark.parametrize("rival", MADE_AGAIN, ids=lambda one: one.name)
def test_what_does_not_flicker_does_not_flicker_afterwards(rival):
    still = np.repeat(encoded(view())[np.newaxis], FRAMES, axis=0)
    shown = rival.run(still)
    assert (shown == shown[0]).all()
    if rival.name != "simple-deflicker":  # smoothing its table, it darkens the codes at the edge of a histogram
        assert np.abs(shown.astype(int) - still).max() <= 1


@pytest.mark.parametrize("rival", MADE_AGAIN, ids=lambda one: one.name)
def test_flicker_of_a_view_in_which_nothing_moves_is_taken_away(rival):
    ev = np.random.default_rng(3).normal(0, 0.1, FRAMES)
    shot = np.stack([encoded(view() * 2**one) for one in ev])
    left = np.diff(green_ev(rival.run(shot)))
    assert np.std(left) < 0.3 * np.std(np.diff(ev))


def test_the_part_on_real_footage_stays_where_there_is_none_to_measure():
    page = "head\n" + kept_footage("", "measured once") + "tail\n"
    assert "measured once" in kept_footage(page, None)
    assert kept_footage("no such part", None) == ""
    assert "anew" in kept_footage(page, "anew")
    assert "once" not in kept_footage(page, "anew")
