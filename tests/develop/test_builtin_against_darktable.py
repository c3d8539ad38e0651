"""The developer in this process beside the real darktable: whoever changes between them changes no exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from dayspool.develop import BuiltinDeveloper, DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.builtin_light import decoded_light
from dayspool.develop.builtin_raw import light_of
from dayspool.develop.sample import bayer, dng

if TYPE_CHECKING:
    from pathlib import Path

    from dayspool.develop import Developer

pytestmark = pytest.mark.tools

GREYS = (20, 40, 70, 100, 118, 140)
RECIPES = (
    Recipe(),
    Recipe(ev=0.5),
    Recipe(ev=-1.0),
    Recipe(ev=-2.5),
    Recipe(ev=0.2, gains=(1.2, 1.0, 0.8)),
    Recipe(gains=(0.8, 1.0, 1.25)),
)
LIGHTS = (0.04, 0.06, 0.1, 0.2, 0.4, 0.7)


def developed(developer: Developer, jobs: list[DevelopJob]) -> list[np.ndarray]:
    """The linear light of every plate, at full depth."""
    plates = list(developer.develop(jobs))
    assert all(isinstance(plate, Plate) for plate in plates), plates
    return [decoded_light(plate.rgb / np.iinfo(plate.rgb.dtype).max) for plate in plates]


def job(path: Path, recipe: Recipe) -> DevelopJob:
    return DevelopJob(path=path, width=96, height=64, recipe=recipe)


def test_pictures_and_raw_frames_come_out_alike_below_the_highlights(tmp_path):
    ramp = np.tile(np.repeat(np.array(GREYS, np.uint8), 16), (64, 1))
    picture = tmp_path / "ramp.jpg"
    Image.fromarray(np.stack([ramp] * 3, axis=-1)).save(picture, quality=100, subsampling=0)
    raws = [tmp_path / f"{light}.dng" for light in LIGHTS]
    for path, light in zip(raws, LIGHTS, strict=True):
        path.write_bytes(dng(bayer(np.full((64, 96, 3), light))))
    of_pictures, of_raws = [job(picture, recipe) for recipe in RECIPES], [job(raw, Recipe()) for raw in raws]
    theirs = developed(DarktableDeveloper(), of_pictures + of_raws)
    ours = developed(BuiltinDeveloper(), of_pictures)
    for recipe, one, other in zip(RECIPES, ours, theirs[: len(RECIPES)], strict=True):
        differ_ev = np.log2(one[32, 8::16] / other[32, 8::16])
        assert np.abs(differ_ev).max() < 1e-3, recipe
    for raw_job, light, other in zip(of_raws, LIGHTS, theirs[len(RECIPES) :], strict=True):
        before_tone = light_of(raw_job, None)[32, 48] / 65535
        assert np.abs(np.log2(before_tone / other[32, 48])).max() < 1e-3, light
