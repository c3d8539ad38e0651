"""Descriptions: of real cameras, and of nobody's."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import DESCRIPTION_CAP_BYTES, Description, parse_description
from dayspool.errors import CameraConfused
from tests.discovery.builders import CONTENT, IMAGING, PUSH, REMOTE, UDN, description

LIVEVIEW = "/liveview.JPG?%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21"


def parse(data: bytes, url: str = "http://10.0.0.1:64321/dd.xml") -> Description:
    location = HttpAddress.parse(url)
    assert location is not None
    return parse_description(data, location=location)


def endpoints(data: bytes, url: str) -> list[str]:
    return [str(endpoint) for endpoint in parse(data, url).camera_endpoints()]


def test_a_recorded_description_is_read():
    # As the QX100 writes it: media server, control services, liveview.
    base = "http://10.0.0.1:10000/sony"
    told = parse(
        description(
            name="DSC-QX100",
            upnp=(CONTENT, REMOTE, IMAGING),
            services=dict.fromkeys(["guide", "system", "accessControl", "camera"], base),
            liveview=f"http://10.0.0.1:60152{LIVEVIEW}",
        )
    )
    assert (told.friendly_name, told.model_name, told.udn) == ("DSC-QX100", "SonyImagingDevice", UDN)
    assert told.model_description == "SonyDigitalMediaServer"
    assert told.upnp_services == (CONTENT, REMOTE, IMAGING)
    assert list(told.services) == ["guide", "system", "accessControl", "camera"]
    assert {str(each) for each in told.services.values()} == {base}
    assert str(told.liveview) == f"http://10.0.0.1:60152{LIVEVIEW}"
    assert told.is_sony
    assert not told.send_mode


@pytest.mark.parametrize("spelling", [b"<x></x>", b"<x/>", b"<x />"])
@pytest.mark.parametrize("namespace", [b"urn:schemas-sony-com:av", b"urn:another:one"])
def test_spelling_and_namespaces_do_not_matter(spelling, namespace):
    data = description(services={"camera": "http://10.0.0.1:10000/sony"})
    data = data.replace(b"<av:X_ScalarWebAPI_AccessType />", spelling).replace(b"urn:schemas-sony-com:av", namespace)
    data = data.replace(b' xmlns="urn:schemas-upnp-org:device-1-0"', b"")
    assert list(parse(data).services) == ["camera"]


@pytest.mark.parametrize(
    ("url", "kind", "base", "expected"),
    [
        pytest.param(
            "http://10.0.0.1:1900/scalarwebapi_dd.xml",
            "SonyRemoteCamera",
            "http://10.0.0.1:10000/sony",
            ["http://10.0.0.1:10000/camera", "http://10.0.0.1:10000/sony/camera"],
            id="RX100M2-as-its-own-kind",
        ),
        pytest.param(
            "http://10.0.0.1:64321/dd.xml",
            "SonyRemoteCamera",
            "http://10.0.0.1:10000/sony",
            ["http://10.0.0.1:10000/sony/camera", "http://10.0.0.1:10000/camera"],
            id="RX100M2-seen-elsewhere",
        ),
        pytest.param(
            "http://192.168.122.1:61000/scalarwebapi_dd.xml",
            "SonyDigitalMediaServer",
            "http://192.168.122.1:8080/sony",
            ["http://192.168.122.1:8080/sony/camera", "http://192.168.122.1:8080/camera"],
            id="ILCE-6000",
        ),
        pytest.param(
            "http://10.0.0.1:1900/dd.xml", "", "http://10.0.0.1:10000/", ["http://10.0.0.1:10000/camera"], id="no-sony"
        ),
        pytest.param(
            "http://127.0.0.1:5000/dd.xml",
            "",
            "http://203.0.113.7:10000/sony",
            ["http://127.0.0.1:10000/sony/camera", "http://127.0.0.1:10000/camera"],
            id="another-host-is-never-believed",
        ),
        pytest.param("http://10.0.0.1:1900/dd.xml", "", "https://10.0.0.1/sony", [], id="not-http"),
        pytest.param("http://10.0.0.1:1900/dd.xml", "", "", [], id="empty"),
    ],
)
def test_where_the_camera_service_may_answer(url, kind, base, expected):
    assert endpoints(description(kind=kind, services={"camera": base}), url) == expected


def test_the_liveview_address_stays_on_the_host_that_answered():
    data = description(services={"camera": "http://10.0.0.1/sony"}, liveview=f"http://203.0.113.7:60152{LIVEVIEW}")
    assert str(parse(data).liveview) == f"http://10.0.0.1:60152{LIVEVIEW}"


@pytest.mark.parametrize(
    ("upnp", "services", "model_name", "is_sony", "send_mode"),
    [
        ((CONTENT, PUSH), {}, "SonyImagingDevice", True, True),  # A6100
        ((CONTENT,), {}, "SonyImagingDevice", True, True),  # pictures chosen on the phone
        ((CONTENT, REMOTE), {"camera": "http://10.0.0.1:10000/sony"}, "SonyImagingDevice", True, False),  # QX100
        ((IMAGING,), {}, "SonyImagingDevice", True, False),  # A7C: PTP/IP
        ((CONTENT,), {}, "MiniDLNA", False, False),
    ],
)
def test_the_mode_is_told(upnp, services, model_name, is_sony, send_mode):
    told = parse(description(upnp=upnp, services=services, model_name=model_name))
    assert (told.is_sony, told.send_mode) == (is_sony, send_mode)
    assert bool(told.camera_endpoints()) == bool(services)


def test_a_name_cannot_hold_terminal_codes():
    assert parse(description(name="RX&#x9b;2J\n\t&#x202e;100")).friendly_name == "RX2J100"


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><root><device>&d;</device></root>"""


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no XML"),
        (b"<html><body>a router</body>", "no XML"),
        (b"<html><body>a router</body></html>", "without a device"),
        (b'{"error":[404,"Not Found"]}', "no XML"),
        (bytes(1000), "no XML"),
        (bytes(10_000_000), "more than 256 KiB"),
        (LAUGHS, "document type"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><device>&x;</device></r>', "document type"),
        (b'<!DOCTYPE root SYSTEM "http://203.0.113.7/x.dtd"><root/>', "document type"),
        (b"<a>" * 80_000, "no XML"),
        (b"<a>" * 30_000 + b"</a>" * 30_000, "without a device"),
        (b'<?xml version="1.0" encoding="no-such"?><root/>', "no XML"),
        (b'<?xml version="1.0" encoding="shift_jis"?><root/>', "no XML"),
        (b'<?xml version="1.0" encoding="rot13"?><root/>', "no XML"),
        (b"<root " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/>", "without a device"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_documents_give_one_plain_error_fast(data, told):
    started = time.process_time()
    with pytest.raises(CameraConfused, match=told) as caught:
        parse(data)
    assert time.process_time() - started < 2
    assert str(caught.value).startswith("asked http://10.0.0.1:64321/dd.xml for a camera's description and got ")


@pytest.mark.parametrize(
    "name", ["service", "X_ScalarWebAPI_Service", "device", "serviceList", "X_ScalarWebAPI_ServiceType", "UDN"]
)
def test_a_page_nested_without_end_is_read_at_once(name):
    # Read anew on every level, the first of these took twenty seconds, and no deadline fires meanwhile.
    opening, closing = f"<{name}>".encode(), f"</{name}>".encode()
    depth = (DESCRIPTION_CAP_BYTES - 40) // (len(opening) + len(closing))
    started = time.process_time()
    told = parse(b"<root><device>" + opening * depth + closing * depth + b"</device></root>")
    assert time.process_time() - started < 1
    assert (told.friendly_name, told.services, told.upnp_services) == (None, {}, ())


def test_the_size_limit_is_exact():
    data = description(services={"camera": "http://10.0.0.1:10000/sony"})
    assert parse(data + b" " * (DESCRIPTION_CAP_BYTES - len(data))).services
    with pytest.raises(CameraConfused):
        parse(data + b" " * (DESCRIPTION_CAP_BYTES - len(data) + 1))


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(str.encode),
        st.text(max_size=40).map(lambda name: f'<?xml version="1.0" encoding="{name}"?><root/>'.encode()),
        st.builds(
            lambda data, at, noise: data[:at] + noise + data[at + len(noise) :],
            st.just(description(services={"camera": "http://10.0.0.1:10000/sony"})),
            st.integers(0, 1200),
            st.binary(max_size=8),
        ),
    )
)
@example(b'<?xml version="1.0" encoding="idna"?><root/>')
@example(b'<?xml version="1.0" encoding="utf-7"?><root/>')
@example(b'<?xml version="1.0" encoding="base64"?><root/>')
@example(b"<root><device><!--c--><?pi x?><UDN/></device></root>")
def test_rubbish_raises_our_error_or_stays_on_its_host(data):
    try:
        told = parse(data)
    except CameraConfused:
        return
    assert {address.host for address in (*told.services.values(), *told.camera_endpoints())} <= {"10.0.0.1"}
    assert told.liveview is None or told.liveview.host == "10.0.0.1"


@given(st.text(max_size=60))
def test_no_written_address_leads_elsewhere(base):
    written = base.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    data = description(services={"camera": written}, liveview=written)
    test_rubbish_raises_our_error_or_stays_on_its_host.hypothesis.inner_test(data)
