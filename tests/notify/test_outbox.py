"""What waits for a receiver: in order, not too much, patiently, and not at night."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.alarm import AlarmKind, Phase, Severity
from dayspool.errors import AlarmUndelivered, PlanError
from dayspool.notify import Outbox, Taste
from tests.notify.servers import NOW, alarm

AWAY = AlarmUndelivered("away")
REFUSED = AlarmUndelivered("no", refused=True)
DONE = alarm("harbour: done", kind=AlarmKind.DONE, phase=Phase.ONCE, severity=Severity.INFO)


def numbered(count):
    return [alarm(f"alarm {number}", phase=Phase.ONCE) for number in range(count)]


def drained(box, now):
    """Deliver all that goes now."""
    said = []
    while (one := box.next(now)) is not None:
        said.append(one)
        box.delivered(now)
    return said


def test_in_order():
    box = Outbox(Taste())
    for one in numbered(5):
        box.add(one)
    assert [one.title for one in drained(box, NOW)] == [f"alarm {number}" for number in range(5)]
    assert not box.waiting
    assert box.wakes(NOW) is None


def test_a_receiver_that_is_away_is_tried_again_ever_less_often_and_misses_nothing():
    box, now, waits = Outbox(Taste()), NOW, []
    for one in numbered(3):
        box.add(one)
    for _ in range(12):
        assert box.next(now).title == "alarm 0"
        assert box.failed(now, AWAY) is False
        assert box.next(now) is None
        before = now
        while box.next(now) is None:
            now = box.wakes(now)
        waits.append((now - before).total_seconds())
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == 900
    assert len(drained(box, now)) == 3


def test_a_server_says_how_long_to_wait():
    box = Outbox(Taste())
    box.add(alarm())
    box.next(NOW)
    box.failed(NOW, AlarmUndelivered("later", wait_seconds=100))
    assert box.next(NOW + timedelta(seconds=99)) is None
    assert box.next(NOW + timedelta(seconds=100)) is not None


def test_what_is_refused_three_times_does_not_block_the_rest():
    box, now = Outbox(Taste()), NOW
    for one in numbered(2):
        box.add(one)
    dropped = []
    for _ in range(3):
        box.next(now)
        dropped.append(box.failed(now, REFUSED))
        now += timedelta(hours=1)
    assert dropped == [False, False, True]
    assert box.next(now).title == "alarm 1"
    assert box.dropped == 1


def test_a_flood_is_summed_up_and_never_more_than_said_in_an_hour():
    box, now, sent = Outbox(Taste(per_hour=4)), NOW, []
    for number in range(60):
        box.add(alarm(f"alarm {number}", phase=Phase.ONCE))
        sent += [(now, one) for one in drained(box, now)]
        now += timedelta(minutes=1)
    now += timedelta(hours=2)
    sent += [(now, one) for one in drained(box, now)]
    times = [when for when, _ in sent]
    assert all(later - sooner >= timedelta(hours=1) for sooner, later in zip(times, times[4:], strict=False))
    summary = sent[-1][1]
    assert summary.kind is AlarmKind.SUMMARY
    assert "camera-lost" in summary.title
    assert "alarm 59" in summary.body
    assert "… and" in summary.body


def test_the_last_word_comes_at_once_and_brings_what_was_held_back():
    box = Outbox(Taste(per_hour=2))
    for one in numbered(2):
        box.add(one)
    drained(box, NOW)
    box.add(alarm("held back"))
    assert box.next(NOW) is None
    box.add(DONE)
    (last,) = drained(box, NOW)
    assert (last.kind, last.title) == (AlarmKind.DONE, "harbour: done")
    assert "held back" in last.body
    assert not box.waiting


def test_too_many_lose_the_oldest_and_say_so():
    box = Outbox(Taste(per_hour=2))
    box.add(DONE)
    for one in numbered(500):
        box.add(one)
    assert box.dropped == 301
    first = box.next(NOW)
    assert first.is_last_word or first.kind is AlarmKind.SUMMARY


@pytest.mark.parametrize(
    ("taste", "told"),
    [
        (Taste(), ["begins", "over", "done"]),
        (Taste(severity=Severity.WARNING), ["begins", "over"]),
        (Taste(only=(AlarmKind.DONE,)), ["done"]),
        (Taste(only=(AlarmKind.CAMERA_LOST,), severity=Severity.CRITICAL), ["begins", "over"]),
    ],
)
def test_only_what_is_wanted_and_the_end_of_what_was_told(taste, told):
    box = Outbox(taste)
    box.add(alarm("begins"))
    box.add(alarm("over", phase=Phase.OVER, severity=Severity.INFO))
    box.add(replace(DONE, title="done"))
    assert [one.title for one in drained(box, NOW)] == told


def test_quiet_hours_let_only_the_critical_through():
    night = (time(22), time(7))
    local = datetime(2026, 6, 1, 23).astimezone()
    taste = Taste(quiet=night)
    assert [taste.is_quiet(local.replace(hour=hour)) for hour in (21, 22, 23, 0, 6, 7, 12)] == [0, 1, 1, 1, 1, 0, 0]
    assert not Taste(quiet=(time(1), time(2))).is_quiet(local)
    box = Outbox(taste)
    box.add(alarm("mild", severity=Severity.WARNING))
    box.add(alarm("grave"))
    assert [one.title for one in drained(box, local.astimezone(UTC))] == ["grave"]
    assert [one.title for one in drained(box, (local + timedelta(hours=9)).astimezone(UTC))] == ["mild"]


@given(
    st.lists(st.sampled_from(["add", "deliver", "fail", "refuse", "wait", "long"]), max_size=80),
    st.integers(2, 5),
)
def test_never_too_many_never_twice_never_out_of_order(script, per_hour):
    box, now, number, sent, told = Outbox(Taste(per_hour=per_hour)), NOW, 0, [], []
    for word in script:
        if word == "add":
            box.add(alarm(f"alarm {number:03d}", phase=Phase.ONCE))
            number += 1
        elif word in ("wait", "long"):
            now += timedelta(seconds=30) if word == "wait" else timedelta(hours=1)
        elif (one := box.next(now)) is not None:
            if word == "deliver":
                box.delivered(now)
                sent.append(now)
                told.append(one.title if one.kind is not AlarmKind.SUMMARY else one.body)
            else:
                box.failed(now, AWAY if word == "fail" else REFUSED)
    assert all(later - sooner >= timedelta(hours=1) for sooner, later in zip(sent, sent[per_hour:], strict=False))
    said = [word for text in told for word in text.replace("\n", " ").split() if word.isdigit() and len(word) == 3]
    assert said == sorted(set(said))


@pytest.mark.parametrize("per_hour", [0, 1, -3, 10**6])
def test_mistakes(per_hour):
    with pytest.raises(PlanError):
        Taste(per_hour=per_hour)
