"""Packets out of their envelopes."""

from __future__ import annotations

import struct

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.learn.layers import Datagram, Segment, unwrap
from tests.learn.builders import CAMERA, CLIENT, ethernet, ip_packet, tcp_packet, udp_packet

SEGMENT = Segment(CLIENT, CAMERA, 7, b"POST", 0, False, False, False)
FRAME = tcp_packet(SEGMENT)
IP = FRAME[14:]
SNAP = b"\xaa\xaa\x03\x00\x00\x00\x08\x00"


def wifi(control: int, flags: int, head: int = 24, extra: bytes = b"") -> bytes:
    return bytes([control, flags]) + bytes(head - 2) + extra + SNAP + IP


RADIOTAP = b"\x00\x00\x08\x00\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("link_type", "data"),
    [
        (1, FRAME),
        (1, bytes(12) + b"\x81\x00\x00\x05\x08\x00" + IP),
        (1, bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x05\x08\x00" + IP),
        (1, FRAME + b"trailing bytes of a short frame"),
        (0, b"\x02\x00\x00\x00" + IP),
        (108, b"\x00\x00\x00\x02" + IP),
        (12, IP),
        (101, IP),
        (228, IP),
        (113, bytes(14) + b"\x08\x00" + IP),
        (276, b"\x08\x00" + bytes(18) + IP),
        (105, wifi(0x08, 0x01)),
        (105, wifi(0x88, 0x02, 24, bytes(2))),
        (105, wifi(0x08, 0x03, 30)),
        (127, RADIOTAP + wifi(0x88, 0x82, 24, bytes(6)) + b"\xde\xad\xbe\xef"),
    ],
)
def test_every_envelope_gives_the_same_segment(link_type, data):
    assert unwrap(link_type, data) == SEGMENT


def test_flags_and_ipv6_are_read():
    tcp = dpkt.tcp.TCP(sport=1, dport=2, seq=3, flags=dpkt.tcp.TH_SYN | dpkt.tcp.TH_RST, data=b"")
    six = dpkt.ip6.IP6(src=bytes(15) + b"\1", dst=bytes(15) + b"\2", nxt=6, plen=20, data=tcp)
    assert unwrap(101, bytes(six)) == Segment(("::1", 1), ("::2", 2), 3, b"", 0, True, False, True)


def test_datagrams_are_read():
    assert unwrap(1, udp_packet(CLIENT, CAMERA, b"NOTIFY")) == Datagram(CLIENT, CAMERA, b"NOTIFY")


def test_a_snap_length_leaves_a_hole_of_known_size():
    long = SEGMENT._replace(data=b"0123456789")
    assert unwrap(1, tcp_packet(long)[:-7]) == SEGMENT._replace(data=b"012", lost_bytes=7)


@pytest.mark.parametrize(
    ("link_type", "data", "said"),
    [
        (147, FRAME, "link layer 147"),
        (1, bytes(12) + b"\x08\x06" + bytes(28), "ARP"),
        (1, bytes(12) + b"\x88\x99" + bytes(28), "no IP"),
        (1, b"short", "cut short"),
        (1, FRAME[:40], "cut short"),
        (1, udp_packet(CLIENT, CAMERA, b"NOTIFY")[:-2], "cut short"),
        (1, ethernet(ip_packet("10.0.0.1", "10.0.0.2", 2, b"12345678")), "IGMP"),
        (1, ethernet(ip_packet("10.0.0.1", "10.0.0.2", 99, b"12345678")), "IP protocol 99"),
        (105, wifi(0x08, 0x41), "encrypted"),
        (105, wifi(0x80, 0x00), "management"),
        (105, wifi(0x48, 0x01), "management"),
        (105, wifi(0x88, 0x01, 24, b"\x80\x00"), "several packets"),
        (127, b"\x00", "cut short"),
    ],
)
def test_what_is_neither_is_named(link_type, data, said):
    found = unwrap(link_type, data)
    assert isinstance(found, str)
    assert said in found


def test_fragments_are_named():
    data = bytearray(FRAME)
    data[20:22] = struct.pack(">H", 0x2000)
    assert unwrap(1, bytes(data)) == "IPv4 fragment"


@given(st.sampled_from([0, 1, 12, 101, 105, 108, 113, 127, 228, 229, 276, 999]), st.binary(max_size=120))
def test_no_bytes_raise(link_type, data):
    unwrap(link_type, data)


@given(st.sampled_from([FRAME, udp_packet(CLIENT, CAMERA, b"x" * 30)]), st.data())
def test_no_damage_raises(frame, data):
    damaged = bytearray(frame)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(12, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    unwrap(1, bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    unwrap(101, bytes([0x60 | damaged[14] & 0xF]) + bytes(damaged[15:]))
