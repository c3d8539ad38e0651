"""A film's temporary name, locked as long as its writer lives; what killed writers left of the same film is removed."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dayspool.picture.whole import PART_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["part_of"]

_HASH_BYTES = 8


@contextmanager
def part_of(film: Path) -> Iterator[Path]:
    """Make an empty file beside a film under a name that nobody else has; it is gone when the block is left.

    It is locked (flock) where the disk has locks. The system lets go of it when the process ends, however it ends, so
    parts of the same film that can be locked belong to nobody any more, and are removed first.

    Raises:
        OSError: it cannot be made.
    """
    _sweep(film)
    part = film.with_name(f"{film.name}.{secrets.token_hex(_HASH_BYTES)}{PART_SUFFIX}")
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield part
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        os.close(handle)


def _sweep(film: Path) -> None:
    ours = re.compile(rf"{re.escape(film.name)}\.[0-9a-f]{{{2 * _HASH_BYTES}}}{re.escape(PART_SUFFIX)}")
    with suppress(OSError):
        for path in film.parent.iterdir():
            if ours.fullmatch(path.name):
                _remove_unless_locked(path)


def _remove_unless_locked(part: Path) -> None:
    with suppress(OSError):
        handle = os.open(part, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
        finally:
            os.close(handle)
