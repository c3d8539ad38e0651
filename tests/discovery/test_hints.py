"""Dialects told by the description where the address alone would mislead."""

from __future__ import annotations

import pytest

from dayspool.core.camera import Dialect
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import identity_of
from dayspool.discovery.hints import dialect_hinted


@pytest.mark.parametrize(
    ("endpoint", "location", "dialect"),
    [
        ("10.0.0.1:10000/camera", "10.0.0.1:1900/scalarwebapi_dd.xml", Dialect.LEGACY),
        ("10.0.0.1:10000/sony/camera", "10.0.0.1:1900/scalarwebapi_dd.xml", Dialect.LEGACY),
        ("10.0.0.1:10000/sony/camera", "10.0.0.1:64321/DmsRmtDesc.xml", Dialect.BUILTIN_1),
        ("192.168.122.1:10000/sony/camera", "192.168.122.1:64321/DmsRmtDesc.xml", Dialect.BUILTIN_1),  # AS20
        ("192.168.1.7:10000/sony/camera", "192.168.1.7:64321/scalarwebapi_dd.xml", Dialect.BUILTIN_1),
        ("192.168.122.1:8080/sony/camera", "192.168.122.1:61000/scalarwebapi_dd.xml", Dialect.APP),
        ("192.168.122.1:8080/sony/camera", "192.168.122.1:64321/dd.xml", Dialect.APP),  # QX1
        ("192.168.122.1:10000/sony/camera", "192.168.122.1:64321/dd.xml", Dialect.BUILTIN_3),
        ("192.168.1.7:10000/sony/camera", "192.168.1.7:64321/dd.xml", Dialect.BUILTIN_3),
        ("127.0.0.1:4711/sony/camera", "127.0.0.1:4712/DmsRmtDesc.xml", Dialect.BUILTIN_1),
        ("127.0.0.1:4711/sony/camera", "127.0.0.1:4712/scalarwebapi_dd.xml", Dialect.APP),
        ("192.168.122.1:10000/sony/camera", None, Dialect.BUILTIN_3),
        ("127.0.0.1:4711/sony/camera", "127.0.0.1:4712/other.xml", Dialect.BUILTIN_1),
    ],
)
def test_dialects(endpoint, location, dialect):
    where = HttpAddress.parse(f"http://{endpoint}")
    assert where is not None
    assert dialect_hinted(where, HttpAddress.parse(f"http://{location}") if location else None) is dialect


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("uuid:000000001000-1010-8000-DEEFCA6608E7::urn:schemas-sony-com:service:ScalarWebAPI:1", "deefca6608e7"),
        ("uuid:00000000-0005-0010-8000-fcdbb316da7e", "fcdbb316da7e"),
        ("uuid:1::upnp:rootdevice", "1"),
        ("", None),
        ("uuid:", None),
        (None, None),
    ],
)
def test_identities(name, identity):
    assert identity_of(name) == identity
