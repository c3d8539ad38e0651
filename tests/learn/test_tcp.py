"""Segments in any order, twice, overlapping, lost: the same bytes, or a gap of the right size."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.learn import tcp
from dayspool.learn.layers import Segment
from dayspool.learn.tcp import Reassembler
from tests.learn.builders import CAMERA, CLIENT, Talk

BYTES = bytes(range(256)) * 40


class Notes:
    """A sink that writes down what it is told; a gap becomes a number."""

    def __init__(self) -> None:
        self.heard: list[bytes | int] = []
        self.ends = 0
        self.held_bytes = 0

    def data(self, data, seconds):
        if self.heard and isinstance(self.heard[-1], bytes):
            self.heard[-1] += data
        else:
            self.heard.append(data)

    def gap(self, count, seconds):
        self.heard.append(count)

    def end(self):
        self.ends += 1


class Table:
    """A reassembler and everything it told."""

    def __init__(self) -> None:
        self.unread: Counter[str] = Counter()
        self.connections: list[dict] = []
        self.all = Reassembler(self._open, self.unread)

    def _open(self, one, other):
        notes = {one: Notes(), other: Notes()}
        self.connections.append(notes)
        return notes[one], notes[other]

    def run(self, segments) -> Table:
        for seconds, segment in segments:
            self.all.take(segment, seconds)
        self.all.finish()
        return self

    def heard(self, end, number: int = 0) -> list[bytes | int]:
        return self.connections[number][end].heard


def talk(**options) -> Talk:
    return Talk(**options).ask(BYTES[:1000]).reply(BYTES).close()


def test_both_directions_come_whole_and_end_once():
    table = Table().run(talk().segments)
    assert table.heard(CLIENT) == [BYTES[:1000]]
    assert table.heard(CAMERA) == [BYTES]
    assert [notes.ends for notes in table.connections[0].values()] == [1, 1]
    assert not table.unread
    assert table.all.held_bytes == 0


@given(st.randoms(use_true_random=False), st.integers(300, 3000))
def test_any_order_with_doubles_gives_the_same_bytes(chance, size):
    segments = talk(size=size).segments
    segments += chance.sample(segments, len(segments) // 3)
    chance.shuffle(segments)
    table = Table().run(segments)
    assert len(table.connections) == 1
    assert table.heard(CLIENT) == [BYTES[:1000]]
    assert table.heard(CAMERA) == [BYTES]
    assert not table.unread


@given(st.randoms(use_true_random=False), st.sets(st.integers(0, 25), max_size=8))
def test_what_is_lost_is_a_gap_of_its_size(chance, lost):
    segments = talk().segments
    data = [one for one in segments if one[1].source == CAMERA and one[1].data]
    left = [one for number, one in enumerate(data) if number not in lost]
    rest = [one for one in segments if one not in data]
    mixed = rest + left
    chance.shuffle(mixed)
    table = Table().run(mixed)
    pieces = [part if isinstance(part, bytes) else bytes(part) for part in table.heard(CAMERA)]
    rebuilt = b"".join(pieces)
    expected = b"".join(bytes(400) if n in lost else BYTES[n * 400 : n * 400 + 400] for n in range(26))[: len(BYTES)]
    assert rebuilt == expected[: len(rebuilt)]
    assert set(expected[len(rebuilt) :]) <= {0}  # a loss at the very end cannot be told from an early end


@given(st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.integers(1, 2000)), min_size=1, max_size=60))
def test_overlaps_give_every_byte_once(parts):
    start = 0xFFFF_FFF0
    parts = [*parts, *((at, 1500) for at in range(0, len(BYTES), 1500))]
    opening = Segment(CLIENT, CAMERA, start, b"", 0, True, False, False)
    segments = [opening] + [
        Segment(CLIENT, CAMERA, (start + 1 + at) % (1 << 32), BYTES[at : at + size], 0, False, False, False)
        for at, size in parts
    ]
    table = Table().run([(1.0, one) for one in segments])
    assert table.heard(CLIENT) == [BYTES]


def test_a_connection_may_have_begun_before_the_capture():
    segments = talk().segments[5:]
    table = Table().run(segments)
    assert table.heard(CLIENT) == []
    assert table.heard(CAMERA) == [0, BYTES]
    assert not table.unread


def test_a_hole_is_given_up_when_nothing_more_is_held(monkeypatch):
    monkeypatch.setattr(tcp, "MOST_WAITING_BYTES", 2000)
    table = Table()
    segments = talk().segments
    del segments[8]
    most = 0
    for seconds, segment in segments:
        table.all.take(segment, seconds)
        most = max(most, table.all.held_bytes)
    assert most <= 2400
    assert table.heard(CAMERA)[1] == 400
    assert table.unread == {"gap in a TCP stream": 1}


def test_a_cut_packet_leaves_a_gap():
    segments = [
        (seconds, one._replace(data=one.data[:100], lost_bytes=300) if len(one.data) == 400 else one)
        for seconds, one in talk().segments
    ]
    heard = Table().run(segments).heard(CAMERA)
    assert heard[:4] == [BYTES[:100], 300, BYTES[400:500], 300]


def test_ports_used_again_are_another_connection():
    again = talk(client_start=12345, server_start=999_999, began=2000.0)
    table = Table().run(talk().segments + again.segments)
    assert [connection[CAMERA].heard for connection in table.connections] == [[BYTES], [BYTES]]


def test_one_segment_from_nowhere_costs_nothing_else():
    segments = talk().segments
    rogue = segments[10][1]._replace(sequence=segments[10][1].sequence + (1 << 30))
    table = Table().run([*segments[:10], (1.0, rogue), *segments[10:]])
    assert table.heard(CAMERA)[0] == BYTES


def test_many_connections_are_held_to_a_bound(monkeypatch):
    monkeypatch.setattr(tcp, "MOST_CONNECTIONS", 10)
    table = Table()
    for port in range(50):
        lonely = Segment(("10.0.0.7", 1000 + port), CAMERA, 5, b"half a request", 0, False, False, False)
        table.all.take(lonely, float(port))
    assert table.unread == {"TCP connection given up: too many at once": 40}
    assert table.all.held_bytes == 10 * len(b"half a request")
    table.all.finish()
    assert [c[("10.0.0.7", 1000 + n)].heard[1] for n, c in enumerate(table.connections)] == [b"half a request"] * 50


@pytest.mark.parametrize("seed", range(5))
def test_random_segments_never_break_it(seed):
    chance = random.Random(seed)
    table = Table()
    for _ in range(3000):
        ends = (CLIENT, CAMERA) if chance.random() < 0.5 else (CAMERA, CLIENT)
        flags = (chance.random() < 0.02, chance.random() < 0.02, chance.random() < 0.02)
        data, lost = chance.randbytes(chance.randrange(50)), chance.choice([0, 0, 0, 9])
        table.all.take(
            Segment(*ends, chance.choice([chance.randrange(1 << 32), chance.randrange(500)]), data, lost, *flags), 1.0
        )
    table.all.finish()
    assert table.all.held_bytes == 0
