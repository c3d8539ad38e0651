"""One captured packet, taken out of its envelopes: a piece of a TCP stream, a UDP datagram, or why it is neither."""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

import dpkt.dpkt
import dpkt.ip
import dpkt.ip6
import dpkt.tcp
import dpkt.udp

__all__ = ["Datagram", "End", "Segment", "unwrap"]

End = tuple[str, int]  # address and port

_CUT = "packet cut short by the capture's length limit"
_NOT_IP = "packet that is no IP"
_IPV4, _IPV6 = 0x0800, 0x86DD
_VLAN = (0x8100, 0x88A8, 0x9100)
_ARP = 0x0806
_NAMED = {_ARP: "ARP", 0x888E: "Wi-Fi key exchange", 0x88CC: "LLDP"}
_SNAP = b"\xaa\xaa\x03\x00\x00\x00"

_FIN, _SYN, _RST = 0x01, 0x02, 0x04


class Segment(NamedTuple):
    """One TCP segment; `lost_bytes` were in it and not captured, at its end."""

    source: End
    target: End
    sequence: int
    data: bytes
    lost_bytes: int
    starts: bool
    ends: bool
    resets: bool


class Datagram(NamedTuple):
    """One UDP datagram."""

    source: End
    target: End
    data: bytes


def unwrap(link_type: int, data: bytes) -> Segment | Datagram | str:
    """Take a packet out of its link and network layers; a sentence's worth of reason for what is neither TCP nor UDP.

    Link layers (numbers of tcpdump.org/linktypes.html): Ethernet with VLAN tags, loopback, raw IP, Linux cooked 1 and
    2, and Wi-Fi with or without radiotap, as far as it is not encrypted. Never raises.
    """
    find = _LINKS.get(link_type)
    if find is None:
        return f"link layer {link_type}, which is not known here"
    try:
        found = find(data)
        return found if isinstance(found, str) else _internet(data[found:])
    except (dpkt.dpkt.Error, struct.error, IndexError, ValueError):  # dpkt lets the latter two through
        return _CUT


def _typed(kind: int, at: int) -> int | str:
    return at if kind in (_IPV4, _IPV6) else _NAMED.get(kind, _NOT_IP)


def _ethernet(data: bytes) -> int | str:
    at = 12
    (kind,) = struct.unpack_from(">H", data, at)
    while kind in _VLAN:
        at += 4
        (kind,) = struct.unpack_from(">H", data, at)
    return _typed(kind, at + 2)


def _cooked(data: bytes) -> int | str:
    return _typed(struct.unpack_from(">H", data, 14)[0], 16)


def _cooked_2(data: bytes) -> int | str:
    return _typed(struct.unpack_from(">H", data)[0], 20)


def _radiotap(data: bytes) -> int | str:
    (length,) = struct.unpack_from("<H", data, 2)
    found = _wifi(data[length:])
    return found if isinstance(found, str) else found + int(length)


def _wifi(data: bytes) -> int | str:
    """IEEE 802.11: only whole, readable data frames carry IP; the rest is the network talking to itself."""
    control, flags = data[0], data[1]
    if control >> 2 & 3 != 2 or control & 0x40:
        return "Wi-Fi management or control frame"
    if flags & 0x40:
        return "encrypted Wi-Fi frame; capture on the computer that talks to the camera, or decrypt it in Wireshark"
    at = 30 if flags & 3 == 3 else 24
    if control & 0x80:
        if data[at] & 0x80:
            return "Wi-Fi frame of several packets"
        at += 6 if flags & 0x80 else 2
    if data[at : at + 6] != _SNAP:
        return _NOT_IP
    return _typed(struct.unpack_from(">H", data, at + 6)[0], at + 8)


_LINKS = {
    0: lambda _: 4,
    1: _ethernet,
    12: lambda _: 0,
    101: lambda _: 0,
    105: _wifi,
    108: lambda _: 4,
    113: _cooked,
    127: _radiotap,
    228: lambda _: 0,
    229: lambda _: 0,
    276: _cooked_2,
}


def _internet(data: bytes) -> Segment | Datagram | str:
    version = data[0] >> 4
    if version == 4:
        four = dpkt.ip.IP(data)
        if four.offset or four.mf:
            return "IPv4 fragment"
        payload_bytes = four.len - 4 * four.hl if four.len else len(data) - 4 * four.hl
        return _transport(four.p, four.data, socket.AF_INET, four.src, four.dst, payload_bytes)
    if version == 6:
        six = dpkt.ip6.IP6(data)
        if six.nxt == 44:
            return "IPv6 fragment"
        extensions_bytes = sum(header.length for header in six.all_extension_headers)
        payload_bytes = six.plen - extensions_bytes if six.plen else len(data) - 40 - extensions_bytes
        return _transport(getattr(six, "p", six.nxt), six.data, socket.AF_INET6, six.src, six.dst, payload_bytes)
    return _NOT_IP


def _transport(
    protocol: int, payload: object, family: socket.AddressFamily, source: bytes, target: bytes, payload_bytes: int
) -> Segment | Datagram | str:
    here, there = socket.inet_ntop(family, source), socket.inet_ntop(family, target)
    if isinstance(payload, dpkt.tcp.TCP):
        lost = payload_bytes - 4 * payload.off - len(payload.data)
        return Segment(
            source=(here, payload.sport),
            target=(there, payload.dport),
            sequence=payload.seq,
            data=bytes(payload.data),
            lost_bytes=max(0, lost),
            starts=bool(payload.flags & _SYN),
            ends=bool(payload.flags & _FIN),
            resets=bool(payload.flags & _RST),
        )
    if isinstance(payload, dpkt.udp.UDP):
        data = bytes(payload.data)
        return _CUT if len(data) < payload.ulen - 8 else Datagram((here, payload.sport), (there, payload.dport), data)
    if protocol in (dpkt.ip.IP_PROTO_TCP, dpkt.ip.IP_PROTO_UDP):
        return _CUT
    return _PROTOCOLS.get(protocol, f"IP protocol {protocol}")


_PROTOCOLS = {1: "ICMP", 2: "IGMP", 58: "ICMPv6"}
