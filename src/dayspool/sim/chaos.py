"""The standard chaos profile: days of everything that goes wrong with a camera and its network, as one script.

After facts gathered from what users of other programs report: lost and late answers, a camera that is busy, sleeping,
hung or out of reach for minutes, pictures that are cut off, spoilt or yesterday's, and a file counter that wraps.
What goes wrong on the host (its clock, its disk, its processes) is not the simulator's to play.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from dayspool.sim.faults import Fault, Faults
from dayspool.sim.kinds import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STANDARD_CHAOS", "standard_chaos"]

STANDARD_CHAOS = "standard-chaos"
"""The name by which `dayspool sim --faults` knows it."""

_HOUR = 3600.0
_DAY = 24 * _HOUR


def standard_chaos(seed: int, days: float = 7.0) -> Faults:
    """Return the standard chaos profile for so many days; the same seed gives the same trouble at the same moments.

    Of the exposures 2 % are answered 2 to 6 s late, the answer of 1 % is lost, and 1 % of the requests are lost before
    anything happens. Every 50th exposure is long (40403); before every 200th the camera is not ready for 60 s. Every
    3 h its network is gone for 5 to 20 min and it comes back in movie mode; once a day it hangs for 30 min. Of 100
    pictures one arrives cut off and one is garbage; every 300th is the one before, again. File 9999 comes early.
    """
    rng = random.Random(seed)  # noqa: S311 - a script that can be played again, no secret
    spans = (*_away(rng, days), *_hangs(rng, days))
    return Faults((*_by_exposure(rng), *spans))


def _by_exposure(rng: random.Random) -> Iterator[Fault]:
    yield Fault(kind=FaultKind.ANSWER_DELAYED, chance=0.02, seconds=2.0, up_to=6.0)
    yield Fault(kind=FaultKind.ANSWER_LOST, chance=0.01)
    yield Fault(kind=FaultKind.RESET, chance=0.01)
    yield Fault(kind=FaultKind.LONG_EXPOSURE, every=50, seconds=17.0)
    yield Fault(kind=FaultKind.NOT_READY, every=200, seconds=60.0)
    yield Fault(kind=FaultKind.PICTURE_TRUNCATED, chance=0.01)
    yield Fault(kind=FaultKind.PICTURE_GARBAGE, chance=0.01)
    yield Fault(kind=FaultKind.PICTURE_REPEATED, every=300)
    yield Fault(kind=FaultKind.FILE_NUMBER, number=9_999 - rng.randrange(20, 200))


def _away(rng: random.Random, days: float) -> Iterator[Fault]:
    """Its network is gone every three hours; back again, it is set for movies."""
    for around in range(1, int(days * 8) + 1):
        gone = around * 3 * _HOUR - rng.uniform(0, 0.25 * _HOUR)
        back = gone + rng.uniform(300.0, 1200.0)
        yield Fault(kind=FaultKind.LINK_DOWN, begins=gone, ends=back)
        yield Fault(kind=FaultKind.WRONG_SHOOT_MODE, begins=back)


def _hangs(rng: random.Random, days: float) -> Iterator[Fault]:
    """Once a day, between two absences, it takes connections and never answers."""
    for day in range(max(1, round(days))):
        begins = day * _DAY + rng.randrange(8) * 3 * _HOUR + rng.uniform(0.75, 2.0) * _HOUR
        yield Fault(kind=FaultKind.SILENT, begins=begins, ends=begins + 0.5 * _HOUR)
