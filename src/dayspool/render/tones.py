"""The tone curve of a shoot's camera, learned from its pictures before they are measured for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.deflicker.tonal import ToneLearner
from dayspool.develop.tone import Tone
from dayspool.errors import FrameError
from dayspool.render.measures import measure_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from dayspool.render.pipeline import FrameFile

__all__ = ["learned_tone"]

_AT_A_TIME = 360  # frames: enough where they flicker at all
_MOST_FRAMES = 6 * _AT_A_TIME  # a night may come first


def learned_tone(frames: Sequence[FrameFile], *, shoot: Path, executor: Executor) -> Tone | None:
    """Return the tone curve of the camera that took a shoot's pictures; None where they do not tell it.

    It is learned from the first frames that do, so that it stays what it is while a shoot goes on. Their measures are
    kept, and serve again where sRGB's curve stays.

    Args:
        frames: in slot order; no RAW files.
        shoot: its folder, where measures are kept.
        executor: runs the measuring.

    Raises:
        ToolMissing: what decodes such frames is not installed.
    """
    learner = ToneLearner()
    for start in range(0, min(len(frames), _MOST_FRAMES), _AT_A_TIME):
        for _, found in measure_all(frames[start : start + _AT_A_TIME], shoot=shoot, executor=executor):
            learner.push(None if isinstance(found, FrameError) else found)
        curve = learner.learned()
        if curve is not None:
            return Tone.over_srgb(curve)
    return None
