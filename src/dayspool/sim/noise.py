"""Seamless fractal noise: the stuff of clouds, ridges and ripples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fractal_line", "fractal_tile"]


def fractal_tile(
    rng: np.random.Generator, size: int, *, roughness: float, coarsest: float = 1.0
) -> NDArray[np.float32]:
    """Return a square tile (size, size) that repeats without a seam: mean 0.5, most of it between 0 and 1.

    Its spectrum falls with frequency to the power `roughness`, as clouds and coastlines do; frequencies below
    `coarsest` cycles per tile are held down.
    """
    across, down = np.fft.rfftfreq(size, 1 / size)[None, :], np.fft.fftfreq(size, 1 / size)[:, None]
    frequency = np.hypot(across, down)
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    spectrum *= frequency**-roughness / (1 + (coarsest / frequency) ** 4)
    spectrum[0, 0] = 0
    tile = np.fft.irfft2(spectrum, s=(size, size))
    scaled: NDArray[np.float32] = (0.5 + 0.2 * tile / tile.std()).astype(np.float32)
    return scaled


def fractal_line(
    rng: np.random.Generator, x: NDArray[np.float64], *, lowest: float, octaves: int
) -> NDArray[np.float64]:
    """Return a fractal curve at the places `x` (0 to 1), about -1 to 1; each octave has half the height of the last.

    It is a sum of sines, so the same curve comes out at every resolution.
    """
    curve = np.zeros_like(x)
    for octave in range(octaves):
        frequency = lowest * 2**octave * rng.uniform(0.85, 1.15)
        curve += np.sin(2 * np.pi * (frequency * x + rng.uniform())) * 0.5**octave
    return curve * 0.6
