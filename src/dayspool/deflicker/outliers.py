"""Judges odd frames: covered, blurred, sent twice, broken, lit by lightning, or tied to no other.

A frame is compared with the frames around it alone, so that neither mist nor night nor another lens later in a shoot
makes its frames odd. What is done with one is not decided here, and no frame is changed or deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.doubt import DOUBTED, around, doubt_of
from dayspool.deflicker.ties import Ties
from dayspool.deflicker.wish import OddKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dayspool.deflicker.curves import Curves
    from dayspool.deflicker.watch import Seen

__all__ = ["LIMITS", "Limit", "Verdict", "judged"]

_SCATTER = 6.0  # how many times the usual scatter around it a frame has to stick out
_SAME_SCENE = 0.65  # of its edges are those beside it: 0.83 and more of those that lightning lit, 0.5 of covered ones
_COPIED = 0.2  # two exposures of one scene are 1 apart by noise alone, copies of one picture 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From where on a frame is odd, and why from there."""

    at: float
    reason: str


LIMITS: Mapping[OddKind, Limit] = MappingProxyType(
    {
        OddKind.BROKEN: Limit(
            at=0.2, reason="share of the picture without any; a decoder fills what a file lacks with one colour"
        ),
        OddKind.DUPLICATE: Limit(at=1.0, reason="the same bytes, or the same picture at the same time of the camera"),
        OddKind.COVERED: Limit(
            at=0.6,
            reason="of what usually agrees; passers-by that cover 40 % take up to 0.5, a blow to the camera too",
        ),
        OddKind.LIGHTNING: Limit(
            at=0.3,
            reason="EV that half the picture gains, and tenths of it differ by; flicker is even to a tenth of it",
        ),
        OddKind.BLURRED: Limit(
            at=1.0, reason="log2 of the detail lost; a passer-by of 40 % takes 0.7, a blow or dew on the lens takes 2"
        ),
        OddKind.UNTIED: Limit(at=1.0, reason="no comparison with any frame within eight was sure"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is the matter with a frame.

    Attributes:
        index: which frame, counted as in the curves.
        kind: what is the matter; of several things, the one that says most.
        score: how far it is beyond the limit, which is 1.
        sentence: the same for a person.
    """

    index: int
    kind: OddKind
    score: float
    sentence: str


def judged(
    curves: Curves,
    ties: Ties,
    seen: Seen,
    *,
    digests: Sequence[str | bytes | None] = (),
    taken: Sequence[object] = (),
    troubles: Mapping[int, str] = MappingProxyType({}),
) -> tuple[Verdict, ...]:
    """Return what is odd, in the order of the frames, one verdict a frame.

    Args:
        curves: the solution.
        ties: what it rests on.
        seen: what was noticed of the same frames (`Watch`).
        digests: of the frames' files, in the same order, None where nobody knows; empty for none known.
        taken: when the camera says it took them, as anything that can be compared; likewise.
        troubles: by index, what a decoder complained of.
    """
    frames = len(curves.slots)
    if not frames:
        return ()
    copies = _duplicate(seen, digests or (None,) * frames, taken or (None,) * frames)
    doubt = doubt_of(frames, _without(ties, copies))
    rules: tuple[Callable[[], dict[int, Verdict]], ...] = (  # what says more first
        lambda: _broken(seen, troubles),
        lambda: copies,
        lambda: _lightning(doubt, seen),
        lambda: _covered(doubt),
        lambda: _untied(curves),
        lambda: _blurred(seen),
    )
    found: dict[int, Verdict] = {}
    for rule in rules:
        found = rule() | found
    return tuple(found[index] for index in sorted(found))


def _verdict(index: int, kind: OddKind, value: float, sentence: str) -> Verdict:
    return Verdict(index=index, kind=kind, score=float(value) / LIMITS[kind].at, sentence=sentence)


def _beyond(kind: OddKind, values: NDArray[np.float64], sentence: Callable[[float], str]) -> dict[int, Verdict]:
    """Return verdicts on the frames whose values reach the limit of a kind."""
    return {
        int(index): _verdict(int(index), kind, values[index], sentence(float(values[index])))
        for index in np.flatnonzero(values >= LIMITS[kind].at)
    }


def _broken(seen: Seen, troubles: Mapping[int, str]) -> dict[int, Verdict]:
    lost = seen.empty - around(seen.empty)[0]
    found = _beyond(
        OddKind.BROKEN, lost, lambda share: f"{share:.0%} of the picture is of one colour: its file is damaged"
    )
    told = {index: _verdict(index, OddKind.BROKEN, 1.0, trouble) for index, trouble in troubles.items()}
    return found | told


def _duplicate(seen: Seen, digests: Sequence[str | bytes | None], taken: Sequence[object]) -> dict[int, Verdict]:
    found: dict[int, Verdict] = {}
    first: dict[str | bytes, int] = {}
    for index, digest in enumerate(digests):
        before = index if digest is None else first.setdefault(digest, index)
        if before != index:
            words = f"its file is the same as that of the frame {_count(index - before)} before"
            found[index] = _verdict(index, OddKind.DUPLICATE, 1.0, words)
    for index in np.flatnonzero(seen.apart < _COPIED).tolist():
        if taken[index] is not None and taken[index] == taken[index - 1]:
            words = "it shows the same as the frame before, and the camera gave both the same time"
            found.setdefault(index, _verdict(index, OddKind.DUPLICATE, 1.0, words))
    return found


def _without(ties: Ties, copies: Iterable[int]) -> Ties:
    """Return ties without those of copies, which are surer than any two exposures are."""
    kept = ~(np.isin(ties.first, list(copies)) | np.isin(ties.second, list(copies)))
    return Ties(**{field.name: getattr(ties, field.name)[kept] for field in fields(ties)})


def _lightning(doubt: NDArray[np.float64], seen: Seen) -> dict[int, Verdict]:
    """Judge flashes: most of the same picture is brighter than before and after, by amounts that do not agree.

    Exposure that is off makes all of it brighter alike, and passers-by the smaller part of it; what is bright before
    the lens hides the picture.
    """
    low, half, high = seen.flash.T
    uneven = (high - low >= LIMITS[OddKind.LIGHTNING].at) & (doubt >= DOUBTED) & (seen.likeness >= _SAME_SCENE)
    return _beyond(
        OddKind.LIGHTNING,
        np.where(uneven, half, 0.0),
        lambda ev: f"most of it is {ev:.1f} EV brighter and more than before and after, unevenly: lightning",
    )


def _covered(doubt: NDArray[np.float64]) -> dict[int, Verdict]:
    return _beyond(
        OddKind.COVERED,
        doubt,
        lambda share: (
            f"it agrees {share:.0%} less with the frames beside it than they do: something was before the lens"
        ),
    )


def _untied(curves: Curves) -> dict[int, Verdict]:
    if len(curves.slots) == 1:
        return {}  # there is nothing that it could be tied to
    return {
        int(index): _verdict(
            int(index), OddKind.UNTIED, 1.0, "it could not be compared with any frame beside it: its light is unknown"
        )
        for index in np.flatnonzero(curves.piece < 0)
    }


def _blurred(seen: Seen) -> dict[int, Verdict]:
    detail = np.log2(np.maximum(seen.sharpness, 1e-9))
    usual, scatter = around(detail)
    lost = np.where(usual - detail > _SCATTER * scatter, usual - detail, 0.0)
    return _beyond(
        OddKind.BLURRED, lost, lambda ev: f"it has {2**-ev:.0%} of the detail of the frames beside it: it is blurred"
    )


def _count(frames: int) -> str:
    return "one" if frames == 1 else str(frames)
