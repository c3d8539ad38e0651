"""A TCP proxy that spoils connections between a client and a camera: delay, reset, half-close, lost answer, throttle.

One request per connection, as these cameras speak. What befalls a connection follows from the seed and its number, so
that an hour can be played again. Addresses in JSON answers are rewritten, so that pictures are fetched through it too.
"""

from __future__ import annotations

import random
import socket
import struct
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum

import anyio
from anyio.abc import SocketAttribute

READ_BYTES = 64 * 1024
TRICKLE_BYTES, TRICKLE_SECONDS = 512, 0.02
LONGEST_SECONDS = 120.0
GONE = (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)


class Mischief(StrEnum):
    """What befalls one connection."""

    NONE = "none"
    DELAY = "delay"  # the answer comes 0.2 to 2 s late, as from a radio that sleeps
    RESET = "reset"  # reset before the camera hears of it
    LOST = "lost answer"  # the camera hears and answers; the client gets a reset
    HALF = "half-close"  # half of the answer, then the end
    THROTTLE = "throttle"  # the answer comes in small pieces
    GARBAGE = "garbage"  # bytes that are nothing


SHARES = {
    Mischief.DELAY: 0.02,
    Mischief.RESET: 0.005,
    Mischief.LOST: 0.005,
    Mischief.HALF: 0.005,
    Mischief.THROTTLE: 0.01,
    Mischief.GARBAGE: 0.003,
}
"""The share of connections that each befalls."""


@dataclass(slots=True, kw_only=True)
class Proxy:
    """A spoilt way to a camera at `host`.

    Attributes:
        ports: the camera's own, for each of which the proxy listens on another.
        shares: how much of which mischief.
        seed: decides which connection gets it.
        ways: the proxy's port for each of the camera's, once it listens.
        counts: how many connections got what.
    """

    ports: tuple[int, ...]
    seed: int
    host: str = "127.0.0.1"
    shares: dict[Mischief, float] = field(default_factory=lambda: dict(SHARES))
    ways: dict[int, int] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)

    async def serve(self, *, task_status=anyio.TASK_STATUS_IGNORED) -> None:
        """Listen and pass on until cancelled; `task_status` is told the ways."""
        async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
            for port in self.ports:
                listener = await anyio.create_tcp_listener(local_host=self.host, local_port=0)
                await stack.enter_async_context(listener)
                self.ways[port] = listener.extra(SocketAttribute.local_port)
                tasks.start_soon(listener.serve, self._handler(port))
            task_status.started(self.ways)

    def _handler(self, port):
        async def handle(client):
            number = self.counts.total()
            rng = random.Random(f"{self.seed} {number}")
            mischief = rng.choices(
                [*self.shares, Mischief.NONE], [*self.shares.values(), 1 - sum(self.shares.values())]
            )[0]
            self.counts[mischief] += 1
            with suppress(*GONE):
                with anyio.move_on_after(LONGEST_SECONDS):
                    async with client:
                        await self._pass_on(client, port, mischief, rng)

        return handle

    async def _pass_on(self, client, port, mischief, rng):
        if mischief is Mischief.RESET:
            await client.receive(READ_BYTES)
            return _reset(client)
        async with await anyio.connect_tcp(self.host, port) as camera, anyio.create_task_group() as tasks:
            tasks.start_soon(_pour, client, camera)
            with suppress(*GONE):  # in here, or the group would wrap it up
                answer = await self._answer(camera)
                if mischief is Mischief.LOST:
                    _reset(client)
                else:
                    await _deliver(client, answer, mischief, rng)
            tasks.cancel_scope.cancel()

    async def _answer(self, camera) -> bytes:
        """Return the whole answer, its addresses leading through the proxy."""
        answer = b""
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            while True:
                answer += await camera.receive(READ_BYTES)
        head, _, body = answer.partition(b"\r\n\r\n")
        if b"application/json" in head.lower():
            for own, way in self.ways.items():
                old, new = f"{self.host}:{own}".encode(), f"{self.host}:{way}".encode()
                if len(old) != len(new):
                    raise ValueError("ports of another length would change the length of the answer")
                body = body.replace(old, new)
            return head + b"\r\n\r\n" + body
        return answer


async def _pour(client, camera):
    """Pass on what the client says until it has said everything."""
    with suppress(*GONE):
        while True:
            await camera.send(await client.receive(READ_BYTES))


async def _deliver(client, answer, mischief, rng):
    match mischief:
        case Mischief.DELAY:
            await anyio.sleep(rng.uniform(0.2, 2.0))
        case Mischief.HALF:
            answer = answer[: len(answer) // 2]
        case Mischief.GARBAGE:
            answer = rng.randbytes(len(answer))
        case Mischief.THROTTLE:
            for place in range(0, len(answer), TRICKLE_BYTES):
                await client.send(answer[place : place + TRICKLE_BYTES])
                await anyio.sleep(TRICKLE_SECONDS)
            return
    await client.send(answer)
    await client.send_eof()


def _reset(stream):
    """Close so that the other side gets a reset."""
    stream.extra(SocketAttribute.raw_socket).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
