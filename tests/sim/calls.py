"""Talking to the simulated camera without the project's own client: through ASGI in memory, or raw bytes on sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio

from dayspool.sim import Body, doors
from dayspool.testing import run_virtually

NOON = datetime(2026, 6, 20, 11, 0, tzinfo=UTC)
BACKENDS = ("trio", "asyncio")


@dataclass
class Reply:
    status: int
    headers: list
    chunks: list

    @property
    def content(self):
        return b"".join(self.chunks)

    @property
    def json(self):
        return json.loads(self.content)


class Client:
    """One client of one body in memory, known to it as 10.0.0.1."""

    def __init__(self, body):
        self.body = body
        self.doors = doors(body)

    async def send(self, port, path, content=b"", method="GET"):
        waiting = [{"type": "http.request", "body": content, "more_body": False}]
        messages = []

        async def receive():
            if waiting:
                return waiting.pop()
            await anyio.sleep_forever()

        async def send(message):
            messages.append(message)

        scope = {"type": "http", "method": method, "path": path, "server": ("10.0.0.1", port), "headers": []}
        await self.doors[port](scope, receive, send)
        return Reply(messages[0]["status"], messages[0]["headers"], [m["body"] for m in messages[1:]])

    async def ask(self, name, *params, number=1, version="1.0", service="camera"):
        return (await self.post(name, *params, number=number, version=version, service=service)).json

    async def post(self, name, *params, number=1, version="1.0", service="camera"):
        request = {"method": name, "params": list(params), "id": number, "version": version}
        path = f"{self.body.profile.service_base}/{service}"
        return await self.send(self.body.ports.control, path, json.dumps(request).encode(), "POST")

    async def offered(self):
        return (await self.ask("getAvailableApiList"))["result"][0]

    async def begin(self):
        """Start to shoot, on a model that has to be told, and return when it is idle."""
        if "startRecMode" in await self.offered():
            await self.ask("startRecMode")
        while self.body.status != "IDLE":
            await anyio.sleep_until(self.body.next_transition())

    async def shoot(self):
        return (await self.ask("actTakePicture"))["result"][0][0]

    async def fetch(self, url):
        path = "/" + url.split("/", 3)[3].partition("?")[0]
        return await self.send(self.body.ports.media, path)

    async def event(self, kind):
        profile = self.body.profile
        method = profile.event_method
        version = max(row.version for row in profile.methods if row.name == method)
        slots = (await self.ask(method, False, version=version))["result"]
        flat = [slot for group in slots for slot in (group if isinstance(group, list) else [group])]
        return next((slot for slot in flat if slot and slot["type"] == kind), None)


def virtually(main, backend="trio", began=NOON, **character):
    """Run `main(client)` against a small camera in virtual time."""

    async def with_client(clock):
        settings = {"picture_px": (48, 32), **character}
        return await main(Client(Body(clock=clock, **settings)))

    return run_virtually(with_client, backend=backend, began=began)


async def raw(port, request, host="127.0.0.1"):
    """Send bytes to a port and return everything that comes back until the other side closes."""
    received = b""
    async with await anyio.connect_tcp(host, port) as stream:
        await stream.send(request)
        try:
            while True:
                received += await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return received


def post(content, *extra, path="/camera"):
    """Return the bytes of a POST."""
    head = [f"POST {path} HTTP/1.1", "Host: 10.0.0.1", f"Content-Length: {len(content)}", *extra]
    return "\r\n".join([*head, "", ""]).encode() + content
