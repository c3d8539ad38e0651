"""Run every method over every scene and keep its figures."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from benchmarks.deflicker.ffmpeg import ffmpeg, vmaf
from benchmarks.deflicker.metrics import scored
from benchmarks.deflicker.ours import corrected
from benchmarks.deflicker.rivals import NOTHING, Rival, rivals, robust_trend, told_by_exif, whittaker
from benchmarks.deflicker.scenes import Scene, scene
from benchmarks.deflicker.scenes_camera import encoded_8
from dayspool.deflicker import DeflickerWish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from benchmarks.deflicker.ffmpeg import Codes
    from benchmarks.deflicker.metrics import Score

__all__ = ["ALSO", "EXIF_ONLY", "EXIF_TREND", "OURS", "Result", "others", "own", "remembered", "tournament"]

Frames: TypeAlias = "Sequence[NDArray[np.uint8] | NDArray[np.uint16]]"

OURS = "dayspool"
EXIF_ONLY, EXIF_TREND = "EXIF alone", "EXIF, then linear mean, robust trend"
ALSO = {
    "aperture": {"dayspool, field on": DeflickerWish(field=True)},
    "banding": {"dayspool, banding on": DeflickerWish(banding=True)},
}
"""What is off by default, tried on the scenes it is made for."""

_STAIRS = 3e4  # stiffness that irons the treads of an exposure's stairs out and keeps their climb
_THIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The figures of one method on one scene; as in `Score`, with its VMAF where that was asked for.

    `gain_ev` is what is left in every frame, against its median, `lift_ev`.
    """

    scene: str
    seed: int
    method: str
    hf_mev: float
    step_mev: float
    slow_mev: float
    colour_mev: float
    clipped_mev: float
    uneven_mev: float
    worst_mev: float
    psnr_db: float
    ssim: float
    vmaf: float
    lift_ev: float
    gain_ev: tuple[float, ...]


def tournament(names: Sequence[str], seeds: Sequence[int], *, frames: int, workers: int) -> Iterator[list[Result]]:
    """Yield the results of one scene with one seed after another; processes share the work."""
    asked = [(name, seed) for name in names for seed in seeds]
    play = partial(_played, frames=frames, first=seeds[0])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        yield from pool.map(play, asked)


def _one_thread() -> None:
    os.nice(5)


def _played(asked: tuple[str, int], *, frames: int, first: int) -> list[Result]:
    name, seed = asked
    take = remembered(scene(name, seed, frames=frames))
    return [*others(take, watched=seed == first), *own(take, watched=seed == first)]


def others(take: Scene, *, watched: bool) -> list[Result]:
    """Run all other methods; `watched` is with VMAF of doing nothing and of the best.

    Of FFmpeg's modes all are tried on every third pixel of every third row, and the best of them is judged in full.
    """
    codes = np.stack([take.pixels(index) for index in range(take.frames)])
    entered = list(_entered(take))
    thin = {one.name: _thinned(take, one.run(codes), one.name) for one in entered if one.real}
    best_mode = min(thin, key=lambda name: thin[name].hf_mev, default=None)
    found = [result for name, result in thin.items() if name != best_mode]
    shown_by: dict[str, Frames] = {}
    for rival in entered:
        if not rival.real or rival.name == best_mode:
            shown_by[rival.name] = rival.run(codes)
            found.append(_result(take, rival.name, scored(take, shown_by[rival.name])))
    if not watched:
        return found
    best = min((one for one in found if one.method != NOTHING), key=lambda one: one.hf_mev).method
    seen = {name: shown for name, shown in shown_by.items() if name in {NOTHING, best}}
    return [_with_vmaf(take, one, seen[one.method]) if one.method in seen else one for one in found]


def _thinned(take: Scene, shown: Frames, method: str) -> Result:
    """Judge every third pixel of every third row, which says nothing of structure."""
    kept = (slice(None, None, _THIN), slice(None, None, _THIN))
    field = take.take.field_ev
    thin = replace(
        take.take,
        light=lambda index: take.truth(index)[kept],
        field_ev=None if field is None else lambda index: field(index)[kept],
    )
    height, width = take.truth(0)[kept].shape[:2]
    small = replace(take, size=(width, height), take=thin)
    return replace(_result(take, method, scored(small, [frame[kept] for frame in shown])), ssim=float("nan"))


def own(take: Scene, *, watched: bool) -> list[Result]:
    """Run ours, at its defaults last, before that with what is off by default and made for such a scene."""
    found = []
    for method, wish in (*ALSO.get(take.name, {}).items(), (OURS, DeflickerWish())):
        shown = corrected(take, wish)
        result = _result(take, method, scored(take, shown))
        found.append(_with_vmaf(take, result, shown) if watched else result)
    return found


def remembered(one: Scene) -> Scene:
    """Return a scene whose truth is computed once, and not again for every method."""
    light = [one.truth(index) for index in range(one.frames)]
    return replace(one, take=replace(one.take, light=light.__getitem__))


def _entered(take: Scene) -> Iterator[Rival]:
    yield from rivals()
    nominal = take.nominal_ev
    if np.isfinite(nominal).all() and np.ptp(nominal) > 0:
        smooth = whittaker(nominal, stiffness=_STAIRS, huber=np.inf)
        wanted = np.where(np.isfinite(take.target_ev), take.target_ev, smooth) - nominal
        told: Callable[[Codes], Codes] = partial(told_by_exif, wanted_ev=wanted)
        yield Rival(EXIF_ONLY, told)
        yield Rival(EXIF_TREND, lambda codes: robust_trend(told(codes)))


def _result(take: Scene, method: str, score: Score) -> Result:
    lift_ev = float(np.median(score.residue.gain))
    return Result(
        scene=take.name,
        seed=take.seed,
        method=method,
        hf_mev=score.hf_mev,
        step_mev=score.step_mev,
        slow_mev=score.slow_mev,
        colour_mev=score.colour_mev,
        clipped_mev=score.clipped_mev,
        uneven_mev=score.uneven_mev,
        worst_mev=score.worst_mev,
        psnr_db=score.psnr_db,
        ssim=score.ssim,
        vmaf=float("nan"),
        lift_ev=lift_ev,
        gain_ev=tuple(np.round(score.residue.gain - lift_ev, 5).tolist()),
    )


def _with_vmaf(take: Scene, result: Result, shown: Frames) -> Result:
    tool = ffmpeg()
    if tool is None or not tool.vmaf:
        return result
    eight = [one if one.dtype == np.uint8 else np.rint(one / 257).astype(np.uint8) for one in shown]
    lift = np.float32(2.0**result.lift_ev)
    truth = np.stack([encoded_8(take.truth(index) * lift) for index in range(take.frames)])
    return replace(result, vmaf=vmaf(truth, np.stack(eight)))
