"""Decide which exposure of the card belongs to which slot, how sure that is and why; what is not clear is not guessed.

The picture that the camera sent over Wi-Fi carries the same EXIF as the original of its exposure: the same second and
the same exposure are a key. The slots that have none (the picture never came, the answer was lost) are found by the
camera's clock, whose offset and drift the keys of the others tell; without any key the steps of the series do. Then
both series are paired with the most evidence, in the order in which the camera counted.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from dayspool.intake.camera_clock import CameraClock, Knot, steady
from dayspool.intake.chain import Edge, best_chain
from dayspool.intake.counter import capture_order, is_counted_otherwise
from dayspool.intake.sequence import find_by_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dayspool.core.exposure import Exposure
    from dayspool.intake.exposures import CardExposure
    from dayspool.intake.shots import SlotShot

__all__ = ["Match", "Matching", "Unclear", "pair_originals"]

_KEY_WEIGHT = 50.0
# A key that is so far from this machine's clock is of another exposure: the camera gave an earlier picture again.
_FOREIGN_SECONDS = (1.5, 4.0)
_FOREIGN_SHARE = 0.45  # of the interval, between those
_WEIGHT = {True: 8.0, False: 6.0}  # evidence of a time alone that fits exactly: confirmed exposures, others
_DOUBTED = 1.5  # the most that a time says between two moments of which the clock was set: too little for a match
_REACH = {True: 1.0, False: 0.6}  # how far it may be off, as a share of the window
_WINDOW_SECONDS = (1.0, 3.0)
_LEAST_MARGIN = 3.0  # 95 to 5
_LIKE = 0.1  # two ways of rounding one exposure differ by less
_ALIKE_SHARE = 0.8  # below that, this camera's postviews tell another exposure than its originals


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An exposure of the card and the slot it belongs to; `confidence` from 0 to 1, `why` in words."""

    slot: int
    exposure: CardExposure
    confidence: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """A slot with several exposures that could be its own, one that could as well be another's, or no known time."""

    slot: int
    exposures: tuple[CardExposure, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What became of a card.

    Attributes:
        matches: in slot order.
        unclear: slots left alone, in slot order.
        missing: confirmed exposures whose original is not on the card; none where no clock tells which those are.
        strangers: exposures of the card that belong to no slot, and may belong to none.
        offset_seconds: what the camera's clock, read as UTC, showed more than this machine's; `None` if unknown.
        drift_per_day: by how many seconds a day it ran fast; `None` where that cannot be told.
        means: how the clock was found: `exif`, `steps`, or `none` with the reason in `trouble`.
    """

    matches: tuple[Match, ...]
    unclear: tuple[Unclear, ...]
    missing: tuple[int, ...]
    strangers: tuple[CardExposure, ...]
    offset_seconds: float | None
    drift_per_day: float | None
    means: str
    trouble: str = ""


def pair_originals(shots: Sequence[SlotShot], exposures: Sequence[CardExposure]) -> Matching:
    """Pair slots with the exposures of a card.

    Args:
        shots: every slot that may have been exposed, in slot order.
        exposures: those of the card, in order of time.
    """
    pairing = _Pairing(shots, exposures)
    edges = list(pairing.edges())
    captured = capture_order(exposures)
    there = {rank: place for place, rank in enumerate(captured)}
    in_order = (replace(edge, second=captured[edge.second]) for edge in edges)
    matches: dict[int, Match] = {}
    for link in best_chain(in_order):
        if link.margin >= _LEAST_MARGIN:
            edge = replace(link.edge, second=there[link.edge.second])
            matches[edge.first] = pairing.match(edge, link.margin)
    taken = {link.exposure.files[0].path for link in matches.values()}
    options: dict[int, list[CardExposure]] = defaultdict(list)
    for edge in edges:
        if edge.first not in matches and exposures[edge.second].files[0].path not in taken:
            options[edge.first].append(exposures[edge.second])
    rest = [place for place, shot in enumerate(shots) if shot.confirmed and place not in matches | options]
    unknown = {place for place in rest if exposures and not pairing.is_timed(shots[place])}
    if pairing.clock is not None:
        options |= {place: [] for place in unknown}
    doubted = {one.files[0].path for found in options.values() for one in found}
    clock = pairing.clock
    return Matching(
        matches=tuple(matches[place] for place in sorted(matches)),
        unclear=tuple(
            Unclear(slot=shots[place].slot, exposures=tuple(found), why=_unclear(found))
            for place, found in sorted(options.items())
        ),
        missing=tuple(shots[place].slot for place in rest if place not in unknown),
        strangers=tuple(one for one in exposures if one.files[0].path not in taken | doubted),
        offset_seconds=None if clock is None else clock.offset,
        drift_per_day=None if clock is None else clock.drift_per_day,
        means=pairing.means,
        trouble=pairing.trouble,
    )


def _unclear(found: Sequence[CardExposure]) -> str:
    if not found:
        return "what the camera's clock showed then is not known"
    if len(found) > 1:
        return f"{len(found)} exposures could be its own"
    return "one exposure could be its own, or another one: its time fits too loosely"


class _Pairing:
    """The evidence for one card: the camera's clock, and what speaks for each pair."""

    def __init__(self, shots: Sequence[SlotShot], exposures: Sequence[CardExposure]) -> None:
        self._shots = shots
        self._exposures = exposures
        self._moments = [_middle(one) for one in exposures]
        self._by_clock: dict[int, list[int]] = defaultdict(list)
        for place, one in enumerate(exposures):
            self._by_clock[_tick(one.clock)].append(place)
        self._foreign = _foreign_seconds(shots)
        self._exposures_agree = True
        self._keys_hold, self.clock, self.means, self.trouble = self._find_clock()

    def _find_clock(self) -> tuple[bool, CameraClock | None, str, str]:
        """Return whether keys count, the clock, how it was found, and what hindered."""
        keyed = self._keyed_knots()
        wanted = sum(shot.key is not None for shot in self._shots)
        knots = steady(keyed, self._foreign)
        agreed = self._exposures_agree or len(knots) >= _ALIKE_SHARE * len(keyed)
        if knots and len(knots) >= min(3, wanted) and agreed:
            return True, CameraClock(knots), "exif", ""
        found = find_by_steps(sorted(shot.host for shot in self._shots), sorted(self._moments))
        if not found.knots:
            return False, None, "none", found.trouble
        sure = sorted(shot.host for shot in self._shots if shot.confirmed)
        there = {_tick(moment): place for place, moment in enumerate(self._moments)}
        met = [(bisect_right(sure, one.host), there[_tick(one.host + one.offset)]) for one in found.knots]
        if is_counted_otherwise(self._exposures, met):
            return False, None, "none", "the pictures' numbers contradict their times: it was set during the shoot"
        return False, CameraClock(found.knots), "steps", ""

    def _keyed_knots(self) -> list[Knot]:
        """Return the moments known by both clocks: keys that one slot and one exposure have to themselves."""
        slots: dict[int, list[SlotShot]] = defaultdict(list)
        for shot in self._shots:
            if shot.key is not None:
                slots[_tick(shot.key)].append(shot)
        pairs: list[tuple[SlotShot, CardExposure]] = []
        alike: list[tuple[SlotShot, CardExposure]] = []
        for tick, (shot, *others) in slots.items():
            near = [] if others else [self._exposures[place] for place in self._by_clock.get(tick, ())]
            same = [(shot, one) for one in near if _alike(shot.exposure, one.exposure)]
            pairs += [(shot, one) for one in near if len(near) == 1]
            alike += same if len(same) == 1 else []
        self._exposures_agree = len(alike) >= _ALIKE_SHARE * len(pairs)
        if not self._exposures_agree:
            alike = pairs
        return [Knot(host=shot.host, offset=_middle(exposure) - shot.host) for shot, exposure in alike]

    def is_timed(self, shot: SlotShot) -> bool:
        """Say whether it is known what the camera's clock showed at an exposure."""
        if self.clock is None:
            return False
        return self._has_key(shot, self.clock.shown_at(shot.host)) or bool(self.clock.shown_at(shot.host, surely=True))

    def _has_key(self, shot: SlotShot, shown: tuple[float, ...]) -> bool:
        return self._keys_hold and shot.key is not None and _off(shot.key + 0.5, shown) <= self._foreign

    def edges(self) -> Iterable[Edge]:
        """Yield every pair that something speaks for."""
        if self.clock is None:
            return
        for place, shot in enumerate(self._shots):
            shown = self.clock.shown_at(shot.host)
            if self._has_key(shot, shown):
                yield from self._by_key(place, shot, shown)
            else:
                sure = self.clock.shown_at(shot.host, surely=True)
                yield from self._by_time(place, shot, sure, most=_DOUBTED if len(shown) > 1 else math.inf)

    def _by_key(self, place: int, shot: SlotShot, shown: tuple[float, ...]) -> Iterable[Edge]:
        assert shot.key is not None
        assert self.clock is not None
        for there in self._by_clock.get(_tick(shot.key), ()):
            exposure = self._exposures[there]
            if not self._exposures_agree or _alike(shot.exposure, exposure.exposure):
                off = _off(self._moments[there], shown) / self.clock.spread
                yield Edge(first=place, second=there, weight=_KEY_WEIGHT - min(off * off / 2, 20.0))

    def _by_time(self, place: int, shot: SlotShot, shown: tuple[float, ...], *, most: float) -> Iterable[Edge]:
        assert self.clock is not None
        shortest, longest = _WINDOW_SECONDS
        reach = min(max(4 * self.clock.spread + 0.5, shortest), longest) * _REACH[shot.confirmed]
        near = {
            there
            for moment in shown
            for there in range(bisect_left(self._moments, moment - reach), bisect_right(self._moments, moment + reach))
        }
        for there in sorted(near):
            off = _off(self._moments[there], shown) / reach
            weight = min(_WEIGHT[shot.confirmed] * (1 - off * off), most)
            if weight > 0:
                yield Edge(first=place, second=there, weight=weight)

    def match(self, edge: Edge, margin: float) -> Match:
        """Return the match behind an edge of the best chain."""
        assert self.clock is not None
        shot, exposure = self._shots[edge.first], self._exposures[edge.second]
        off = _off(self._moments[edge.second], self.clock.shown_at(shot.host))
        told = "its exposure was confirmed" if shot.confirmed else "its answer was lost"
        by_key = edge.weight > _WEIGHT[True]
        why = "same second and exposure as its postview" if by_key else f"{told}, the time fits within {off:.1f} s"
        return Match(slot=shot.slot, exposure=exposure, confidence=round(1 / (1 + math.exp(-margin)), 4), why=why)


def _foreign_seconds(shots: Sequence[SlotShot]) -> float:
    least, most = _FOREIGN_SECONDS
    steps = [later.host - earlier.host for earlier, later in pairwise(shots)]
    return min(max(_FOREIGN_SHARE * median(steps), least), most) if steps else most


def _tick(clock: float) -> int:
    """Return a clock in whole milliseconds, as a key."""
    return round(clock * 1000)


def _middle(one: CardExposure) -> float:
    """Return the likeliest moment behind a clock: one that tells whole seconds was cut down by half of one."""
    return one.clock + (0.5 if one.whole else 0.0)


def _off(moment: float, shown: tuple[float, ...]) -> float:
    return min(abs(moment - one) for one in shown)


def _alike(one: Exposure | None, other: Exposure | None) -> bool:
    """Say whether two exposures may be the same; what is not told contradicts nothing."""
    if one is None or other is None:
        return True
    pairs = [(one.shutter_seconds, other.shutter_seconds), (one.iso, other.iso)]
    if one.aperture is not None and other.aperture is not None:
        pairs.append((one.aperture, other.aperture))
    return all(abs(math.log(a / b)) <= _LIKE for a, b in pairs)
