"""Known addresses and the kernel's route table."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.camera import Dialect, dialect_of
from dayspool.discovery import known
from dayspool.discovery.known import CAMERA_ENDPOINTS, DESCRIPTION_FILES, KNOWN_HOSTS, Gateway, parse_routes

TABLE = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t017AA8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000000A\t0100000A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0
broken\tline
tun0\tzz\tzz\tzz
tun0\t00000000\t1FFFFFFFF\t0003
"""


@pytest.mark.skipif(sys.byteorder == "big", reason="the table above was written on a little-endian machine")
def test_default_gateways_are_read():
    assert parse_routes(TABLE) == (Gateway(interface="wlan0", host="192.168.122.1"),)


@pytest.mark.parametrize("table", ["", "\n", "Iface\tDestination"])
def test_an_empty_table_has_none(table):
    assert parse_routes(table) == ()


@given(st.text(alphabet="0123456789ABCDEF-+_ \t\nxé", max_size=200).map("head\n".__add__))
def test_no_table_raises(table):
    parse_routes(table)


def test_a_missing_table_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr(known, "_ROUTES", tmp_path / "no-such-file")
    assert known.default_gateways() == ()


def test_this_machines_table_is_read():
    assert all(gateway.host.count(".") == 3 for gateway in known.default_gateways())


def test_every_dialect_has_a_known_address_with_its_source():
    places = [(host.host, endpoint) for host in KNOWN_HOSTS for endpoint in CAMERA_ENDPOINTS]
    dialects = {dialect_of(host=host, port=endpoint.port, path=endpoint.path) for host, endpoint in places}
    assert dialects == set(Dialect)
    assert all(row.source for row in (*KNOWN_HOSTS, *CAMERA_ENDPOINTS, *DESCRIPTION_FILES))


def test_a_row_becomes_an_address():
    assert [str(row.at("10.0.0.1")) for row in CAMERA_ENDPOINTS] == [
        "http://10.0.0.1:10000/camera",
        "http://10.0.0.1:10000/sony/camera",
        "http://10.0.0.1:8080/sony/camera",
    ]
    assert "http://10.0.0.1:1900/scalarwebapi_dd.xml" in [str(row.at("10.0.0.1")) for row in DESCRIPTION_FILES]
