"""The shortest interval a camera keeps: learned from its busy times, advised before, and told when slots are faster."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dayspool.core.busy import high, shortest_interval, too_short
from dayspool.core.events import CameraIdle, ExposureSteered, Record, ShootBegan
from dayspool.core.session import fold_all
from dayspool.testing import BEGINNING

TEN = [3.0] * 10


def session(busy, *more, every=2.0):
    began = ShootBegan(origin=BEGINNING.isoformat(), interval_seconds=every, count=None, source="camera")
    idle = [CameraIdle(slot=slot, busy_seconds=seconds) for slot, seconds in enumerate(busy)]
    events = (began, *more, *idle)
    return fold_all(Record(seq=number, utc=BEGINNING, event=event) for number, event in enumerate(events, 1))


@pytest.mark.parametrize(
    ("busy", "advised", "seconds"),
    [
        ([], None, None),
        ([], 5.0, 5.0),
        ([1.0] * 9, 5.0, 5.0),
        ([1.0] * 9, None, None),
        ([1.0] * 10, 5.0, 1.2),
        (TEN, 2.0, 3.6),
        ([3.0] * 99 + [60.0], None, 3.6),
    ],
)
def test_it_is_a_fifth_above_the_95th_percentile_and_what_is_advised_before(busy, advised, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert shortest_interval(session(busy), advised) == expected


@pytest.mark.parametrize(("count", "place"), [(1, 0), (10, 9), (19, 18), (20, 19), (40, 38), (100, 95)])
def test_near_the_95th_percentile(count, place):
    assert high([float(n) for n in reversed(range(count))]) == place


def test_an_exposure_that_the_ramp_chose_is_no_part_of_it():
    chosen = ExposureSteered(
        slot=0, wanted_ev=0, applied_ev=0, residue_ev=0, target_ev=0, shutter_seconds=20.0, iso=100, aperture=4
    )
    busy = CameraIdle(slot=0, busy_seconds=23.0)
    shots = [event for slot in range(10) for event in (replace(chosen, slot=slot), replace(busy, slot=slot))]
    long_exposures = session([], *shots, every=30.0)
    assert shortest_interval(long_exposures) == timedelta(seconds=3.6)
    assert too_short(long_exposures) is None


@pytest.mark.parametrize(
    ("busy", "every", "advised", "told"),
    [
        ([], 2.0, 5.0, (5.0, False)),
        (TEN, 2.0, 5.0, (3.6, True)),
        (TEN, 3.6, 5.0, None),
        ([], 2.0, None, None),
        ([], 5.0, 5.0, None),
    ],
)
def test_it_is_told_once(busy, every, advised, told):
    before = session(busy, every=every)
    said = too_short(before, advised)
    assert (None if said is None else (said.shortest_seconds, said.learned)) == told
    if said is not None:
        assert too_short(session(busy, said, every=every), advised) is None


def test_it_is_told_again_when_it_was_measured_or_slots_become_faster_still():
    advised = too_short(session([]), 5.0)
    assert too_short(session(TEN, advised), 5.0).learned
    measured = too_short(session(TEN), 5.0)
    assert too_short(session(TEN, measured, every=1.0), 5.0).interval_seconds == 1.0
    assert too_short(session(TEN, measured, every=3.0), 5.0) is None
