"""Addresses: typed by people, written by devices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.camera import Dialect, dialect_of
from dayspool.discovery.address import HttpAddress, is_ipv4, parse_target
from dayspool.errors import PlanError

LIVEVIEW = "/liveview.JPG?%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21"


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("http://10.0.0.1:10000/sony", "10.0.0.1", 10000, "/sony"),
        ("http://10.0.0.1", "10.0.0.1", 80, ""),
        (" HTTP://Camera.local/ ", "camera.local", 80, "/"),
        (f"http://10.0.0.1:60152{LIVEVIEW}", "10.0.0.1", 60152, LIVEVIEW),
        ("http://[fe80::1]:8080/camera", "fe80::1", 8080, "/camera"),
    ],
)
def test_urls_are_read_and_written_back(url, host, port, path):
    address = HttpAddress.parse(url)
    assert address == HttpAddress(host=host, port=port, path=path)
    assert HttpAddress.parse(str(address)) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://10.0.0.1/",
        "ftp://10.0.0.1/",
        "//10.0.0.1/",
        "http://",
        "http://:80/",
        "http://user@10.0.0.1/",
        "http://10.0.0.1:0/",
        "http://10.0.0.1:65536/",
        "http://10.0.0.1:port/",
        "http://10.0.0.999/",
        "http://10.0.0/",
        "http://[::zz]/",
        "http://10.0.0.1/a b",
        "http://10.0.0.1/\r\nX: y",
        "http://10.0.0.1/é",
    ],
)
def test_what_is_no_plain_http_url_is_refused(url):
    assert HttpAddress.parse(url) is None


@given(st.one_of(st.text(), st.text().map("http://".__add__), st.text().map("http://10.0.0.1".__add__)))
def test_no_text_raises_or_smuggles_anything(text):
    address = HttpAddress.parse(text)
    if address is not None:
        assert str(address).isascii()
        assert str(address).isprintable()
        assert " " not in str(address)


@given(port=st.integers(1, 65535), host=st.ip_addresses(v=4).map(str))
def test_moving_to_another_host_keeps_the_rest(port, host):
    moved = HttpAddress(host="203.0.113.9", port=port, path=LIVEVIEW).at(host)
    assert moved == HttpAddress(host=host, port=port, path=LIVEVIEW)
    assert HttpAddress.parse(str(moved)) == moved


@pytest.mark.parametrize(
    ("text", "url", "endpoints"),
    [
        ("10.0.0.1", "http://10.0.0.1", None),
        (" camera.local ", "http://camera.local", None),
        ("::1", "http://[::1]", None),
        ("10.0.0.1:10000", "http://10.0.0.1:10000", ["/camera", "/sony/camera"]),
        ("10.0.0.1:80", "http://10.0.0.1", ["/camera", "/sony/camera"]),
        ("[::1]:8080", "http://[::1]:8080", ["/camera", "/sony/camera"]),
        ("10.0.0.1:10000/camera", "http://10.0.0.1:10000/camera", ["/camera", "/camera", "/sony/camera"]),
        ("http://10.0.0.1:10000/", "http://10.0.0.1:10000/", ["/camera", "/sony/camera"]),
        ("http://10.0.0.1:10000/other", "http://10.0.0.1:10000/other", ["/other", "/camera", "/sony/camera"]),
        ("http://10.0.0.1:1900/dd.xml", "http://10.0.0.1:1900/dd.xml", None),
    ],
)
def test_what_a_person_types(text, url, endpoints):
    target = parse_target(text)
    assert str(target.address) == url
    assert (target.endpoints and [endpoint.path for endpoint in target.endpoints]) == endpoints
    assert (target.description is not None) == url.endswith(".xml")


@pytest.mark.parametrize(
    "text", ["", "   ", "10.0.0.1:", "10.0.0.1:x", "10.0.0.256", "a b", "https://10.0.0.1", "1:2:3"]
)
def test_a_slip_of_the_finger_is_explained(text):
    with pytest.raises(PlanError, match=r"no camera address; write HOST") as caught:
        parse_target(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("host", "expected"), [("10.0.0.1", True), ("::1", False), ("camera", False), ("1.2.3", False)]
)
def test_ipv4_in_digits(host, expected):
    assert is_ipv4(host) is expected


@pytest.mark.parametrize(
    ("host", "port", "path", "dialect"),
    [
        ("10.0.0.1", 10000, "/camera", Dialect.LEGACY),
        ("127.0.0.1", 4711, "/camera", Dialect.LEGACY),
        ("10.0.0.1", 10000, "/sony/camera", Dialect.BUILTIN_1),
        ("192.168.40.10", 10000, "/sony/camera", Dialect.BUILTIN_1),
        ("192.168.122.1", 8080, "/sony/camera", Dialect.APP),
        ("192.168.122.1", 10000, "/sony/camera", Dialect.BUILTIN_3),
    ],
)
def test_the_address_tells_the_dialect(host, port, path, dialect):
    assert dialect_of(host=host, port=port, path=path) is dialect
