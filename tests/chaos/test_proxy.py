"""The chaos proxy does what it says, on sockets."""

import anyio
import pytest

from tests.chaos.proxy import Mischief, Proxy

BODY = b'{"id":1,"result":["http:\\/\\/127.0.0.1:%d\\/pict.JPG"]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


async def ask(port):
    """Send something, and return what comes back and how that ends."""
    arrived = b""
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(b"POST")
        try:
            while True:
                arrived += await stream.receive()
        except anyio.EndOfStream:
            return arrived, "end"
        except anyio.BrokenResourceError:
            return arrived, "reset"


async def through(mischief):
    """Ask a made-up camera through the proxy; return what arrives and what the camera heard."""
    heard = []

    async def camera(stream):
        async with stream:
            heard.append(await stream.receive())
            await stream.send(HEAD + BODY % port)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    proxy = Proxy(ports=(port,), seed=1, shares={mischief: 1.0})
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, camera)
        await tasks.start(proxy.serve)
        arrived, ending = await ask(proxy.ways[port])
        tasks.cancel_scope.cancel()
    assert proxy.counts == {mischief: 1}
    return arrived, ending, heard, HEAD + BODY % proxy.ways[port]


@pytest.mark.anyio
@pytest.mark.parametrize("mischief", [Mischief.NONE, Mischief.DELAY, Mischief.THROTTLE])
async def test_an_answer_passes_and_leads_back_through_the_proxy(mischief):
    arrived, ending, heard, whole = await through(mischief)
    assert (arrived, ending, heard) == (whole, "end", [b"POST"])


@pytest.mark.anyio
async def test_a_reset_comes_before_the_camera_hears_and_a_lost_answer_after():
    assert (await through(Mischief.RESET))[:3] == (b"", "reset", [])
    assert (await through(Mischief.LOST))[:3] == (b"", "reset", [b"POST"])


@pytest.mark.anyio
async def test_half_an_answer_ends_and_garbage_is_as_long():
    arrived, ending, _, whole = await through(Mischief.HALF)
    assert (arrived, ending) == (whole[: len(whole) // 2], "end")
    arrived, _, _, whole = await through(Mischief.GARBAGE)
    assert len(arrived) == len(whole)
    assert arrived != whole


@pytest.mark.anyio
async def test_a_client_that_leaves_in_the_middle_harms_nobody_else():
    async def camera(stream):
        async with stream:
            await stream.receive()
            await stream.send(HEAD + bytes(1 << 20))

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    proxy = Proxy(ports=(port,), seed=1, shares={Mischief.THROTTLE: 1.0})
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, camera)
        await tasks.start(proxy.serve)
        for _ in range(3):
            async with await anyio.connect_tcp("127.0.0.1", proxy.ways[port]) as stream:
                await stream.send(b"POST")
                await stream.receive(100)
        await anyio.sleep(0.1)
        async with await anyio.connect_tcp("127.0.0.1", proxy.ways[port]) as stream:
            await stream.send(b"POST")
            assert (await stream.receive(100)).startswith(b"HTTP/1.1")
        tasks.cancel_scope.cancel()
