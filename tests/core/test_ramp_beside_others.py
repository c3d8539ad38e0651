"""The ramp on made-up evenings and mornings: how far off, how restless, and how much better than its nearest rival."""

import math

import numpy as np
import pytest

from benchmarks.ramp.compare import ours, score, theirs
from benchmarks.ramp.rivals import RIVALS
from benchmarks.ramp.scenes import SCENES, series

SEEDS = range(2)
CALM_RIVAL = "VIEW-like: PID of a rate"  # the only one that turns back as rarely as ours (docs/ramping.md)


def played(scene, play):
    """Return RMS and 99th percentile of the error in EV over all seeds, and the reversals in each."""
    scores = [score(run, *play(run)) for run in (series(scene, seed) for seed in SEEDS)]
    errors = np.concatenate([one.errors for one in scores])
    rms = math.sqrt(np.mean(errors**2))
    return rms, float(np.quantile(np.abs(errors), 0.99)), [one.reversals for one in scores]


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES[:3], ids=lambda scene: scene.name.split()[0])
def test_a_transition_is_followed_closely_calmly_and_better_than_by_the_nearest_rival(scene):
    rms, p99, reversals = played(scene, lambda run: ours(run, place=True))
    assert rms <= 0.20
    assert p99 <= 0.55
    assert max(reversals) <= 1
    rival, _, _ = played(scene, lambda run: theirs(run, RIVALS[CALM_RIVAL]))
    assert rms <= 0.80 * rival


@pytest.mark.slow
def test_a_tropical_dusk_is_followed_without_knowing_the_place():
    rms, p99, reversals = played(SCENES[1], lambda run: ours(run, place=False))
    assert rms <= 0.20
    assert p99 <= 0.48, "by the rate alone it was 0.52"
    assert max(reversals) <= 1
