"""One frame in numbers: a grid of blocks, each with its light, its colour, its brightest sample and its noise."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["LUMINANCE", "Blocks", "Measure", "grid_of", "measured"]

Blocks: TypeAlias = NDArray[np.float32]
"""A number for every block, of shape (rows, columns)."""

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""What red, green and blue light of Rec. 709 primaries count for in luminance (ITU-R BT.709-6, item 3.2)."""

_BLOCKS = 3456  # 72 by 48 of a picture of 3:2: small enough to lie beside a passer-by, large enough to be without noise
_DARKEST = 2.0**-20  # light that no file of 16 bits can tell from none; logarithms stay finite
_TOE = 0.0031308  # up to here sRGB is a straight line (IEC 61966-2-1): its codes are equally far apart
_STEPS_GROW = 1.4 / 2.4  # above, the light of a code goes with its 2.4th power, so steps of light with that power of it
_SMOOTHEST = 0.1  # of the blocks show noise and no detail
_LAPLACIAN = math.sqrt(20 * 2 / math.pi)  # mean size of that of noise with a sigma of 1
_HIDDEN = 3  # sigmas that a part of an averaged sample may be above it
_HEAD = struct.Struct("<HHf")
_EV = 1024  # codes per EV: a tenth of what matters
_NOISE_EV = 16  # codes per doubling of the noise
_LEAST_NOISE = 2.0**-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is kept of one frame; all planes have shape (rows, columns).

    Attributes:
        light: log2 of the mean linear luminance (Rec. 709) of a block, white being 0 EV; never below -20.
        red: log2 of mean red over mean green, linear.
        blue: log2 of mean blue over mean green, linear.
        peak: the largest sample of any channel in a block, 0 to 1 of white (linear): 1 is clipped, or may be.
        noise: what `light` may be off by through noise and the steps of the file's codes, in EV (one sigma).
        sharpness: how much fine detail the whole frame has (mean size of its Laplacian over its mean light).
        digest: that of the frame's file, which only copies of it share; empty where there is none. It is not packed.
    """

    light: Blocks
    red: Blocks
    blue: Blocks
    peak: Blocks
    noise: Blocks
    sharpness: float
    digest: str = ""

    @property
    def green(self) -> Blocks:
        """log2 of the mean linear green of a block, white being 0 EV; it follows exactly from light and colours."""
        red, green, blue = LUMINANCE
        whole: Blocks = self.light - np.log2(red * np.exp2(self.red) + green + blue * np.exp2(self.blue))
        return whole

    def packed(self) -> bytes:
        """Return the measure in 8 bytes per block: light and colours to 1/1024 EV, peak and noise to 8 bits."""
        whole = np.stack([self.light, self.red, self.blue])
        coded = np.rint(np.clip(whole, -31, 31) * _EV).astype("<i2")
        noise = np.rint(np.log2(np.maximum(self.noise, _LEAST_NOISE) / _LEAST_NOISE) * _NOISE_EV)
        small = np.clip(np.stack([np.rint(self.peak * 255), noise]), 0, 255).astype(np.uint8)
        return b"".join([_HEAD.pack(*self.light.shape, self.sharpness), coded.tobytes(), small.tobytes()])

    @classmethod
    def unpacked(cls, data: bytes) -> Measure:
        """Return what was packed, as near as its codes are.

        Raises:
            ValueError: these bytes are no packed measure.
        """
        if len(data) < _HEAD.size:
            raise ValueError(f"{len(data)} bytes are no packed measure")
        rows, columns, sharpness = _HEAD.unpack_from(data)
        blocks = rows * columns
        if len(data) != _HEAD.size + 8 * blocks or not blocks:
            raise ValueError(f"{len(data)} bytes are no packed measure of {rows} by {columns} blocks")
        shape = (rows, columns)
        coded = np.frombuffer(data, "<i2", 3 * blocks, _HEAD.size).astype(np.float32).reshape(3, *shape) / _EV
        small = np.frombuffer(data, np.uint8, 2 * blocks, _HEAD.size + 6 * blocks).astype(np.float32).reshape(2, *shape)
        noise = np.float32(_LEAST_NOISE) * np.exp2(small[1] / _NOISE_EV)
        light, red, blue = coded
        return cls(light=light, red=red, blue=blue, peak=small[0] / 255, noise=noise, sharpness=sharpness)


def grid_of(width: int, height: int) -> tuple[int, int]:
    """Return the (rows, columns) of blocks of a picture: about 3456 square ones, none of them below one pixel."""
    columns = min(width, max(1, round(math.sqrt(_BLOCKS * width / height))))
    rows = min(height, max(1, round(_BLOCKS / columns)))
    return rows, columns


def measured(
    rgb: NDArray[np.float32], *, step: float = 1 / 65535, encoded: bool = False, averaged: bool = False
) -> Measure:
    """Measure a small linear picture.

    Args:
        rgb: shape (height, width, 3); linear light with Rec. 709 primaries, white being 1, cut there.
        step: how much light one code of the file is worth near black: 1/65535 for linear light in 16 bits, and
            1/(255·12.92) for sRGB in 8.
        encoded: whether its codes are further apart where there is more light, as those of sRGB are.
        averaged: whether every sample is the mean of several of the frame's (a JPEG decoded at an eighth), which hides
            clipping. Inside of a sample there is taken to be about as much detail as between neighbouring ones, for
            natural scenes are as rough at every scale, and the peaks are raised by three sigmas of that. Of textured
            scenes that were made 0.2 EV brighter, blocks just below clipping then lost a fifth of what they had lost.
    """
    height, width = rgb.shape[:2]
    rows, columns = grid_of(width, height)
    down, across = _edges(height, rows), _edges(width, columns)
    samples = np.outer(np.diff(down, append=height), np.diff(across, append=width)).astype(np.float32)
    mean = np.maximum(_reduced(np.add, rgb, down, across) / samples[..., np.newaxis], _DARKEST)
    luminance = mean @ np.array(LUMINANCE, np.float32)
    detail = _detail(rgb @ np.array(LUMINANCE, np.float32))
    spread = _reduced(np.add, detail, down, across) / samples
    peak = _peaks(rgb, down, across)
    if averaged:
        peak = np.minimum(peak + np.float32(_HIDDEN / _LAPLACIAN) * spread, 1)
    return Measure(
        light=np.log2(luminance),
        red=np.log2(mean[..., 0] / mean[..., 1]),
        blue=np.log2(mean[..., 2] / mean[..., 1]),
        peak=peak,
        noise=_noise(luminance, spread, samples, _steps(luminance, step, encoded=encoded)),
        sharpness=float(spread.mean() / luminance.mean()),
    )


def _edges(pixels: int, blocks: int) -> NDArray[np.intp]:
    """Return where each of so many blocks begins; they differ by one pixel at most."""
    return np.arange(blocks) * pixels // blocks


def _reduced(ufunc: np.ufunc, plane: NDArray[np.float32], down: NDArray[np.intp], across: NDArray[np.intp]) -> Blocks:
    """Return one number per block (and channel); a few pixels are added up at a time, so that float32 suffices."""
    whole: Blocks = ufunc.reduceat(_strips(ufunc, plane, down), across, axis=1)
    return whole


def _peaks(rgb: NDArray[np.float32], down: NDArray[np.intp], across: NDArray[np.intp]) -> Blocks:
    """Return the largest sample of any channel of each block; channels come together where there are few samples."""
    red, green, blue = np.moveaxis(_strips(np.maximum, rgb, down), 2, 0)
    peaks: Blocks = np.maximum.reduceat(np.maximum(np.maximum(red, green), blue), across, axis=1)
    return peaks


def _strips(ufunc: np.ufunc, plane: NDArray[np.float32], down: NDArray[np.intp]) -> NDArray[np.float32]:
    """Reduce the rows of each row of blocks to one: whole rows go in a seventh of the time that `reduceat` takes."""
    strips = np.empty((down.size, *plane.shape[1:]), np.float32)
    for strip, top, bottom in zip(strips, down, [*down[1:], len(plane)], strict=True):
        ufunc.reduce(plane[top:bottom], axis=0, out=strip)
    return strips


def _detail(luminance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the size of the Laplacian of every pixel, those at the border having that of none.

    Rows are taken as one long line, which is three times as fast; what it mixes up lies at the border.
    """
    height, width = luminance.shape
    out = np.zeros_like(luminance, order="C")
    if min(height, width) < 3:
        return out
    line, inner = luminance.ravel(), out.reshape(-1)[width + 1 : -width - 1]
    end = line.size - width - 1
    np.multiply(line[width + 1 : end], 4, out=inner)
    for away in (-width, width, -1, 1):
        inner -= line[width + 1 + away : end + away]
    np.abs(inner, out=inner)
    out[:, [0, -1]] = 0
    return out


def _steps(luminance: Blocks, step: float, *, encoded: bool) -> Blocks:
    """Return how much light one code is worth in every block."""
    if not encoded:
        return np.full_like(luminance, step)
    grown: Blocks = np.float32(step) * np.maximum(luminance / np.float32(_TOE), 1) ** np.float32(_STEPS_GROW)
    return grown


def _noise(luminance: Blocks, spread: Blocks, samples: Blocks, steps: Blocks) -> Blocks:
    """Return one sigma of the light of blocks, in EV.

    Noise of a sigma σ makes a mean Laplacian of σ √20 √(2/π). What the smoothest blocks have of it, all are taken to
    have. A code's rounding is one twelfth of a step squared; it averages out over a block as far as its samples differ
    by half a step or more, and not at all in a block of one colour.
    """
    sigma = spread / np.float32(_LAPLACIAN)
    rank = int(_SMOOTHEST * (sigma.size - 1))
    floor = np.partition(sigma, rank, axis=None)[rank]
    dithered = np.minimum(2 * sigma / steps, 1) ** 2 if steps.all() else np.float32(1)
    rounding = steps**2 / 12 / (1 + (samples - 1) * dithered)
    relative = np.sqrt(floor**2 / samples + rounding) / luminance
    noise: Blocks = np.log2(1 + relative).astype(np.float32)
    return noise
