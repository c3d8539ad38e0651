"""SSDP datagrams: what is sent, and replies as cameras write them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.discovery.ssdp import SSDP_LARGEST_DATAGRAM, SsdpReply, parse_reply, search_request

CAMERA = "urn:schemas-sony-com:service:ScalarWebAPI:1"


def test_the_search_is_what_cameras_answer():
    assert search_request() == (
        b"M-SEARCH * HTTP/1.1\r\n"
        b"HOST: 239.255.255.250:1900\r\n"
        b'MAN: "ssdp:discover"\r\n'
        b"MX: 1\r\n"
        b"ST: urn:schemas-sony-com:service:ScalarWebAPI:1\r\n"
        b"\r\n"
    )


def test_target_spread_and_host_can_be_chosen():
    lines = search_request(target="ssdp:all", mx=3, host="10.0.0.1").splitlines()
    assert lines[1] == b"HOST: 10.0.0.1:1900"
    assert lines[3:5] == [b"MX: 3", b"ST: ssdp:all"]


# Headers and values as recorded from these cameras.
REPLIES = {
    "ILCE-6000": (
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT: \r\n"
        "LOCATION: http://192.168.122.1:61000/scalarwebapi_dd.xml\r\nSERVER: FedoraCore/2 UPnP/1.0 MINT-X/1.8.1\r\n"
        f"ST: {CAMERA}\r\nUSN: uuid:000000001000-1010-8000-8E45007C0641::{CAMERA}\r\n\r\n",
        "uuid:000000001000-1010-8000-8E45007C0641::" + CAMERA,
        "http://192.168.122.1:61000/scalarwebapi_dd.xml",
        "FedoraCore/2 UPnP/1.0 MINT-X/1.8.1",
    ),
    "HDR-AS20": (
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n"
        "LOCATION: http://192.168.122.1:64321/DmsRmtDesc.xml\r\nSERVER: UPnP/1.0 SonyImagingDevice/1.0\r\n"
        "ST: upnp:rootdevice\r\nUSN: uuid:00000000-0005-0010-8000-fcdbb316da7e::upnp:rootdevice\r\n"
        'X-AV-Physical-Unit-Info: pa=""; pl=;\r\nX-AV-Server-Info: av=5.0; hn=""; cn="Sony Corporation";\r\n\r\n',
        "uuid:00000000-0005-0010-8000-fcdbb316da7e::upnp:rootdevice",
        "http://192.168.122.1:64321/DmsRmtDesc.xml",
        "UPnP/1.0 SonyImagingDevice/1.0",
    ),
    "an announcement": (
        "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
        "LOCATION: http://192.168.122.1:61000/scalarwebapi_dd.xml\r\n"
        "NT: urn:schemas-sony-com:service:DigitalImaging:1\r\nNTS: ssdp:alive\r\nSERVER: UPnP/1.0 MINT-X/1.8.1\r\n"
        "USN: uuid:000000001000-1010-8000-9AF17038CF7C::urn:schemas-sony-com:service:DigitalImaging:1\r\n\r\n",
        "uuid:000000001000-1010-8000-9AF17038CF7C::urn:schemas-sony-com:service:DigitalImaging:1",
        "http://192.168.122.1:61000/scalarwebapi_dd.xml",
        "UPnP/1.0 MINT-X/1.8.1",
    ),
    "bare line feeds, odd case and spacing, no empty line": (
        f"http/1.0  200 \n Location :http://10.0.0.1:1900/x.xml\nst:{CAMERA}\nnonsense\nuSN:\tabc \nUSN: second",
        "abc",
        "http://10.0.0.1:1900/x.xml",
        None,
    ),
    "cut off after LOCATION": (
        "HTTP/1.1 200 OK\r\nLOCATION: http://10.0.0.1:64321/DmsRmtDesc.xml\r\nSERVER: UPnP/1.0 SonyImagin",
        None,
        "http://10.0.0.1:64321/DmsRmtDesc.xml",
        "UPnP/1.0 SonyImagin",
    ),
}


@pytest.mark.parametrize("name", REPLIES)
def test_recorded_replies_are_read(name):
    text, usn, location, server = REPLIES[name]
    expected = SsdpReply(usn=usn, location=location, server=server, host="10.0.0.1")
    reply = parse_reply(text.encode(), host="10.0.0.1")
    assert reply is not None
    assert replace(reply, target=None) == expected


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\r\n\r\n",
        b"hello",
        search_request(),
        b"HTTP/1.1 404 Not Found\r\nUSN: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSERVER: no name and no place\r\n\r\n",
        b"NOTIFY * HTTP/1.1\r\nNTS: ssdp:byebye\r\nUSN: a\r\nLOCATION: http://10.0.0.1/\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nUSN: a\r\n" + b"x" * SSDP_LARGEST_DATAGRAM,
    ],
)
def test_what_is_no_reply_gives_none(datagram):
    assert parse_reply(datagram, host="10.0.0.1") is None


def test_control_characters_never_reach_a_terminal():
    reply = parse_reply(b"HTTP/1.1 200 OK\r\nUSN: a\x1b[2Jb\x00\x9b\r\nSERVER: \xff\xfe" + b"s" * 5000, host="10.0.0.1")
    assert reply is not None
    assert reply.usn is not None
    assert reply.usn.isprintable()
    assert reply.server is not None
    assert len(reply.server) <= 1024


@given(st.one_of(st.binary(max_size=600), st.binary(max_size=600).map(b"HTTP/1.1 200 OK\r\nUSN:".__add__)))
def test_no_bytes_raise(datagram):
    reply = parse_reply(datagram, host="10.0.0.1")
    assert reply is None or reply.host == "10.0.0.1"


@given(names=st.permutations(["ST", "USN", "LOCATION", "EXT"]), data=st.data())
def test_order_case_and_spacing_of_headers_do_not_matter(names, data):
    values = {"ST": CAMERA, "USN": "uuid:1", "LOCATION": "http://10.0.0.1:1900/dd.xml", "EXT": ""}
    blank = st.sampled_from(["", " ", "\t", "  "])
    lines = [
        "".join(
            [data.draw(st.sampled_from([name, name.lower(), name.title()])), data.draw(blank), ":", data.draw(blank)]
        )
        + values[name]
        for name in names
    ]
    end = data.draw(st.sampled_from(["\r\n", "\n"]))
    reply = parse_reply(end.join(["HTTP/1.1 200 OK", *lines, "", ""]).encode(), host="h")
    assert reply == SsdpReply(
        usn="uuid:1", location="http://10.0.0.1:1900/dd.xml", server=None, host="h", target=CAMERA
    )
