"""The link over real sockets: hostile and broken servers cost bounded time and memory, and one clear error."""

import re
from contextlib import asynccontextmanager, suppress

import anyio
import pytest

from dayspool.camera import Link, open_camera
from dayspool.errors import CameraConfused, CameraRefused, CameraUnreachable, FrameUnreadable

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
JPEG = b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xda\x00\x02\x00\xff\xd9"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


async def one_request(stream):
    """Read a head and as much body as it declares, however they were cut into segments."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += await stream.receive()
    head, _, content = request.partition(b"\r\n\r\n")
    declared = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while declared and len(content) < int(declared[1]):
        content += await stream.receive()
    return head + b"\r\n\r\n" + content


@asynccontextmanager
async def server(answer):
    """Serve raw bytes, or an async function of the stream, on a free port; count the requests."""
    requests = []

    async def serve(stream):
        async with stream:
            requests.append(await one_request(stream))
            if callable(answer):
                await answer(stream)
            else:
                with anyio.move_on_after(5):
                    await stream.send(answer)

    async def serve_safely(stream):
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream, anyio.ClosedResourceError):
            await serve(stream)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve_safely)
        yield f"http://127.0.0.1:{port}", requests
        tasks.cancel_scope.cancel()


def body(content):
    return OK + b"Content-Length: %d\r\n\r\n" % len(content) + content


async def test_a_call_and_its_result():
    async with server(body(b'{"id":1,"result":[["1.0"]]}')) as (base, requests), Link("127.0.0.1") as link:
        assert await link.call(f"{base}/camera", "getVersions") == [["1.0"]]
    head, content = requests[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /camera HTTP/1.1")
    assert content == b'{"method":"getVersions","params":[],"id":1,"version":"1.0"}'


async def test_a_call_beside_a_poll_that_waits():
    other_came = anyio.Event()

    async def answer(stream):
        if b'"id":1' in requests[-1]:
            await other_came.wait()
            await stream.send(body(b'{"id":1,"result":["news"]}'))
        else:
            await stream.send(body(b'{"id":2,"result":["said"]}'))

    async def poll():
        news.extend(await link.call(f"{base}/camera", "getEvent", [True]))

    news = []
    async with server(answer) as (base, requests), Link("127.0.0.1") as link, anyio.create_task_group() as tasks:
        tasks.start_soon(poll)
        while not requests:
            await anyio.sleep(0)
        assert await link.call(f"{base}/camera", "getVersions") == ["said"]
        other_came.set()
    assert news == ["news"]


async def test_nothing_listens():
    async with server(b"") as (base, _):
        pass
    async with Link("127.0.0.1") as link:
        with pytest.raises(CameraUnreachable) as caught:
            await link.call(f"{base}/camera", "actTakePicture")
    assert not caught.value.sent


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", b"HTTP", b"\0" * 99],
    ids=["eof", "short", "half", "zeros"],
)
async def test_an_answer_that_breaks_off_may_have_been_heard(answer):
    async with server(answer) as (base, requests), Link("127.0.0.1") as link:
        with pytest.raises(CameraUnreachable) as caught:
            await link.call(f"{base}/camera", "actTakePicture")
    assert caught.value.sent
    assert len(requests) == 1, "nothing is ever sent twice"


async def test_a_silent_server_costs_bounded_time():
    async with server(lambda stream: anyio.sleep_forever()) as (base, requests), Link("127.0.0.1") as link:
        with pytest.raises(CameraUnreachable, match="no whole answer within") as caught:
            await link.call(f"{base}/camera", "actTakePicture", seconds=0.05)
    assert caught.value.sent
    assert len(requests) == 1


async def test_a_dripping_server_costs_bounded_time():
    async def drip(stream):
        await stream.send(OK + b"Content-Length: 1000000\r\n\r\n")
        while True:
            await stream.send(b"x")
            await anyio.sleep(0.01)

    async with server(drip) as (base, _), Link("127.0.0.1") as link:
        with pytest.raises(CameraUnreachable, match="no whole answer"):
            await link.get(f"{base}/pict.JPG", seconds=0.1)


# The HTTP library nests generators that only asyncio finalises quietly when a body is left unread.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("declared", [True, False])
async def test_an_endless_answer_costs_bounded_memory(declared):
    sent = 0

    async def flood(stream):
        nonlocal sent
        await stream.send(OK + (b"Content-Length: 1000000000\r\n" if declared else b"") + b"\r\n")
        while True:
            await stream.send(b"\0" * 65_536)
            sent += 65_536

    async with server(flood) as (base, _), Link("127.0.0.1") as link:
        with pytest.raises(CameraConfused, match="larger than"):
            await link.get(f"{base}/pict.JPG", cap_bytes=1_000_000)
    assert sent < 16_000_000


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_redirects_are_not_followed(status):
    answer = b"HTTP/1.1 %d Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n" % status
    async with server(answer) as (base, requests), Link("127.0.0.1") as link:
        with pytest.raises(CameraRefused, match=str(status)):
            await link.get(f"{base}/pict.JPG")
    assert len(requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/pict.JPG",
        "http://localhost/pict.JPG",
        "https://127.0.0.1/pict.JPG",
        "file:///etc/passwd",
        "http://127.0.0.1@evil/pict.JPG",
        "http://user@127.0.0.1/pict.JPG",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "//127.0.0.1/x",
        "",
    ],
)
async def test_a_camera_cannot_send_us_elsewhere(url):
    async with Link("127.0.0.1") as link:
        with pytest.raises(CameraConfused):
            await link.get(url)


async def test_addresses_are_passed_on_byte_for_byte():
    path = "/pict.JPG?%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21"
    async with server(body(JPEG)) as (base, requests), Link("127.0.0.1") as link:
        await link.get(base + path)
    assert requests[0].split(b" ")[1] == path.encode()


async def test_system_proxies_are_ignored(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with server(body(JPEG)) as (base, _), Link("127.0.0.1") as link:
        assert await link.get(f"{base}/pict.JPG") == JPEG


@pytest.mark.parametrize("picture", [JPEG[:-2], b"garbage", b""], ids=["truncated", "garbage", "empty"])
async def test_a_picture_must_be_whole(picture):
    async with server(body(picture)) as (base, _), open_camera(f"{base}/camera") as camera:
        with pytest.raises(FrameUnreadable, match="no whole JPEG"):
            await camera.picture(f"{base}/pict.JPG")


async def test_a_picture_must_be_as_long_as_declared():
    short = OK + b"Content-Length: 999\r\n\r\n" + JPEG
    async with server(short) as (base, _), open_camera(f"{base}/camera") as camera:
        with pytest.raises(CameraUnreachable):
            await camera.picture(f"{base}/pict.JPG")
