"""Looks at a frame before it is developed: is it whole, is it a RAW, how large is it upright."""

from __future__ import annotations

import io
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageCms

from dayspool.develop.raw_whole import refuse_cut_short_raw
from dayspool.errors import FrameError, FrameMissing, FrameUnreadable
from dayspool.picture import jpeg
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ORIENTATION", "Inspected", "inspect", "opened", "refuse_cut_short_jpeg", "stated_size", "upright_size"]

ORIENTATION = 0x0112
_DNG_VERSION = 0xC612
_LYING = frozenset({5, 6, 7, 8})  # EXIF 2.32 §4.6.4.A: these orientations swap width and height
_JPEG_FORMATS = frozenset({"JPEG", "MPO"})
_SUFFIX_OF = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "TIFF": ".tif"}
# What Pillow raises on damaged input, found by feeding it mutated JPEG, PNG and TIFF files.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A frame that looks whole; `upright_px` is (width, height), or None where only the developer can tell."""

    suffix: str
    size_bytes: int
    upright_px: tuple[int, int] | None


def inspect(path: Path) -> Inspected:
    """Check that a picture is whole, decoding as little as its format allows.

    darktable 4.2.1 exports a truncated JPEG with a grey lower part and exits 0, so this comes before it.
    A RAW is only checked for its length, as far as that can be told: its developer must judge the rest.

    Raises:
        FrameMissing: there is no such file.
        FrameUnreadable: it is empty, truncated or no picture.
    """
    size_bytes = _refuse_empty(path)
    if is_raw(path):
        refuse_cut_short_raw(path)
        return Inspected(suffix=path.suffix.lower(), size_bytes=size_bytes, upright_px=None)
    with opened(path) as image:
        refuse_cut_short_jpeg(image, path)
        if image.format not in _JPEG_FORMATS:
            image.load()
        suffix = _SUFFIX_OF.get(image.format or "", path.suffix.lower())
        return Inspected(suffix=suffix, size_bytes=size_bytes, upright_px=upright_size(image))


def stated_size(path: Path) -> tuple[int, int] | None:
    """Return the upright (width, height) in pixels that a picture's header states, nothing else of it being read.

    None for a RAW, whose size only its developer can tell, and for what is no picture.
    """
    if is_raw(path):
        return None
    try:
        with opened(path) as image:
            return upright_size(image)
    except FrameError:
        return None


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture with Pillow and translate what goes wrong with it, then and inside the block.

    Raises:
        FrameMissing: there is no such file.
        FrameUnreadable: it is empty, truncated, no picture, or a RAW under another name.
    """
    _refuse_empty(path)
    try:
        with Image.open(path) as image:
            if image.format == "TIFF" and _DNG_VERSION in image.getexif():
                raise FrameUnreadable(f"{path} is a DNG under another name; rename it to .dng")
            yield image
    except _DAMAGE as damage:
        raise FrameUnreadable(f"{path} does not decode: {damage}; the file is damaged or incomplete") from damage


def refuse_cut_short_jpeg(image: Image.Image, path: Path) -> None:
    """Look for the end marker of a picture that is a JPEG.

    Pillow misses it only where the data ends, and a card that was pulled out too early leaves zeros instead, which
    decode to even grey.

    Raises:
        FrameUnreadable: it has none.
    """
    if image.format not in _JPEG_FORMATS:
        return
    try:
        jpeg.inspect(path.read_bytes())
    except FrameUnreadable as fault:
        raise FrameUnreadable(f"{path}: {fault}") from fault


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return (width, height) in pixels as the picture is to be seen, after its EXIF orientation."""
    width, height = image.size
    return (height, width) if image.getexif().get(ORIENTATION) in _LYING else (width, height)


def _refuse_empty(path: Path) -> int:
    """Return the size in bytes of a file that can be read and has any."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
    except FileNotFoundError:
        raise FrameMissing(f"{path} is not there (any more)") from None
    except OSError as refusal:
        raise FrameUnreadable(f"{path} cannot be read: {refusal.strerror}") from refusal
    if size == 0:
        raise FrameUnreadable(f"{path} is empty (0 bytes)")
    return size
