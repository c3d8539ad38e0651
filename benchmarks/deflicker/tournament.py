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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from benchmarks.deflicker.ffmpeg import Codes
    from benchmarks.deflicker.metrics import Score

__all__ = ["EXIF_ONLY", "EXIF_TREND", "OURS", "Result", "others", "own", "remembered", "tournament"]

Frames: TypeAlias = "Sequence[NDArray[np.uint8] | NDArray[np.uint16]]"

OURS = "dayspool"
EXIF_ONLY, EXIF_TREND = "EXIF alone", "EXIF, then linear mean, robust trend"
_STAIRS = 3e4  # stiffness that irons the treads of an exposure's stairs out and keeps their climb
_USUAL = ("FFmpeg am 5", "FFmpeg am 15")  # of FFmpeg's many modes, what other seeds than the first are given to


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
    return [*others(take, everything=seed == first), own(take, everything=seed == first)]


def others(take: Scene, *, everything: bool) -> list[Result]:
    """Run all other methods; `everything` is with all modes of FFmpeg, and VMAF of doing nothing and of the best."""
    codes = np.stack([take.pixels(index) for index in range(take.frames)])
    found: list[Result] = []
    best: tuple[float, Frames] = (np.inf, codes)
    for rival in _entered(take, everything=everything):
        shown = rival.run(codes)
        found.append(_result(take, rival.name, scored(take, shown)))
        if rival.name != NOTHING and found[-1].hf_mev < best[0]:
            best = (found[-1].hf_mev, shown)
    if not everything:
        return found
    shown_by: dict[str, Frames] = {NOTHING: codes}
    shown_by |= {one.method: best[1] for one in found if one.hf_mev == best[0]}
    return [_with_vmaf(take, one, shown_by[one.method]) if one.method in shown_by else one for one in found]


def own(take: Scene, *, everything: bool) -> Result:
    """Run ours; `everything` is with VMAF."""
    shown = corrected(take)
    result = _result(take, OURS, scored(take, shown))
    return _with_vmaf(take, result, shown) if everything else result


def remembered(one: Scene) -> Scene:
    """Return a scene whose truth is computed once, and not again for every method."""
    light = [one.truth(index) for index in range(one.frames)]
    return replace(one, take=replace(one.take, light=light.__getitem__))


def _entered(take: Scene, *, everything: bool) -> Iterator[Rival]:
    for rival in rivals():
        if everything or not rival.real or rival.name in _USUAL:
            yield rival
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
