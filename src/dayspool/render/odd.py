"""What is done with odd frames in a film: graded, left as they are, made of their neighbours, or left out.

Files are never deleted or changed: a frame that is left out of one film is in the next one, if the plan says so.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from dayspool.clock import SystemClock
from dayspool.deflicker.wish import OddKind, Remedy
from dayspool.errors import JournalError
from dayspool.journal import Verdict, leave_verdicts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from dayspool.render.pipeline import FrameFile, LeftOut

__all__ = ["REMEDIES", "OddFrame", "middle_beside", "noted", "remedied", "remedy_of"]

REMEDIES: Mapping[OddKind, Remedy] = MappingProxyType(
    {
        OddKind.COVERED: Remedy.CORRECT,
        OddKind.BLURRED: Remedy.CORRECT,
        OddKind.DUPLICATE: Remedy.CORRECT,
        OddKind.BROKEN: Remedy.CORRECT,
        OddKind.LIGHTNING: Remedy.KEEP,  # to grade it would be to put the light out again
        OddKind.UNTIED: Remedy.CORRECT,
    }
)
"""What is done where the plan says nothing else."""

_REACH = 8  # frames to either side: what is further away shows another light
_ENOUGH = 8  # frames of which the middle one is free of flicker


@dataclass(frozen=True, slots=True, kw_only=True)
class OddFrame:
    """A frame with which something is the matter.

    Attributes:
        slot: its slot.
        kind: what is the matter.
        remedy: what is done about it in the film.
        score: how far it is beyond the limit, which is 1.
        sentence: what is the matter, for a person.
    """

    slot: int
    kind: OddKind
    remedy: Remedy
    score: float
    sentence: str


def remedy_of(kind: OddKind, asked: Mapping[OddKind, Remedy]) -> Remedy:
    """Return what is done with a frame: what the plan says, else what is usual."""
    return asked.get(kind, REMEDIES[kind])


def middle_beside(index: int, values: Sequence[float], odd: set[int]) -> float:
    """Return the middle one of the values of the nearest frames that are not odd; without any, that of the frame."""
    reach = range(1, len(values))
    beside = (at for away in reach for at in (index - away, index + away) if 0 <= at < len(values) and at not in odd)
    near = [values[at] for at, _ in zip(beside, range(_ENOUGH), strict=False)]
    return statistics.median(near) if near else values[index]


def remedied(
    frames: Sequence[FrameFile], odd: Mapping[int, OddFrame], unlike: set[int]
) -> tuple[list[FrameFile], tuple[int, ...]]:
    """Return the frames of the film, with what is done about odd ones, and the slots for which nothing could be done.

    Args:
        frames: graded, in slot order.
        odd: by slot, what is the matter with a frame.
        unlike: slots of further frames that no other is made of, such as those of another size.

    Returns:
        The frames to be filmed, and the slots that should have been blended and have no sound frame beside them.
    """
    sound = [frame for frame in frames if frame.slot not in odd and frame.slot not in unlike]
    slots = [frame.slot for frame in sound]
    filmed: list[FrameFile] = []
    wanting: list[int] = []
    for index, frame in enumerate(frames):
        remedy = odd[frame.slot].remedy if frame.slot in odd else Remedy.CORRECT
        if remedy is Remedy.DROP:
            continue
        if remedy is Remedy.BLEND:
            at = bisect_left(slots, frame.slot)
            first, last = frames[max(0, index - _REACH)].slot, frames[min(len(frames) - 1, index + _REACH)].slot
            parts = tuple(one for one in sound[max(0, at - 1) : at + 1] if first <= one.slot <= last)
            if not parts:
                wanting.append(frame.slot)
            frame = replace(frame, blend=parts)
        filmed.append(frame)
    return filmed, tuple(wanting)


def noted(shoot: Path, odd: Collection[OddFrame], excluded: Sequence[LeftOut]) -> Iterator[str]:
    """Note in the journal what was found odd and what is done about it; yield why that was not possible."""
    verdicts = [
        Verdict(slot=one.slot, kind=one.kind.value, action=one.remedy.value, sentence=one.sentence) for one in odd
    ]
    known = {one.slot for one in odd}
    verdicts += [
        Verdict(slot=one.slot, kind="excluded", action="keep", sentence=one.reason)
        for one in excluded
        if one.slot not in known
    ]
    try:
        leave_verdicts(shoot, verdicts, SystemClock().utc())
    except JournalError as refusal:
        yield f"what is odd about frames is not in the journal: {refusal}"
