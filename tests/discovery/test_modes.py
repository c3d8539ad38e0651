"""Cameras that answer in another mode or under another name, and who is told of instead."""

from __future__ import annotations

import anyio
import pytest

from dayspool.discovery import Attempt, Found, FoundBy, Neighbour, Outcome, explain_nothing, find, others
from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface
from dayspool.discovery.known import KnownHost
from dayspool.errors import ToolFailed
from tests.discovery.builders import CONTENT, IMAGING, PUSH, REMOTE, description, imaging_details
from tests.discovery.network import LOOPBACK, FakeAccess, answering, silence, ssdp_reply, surroundings

pytestmark = pytest.mark.anyio

HOST = "127.0.0.1"
CAMERA = f"http://{HOST}:8080/sony/camera"
LOCATION = f"http://{HOST}:61000/scalarwebapi_dd.xml"
DETAILS = f"http://{HOST}:61000/DigitalImagingDesc.xml"
SERVICES = {"camera": "http://192.168.122.1:8080/sony"}
RENAMED = description(name="6000", upnp=(REMOTE, IMAGING), services=SERVICES, details="/DigitalImagingDesc.xml")
COMPUTER = "urn:microsoft-com:service:MtpNullService:1"
CAMERA_MAC, PRINTER_MAC = "de:ef:ca:66:08:e7", "00:11:22:33:44:55"


async def look(
    access: FakeAccess, answer=silence, *, seconds: float = 10.0, **options
) -> tuple[list[Found], list[Attempt], float]:
    """Search everything; return also how long it took."""
    attempts: list[Attempt] = []
    places = options.pop("places", {})
    async with answering(answer) as answerer:
        began = anyio.current_time()
        found = await find(
            access=access,
            seconds=seconds,
            on_attempt=attempts.append,
            surroundings=surroundings(answerer.port, **places),
            **options,
        )
        return found, attempts, anyio.current_time() - began


def hosts(*names: str) -> dict[str, object]:
    return {"interfaces": (), "hosts": tuple(KnownHost(host=name, source="this test") for name in names)}


# --- the name


@pytest.mark.parametrize(
    ("page", "model"),
    [
        (imaging_details("ILCE-6000"), "ILCE-6000"),
        (imaging_details(""), "6000"),
        (b"<html/>", "6000"),
        (b"rubbish", "6000"),
        (bytes(300_000), "6000"),
        (None, "6000"),
    ],
)
async def test_a_renamed_camera_keeps_its_model(page, model):
    files = {LOCATION: RENAMED} | ({DETAILS: page} if page is not None else {})
    found, _, _ = await look(FakeAccess(files=files, cameras={CAMERA: None}), places=hosts(HOST))
    assert [(each.model, each.endpoint) for each in found] == [(model, CAMERA)]


async def test_details_that_hang_do_not_cost_the_camera():
    access = FakeAccess(files={LOCATION: RENAMED}, cameras={CAMERA: None}, hanging=frozenset({DETAILS}))
    found, _, _ = await look(access, places=hosts(HOST), seconds=0.6)
    assert [each.model for each in found] == ["6000"]


async def test_details_lead_to_no_other_host():
    page = description(
        upnp=(REMOTE, IMAGING), services=SERVICES, details="http://203.0.113.7:61000/DigitalImagingDesc.xml"
    )
    access = FakeAccess(files={LOCATION: page, DETAILS: imaging_details("ILCE-6000")}, cameras={CAMERA: None})
    found, _, _ = await look(access, places=hosts(HOST))
    assert [each.model for each in found] == ["ILCE-6000"]
    assert not any("203.0.113.7" in url for url in access.asked)


async def test_the_path_that_worked_is_tried_first_on_the_next_host():
    page = description(services={"camera": "http://10.0.0.1:4711/sony"})
    files = {f"http://127.0.0.{number}:64321/dd.xml": page for number in (1, 2)}
    access = FakeAccess(files=files, cameras={f"http://127.0.0.{number}:4711/camera": None for number in (1, 2)})
    places = hosts("127.0.0.1") | {"neighbours": (Neighbour(host="127.0.0.2", mac=CAMERA_MAC),)}
    found, _, _ = await look(access, places=places)
    assert len(found) == 1  # one camera, two hosts
    assert access.asked.count("http://127.0.0.2:4711/sony/camera") <= 1


# --- other modes


def told(attempts: list[Attempt]) -> list[tuple[Outcome, str | None, str]]:
    return [(other.kind, other.model, other.sentence) for other in others(attempts)]


@pytest.mark.parametrize(
    ("target", "upnp", "kind", "words"),
    [
        (CONTENT, (CONTENT, PUSH), Outcome.SEND_MODE, '"Send to Smartphone": leave that with MENU'),
        (IMAGING, (IMAGING,), Outcome.NO_REMOTE, "offers no remote control of this kind"),
        (COMPUTER, (COMPUTER,), Outcome.COMPUTER_MODE, '"Send to Computer": cancel that'),
    ],
)
async def test_a_camera_that_answers_only_a_search_for_everything_is_told_of(target, upnp, kind, words):
    def answer(request):
        if b"ssdp:all" in request:
            yield (
                HOST,
                ssdp_reply(f"http://{HOST}:5000/dd.xml", target=target, server="UPnP/1.0 SonyImagingDevice/1.0"),
            )

    page = description(name="ILCE-6100", upnp=upnp)
    found, attempts, seconds = await look(FakeAccess(files={f"http://{HOST}:5000/dd.xml": page}), answer)
    assert found == []
    ((told_kind, model, sentence),) = told(attempts)
    assert told_kind is kind
    assert words in sentence
    assert model in ("ILCE-6100", None)
    assert 2.5 <= seconds < 5  # everybody had the time to answer, and nobody is waited for any longer
    assert explain_nothing(attempts) == (sentence,)


async def test_who_listens_for_ptp_alone_is_told_of_with_its_model():
    page = description(name="7C", upnp=(IMAGING,), details="/DigitalImagingDesc.xml")
    files = {
        f"http://{HOST}:64321/dd.xml": page,
        f"http://{HOST}:64321/DigitalImagingDesc.xml": imaging_details("ILCE-7C"),
    }
    access = FakeAccess(files=files, open_ports=frozenset({(HOST, 15740)}))
    _, attempts, _ = await look(access, places=hosts(HOST))
    ((kind, model, sentence),) = told(attempts)
    assert (kind, model) == (Outcome.PTP_ONLY, "ILCE-7C")
    assert sentence.startswith(f"The ILCE-7C at {HOST} answers by PTP/IP only")


async def test_an_open_ptp_port_beside_a_camera_is_no_news():
    access = FakeAccess(files={LOCATION: RENAMED}, cameras={CAMERA: None}, open_ports=frozenset({(HOST, 15740)}))
    found, attempts, _ = await look(access, places=hosts(HOST))
    assert len(found) == 1
    assert told(attempts) == []


@pytest.mark.parametrize("function", ["Contents Transfer", "Remote Shooting"])
async def test_a_camera_set_to_handing_out_pictures_is_listed_and_told_of(function):
    page = description(name="ILCE-6300", upnp=(REMOTE, CONTENT), services=SERVICES)
    access = FakeAccess(files={LOCATION: page}, cameras={CAMERA: None}, functions={CAMERA: function})
    found, attempts, _ = await look(access, places=hosts(HOST))
    assert [each.model for each in found] == ["ILCE-6300"]
    assert [kind for kind, _, _ in told(attempts)] == ([Outcome.TRANSFER] if function == "Contents Transfer" else [])


# --- others on the network


async def test_devices_of_other_kinds_are_not_followed():
    def answer(_request):
        for number in range(20):
            target = f"urn:schemas-upnp-org:service:Printer:{number}"
            yield ("127.0.0.9", ssdp_reply("http://127.0.0.9:80/d.xml", usn=f"uuid:{number}", target=target))
        yield ("127.0.0.9", ssdp_reply("http://127.0.0.9:61000/scalarwebapi_dd.xml", usn="uuid:c"))

    camera = "http://127.0.0.9:8080/sony/camera"
    access = FakeAccess(files={"http://127.0.0.9:61000/scalarwebapi_dd.xml": RENAMED}, cameras={camera: None})
    found, _, _ = await look(access, answer)
    assert [each.endpoint for each in found] == [camera]
    assert not any(":80/" in url for url in access.asked)


async def test_likely_neighbours_are_asked_everything_and_the_others_for_a_camera_only():
    met = (
        Neighbour(host="127.0.0.2", mac=PRINTER_MAC, interface="lo"),
        Neighbour(host="127.0.0.3", mac=CAMERA_MAC, interface="lo"),
        Neighbour(host="127.0.0.4", mac=PRINTER_MAC, interface="lo"),
    )
    cameras = {"http://127.0.0.3:10000/sony/camera": None, "http://127.0.0.4:8080/sony/camera": None}
    access = FakeAccess(cameras=cameras)
    found, _, _ = await look(access, places=hosts() | {"neighbours": met})
    assert {each.endpoint: each.found_by for each in found} == dict.fromkeys(cameras, FoundBy.NEIGHBOUR)
    assert sorted(url for url in access.asked if "127.0.0.2" in url) == [
        "http://127.0.0.2:10000/camera",
        "http://127.0.0.2:8080/sony/camera",
    ]
    assert "http://127.0.0.3:61000/scalarwebapi_dd.xml" in access.asked


async def test_a_neighbour_that_is_no_camera_is_no_news():
    met = (Neighbour(host="127.0.0.2", mac=PRINTER_MAC),)
    access = FakeAccess(cameras={"http://127.0.0.2:8080/x": None})  # something answers there, and refuses
    found, attempts, _ = await look(access, places=hosts() | {"neighbours": met})
    assert found == []
    assert explain_nothing(attempts)[0].startswith("No camera answered")


async def test_neighbours_that_a_router_knows_are_asked():
    async def router():
        return (Neighbour(host="127.0.0.5", mac=CAMERA_MAC), Neighbour(host="127.0.0.6", mac=PRINTER_MAC))

    cameras = {f"http://127.0.0.{number}:10000/camera": None for number in (5, 6)}
    found, _, _ = await look(FakeAccess(cameras=cameras), places=hosts(), router=router)
    assert {each.endpoint: each.found_by for each in found} == dict.fromkeys(cameras, FoundBy.SNMP)


async def test_a_router_that_fails_does_not_end_the_search():
    async def router():
        raise ToolFailed("the router at 10.9.8.7 does not answer SNMP", argv=(), status=None)

    access = FakeAccess(cameras={CAMERA: None})
    found, attempts, _ = await look(access, places=hosts(HOST), router=router)
    assert len(found) == 1
    assert "the router at 10.9.8.7 does not answer SNMP." in explain_nothing(attempts)


# --- when it ends, and where it leaves


async def test_a_found_camera_is_not_held_up_by_silent_hosts():
    access = FakeAccess(files={LOCATION: RENAMED}, cameras={CAMERA: None}, dead=frozenset({"127.0.0.7"}))
    places = hosts("127.0.0.7") | {"interfaces": (LOOPBACK,)}
    found, _, seconds = await look(access, lambda _: [(HOST, ssdp_reply(LOCATION))], places=places)
    assert len(found) == 1
    assert 1.1 <= seconds < 2.4


async def test_a_slow_camera_at_a_known_address_is_listed_beside_a_quick_one(monkeypatch):
    slow = "http://127.0.0.7:10000/camera"

    class Slowly(FakeAccess):
        async def verify(self, endpoint, *, source):
            if endpoint == slow:
                await anyio.sleep(1.5)
            return await super().verify(endpoint, source=source)

    access = Slowly(files={LOCATION: RENAMED}, cameras={CAMERA: None, slow: None})
    places = hosts("127.0.0.7") | {"interfaces": (LOOPBACK,)}
    found, _, _ = await look(access, lambda _: [(HOST, ssdp_reply(LOCATION))], places=places)
    assert {each.endpoint for each in found} == {CAMERA, slow}


async def test_questions_leave_by_the_interface_that_was_asked_for_or_that_answered():
    far = Interface(name="wlan0", address="127.0.0.9", prefix_length=24)
    access = FakeAccess(files={LOCATION: RENAMED}, cameras={CAMERA: None})
    found, _, _ = await look(
        access, places=hosts(HOST) | {"interfaces": (far,)}, interface="wlan0", seconds=0.5, first=True
    )
    assert [each.source for each in found] == ["127.0.0.9%wlan0"]
    assert set(access.sources.values()) == {"127.0.0.9%wlan0"}

    access = FakeAccess(files={LOCATION: RENAMED}, cameras={CAMERA: None})
    found, _, _ = await look(access, lambda _: [(HOST, ssdp_reply(LOCATION))], places={"interfaces": (LOOPBACK,)})
    assert [each.source for each in found] == [None]  # this machine's own address: by loopback, as the system does it

    elsewhere = Interface(name="lo", address="127.0.0.8", prefix_length=8)
    access = FakeAccess(files={LOCATION: RENAMED}, cameras={CAMERA: None})
    found, _, _ = await look(access, lambda _: [(HOST, ssdp_reply(LOCATION))], places={"interfaces": (elsewhere,)})
    assert [each.source for each in found] == ["127.0.0.8%lo"]


def test_a_source_names_address_and_interface():
    assert LOOPBACK.source == "127.0.0.1%lo"
    assert Interface(name="10.0.0.5", address="10.0.0.5", prefix_length=24).source == "10.0.0.5"
    assert DEFAULT_INTERFACE.source is None


async def test_only_wanted_cameras_end_a_search_for_the_first():
    cameras = {f"http://127.0.0.{number}:10000/camera": None for number in (2, 3)}
    found, _, _ = await look(
        FakeAccess(cameras=cameras),
        places=hosts("127.0.0.2", "127.0.0.3"),
        first=True,
        wanted=lambda each: "127.0.0.3" in each.endpoint,
    )
    assert [each.endpoint for each in found] == ["http://127.0.0.3:10000/camera"]
