"""Searches: read however they are written, answered as recorded, and heard on a real network interface."""

import socket
import struct
from contextlib import asynccontextmanager

import anyio
import pytest

from dayspool.clock import SystemClock
from dayspool.sim import RX100M2, Body, Fault, FaultKind, Faults, serving
from dayspool.sim.ssdp import Hearing, read_search, respond, search_replies

pytestmark = pytest.mark.anyio

UDN = "uuid:00000000-0005-0010-8000-1c994c00002a"
SONY = "urn:schemas-sony-com:service:ScalarWebAPI:1"
GROUP = ("239.255.255.250", 1900)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


def search(target=SONY, man='"ssdp:discover"', end="\r\n"):
    lines = ["M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", f"MAN: {man}", "MX: 1", f"ST: {target}", "", ""]
    return end.join(lines).encode()


@pytest.mark.parametrize(
    "datagram",
    [
        search(),
        search(man="ssdp:discover"),
        search(end="\n"),
        search().replace(b"MAN", b"Man").replace(b"ST: ", b"st:").replace(b"MX", b"mx"),
        search().replace(b"ST: ", b"ST  :   ").replace(b"MAN:", b" man :"),
    ],
)
async def test_a_search_is_read_however_it_is_written(datagram):
    assert read_search(datagram) == SONY


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\xff\xfe\x00",
        b"NOTIFY * HTTP/1.1\r\nST: ssdp:all\r\n\r\n",
        search(man='"ssdp:byebye"'),
        b"M-SEARCH * HTTP/1.1\r\n\r\n",
        search().replace(b"ST:", b"XT:"),
        search() + b"x" * 5000,
    ],
)
async def test_anything_else_is_no_search(datagram):
    assert read_search(datagram) is None


async def test_a_reply_is_as_recorded():
    (reply,) = search_replies(SONY, profile=RX100M2, udn=UDN, location="http://10.0.0.1:1900/scalarwebapi_dd.xml")
    assert reply == (
        b"HTTP/1.1 200 OK\r\n"
        b"CACHE-CONTROL: max-age=1800\r\n"
        b"EXT:\r\n"
        b"LOCATION: http://10.0.0.1:1900/scalarwebapi_dd.xml\r\n"
        b"SERVER: UPnP/1.0 SonyImagingDevice/1.0\r\n"
        b"ST: urn:schemas-sony-com:service:ScalarWebAPI:1\r\n"
        b"USN: uuid:00000000-0005-0010-8000-1c994c00002a::urn:schemas-sony-com:service:ScalarWebAPI:1\r\n"
        b"\r\n"
    )


@pytest.mark.parametrize(
    ("target", "usns"),
    [
        ("upnp:rootdevice", [f"{UDN}::upnp:rootdevice"]),
        (UDN, [UDN]),
        ("urn:schemas-upnp-org:device:Basic:1", [f"{UDN}::urn:schemas-upnp-org:device:Basic:1"]),
        (SONY, [f"{UDN}::{SONY}"]),
        ("urn:schemas-sony-com:service:DigitalImaging:1", []),
        ("urn:dial-multiscreen-org:service:dial:1", []),
        ("uuid:00000000-0005-0010-8000-000000000000", []),
    ],
)
async def test_each_target_has_its_own_reply(target, usns):
    replies = search_replies(target, profile=RX100M2, udn=UDN, location="http://h/")
    assert [reply.split(b"USN: ")[1].strip().decode() for reply in replies] == usns


async def test_a_search_for_everything_gets_everything():
    replies = search_replies("ssdp:all", profile=RX100M2, udn=UDN, location="http://h/")
    assert len(replies) == len(set(replies)) == 4


class Searcher:
    """A UDP socket that searches on the loopback interface and takes only the replies of one camera."""

    def __init__(self, udn):
        self.udn = udn.encode()
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        self.raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 2))
        self.raw.setblocking(False)
        self.raw.bind(("127.0.0.1", 0))

    async def replies(self, datagram, wanted, to=GROUP):
        """Return the first `wanted` replies of our camera; other cameras on this machine may answer, too."""
        found = []
        self.raw.sendto(datagram, to)
        with anyio.fail_after(10), self.raw:
            while len(found) < wanted:
                await anyio.wait_readable(self.raw)
                reply, sender = self.raw.recvfrom(2048)
                assert sender[0] == "127.0.0.1"
                if self.udn in reply:
                    found.append(reply)
        return found


@asynccontextmanager
async def served(**character):
    body = Body(clock=SystemClock(), picture_px=(48, 32), **character)
    async with serving(body, port=0) as endpoints:
        assert endpoints.hearing.multicast, endpoints.hearing.problems
        yield body, endpoints


async def test_it_is_found_by_multicast_over_loopback():
    async with served(seed=0xABC123) as (body, endpoints):
        (reply,) = await Searcher(body.udn).replies(search(), 1)
        assert f"\r\nLOCATION: {endpoints.location}\r\n".encode() in reply
        assert len(await Searcher(body.udn).replies(search("ssdp:all"), 4)) == 4


async def test_two_cameras_share_the_port_and_are_told_apart():
    async with served(seed=0xABC201) as (first, here), served(seed=0xABC202) as (second, there):
        (one,) = await Searcher(first.udn).replies(search(), 1)
        (other,) = await Searcher(second.udn).replies(search(), 1)
        assert here.location.encode() in one
        assert there.location.encode() in other


async def test_a_search_sent_straight_to_it_is_answered():
    async with served() as (_, endpoints):
        assert endpoints.hearing.unicast
        (reply,) = await Searcher("").replies(search(), 1, to=("127.0.0.1", 1900))
    assert b"LOCATION: http://127.0.0.1:" in reply


@pytest.mark.parametrize(
    ("fault", "location"),
    [
        (Fault(kind=FaultKind.WRONG_LOCATION), b"http://127.0.0.1:9/scalarwebapi_dd.xml"),
        (Fault(kind=FaultKind.WRONG_LOCATION, location="http://10.9.9.9:1/dd.xml"), b"http://10.9.9.9:1/dd.xml"),
    ],
)
async def test_the_location_may_be_wrong(fault, location):
    async with served(seed=0xABC400, faults=Faults((fault,))) as (body, _):
        (reply,) = await Searcher(body.udn).replies(search(), 1)
    assert b"\r\nLOCATION: " + location + b"\r\n" in reply


async def test_a_port_that_is_not_shared_is_said_and_the_camera_goes_on(anyio_backend_name):
    host = {"asyncio": "127.0.0.77", "trio": "127.0.0.78"}[anyio_backend_name]  # loopback, too, and nobody else's
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as selfish:
        selfish.bind((host, 1900))
        body = Body(clock=SystemClock(), picture_px=(48, 32))
        async with serving(body, host=host, port=0) as endpoints:
            assert endpoints.hearing == Hearing(
                multicast=True,
                unicast=False,
                problems=(
                    f"searches sent straight to it are not heard on {host}, UDP port 1900: Address already in use",
                ),
            )


async def test_without_multicast_it_says_so_and_goes_on():
    async with anyio.create_task_group() as tasks:
        body = Body(clock=SystemClock(), picture_px=(48, 32))
        hearing = await tasks.start(respond, body, "192.0.2.1")  # no interface of ours: nothing can be joined there
        assert (hearing.multicast, hearing.unicast) == (False, False)
        assert hearing.problems[0].startswith("searches by multicast are not heard on 192.0.2.1, UDP port 1900: ")
        tasks.cancel_scope.cancel()


async def test_without_ssdp_nothing_listens_for_searches():
    body = Body(clock=SystemClock(), picture_px=(48, 32), seed=0xABC500)
    async with serving(body, port=0, ssdp=False) as endpoints:
        assert endpoints.hearing == Hearing(multicast=False, unicast=False)
        with anyio.move_on_after(0.3):
            pytest.fail(f"it answered: {await Searcher(body.udn).replies(search(), 1)}")
