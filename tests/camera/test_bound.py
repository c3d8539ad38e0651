"""Connections tied to an interface: they arrive from its address, and its failures are told like any other's."""

from __future__ import annotations

import socket

import anyio
import pytest
from anyio.abc import SocketAttribute

from dayspool.camera import Link, bound
from dayspool.errors import CameraUnreachable

pytestmark = pytest.mark.anyio

SOURCE = "127.0.0.9%lo"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
async def server():
    """Answers one file, and tells who asked."""
    askers: list[str] = []

    async def answer(stream) -> None:
        async with stream:
            askers.append(stream.extra(SocketAttribute.remote_address)[0])
            await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1", family=socket.AF_INET) as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, answer)
        yield listener.extra(SocketAttribute.local_port), askers
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(("source", "asker"), [(SOURCE, "127.0.0.9"), ("127.0.0.8", "127.0.0.8"), (None, "127.0.0.1")])
async def test_a_link_leaves_by_its_source(server, source, asker):
    port, askers = server
    async with Link("127.0.0.1", source=source) as link:
        for _ in range(2):
            assert await link.get(f"http://127.0.0.1:{port}/file") == b"hello"
    assert askers == [asker] * 2


async def test_the_label_of_a_second_address_is_no_device(server):
    port, askers = server
    async with Link("127.0.0.1", source="127.0.0.9%lo:1") as link:
        assert await link.get(f"http://127.0.0.1:{port}/file") == b"hello"
    assert askers == ["127.0.0.9"]


@pytest.mark.parametrize("error", [PermissionError, OSError(19, "No such device")])
def test_where_a_device_cannot_be_chosen_the_address_has_to_do(error):
    class Strict:
        def setsockopt(self, *_):
            raise error

        def bind(self, address):
            self.bound = address

    sock = Strict()
    bound._bind(sock, SOURCE)
    assert sock.bound == ("127.0.0.9", 0)


@pytest.mark.parametrize("source", [SOURCE, "203.0.113.9%lo"])
async def test_no_connection_is_told_as_such(source):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        async with Link("127.0.0.1", source=source) as link:
            with pytest.raises(CameraUnreachable) as told:
                await link.get(url)
    assert told.value.sent is False


async def test_a_server_that_falls_silent_is_left():
    async with await anyio.create_tcp_listener(local_host="127.0.0.1", family=socket.AF_INET) as listener:
        url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/x"
        async with Link("127.0.0.1", source=SOURCE) as link:
            with pytest.raises(CameraUnreachable):
                await link.get(url, seconds=0.2)
