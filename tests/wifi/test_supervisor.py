"""Staying joined, in tables and in made-up worlds, without waiting for anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.testing import BEGINNING
from dayspool.wifi import supervisor as sup
from dayspool.wifi.state import Joined, Joining, JoinResult, Outcome, Unjoined
from dayspool.wifi.supervisor import Phase, Policy

LINK = Joined(interface="wlan0", camera_host="10.0.0.1")
POLICY = Policy()


def at(seconds: float):
    return BEGINNING + timedelta(seconds=seconds)


def run(*inputs, policy: Policy = POLICY, seconds: float = 0.0):
    """Feed inputs, each at the moment its action is due; return the watch and the moment in seconds."""
    watch = sup.begin(at(seconds))
    for one in inputs:
        action = sup.next_action(watch, at(seconds))
        if isinstance(action, sup.WaitUntil):
            seconds = (action.when - BEGINNING).total_seconds()
        watch = sup.after(watch, one, at(seconds), policy)
    return watch, seconds


SEEN = (Unjoined(), sup.Scanned(visible=True), Unjoined())
REFUSED = JoinResult(outcome=Outcome.REFUSED, said="no secrets")
FAILED = JoinResult(outcome=Outcome.FAILED, said="no lease")
NOT_SEEN = JoinResult(outcome=Outcome.NOT_SEEN, said="not found")
DONE = JoinResult(outcome=Outcome.JOINED)


@pytest.mark.parametrize(
    ("inputs", "action", "phase"),
    [
        ((), sup.Look(), Phase.LOOKING),
        ((LINK,), sup.WaitUntil(when=at(10)), Phase.JOINED),
        ((Unjoined(),), sup.Scan(), Phase.LOOKING),
        ((Unjoined(), sup.Scanned(visible=False)), sup.WaitUntil(when=at(10)), Phase.CAMERA_OFF),
        ((Unjoined(), sup.Scanned(visible=True)), sup.Look(), Phase.LOOKING),
        (SEEN, sup.Join(), Phase.JOINING),
        ((*SEEN, DONE), sup.Look(), Phase.JOINING),
        ((*SEEN, DONE, LINK), sup.WaitUntil(when=at(10)), Phase.JOINED),
        ((*SEEN, DONE, LINK, Unjoined()), sup.Scan(), Phase.LOOKING),
        ((*SEEN, REFUSED), sup.WaitUntil(when=at(2)), Phase.REFUSED),
        ((*SEEN, REFUSED, Unjoined()), sup.Join(), Phase.REFUSED),
        ((*SEEN, REFUSED, Unjoined(), DONE, LINK), sup.WaitUntil(when=at(12)), Phase.JOINED),
        ((*SEEN, FAILED), sup.WaitUntil(when=at(2)), Phase.FAILED),
        ((*SEEN, NOT_SEEN), sup.WaitUntil(when=at(2)), Phase.CAMERA_OFF),
        ((*SEEN, NOT_SEEN, Unjoined()), sup.Scan(), Phase.CAMERA_OFF),
        ((*SEEN[:2], Joining()), sup.WaitUntil(when=at(2)), Phase.JOINING),
        ((*SEEN[:2], Joining(), LINK), sup.WaitUntil(when=at(12)), Phase.JOINED),
        ((*SEEN[:2], LINK), sup.WaitUntil(when=at(10)), Phase.JOINED),
        ((sup.Trouble(said="no NetworkManager"),), sup.WaitUntil(when=at(10)), Phase.TROUBLE),
        ((sup.Trouble(said="no NetworkManager"), LINK), sup.WaitUntil(when=at(20)), Phase.JOINED),
        ((*SEEN, sup.Trouble(said="gone")), sup.WaitUntil(when=at(10)), Phase.TROUBLE),
    ],
)
def test_what_comes_next(inputs, action, phase):
    watch, seconds = run(*inputs)
    assert (sup.next_action(watch, at(seconds)), watch.phase) == (action, phase)


def test_pauses_grow_from_two_seconds_to_a_minute():
    assert [POLICY.pause_seconds(failures) for failures in range(8)] == [0, 2, 4, 8, 16, 32, 60, 60]
    assert POLICY.pause_seconds(10_000) == 60


def test_a_link_that_network_manager_never_finishes_is_joined_explicitly():
    watch, seconds = run(*SEEN[:2], *[Joining()] * 31)
    assert seconds == 60
    for came in (sup.Scanned(visible=True), Joining()):
        watch = sup.after(watch, came, at(61), POLICY)
    assert sup.next_action(watch, at(61)) == sup.Join()


def test_a_refusal_says_what_to_check_and_when_it_tries_again():
    watch, _ = run(*SEEN, REFUSED)
    assert watch.detail == "the password is wrong, or the signal too weak (no secrets); trying again in 2 s"
    watch, _ = run(*SEEN, REFUSED, Unjoined(), REFUSED)
    assert watch.detail.endswith("trying again in 4 s")


def test_the_radio_is_cycled_only_on_request_and_only_after_so_long():
    asked = Policy(radio_after_seconds=30)
    absent = (Unjoined(), sup.Scanned(visible=False))
    watch, seconds = run(*absent * 3, Unjoined(), policy=asked)
    assert (seconds, sup.next_action(watch, at(seconds))) == (30, sup.CycleRadio())
    watch = sup.after(watch, sup.RadioCycled(), at(35), asked)
    assert sup.next_action(watch, at(35)) == sup.WaitUntil(when=at(37))
    watch = sup.after(watch, Unjoined(), at(37), asked)
    assert sup.next_action(watch, at(37)) == sup.Scan()
    watch, seconds = run(*absent * 300, Unjoined())
    assert sup.next_action(watch, at(seconds)) == sup.Scan()


@dataclass(frozen=True)
class Spell:
    """How the world is for some time: the network on the air or not, and what becomes of an attempt to join it."""

    seconds: float
    visible: bool
    outcome: Outcome
    works: bool = True


@dataclass
class World:
    """A camera that comes and goes, and what the watch did about it."""

    spells: list[Spell]
    takes: dict[type, float]
    now: float = 0.0
    joined: Spell | None = None
    joins: list[tuple[float, float, float]] = field(default_factory=list)  # begin, end, the pause that was due

    def spell(self, when: float) -> Spell | None:
        for one in self.spells:
            if when < one.seconds:
                return one
            when -= one.seconds
        return None

    def do(self, action):
        spell = self.spell(self.now)
        if isinstance(action, sup.WaitUntil):
            self.now = (action.when - BEGINNING).total_seconds()
            return None
        self.now += self.takes[type(action)]
        if spell is None or not spell.works:
            return sup.Trouble(said="NetworkManager is away")
        if self.joined is not spell:
            self.joined = None
        if isinstance(action, sup.Look):
            return LINK if self.joined else Unjoined()
        if isinstance(action, sup.Scan):
            return sup.Scanned(visible=spell.visible)
        assert isinstance(action, sup.Join)
        if not spell.visible:
            return NOT_SEEN
        if spell.outcome is Outcome.JOINED:
            self.joined = spell
        return JoinResult(outcome=spell.outcome, said="")


OUTCOMES = st.sampled_from([Outcome.JOINED, Outcome.REFUSED, Outcome.FAILED])
SPELLS = st.builds(Spell, st.floats(0.5, 400), st.booleans(), OUTCOMES, st.sampled_from([True, True, True, False]))


def live(world: World) -> None:
    """Let the watch live through a world, and note each attempt with the pause that was due before it."""
    watch = sup.begin(at(0))
    failures, steps = 0, 0
    while world.spell(world.now) is not None:
        steps += 1
        assert steps < 100_000, "it spins"
        begin = world.now
        action = sup.next_action(watch, at(world.now))
        came = world.do(action)
        if came is None:
            assert world.now > begin, "it waits for the past"
            continue
        if isinstance(action, sup.Join):
            world.joins.append((begin, world.now, POLICY.pause_seconds(failures)))
            failures += 1
        if isinstance(came, Joined):
            failures = 0
        watch = sup.after(watch, came, at(world.now), POLICY)


TAKES = st.fixed_dictionaries(
    {
        sup.Look: st.sampled_from([0.0, 0.05, 0.5]),
        sup.Scan: st.sampled_from([0.0, 1.0, 5.0]),
        sup.Join: st.sampled_from([0.0, 3.0, 45.0]),
    }
)


@given(spells=st.lists(SPELLS, min_size=1, max_size=8), takes=TAKES)
def test_two_attempts_are_never_closer_than_the_pause(spells, takes):
    world = World(spells=spells, takes=takes)
    live(world)
    for (_, ended, _), (begun, _, pause) in pairwise(world.joins):
        assert begun - ended >= pause - 1e-3


@given(before=st.lists(SPELLS, max_size=5), outcome=OUTCOMES, takes=TAKES)
def test_a_network_that_is_back_is_joined_within_a_minute(before, outcome, takes):
    """A minute, and what looking takes: one scan, and two looks."""
    back = sum(one.seconds for one in before)
    world = World(spells=[*before, Spell(1000, True, outcome)], takes=takes)
    live(world)
    under_way = [end for begin, end, _ in world.joins if begin < back <= end]
    ready = max([back, *under_way])
    begins = [begin for begin, _, _ in world.joins if begin >= ready]
    assert begins, "it never tried"
    assert begins[0] - ready <= 60 + takes[sup.Scan] + 3 * takes[sup.Look] + 1e-3


@given(outcome=st.sampled_from([Outcome.REFUSED, Outcome.FAILED]), takes=TAKES)
def test_it_never_gives_up(outcome, takes):
    world = World(spells=[Spell(3 * 3600, True, outcome)], takes=takes)
    live(world)
    attempts = [begin for begin, _, _ in world.joins]
    longest = 60 + takes[sup.Join] + takes[sup.Scan] + 3 * takes[sup.Look] + 1e-3
    assert all(later - earlier <= longest for earlier, later in pairwise(attempts))
    assert 3 * 3600 - attempts[-1] <= longest
