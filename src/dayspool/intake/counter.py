"""The order in which a camera counted its pictures: it holds also where its clock was set on the way."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.intake.exposures import CardExposure

__all__ = ["capture_order", "counted_order", "is_counted_otherwise"]

_LAST = 9_999  # DSC09999 is followed by DSC00001
_OFTEN_SET = 5  # times that a clock may have gone back; beyond that the names are not the camera's


def counted_order(exposures: Sequence[CardExposure]) -> list[int]:
    """Return the places of exposures as the camera counted them: by folder, and in it by number.

    A counter that wrapped inside a folder leaves two runs of numbers with a gap between them. Which of them came first
    the clock tells.
    """
    folders: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(exposures):
        folders[one.files[0].place[0]].append(place)
    return [place for _, folder in sorted(folders.items()) for place in _in_folder(exposures, folder)]


def capture_order(exposures: Sequence[CardExposure]) -> list[int]:
    """Return for each exposure how many were captured before it.

    Args:
        exposures: in order of the camera's clock, which decides where the names tell no order.
    """
    order = _trusted(exposures)
    ranks = [0] * len(order)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return ranks or list(range(len(exposures)))


def is_counted_otherwise(exposures: Sequence[CardExposure], met: Sequence[tuple[int, int]]) -> bool:
    """Say whether the camera's counter contradicts pairs that were found by the clock alone.

    It does where the clock went back on the way, and where it counted fewer pictures than were confirmed between two
    pairs: then the clock was set forward, or one of the pairs is wrong.

    Args:
        exposures: in order of the camera's clock.
        met: places in the series of confirmed exposures, and in `exposures`, rising.
    """
    order = _trusted(exposures)
    if not order or not met:
        return False
    begin, end = order.index(met[0][1]), order.index(met[-1][1])
    return _backward(exposures, order[begin : end + 1]) > 0 or any(
        (_number(exposures[later]) - _number(exposures[earlier])) % _LAST < second - first
        for (first, earlier), (second, later) in pairwise(met)
    )


def _trusted(exposures: Sequence[CardExposure]) -> list[int]:
    """Return the places as counted, or none where the names are not those that a camera gives."""
    order = counted_order(exposures)
    told = all(_number(one) > 0 for one in exposures) and _backward(exposures, order) <= _OFTEN_SET
    return order if told else []


def _number(one: CardExposure) -> int:
    return one.files[0].place[1]


def _in_folder(exposures: Sequence[CardExposure], places: Sequence[int]) -> list[int]:
    def number(place: int) -> int:
        return _number(exposures[place])

    straight = sorted(places, key=lambda place: (number(place), exposures[place].clock))
    gap = max(range(1, len(straight)), key=lambda at: number(straight[at]) - number(straight[at - 1]), default=0)
    turned = [*straight[gap:], *straight[:gap]]
    wrapped = number(straight[-1]) - number(straight[0]) > _LAST // 2
    return turned if wrapped and _backward(exposures, turned) <= _backward(exposures, straight) else straight


def _backward(exposures: Sequence[CardExposure], order: Sequence[int]) -> int:
    """Count how often the clock goes back in an order."""
    return sum(exposures[later].clock < exposures[earlier].clock for earlier, later in pairwise(order))
