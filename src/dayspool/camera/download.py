"""Fetch one large file into a file on the disk, from where an earlier attempt stopped.

A part is continued only when the camera serves byte ranges and its last bytes come again as they are on the disk: a
part of another picture that had the same name is not mixed with this one.
"""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

from dayspool.camera.link import PICTURE_CAP
from dayspool.errors import CameraConfused, CameraRefused, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.camera.link import Link, Portion

__all__ = ["OVERLAP_BYTES", "download"]

OVERLAP_BYTES = 4096  # two pictures do not share so many bytes of their scans by chance
_NO_SUCH_BYTE = 416


async def download(
    link: Link,
    url: str,
    file: IO[bytes],
    *,
    expected_bytes: int | None = None,
    cap_bytes: int = PICTURE_CAP,
    idle_seconds: float = 20.0,
    told: Callable[[int], None] | None = None,
) -> int:
    """Bring `file` (open for reading and writing) to hold what lies at `url`, and return its size in bytes.

    What `file` holds already is kept as far as it is the beginning of that; `told` hears how many bytes there are.

    Raises:
        CameraUnreachable: the line broke, or brought less than 256 KiB in `idle_seconds`; `file` keeps what came.
        CameraRefused: the camera answered with an error.
        CameraConfused: the size is not the one it named, or above `cap_bytes`.
        OSError: the disk refused.
    """
    have = file.seek(0, os.SEEK_END)
    offset = have - OVERLAP_BYTES
    if offset > 0 and (expected_bytes is None or have <= expected_bytes):
        try:
            async with link.portion(url, offset=offset, idle_seconds=idle_seconds) as portion:
                if portion.start == 0:
                    return await _take(portion, url, file, b"", expected_bytes, cap_bytes, told)
                file.seek(offset)
                tail = file.read(OVERLAP_BYTES)
                return await _take(portion, url, file, tail, expected_bytes, cap_bytes, told)
        except _AnotherFile:
            pass
        except CameraRefused as error:
            if error.code != _NO_SUCH_BYTE:
                raise
    async with link.portion(url, idle_seconds=idle_seconds) as portion:
        return await _take(portion, url, file, b"", expected_bytes, cap_bytes, told)


class _AnotherFile(Exception):
    """What is on the disk is not the beginning of this file."""


async def _take(
    portion: Portion,
    url: str,
    file: IO[bytes],
    tail: bytes,
    expected_bytes: int | None,
    cap_bytes: int,
    told: Callable[[int], None] | None,
) -> int:
    """Write a portion behind the `tail` that `file` ends with, which the portion must begin with."""
    size = expected_bytes if expected_bytes is not None else portion.total_bytes
    if portion.total_bytes not in (None, size):
        raise CameraConfused(f"{url}: the camera's list says {size} bytes, its server {portion.total_bytes}")
    if size is not None and size > cap_bytes:
        raise CameraConfused(f"{url}: a file of {size} bytes is larger than the {cap_bytes} allowed")
    position = portion.start + len(tail)
    if tail and size is not None and position > size:
        raise _AnotherFile
    file.seek(position)
    if not tail:
        file.truncate()
    async for chunk in portion.chunks:
        known = chunk[: len(tail)]
        if known != tail[: len(known)]:
            raise _AnotherFile
        tail = tail[len(known) :]
        position += file.write(chunk[len(known) :])
        if position > min(cap_bytes, size if size is not None else cap_bytes):
            raise CameraConfused(f"{url}: more than the {size or cap_bytes} bytes allowed came")
        if told is not None:
            told(position)
    file.truncate()
    if tail or (size is not None and position != size):
        of = f" of {size}" if size is not None else ""
        raise CameraUnreachable(f"{url}: only {position}{of} bytes came", sent=True)
    return position
