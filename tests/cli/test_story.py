"""The lines of a shoot: changes are told, repeats are counted, and an outage never floods a log."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.cli.narrate import Narrator
from dayspool.cli.output import Output
from dayspool.cli.story import Story
from dayspool.core.events import (
    BiasAsked,
    CameraLost,
    CameraReady,
    ClockStepped,
    DownloadsPaused,
    FrameStored,
    Gap,
    HostStalled,
    IntervalTooShort,
    Record,
    RunEnded,
    RunStarted,
    ShotIntended,
    StretchPlanned,
)
from dayspool.core.frame import GapReason
from dayspool.core.session import Session

BEGAN = datetime(2026, 6, 1, 12, tzinfo=UTC)
READY = CameraReady(endpoint="http://10.0.0.1/camera", model="DSC-RX100M2")


def told(*events):
    """Return the lines of events at seconds since the beginning."""
    story = Story()
    return [
        line
        for seconds, event in events
        for line in story.lines(Record(seq=1, utc=BEGAN + timedelta(seconds=seconds), event=event))
    ]


def gap(slot, reason=GapReason.CAMERA_UNREACHABLE, detail=""):
    return Gap(slot=slot, reason=reason, detail=detail)


def stored(slot):
    return FrameStored(slot=slot, name="x", size_bytes=1)


def test_a_short_outage_is_three_lines():
    lines = told(
        (0, CameraLost(detail="no answer")),
        *((10 * slot, gap(slot, detail="no answer")) for slot in range(1, 6)),
        (60, READY),
        (61, stored(6)),
    )
    assert lines == [
        "camera lost: no answer",
        "slot 1 is a gap: the camera could not be reached",
        "camera ready: DSC-RX100M2 at http://10.0.0.1/camera",
        "frames again from slot 6 on, after 5 gaps",
    ]


def test_what_is_kept_back_is_counted():
    lines = told(*((10 * slot, gap(slot)) for slot in range(0, 121)))
    assert lines[0] == "slot 0 is a gap: the camera could not be reached"
    assert lines[1].startswith("slot 60 is a gap: the camera could not be reached (59 more like it since ")
    assert len(lines) == 3


def test_an_hour_of_outage_makes_few_lines_whatever_the_details_say():
    """A camera that comes and goes every ten seconds, slots of one second, and a number in every message."""
    events = []
    for second in range(3600):
        events.append((second, gap(second, list(GapReason)[second % 3], f"no answer, try {second}")))
        if second % 10 == 0:
            events += [
                (second, CameraLost(detail=f"reset by peer, {second}")),
                (second, READY),
                (second, stored(second)),
            ]
    assert len(told(*events)) <= 150


def test_a_night_without_a_camera_is_some_dozen_lines():
    events = [
        (0, CameraLost(detail="no answer")),
        *((2 * slot, gap(slot, detail="no answer")) for slot in range(18_000)),
    ]
    assert len(told(*events)) <= 10 * 6 + 4


def test_new_details_are_told_at_once():
    lines = told(
        (0, gap(0, detail="it is on BULB")), (10, gap(1, detail="it is on BULB")), (20, gap(2, detail="locked"))
    )
    assert [line.partition("; ")[2] for line in lines] == ["it is on BULB", "locked"]


def test_what_else_is_worth_a_line():
    lines = told(
        (0, RunStarted(pid=1, version="1", count=None)),
        (1, ShotIntended(slot=0)),
        (2, stored(0)),
        (3, HostStalled(seconds=7800.2, asleep=True)),
        (4, ClockStepped(seconds=-90.0)),
        (5, DownloadsPaused(detail="3 MB free")),
        (6, BiasAsked(ev=0.5)),
        (
            7,
            StretchPlanned(
                first=5, origin="2026-06-01T18:00:00+00:00", interval_seconds=30.0, count=9, window="2026-06-01"
            ),
        ),
        (8, IntervalTooShort(shortest_seconds=3.6, interval_seconds=2.0, learned=True)),
        (9, RunEnded(why="done")),
    )
    assert len(lines) == 8
    assert "every 2s is too fast for the camera, which keeps 3.6s" in lines[6]
    assert lines[1] == "this machine was asleep for 2h10m"
    assert "every 30s, window 2026-06-01" in lines[5]


@pytest.mark.parametrize(
    ("ev", "said"),
    [
        (0.5, "brighter by 0.5 EV from now on"),
        (-1.0, "darker by 1.0 EV from now on"),
        (0.0, "as bright as planned again"),
    ],
)
def test_a_bias_is_told_in_words(ev, said):
    assert told((0, BiasAsked(ev=ev))) == [said]


def test_whatever_a_camera_says_is_one_line_that_moves_no_cursor(capsys):
    lost = CameraLost(detail="no answer.\nTry \x1b[2J  again")
    with Narrator(Output(as_json=False)) as tell:
        tell(Record(seq=1, utc=BEGAN, event=lost), Session())
    assert capsys.readouterr().out == "camera lost: no answer. Try \\x1b[2J again\n"


@given(
    st.lists(
        st.tuples(st.integers(0, 86_400), st.sampled_from([gap(1), READY, CameraLost(detail="x"), stored(3)])),
        max_size=200,
    )
)
def test_any_order_of_things_can_be_told(events):
    assert len(told(*sorted(events, key=lambda one: one[0]))) <= len(events)
