"""How much of this machine a render takes: workers by its cores and memory, chunks by what they share."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from dayspool.errors import PlanError

__all__ = ["Budget", "Machine", "budgeted", "refuse_too_many", "this_machine"]

_CHUNKS_PER_WORKER = 2  # one in work, one waiting for the encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a render may use: cores, and the bytes of memory that are free or easily freed."""

    cores: int
    available_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many workers share the cores, how many chunks are under way, and how many bytes of planes each may hold."""

    cores: int
    workers: int
    chunks: int
    chunk_bytes: int

    def threads(self, calls: int) -> int:
        """Return how many threads each of so many calls of a developer may use, as many at once as there are workers.

        Where memory, or a handful of frames, allow fewer calls than there are cores, they divide the cores.
        """
        return max(1, self.cores // min(self.workers, calls))

    def frames_per_chunk(self, plane_bytes: int, most: int) -> int:
        """Return how many frames of `plane_bytes` each a chunk holds: at least 1, at most `most`."""
        return max(1, min(most, self.chunk_bytes // plane_bytes))

    def even(self, frames: int, most: int) -> int:
        """Return the size of chunks of at most `most` frames that keeps every worker busy to the end.

        Their number is a multiple of the workers', so that the last chunks end together.
        """
        rounds = ceil(frames / most / self.workers)
        return max(1, ceil(frames / rounds / self.workers))


def this_machine() -> Machine:
    """Look at this machine: the cores this process may use, and MemAvailable (proc(5)), else half of the memory."""
    meminfo = Path("/proc/meminfo")
    known = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text() if meminfo.exists() else "", re.MULTILINE)
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return Machine(cores=len(os.sched_getaffinity(0)), available_bytes=int(known[1]) * 1024 if known else half)


def budgeted(machine: Machine, *, worker_bytes: int, asked: int | None = None) -> Budget:
    """Share a machine out: three quarters of its memory to workers, an eighth to planes, the rest to the encoder.

    Args:
        machine: where the workers run.
        worker_bytes: what one of them takes.
        asked: so many workers, whatever the memory; else as many as cores and memory allow, and one at least.
    """
    fitting = machine.available_bytes * 3 // 4 // worker_bytes
    workers = asked or max(1, min(machine.cores, fitting))
    chunks = _CHUNKS_PER_WORKER * workers
    return Budget(
        cores=machine.cores, workers=workers, chunks=chunks, chunk_bytes=machine.available_bytes // 8 // chunks
    )


def refuse_too_many(asked: int | None, machine: Machine) -> None:
    """Refuse workers that would only stand in each other's way.

    Raises:
        PlanError: more than two a core.
    """
    if asked is not None and asked > 2 * machine.cores:
        raise PlanError(
            f"{asked} workers are too many for {machine.cores} core{'s' if machine.cores > 1 else ''}: "
            f"take at most {2 * machine.cores}, or leave --workers out"
        )
