"""RAW files, told by name and by their first bytes; what is in them is their developer's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.errors import FrameUnreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RAW_SUFFIXES", "is_raw", "refuse_no_raw"]

RAW_SUFFIXES = frozenset(
    f".{kind}"
    for kind in (
        *("3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "gpr", "iiq", "kdc", "mef", "mos", "mrw"),
        *("nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f"),
    )
)
# How RAW files begin: TIFF and its kin (most makers; Olympus; Panasonic), Fujifilm, Canon twice, Minolta, Sigma.
_BEGINNINGS = (
    *(b"II*\x00", b"MM\x00*", b"IIRO", b"IIRS", b"MMOR", b"IIU\x00", b"FUJIFILMCCD-RAW"),
    *(b"\x00\x00\x00\x18ftypcrx", b"II\x1a\x00\x00\x00HEAPCCDR", b"\x00MRM", b"FOVb"),
)


def is_raw(path: Path) -> bool:
    """Return whether the name says that this is a camera's RAW file."""
    return path.suffix.lower() in RAW_SUFFIXES


def refuse_no_raw(head: bytes) -> None:
    """Check that a file begins (`head`, 32 bytes at least) the way a camera's RAW files do.

    Raises:
        FrameUnreadable: it is empty, or something else.
    """
    if not head:
        raise FrameUnreadable("the file is empty")
    if not head.startswith(_BEGINNINGS):
        raise FrameUnreadable(f"no RAW file of a camera: it begins with {head[:4].hex(' ')}")
