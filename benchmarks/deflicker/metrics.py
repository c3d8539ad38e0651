"""How well frames were corrected, against the truth: what still flickers, what was lost of the light, and how it looks.

All rest on the effective gain of a frame: by how much it came out brighter than the truth, in EV, as the median over
pixels that clip neither in the truth nor in the shot. A gain that all frames share is no fault: it is taken out first,
of pictures too, so that a method that lifts a whole film is compared with a truth that is lifted as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from benchmarks.deflicker.scenes_camera import encoded_float, linear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.deflicker.scenes import Scene
    from benchmarks.deflicker.scenes_texture import Picture, Plane

__all__ = ["Residue", "Score", "fast", "psnr_db", "residue", "scored", "slow", "ssim"]

Series: TypeAlias = "NDArray[np.float64]"

SLOW_SIGMA = 6.0
"""Frames: deviation of the Gaussian that tells what flickers from what drifts."""

_LUMINANCE = np.float32([0.2126, 0.7152, 0.0722])  # Rec. 709
_DARKEST, _BRIGHTEST = 0.01, 0.8  # of white: darker is noise and codes, brighter is where highlights may be spared
_LEAST = 0.02  # of the picture: a smaller clipped region says nothing
_TILES = (6, 4)  # down and across, for light that is uneven over the picture
_SSIM_EVERY = 8  # frames
_NEARLY_BLACK = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """What is left frame by frame, in EV; `tiles` has shape (frames, 24), the others (frames,)."""

    gain: Series
    red: Series
    blue: Series
    clipped: Series
    tiles: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The figures of one method on one scene.

    Attributes:
        hf_mev: deviation of the effective gain from its own Gaussian mean over 6 frames: what is seen as flicker.
        step_mev: deviation of the difference between frames.
        slow_mev: RMS of that Gaussian mean: light that was lost, or that was put in.
        colour_mev: as `hf_mev` for log2 of R/G and B/G, RMS of the two.
        clipped_mev: as `hf_mev` inside what is clipped in every frame; NaN where nothing is.
        uneven_mev: as `hf_mev` for 6 × 4 tiles against the whole, RMS; NaN where a scene flickers evenly.
        worst_mev: the frame that sticks out most.
        psnr_db: of sRGB codes against the truth without noise, all frames together.
        ssim: structural similarity of the luma, mean over every eighth frame.
        residue: what these were made of.
    """

    hf_mev: float
    step_mev: float
    slow_mev: float
    colour_mev: float
    clipped_mev: float
    uneven_mev: float
    worst_mev: float
    psnr_db: float
    ssim: float
    residue: Residue


def scored(scene: Scene, frames: Sequence[NDArray[np.uint8] | NDArray[np.uint16]]) -> Score:
    """Compare the frames of a method, sRGB-encoded in 8 or 16 bits, with what a scene should have looked like."""
    left = residue(scene, frames)
    constant = float(np.median(left.gain))
    quickly, drift = fast(left.gain), slow(left.gain)
    colours = np.array([np.std(fast(left.red)), np.std(fast(left.blue))])
    squares, likeness = _pictures(scene, frames, constant)
    return Score(
        hf_mev=_mev(np.std(quickly)),
        step_mev=_mev(np.std(np.diff(left.gain))),
        slow_mev=_mev(np.std(drift)),
        colour_mev=_mev(np.sqrt(np.mean(colours**2))),
        clipped_mev=_mev(np.std(fast(left.clipped))),
        uneven_mev=_mev(_uneven(left)),
        worst_mev=_mev(np.max(np.abs(quickly))),
        psnr_db=psnr_db(squares),
        ssim=likeness,
        residue=left,
    )


def slow(values: Series) -> Series:
    """Return the Gaussian mean of values over frames (deviation 6 frames), of what there is at the ends."""
    reach = int(4 * SLOW_SIGMA)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SLOW_SIGMA) ** 2)
    inside = slice(reach, reach + len(values))
    total = np.convolve(values, weights)[inside]
    return np.asarray(total / np.convolve(np.ones(len(values)), weights)[inside], np.float64)


def fast(values: Series) -> Series:
    """Return what values are off their Gaussian mean by."""
    return values - slow(values)


def psnr_db(squared_error: float) -> float:
    """Return the peak signal-to-noise ratio of a mean squared error of 8-bit codes, in dB."""
    return float(10 * np.log10(255**2 / max(squared_error, 1e-12)))


def residue(scene: Scene, frames: Sequence[NDArray[np.uint8] | NDArray[np.uint16]]) -> Residue:
    """Return what is left of flicker in every frame."""
    gains = np.zeros((scene.frames, 3))
    tiles = np.full((scene.frames, _TILES[0] * _TILES[1]), np.nan)
    least = np.full(scene.size[::-1], np.inf, np.float32)
    for index in range(scene.frames):
        truth = scene.truth(index)
        got = np.maximum(linear(frames[index]), np.float32(_NEARLY_BLACK))
        lowest = reduce(np.minimum, np.moveaxis(truth, 2, 0))  # ten times faster than over the last axis
        hot = reduce(np.maximum, np.moveaxis(truth, 2, 0)) * np.float32(2.0 ** max(0.0, scene.gain_ev[index].max()))
        usable = (hot < _BRIGHTEST) & (lowest > _DARKEST)
        brighter = np.log2((got @ _LUMINANCE) / np.maximum(truth @ _LUMINANCE, np.float32(_NEARLY_BLACK)))
        gains[index, 0] = np.median(brighter[usable])
        gains[index, 1:] = _colour(got[usable], truth[usable])
        if scene.take.field_ev is not None:
            tiles[index] = _by_tile(brighter, usable)
        np.minimum(least, lowest * np.float32(2.0 ** min(0.0, scene.gain_ev[index].min())), out=least)
    clipped = _clipped(frames, least > 1)
    return Residue(gain=gains[:, 0], red=gains[:, 1], blue=gains[:, 2], clipped=clipped, tiles=tiles)


def _colour(got: Picture, truth: Picture) -> tuple[float, float]:
    ratio = np.log2(got / truth)
    return float(np.median(ratio[:, 0] - ratio[:, 1])), float(np.median(ratio[:, 2] - ratio[:, 1]))


def _by_tile(brighter: Plane, usable: NDArray[np.bool_]) -> list[float]:
    """Return the median of every tile; NaN where less than a tenth of it can be used."""
    medians = []
    for rows, sure_rows in zip(np.array_split(brighter, _TILES[0]), np.array_split(usable, _TILES[0]), strict=True):
        parts = zip(np.array_split(rows, _TILES[1], axis=1), np.array_split(sure_rows, _TILES[1], axis=1), strict=True)
        medians += [float(np.median(part[sure])) if sure.mean() > 0.1 else np.nan for part, sure in parts]
    return medians


def _clipped(frames: Sequence[NDArray[np.uint8] | NDArray[np.uint16]], region: NDArray[np.bool_]) -> Series:
    """Return log2 of the mean luminance inside what is clipped in every truth and every shot."""
    if region.mean() < _LEAST:
        return np.full(len(frames), np.nan)
    return np.array([np.log2(float(np.mean(linear(frame[region]) @ _LUMINANCE))) for frame in frames])


def _uneven(left: Residue) -> float:
    """Return the RMS of how tiles flicker besides the whole; only tiles that can be used in every frame count."""
    sure = ~np.isnan(left.tiles).any(axis=0)
    if not sure.any():
        return float("nan")
    against = left.tiles[:, sure] - left.gain[:, np.newaxis]
    return float(np.sqrt(np.mean([np.var(fast(tile)) for tile in against.T])))


def _pictures(
    scene: Scene, frames: Sequence[NDArray[np.uint8] | NDArray[np.uint16]], constant_ev: float
) -> tuple[float, float]:
    """Return the mean squared error in 8-bit codes, and the mean structural similarity."""
    squares, likenesses = [], []
    for index in range(scene.frames):
        wanted = encoded_float(scene.truth(index) * np.float32(2.0**constant_ev))
        got = frames[index].astype(np.float32) / np.float32(1 if frames[index].dtype == np.uint8 else 257)
        squares.append(float(np.mean((got - wanted) ** 2)))
        if index % _SSIM_EVERY == 0:
            likenesses.append(ssim(got @ _LUMINANCE, wanted @ _LUMINANCE))
    return float(np.mean(squares)), float(np.mean(likenesses))


def ssim(one: Plane, other: Plane) -> float:
    """Return the structural similarity of two pictures of values 0 to 255 (Wang et al. 2004)."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    mean_1, mean_2 = _blurred(first), _blurred(second)
    variance_1, variance_2 = _blurred(first**2) - mean_1**2, _blurred(second**2) - mean_2**2
    shared = _blurred(first * second) - mean_1 * mean_2
    steady, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    light = (2 * mean_1 * mean_2 + steady) / (mean_1**2 + mean_2**2 + steady)
    return float(np.mean(light * (2 * shared + contrast) / (variance_1 + variance_2 + contrast)))


def _blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a plane blurred with a window of 11 × 11, where the window fits."""
    weights = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    weights /= weights.sum()
    height, width = plane.shape
    across = sum(weight * plane[:, k : width - 10 + k] for k, weight in enumerate(weights))
    return np.asarray(sum(weight * across[k : height - 10 + k] for k, weight in enumerate(weights)), np.float64)


def _mev(value: float) -> float:
    return float(value) * 1000
