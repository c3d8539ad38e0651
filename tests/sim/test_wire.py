"""The camera on real sockets: bytes as recorded, chunk borders, and connections that break."""

import json
import re
import socket
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.clock import SystemClock
from dayspool.errors import CameraError, PlanError
from dayspool.sim import PROFILES, RX100M2, Body, Fault, FaultKind, Faults, Ledger, serve, serving
from dayspool.sim.http1 import answer_connection
from tests.sim.calls import post, raw

pytestmark = pytest.mark.anyio

VERSIONS = b'{"method":"getVersions","params":[],"id":1,"version":"1.0"}'
SHOOT = b'{"method":"actTakePicture","params":[""],"id":1,"version":"1.0"}'
START_LIVEVIEW = b'{"method":"startLiveview","params":[],"id":1}'
LIVEVIEW = (
    b"GET /liveview.JPG?%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21 HTTP/1.1\r\nHost: h\r\n\r\n"
)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
async def camera():
    """Serve a camera that is fast and small, and return its ports."""
    async with served(speed=50) as ports:
        yield ports


def served(**character):
    """Serve one camera with small pictures in a block, and give its ports."""
    return opened(Body(clock=SystemClock(), picture_px=(96, 64), **character))


@asynccontextmanager
async def opened(body, port=0):
    async with serving(body, port=port, ssdp=False) as endpoints:
        yield endpoints.ports


def get(path, *extra):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 10.0.0.1", *extra, "", ""]).encode()


async def test_an_answer_is_what_the_camera_sends_to_the_byte(camera):
    assert await raw(camera.control, post(VERSIONS)) == (
        b"HTTP/1.1 200 OK\r\n"
        b"Connection: close\r\n"
        b"Content-Length: 27\r\n"
        b"Content-Type: application/json\r\n"
        b"\r\n"
        b'{"id":1,"result":[["1.0"]]}'
    )


async def test_a_client_that_has_no_more_to_say_is_answered(camera):
    received = b""
    async with await anyio.connect_tcp("127.0.0.1", camera.control) as stream:
        await stream.send(post(VERSIONS))
        await stream.send_eof()
        with suppress(anyio.EndOfStream):
            while True:
                received += await stream.receive()
    assert received.endswith(b'{"id":1,"result":[["1.0"]]}')


async def test_a_series_is_in_the_ledger_though_nobody_asks(tmp_path):
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        body = Body(clock=SystemClock(), picture_px=(48, 32), profile=PROFILES["as30v"], speed=50, ledger=ledger)
        async with opened(body):
            body.settings.turn("ShootMode", "intervalstill")
            body.shutter.start_interval()
            with anyio.fail_after(20):
                while path.read_text().count("\n") < 3:
                    await anyio.lowlevel.checkpoint()
            before = path.read_text().count("\n")
    assert 3 <= before <= path.read_text().count("\n") == body.exposures


async def test_the_wrong_path_is_not_found_without_an_id(camera):
    reply = await raw(camera.control, post(VERSIONS, path="/sony/camera"))
    head, _, content = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n")
    assert content == b'{"error":[404,"Not Found"]}'


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(VERSIONS, "Content-Type: application/x-www-form-urlencoded"),
        post(VERSIONS, "Content-Type: text/plain;charset=UTF-8", "Origin: null"),
        post(VERSIONS, "Connection: keep-alive", "Accept: */*"),
        post(VERSIONS).replace(b"HTTP/1.1\r\nHost: 10.0.0.1", b"HTTP/1.0"),
        b"POST /camera HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n%b\r\n0\r\n\r\n" % (len(VERSIONS), VERSIONS),
    ],
)
async def test_any_client_is_understood(camera, request_bytes):
    assert (await raw(camera.control, request_bytes)).endswith(b'{"id":1,"result":[["1.0"]]}')


async def test_a_client_that_asks_before_it_sends_is_told_to_go_on(camera):
    async with await anyio.connect_tcp("127.0.0.1", camera.control) as stream:
        head, content = post(VERSIONS, "Expect: 100-continue").split(b"\r\n\r\n", 1)
        await stream.send(head + b"\r\n\r\n")
        assert (await stream.receive()).startswith(b"HTTP/1.1 100 Continue\r\n")
        await stream.send(content)
        assert (await stream.receive()).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00\x01", b"HELLO\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x" * 70_000]
)
async def test_what_is_no_http_is_hung_up_on_and_the_camera_goes_on(camera, rubbish):
    async with await anyio.connect_tcp("127.0.0.1", camera.control) as stream:
        await stream.send(rubbish)
        with suppress(OSError):  # it may have hung up already
            await stream.send_eof()
        with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await stream.receive()
    assert (await raw(camera.control, post(VERSIONS))).startswith(b"HTTP/1.1 200 OK")


async def test_an_answer_that_comes_before_the_request_is_read_is_not_lost(camera):
    head, content = post(VERSIONS, path="/sony/camera").split(b"\r\n\r\n", 1)
    async with await anyio.connect_tcp("127.0.0.1", camera.control) as stream:
        await stream.send(head + b"\r\n\r\n")
        assert (await stream.receive()).startswith(b"HTTP/1.1 404 Not Found")
        await stream.send(content)
        with pytest.raises(anyio.EndOfStream):  # an orderly end, no reset
            await stream.receive()


async def test_a_request_larger_than_any_is_refused(camera):
    assert (await raw(camera.control, post(b" " * 70_000))).startswith(b"HTTP/1.1 413 ")


async def test_the_description_has_its_own_headers_and_a_misleading_base(camera):
    head, _, page = (await raw(camera.description, get("/scalarwebapi_dd.xml"))).partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    assert status == "HTTP/1.1 200 OK"
    assert [line.partition(": ")[0] for line in headers] == [
        "Accept-Range",
        "Content-Length",
        "Content-Type",
        "Connection",
        "Date",
        "Server",
    ]
    assert f"Content-Length: {len(page)}" in headers
    assert re.fullmatch(r"Date: Thu, 01 Jan 1970 00:00:\d\d GMT", headers[4])
    for fact in (
        "<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>",
        "<friendlyName>DSC-RX100M2</friendlyName>",
        "<manufacturerURL>http://www.sony.com/</manufacturerURL>",
        "<modelDescription>SonyRemoteCamera</modelDescription>",
        "<UDN>uuid:00000000-0005-0010-8000-1c994c",
        f"<av:X_ScalarWebAPI_ActionList_URL>http://127.0.0.1:{camera.control}/sony</av:X_ScalarWebAPI_ActionList_URL>",
    ):
        assert fact.encode() in page
    assert (await raw(camera.description, get("/dd.xml"))).startswith(b"HTTP/1.1 404 Not Found\r\n")


async def test_a_picture_is_declared_in_full(camera):
    answer = (await raw(camera.control, post(SHOOT))).partition(b"\r\n\r\n")[2]
    url = json.loads(answer)["result"][0][0]
    assert url.startswith(f"http://127.0.0.1:{camera.media}/pict")
    path = url[url.index("/pict") :]
    head, _, content = (await raw(camera.media, get(path))).partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        "HTTP/1.1 200 OK",
        "Connection: close",
        f"Content-Length: {len(content)}",
        "Content-Type: image/jpeg",
    ]
    assert content[:3] == b"\xff\xd8\xff"
    assert content[-2:] == b"\xff\xd9"


async def chunks(stream, wanted):
    """Return the head and the first chunks of a chunked reply, exactly as they were cut."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += await stream.receive()
    head, _, rest = received.partition(b"\r\n\r\n")
    found = []
    while len(found) < wanted:
        while b"\r\n" not in rest:
            rest += await stream.receive()
        size, _, rest = rest.partition(b"\r\n")
        while len(rest) < int(size, 16) + 2:
            rest += await stream.receive()
        found.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
        if not found[-1]:
            break
    return head, found


async def everything(stream):
    """Return what still comes until the other side closes."""
    rest = b""
    with anyio.fail_after(5):
        try:
            while True:
                rest += await stream.receive()
        except anyio.EndOfStream:
            return rest


async def test_liveview_comes_in_chunks_of_header_and_payload(camera):
    await raw(camera.control, post(START_LIVEVIEW))
    async with await anyio.connect_tcp("127.0.0.1", camera.media) as stream:
        await stream.send(LIVEVIEW)
        head, found = await chunks(stream, 6)
    assert b"\r\nTransfer-Encoding: chunked" in head
    stamps = []
    for sequence, (header, payload) in enumerate(zip(found[::2], found[1::2], strict=True)):
        assert len(header) == 136
        assert header[:4] == bytes([0xFF, 0x01, 0, sequence])
        stamps.append(int.from_bytes(header[4:8], "big"))
        assert header[8:12] == b"\x24\x35\x68\x79"
        size, padding = int.from_bytes(header[12:15], "big"), header[15]
        assert len(payload) == size + padding
        assert len(payload) % 4 == 0
        assert payload.startswith(b"\xff\xd8")
        assert payload[:size].endswith(b"\xff\xd9")
        assert header[16:] == bytes(120)
    assert stamps[0] < stamps[1] < stamps[2]


@pytest.mark.parametrize("ask_first", [True, False])
async def test_liveview_is_there_until_a_shot_and_has_to_be_started_then(camera, ask_first):
    if ask_first:
        await raw(camera.control, post(START_LIVEVIEW))
    async with await anyio.connect_tcp("127.0.0.1", camera.media) as stream:
        await stream.send(LIVEVIEW)
        await chunks(stream, 2)
        await raw(camera.control, post(SHOOT))
        rest = await everything(stream)
    assert rest.endswith(b"0\r\n\r\n")
    assert (await raw(camera.media, LIVEVIEW)).startswith(b"HTTP/1.1 404 ")


async def test_liveview_breaks_off_when_the_link_goes_down():
    faults = Faults((Fault(kind=FaultKind.LINK_DOWN, begins=0.5),))
    async with served(faults=faults) as ports, await anyio.connect_tcp("127.0.0.1", ports.media) as stream:
        await stream.send(LIVEVIEW)
        assert not (await everything(stream)).endswith(b"0\r\n\r\n")


async def test_a_reader_that_stops_reading_is_hung_up_on(monkeypatch):
    monkeypatch.setattr("dayspool.sim.http1._PATIENCE_SECONDS", 0.2)
    gone = anyio.Event()

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})
        finally:
            gone.set()

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, partial(answer_connection, app=app))
        port = listener.extra(SocketAttribute.local_port)
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(get("/"))
            with anyio.fail_after(10):
                await gone.wait()
        tasks.cancel_scope.cancel()


async def test_a_mistake_of_the_simulator_itself_is_not_hidden_as_a_hang_up():
    async def app(scope, receive, send):
        raise ValueError("a mistake")

    async def play(listener):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, partial(answer_connection, app=app))
            await raw(listener.extra(SocketAttribute.local_port), get("/"))
            await anyio.sleep_forever()

    async with await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0) as listener:
        with pytest.raises(BaseExceptionGroup) as caught, anyio.fail_after(10):
            await play(listener)
    assert caught.group_contains(ValueError, match="a mistake")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_pictures_are_only_for_reading(camera, method):
    await raw(camera.control, post(START_LIVEVIEW))
    request = LIVEVIEW.replace(b"GET", method.encode())
    assert (await raw(camera.media, request)).startswith(b"HTTP/1.1 404 ")


async def test_a_head_has_no_content_and_spends_no_mishap():
    faults = Faults((Fault(kind=FaultKind.PICTURE_TRUNCATED, shot=1),))
    async with served(speed=50, faults=faults) as ports:
        answer = (await raw(ports.control, post(SHOOT))).partition(b"\r\n\r\n")[2]
        path = json.loads(answer)["result"][0][0].partition(str(ports.media))[2]
        head, _, content = (await raw(ports.media, get(path).replace(b"GET", b"HEAD"))).partition(b"\r\n\r\n")
        spoilt = (await raw(ports.media, get(path))).partition(b"\r\n\r\n")[2]
        whole = (await raw(ports.media, get(path))).partition(b"\r\n\r\n")[2]
        await raw(ports.control, post(START_LIVEVIEW))
        live = await raw(ports.media, LIVEVIEW.replace(b"GET", b"HEAD"))
    assert content == b""
    assert f"Content-Length: {len(whole)}".encode() in head
    assert len(spoilt) < len(whole)
    assert live.startswith(b"HTTP/1.1 200 OK")
    assert live.endswith(b"\r\n\r\n")


SURROGATE = rb'{"method":"\ud800","params":[],"id":1,"version":"1.0"}'
ANY = st.sampled_from('a"/\\\n\x00é€\U0001f4f7\ud800\udfff')  # lone surrogates too, which JSON's escapes can write
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(ANY, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(ANY, max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted({method.name for method in RX100M2.methods} - {"receiveEvent", "actTakePicture"}))
CALLS = st.fixed_dictionaries(
    {"method": st.text(ANY, max_size=8) | NAMES, "params": st.lists(JSONISH, max_size=2), "id": st.just(1)}
)
ODD_CALLS = st.fixed_dictionaries(
    {"method": JSONISH | NAMES, "params": JSONISH, "id": JSONISH}, optional={"version": JSONISH | st.just("1.0")}
)
BODIES = st.binary(max_size=300) | (CALLS | ODD_CALLS | JSONISH).map(lambda value: json.dumps(value).encode())


async def test_a_request_of_half_a_character_is_refused(camera):
    assert (await raw(camera.control, post(SURROGATE))).endswith(b'{"error":[5,"Illegal Request"]}')


def test_whatever_is_sent_the_camera_goes_on(anyio_backend_name):
    async def main(bodies):
        async with served(speed=50) as ports:
            for body in bodies:
                await raw(ports.control, post(body))
            answer = await raw(ports.control, post(VERSIONS))
        assert answer.endswith(b'{"id":1,"result":[["1.0"]]}')

    @settings(max_examples=100)
    @given(st.lists(BODIES, min_size=1, max_size=5))
    def check(bodies):
        anyio.run(main, bodies, backend=anyio_backend_name)

    check()


async def test_silence_swallows_what_is_asked_until_it_ends():
    faults = Faults((Fault(kind=FaultKind.SILENT, begins=0, ends=0.6),))
    body = Body(clock=SystemClock(), picture_px=(96, 64), speed=50, faults=faults)
    async with opened(body) as ports:
        async with await anyio.connect_tcp("127.0.0.1", ports.control) as stream:  # the kernel takes the connection
            await stream.send(post(SHOOT))
            assert await everything(stream) == b""
        assert body.time.elapsed_seconds >= 0.6
        assert (await raw(ports.control, post(VERSIONS))).startswith(b"HTTP/1.1 200 OK")
    assert body.exposures == 0


async def test_a_camera_has_one_address():
    with pytest.raises(PlanError, match=r"name one of this machine's"):
        await serve(Body(clock=SystemClock(), picture_px=(96, 64)), host="0.0.0.0", port=0, ssdp=False)


async def test_a_second_reader_of_liveview_drops_the_first(camera):
    await raw(camera.control, post(START_LIVEVIEW))
    async with (
        await anyio.connect_tcp("127.0.0.1", camera.media) as first,
        await anyio.connect_tcp("127.0.0.1", camera.media) as second,
    ):
        await first.send(LIVEVIEW)
        await chunks(first, 2)
        await second.send(LIVEVIEW)
        assert len((await chunks(second, 8))[1]) == 8
        await everything(first)


@pytest.mark.parametrize(
    ("fault", "exposures"),
    [
        (Fault(kind=FaultKind.RESET, shot=1), 0),
        (Fault(kind=FaultKind.ANSWER_LOST, shot=1), 1),
        (Fault(kind=FaultKind.LINK_DOWN, begins=0), 0),
    ],
)
async def test_a_dropped_connection_closes_without_a_byte(fault, exposures):
    body = Body(clock=SystemClock(), picture_px=(96, 64), speed=50, faults=Faults((fault,)))
    async with opened(body) as ports:
        assert await raw(ports.control, post(SHOOT)) == b""
    assert body.exposures == exposures


async def test_a_picture_cut_short_closes_early():
    faults = Faults((Fault(kind=FaultKind.PICTURE_TRUNCATED, shot=1),))
    async with served(speed=50, faults=faults) as ports:
        answer = (await raw(ports.control, post(SHOOT))).partition(b"\r\n\r\n")[2]
        url = json.loads(answer)["result"][0][0]
        head, _, content = (await raw(ports.media, get(url[url.index("/pict") :]))).partition(b"\r\n\r\n")
    declared = int(re.search(rb"Content-Length: (\d+)", head)[1])
    assert 0 < len(content) < declared


async def test_a_ledger_that_cannot_be_written_stops_the_camera_and_says_so():
    with Ledger(Path("/dev/full")) as ledger, pytest.raises(CameraError, match="ledger cannot be written"):
        async with served(speed=50, ledger=ledger) as ports:
            assert await raw(ports.control, post(SHOOT)) == b""


async def test_a_poll_whose_client_hangs_up_frees_the_next(camera):
    poll = post(b'{"method":"receiveEvent","params":[true],"id":1}')
    await raw(camera.control, poll)  # the first one is told everything
    async with await anyio.connect_tcp("127.0.0.1", camera.control) as stream:
        await stream.send(poll)
        while b"40402" not in await raw(camera.control, poll):
            pass  # until the camera has taken the first poll up
    with anyio.fail_after(5):
        while True:
            async with await anyio.connect_tcp("127.0.0.1", camera.control) as stream:
                await stream.send(poll)
                with anyio.move_on_after(0.2):
                    assert b"40402" in await stream.receive()
                    continue
                return  # it waits: nobody polls any more


async def test_a_port_in_use_is_said_and_named(camera):
    body = Body(clock=SystemClock(), picture_px=(96, 64))
    with pytest.raises(CameraError, match=rf"cannot listen on 127.0.0.1 port {camera.control}: another program has it"):
        await serve(body, port=camera.control, ssdp=False)


async def test_an_address_of_somebody_else_is_said():
    body = Body(clock=SystemClock(), picture_px=(96, 64))
    with pytest.raises(CameraError, match="not one of this machine's"):
        await serve(body, host="192.0.2.1", port=0, ssdp=False)


async def test_the_next_free_ports_serve_description_and_pictures():
    with socket.create_server(("127.0.0.1", 0)) as lent:
        start = lent.getsockname()[1]
    body = Body(clock=SystemClock(), picture_px=(96, 64))
    async with opened(body, start) as ports:
        assert start == ports.control < ports.description < ports.media
        assert body.ports == ports
