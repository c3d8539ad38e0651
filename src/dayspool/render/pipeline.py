"""The way from frames to a film: developed side by side in chunks, pushed into the encoder in slot order.

The first frame that develops fixes the film's size. Another frame of another size is scaled and cut to it; one that
would have to be enlarged is left out and named, like a frame that does not decode. Workers hand over finished 4:2:0
planes, an eighth of a 16-bit plate, and only a bounded number of chunks is under way, so memory stays flat however
long the shoot is.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from dayspool.develop import DevelopJob, Plate
from dayspool.errors import FilmError, FrameError, FrameUnreadable
from dayspool.video import FilmWriter, Planes, fitted, geometry, to_planes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from fractions import Fraction
    from pathlib import Path

    from dayspool.develop import Developer, DeveloperInfo
    from dayspool.video import Geometry, Preset

__all__ = ["FilmReport", "FrameFile", "LeftOut", "Progress", "render"]

_CHUNK_BYTES = 128 << 20  # of planes per chunk, at most
Prepared: TypeAlias = "tuple[FrameFile, Planes | FrameError]"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFile:
    """A frame on the disk and the slot it belongs to."""

    slot: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A frame that is not in the film, and why."""

    slot: int
    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a render is: `done` of `total` frames; `stage` is `develop`, then `check` while the film is proven."""

    done: int
    total: int
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReport:
    """A finished film: where it is, how many `frames` it has, how many `seconds` it plays, what it left out."""

    film: Path
    frames: int
    seconds: float
    width: int
    height: int
    fps: Fraction
    size_bytes: int
    developer: DeveloperInfo
    left_out: tuple[LeftOut, ...]


def render(
    frames: Iterable[FrameFile],
    *,
    out: Path,
    preset: Preset,
    developer: Developer,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> FilmReport:
    """Make a film of frames, in slot order.

    Args:
        frames: in any order; one per slot.
        out: the film; replaced only by a whole, proven one.
        preset: what the film is made like.
        developer: makes plates of frames.
        executor: runs the development; a pool of threads is made (and closed) if none is given.
        workers: how many calls of the developer run at once; by default as many as there are cores.
        progress: called in this thread after every frame.

    Raises:
        FilmError: there are no frames, none of them is readable, or the film cannot be written or is not as ordered.
        ToolError: the developer cannot be used or trusted.
    """
    ordered = _ordered(frames)
    info = developer.probe()
    if info.fault is not None:
        raise info.fault
    workers = workers or len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        if executor is None:
            executor = stack.enter_context(ThreadPoolExecutor(workers, thread_name_prefix="develop"))
        stack.enter_context(_stopped_by_failure(developer))  # before the pool is left, which waits for its workers
        pool = _Pool(executor=executor, workers=workers, developer=developer, preset=preset)
        return _filmed(ordered, out=out, pool=pool, info=info, tell=progress or _silent)


@contextmanager
def _stopped_by_failure(developer: Developer) -> Iterator[None]:
    try:
        yield
    except BaseException:
        developer.stop()
        raise


def _silent(_: Progress) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """Who develops, for which film."""

    executor: Executor
    workers: int
    developer: Developer
    preset: Preset

    def chunks(self, frames: Sequence[FrameFile], size: tuple[int, int]) -> list[Sequence[FrameFile]]:
        picture_bytes = size[0] * size[1] * 3 // 2
        each = max(1, min(self.developer.frames_per_call, _CHUNK_BYTES // picture_bytes))
        return [frames[start : start + each] for start in range(0, len(frames), each)]

    def prepared(self, frames: Sequence[FrameFile], size: tuple[int, int]) -> Generator[Prepared, None, None]:
        """Yield every frame's planes or fault in order, with at most two chunks per worker under way."""
        waiting: deque[Future[list[Prepared]]] = deque()
        try:
            for chunk in self.chunks(frames, size):
                waiting.append(self.executor.submit(_prepare, self.developer, chunk, self.preset, size))
                if len(waiting) == 2 * self.workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _ordered(frames: Iterable[FrameFile]) -> list[FrameFile]:
    ordered = sorted(frames, key=lambda frame: frame.slot)
    if not ordered:
        raise FilmError("there are no frames to make a film of; shoot or import some first")
    twice = [one.slot for one, other in pairwise(ordered) if one.slot == other.slot]
    if twice:
        raise FilmError(f"slot {twice[0]} has more than one frame; a film shows one frame per slot")
    return ordered


def _filmed(
    frames: Sequence[FrameFile], *, out: Path, pool: _Pool, info: DeveloperInfo, tell: Callable[[Progress], None]
) -> FilmReport:
    left_out: list[LeftOut] = []
    first, planes = _first_readable(frames, pool, left_out)
    size = (planes.shape[1], planes.shape[0] * 2 // 3)
    rest = frames[first + 1 :]
    with FilmWriter(out, size=size, preset=pool.preset) as writer, closing(pool.prepared(rest, size)) as results:
        writer.write(planes)
        tell(Progress(done=first + 1, total=len(frames), stage="develop"))
        for done, (frame, prepared) in enumerate(results, start=first + 2):
            if isinstance(prepared, FrameError):
                left_out.append(LeftOut(slot=frame.slot, path=frame.path, reason=str(prepared)))
            else:
                writer.write(prepared)
            tell(Progress(done=done, total=len(frames), stage="develop"))
        tell(Progress(done=len(frames), total=len(frames), stage="check"))
    facts = writer.facts
    assert facts is not None  # leaving the writer's block proves the film
    return FilmReport(
        film=out,
        frames=facts.frames,
        seconds=float(facts.seconds),
        width=facts.width,
        height=facts.height,
        fps=facts.fps,
        size_bytes=facts.size_bytes,
        developer=info,
        left_out=tuple(left_out),
    )


def _first_readable(frames: Sequence[FrameFile], pool: _Pool, left_out: list[LeftOut]) -> tuple[int, Planes]:
    """Develop one frame after another until one succeeds; it decides the film's size.

    Raises:
        FilmError: none does.
    """
    for index, frame in enumerate(frames):
        ((_, prepared),) = pool.executor.submit(_prepare, pool.developer, [frame], pool.preset, None).result()
        if not isinstance(prepared, FrameError):
            return index, prepared
        left_out.append(LeftOut(slot=frame.slot, path=frame.path, reason=str(prepared)))
    raise FilmError(f"none of the {len(frames)} frames can be read; the first: {left_out[0].reason}")


def _prepare(
    developer: Developer, frames: Sequence[FrameFile], preset: Preset, size: tuple[int, int] | None
) -> list[Prepared]:
    """Develop a chunk and bring each plate to the film's size, or to the one it suggests itself; runs in a worker."""
    jobs = [DevelopJob(path=frame.path, width=preset.width, height=preset.height) for frame in frames]
    developed = developer.develop(jobs)
    return [
        (frame, _placed(frame, result, preset, size) if isinstance(result, Plate) else result)
        for frame, result in zip(frames, developed, strict=True)
    ]


def _placed(frame: FrameFile, plate: Plate, preset: Preset, size: tuple[int, int] | None) -> Planes | FrameError:
    own = (plate.width, plate.height)
    place = geometry(own, preset) if size is None else _place(own, preset, size)
    if place is None:
        assert size is not None
        return FrameUnreadable(
            f"{frame.path} is {own[0]}×{own[1]} px and would have to be enlarged to the film's {size[0]}×{size[1]}"
        )
    return to_planes(plate.rgb, place)


def _place(own: tuple[int, int], preset: Preset, size: tuple[int, int]) -> Geometry | None:
    """Cut as the first frame was cut if that gives the film's size, so that equal pictures lie equally; else fit."""
    alike = geometry(own, preset)
    return alike if alike.size == size else fitted(own, size)
