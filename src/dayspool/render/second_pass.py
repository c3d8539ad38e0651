"""The second pass of deflicker: graded frames are developed small and measured again, as a look shows them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from dayspool.deflicker import Measure
from dayspool.develop import DevelopJob, Plate
from dayspool.errors import FrameError
from dayspool.render.measures import measure_plate
from dayspool.render.pipeline import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from dayspool.develop import Developed, Developer
    from dayspool.render.budget import Budget
    from dayspool.render.pipeline import FrameFile

__all__ = ["measure_plates"]

_LONG_SIDE_PX, _SHORT_SIDE_PX = 480, 320  # what a plate has to cover


def measure_plates(
    frames: Sequence[FrameFile],
    *,
    developer: Developer,
    executor: Executor,
    budget: Budget,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[tuple[FrameFile, Measure | FrameError]]:
    """Develop every frame small and yield its measure, or what is wrong with it, in the order given.

    Args:
        frames: with their grades.
        developer: makes plates of them.
        executor: runs it.
        budget: how many calls of the developer run at once.
        progress: called in this thread after every frame, with the stage `measure again`.

    Raises:
        ToolError: the developer cannot be used.
    """
    each = budget.even(len(frames), developer.frames_per_call)
    chunks = [frames[start : start + each] for start in range(0, len(frames), each)]
    threads = budget.threads(len(chunks))
    waiting: deque[Future[list[bytes | FrameError]]] = deque()
    later = iter(chunks)
    done = 0
    try:
        for chunk in chunks:
            while len(waiting) < budget.chunks and (further := next(later, None)) is not None:
                waiting.append(executor.submit(_measured, developer, threads, further))
            for frame, found in zip(chunk, waiting.popleft().result(), strict=True):
                done += 1
                yield frame, found if isinstance(found, FrameError) else Measure.unpacked(found)
                if progress is not None:
                    progress(Progress(done=done, total=len(frames), stage="measure again"))
    finally:
        for future in waiting:
            future.cancel()


def _measured(developer: Developer, threads: int, frames: Sequence[FrameFile]) -> list[bytes | FrameError]:
    """Runs in a worker; measures travel packed."""
    jobs = [
        DevelopJob(path=frame.path, width=_LONG_SIDE_PX, height=_SHORT_SIDE_PX, recipe=frame.recipe) for frame in frames
    ]
    return list(map(_measure_of, developer.develop(jobs, threads=threads), frames))


def _measure_of(developed: Developed, frame: FrameFile) -> bytes | FrameError:
    return measure_plate(developed, tone=frame.recipe.tone).packed() if isinstance(developed, Plate) else developed
