"""The network interfaces of this machine that a search can go out on."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ifaddr

from dayspool.discovery.address import is_ipv4
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["DEFAULT_INTERFACE", "Interface", "choose_interfaces", "ipv4_interfaces", "is_near", "is_private"]


# Who connects to one of these (RFC 1122) reaches himself.
_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One IPv4 address of one network interface, and the length of its network's prefix in bits."""

    name: str
    address: str
    prefix_length: int

    def reaches(self, host: str) -> bool:
        """Tell whether `host`, an IPv4 address in digits, lies in this interface's own network."""
        network = ipaddress.IPv4Network(f"{self.address}/{self.prefix_length}", strict=False)
        return ipaddress.IPv4Address(host) in network

    @property
    def device(self) -> str:
        """The name without the label that a second address may carry (`eth0` of `eth0:1`)."""
        return self.name.partition(":")[0]

    @property
    def source(self) -> str | None:
        """What makes a connection leave by this interface, as `192.168.122.9%wlan0`; `None`: the system chooses."""
        if self == DEFAULT_INTERFACE:
            return None
        return self.address if self.name == self.address else f"{self.address}%{self.name}"

    def __str__(self) -> str:
        return f"{self.name} ({self.address})"


# What the kernel chooses by itself; every host may lie behind it.
DEFAULT_INTERFACE = Interface(name="default", address="0.0.0.0", prefix_length=0)  # noqa: S104 - not bound for serving


def ipv4_interfaces() -> tuple[Interface, ...]:
    """List the IPv4 interfaces, loopback included; only the default one where listing is denied (Android)."""
    try:
        adapters: Iterable[ifaddr.Adapter] = ifaddr.get_adapters()
    except OSError:
        return (DEFAULT_INTERFACE,)
    found = tuple(
        Interface(name=adapter.name, address=str(ip.ip), prefix_length=ip.network_prefix)
        for adapter in adapters
        for ip in adapter.ips
        if ip.is_IPv4
    )
    return found or (DEFAULT_INTERFACE,)


def choose_interfaces(interfaces: Sequence[Interface], wanted: str | None) -> tuple[Interface, ...]:
    """Return the interfaces called `wanted` or having that address; all of them when none is wanted.

    Raises:
        PlanError: there is none such; the message names those there are.
    """
    if wanted is None:
        return tuple(interfaces)
    chosen = tuple(interface for interface in interfaces if wanted in (interface.name, interface.address))
    if chosen:
        return chosen
    if DEFAULT_INTERFACE in interfaces and is_ipv4(wanted):
        # Nothing can be looked up here. A camera's access point hands out a network of 24 bits.
        return (Interface(name=wanted, address=wanted, prefix_length=24),)
    there = ", ".join(str(interface) for interface in interfaces)
    raise PlanError(f"interface: there is none called {wanted!r}; this machine has {there}")


def is_near(host: str, interface: Interface) -> bool:
    """Tell whether `host` (IPv4 in digits) may have answered by this interface: it lies in its network.

    A datagram's sender can be forged: answering one must never make this machine call on a host of another network.
    Of the default interface (a phone's) no network is known, so every address passes that is not of the wide world.
    """
    if interface == DEFAULT_INTERFACE:
        return is_private(host)
    return interface.reaches(host)


def is_private(host: str) -> bool:
    """Tell whether `host` (IPv4 in digits) can be one host of somebody's own network, a carrier's (RFC 6598) too."""
    address = ipaddress.IPv4Address(host)
    nobody = address.is_multicast or address.is_reserved or address in _THIS_NETWORK
    return not (address.is_global or nobody)
