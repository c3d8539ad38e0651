"""Whole captures, made by hand: calls, files, SSDP, several cameras, and everything that can be wrong with them."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.errors import PlanError
from dayspool.learn import capture as module
from dayspool.learn.capture import Capture, read_capture
from dayspool.learn.overheard import dump_of_capture
from tests.learn.builders import CAMERA, CLIENT, Talk, answer, pcap, post, udp_packet

UDN = b"uuid:00000000-0005-0010-8000-1c994caabbcc"
DESCRIPTION = (
    b'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>DSC-QX10</friendlyName>'
    b"<UDN>%b</UDN></device></root>" % UDN
)
FILE = b"HTTP/1.1 200 OK\r\nAccept-Range: none\r\nContent-Length: %d\r\n\r\n" % len(DESCRIPTION) + DESCRIPTION
JPEG = b"\xff\xd8\xff\xda\x00\x02" + bytes(5000) + b"\xff\xd9"
PICTURE = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(JPEG) + JPEG
SEARCH = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nST: ssdp:all\r\n\r\n'
FOUND = b"HTTP/1.1 200 OK\r\nLOCATION: http://10.0.0.1:64321/dd.xml\r\nST: x\r\nUSN: %b::x\r\n\r\n" % UDN


def talks() -> list[Talk]:
    """The connections of a short session, one after the other and in the order of time."""
    said = [
        (post("getVersions"), answer({"id": 1, "result": [["1.0"]]})),
        (
            post("getEvent", [False]),
            answer({"id": 1, "result": [None, {"type": "cameraStatus", "cameraStatus": "IDLE"}]}),
        ),
        (post("getAvailableApiList"), answer({"id": 1, "result": [["getVersions", "actTakePicture"]]})),
        (post("actTakePicture"), answer({"id": 1, "result": [["http://10.0.0.1:60152/pict.JPG"]]})),
        (post("setFNumber", ["4.0"]), answer({"error": [404, "Not Found"]}, status="404 Not Found")),
    ]
    found = [
        Talk(client=("10.0.0.7", 40_001 + number), began=1000.0 + number).ask(ask).reply(reply).close()
        for number, (ask, reply) in enumerate(said)
    ]
    file = Talk(client=("10.0.0.7", 41_000), server=("10.0.0.1", 64_321), began=999.0)
    picture = Talk(client=("10.0.0.7", 41_001), server=("10.0.0.1", 60_152), began=1010.0)
    return [
        file.ask(b"GET /dd.xml HTTP/1.1\r\n\r\n").reply(FILE).close(),
        *found,
        picture.ask(b"GET /pict.JPG HTTP/1.1\r\n\r\n").reply(PICTURE).close(),
    ]


def packets() -> list[tuple[float, bytes]]:
    group = ("239.255.255.250", 1900)
    ssdp = [
        (990.0, udp_packet(CLIENT, group, SEARCH)),
        (990.5, udp_packet(("10.0.0.1", 50_000), CLIENT, FOUND)),
        (991.0, udp_packet(CLIENT, ("10.0.0.1", 53), b"who is it")),
    ]
    return ssdp + [packet for talk in talks() for packet in talk.packets()]


def heard(tmp_path, rows, **options) -> Capture:
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(rows, **options))
    return read_capture(path)


CALLS = ["getVersions", "getEvent", "getAvailableApiList", "actTakePicture", "setFNumber"]


def test_a_session_is_told_in_the_order_of_time(tmp_path):
    capture = heard(tmp_path, packets())
    kinds = [remark.kind for remark in capture.remarks]
    assert kinds == ["ssdp", "ssdp", "description", "call", "event", "call", "call", "call", "picture"]
    assert [remark.facts["method"] for remark in capture.remarks if "method" in remark.facts] == CALLS
    assert capture.remarks[0].what == "search ssdp:all"
    assert capture.remarks[1].facts["location"] == "http://10.0.0.1:64321/dd.xml"
    assert capture.remarks[3].at_seconds == pytest.approx(10.002)
    assert capture.remarks[3].what == 'getVersions() → [["1.0"]]'
    assert capture.remarks[7].what == 'setFNumber("4.0") → HTTP 404 error [404, "Not Found"]'
    assert capture.remarks[8].facts["size_bytes"] == len(JPEG)
    assert capture.unread == {"UDP that is no SSDP": 1}


def test_the_camera_of_a_capture_becomes_a_dump(tmp_path):
    dump = dump_of_capture(heard(tmp_path, packets()))
    assert dump is not None
    assert (dump.source, dump.model, dump.dialect) == ("capture", "DSC-QX10", "builtin-1")
    assert dump.endpoint == "http://10.0.0.1:10000/sony/camera"
    assert [file.url for file in dump.descriptions] == ["http://10.0.0.1:64321/dd.xml"]
    assert dump.descriptions[0].headers[0] == ("Accept-Range", "none")
    assert dump.ssdp == (FOUND.decode(),)
    assert [one.method for one in dump.exchanges] == CALLS
    assert dump.api_lists == [{"state": {"status": "IDLE"}, "methods": ["getVersions", "actTakePicture"]}]


def test_no_camera_no_dump(tmp_path):
    assert dump_of_capture(heard(tmp_path, packets()[:3])) is None


@settings(max_examples=30)
@given(chance=st.randoms(use_true_random=False))
def test_shuffled_and_doubled_packets_tell_the_same(tmp_path_factory, chance):
    rows = packets()
    mixed = rows + chance.sample(rows[3:], 20)
    # a few places is what networks do; across connections anything goes
    order = sorted(range(len(mixed)), key=lambda at: at % len(rows) + chance.uniform(0, 30))
    capture = heard(tmp_path_factory.mktemp("x"), [mixed[at] for at in order])
    straight = heard(tmp_path_factory.mktemp("y"), rows)
    assert [remark.what for remark in capture.remarks] == [remark.what for remark in straight.remarks]
    assert capture.unread == straight.unread


@settings(max_examples=40)
@given(lost=st.sets(st.integers(3, 60), max_size=20))
def test_lost_packets_are_counted_and_never_invent_a_reply(tmp_path_factory, lost):
    rows = [row for number, row in enumerate(packets()) if number not in lost]
    capture = heard(tmp_path_factory.mktemp("x"), rows)
    whole = {remark.what for remark in heard(tmp_path_factory.mktemp("y"), packets()).remarks}
    said = [remark for remark in capture.remarks if remark.what in whole]
    damaged = len(whole) - len(said)
    assert all(remark.what in whole or "no " in remark.what or "not whole" in remark.what for remark in capture.remarks)
    assert damaged == 0 or sum(capture.unread.values()) > 1


def test_a_short_snap_length_is_counted(tmp_path):
    capture = heard(tmp_path, packets(), snap=120)
    assert capture.unread["gap in a TCP stream"] > 0
    assert all(
        remark.facts.get("reply") is None or remark.kind != "call"
        for remark in capture.remarks
        if "pict" in remark.what
    )


def test_every_cut_off_end_is_read_up_to_it(tmp_path):
    whole = pcap(packets())
    full = {remark.what for remark in heard(tmp_path, packets()).remarks}
    for length in range(24, len(whole), 997):
        (tmp_path / "cut.pcap").write_bytes(whole[:length])
        told = {remark.what for remark in read_capture(tmp_path / "cut.pcap").remarks}
        assert all(what in full or "no " in what or "not whole" in what for what in told)


def test_a_keep_alive_connection_that_began_before_pairs_by_time(tmp_path):
    talk = Talk()
    for number in range(6):
        talk.ask(post(f"getThing{number}")).reply(answer({"id": 1, "result": [number]}))
    for lost in range(2, 10):
        capture = heard(tmp_path, talk.packets()[lost:])
        for remark in capture.remarks:
            assert (
                remark.facts["reply"] is None
                or remark.facts["method"] == f"getThing{remark.facts['reply']['result'][0]}"
            )


def test_texts_and_remarks_have_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_TEXT_BYTES", 200)
    monkeypatch.setattr(module, "MOST_REMARKS", 6)
    capture = heard(tmp_path, packets())
    assert len(capture.remarks) == 6
    assert capture.unread["what was said after the first 6 times"] == 3
    assert [remark.facts.get("reply") for remark in capture.remarks if remark.kind == "call"][-1] is None


def test_a_large_capture_is_read_in_little_memory(tmp_path):
    talk = Talk(server=("10.0.0.1", 60_152), size=1400).ask(b"GET /pict.JPG HTTP/1.1\r\n\r\n")
    talk.reply(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8" + bytes(3 << 20))
    (tmp_path / "large.pcap").write_bytes(pcap(talk.packets()))
    del talk
    tracemalloc.start()
    capture = read_capture(tmp_path / "large.pcap")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert capture.remarks[0].facts["size_bytes"] == (3 << 20) + 2
    assert peak < 1 << 20


@given(st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 255)), max_size=30))
@settings(max_examples=60)
def test_damage_never_raises(tmp_path_factory, damage):
    data = bytearray(pcap(packets()))
    for at, value in damage:
        data[24 + at % (len(data) - 24)] = value
    path = tmp_path_factory.mktemp("x") / "damaged.pcap"
    path.write_bytes(data)
    capture = read_capture(path)
    json.dumps([remark.facts for remark in capture.remarks])
    dump_of_capture(capture)


def test_requests_for_a_card_are_told_by_their_action(tmp_path):
    body = b"<s:Envelope><s:Body><u:Browse/></s:Body></s:Envelope>"
    ask = b'POST /upnp/control/ContentDirectory HTTP/1.1\r\nSOAPAction: "urn:x:ContentDirectory:1#Browse"\r\n'
    ask += b"Content-Length: %d\r\n\r\n" % len(body) + body
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    (remark,) = heard(tmp_path, Talk().ask(ask).reply(reply).close().packets()).remarks
    assert (remark.kind, remark.what) == ("soap", "Browse → HTTP 200")
    assert remark.facts["reply"] == body.decode()


def test_two_cameras_are_told_apart(tmp_path):
    other = Talk(client=("10.0.0.7", 45_000), server=("10.0.0.9", 8080), began=1020.0)
    other.ask(post("getVersions")).reply(answer({"id": 1, "result": [["1.0"]]})).close()
    dump = dump_of_capture(heard(tmp_path, packets() + other.packets()))
    assert dump is not None
    assert dump.endpoint == f"http://{CAMERA[0]}:{CAMERA[1]}/sony/camera"
    assert dump.unread["other camera in the same capture"] == 1


@pytest.mark.parametrize("content", [b"", b"no capture at all", bytes(100)])
def test_what_is_no_capture_is_refused_by_name(tmp_path, content):
    (tmp_path / "x.pcap").write_bytes(content)
    with pytest.raises(PlanError, match=r"x\.pcap: this is no packet capture"):
        read_capture(tmp_path / "x.pcap")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(PlanError, match="No such file"):
        read_capture(tmp_path / "nothing.pcap")
    with pytest.raises(PlanError, match="Is a directory"):
        read_capture(tmp_path)
