"""Find the camera's clock from the order of exposures alone, where the pictures sent over Wi-Fi tell no time.

A shoot is regular, so one picture more or less at its ends fits as well anywhere. What gives it away are its
irregular steps: slots left out, pauses, late shots. Places on the card with the same steps are tried; each is followed
through the whole shoot with a clock that may drift; and the best counts only if it meets clearly more exposures, and
passes over fewer, than every other and than itself moved by a few slots.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from dayspool.intake.camera_clock import Knot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Found", "find_by_steps"]

_FEWEST = 8  # exposures; below that a coincidence is no wonder
_STEP_SECONDS = 1.6  # two whole-second clocks, a little lag
_FIT_SECONDS = 2.0
_GAIN = 0.1  # of each difference is taken into the clock that follows
_PAUSE = 20  # intervals; across a longer one the drift seen so far is carried on
_MOST_DRIFT = 12.0 / 86_400  # seconds per second; quartz in a camera keeps within two or three a day
_FEATURES = 24
_PROBES = 120
_SILENT_SLOTS = 5
_TRIED = 40
_SHIFTS = (-3, -2, -1, 1, 2, 3)
_LEAST_LEAD = 3  # exposures by which the best must be ahead
_OVERTAKEN = 6  # exposures; where originals were deleted a track moved by three slots leads by three
_LEAST_SHARE = 0.5  # of the shoot's exposures


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a shoot lies on the card: knots for its clock, or none, with the reason in `trouble`."""

    knots: tuple[Knot, ...] = ()
    trouble: str = ""


def find_by_steps(hosts: Sequence[float], clocks: Sequence[float]) -> Found:
    """Find the exposures of a shoot among those of a card.

    Args:
        hosts: when each exposure was asked for, in seconds, rising.
        clocks: when each on the card was taken by the camera's clock, in seconds, rising.
    """
    if len(hosts) < _FEWEST or len(clocks) < _FEWEST:
        return Found(trouble="there are too few exposures to tell the camera's clock from their order")
    usual = median(later - earlier for earlier, later in pairwise(hosts))
    tracks = [_follow(hosts, clocks, place, offset, usual) for place, offset in _candidates(hosts, clocks, usual)]
    best = max(tracks, key=lambda track: _worth(track, clocks), default=[])
    if len(best) < max(_FEWEST, _LEAST_SHARE * min(len(hosts), len(clocks))):
        return Found(trouble="the steps of the shoot are nowhere on the card")
    moved = list(_moved(hosts, clocks, best, usual))
    if any(_is_overtaken(best, rival) for rival in moved):
        return Found(
            trouble="one part of the shoot fits here on the card, another there: it may have been set meanwhile"
        )
    for rival in (*tracks, *moved):
        if _worth(best, clocks) - _worth(rival, clocks) < _LEAST_LEAD and _differs(best, rival):
            return Found(trouble="the shoot is so regular that it fits the card at more than one place")
    knots = [knot for part in _parts(best, usual) if _is_fixed(part, hosts, clocks, usual) for knot in part]
    if not knots:
        return Found(trouble="behind its pauses the shoot fits the card at more than one place")
    return Found(knots=tuple(knots))


def _is_overtaken(best: Sequence[Knot], rival: Sequence[Knot]) -> bool:
    """Say whether somewhere a track that is worse on the whole meets clearly more exposures than the best one."""
    ours, theirs = ({knot.host for knot in track} for track in (best, rival))
    lead = 0
    for host in sorted(ours ^ theirs):
        lead = max(0, lead + (1 if host in theirs else -1))
        if lead >= _OVERTAKEN:
            return True
    return False


def _parts(track: Sequence[Knot], usual: float) -> list[list[Knot]]:
    """Part a track at pauses through which a clock may have drifted by the better part of a slot."""
    parts = [[track[0]]]
    for earlier, later in pairwise(track):
        if (later.host - earlier.host) * _MOST_DRIFT > usual / 2:
            parts.append([])
        parts[-1].append(later)
    return parts


def _is_fixed(part: Sequence[Knot], hosts: Sequence[float], clocks: Sequence[float], usual: float) -> bool:
    """Say whether a part of a track is clearly better where it is than moved by a few slots."""
    if part[0].host == hosts[0] and part[-1].host == hosts[-1]:
        return True
    own = hosts[bisect_left(hosts, part[0].host) : bisect_right(hosts, part[-1].host)]
    return all(
        _worth(part, clocks) - _worth(rival, clocks) >= _LEAST_LEAD for rival in _moved(own, clocks, part, usual)
    )


def _worth(track: Sequence[Knot], clocks: Sequence[float]) -> int:
    """Return how many exposures a track meets, less those of the card that it passes over."""
    if not track:
        return 0
    first, last = (track[end].host + track[end].offset for end in (0, -1))
    passed = bisect_right(clocks, last) - bisect_left(clocks, first) - len(track)
    return len(track) - passed


def _candidates(hosts: Sequence[float], clocks: Sequence[float], usual: float) -> list[tuple[int, float]]:
    """Return the likeliest offsets, each with the place in `hosts` where it holds."""
    probes = _probes(hosts, usual)
    votes: dict[tuple[int, int], tuple[int, float]] = {}
    for place, offset in _same_steps(hosts, clocks, usual):
        votes.setdefault((place, round(offset)), (place, offset))
    gaps = _silences(hosts, usual)
    silent = {place: sorted(gaps, key=lambda gap: abs(gap - hosts[place]))[:_PROBES] for place, _ in votes.values()}
    near = {place: sorted(probes, key=lambda probe: abs(probe - place))[:_PROBES] for place, _ in votes.values()}

    def fits(candidate: tuple[int, float]) -> int:
        """Count exposures where the shoot has some, less those where it has left slots out."""
        place, offset = candidate
        there = sum(_nearest(clocks, hosts[probe] + offset)[0] <= _FIT_SECONDS for probe in near[place])
        stray = sum(_nearest(clocks, moment + offset)[0] <= _FIT_SECONDS for moment in silent[place])
        return there - stray

    ranked = sorted(votes.values(), key=fits, reverse=True)
    return ranked[:_TRIED]


def _same_steps(hosts: Sequence[float], clocks: Sequence[float], usual: float) -> Iterator[tuple[int, float]]:
    """Yield a place and an offset for each irregular step, the rarest first, and each like it on the card."""
    steps = sorted((later - earlier, place) for place, (earlier, later) in enumerate(pairwise(clocks)))
    for place in _features(hosts, usual):
        wanted = hosts[place + 1] - hosts[place]
        begin = bisect_left(steps, (wanted - _STEP_SECONDS, -1))
        end = bisect_left(steps, (wanted + _STEP_SECONDS, len(clocks)))
        for _, there in steps[begin:end]:
            yield place, clocks[there] - hosts[place]
    for there, clock in enumerate(clocks):  # a shoot may begin and end where a series on the card does
        if there == 0 or clock - clocks[there - 1] > 2.5 * usual:
            yield 0, clock - hosts[0]
        if there == len(clocks) - 1 or clocks[there + 1] - clock > 2.5 * usual:
            yield len(hosts) - 1, clock - hosts[-1]


def _features(hosts: Sequence[float], usual: float) -> list[int]:
    """Return the places before irregular steps, the rarest lengths first."""
    steps = [later - earlier for earlier, later in pairwise(hosts)]
    tolerance = max(_STEP_SECONDS / 2, usual / 4)
    odd = [place for place, step in enumerate(steps) if abs(step - usual) > tolerance]
    often = Counter(round(steps[place]) for place in odd)
    return sorted(odd, key=lambda place: (often[round(steps[place])], place))[:_FEATURES]


def _silences(hosts: Sequence[float], usual: float) -> list[float]:
    """Return the moments of slots that were left out: nothing was exposed there. Of a long pause only its begin."""
    return [
        earlier + count * usual
        for earlier, later in pairwise(hosts)
        for count in range(1, min(_SILENT_SLOTS, round((later - earlier) / usual) - 1) + 1)
    ]


def _probes(hosts: Sequence[float], usual: float) -> list[int]:
    """Return places that tell right from wrong: both ends of irregular steps and of the shoot, and some between."""
    beside = {place + side for place in _features(hosts, usual) for side in (0, 1)}
    return sorted(beside | {0, len(hosts) - 1} | set(range(0, len(hosts), max(1, len(hosts) // _PROBES))))


def _nearest(clocks: Sequence[float], moment: float) -> tuple[float, int]:
    """Return how far the nearest exposure on the card is from a moment, and its place."""
    place = bisect_left(clocks, moment)
    return min((abs(clocks[near] - moment), near) for near in (place - 1, place) if 0 <= near < len(clocks))


def _follow(hosts: Sequence[float], clocks: Sequence[float], begin: int, offset: float, usual: float) -> list[Knot]:
    """Follow an offset from one place through the shoot both ways, and return where it was met."""
    ahead = _walk(hosts, clocks, range(begin, len(hosts)), offset, usual)
    back = _walk(hosts, clocks, range(begin - 1, -1, -1), offset, usual)
    return sorted([*back, *ahead])


def _walk(hosts: Sequence[float], clocks: Sequence[float], places: range, offset: float, usual: float) -> list[Knot]:
    met: list[Knot] = []
    fit = min(_FIT_SECONDS, usual / 2.5)
    last, taken = None, -1
    for place in places:
        host = hosts[place]
        if last is not None and abs(host - last) > _PAUSE * usual:
            offset += _drift(met) * (host - last)
        last = host
        away, there = _nearest(clocks, host + offset)
        if away <= fit and there != taken:
            taken = there
            offset += _GAIN * (clocks[there] - host - offset)
            met.append(Knot(host=host, offset=clocks[there] - host))
    return met


def _drift(met: Sequence[Knot]) -> float:
    """Return the drift seen so far, in seconds per second; 0 before much is seen."""
    if len(met) < 2 * _PAUSE:
        return 0.0
    early, late = met[:_PAUSE], met[-_PAUSE:]
    return (_mean_offset(late) - _mean_offset(early)) / (late[_PAUSE // 2].host - early[_PAUSE // 2].host)


def _mean_offset(knots: Sequence[Knot]) -> float:
    return sum(knot.offset for knot in knots) / len(knots)


def _moved(hosts: Sequence[float], clocks: Sequence[float], best: Sequence[Knot], usual: float) -> Iterator[list[Knot]]:
    """Yield the best track moved by a few slots either way: what a regular shoot is most easily taken for."""
    middle = best[len(best) // 2]
    place = bisect_left(hosts, middle.host)
    for shift in _SHIFTS:
        yield _follow(hosts, clocks, place, middle.offset + shift * usual, usual)


def _differs(best: Sequence[Knot], rival: Sequence[Knot]) -> bool:
    """Say whether a track takes other exposures than the best one does, anywhere."""
    offsets = {knot.host: knot.offset for knot in best}
    return any(abs(knot.offset - offsets.get(knot.host, knot.offset)) > 1e-6 for knot in rival)
