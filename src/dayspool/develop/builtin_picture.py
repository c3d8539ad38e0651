"""Decodes JPEG, PNG and TIFF with Pillow: upright, in sRGB, 8 bits deep or, where the file has them, 16."""

from __future__ import annotations

import functools
import io
import sys
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image, ImageCms

from dayspool.develop.api import covering
from dayspool.develop.inspect import ORIENTATION, opened, refuse_cut_short_jpeg, upright_size
from dayspool.errors import FrameUnreadable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

    from dayspool.develop.api import DevelopJob, Pixels

__all__ = ["decoded", "is_srgb", "upright_samples"]

_WORKING_MODES = frozenset({"L", "RGB", "CMYK"})  # a profile may describe these; every other mode becomes RGB first
_DEEP_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_DEEP_COLOURS = ("RGB", "RGBA", "RGBX")
_CODES = (17 * np.indices((16, 16, 16))).astype(np.uint8).T.reshape(64, 64, 3)  # colours all over the cube
_CUBE = Image.fromarray(_CODES)
_ROUNDING = 2  # codes: what may be left between two makers' tables of the same curve
_OTHER_END = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_LOW_BYTES = {f"{mode};16{end}": f"{mode};16{other}" for mode in _DEEP_COLOURS for end, other in _OTHER_END.items()}
_TURNS = {  # EXIF 2.32 §4.6.4.A: what makes the stored picture stand upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decoded(job: DevelopJob) -> Pixels:
    """Return a job's picture, of shape (height, width, 3), decoded at the smallest scale that covers its box.

    A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size for a fraction of the cost. Nothing is resampled here, so that
    a film resamples once. Samples of 16 bits stay so, unless an embedded profile other than sRGB has to be obeyed,
    which the colour management at hand (LittleCMS by Pillow) does for 8 bits only.

    Raises:
        FrameMissing: there is no such file.
        FrameUnreadable: it does not decode.
    """
    with opened(job.path) as image:
        refuse_cut_short_jpeg(image, job.path)
        upright = upright_size(image)
        target = covering(*upright, job.width, job.height)
        image.draft(None, target[::-1] if upright != image.size else target)
        profile = image.info.get("icc_profile")
        orientation = image.getexif().get(ORIENTATION, 1)
        deep = _in_16_bits(image, job.path) if is_srgb(profile) else None
        if deep is not None:
            return upright_samples(deep, orientation)
        rgb = _srgb(_working_mode(image, job.path), profile)
        turn = _TURNS.get(orientation)
        return np.asarray(rgb if turn is None else rgb.transpose(turn))


def _in_16_bits(image: Image.Image, path: Path) -> NDArray[np.uint16] | None:
    """Return the samples of a picture that has 16 bits of each, or None.

    Pillow has no mode for 16-bit colours and decodes them to 8: of each sample it keeps the byte that is the higher one
    in the file's byte order. Decoded once more as if the order were the other, it keeps the lower one.
    """
    if image.mode in _DEEP_GREY:
        grey = np.asarray(image).astype(np.uint16)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    if not any(_raw_mode(tile.args) in _LOW_BYTES for tile in cast("ImageFile", image).tile):
        return None
    with opened(path) as again:
        file = cast("ImageFile", again)
        file.tile = [tile._replace(args=_for_low_bytes(tile.args)) for tile in file.tile]
        low = np.asarray(again.convert("RGB"))
    high = np.asarray(image.convert("RGB"))
    whole: NDArray[np.uint16] = (high.astype(np.uint16) << 8) | low
    return whole


def _raw_mode(args: object) -> object:
    """Return how samples lie in the file, from what a decoder of Pillow is given: that alone, or first of several."""
    return args[0] if isinstance(args, tuple) and args else args


def _for_low_bytes(args: object) -> tuple[object, ...] | str:
    other = _LOW_BYTES[str(_raw_mode(args))]
    return (other, *args[1:]) if isinstance(args, tuple) else other


def upright_samples(stored: Pixels, orientation: int) -> Pixels:
    """Return the samples of a picture as its EXIF orientation asks for."""
    turn = _TURNS.get(orientation)
    return stored if turn is None else _turned(stored, turn)


def _turned(deep: Pixels, turn: Image.Transpose) -> Pixels:
    """Turn an array as Pillow turns its pictures."""
    turns = {
        Image.Transpose.FLIP_LEFT_RIGHT: deep[:, ::-1],
        Image.Transpose.ROTATE_180: deep[::-1, ::-1],
        Image.Transpose.FLIP_TOP_BOTTOM: deep[::-1],
        Image.Transpose.TRANSPOSE: deep.transpose(1, 0, 2),
        Image.Transpose.ROTATE_270: deep[::-1].transpose(1, 0, 2),
        Image.Transpose.TRANSVERSE: deep[::-1, ::-1].transpose(1, 0, 2),
        Image.Transpose.ROTATE_90: deep[:, ::-1].transpose(1, 0, 2),
    }
    whole: Pixels = np.ascontiguousarray(turns[turn])  # type: ignore[assignment]
    return whole


def _working_mode(image: Image.Image, path: Path) -> Image.Image:
    if image.mode in _DEEP_GREY:
        deep = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((deep * 255 + 32767) // 65535).astype(np.uint8))
    if image.mode in {"I", "F"}:
        raise FrameUnreadable(f"{path} has 32 bits a sample, which needs --developer darktable")
    return image if image.mode in _WORKING_MODES else image.convert("RGB")


@functools.lru_cache(maxsize=8)
def is_srgb(profile: bytes | None) -> bool:
    """Return whether a picture is in sRGB already; every viewer takes one without a profile to be.

    The profile is tried out: by name, "sRGB-elle-V2-g10" would be one, which is linear light, and others would not.
    """
    if not profile:
        return True
    try:
        moved = np.asarray(_converted(_CUBE, profile))
    except (ImageCms.PyCMSError, OSError):
        return False
    return moved.shape == _CODES.shape and int(np.abs(moved.astype(np.int16) - _CODES).max()) <= _ROUNDING


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the embedded profile; one that is broken or does not fit is ignored, as every viewer does."""
    if not profile or (image.mode == "RGB" and is_srgb(profile)):
        return image.convert("RGB")
    try:
        return _converted(image, profile)
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(image, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return cast("Image.Image", converted)  # None only of one that is converted in place
