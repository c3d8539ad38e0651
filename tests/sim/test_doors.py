"""Every generation on real sockets: pages, liveview, searches and ports, as recorded and to the byte where it was."""

import io
import json
import re
import socket
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import anyio
import pytest
from PIL import Image

from dayspool.clock import SystemClock
from dayspool.sim import PROFILES, Body, Fault, FaultKind, Faults, doors, serving
from dayspool.sim.description import description_xml
from dayspool.sim.ssdp import notices, search_replies
from tests.sim.calls import raw

pytestmark = pytest.mark.anyio

CAPTURES = Path(__file__).parents[2].parent / "shared" / "captures"
MAGIC = b"\x24\x35\x68\x79"
SONY = "urn:schemas-sony-com:service:ScalarWebAPI:1"
REMOTE = [name for name, profile in PROFILES.items() if profile.json]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@asynccontextmanager
async def served(model, **character):
    body = Body(clock=SystemClock(), profile=PROFILES[model], picture_px=(96, 64), **character)
    async with serving(body, port=0, ssdp=False) as endpoints:
        yield body, endpoints


def get(path, *extra):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: h", *extra, "", ""]).encode()


def post(path, content, *extra):
    head = [f"POST {path} HTTP/1.1", "Host: h", f"Content-Length: {len(content)}", *extra]
    return "\r\n".join([*head, "", ""]).encode() + content


def split(reply):
    head, _, content = reply.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    return lines[0], [line.partition(": ")[0] for line in lines[1:]], content


async def ask(body, endpoints, method, *params, version="1.0", service="camera"):
    content = json.dumps({"method": method, "params": list(params), "id": 1, "version": version}).encode()
    reply = await raw(endpoints.ports.control, post(f"{body.profile.service_base}/{service}", content))
    return json.loads(split(reply)[2])


async def ready(body, endpoints):
    if body.profile.quirks.needs_rec_mode:
        await ask(body, endpoints, "startRecMode")
    with anyio.fail_after(20):
        while body.status.value != "IDLE":
            await anyio.lowlevel.checkpoint()
            await body.wait_for_change()


async def chunks(port, request, wanted):
    """Return the HTTP chunks of a reply and its head, until `wanted` have come."""
    received = b""
    found = []
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(request)
        while b"\r\n\r\n" not in received:
            received += await stream.receive()
        head, received = received.split(b"\r\n\r\n", 1)
        while len(found) < wanted:
            while b"\r\n" not in received:
                received += await stream.receive()
            size, rest = received.split(b"\r\n", 1)
            while len(rest) < int(size, 16) + 2:
                rest += await stream.receive()
            found.append(rest[: int(size, 16)])
            received = rest[int(size, 16) + 2 :]
    return head, found


# -- which doors there are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(PROFILES))
async def test_every_model_opens_its_own_doors_and_no_others(name):
    profile = PROFILES[name]
    async with served(name) as (body, endpoints):
        assert (endpoints.endpoint is not None) == profile.json
        status, names, page = split(
            await raw(endpoints.ports.description, get("/" + endpoints.location.split("/", 3)[3]))
        )
        assert status == "HTTP/1.1 200 OK"
        assert names[:6] == ["Accept-Range", "Content-Length", "Content-Type", "Connection", "Date", "Server"]
        root = ElementTree.fromstring(page)
        services = [element.text for element in root.iter() if element.tag.endswith("X_ScalarWebAPI_ServiceType")]
        assert services == (list(profile.services) if profile.json else [])
        assert (endpoints.ports.control in doors(body)) == profile.json
        if profile.ptp_only:
            async with await anyio.connect_tcp("127.0.0.1", endpoints.ports.ptp) as stream:
                await stream.send(b"\x08\x00\x00\x00\x01\x00\x00\x00")
                with anyio.move_on_after(0.2) as silence:
                    await stream.receive()
                assert silence.cancelled_caught
        if profile.json and profile.ports.media == profile.ports.control:
            assert endpoints.ports.media == endpoints.ports.control


async def test_a_port_that_is_given_is_the_first_doors_and_the_others_follow():
    with socket.socket() as held:  # bound and never listening: nobody is given the port, and the camera may share it
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        for name in ("qx1", "a6100-send"):
            body = Body(clock=SystemClock(), profile=PROFILES[name])
            async with serving(body, port=port, ssdp=False) as endpoints:
                first = endpoints.ports.control if endpoints.endpoint else endpoints.ports.description
                assert first == port
                assert len({*vars_of(endpoints.ports)}) >= 2


def vars_of(ports):
    return [getattr(ports, name) for name in ("control", "description", "media", "files", "ptp")]


async def test_the_owner_may_rename_a_camera_and_digital_imaging_still_knows_its_model():
    async with served("a6300", name="Grandma's & mine") as (_, endpoints):
        page = ElementTree.fromstring(split(await raw(endpoints.ports.description, get("/scalarwebapi_dd.xml")))[2])
        assert next(e.text for e in page.iter() if e.tag.endswith("friendlyName")) == "Grandma's & mine"
        detail = ElementTree.fromstring(
            split(await raw(endpoints.ports.description, get("/DigitalImagingDesc.xml")))[2]
        )
        facts = {e.tag.rpartition("}")[2]: e.text for e in detail.iter()}
        assert facts["X_ModelName"] == "ILCE-6300"
        assert facts["X_LensModelName"]
        assert re.fullmatch(r"(..:){5}..", facts["X_MacAddress"])


async def test_icons_and_service_pages_are_where_the_description_says():
    async with served("qx10") as (_, endpoints):
        icon = split(await raw(endpoints.ports.description, get("/DLNA_camera_120.png")))[2]
        assert Image.open(io.BytesIO(icon)).size == (120, 120)
        for path in ("/CdsDesc.xml", "/CmsDesc.xml", "/ScalarWebApiDesc.xml"):
            ElementTree.fromstring(split(await raw(endpoints.ports.description, get(path)))[2])
        assert split(await raw(endpoints.ports.description, get("/no.xml")))[0].endswith("404 Not Found")


# -- liveview ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REMOTE)
async def test_liveview_comes_in_the_packets_and_chunks_of_its_generation(name):
    async with served(name, speed=20) as (body, endpoints):
        await ready(body, endpoints)
        url = (await ask(body, endpoints, "startLiveview"))["result"][0]
        assert url == f"http://127.0.0.1:{endpoints.ports.media}{body.profile.liveview_path}"
        split_packets = body.profile.dialect in {"G0", "G1"}
        head, parts = await chunks(endpoints.ports.media, get("/" + url.split("/", 3)[3]), 6 if split_packets else 3)
        assert b"Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked" in head
        packets = [b"".join(parts[at : at + 2]) for at in (0, 2, 4)] if split_packets else parts
        first = 1 if name == "a6300" else 0
        for number, packet in enumerate(packets):
            assert packet[:2] == b"\xff\x01"
            assert struct.unpack(">H", packet[2:4])[0] == first + number
            assert packet[8:12] == MAGIC
            size, padding = int.from_bytes(packet[12:15], "big"), packet[15]
            assert len(packet) == 136 + size + padding
            picture = Image.open(io.BytesIO(packet[136 : 136 + size]))
            assert picture.size == body.viewfinder.px
            if name != "a6300":
                assert packet[136 : 136 + size].endswith(b"\xff\xd9")


async def test_an_a6300_leaves_stale_bytes_behind_its_pictures():
    async with served("a6300", speed=20) as (body, endpoints):
        await ready(body, endpoints)
        await ask(body, endpoints, "startLiveview")
        _, packets = await chunks(endpoints.ports.media, get(body.profile.liveview_path), 25)
        payloads = [packet[136 : 136 + int.from_bytes(packet[12:15], "big")] for packet in packets]
        stale = [len(payload) - payload.rindex(b"\xff\xd9") - 2 for payload in payloads]
        whole = [payload.index(b"\xff\xd9") + 2 < len(payload) for payload in payloads]
        assert any(whole), stale


async def test_focus_frames_come_when_asked_for_and_sizes_follow():
    async with served("a5000", speed=20) as (body, endpoints):
        await ready(body, endpoints)
        assert (await ask(body, endpoints, "setLiveviewFrameInfo", {"frameInfo": True}))["result"] == []
        await ask(body, endpoints, "startLiveviewWithSize", "L")
        _, packets = await chunks(endpoints.ports.media, get(body.profile.liveview_path), 4)
        assert [packet[1] for packet in packets] == [2, 1, 2, 1]
        info = packets[0]
        assert struct.unpack(">HHH", info[16:22]) == (0x0100, 1, 16)
        x1, y1, x2, y2, category, status = struct.unpack(">HHHHBB", info[136:146])
        assert 0 <= x1 < x2 <= 10_000
        assert 0 <= y1 < y2 <= 10_000
        assert category in {1, 2, 4, 5}
        assert status in {1, 2, 3, 4}
        size = int.from_bytes(packets[1][12:15], "big")
        assert Image.open(io.BytesIO(packets[1][136 : 136 + size])).size == body.profile.liveview_sizes["L"]


async def test_a_second_reader_of_liveview_drops_the_first():
    async with served("a6000", speed=20) as (body, endpoints):
        await ready(body, endpoints)
        await ask(body, endpoints, "startLiveview")
        async with await anyio.connect_tcp("127.0.0.1", endpoints.ports.media) as first:
            await first.send(get(body.profile.liveview_path))
            await first.receive()
            await chunks(endpoints.ports.media, get(body.profile.liveview_path), 2)
            with anyio.fail_after(10):
                await until_it_ends(first)


async def until_it_ends(stream):
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while True:
            await stream.receive()


# -- searches ---------------------------------------------------------------------------------------------------------


def replies(name, target, location="http://h/"):
    body_udn = PROFILES[name].udn_form.format(mac="aabbccddeeff", MAC="AABBCCDDEEFF")
    return search_replies(target, profile=PROFILES[name], udn=body_udn, location=location)


async def test_each_model_answers_searches_in_its_own_spelling():
    assert len(replies("a6300", SONY)) == 3
    assert len(replies("a6000", SONY)) == 1
    assert b"\r\nEXT: \r\n" in replies("a6000", SONY)[0]
    assert b"\r\nEXT:\r\n" in replies("qx1", SONY)[0]
    action = replies("as30v", SONY)[0].decode().split("\r\n")
    assert [line.partition(":")[0] for line in action[1:-2]] == [
        "CACHE-CONTROL",
        "EXT",
        "LOCATION",
        "SERVER",
        "ST",
        "USN",
        "X-AV-Physical-Unit-Info",
        "X-AV-Server-Info",
    ]


@pytest.mark.parametrize("name", list(PROFILES))
async def test_targets_fit_the_mode(name):
    profile = PROFILES[name]
    assert bool(replies(name, SONY)) == profile.json
    directory = "urn:schemas-upnp-org:service:ContentDirectory:1"
    if profile.send_mode:
        assert len(replies(name, directory)) == 1
    everything = replies(name, "ssdp:all")
    assert len(everything) >= 3
    usns = [re.search(rb"USN: (.*)\r", reply)[1].decode() for reply in everything]
    assert all(usn.startswith("uuid:") for usn in usns)


async def test_a_notice_is_as_recorded():
    profile = PROFILES["a6300"]
    sent = notices(
        profile=profile,
        udn="uuid:000000001000-1010-8000-9AF17038CF7C",
        location="http://192.168.122.1:61000/scalarwebapi_dd.xml",
    )
    imaging = next(notice for notice in sent if b"DigitalImaging" in notice)
    assert imaging == (
        b"NOTIFY * HTTP/1.1\r\n"
        b"HOST: 239.255.255.250:1900\r\n"
        b"CACHE-CONTROL: max-age=1800\r\n"
        b"LOCATION: http://192.168.122.1:61000/scalarwebapi_dd.xml\r\n"
        b"NT: urn:schemas-sony-com:service:DigitalImaging:1\r\n"
        b"NTS: ssdp:alive\r\n"
        b"SERVER: UPnP/1.0 MINT-X/1.8.1\r\n"
        b"USN: uuid:000000001000-1010-8000-9AF17038CF7C::urn:schemas-sony-com:service:DigitalImaging:1\r\n\r\n"
    )


# -- against what was recorded ----------------------------------------------------------------------------------------


def captured(path):
    if not CAPTURES.parent.exists():
        pytest.skip("../shared is not here")
    return (CAPTURES / path).read_bytes()


def shape(page):
    """Return every element of a page by name and text, without white space."""
    return [(element.tag, (element.text or "").strip()) for element in ElementTree.fromstring(page).iter()]


@pytest.mark.parametrize(
    ("name", "path", "ports"),
    [
        ("hx400v", "DSC-HX400V/dd.xml", {}),
        ("a6300", "ILCE-6300/scalarwebapi_dd.xml", {}),
        ("a6000", "ILCE-6000/scalarwebapi_dd.old-firmware.tutorial.xml", {}),
        ("qx10", "DSC-QX100/DmsRmtDesc.xml", {}),
    ],
)
async def test_descriptions_are_those_that_were_recorded(name, path, ports):
    recorded = captured(path)
    udn = re.search(rb"<UDN>(.*)</UDN>", recorded)[1].decode()
    model = re.search(rb"<friendlyName>(.*)</friendlyName>", recorded)[1].decode()
    profile = PROFILES[name]
    ours = description_xml(profile, udn=udn, host=profile.address, ports=replace(profile.ports, **ports), name=model)
    assert shape(ours) == shape(recorded)
    assert re.sub(rb"\s+", b" ", ours).strip() == re.sub(rb"\s+", b" ", recorded).strip()


@pytest.mark.parametrize(
    ("name", "path"), [("a6000", "ILCE-6000/ssdp-response.tutorial.txt"), ("qx1", "ILCE-QX1/ssdp-response.txt")]
)
async def test_search_replies_are_those_that_were_recorded(name, path):
    recorded = captured(path)
    lines = [line.rstrip(b"\r") for line in recorded.split(b"\n")]
    location = next(line for line in lines if line.startswith(b"LOCATION: ")).partition(b": ")[2].decode()
    udn = next(line for line in lines if line.startswith(b"USN: ")).partition(b": ")[2].decode().partition("::")[0]
    (ours,) = search_replies(SONY, profile=PROFILES[name], udn=udn, location=location)
    assert [line for line in ours.split(b"\r\n") if line] == [line for line in lines if line]


async def test_the_services_of_a_qx1_are_those_that_were_recorded():
    recorded = json.loads(captured("ILCE-QX1/dd-scalarwebapi-services.json"))
    assert list(PROFILES["qx1"].services) == [row["av:X_ScalarWebAPI_ServiceType"] for row in recorded]
    listed = json.loads(captured("ILCE-QX1/dd-serviceList.json"))
    page = description_xml(PROFILES["qx1"], udn="uuid:x", host="192.168.122.1", ports=PROFILES["qx1"].ports)
    types = [text for tag, text in shape(page) if tag.endswith("serviceType")]
    assert types == [row["serviceType"] for row in listed]


# -- searches that are spoilt -----------------------------------------------------------------------------------------


async def heard(body, target=SONY, seconds=1.0):
    """Search a served camera on its own address and return what comes within a while."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as searching:
        searching.setblocking(False)
        searching.bind(("127.0.0.1", 0))
        searching.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        lines = ["M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", 'MAN: "ssdp:discover"', "MX: 1", f"ST: {target}"]
        searching.sendto("\r\n".join([*lines, "", ""]).encode(), ("239.255.255.250", 1900))
        with anyio.move_on_after(seconds):
            while True:
                await anyio.wait_readable(searching)
                reply = searching.recv(2048)
                if body.udn.encode() in reply:
                    found.append(reply)
    return found


@pytest.mark.parametrize(
    ("fault", "seconds", "count"),
    [
        (Fault(kind=FaultKind.NO_SSDP), 0.5, 0),
        (Fault(kind=FaultKind.SSDP_DUPLICATED), 0.5, 3),
        (Fault(kind=FaultKind.SSDP_DUPLICATED, times=5), 0.5, 5),
        (Fault(kind=FaultKind.SSDP_DELAYED, seconds=30), 0.5, 0),
        (Fault(kind=FaultKind.SSDP_DELAYED, seconds=0.2), 1.0, 1),
    ],
)
async def test_searches_go_wrong_by_script(fault, seconds, count):
    body = Body(clock=SystemClock(), profile=PROFILES["qx1"], seed=0xABD100 + count, faults=Faults((fault,)))
    async with serving(body, port=0):
        assert len(await heard(body, seconds=seconds)) == count
