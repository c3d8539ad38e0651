"""How much of the disk that a shoot lies on is kept free of pictures, so that its journal always has room to grow."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["reserve_bytes", "reserve_of"]

RESERVE_BYTES = 64 << 20
RESERVE_SHARE = 20  # of a small disk it is this part


def reserve_of(disk_bytes: int) -> int:
    """Return the reserve on a disk of so many bytes in all."""
    return min(RESERVE_BYTES, disk_bytes // RESERVE_SHARE)


def reserve_bytes(folder: Path) -> int:
    """Return the reserve on the disk that `folder` is on; one that does not answer is taken for a large one."""
    try:
        return reserve_of(shutil.disk_usage(folder).total)
    except OSError:
        return RESERVE_BYTES
