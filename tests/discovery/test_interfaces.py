"""Interfaces of this machine, and which of them a person means."""

from __future__ import annotations

import ifaddr
import pytest

from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface, choose_interfaces, ipv4_interfaces, is_near
from dayspool.errors import PlanError

WIFI = Interface(name="wlan0", address="192.168.122.137", prefix_length=24)
WIRE = Interface(name="eth0", address="172.16.4.2", prefix_length=16)


def test_loopback_is_among_this_machines_interfaces():
    assert Interface(name="lo", address="127.0.0.1", prefix_length=8) in ipv4_interfaces()


def test_where_listing_is_denied_the_system_chooses(monkeypatch):
    def denied():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ifaddr, "get_adapters", denied)
    assert ipv4_interfaces() == (DEFAULT_INTERFACE,)


@pytest.mark.parametrize(
    ("interface", "host", "reached"),
    [
        (WIFI, "192.168.122.1", True),
        (WIFI, "10.0.0.1", False),
        (WIRE, "172.16.255.1", True),
        (DEFAULT_INTERFACE, "10.0.0.1", True),
    ],
)
def test_which_hosts_lie_in_its_network(interface, host, reached):
    assert interface.reaches(host) is reached


@pytest.mark.parametrize(("wanted", "chosen"), [(None, (WIFI, WIRE)), ("wlan0", (WIFI,)), ("172.16.4.2", (WIRE,))])
def test_one_is_chosen_by_name_or_address(wanted, chosen):
    assert choose_interfaces([WIFI, WIRE], wanted) == chosen


def test_an_unknown_one_is_answered_with_those_there_are():
    with pytest.raises(PlanError, match=r"'wlan1'; this machine has wlan0 \(192\.168\.122\.137\), eth0"):
        choose_interfaces([WIFI, WIRE], "wlan1")


def test_an_address_is_believed_where_nothing_can_be_listed():
    (chosen,) = choose_interfaces([DEFAULT_INTERFACE], "192.168.122.137")
    assert chosen.address == "192.168.122.137"
    assert chosen.reaches("192.168.122.1")
    with pytest.raises(PlanError):
        choose_interfaces([DEFAULT_INTERFACE], "wlan0")


@pytest.mark.parametrize(
    ("host", "interface", "near"),
    [
        ("192.168.122.1", WIFI, True),
        ("10.0.0.1", WIFI, False),
        ("192.168.122.1", WIRE, False),
        ("127.0.0.1", WIFI, False),
        ("8.8.8.8", WIFI, False),
        ("10.0.0.1", DEFAULT_INTERFACE, True),
        ("169.254.3.3", DEFAULT_INTERFACE, True),
        ("100.64.9.9", DEFAULT_INTERFACE, True),
        ("8.8.8.8", DEFAULT_INTERFACE, False),
        ("0.0.0.0", DEFAULT_INTERFACE, False),
        ("255.255.255.255", DEFAULT_INTERFACE, False),
    ],
)
def test_only_hosts_of_the_network_that_an_answer_came_by_are_followed(host, interface, near):
    assert is_near(host, interface) is near


def test_a_public_address_is_near_on_its_own_network():
    campus = Interface(name="eth0", address="8.8.8.77", prefix_length=24)
    assert is_near("8.8.8.8", campus)
