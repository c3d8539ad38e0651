"""Small linear pictures to measure: of JPEG by a scaled decode, of RAW by LibRaw at half size, of plates as they are.

Nothing in them depends on what a picture shows: the tone curve that is undone, the black, the white and the multipliers
of RAW files are the same for a whole sequence, so that what differs between two proxies differs between their frames.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import ImageCms

from dayspool.develop.api import DevelopJob
from dayspool.develop.builtin_light import decoded_light
from dayspool.develop.builtin_picture import decoded, is_srgb, upright_samples
from dayspool.develop.builtin_raw import light_of
from dayspool.develop.inspect import ORIENTATION, opened, upright_size
from dayspool.errors import FrameMissing, FrameUnreadable, ToolMissing
from dayspool.picture import jpeg
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray
    from PIL import Image

    from dayspool.develop.api import Pixels, Plate
    from dayspool.develop.builtin_raw import RawLevels
    from dayspool.develop.tone import Tone

__all__ = ["Proxy", "proxy", "proxy_of_plate", "read_frame"]

_LONG_SIDE_PX = 480  # at least; JPEGs of cameras come out at an eighth, the most that a decoder reduces them by
_THIN_PX = 960  # the long side of what is decoded whole is brought down to between so much and twice that
_JPEG_FORMATS = frozenset({"JPEG", "MPO"})
_FEWEST_RAW_CODES = 4095  # of a sensor that is read with 12 bits
_FAST_MODES = frozenset({"RGB", "L"})
_MODE_NAMES = {"RGB": "colour", "L": "greyscale", "I;16": "greyscale", "I;16B": "greyscale", "CMYK": "CMYK"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A frame, small and in linear light.

    Attributes:
        rgb: shape (height, width, 3), upright; Rec. 709 primaries, white being 1, cut there.
        step: how much light one code of the file is worth near black.
        encoded: whether codes are further apart where there is more light.
        averaged: whether every sample is the mean of several of the frame's.
        kind: what the frames of a sequence should have in common, for a person: mode, depth, upright size in pixels.
    """

    rgb: NDArray[np.float32]
    step: float
    encoded: bool
    averaged: bool
    kind: str


def proxy(path: Path, *, levels: RawLevels | None = None, tone: Tone | None = None, data: bytes | None = None) -> Proxy:
    """Return a frame small and in linear light.

    Args:
        path: JPEG, PNG, TIFF or RAW.
        levels: black, white and multipliers of every RAW of the sequence; None: its own black and white, by daylight.
        tone: the camera's own curve, which the encoded values of a picture that is no RAW went through; None: sRGB's.
        data: the bytes of the file, where they have been read already.

    Raises:
        FrameMissing: there is no such file.
        FrameUnreadable: it does not decode.
        ToolMissing: it is a RAW and rawpy is not installed, or a JPEG and simplejpeg is not.
    """
    if is_raw(path):
        return _of_raw(path, levels)
    return _of_picture(path, read_frame(path) if data is None else data, tone)


def proxy_of_plate(plate: Plate, *, tone: Tone | None = None) -> Proxy:
    """Return the linear light of a developed picture, reduced where it is large; `tone` is that of its recipe."""
    return _linear(plate.rgb, f"plate, {plate.width}×{plate.height}", tone, averaged=False)


def read_frame(path: Path) -> bytes:
    """Return the bytes of a frame.

    Raises:
        FrameMissing: there is no such file.
        FrameUnreadable: it is empty, or the disk refuses.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FrameMissing(f"{path} is not there (any more)") from None
    except OSError as refusal:
        raise FrameUnreadable(f"{path} cannot be read: {refusal.strerror}") from refusal
    if not data:
        raise FrameUnreadable(f"{path} is empty (0 bytes)")
    return data


def _of_raw(path: Path, levels: RawLevels | None) -> Proxy:
    light = light_of(DevelopJob(path=path, width=1, height=1), levels)
    height, width = light.shape[:2]
    range_of_codes = levels.white - min(levels.black) if levels is not None else _FEWEST_RAW_CODES
    rgb, averaged = _thinned(light, _straight())
    step = 1 / range_of_codes
    return Proxy(rgb=rgb, step=step, encoded=False, averaged=averaged, kind=f"RAW, {2 * width}×{2 * height}")


def _of_picture(path: Path, data: bytes, tone: Tone | None) -> Proxy:
    """Decode a picture upright, at as small a scale as will do."""
    with opened(path) as image:
        width, height = upright_size(image)
        profile = image.info.get("icc_profile")
        orientation = image.getexif().get(ORIENTATION, 1)
        named = _named(image, profile)
        whole = image.format not in _JPEG_FORMATS
        plain = not whole and image.mode in _FAST_MODES and is_srgb(profile)
    if not whole:
        _refuse_cut_short(path, data)
    fast = _scaled(data, *image.size) if plain else None
    box = (_LONG_SIDE_PX, 1) if width >= height else (1, _LONG_SIDE_PX)
    codes = (
        decoded(DevelopJob(path=path, width=box[0], height=box[1]))
        if fast is None
        else upright_samples(fast, orientation)
    )
    kind = f"{named}, {8 * codes.itemsize} bits, {width}×{height}"
    return _linear(codes, kind, tone, averaged=codes.shape[1] < width)


def _scaled(data: bytes, width: int, height: int) -> NDArray[np.uint8] | None:
    """Return a JPEG as stored, at the smallest scale that will do; None where its data is not as it should be.

    Then Pillow shows what it can of it, as it does when the frame is developed.
    """
    least = {"min_width": _LONG_SIDE_PX} if width >= height else {"min_height": _LONG_SIDE_PX}
    try:
        codes: NDArray[np.uint8] = _simplejpeg().decode_jpeg(data, "RGB", **least)
    except ValueError:
        return None
    return codes


def _simplejpeg() -> ModuleType:
    try:
        import simplejpeg
    except ImportError as missing:
        raise ToolMissing(
            f"measuring JPEGs needs simplejpeg, which does not load ({missing}): pip install 'dayspool[film]'"
        ) from missing
    loaded: ModuleType = simplejpeg
    return loaded


def _refuse_cut_short(path: Path, data: bytes) -> None:
    try:
        jpeg.inspect(data)
    except FrameUnreadable as fault:
        raise FrameUnreadable(f"{path}: {fault}") from fault


def _named(image: Image.Image, profile: bytes | None) -> str:
    """Return what a person calls such pictures; those with another colour profile are not comparable to others."""
    name = _MODE_NAMES.get(image.mode, f"mode {image.mode}")
    if is_srgb(profile):
        return name
    try:
        described = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))).strip()
    except (ImageCms.PyCMSError, OSError):
        described = "unknown"
    return f"{name} with the profile {described or 'unnamed'}"


def _linear(codes: Pixels, kind: str, tone: Tone | None, *, averaged: bool) -> Proxy:
    light = _light_by_code(tone, np.iinfo(codes.dtype).max)
    rgb, thinned = _thinned(codes, light)
    return Proxy(rgb=rgb, step=float(light[1] - light[0]), encoded=True, averaged=averaged or thinned, kind=kind)


def _thinned(codes: Pixels, light: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool]:
    """Return the light of codes, and whether each sample is the mean of several of them.

    The light of 20 megapixels would take 240 MB, so it is never there as a whole.
    """
    by = max(codes.shape[:2]) // _THIN_PX
    if by < 2 or min(codes.shape[:2]) < by:
        return _looked_up(light, codes), False
    rows, columns = codes.shape[0] // by, codes.shape[1] // by
    rgb = np.empty((rows, columns, 3), np.float32)
    for row, top in zip(rgb, range(0, rows * by, by), strict=True):
        strip = _looked_up(light, codes[top : top + by, : columns * by]).sum(axis=0)
        strip.reshape(columns, by, 3).sum(axis=1, out=row)
    rgb /= by * by
    return rgb, True


def _looked_up(light: NDArray[np.float32], codes: Pixels) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.take(light, codes, mode="clip")  # nothing is checked: every code is there
    return found


@functools.lru_cache(maxsize=8)
def _light_by_code(tone: Tone | None, most: int) -> NDArray[np.float32]:
    """Return the linear light of every code from 0 to the most that a sample has room for."""
    encoded = np.linspace(0, 1, most + 1)
    light = decoded_light(encoded) if tone is None else tone.light(encoded)
    return np.clip(light, 0, 1).astype(np.float32)


@functools.lru_cache(maxsize=1)
def _straight() -> NDArray[np.float32]:
    """Return the light of codes of 16 bits that are linear."""
    return np.linspace(0, 1, 65536, dtype=np.float32)
