"""Capture files of every kind, and files that only look like one."""

from __future__ import annotations

import io
import struct
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import PlanError
from dayspool.learn.packets import Packet, read_packets
from tests.learn.builders import block, pcap, pcapng_interface, pcapng_packet, pcapng_section

TWO = [(5.25, b"first"), (6.5, b"second one")]


def read(data: bytes) -> tuple[list[Packet], Counter[str]]:
    unread: Counter[str] = Counter()
    return list(read_packets(io.BytesIO(data), unread)), unread


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_pcap_file_gives_its_packets(order):
    packets, unread = read(pcap(TWO, order=order))
    assert packets == [Packet(5.25, 1, b"first"), Packet(6.5, 1, b"second one")]
    assert not unread


def test_nanoseconds_are_read():
    data = bytearray(pcap([(1.0, b"x")]))
    data[:4] = struct.pack("<I", 0xA1B23C4D)
    data[28:32] = struct.pack("<I", 250_000_000)
    assert read(bytes(data))[0] == [Packet(1.25, 1, b"x")]


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_pcapng_file_knows_many_interfaces_clocks_and_sections(order):
    nano = struct.pack(f"{order}HHB3xHHqHH", 9, 1, 9, 14, 8, 100, 0, 0)
    binary = struct.pack(f"{order}HHB3x", 9, 1, 0x8A)
    data = (
        pcapng_section(order)
        + pcapng_interface(1, options=nano, order=order)
        + block(0x0BAD, b"a kind from the future", order)
        + pcapng_interface(113, options=binary, order=order)
        + pcapng_packet(b"one", 2_500_000_000, order=order)
        + pcapng_packet(b"three", 1024 + 512, interface=1, order=order)
        + block(3, struct.pack(f"{order}I", 3) + b"six", order)
        + pcapng_section()
        + pcapng_interface(101)
        + pcapng_packet(b"next", 1_000_000)
    )
    packets, unread = read(data)
    assert packets == [
        Packet(102.5, 1, b"one"),
        Packet(1.5, 113, b"three"),
        Packet(1.5, 1, b"six"),
        Packet(1.0, 101, b"next"),
    ]
    assert not unread


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "an empty file"),
        (b"hello, this is no capture", "a text file"),
        (b"\x1f\x8b\x08\x00", "unpack it first"),
        (b"\xff\xd8\xff\xe0JFIF", "begins ff d8 ff e0"),
    ],
)
def test_what_is_no_capture_is_named(data, said):
    with pytest.raises(PlanError, match=said):
        read(data)


@pytest.mark.parametrize("whole", [pcap(TWO), pcapng_section() + pcapng_interface() + pcapng_packet(b"four", 7)])
def test_a_cut_off_end_costs_the_last_packet_only(whole):
    for length in range(5, len(whole)):
        packets, _ = read(whole[:length])
        assert packets == read(whole)[0][: len(packets)]
    packets, unread = read(whole[:-1])
    assert unread == {"cut-off end of the file": 1}


@pytest.mark.parametrize(
    "data",
    [
        pcap([]) + struct.pack("<IIII", 0, 0, 0xFFFFFFF0, 0xFFFFFFF0) + b"x" * 100,
        pcapng_section() + pcapng_interface() + struct.pack("<II", 6, 0xFFFFFFFC) + b"x" * 100,
        pcapng_section() + pcapng_interface() + struct.pack("<II", 6, 8) + b"x" * 100,
        pcapng_section() + pcapng_interface() + struct.pack("<II", 6, 13) + b"x" * 100,
        b"\x0a\x0d\x0d\x0a\xff\xff\xff\xff\x4d\x3c\x2b\x1a",
        b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00nope",
        pcapng_section() + pcapng_interface() + pcapng_packet(b"x", 1, interface=9),
        pcapng_section() + block(6, b"short"),
        pcapng_section() + block(1, b"xyz"),
        pcapng_section() + pcapng_interface() * 2000,
        pcapng_section() + block(3, b"\xff\xff\xff\xff"),
        pcapng_section() + struct.pack("<II", 0x99, 0xFFFFFFFC) + b"x" * 100,
    ],
)
def test_absurd_lengths_are_counted_and_allocate_nothing(data):
    tracemalloc.start()
    packets, unread = read(data)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert packets == []
    assert sum(unread.values()) == 1


@given(st.sampled_from([pcap(TWO), pcapng_section() + pcapng_interface() + pcapng_packet(b"four", 7)]), st.data())
def test_no_damage_raises_anything_of_its_own(whole, data):
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(damaged))
