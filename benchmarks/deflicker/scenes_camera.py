"""The camera of the synthetic scenes: flicker, photon and read noise, clipping, and the files it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import simplejpeg

from dayspool.develop.builtin_light import decoded_light, encoded_light
from dayspool.develop.sample import bayer, dng

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.deflicker.scenes_texture import Picture

__all__ = [
    "FULL_WELL",
    "dng_file",
    "encoded_8",
    "encoded_16",
    "encoded_float",
    "flicker",
    "jpeg_file",
    "linear",
    "with_noise",
]

FULL_WELL = 20_000.0
"""Electrons at white, ISO 100, of a pixel: half as many again as a one-inch sensor has, for none is averaged here."""

_READ_NOISE = 3.0  # electrons
_FINE = 65535
_RAMP = np.linspace(0, 1, _FINE + 1)
_SRGB = (255 * encoded_light(_RAMP)).astype(np.float32)
_SRGB_8 = np.rint(_SRGB).astype(np.uint8)
_LIGHT_8 = decoded_light(np.linspace(0, 1, 256)).astype(np.float32)
_LIGHT_16 = decoded_light(_RAMP).astype(np.float32)


def flicker(rng: np.random.Generator, frames: int, sigma_ev: float) -> NDArray[np.float64]:
    """Return how much brighter than asked every frame comes out, in EV, each for itself."""
    return rng.normal(0.0, sigma_ev, frames)


def with_noise(light: Picture, full_well: float, rng: np.random.Generator) -> Picture:
    """Return what the sensor counts of linear light: photon and read noise, clipped at white only."""
    variance = np.maximum(light, 0) / full_well + (_READ_NOISE / full_well) ** 2
    noise = rng.standard_normal(light.shape, np.float32) * np.sqrt(variance, dtype=np.float32)
    return np.asarray(np.minimum(light + noise, 1), np.float32)


def encoded_8(light: Picture) -> NDArray[np.uint8]:
    """Return linear light as sRGB codes of 8 bits, rounded."""
    return _SRGB_8[_fine(light)]


def encoded_float(light: Picture) -> Picture:
    """Return linear light as sRGB values from 0 to 255, not rounded."""
    return np.asarray(_SRGB[_fine(light)], np.float32)


def encoded_16(light: Picture) -> NDArray[np.uint16]:
    """Return linear light as sRGB codes of 16 bits."""
    return np.rint(encoded_light(np.clip(light, 0, 1).astype(np.float64)) * 65535).astype(np.uint16)


def linear(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> Picture:
    """Return the linear light of sRGB codes of 8 or 16 bits."""
    return np.asarray((_LIGHT_8 if rgb.dtype == np.uint8 else _LIGHT_16)[rgb], np.float32)


def jpeg_file(light: Picture, *, quality: int = 95) -> bytes:
    """Return a JPEG, as a camera writes it (4:2:2)."""
    pixels = np.ascontiguousarray(encoded_8(light))
    return bytes(simplejpeg.encode_jpeg(pixels, quality=quality, colorsubsampling="422"))


def dng_file(light: Picture, *, exposure_s: float = 0.01, iso: int = 100) -> bytes:
    """Return a mosaic DNG; black lies at 512 counts so that noise below it is kept."""
    return dng(bayer(light), exposure_s=exposure_s, iso=iso)


def _fine(light: Picture) -> NDArray[np.uint16]:
    return np.asarray(np.clip(light, 0, 1) * np.float32(_FINE) + np.float32(0.5)).astype(np.uint16)
