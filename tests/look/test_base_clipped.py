"""A sky that was clipped, through the real darktable with the stack of a RAW without a look: it must not pulse."""

from __future__ import annotations

import numpy as np
import pytest

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.builtin_light import decoded_light
from dayspool.develop.introspect import installed_modules
from dayspool.develop.sample import bayer, dng
from dayspool.look.base import balance_of, base_stack

pytestmark = pytest.mark.tools

FLICKER_EV = (-0.24, -0.1, 0.0, 0.11, 0.24)
LIGHTS = (0.05, 0.2, 0.4, 1.5, 3.0)  # of a full sensor; the last two are clipped in every frame
WIDTH = 80


def light(plate: object) -> np.ndarray:
    assert isinstance(plate, Plate), plate
    patches = plate.rgb[24, 8 :: WIDTH // len(LIGHTS), 1]
    return decoded_light(patches / np.iinfo(plate.rgb.dtype).max)


def test_a_lifted_sequence_has_an_even_clipped_sky_and_is_even_below_it(tmp_path):
    raws = [tmp_path / f"{number}.dng" for number in range(len(FLICKER_EV))]
    for raw, flicker_ev in zip(raws, FLICKER_EV, strict=True):
        seen = np.repeat(LIGHTS, WIDTH // len(LIGHTS)) * 2**flicker_ev
        raw.write_bytes(dng(bayer(np.clip(np.tile(seen[:, np.newaxis], (48, 1, 3)), 0, 1))))
    sidecar, _ = base_stack(installed_modules(), balance_of(raws))
    lift_ev = max(FLICKER_EV)
    recipes = [Recipe(sidecar=sidecar.data, grade=(lift_ev - flicker_ev,) * 3) for flicker_ev in FLICKER_EV]
    jobs = [
        DevelopJob(path=raw, width=WIDTH, height=48, recipe=recipe) for raw, recipe in zip(raws, recipes, strict=True)
    ]
    shown = np.array([light(plate) for plate in DarktableDeveloper().develop(jobs)])
    assert (shown[:, 3:] == 1).all()
    pulse_mev = 1000 * np.log2(shown).std(axis=0)
    assert pulse_mev.max() <= 1.5
