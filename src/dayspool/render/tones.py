"""The tone curve of a shoot's camera, learned from its pictures before they are measured for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.deflicker.tonal import ToneLearner
from dayspool.develop.tone import Tone
from dayspool.errors import FrameError
from dayspool.render.measures import measure_all
from dayspool.render.pipeline import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from dayspool.deflicker.measure import Measure
    from dayspool.deflicker.tonal import ToneCurve
    from dayspool.render.pipeline import FrameFile

__all__ = ["learned_tone"]

_AT_A_TIME = 360  # frames: enough where they flicker at all
_MOST_FRAMES = 6 * _AT_A_TIME  # a night may come first
_WITNESSES = 24  # frames, the first of each further lot: where they flicker, a third of them tells something


def learned_tone(
    frames: Sequence[FrameFile],
    *,
    shoot: Path,
    executor: Executor,
    progress: Callable[[Progress], None] | None = None,
) -> Tone | None:
    """Return the tone curve of the camera that took a shoot's pictures; None where they do not tell it.

    It is learned from the first frames that do, so that it stays what it is while a shoot goes on; some of all later
    ones have to bear it out, for what tells it may have been a fire. Their measures are kept, and serve again where
    sRGB's curve stays.

    Args:
        frames: in slot order; no RAW files.
        shoot: its folder, where measures are kept.
        executor: runs the measuring.
        progress: called in this thread after every frame, with the stage `learn the tone`; frames that tell it early
            leave the others out.

    Raises:
        ToolMissing: what decodes such frames is not installed.
    """
    learner = ToneLearner()
    most = min(len(frames), _MOST_FRAMES)
    for start in range(0, most, _AT_A_TIME):
        some = measure_all(frames[start : start + _AT_A_TIME], shoot=shoot, executor=executor)
        for done, found in enumerate(_measures(some), start=start + 1):
            learner.push(found)
            if progress is not None:
                progress(Progress(done=done, total=most, stage="learn the tone"))
        curve = learner.learned()
        if curve is not None:
            later = (frames[at : at + _WITNESSES] for at in range(start + _AT_A_TIME, len(frames), _AT_A_TIME))
            borne_out = all(_bear_out(curve, measure_all(some, shoot=shoot, executor=executor)) for some in later)
            return Tone.over_srgb(curve) if borne_out else None
    return None


def _bear_out(curve: ToneCurve, some: Iterable[tuple[FrameFile, Measure | FrameError]]) -> bool:
    learner = ToneLearner()
    for found in _measures(some):
        learner.push(found)
    return learner.bears_out(curve)


def _measures(some: Iterable[tuple[FrameFile, Measure | FrameError]]) -> Iterator[Measure | None]:
    return (None if isinstance(found, FrameError) else found for _, found in some)
