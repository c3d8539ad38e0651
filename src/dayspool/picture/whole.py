"""Put a file on the disk whole or not at all, and never over another one."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PART_SUFFIX", "settle", "sync_folder", "write_whole"]

PART_SUFFIX = ".part"
# What disks without hard links answer: FAT and exFAT under Linux the first, network and FUSE ones the others.
_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


def write_whole(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write `data` under a temporary name beside `path`, force it to the disk, and rename it.

    Raises:
        FileExistsError: `path` is there already, and `replace` is not asked for.
        OSError: the disk refused; `path` is as it was.
    """
    if not replace and path.exists():
        raise FileExistsError(f"{path} is there already")
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def settle(part: Path, path: Path) -> None:
    """Give a finished part its name, never over another file.

    Raises:
        FileExistsError: `path` is there already; the part stays.
        OSError: the disk refused.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, "File exists", str(path))
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        part.rename(path)
    else:
        part.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
