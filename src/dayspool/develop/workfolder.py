"""Private work folders for darktable, in memory where there is room; those of killed processes are swept away.

A folder's name holds the id of the process that made it, and that process holds a lock on the folder (flock) as long
as it lives. Swept is only what fails both tests, so neither a reused process id nor a machine that shares the disk
costs anybody a folder in use.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RAM_DISK", "sweep", "work_folder"]

RAM_DISK = Path("/dev/shm")  # noqa: S108 - only private folders with random names are made in it
_VARIABLE = re.compile(r"\$\(|\\")  # 4.2.1 wrote nothing there, and ended with status 0
_NAME = re.compile(r"dayspool-(\d+)-\w+")  # as `work_folder` makes them


@contextmanager
def work_folder(need_bytes: int) -> Iterator[Path]:
    """Make a private folder with room for `need_bytes`; it is gone when the block is left.

    Raises:
        ToolError: there is no room, or no folder can be made.
    """
    with ExitStack() as held:
        try:
            parent = _parent(need_bytes)
            prefix = f"dayspool-{os.getpid()}-"
            made = tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
            folder = Path(held.enter_context(made))
            held.enter_context(_locked(folder))
        except OSError as refusal:
            raise ToolError(f"darktable has no folder to work in: {refusal}; set TMPDIR") from refusal
        yield folder


def sweep() -> None:
    """Remove the work folders that killed processes of this user left behind."""
    parents = {RAM_DISK}
    with suppress(OSError):  # there may be none; who needs it will say so
        parents.add(Path(tempfile.gettempdir()))
    for parent in parents:
        for folder in parent.glob("dayspool-*"):
            name = _NAME.fullmatch(folder.name)
            if name and not Path(f"/proc/{name[1]}").exists() and _is_ours(folder):
                with suppress(OSError), _locked(folder):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return not folder.is_symlink() and folder.is_dir() and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system lets go of it when the process ends, however it ends.

    Raises:
        OSError: somebody else holds it.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _parent(need_bytes: int) -> Path:
    """Return a RAM disk if it has twice the room that is needed, else the folder for temporary files.

    Raises:
        ToolError: it has no room.
        OSError: there is none that can be written to.
    """
    writable = RAM_DISK.is_dir() and os.access(RAM_DISK, os.W_OK | os.X_OK)
    if writable and shutil.disk_usage(RAM_DISK).free > 2 * need_bytes:
        return RAM_DISK
    fallback = Path(tempfile.gettempdir())
    free = shutil.disk_usage(fallback).free
    if free < need_bytes:
        raise ToolError(
            f"darktable needs {need_bytes >> 20} MiB to work in, and {fallback} has {free >> 20}; "
            "free some, or set TMPDIR"
        )
    if _VARIABLE.search(str(fallback)):
        raise ToolError(
            f"darktable cannot write to {fallback}: $( and \\ in a name are something else to it; set TMPDIR"
        )
    return fallback
