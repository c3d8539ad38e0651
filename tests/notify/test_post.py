"""One thread for each receiver: a slow one delays nobody, one that was away gets all in order."""

import logging
import threading
from datetime import timedelta

import pytest

from dayspool.core.alarms import Standing
from dayspool.errors import AlarmUndelivered, ToolMissing
from dayspool.notify import Post, Subscription
from tests.notify.servers import NOW, alarm


class Ear:
    """A receiver that does as told: `answers` are errors to raise, or nothing; the last one for ever."""

    def __init__(self, *answers, gate=None):
        self.answers, self.gate = list(answers) or [None], gate
        self.heard, self.shown, self.closed = [], [], False
        self.began = threading.Event()
        self.arrived = threading.Condition()

    def deliver(self, alarm):
        self.began.set()
        if self.gate is not None:
            assert self.gate.wait(20)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        with self.arrived:
            self.heard.append((alarm.title, answer is None))
            self.arrived.notify_all()
        if answer is not None:
            raise answer

    def wait_for(self, count):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.heard) >= count, 20), self.heard

    def close(self):
        self.closed = True


class Display(Ear):
    def show(self, shoot, standing):
        with self.arrived:
            self.shown.append((shoot, standing.frames))
            self.heard.append(("standing", True))
            self.arrived.notify_all()


class HastyClock:
    """A minute goes by with each look at it, so that waiting is soon over."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        self.now += timedelta(minutes=20)
        return self.now


def post(ear, utc=lambda: NOW):
    return Post(Subscription(name="ear", kind="test", receiver=ear), utc)


def stands(frames):
    return Standing(
        state="shooting",
        frames=frames,
        gaps=0,
        last_frame_age_seconds=None,
        next_slot=None,
        battery=None,
        disk_free_bytes=None,
        problems=(),
    )


def test_a_slow_receiver_delays_nobody():
    gate = threading.Event()
    slow, fast = Ear(gate=gate), Ear()
    to_slow, to_fast = post(slow), post(fast)
    for way in (to_slow, to_fast):
        way.add(alarm())
    fast.wait_for(1)
    assert slow.began.wait(20)
    assert slow.heard == []
    assert to_fast.close(20)
    assert not to_slow.close(0.01)
    assert not to_slow.is_idle
    gate.set()
    slow.wait_for(1)
    to_slow.close(20)
    assert slow.closed
    assert fast.closed


def test_a_receiver_that_comes_back_gets_all_in_order_and_two_lines_are_logged(caplog):
    ear = Ear(*[AlarmUndelivered("away")] * 4, None)
    way = post(ear, HastyClock())
    for number in range(3):
        way.add(alarm(f"alarm {number}"))
    ear.wait_for(7)
    assert way.close(20)
    assert [title for title, told in ear.heard if told] == ["alarm 0", "alarm 1", "alarm 2"]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "ear: away; tried again later",
        "ear: delivered again",
    ]


@pytest.mark.parametrize("error", [AlarmUndelivered("no", refused=True), ToolMissing("pip install it")])
def test_what_is_refused_for_ever_is_given_up_and_said(error, caplog):
    ear = Ear(error, error, error, None)
    way = post(ear, HastyClock())
    way.add(alarm("unlucky"))
    way.add(alarm("next"))
    ear.wait_for(4)
    assert not way.close(20)  # not all was told
    assert ear.heard[-1] == ("next", True)
    assert "given up: unlucky" in caplog.text


def test_what_was_never_told_is_in_the_log(caplog):
    ear = Ear(AlarmUndelivered("away"))
    way = post(ear)
    for number in range(202):
        way.add(alarm(f"alarm {number}"))
    ear.wait_for(1)
    assert not way.close(20)
    said = [record.getMessage() for record in caplog.records if "alarm" in record.getMessage()]
    assert said[:2] == [f"ear: too many alarms wait; given up: alarm {number}" for number in range(2)]
    assert said[2:] == [f"ear: never told: alarm {number}" for number in range(2, 202)]


def test_only_the_newest_standing_is_shown_and_before_the_alarm():
    gate = threading.Event()
    ear = Display(gate=gate)
    way = post(ear)
    way.add(alarm("first"))
    for frames in range(5):
        way.show("harbour", stands(frames))
    way.add(alarm("second"))
    gate.set()
    ear.wait_for(3)
    way.close(20)
    assert ear.shown[-1] == ("harbour", 4)
    assert len(ear.shown) <= 2
    assert [title for title, _ in ear.heard][-1] == "second"


def test_receivers_that_show_nothing_are_left_alone():
    ear = Ear()
    way = post(ear)
    way.show("harbour", stands(1))
    assert way.close(20)
    assert ear.heard == []
