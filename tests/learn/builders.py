"""Captures made by hand: packets, files, and whole connections as segments that a test can lose, double and shuffle."""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass, field

import dpkt

from dayspool.learn.layers import Segment

CLIENT, CAMERA = ("10.0.0.7", 40_000), ("10.0.0.1", 10_000)
ETHERNET = 1


def tcp_packet(segment: Segment) -> bytes:
    """Return an Ethernet frame that carries the segment."""
    flags = dpkt.tcp.TH_ACK | segment.starts * dpkt.tcp.TH_SYN | segment.ends * dpkt.tcp.TH_FIN
    flags |= segment.resets * dpkt.tcp.TH_RST
    tcp = dpkt.tcp.TCP(
        sport=segment.source[1], dport=segment.target[1], seq=segment.sequence, flags=flags, data=segment.data
    )
    return ethernet(ip_packet(segment.source[0], segment.target[0], 6, tcp))


def udp_packet(source, target, data: bytes) -> bytes:
    udp = dpkt.udp.UDP(sport=source[1], dport=target[1], data=data, ulen=8 + len(data))
    return ethernet(ip_packet(source[0], target[0], 17, udp))


def ip_packet(source: str, target: str, protocol: int, data) -> bytes:
    ip = dpkt.ip.IP(src=socket.inet_aton(source), dst=socket.inet_aton(target), p=protocol, data=data)
    ip.len = 20 + len(data)
    return bytes(ip)


def ethernet(ip: bytes, kind: int = 0x0800) -> bytes:
    return bytes(12) + struct.pack(">H", kind) + ip


def pcap(packets, *, link_type: int = ETHERNET, snap: int = 262_144, order: str = "<") -> bytes:
    """Return a pcap file of `(seconds, bytes)`; a snap length cuts packets."""
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, link_type)
    records = []
    for seconds, data in packets:
        whole, cut = int(seconds), data[:snap]
        records.append(struct.pack(f"{order}IIII", whole, round((seconds - whole) * 1e6), len(cut), len(data)) + cut)
    return head + b"".join(records)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return one block of a pcapng file."""
    padded = body + bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", len(padded) + 12)
    return struct.pack(f"{order}I", kind) + length + padded + length


def pcapng_section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def pcapng_interface(link_type: int = ETHERNET, *, options: bytes = b"", snap: int = 0, order: str = "<") -> bytes:
    return block(1, struct.pack(f"{order}HHI", link_type, 0, snap) + options, order)


def pcapng_packet(data: bytes, ticks: int, *, interface: int = 0, order: str = "<") -> bytes:
    head = struct.pack(f"{order}IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data, order)


def post(method: str, params=(), *, number: int = 1, path: str = "/sony/camera") -> bytes:
    """Return the bytes of one call."""
    body = json.dumps({"method": method, "params": list(params), "id": number, "version": "1.0"}).encode()
    return f"POST {path} HTTP/1.1\r\nHost: 10.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def answer(reply, *, status: str = "200 OK") -> bytes:
    """Return the bytes of one JSON answer, with the headers of a built-in camera of 2013."""
    body = json.dumps(reply).encode()
    lines = [
        f"HTTP/1.1 {status}",
        "Connection: close",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Talk:
    """A connection as it is written: segments with their times, one millisecond apart."""

    client: tuple[str, int] = CLIENT
    server: tuple[str, int] = CAMERA
    began: float = 1000.0
    client_start: int = 0xFFFF_FF00  # so that the numbers wrap soon
    server_start: int = 77
    size: int = 400
    segments: list[tuple[float, Segment]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next = {self.client: self.client_start, self.server: self.server_start}
        self._add(self.client, b"", starts=True)
        self._add(self.server, b"", starts=True)

    def ask(self, data: bytes) -> Talk:
        return self._say(self.client, data)

    def reply(self, data: bytes) -> Talk:
        return self._say(self.server, data)

    def close(self) -> Talk:
        self._add(self.server, b"", ends=True)
        self._add(self.client, b"", ends=True)
        return self

    def packets(self) -> list[tuple[float, bytes]]:
        return [(seconds, tcp_packet(segment)) for seconds, segment in self.segments]

    def _say(self, source, data: bytes) -> Talk:
        for at in range(0, len(data), self.size):
            self._add(source, data[at : at + self.size])
        return self

    def _add(self, source, data: bytes, *, starts: bool = False, ends: bool = False) -> None:
        target = self.server if source == self.client else self.client
        segment = Segment(source, target, self._next[source], data, 0, starts, ends, False)
        self._next[source] = (self._next[source] + len(data) + starts + ends) % (1 << 32)
        self.segments.append((self.began + len(self.segments) / 1000, segment))
