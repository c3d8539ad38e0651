"""Which size a film has: that of its commonest pictures, as their headers state it and one of them proves it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from dayspool.develop import Plate, stated_size
from dayspool.errors import FilmError, FrameError, FrameUnreadable
from dayspool.video import fitted, geometry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from dayspool.develop import Developed, Developer, DevelopJob
    from dayspool.render.pipeline import FrameFile
    from dayspool.video import Geometry, Preset

__all__ = ["FilmSize", "by_commonness", "decided", "place"]

_AT_ONCE = 2  # of a single frame nobody can tell whether the frame or the developer is at fault
_Px: TypeAlias = "tuple[int, int]"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSize:
    """The film's (width, height) in pixels, and those of the plates that decided it."""

    film: _Px
    plates: _Px

    def below(self, preset: Preset) -> bool:
        """Whether the pictures were too small to fill the preset in either direction."""
        return self.film[0] < preset.width and self.film[1] < preset.height


def by_commonness(frames: Sequence[FrameFile]) -> list[FrameFile]:
    """Return the frames, those of the commonest stated size first; equally common ones, and equals, in given order."""
    stated = [stated_size(frame.path) for frame in frames]
    votes = Counter(stated)
    first_seen = {size: -index for index, size in reversed(list(enumerate(stated)))}
    order = sorted(
        range(len(frames)), key=lambda index: (votes[stated[index]], first_seen[stated[index]]), reverse=True
    )
    return [frames[index] for index in order]


def decided(
    frames: Sequence[FrameFile], *, executor: Executor, developer: Developer, preset: Preset, threads: int
) -> FilmSize:
    """Develop frames, of the commonest size first, until one succeeds; its plate decides.

    A header alone would not do: a RAW's does not say, a sidecar may crop, a developer may round.

    Raises:
        FilmError: none of them develops.
        ToolError: the developer cannot be used.
    """
    faults: list[FrameError] = []
    for found in _plate_sizes(by_commonness(frames), executor, developer, preset, threads):
        if not isinstance(found, FrameError):
            return FilmSize(film=geometry(found, preset).size, plates=found)
        faults.append(found)
    raise FilmError(f"none of the {len(frames)} frames can be read; the first: {faults[0]}")


def place(frame: FrameFile, plate: Plate, preset: Preset, size: _Px) -> Geometry:
    """Return how a plate is brought to the film's size.

    Plates as large as those that decided are cut alike; others are fitted.

    Raises:
        FrameUnreadable: it would have to be enlarged.
    """
    own = (plate.width, plate.height)
    alike = geometry(own, preset) if min(own) >= 2 else None
    found = alike if alike is not None and alike.size == size else fitted(own, size)
    if found is None:
        raise FrameUnreadable(
            f"{frame.path} is {own[0]}×{own[1]} px and would have to be enlarged to the film's {size[0]}×{size[1]}"
        )
    return found


def _plate_sizes(
    frames: Sequence[FrameFile], executor: Executor, developer: Developer, preset: Preset, threads: int
) -> Iterator[_Px | FrameError]:
    for start in range(0, len(frames), _AT_ONCE):
        jobs = [frame.job(preset) for frame in frames[start : start + _AT_ONCE]]
        yield from executor.submit(_developed_sizes, developer, jobs, threads).result()


def _developed_sizes(developer: Developer, jobs: Sequence[DevelopJob], threads: int) -> list[_Px | FrameError]:
    """Runs in a worker."""
    return list(map(_size_of, developer.develop(jobs, threads=threads)))  # holds no plate while the next is developed


def _size_of(developed: Developed) -> _Px | FrameError:
    return (developed.width, developed.height) if isinstance(developed, Plate) else developed
