"""Finding cameras by every way, over loopback multicast and hosts that exist in the test only."""

from __future__ import annotations

from importlib import import_module

import anyio
import pytest

from dayspool.core.camera import Dialect
from dayspool.discovery import (
    Attempt,
    Found,
    FoundBy,
    Neighbour,
    Outcome,
    Surroundings,
    explain_nothing,
    find,
    ledger,
    others,
    probe,
)
from dayspool.discovery.interfaces import Interface
from dayspool.discovery.known import Gateway, KnownHost
from dayspool.discovery.surroundings import Place
from dayspool.errors import CameraBusy, CameraConfused, CameraRefused, PlanError
from tests.discovery.builders import CONTENT, IMAGING, PUSH, REMOTE, UDN, description
from tests.discovery.network import LOOPBACK, FakeAccess, answering, silence, ssdp_reply, surroundings

pytestmark = pytest.mark.anyio

HOST = "127.0.0.1"
CAMERA = f"http://{HOST}:10000/camera"
LOCATION = f"http://{HOST}:1900/scalarwebapi_dd.xml"
LEGACY = description(kind="SonyRemoteCamera", services={"camera": "http://10.0.0.1:10000/sony"})
USN = f"uuid:1::{REMOTE}"


@pytest.fixture(autouse=True)
def nameless_cameras_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(probe, "_NAMING_SECONDS", 0.1)


def saying(location: str, *hosts: str):
    return lambda _request: [(host, ssdp_reply(location)) for host in hosts or (HOST,)]


async def find_one(access, answer=silence, *, seconds=20.0, **options) -> tuple[list[Found], list[Attempt]]:
    """Find the first camera, within a time that only a fault uses up."""
    attempts: list[Attempt] = []
    places = options.pop("places", {})
    async with answering(answer) as answerer:
        began = anyio.current_time()
        found = await find(
            access=access,
            seconds=seconds,
            first=options.pop("first", True),
            on_attempt=attempts.append,
            surroundings=surroundings(answerer.port, **places),
            **options,
        )
        assert anyio.current_time() - began < 15
    return found, attempts


def known(*hosts: str) -> dict[str, object]:
    """Know these hosts and have no interface to search, so that all is over when they have been asked."""
    return {"interfaces": (), "hosts": tuple(KnownHost(host=host, source="this test") for host in hosts)}


# --- SSDP


@pytest.mark.parametrize("told", [LOCATION, "http://203.0.113.7:1900/scalarwebapi_dd.xml"])
async def test_ssdp_leads_to_the_camera_on_the_host_that_answered(told):
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: None})
    found, _ = await find_one(access, saying(told))
    assert found == [
        Found(
            model="DSC-RX100M2",
            endpoint=CAMERA,
            dialect=Dialect.LEGACY,
            found_by=FoundBy.SSDP,
            location=LOCATION,
            usn=USN,
            udn=UDN,
        )
    ]
    assert all(url.startswith(f"http://{HOST}:") for url in access.asked)


async def test_a_404_at_the_advertised_path_leads_to_the_one_beside_it():
    plain = description(services={"camera": "http://10.0.0.1:10000/sony"})
    access = FakeAccess(files={LOCATION: plain}, cameras={CAMERA: None})
    found, _ = await find_one(access, saying(LOCATION))
    assert [each.endpoint for each in found] == [CAMERA]
    assert access.asked == [LOCATION, f"http://{HOST}:10000/sony/camera", CAMERA]


@pytest.mark.parametrize(
    "location", [f"http://{HOST}:1/gone.xml", "https://10.0.0.1/dd.xml", "nonsense", "http://203.0.113.7:1/gone.xml"]
)
@pytest.mark.parametrize(
    ("files", "camera", "dialect", "model"),
    [
        ({LOCATION: LEGACY}, "10000/camera", Dialect.LEGACY, "DSC-RX100M2"),
        (
            {
                f"http://{HOST}:61000/scalarwebapi_dd.xml": description(
                    name="6000", services={"camera": "http://192.168.122.1:8080/sony"}
                )
            },
            "8080/sony/camera",
            Dialect.APP,
            "6000",
        ),
        ({}, "10000/sony/camera", Dialect.BUILTIN_1, None),
    ],
    ids=["its-own-description", "another-known-description", "no-description"],
)
async def test_a_dead_location_leads_to_what_is_known_of_cameras(location, files, camera, dialect, model):
    access = FakeAccess(files=files, cameras={f"http://{HOST}:{camera}": None})
    found, _ = await find_one(access, saying(location))
    assert [(each.endpoint, each.dialect, each.model) for each in found] == [
        (f"http://{HOST}:{camera}", dialect, model)
    ]
    assert [each.found_by for each in found] == [FoundBy.SSDP]
    assert all(url.startswith(f"http://{HOST}:") for url in access.asked)


@pytest.mark.parametrize("page", [b"<html/>", bytes(10_000_000), b"<!DOCTYPE x><x/>", CameraRefused("HTTP 500")])
async def test_rubbish_as_description_does_not_hide_the_camera(page):
    access = FakeAccess(files={LOCATION: page}, cameras={CAMERA: None})
    found, attempts = await find_one(access, saying(LOCATION))
    assert [each.endpoint for each in found] == [CAMERA]
    assert attempts[0].outcome is Outcome.NOT_A_CAMERA


async def test_a_camera_that_says_not_now_is_a_camera():
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: CameraBusy("Not Available Now", code=1)})
    found, _ = await find_one(access, saying(LOCATION))
    assert [each.endpoint for each in found] == [CAMERA]


async def test_an_answer_from_another_network_is_not_followed(monkeypatch):
    # All of loopback is one network: the judgement (tested by itself) is replaced.
    monkeypatch.setattr(import_module("dayspool.discovery.find"), "is_near", lambda _host, _interface: False)
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: None})
    found, attempts = await find_one(access, saying(LOCATION), seconds=0.3)
    assert (found, access.asked) == ([], [])
    assert {row.outcome for row in attempts} == {Outcome.SKIPPED}


# --- known addresses, gateways


@pytest.mark.parametrize(
    ("places", "way"),
    [
        (known(HOST), FoundBy.KNOWN_ADDRESS),
        (known() | {"gateways": (Gateway(interface="lo", host=HOST),)}, FoundBy.GATEWAY),
        (known(HOST) | {"gateways": (Gateway(interface="lo", host=HOST),)}, FoundBy.KNOWN_ADDRESS),
    ],
    ids=["known", "gateway", "both"],
)
async def test_a_camera_is_found_without_ssdp(places, way):
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: None})
    found, _ = await find_one(access, places=places)
    assert found == [
        Found(model="DSC-RX100M2", endpoint=CAMERA, dialect=Dialect.LEGACY, found_by=way, location=LOCATION, udn=UDN)
    ]


async def test_a_description_that_hangs_does_not_hold_up_a_camera():
    access = FakeAccess(hanging=frozenset({LOCATION}), cameras={CAMERA: None})
    found, _ = await find_one(access, places=known(HOST))
    assert [(each.endpoint, each.model) for each in found] == [(CAMERA, None)]


async def test_waiting_for_a_name_never_costs_the_camera(monkeypatch):
    monkeypatch.setattr(probe, "_NAMING_SECONDS", 60)
    found, _ = await find_one(FakeAccess(cameras={CAMERA: None}), places=known(HOST), seconds=0.4)
    assert [each.endpoint for each in found] == [CAMERA]


async def test_a_silent_port_is_asked_once_only():
    access = FakeAccess()
    await find_one(access, places=known(HOST))
    assert sorted(access.asked) == [
        "http://127.0.0.1:10000/camera",
        "http://127.0.0.1:1900/scalarwebapi_dd.xml",
        "http://127.0.0.1:61000/scalarwebapi_dd.xml",
        "http://127.0.0.1:64321/dd.xml",
        "http://127.0.0.1:8080/sony/camera",
    ]


async def test_questions_at_once_are_bounded(monkeypatch):
    monkeypatch.setattr(ledger, "_QUESTIONS_AT_ONCE", 4)
    hosts = [f"127.0.0.{number}" for number in range(10, 40)]
    camera = f"http://{hosts[-1]}:10000/camera"
    access = FakeAccess(cameras={camera: None})
    found, _ = await find_one(access, places=known(*hosts))
    assert [each.endpoint for each in found] == [camera]
    assert access.most_at_once == 4


async def test_a_host_that_swallows_every_question_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(probe, "_QUESTION_SECONDS", 0.05)
    hole = frozenset({"http://127.0.0.9:10000/camera", "http://127.0.0.9:64321/dd.xml"})
    access = FakeAccess(cameras={CAMERA: None}, hanging=hole)
    found, attempts = await find_one(access, places=known("127.0.0.9", HOST), first=False)
    assert [each.endpoint for each in found] == [CAMERA]
    swallowed = [row for row in attempts if row.asked in hole]
    assert [row.outcome for row in swallowed] == [Outcome.SILENT] * 2
    assert swallowed[0].said == "no answer within 0.05 s"


# --- one list


async def test_a_camera_found_by_two_ways_is_listed_once():
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: None})
    heard: list[Found] = []
    found, _ = await find_one(
        access,
        saying(LOCATION),
        places=known(HOST) | {"interfaces": (LOOPBACK,)},
        first=False,
        seconds=0.4,
        on_found=heard.append,
    )
    assert [each.endpoint for each in found] == [CAMERA]
    assert heard == found
    assert len(access.asked) == len(set(access.asked))


async def test_one_camera_on_two_interfaces_is_listed_once_and_two_cameras_twice():
    hosts = {"127.0.0.1": "uuid:a", "127.0.0.2": "uuid:a", "127.0.0.3": "uuid:b"}
    page = {host: description(services={"camera": "http://x:10000/sony"}, udn=udn) for host, udn in hosts.items()}
    access = FakeAccess(
        files={f"http://{host}:64321/dd.xml": page[host] for host in hosts},
        cameras={f"http://{host}:10000/sony/camera": None for host in hosts},
    )
    found, _ = await find_one(access, places=known(*hosts), first=False)
    assert sorted(hosts[each.endpoint.split("/")[2].partition(":")[0]] for each in found) == ["uuid:a", "uuid:b"]


async def test_only_the_first_is_returned_when_that_is_all_that_is_wanted():
    hosts = [f"127.0.0.{number}" for number in range(10, 20)]
    access = FakeAccess(cameras={f"http://{host}:10000/camera": None for host in hosts})
    heard: list[Found] = []
    found, _ = await find_one(access, places=known(*hosts), on_found=heard.append)
    assert len(found) == 1
    assert heard == found


# --- narrowed


async def test_on_one_interface_only_its_own_network_is_probed():
    far = ("10.0.0.1", "192.168.122.1")
    lan = Interface(name="wlan0", address="192.168.122.137", prefix_length=24)
    here = Surroundings(
        interfaces=(LOOPBACK, lan),
        hosts=tuple(KnownHost(host=host, source="this test") for host in far),
        gateways=(Gateway(interface="eth0", host="172.16.0.1"),),
    )
    assert (here.chosen("lo"), here.places("lo")) == ((LOOPBACK,), ())
    assert here.chosen("192.168.122.137") == (lan,)
    ours = Place(host="192.168.122.1", way=FoundBy.KNOWN_ADDRESS, source="192.168.122.137%wlan0")
    assert here.places("192.168.122.137") == (ours,)
    elsewhere = Place(host="10.0.0.1", way=FoundBy.KNOWN_ADDRESS)
    assert here.places(None) == (elsewhere, ours, Place(host="172.16.0.1", way=FoundBy.GATEWAY))

    access = FakeAccess()
    places = known(*far) | {"interfaces": (LOOPBACK,)}
    found, attempts = await find_one(access, places=places, interface="lo", seconds=0.05)
    assert (found, attempts, access.asked) == ([], [], [])


@pytest.mark.parametrize("options", [{"interface": "nope0"}, {"address": "https://10.0.0.1/"}, {"address": ""}])
async def test_bad_options_are_told_before_anything_is_asked(options):
    access = FakeAccess()
    with pytest.raises(PlanError):
        await find(access=access, seconds=1, surroundings=surroundings(1, **known(HOST)), **options)
    assert access.asked == []


async def test_this_machine_is_looked_at_by_default():
    found = await find(access=FakeAccess(), seconds=0.02, interface="lo")
    assert found == []


def test_whoever_is_known_is_asked_by_the_interface_it_is_behind():
    home = Interface(name="eth0", address="10.0.0.50", prefix_length=24)
    second = Interface(name="eth0:1", address="10.0.0.51", prefix_length=24)
    camera = Interface(name="wlan0", address="10.0.0.9", prefix_length=24)
    campus = Interface(name="eth1", address="8.8.8.77", prefix_length=24)
    mac = "00:11:22:33:44:55"
    here = Surroundings(
        interfaces=(LOOPBACK, home, second, camera, campus),
        hosts=(KnownHost(host="10.0.0.1", source="this test"),),
        gateways=(Gateway(interface="eth0", host="10.0.0.1"), Gateway(interface="wlan0", host="10.0.0.2")),
        neighbours=(
            Neighbour(host="10.0.0.7", mac=mac, interface="wlan0"),
            Neighbour(host="10.0.0.9", mac=mac, interface="eth0"),
            Neighbour(host="172.16.0.3", mac=mac, interface="eth0"),
            Neighbour(host="8.8.8.8", mac=mac, interface="eth1"),
        ),
    )
    home_source, camera_source = "10.0.0.50%eth0", "10.0.0.9%wlan0"
    known, gateway, neighbour = FoundBy.KNOWN_ADDRESS, FoundBy.GATEWAY, FoundBy.NEIGHBOUR
    assert here.places(None) == (
        Place(host="10.0.0.1", way=known, source=home_source),  # two networks, and perhaps two cameras
        Place(host="10.0.0.1", way=known, source=camera_source),
        Place(host="10.0.0.2", way=gateway, source=camera_source),
        Place(host="10.0.0.7", way=neighbour, source=camera_source),
        Place(host="10.0.0.9", way=neighbour),  # this machine itself
        Place(host="172.16.0.3", way=neighbour, source=home_source),
        Place(host="8.8.8.8", way=neighbour, source="8.8.8.77%eth1"),
    )
    assert [place.host for place in here.places("wlan0", here.neighbours)][:2] == ["10.0.0.1", "10.0.0.2"]


async def test_two_cameras_at_one_address_behind_two_interfaces_are_two():
    wires = [Interface(name=f"wlan{each}", address=f"192.168.122.{each + 20}", prefix_length=24) for each in (0, 1)]
    camera = "http://192.168.122.1:10000/sony/camera"
    found, _ = await find_one(
        FakeAccess(cameras={camera: None}),
        first=False,
        places=known("192.168.122.1") | {"interfaces": wires},
        seconds=0.5,
    )
    assert sorted(each.source for each in found) == ["192.168.122.20%wlan0", "192.168.122.21%wlan1"]


# --- a crowd, and late answers


async def test_a_second_camera_that_takes_its_second_is_listed_too():
    second, elsewhere = "127.0.0.2", "http://127.0.0.2:1900/scalarwebapi_dd.xml"

    def answer(request):
        yield (HOST, ssdp_reply(LOCATION))
        yield (second, ssdp_reply(elsewhere), 0.9)

    other = description(udn="uuid:b", services={"camera": f"http://{second}:10000/sony"})
    access = FakeAccess(
        files={LOCATION: LEGACY, elsewhere: other}, cameras={CAMERA: None, f"http://{second}:10000/camera": None}
    )
    found, _ = await find_one(access, answer, first=False)
    assert len(found) == 2


async def test_a_body_in_another_mode_beside_a_camera_is_told_of():
    second, elsewhere = "127.0.0.2", "http://127.0.0.2:64321/DmsDescPush.xml"

    def answer(request):
        if b"ssdp:all" in request:
            yield (second, ssdp_reply(elsewhere, target=CONTENT, server="SonyImagingDevice/1.0"))
        else:
            yield (HOST, ssdp_reply(LOCATION))

    access = FakeAccess(
        files={LOCATION: LEGACY, elsewhere: description(upnp=(CONTENT, PUSH), udn="uuid:b")}, cameras={CAMERA: None}
    )
    found, attempts = await find_one(access, answer, first=False)
    assert [each.endpoint for each in found] == [CAMERA]
    assert [(other.host, other.kind) for other in others(attempts)] == [(second, Outcome.SEND_MODE)]


async def test_a_camera_that_answers_after_a_flood_is_found():
    camera = "http://127.0.9.9:10000/camera"

    def flood(request):
        for sender in range(150):
            for number in range(9):
                yield (f"127.0.8.{sender + 1}", ssdp_reply(LOCATION, usn=f"uuid:{number}"))
        yield ("127.0.9.9", ssdp_reply("http://127.0.9.9:1900/scalarwebapi_dd.xml"), 0.4)

    access = FakeAccess(
        files={"http://127.0.9.9:1900/scalarwebapi_dd.xml": LEGACY},
        cameras={camera: None},
        dead=frozenset(f"127.0.8.{number}" for number in range(1, 10)),
    )
    found, _ = await find_one(access, flood)
    assert [each.endpoint for each in found] == [camera]
    assert access.most_at_once <= 16 + 24


async def test_hosts_that_answered_and_are_dead_are_given_up_after_one_question(monkeypatch):
    monkeypatch.setattr(probe, "_QUESTION_SECONDS", 0.05)
    access = FakeAccess(dead=frozenset({HOST}))
    found, _ = await find_one(access, saying(LOCATION), seconds=1)
    assert (found, access.asked) == ([], [LOCATION])


# --- a named address


@pytest.mark.parametrize(
    ("address", "camera", "model"),
    [
        (HOST, CAMERA, "DSC-RX100M2"),
        (f"{HOST}:10000", CAMERA, "DSC-RX100M2"),
        (f"{HOST}:4711", f"http://{HOST}:4711/sony/camera", None),
        (f"http://{HOST}:4711/odd/camera", f"http://{HOST}:4711/odd/camera", None),
        (LOCATION, CAMERA, "DSC-RX100M2"),
        ("localhost", "http://localhost:10000/camera", None),
    ],
)
async def test_a_named_host_is_asked(address, camera, model):
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={camera: None})
    found, _ = await find_one(access, places=known("127.0.0.77"), address=address)
    assert [(each.endpoint, each.model, each.found_by) for each in found] == [(camera, model, FoundBy.ADDRESS)]
    host = camera.split("/")[2].partition(":")[0]
    assert all(url.startswith(f"http://{host}:") for url in access.asked)


async def test_a_camera_at_another_port_is_not_listed_and_told_of():
    mine = f"http://{HOST}:4711/camera"
    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: None, mine: None})
    found, _ = await find_one(access, address=f"{HOST}:4711", first=False)
    assert [each.endpoint for each in found] == [mine]

    access = FakeAccess(files={LOCATION: LEGACY}, cameras={CAMERA: None})
    told = await explain(access, address=f"{HOST}:4711")
    assert told[0].startswith(f"Nothing answers at {HOST}")
    assert told[1:] == [f"A camera answers elsewhere on that host, at {CAMERA}: use that address."]


async def test_ssdp_names_the_camera_at_a_named_port(monkeypatch):
    monkeypatch.setattr(probe, "_NAMING_SECONDS", 10)
    location, camera = f"http://{HOST}:5000/x.xml", f"http://{HOST}:5001/camera"
    access = FakeAccess(
        files={location: description(services={"camera": "http://1.2.3.4:5001/sony"})}, cameras={camera: None}
    )
    found, _ = await find_one(access, saying(location), address=f"{HOST}:5001")
    assert [(each.endpoint, each.model, each.location) for each in found] == [(camera, "DSC-RX100M2", location)]


async def test_a_named_host_is_searched_by_ssdp_on_odd_ports():
    location, camera = f"http://{HOST}:5000/x.xml", f"http://{HOST}:5001/camera"
    page = description(services={"camera": "http://1.2.3.4:5001/sony"})
    access = FakeAccess(files={location: page}, cameras={camera: None})
    found, _ = await find_one(access, saying(location, "127.0.0.2", HOST), address=HOST)
    assert [(each.endpoint, each.found_by, each.usn) for each in found] == [(camera, FoundBy.ADDRESS, USN)]
    assert not any("127.0.0.2" in url for url in access.asked)


# --- nothing found, explained


async def explain(access, answer=silence, **options) -> list[str]:
    found, attempts = await find_one(access, answer, seconds=0.3, **options)
    assert found == []
    return list(explain_nothing(attempts))


async def test_silence_is_explained():
    (sentence,) = await explain(FakeAccess(), places=known(HOST))
    assert sentence.startswith("No camera answered: start remote control on the camera (MENU, ")


@pytest.mark.parametrize(
    ("upnp", "start"),
    [
        ((CONTENT, PUSH), f'The DSC-RX100M2 at {HOST} is in "Send to Smartphone": leave that with MENU'),
        ((IMAGING,), f"The DSC-RX100M2 at {HOST} offers no remote control of this kind: start remote control"),
    ],
)
async def test_a_camera_in_another_mode_is_explained_once(upnp, start):
    page = description(upnp=upnp)
    files = {f"http://{HOST}:64321/dd.xml": page, f"http://{HOST}:64321/DmsDescPush.xml": page}
    (sentence,) = await explain(FakeAccess(files=files), places=known(HOST))
    assert sentence.startswith(start)


async def test_a_web_server_that_is_no_camera_is_explained_once():
    cameras = {f"http://{HOST}:4711/camera": CameraConfused("getVersions: HTTP 200 and no JSON: '<html>'")}
    (sentence,) = await explain(FakeAccess(cameras=cameras), address=f"{HOST}:4711")
    assert sentence.startswith(f"{HOST} answers, but it is no camera: ")
    assert ":4711/camera was asked)" in sentence
    assert "HTTP" in sentence


async def test_a_silent_address_is_explained_once():
    (sentence,) = await explain(FakeAccess(), address=f"{HOST}:4711")
    assert sentence.startswith(f"Nothing answers at {HOST}: check the address")


async def test_a_camera_whose_control_is_dead_is_explained_once():
    (sentence,) = await explain(FakeAccess(files={LOCATION: LEGACY}), places=known(HOST))
    assert sentence.startswith(f"A camera describes itself at {LOCATION} (calls itself DSC-RX100M2), but its remote")


async def test_an_interface_that_was_left_out_is_explained():
    gone = Interface(name="gone", address="203.0.113.9", prefix_length=24)
    told = await explain(FakeAccess(), places={"interfaces": (LOOPBACK, gone)})
    assert told[1:] == ["gone (203.0.113.9) was left out: it cannot send a search (Cannot assign requested address)."]
