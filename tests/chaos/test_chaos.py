"""Hours of the standard chaos profile in virtual time, every slot of them held against the truth."""

from datetime import timedelta

import pytest

from dayspool.core.events import ClockStepped, FetchFailed, RunStarted
from dayspool.core.frame import GapReason
from dayspool.journal import JournalReader
from dayspool.sim import Fault, FaultKind, Faults
from tests.chaos.host import HostTrouble, Span
from tests.chaos.judge import judge
from tests.chaos.voyage import BEGINS, INTERVAL, MODELS, sail

HOURS = 2
MINUTE = timedelta(minutes=1)


def crowded(seed):
    """Return every kind of the profile within two hours, its shares larger."""
    return Faults(
        (
            Fault(kind=FaultKind.ANSWER_DELAYED, chance=0.04, seconds=2.0, up_to=6.0),
            Fault(kind=FaultKind.ANSWER_LOST, chance=0.03),
            Fault(kind=FaultKind.RESET, chance=0.03),
            Fault(kind=FaultKind.LONG_EXPOSURE, every=50, seconds=17.0),
            Fault(kind=FaultKind.NOT_READY, every=120, seconds=60.0),
            Fault(kind=FaultKind.PICTURE_TRUNCATED, chance=0.03),
            Fault(kind=FaultKind.PICTURE_GARBAGE, chance=0.03),
            Fault(kind=FaultKind.PICTURE_REPEATED, every=100),
            Fault(kind=FaultKind.FILE_NUMBER, number=9_950),
            Fault(kind=FaultKind.LINK_DOWN, begins=1800.0 + seed, ends=2200.0 + 3 * seed),
            Fault(kind=FaultKind.WRONG_SHOOT_MODE, begins=2200.0 + 3 * seed),
            Fault(kind=FaultKind.SILENT, begins=4200.0, ends=5400.0),
        )
    )


TROUBLE = HostTrouble(
    dead=(
        Span(begins=BEGINS + 50.3 * MINUTE, ends=BEGINS + 50.9 * MINUTE),
        Span(begins=BEGINS + 112.01 * MINUTE, ends=BEGINS + 112.1 * MINUTE),
    ),
    stalls=(Span(begins=BEGINS + 57 * MINUTE, ends=BEGINS + 59 * MINUTE),),
    full=(Span(begins=BEGINS + 95 * MINUTE, ends=BEGINS + 105 * MINUTE),),
    steps=((BEGINS + 30 * MINUTE, 90.0), (BEGINS + 109 * MINUTE, -90.0)),
)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "model"), list(enumerate(MODELS, start=1)))
def test_hours_of_chaos(ram_path, seed, model):
    voyage = sail(
        ram_path, model=model, seed=seed, length=timedelta(hours=HOURS), faults=crowded(seed), trouble=TROUBLE
    )
    found = judge(voyage, interval=INTERVAL)
    with JournalReader(ram_path) as journal:
        kinds = [type(record.event) for record in journal.records()]
    assert voyage.ended == "done"
    assert found.doubled == []
    assert found.wrong == []
    assert len(found.lost) <= 2, found.lost
    assert found.unable == found.true > 100
    assert found.recoveries
    assert max(found.recoveries) <= 2 * INTERVAL.total_seconds()
    assert kinds.count(ClockStepped) == 2
    assert kinds.count(RunStarted) == 1 + len(TROUBLE.dead)
    assert kinds.count(FetchFailed) > 5
    assert {
        GapReason.CAMERA_UNREACHABLE,
        GapReason.CAMERA_BUSY,
        GapReason.ANSWER_LOST,
        GapReason.FROZEN_PICTURE,
        GapReason.HOST_LATE,
        GapReason.NOT_RUNNING,
    } <= set(found.reasons)
