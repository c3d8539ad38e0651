"""Neighbour tables, the makers of network addresses, and the order of asking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.discovery import neighbours as room
from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface
from dayspool.discovery.makers import Likelihood, likelihood_of, prefix_of
from dayspool.discovery.neighbours import MOST_NEIGHBOURS, Neighbour, in_order_of_asking, neighbours, parse_arp

TABLE = """IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         00:11:22:33:44:55     *        eth0
192.168.1.7      0x1         0x2         DE:EF:CA:66:08:E7     *        wlan0
192.168.1.8      0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.9      0x1         0x2         00:00:00:00:00:00     *        eth0
192.168.1.300    0x1         0x2         00:11:22:33:44:55     *        eth0
192.168.1.10     0x1         flags       00:11:22:33:44:55     *        eth0
192.168.1.11     0x1         0x2
192.168.1.12     0x1         0x2         nonsense              *        eth0
"""


def test_a_table_is_read_and_nonsense_passed_over():
    assert parse_arp(TABLE) == (
        Neighbour(host="192.168.1.1", mac="00:11:22:33:44:55", interface="eth0"),
        Neighbour(host="192.168.1.7", mac="de:ef:ca:66:08:e7", interface="wlan0"),
    )


@given(st.text())
def test_no_table_raises(text):
    parse_arp(text)


@pytest.mark.parametrize(
    ("mac", "prefix", "likelihood"),
    [
        ("de:ef:ca:66:08:e7", "DCEFCA", Likelihood.SEEN),  # an A6000's, locally administered
        ("b2:72:bf:00:00:00", "B072BF", Likelihood.SEEN),  # an HX400V's
        ("fc:db:b3:16:da:7e", "FCDBB3", Likelihood.SEEN),  # an AS20's, as it is
        ("00:0e:6d:00:00:00", "000E6D", Likelihood.MURATA),
        ("2c:97:ed:00:00:00", "2C97ED", Likelihood.SONY),
        ("00:11:22:33:44:55", "001122", Likelihood.UNKNOWN),
    ],
)
def test_makers(mac, prefix, likelihood):
    assert prefix_of(mac) == prefix
    assert likelihood_of(mac) is likelihood


def test_likely_cameras_come_first_and_public_addresses_never():
    strangers = [Neighbour(host=f"10.0.7.{number}", mac="00:11:22:33:44:55") for number in range(1, 60)]
    sony = Neighbour(host="10.0.7.200", mac="2c:97:ed:00:00:00")
    camera = Neighbour(host="10.0.7.201", mac="de:ef:ca:66:08:e7")
    public = Neighbour(host="8.8.8.8", mac="de:ef:ca:66:08:e8")
    order = in_order_of_asking([*strangers, sony, camera, public, camera], [DEFAULT_INTERFACE])
    assert order[:3] == (camera, sony, strangers[0])
    assert len(order) == MOST_NEIGHBOURS
    assert public not in order


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("8.8.8.8", True),
        ("8.8.9.8", False),
        ("100.64.1.1", True),
        ("169.254.1.1", True),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
    ],
)
def test_private_addresses_are_asked_and_those_of_our_own_networks(host, asked):
    campus = Interface(name="eth0", address="8.8.8.77", prefix_length=24)
    met = Neighbour(host=host, mac="00:11:22:33:44:55")
    assert in_order_of_asking([met], [campus]) == ((met,) if asked else ())


def test_where_the_kernel_does_not_tell_there_is_nobody(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "_TABLE", tmp_path / "gone")
    assert neighbours() == ()
    (tmp_path / "arp").write_text(TABLE)
    monkeypatch.setattr(room, "_TABLE", tmp_path / "arp")
    assert [one.host for one in neighbours()] == ["192.168.1.1", "192.168.1.7"]
