"""Mosaic RAW files through the real darktable: as they are, by its automatic exposure, and by our grades."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.deflicker.metrics import scored
from benchmarks.deflicker.scenes import scene
from benchmarks.deflicker.scenes_camera import dng_file
from dayspool.deflicker import Known
from dayspool.deflicker.measure import measured
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve
from dayspool.deflicker.wish import DeflickerWish
from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe, installed_modules
from dayspool.develop.builtin_raw import pinned
from dayspool.develop.proxy import proxy
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.deflicker.metrics import Score
    from dayspool.deflicker import Curves

__all__ = [
    "AS_IT_IS",
    "FRAMES",
    "SCENES",
    "SEED",
    "SIZE",
    "ThroughDarktable",
    "automatic",
    "developed",
    "graded",
    "graded_recipes",
    "through_darktable",
]

AS_IT_IS = Recipe(ev=0.0)
SCENES, FRAMES, SIZE, SEED = ("clouds", "passers", "sunset"), 120, (144, 80), 0
"""What is sent through darktable: short films of small pictures, at 0.08 s a picture."""


@cache
def automatic(percentile: float = 50.0, target_ev: float = -4.0) -> Recipe:
    """Return the edit that switches darktable's automatic exposure on ("deflicker" in its sources), at its defaults."""
    module = installed_modules().find("exposure")
    assert module is not None
    assert module.defaults is not None
    asked = {"mode": 1, "deflicker_percentile": percentile, "deflicker_target_level": target_ev}
    params = packed(module, module.defaults, asked)
    step = Step(operation="exposure", version=module.version, params=params)
    return Recipe(sidecar=Sidecar.blank(raw=True).with_steps([step]).data)


def graded(
    paths: Sequence[Path],
    *,
    nominal_ev: NDArray[np.float64] | None = None,
    target_ev: NDArray[np.float64] | None = None,
    fps: float = 25.0,
) -> Curves:
    """Measure RAW files as a render does, and solve.

    Args:
        paths: the files, in order.
        nominal_ev: how bright their exposure draws a scene, shape (frames,); None: nothing is known but the pictures.
        target_ev: how bright it was meant to; None: nobody knows.
        fps: frames per second of the film.
    """
    levels = pinned(paths)
    tying = Tying()
    unknown = np.full(len(paths), np.nan)
    nominal = unknown if nominal_ev is None else nominal_ev
    target = unknown if target_ev is None else target_ev
    for path, ev in zip(paths, nominal.tolist(), strict=True):
        seen = proxy(path, levels=levels)
        tying.push(measured(seen.rgb, step=seen.step, encoded=seen.encoded), ev)
    known = Known(slots=np.arange(len(paths)), nominal_ev=nominal, target_ev=target)
    return solve(known, tying.ties, DeflickerWish(), fps=fps, colour=False, lift=True)


def graded_recipes(curves: Curves, base: Recipe = AS_IT_IS) -> list[Recipe]:
    """Return what a render hands on to a developer: every frame's grade on top of the look."""
    return [replace(base, grade=(ev, ev, ev)) for ev in curves.grade_ev.tolist()]


def developed(
    paths: Sequence[Path], ways: Sequence[Sequence[Recipe]], *, width: int, height: int
) -> list[NDArray[np.uint16]]:
    """Develop every file by each way's recipe for it, all in one call: the frames of each way, sRGB in 16 bits."""
    jobs = [
        DevelopJob(path=path, width=width, height=height, recipe=recipe)
        for recipes in ways
        for path, recipe in zip(paths, recipes, strict=True)
    ]
    plates = list(DarktableDeveloper().develop(jobs, threads=1))
    pictures = []
    for plate in plates:
        assert isinstance(plate, Plate), plate
        pictures.append(plate.rgb.astype(np.uint16))
    whole = np.stack(pictures).reshape(len(ways), len(paths), *pictures[0].shape)
    return list(whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughDarktable:
    """What three ways leave of one scene in RAW files: nothing done, darktable's automatic exposure, and our grades."""

    scene: str
    as_it_is: Score
    automatic: Score
    ours: Score


def through_darktable(name: str) -> ThroughDarktable:
    """Write a scene as RAW files, have darktable develop them three times in one run, and judge what comes out."""
    take = scene(name, SEED, frames=FRAMES, size=SIZE)
    with tempfile.TemporaryDirectory(prefix="dayspool-dng-") as folder:
        paths = [Path(folder, f"{index:04d}.dng") for index in range(take.frames)]
        for index, path in enumerate(paths):
            path.write_bytes(dng_file(take.shot(index)))
        curves = graded(paths, nominal_ev=take.nominal_ev, target_ev=take.target_ev)
        ways = [[AS_IT_IS] * take.frames, [automatic()] * take.frames, graded_recipes(curves)]
        shown = developed(paths, ways, width=SIZE[0], height=SIZE[1])
    as_it_is, automatically, ours = (scored(take, list(one)) for one in shown)
    return ThroughDarktable(scene=name, as_it_is=as_it_is, automatic=automatically, ours=ours)
