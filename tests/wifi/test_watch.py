"""Staying joined for days, in virtual time, with a network that comes and goes."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import anyio
import pytest

from dayspool.errors import ToolFailed, ToolMissing
from dayspool.testing import BEGINNING, run_virtually
from dayspool.wifi import Joined, JoinResult, Outcome, Phase, Policy, Unjoined, stay_joined

HOURS = 48


class ComingAndGoing:
    """A camera's network: on the air except in the given spells; joined until the next one begins."""

    def __init__(self, clock, losses, *, refuses=(), fails=()):
        self.clock = clock
        self.losses = losses
        self.refuses = refuses
        self.fails = fails
        self.joined_at = None
        self.joins = []
        self.cycles = []

    def seconds(self):
        return (self.clock.utc() - BEGINNING).total_seconds()

    def within(self, spells, when=None):
        when = self.seconds() if when is None else when
        return any(begin <= when < end for begin, end in spells)

    def check(self):
        if self.within(self.fails):
            raise ToolFailed("NetworkManager is being upgraded", argv=["nmcli"], status=8)

    def is_joined(self):
        if self.joined_at is None:
            return False
        return not any(self.joined_at < end and begin <= self.seconds() for begin, end in self.losses)

    async def link(self):
        self.check()
        return Joined(interface="wlan0", camera_host="10.0.0.1") if self.is_joined() else Unjoined()

    async def is_visible(self):
        self.check()
        await anyio.sleep(4)
        return not self.within(self.losses)

    async def join(self):
        self.check()
        self.joins.append(self.seconds())
        await anyio.sleep(6)
        if self.within(self.losses):
            return JoinResult(outcome=Outcome.NOT_SEEN, said="not found")
        if self.within(self.refuses):
            return JoinResult(outcome=Outcome.REFUSED, said="no secrets")
        self.joined_at = self.seconds()
        return JoinResult(outcome=Outcome.JOINED)

    async def cycle_radio(self):
        self.cycles.append(self.seconds())
        self.joined_at = None


def spells(seed, count, longest):
    rng = random.Random(seed)
    begins = sorted(rng.uniform(600, HOURS * 3600 - 2 * longest) for _ in range(count))
    return [(begin, begin + rng.uniform(1, longest)) for begin in begins]


def watched(make, *, hours=HOURS, backend="trio", policy=None):
    """Watch for so many hours; return the network and the changes with their times in seconds."""
    changes = []

    async def main(clock):
        network = make(clock)
        with anyio.move_on_after(hours * 3600):
            await stay_joined(network, clock, on_change=changes.append, policy=policy)
        return network

    network = run_virtually(main, backend=backend)
    return network, [((one.at - BEGINNING).total_seconds(), one) for one in changes]


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_two_days_of_losses(backend):
    losses = spells(1, 40, 7200)
    network, changes = watched(lambda clock: ComingAndGoing(clock, losses), backend=backend)
    assert network.is_joined()
    for _, end in losses:
        if network.within(losses, end):
            continue
        later = [begin for begin, _ in losses if begin > end]
        back = [when for when, one in changes if one.phase is Phase.JOINED and when >= end]
        assert back[0] - end <= 60 + 4 + 6 or (later and later[0] < back[0])
    gaps = [b - a for a, b in pairwise(network.joins)]
    assert min(gaps) >= 6 + 2
    assert {one.phase for _, one in changes} <= {Phase.LOOKING, Phase.CAMERA_OFF, Phase.JOINING, Phase.JOINED}
    assert network.cycles == []


def test_a_false_no_secrets_for_hours_is_survived():
    """The loss of 8 hours 35 minutes that made others write such a watch: blocked after one refusal."""
    refuses = [(0, 8.6 * 3600)]
    _, changes = watched(lambda clock: ComingAndGoing(clock, [], refuses=refuses), hours=9)
    assert [one.phase for _, one in changes][-1] is Phase.JOINED
    assert changes[-1][0] - refuses[0][1] <= 60 + 6 + 4 + 6
    assert [one.phase for _, one in changes].count(Phase.REFUSED) == 6  # each pause is told once: 2, 4 … 60 s


def test_a_network_manager_that_goes_away_is_survived():
    fails = [(3600, 3900)]
    network, changes = watched(lambda clock: ComingAndGoing(clock, [], fails=fails), hours=2)
    phases = [one.phase for _, one in changes]
    assert phases == [Phase.LOOKING, Phase.JOINING, Phase.JOINED, Phase.TROUBLE, Phase.JOINED]
    assert len(network.joins) == 1


def test_what_is_told():
    losses = [(100, 300)]
    _, changes = watched(lambda clock: ComingAndGoing(clock, losses), hours=1)
    told = [(one.phase.value, one.interface, one.camera_host) for _, one in changes]
    assert told == [
        ("looking", None, None),
        ("joining", None, None),
        ("joined", "wlan0", "10.0.0.1"),
        ("looking", None, None),
        ("camera-off", None, None),
        ("joining", None, None),
        ("joined", "wlan0", "10.0.0.1"),
    ]
    assert changes[3][1].detail == "the link was lost"


def test_the_radio_is_cycled_when_asked_to():
    losses = [(1000, 8200)]
    policy = Policy(radio_after_seconds=1800)
    network, _ = watched(lambda clock: ComingAndGoing(clock, losses), hours=4, policy=policy)
    assert len(network.cycles) == 3
    assert all(b - a >= 1800 for a, b in pairwise(network.cycles))
    assert network.is_joined()


def test_a_tool_that_is_missing_at_times_is_trouble_and_no_end():
    class Missing(ComingAndGoing):
        def check(self):
            if self.within(self.fails):
                raise ToolMissing("there is no nmcli")

    _, changes = watched(lambda clock: Missing(clock, [], fails=[(0, 60)]), hours=1)
    assert [one.phase for _, one in changes] == [Phase.TROUBLE, Phase.JOINING, Phase.JOINED]
    assert changes[0][1].at - BEGINNING < timedelta(seconds=1)
