"""The lock of a journal: one process writes it, and others can ask whether one does.

It is an advisory one on a file of its own, because closing any other handle on the database would drop SQLite's locks.
It belongs to the open file (Linux: `F_OFD_SETLK`, fcntl(2)), so that closing another handle on it drops nothing, and so
that others can ask for it without taking it.
"""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from dayspool.errors import JournalLocked, JournalUnwritable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_being_written", "lock_journal"]

_LOCK_NAME = "journal.lock"
_FLOCK = "hhqqi0q"  # struct flock: type, whence, start, length, process; the end is padded as C does


def is_being_written(shoot: Path) -> bool:
    """Say whether a process is writing the journal of this shoot right now; the lock is asked for, never taken."""
    try:
        handle = os.open(shoot / _LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        answer = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _whole_file(fcntl.F_WRLCK))
    except OSError:  # a file system without locks has no writer either: there, `JournalWriter` refuses
        return False
    finally:
        os.close(handle)
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def lock_journal(shoot: Path) -> int:
    """Take the lock and return the handle that holds it until it is closed.

    Raises:
        JournalLocked: another process has it.
        JournalUnwritable: the folder cannot be written, or cannot be locked.
    """
    try:
        handle = os.open(shoot / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise JournalUnwritable(f"{shoot} cannot be written: {error.strerror}") from error
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _whole_file(fcntl.F_WRLCK))
    except (BlockingIOError, PermissionError):  # EAGAIN or EACCES: fcntl(2) allows both for "somebody has it"
        writer = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise JournalLocked(
            f"another dayspool (process {writer}) is writing {shoot}; stop it first, or use another folder"
        ) from None
    except OSError as error:
        os.close(handle)
        raise JournalUnwritable(
            f"{shoot} cannot be locked against a second writer ({error.strerror}); "
            "some network file systems have no locks: put the shoot on a disk of this machine"
        ) from error
    with suppress(OSError):  # the number only makes the message above kinder; a full disk may refuse it
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _whole_file(kind: int) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, 0, 0, 0)
