"""Frames as darktable gets them: copies under names of their own with a sidecar beside each, and what came of them."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from dayspool.develop.darktable_cli import read_ppm
from dayspool.errors import ToolDisobeyed, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dayspool.develop.api import DevelopJob, Pixels

__all__ = [
    "Staged",
    "names",
    "need_bytes",
    "output_of",
    "parts",
    "refuse_full",
    "refuse_other_size",
    "refuse_strangers",
    "staged_copy",
    "taken",
]

_SLACK_PX = 2  # darktable 4.2.1 loses one pixel row and column of a picture that it rotates unscaled
_FOLDER_BYTES = 1 << 30  # what one process is given to do at most, because the work folder may be memory
_PLAIN = re.compile("[A-Za-z0-9]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A frame that looks whole and how to ask for it: `ask` bounds its plate; exactly, or by one side only.

    `sidecar` goes along with it; `turned` says that the first side to bound it by was the wrong one.
    """

    index: int
    name: str
    job: DevelopJob
    suffix: str
    size_bytes: int
    sidecar: bytes | None
    ask: tuple[int, int]
    turned: bool = False

    @property
    def exact(self) -> bool:
        """Whether both sides of its plate are known."""
        return 0 not in self.ask

    def bounded_otherwise(self, width: int, height: int) -> Staged | None:
        """Return how to ask for it instead, if a plate of this size fills the side it was bounded by, not the other."""
        if self.exact or self.turned:
            return None
        if width == self.ask[0] and height < self.job.height:
            return replace(self, ask=(0, self.job.height), turned=True)
        if height == self.ask[1] and width < self.job.width:
            return replace(self, ask=(self.job.width, 0), turned=True)
        return None


def names(jobs: Iterable[DevelopJob]) -> Iterator[str]:
    """Yield a name for the copy of each picture: its own where that is letters and digits, else a hash of it.

    darktable seeds its grain with a picture's name, so a name must not depend on what is developed along with it. Only
    of several pictures of one name the later ones get a number.
    """
    given: Counter[str] = Counter()
    for job in jobs:
        stem = job.path.stem
        plain = stem if _PLAIN.fullmatch(stem) else blake2b(os.fsencode(stem), digest_size=16).hexdigest()
        again = given[plain.lower()]
        given[plain.lower()] += 1
        yield f"{plain}-{again}" if again else plain


def parts(jobs: Sequence[DevelopJob]) -> Iterator[Sequence[DevelopJob]]:
    """Cut a call into runs that fit into a work folder, one job at least in each."""
    start, total = 0, 0
    for number, job in enumerate(jobs):
        need = _size_bytes(job.path) + _plate_bytes(job)
        if total + need > _FOLDER_BYTES and number > start:
            yield jobs[start:number]
            start, total = number, 0
        total += need
    yield jobs[start:]


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # what is wrong with it is said when it is inspected
        return 0


def _plate_bytes(job: DevelopJob) -> int:
    return job.width * job.height * 9  # 6 bytes a pixel, and a picture may exceed its box by half


def need_bytes(frames: Iterable[Staged]) -> int:
    """Return how much room frames and their plates take."""
    return sum(frame.size_bytes + _plate_bytes(frame.job) for frame in frames)


def staged_copy(inbox: Path, frame: Staged) -> None:
    """Copy a frame and lay its sidecar beside; never link: darktable names its output by what a link points to."""
    copy = inbox / f"{frame.name}{frame.suffix}"
    shutil.copyfile(frame.job.path, copy)
    if frame.sidecar is not None:
        copy.with_name(f"{copy.name}.xmp").write_bytes(frame.sidecar)


def output_of(room: Path, frame: Staged) -> Path:
    """Return where darktable puts what it makes of a frame."""
    return room / "out" / f"{frame.name}.ppm"


def taken(room: Path, frame: Staged) -> Pixels | None:
    """Read an output and delete it at once: it is large, and the work folder may be memory."""
    output = output_of(room, frame)
    rgb = read_ppm(output)
    output.unlink(missing_ok=True)
    return rgb


def refuse_full(room: Path, frame: Staged) -> None:
    """Say that it is not the frame's fault where darktable had no room to write it."""
    free, need = shutil.disk_usage(room).free, need_bytes([frame])
    if free < need:
        raise ToolError(
            f"darktable has no room left to work in: {room.parent} has {free >> 20} MiB free, and {frame.job.path} "
            f"needs {need >> 20}; free some, or set TMPDIR"
        )


def refuse_strangers(outbox: Path, frames: Iterable[Staged]) -> None:
    """Refuse outputs that nobody asked for.

    Raises:
        ToolDisobeyed: there are some.
    """
    strangers = sorted({path.name for path in outbox.iterdir()} - {f"{frame.name}.ppm" for frame in frames})
    if strangers:
        raise ToolDisobeyed(f"darktable wrote files it was not asked for: {', '.join(strangers[:3])}")


def refuse_other_size(frame: Staged, width: int, height: int) -> None:
    """Hold the result against what was asked: both sides if both were, else the one that bounds it."""
    asked_width, asked_height = frame.ask
    if frame.exact:
        obeyed = max(abs(width - asked_width), abs(height - asked_height)) <= _SLACK_PX
    else:
        obeyed = width <= (asked_width or width) and height <= (asked_height or height)
    if not obeyed:
        raise ToolDisobeyed(
            f"darktable was told to make {frame.job.path} {asked_width}×{asked_height} px (0 = free) "
            f"and made {width}×{height}; try another darktable, or --developer builtin"
        )
