"""The host's share of the standard chaos profile, in virtual time: kills, stops, clock steps and a full disk."""

from __future__ import annotations

import errno
import os
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest import mock

import anyio
import httpx2
import trio

from dayspool.journal import JournalWriter
from dayspool.testing import InMemoryTransport

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STALL = timedelta(seconds=120)
FULL = timedelta(minutes=10)
DST = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # Europe/Berlin sets its clocks back


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time of the host's, aware, UTC."""

    begins: datetime
    ends: datetime

    def meets(self, begins, ends):
        """Say whether it touches the time from `begins` to before `ends`."""
        return self.begins < ends and begins < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTrouble:
    """What happens to the host, and when.

    Attributes:
        dead: no process runs: from a kill until somebody starts it again.
        stalls: the process is stopped, and its clocks are not.
        full: the disk has no room for pictures.
        steps: moments at which the wall clock steps by so many seconds.
    """

    dead: tuple[Span, ...]
    stalls: tuple[Span, ...]
    full: tuple[Span, ...]
    steps: tuple[tuple[datetime, float], ...]


def standard_trouble(seed: int, begins: datetime, length: timedelta) -> HostTrouble:
    """Return the host's share of the profile: killed every 6 h and back within 40 s; stalled, full, stepped daily."""
    rng = random.Random(f"host {seed}")
    ends = begins + length
    nominal = [begins + around * 6 * HOUR for around in range(1, 1 + length // (6 * HOUR))]
    kills = [moment + rng.uniform(-600, 600) * SECOND for moment in nominal]
    dead = [_within(kill, rng.uniform(1, 40) * SECOND) for kill in kills if kill < ends - HOUR]
    days = [begins + k * DAY for k in range(-(-length // DAY))]
    share = min(length, DAY)
    stalls = [_within(day + rng.uniform(0.40, 0.45) * share, STALL) for day in days]
    full = [_within(day + rng.uniform(0.55, 0.60) * share, FULL) for day in days]
    steps = [(day + share * place, seconds) for day in days for place, seconds in ((0.2, 90.0), (0.7, -90.0))]
    return HostTrouble(dead=tuple(dead), stalls=tuple(stalls), full=tuple(full), steps=tuple(steps))


def _within(begins, length):
    return Span(begins=begins, ends=begins + length)


class SteppingClock:
    """The clock of one process, whose wall time steps by script; daylight saving is a matter of zones and no step."""

    def __init__(self, clock, steps):
        began = clock.utc()
        self._clock, self._steps = clock, [step for step in steps if step[0] > began]

    def utc(self):
        return self._clock.utc()

    def stepped(self):
        return sum(seconds for moment, seconds in self._steps if moment <= self._clock.utc())

    async def sleep_until(self, when):
        await self._clock.sleep_until(when)


class Life:
    """Whether a process lives: once killed, nothing of it reaches the disk or the camera any more."""

    def __init__(self):
        self.over = False


class MortalJournal(JournalWriter):
    """A journal whose process may be killed between any two events."""

    def __init__(self, shoot, utc, life):
        self._life = life
        super().__init__(shoot, utc)

    def append(self, *events):
        return [] if self._life.over else super().append(*events)

    def answer(self, request, *events):
        return [] if self._life.over else super().answer(request, *events)


class MortalTransport(InMemoryTransport):
    """A network whose process may be killed."""

    def __init__(self, body, life):
        super().__init__(body)
        self._life = life

    async def handle_async_request(self, request):
        if self._life.over:
            raise httpx2.ConnectError("the process is dead", request=request)
        return await super().handle_async_request(request)


async def stall(clock, spans):
    """Stop the process at the scripted moments: time goes on, and nobody in this loop gets a turn."""
    for span in spans:
        await clock.sleep_until(span.begins)
        trio.lowlevel.current_clock().jump((span.ends - clock.utc()).total_seconds())
        await anyio.lowlevel.checkpoint()


@contextmanager
def disk(clock, spans):
    """Let no picture be written, and no room be seen, while the disk is full."""
    from dayspool.shoot import store

    whole, room_of = store.write_whole, os.statvfs

    def full():
        return any(span.begins <= clock.utc() < span.ends for span in spans)

    def write_whole(path, data):
        if full():
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, data)

    def statvfs(path):
        room = room_of(path)
        free = 0 if full() else room.f_bavail
        return SimpleNamespace(f_bavail=free, f_bfree=free, f_blocks=room.f_blocks, f_frsize=room.f_frsize)

    with mock.patch.object(store, "write_whole", write_whole), mock.patch.object(os, "statvfs", statvfs):
        yield


@contextmanager
def zone(name):
    """Let this process live in a time zone."""
    try:
        with mock.patch.dict("os.environ", TZ=name):
            time.tzset()
            yield
    finally:
        time.tzset()
