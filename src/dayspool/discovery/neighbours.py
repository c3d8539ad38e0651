"""The hosts this machine has talked to of late: the kernel's neighbour table, likely cameras first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.discovery.address import is_ipv4
from dayspool.discovery.interfaces import DEFAULT_INTERFACE, Interface, is_private
from dayspool.discovery.makers import Likelihood, likelihood_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MOST_NEIGHBOURS", "Neighbour", "in_order_of_asking", "neighbours", "parse_arp"]

_TABLE = Path("/proc/net/arp")
_COMPLETE = 0x2
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")
_NOBODY = "00:00:00:00:00:00"
# A crowded network is not combed: whoever is beyond these can be named with --address.
MOST_NEIGHBOURS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A host and its network address (MAC), and the interface it was met on where that is known."""

    host: str
    mac: str
    interface: str | None = None

    @property
    def likelihood(self) -> Likelihood:
        """How likely it is a camera."""
        return likelihood_of(self.mac)


def neighbours() -> tuple[Neighbour, ...]:
    """Read the kernel's neighbour table; nobody where it does not tell (Android, other systems)."""
    try:
        return parse_arp(_TABLE.read_text(encoding="ascii", errors="replace"))
    except OSError:
        return ()


def parse_arp(table: str) -> tuple[Neighbour, ...]:
    """Read a `/proc/net/arp` table; unfinished entries and lines that make no sense are passed over."""
    found = []
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) < 6:
            continue
        host, _, flags, mac, _, interface = columns[:6]
        try:
            answered = int(flags, 16) & _COMPLETE
        except ValueError:
            continue
        if answered and is_ipv4(host) and _MAC.fullmatch(mac) and mac != _NOBODY:
            found.append(Neighbour(host=host, mac=mac.lower(), interface=interface))
    return tuple(found)


def in_order_of_asking(found: Iterable[Neighbour], interfaces: Sequence[Interface]) -> tuple[Neighbour, ...]:
    """Return each host once, the likeliest first, at most `MOST_NEIGHBOURS`.

    Only hosts in a network of the `interfaces` are asked, and private addresses: a campus may use public ones.
    """

    def is_ours(host: str) -> bool:
        known = (each for each in interfaces if each != DEFAULT_INTERFACE)
        return is_ipv4(host) and (is_private(host) or any(each.reaches(host) for each in known))

    ours = {one.host: one for one in found if is_ours(one.host)}
    return tuple(sorted(ours.values(), key=lambda one: -one.likelihood)[:MOST_NEIGHBOURS])
