"""What this machine does to a shoot of days: whether it knows the time, keeps what is written, stays awake."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import statistics
import struct
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.cli.check import Check, told
from dayspool.shoot.power import BOOTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["host_checks", "is_android", "is_synchronised"]

TERMUX = Path("/data/data/com.termux/files/usr/bin")
TIMESYNC = Path("/run/systemd/timesync/synchronized")  # systemd-timesyncd makes it once it knows the time
RTC = Path("/sys/class/rtc")
SLOW_FSYNC_SECONDS = 0.25
_FSYNCS = 5
_TIMEX_BYTES = 512  # more than any `struct timex`; `modes`, its first number, is 0: only asked, not set
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_FLOCK = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)


def host_checks(folder: Path) -> Iterator[Check]:
    """Yield what is to be known of this machine and of the disk that `folder` lies on."""
    yield _phone(os.environ)
    yield _clock()
    yield _storage(folder)
    yield _sleep()
    yield _service()


def is_android(environment: Mapping[str, str]) -> bool:
    """Say whether this is a phone or tablet: Android's own variables, or its files seen through a Linux userland."""
    return "ANDROID_ROOT" in environment or "com.termux" in environment.get("PREFIX", "") or TERMUX.is_dir()


def _phone(environment: Mapping[str, str]) -> Check:
    if not is_android(environment):
        return told("phone", ok=True, detail="not Android", remedy="")
    found = shutil.which("termux-wake-lock") is not None or (TERMUX / "termux-wake-lock").exists()
    where = " through proot" if _under_proot() else ""
    detail = f"Android{where}, {'a wake lock can be taken' if found else 'no wake lock to be had'}"
    remedy = "run termux-wake-lock in Termux before the shoot, and exempt it from battery saving: docs/android.md"
    return told("phone", ok=found, detail=detail, remedy=remedy)


def _under_proot() -> bool:
    """Say whether a program called proot watches over this process, as it does by ptrace."""
    try:
        status = Path("/proc/self/status").read_text()
        tracer = next(line.split()[1] for line in status.splitlines() if line.startswith("TracerPid:"))
        return tracer != "0" and "proot" in Path(f"/proc/{tracer}/comm").read_text()
    except (OSError, StopIteration, IndexError):
        return False


def is_synchronised() -> bool | None:
    """Say whether the kernel holds this machine's clock for synchronised; `None` where that cannot be told."""
    if TIMESYNC.exists():
        return True
    try:
        state = int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


def _clock() -> Check:
    synchronised = is_synchronised()
    detail = {True: "synchronised", False: "free-running", None: "whether it is synchronised cannot be told here"}
    battery = "" if RTC.is_dir() and any(RTC.iterdir()) else "; no clock that goes on without power"
    remedy = "switch on time synchronisation, or mind that slots follow this machine's clock"
    return told("clock", ok=synchronised is not False, detail=f"{detail[synchronised]}{battery}", remedy=remedy)


def _storage(folder: Path) -> Check:
    """Try what a journal needs of a disk: a lock, and writes that are really down when the disk says so."""
    remedy = "put shoots on a disk of this machine (ext4, btrfs, xfs, f2fs …) that can be written"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.fcntl(file.fileno(), fcntl.F_OFD_SETLK, _FLOCK)
            seconds = statistics.median(_fsync_seconds(file.fileno()) for _ in range(_FSYNCS))
    except OSError as error:
        no_locks = error.errno in (errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
        why = "has no locks against a second writer" if no_locks else f"cannot be written: {error.strerror}"
        return told("storage", ok=False, detail=f"{folder} {why}", remedy=remedy)
    detail = f"locks work, a write is safe after {seconds * 1000:.1f} ms"
    slow = "this disk is slow: choose intervals of some seconds, or a faster one"
    return told("storage", ok=seconds < SLOW_FSYNC_SECONDS, detail=detail, remedy=slow)


def _fsync_seconds(handle: int) -> float:
    began = time.perf_counter()
    os.write(handle, b"x" * 4096)
    os.fsync(handle)
    return time.perf_counter() - began


def _sleep() -> Check:
    remedy = "install systemd, or switch off sleep in this machine's settings while a shoot goes on"
    if not BOOTED.is_dir():
        return told(
            "sleep", ok=True, detail="no systemd here: sleep is not held off, if this machine sleeps", remedy=""
        )
    there = shutil.which("systemd-inhibit") is not None
    detail = "held off while a shoot goes on" if there else "no systemd-inhibit to hold it off"
    return told("sleep", ok=there, detail=detail, remedy=remedy)


def _service() -> Check:
    there = BOOTED.is_dir() and shutil.which("systemctl") is not None
    detail = "systemd runs: dayspool service install" if there else "no systemd: nothing starts a shoot again by itself"
    return told("service", ok=True, detail=detail, remedy="")
