"""TCP put back together from captured segments: in order, once, and with a note wherever something is missing.

Both directions of a connection are told to a sink each. Segments may come in any order, twice, overlapping or never;
a connection may have begun before the capture, and need not end. What is held has an end: per direction, in the number
of connections, and over all.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from dayspool.learn.layers import End, Segment

__all__ = ["Reassembler", "Sink"]

MOST_WAITING_BYTES = 512 << 10  # more than any window a camera offers: what is still missing then was not captured
MOST_WAITING_PIECES = 512
MOST_PIECES_BEFORE_START = 64  # of a connection whose beginning has not been seen: it may be late, or was before us
MOST_CONNECTIONS = 256
MOST_HELD_BYTES = 64 << 20

_HALF_CIRCLE = 1 << 31


class Sink(Protocol):
    """Takes one direction of a connection, in order; `held_bytes` tells what it keeps unfinished."""

    @property
    def held_bytes(self) -> int:
        """How much of an unfinished message it holds."""

    def data(self, data: bytes, seconds: float) -> None:
        """Take the next bytes, and when they passed."""

    def gap(self, count: int, seconds: float) -> None:
        """Take note that `count` bytes are missing here; 0 if it is unknown how many, before the capture began."""

    def end(self) -> None:
        """Take note that nothing more comes."""


class _Piece(NamedTuple):
    position: int
    arrived: int
    data: bytes
    lost_bytes: int
    seconds: float

    @property
    def end(self) -> int:
        return self.position + len(self.data) + self.lost_bytes


class _Direction:
    """One direction: sorts what comes and hands on what is next.

    Sequence numbers wrap after 4 GiB, so positions are counted on from the first one that is known.
    """

    def __init__(self, sink: Sink, unread: Counter[str]) -> None:
        self.started_with: int | None = None
        self.waiting_bytes = 0
        self._sink = sink
        self._unread = unread
        self._reference: int | None = None
        self._next: int | None = None
        self._last: int | None = None
        self._ended = False
        self._waiting: list[_Piece] = []
        self._arrived = 0

    @property
    def held_bytes(self) -> int:
        return self.waiting_bytes + self._sink.held_bytes

    def belongs(self, segment: Segment) -> bool:
        """Tell whether a start is this stream's own, seen twice or late; else its ports are used again."""
        if self.started_with is not None:
            return self.started_with == segment.sequence
        if self._next is not None:
            return False
        return not self._waiting or 0 <= self._waiting[0].position - self._position(segment.sequence) - 1 < 1 << 24

    def take(self, segment: Segment, seconds: float) -> None:
        position = self._position(segment.sequence)
        if segment.starts:
            position += 1
            if self.started_with is None:
                self.started_with = segment.sequence
                self._next = position
        end = position + len(segment.data) + segment.lost_bytes
        if segment.ends:
            self._last = end
        if end > position and (self._next is None or end > self._next):
            self._arrived += 1
            insort(self._waiting, _Piece(position, self._arrived, segment.data, segment.lost_bytes, seconds))
            self.waiting_bytes += len(segment.data)
        self._hand_on()
        self._give_up_on_missing()

    def finish(self) -> None:
        """Hand on all that waits, and end."""
        seconds = self._waiting[-1].seconds if self._waiting else 0.0
        while self._waiting:
            self._leap()
        if self._last is not None and self._next is not None and self._next < self._last:
            self._missing(self._last - self._next, seconds)
        self._end()

    def _position(self, sequence: int) -> int:
        if self._reference is None:
            self._reference = sequence
        near = self._next if self._next is not None else self._reference
        return near + (sequence - near + _HALF_CIRCLE) % (2 * _HALF_CIRCLE) - _HALF_CIRCLE

    def _hand_on(self) -> None:
        if self._next is None:
            return
        ready = 0
        while ready < len(self._waiting) and self._waiting[ready].position <= self._next:
            piece = self._waiting[ready]
            ready += 1
            self.waiting_bytes -= len(piece.data)
            known = self._next - piece.position
            if known >= piece.end - piece.position:
                continue
            if fresh := piece.data[known:]:
                self._sink.data(fresh, piece.seconds)
            if lost := piece.lost_bytes - max(0, known - len(piece.data)):
                self._missing(lost, piece.seconds)
            self._next = piece.end
        del self._waiting[:ready]
        if self._last is not None and self._next >= self._last:
            self._end()

    def _give_up_on_missing(self) -> None:
        most = MOST_WAITING_PIECES if self._next is not None else MOST_PIECES_BEFORE_START
        while len(self._waiting) > most or self.waiting_bytes > MOST_WAITING_BYTES:
            self._leap()

    def _leap(self) -> None:
        """Go on behind the hole, or begin in the middle."""
        first = self._waiting[0]
        if self._next is None:
            self._sink.gap(0, first.seconds)
        else:
            self._missing(first.position - self._next, first.seconds)
        self._next = first.position
        self._hand_on()

    def _missing(self, count: int, seconds: float) -> None:
        self._unread["gap in a TCP stream"] += 1
        self._sink.gap(count, seconds)

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._sink.end()


class _Connection(NamedTuple):
    first: _Direction
    second: _Direction

    @property
    def held_bytes(self) -> int:
        return self.first.held_bytes + self.second.held_bytes

    def finish(self) -> None:
        self.first.finish()
        self.second.finish()


class Reassembler:
    """Sorts segments into connections; `open_sinks(one, other)` gives the sinks for what each end sends."""

    def __init__(self, open_sinks: Callable[[End, End], tuple[Sink, Sink]], unread: Counter[str]) -> None:
        self._open_sinks = open_sinks
        self._unread = unread
        self._connections: OrderedDict[tuple[End, End], _Connection] = OrderedDict()
        self._held_bytes = 0

    @property
    def held_bytes(self) -> int:
        """What all unfinished streams and messages hold."""
        return self._held_bytes

    def take(self, segment: Segment, seconds: float) -> None:
        """Take the next captured segment."""
        one, other = sorted((segment.source, segment.target))
        connection = self._connections.get((one, other))
        if connection is not None and segment.starts and not self._side(connection, segment, one).belongs(segment):
            self._finish((one, other))
            connection = None
        if connection is None:
            connection = self._open(one, other)
        self._connections.move_to_end((one, other))
        before = connection.held_bytes
        self._side(connection, segment, one).take(segment, seconds)
        self._held_bytes += connection.held_bytes - before
        while len(self._connections) > MOST_CONNECTIONS or self._held_bytes > MOST_HELD_BYTES:
            if self._connections[next(iter(self._connections))].held_bytes:
                self._unread["TCP connection given up: too many at once"] += 1
            self._finish(next(iter(self._connections)))

    def finish(self) -> None:
        """Hand on all that waits: the capture is over."""
        while self._connections:
            self._finish(next(iter(self._connections)))

    def _side(self, connection: _Connection, segment: Segment, one: End) -> _Direction:
        return connection.first if segment.source == one else connection.second

    def _open(self, one: End, other: End) -> _Connection:
        sinks = self._open_sinks(one, other)
        connection = _Connection(*(_Direction(sink, self._unread) for sink in sinks))
        self._connections[one, other] = connection
        return connection

    def _finish(self, key: tuple[End, End]) -> None:
        connection = self._connections.pop(key)
        self._held_bytes -= connection.held_bytes
        connection.finish()
