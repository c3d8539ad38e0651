"""The boxes of an MP4 file: which there are, and in which order (ISO/IEC 14496-12 §4.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from dayspool.errors import FilmError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Box", "boxes"]

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"edts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box by its path of names, such as `moov/trak/edts`, and where it lies in the file, in bytes."""

    path: str
    start: int
    size: int


def boxes(path: Path) -> tuple[Box, ...]:
    """Return the boxes of a file in the order they lie in it, with those inside movie and tracks.

    Raises:
        FilmError: the boxes do not fit the file, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return tuple(_walk(file, "", 0, path.stat().st_size))
    except (OSError, struct.error) as fault:
        raise FilmError(f"{path} cannot be read as an MP4 file: {fault}") from fault


def _walk(file: BinaryIO, parent: str, start: int, end: int) -> Iterator[Box]:
    while start < end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:  # a 64-bit size follows
            (size,) = struct.unpack(">Q", file.read(8))
            header = 16
        elif size == 0:  # to the end
            size = end - start
        if size < header or start + size > end:
            raise FilmError(f"{file.name} is no whole MP4 file: the box at byte {start} does not fit into it")
        box = Box(path=parent + kind.decode("latin-1"), start=start, size=size)
        yield box
        if kind in _CONTAINERS:
            yield from _walk(file, f"{box.path}/", start + header, start + size)
        start += size
