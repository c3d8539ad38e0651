"""Refuses RAW files that lack the end of their pictures, which LibRaw and darktable would show as black."""

from __future__ import annotations

import logging
import struct
from itertools import islice
from typing import TYPE_CHECKING

from dayspool.errors import FrameUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import tifffile

__all__ = ["refuse_cut_short_raw"]

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # else what it notices lands on standard error
_MOST_PICTURES = 32  # of one file: thumbnails, previews and the RAW itself are fewer than ten
_BYTE_COUNTS = (279, 325)  # TIFF 6.0: StripByteCounts, TileByteCounts
_TAIL_OF = 16  # the last sixteenth of a picture: more than any margin that a sensor leaves empty
_LEAST_TAIL_BYTES = 1 << 12
# What tifffile raises on damaged files, besides its own.
_DAMAGE = (OSError, ValueError, TypeError, LookupError, OverflowError, MemoryError, ArithmeticError, struct.error)


def refuse_cut_short_raw(path: Path) -> None:
    """Compare a RAW file's size with where its strips and tiles end, if it is built like a TIFF, as most RAW files are.

    Nor may the largest of its pictures end in zeros, which a file system fills in when a card is pulled out or a copy
    breaks off: no sensor sees nothing at all. ARW, DNG, NEF, CR2, PEF and more are checked; of others, and of what else
    is inside the strips, only a developer can tell. LibRaw 0.22 develops an ARW of which half is missing, or half is
    zeros, without a word.

    Raises:
        FrameUnreadable: the file is shorter than it says, or a picture in it is.
    """
    import tifffile  # only here: it takes long to load, and pictures that are no RAW do without

    try:
        with tifffile.TiffFile(path) as file:
            size = file.filehandle.size
            spans = [_span(page) for page in islice(_pages(file.pages), _MOST_PICTURES)]
            end = max((to for _, to in spans), default=0)
            empty = end <= size and _ends_in_zeros(file.filehandle, *max(spans, key=_length, default=(0, 0)))
    except _DAMAGE:
        return
    if end > size:
        raise FrameUnreadable(f"{path} is cut short: it has {size} bytes of {end}; copy it from the card again")
    if empty:
        raise FrameUnreadable(f"{path} is cut short: its picture ends in zeros; copy it from the card again")


def _pages(pages: Iterable[tifffile.TiffPage | tifffile.TiffFrame]) -> Iterator[tifffile.TiffPage]:
    for page in pages:
        whole = page.aspage()
        yield whole
        yield from _pages(whole.pages or ())


def _span(page: tifffile.TiffPage) -> tuple[int, int]:
    """Return from where to where a picture's bytes go; (0, 0) where the file itself does not say how many there are."""
    parts = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    if not parts or not any(code in page.tags for code in _BYTE_COUNTS):
        return 0, 0
    return min(page.dataoffsets), max(at + count for at, count in parts)


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _ends_in_zeros(file: tifffile.FileHandle, start: int, end: int) -> bool:
    tail = (end - start) // _TAIL_OF
    if tail < _LEAST_TAIL_BYTES:
        return False
    file.seek(end - tail)
    return not file.read(tail).strip(b"\0")
