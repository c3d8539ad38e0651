"""Refuses RAW files that end before their pictures do, which LibRaw and darktable would fill up with black."""

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
# What tifffile raises on damaged files, besides its own.
_DAMAGE = (OSError, ValueError, TypeError, LookupError, OverflowError, MemoryError, ArithmeticError, struct.error)


def refuse_cut_short_raw(path: Path) -> None:
    """Compare a RAW file's size with where its strips and tiles end, if it is built like a TIFF, as most RAW files are.

    ARW, DNG, NEF, CR2, PEF and more are; of others, and of what is inside the strips, only a developer can tell.
    LibRaw 0.22 develops an ARW cut at half its length without a word.

    Raises:
        FrameUnreadable: the file is shorter than it says.
    """
    import tifffile  # only here: it takes long to load, and pictures that are no RAW do without

    try:
        with tifffile.TiffFile(path) as file:
            size = file.filehandle.size
            end = max((_end(page) for page in islice(_pages(file.pages), _MOST_PICTURES)), default=0)
    except _DAMAGE:
        return
    if end > size:
        raise FrameUnreadable(f"{path} is cut short: it has {size} bytes of {end}; copy it from the card again")


def _pages(pages: Iterable[tifffile.TiffPage | tifffile.TiffFrame]) -> Iterator[tifffile.TiffPage]:
    for page in pages:
        whole = page.aspage()
        yield whole
        yield from _pages(whole.pages or ())


def _end(page: tifffile.TiffPage) -> int:
    """Return where a picture's bytes end; 0 where the file itself does not say how many there are."""
    if not any(code in page.tags for code in _BYTE_COUNTS):
        return 0
    return max((at + count for at, count in zip(page.dataoffsets, page.databytecounts, strict=False)), default=0)
