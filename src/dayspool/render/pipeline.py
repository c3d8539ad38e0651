"""The way from frames to a film: developed side by side in chunks, pushed into the encoder in slot order.

The commonest picture size fixes the film's size. Another frame of another size is scaled and cut to it; one that
would have to be enlarged is left out and named, like a frame that does not decode. Workers hand over finished 4:2:0
planes, an eighth of a 16-bit plate, and only a bounded number of chunks is under way, sized by the machine's memory,
so memory stays flat however long the shoot is.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from dayspool.develop import DevelopJob, Plate, Recipe
from dayspool.errors import FilmError, FrameError
from dayspool.render.blending import developed_whole
from dayspool.render.budget import budgeted, refuse_too_many, this_machine
from dayspool.render.sizing import decided, place
from dayspool.video import FilmWriter, Planes, to_planes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from fractions import Fraction
    from pathlib import Path

    from dayspool.develop import Developed, Developer, DeveloperInfo
    from dayspool.render.budget import Budget
    from dayspool.render.sizing import FilmSize
    from dayspool.video import Preset

__all__ = ["FilmReport", "FrameFile", "LeftOut", "Progress", "render"]

Prepared: TypeAlias = "tuple[FrameFile, Planes | FrameError]"

_PLAIN = Recipe()  # one for all frames that have none of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFile:
    """A frame on the disk, the slot it belongs to, and how it is to look; or `blend`, what it is made of instead."""

    slot: int
    path: Path
    recipe: Recipe = _PLAIN
    blend: tuple[FrameFile, ...] = ()

    @property
    def parts(self) -> tuple[FrameFile, ...]:
        """The frames that are developed for it."""
        return self.blend or (self,)

    def job(self, preset: Preset) -> DevelopJob:
        """Return what a developer is asked to make of it."""
        return DevelopJob(path=self.path, width=preset.width, height=preset.height, recipe=self.recipe)


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
    """A finished film: where it is, how many `frames` it has, how many `seconds` it plays, what it left out.

    `pictures_px` is the size (width, height) of the plates that fixed the film's, and `below_preset` says that they
    were too small to fill the preset.
    """

    film: Path
    frames: int
    seconds: float
    width: int
    height: int
    fps: Fraction
    size_bytes: int
    pictures_px: tuple[int, int]
    below_preset: bool
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
        executor: runs the development; a pool of threads is made (and closed) if none is given. What it runs in other
            processes when a render fails goes on there to its end.
        workers: how many calls of the developer run at once; by default as many as cores and free memory allow.
        progress: called in this thread after every frame.

    Raises:
        PlanError: more workers than twice the cores, and no executor that may have its own.
        FilmError: there are no frames, none of them is readable, or the film cannot be written or is not as ordered.
        ToolError: the developer cannot be used or trusted.
    """
    machine = this_machine()
    if executor is None:
        refuse_too_many(workers, machine)
    ordered = _ordered(frames)
    info = developer.probe()
    if info.fault is not None:
        raise info.fault
    budget = budgeted(machine, worker_bytes=developer.worker_bytes, asked=workers)
    with ExitStack() as stack:
        if executor is None:
            executor = stack.enter_context(ThreadPoolExecutor(budget.workers, thread_name_prefix="develop"))
        stack.enter_context(_stopped_by_failure(developer))  # before the pool is left, which waits for its workers
        pool = _Pool(executor=executor, budget=budget, developer=developer, preset=preset)
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
    budget: Budget
    developer: Developer
    preset: Preset

    def size_for(self, frames: Sequence[FrameFile]) -> FilmSize:
        return decided(
            frames,
            executor=self.executor,
            developer=self.developer,
            preset=self.preset,
            threads=self.budget.threads(1),
        )

    def chunks(self, frames: Sequence[FrameFile], size: tuple[int, int]) -> list[Sequence[FrameFile]]:
        most = self.budget.frames_per_chunk(size[0] * size[1] * 3 // 2, self.developer.frames_per_call)
        each = self.budget.even(len(frames), most)
        return [frames[start : start + each] for start in range(0, len(frames), each)]

    def prepared(self, frames: Sequence[FrameFile], size: tuple[int, int]) -> Generator[Prepared, None, None]:
        """Yield every frame's planes or fault in order, with a bounded number of chunks under way."""
        waiting: deque[Future[list[Prepared]]] = deque()
        chunks = self.chunks(frames, size)
        threads = self.budget.threads(len(chunks))
        try:
            for chunk in chunks:
                waiting.append(self.executor.submit(_prepare, self.developer, threads, chunk, self.preset, size))
                if len(waiting) == self.budget.chunks:
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
    size = pool.size_for(frames)
    with (
        FilmWriter(out, size=size.film, preset=pool.preset) as writer,
        closing(pool.prepared(frames, size.film)) as results,
    ):
        for done, (frame, prepared) in enumerate(results, start=1):
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
        pictures_px=size.plates,
        below_preset=size.below(pool.preset),
        developer=info,
        left_out=tuple(left_out),
    )


def _prepare(
    developer: Developer, threads: int, frames: Sequence[FrameFile], preset: Preset, size: tuple[int, int]
) -> list[Prepared]:
    """Develop a chunk and bring each plate to the film's size; runs in a worker."""
    developed = developer.develop([part.job(preset) for frame in frames for part in frame.parts], threads=threads)
    prepared = [(frame, _planes(preset, size, frame, developed)) for frame in frames]
    for _ in developed:  # a developer tidies up behind its last frame
        pass
    return prepared


def _planes(
    preset: Preset, size: tuple[int, int], frame: FrameFile, plates: Iterator[Developed]
) -> Planes | FrameError:
    developed = developed_whole(frame, plates)  # not kept while the next is developed
    if not isinstance(developed, Plate):
        return developed
    try:
        return to_planes(developed.rgb, place(frame, developed, preset, size))
    except FrameError as fault:
        return fault
