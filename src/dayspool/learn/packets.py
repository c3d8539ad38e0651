"""The packets of a capture file, pcap or pcapng, one at a time: whatever its lengths say, little is held.

Own readers, because dpkt's trust every length in the file, know one interface per file, and stop at a cut-off end.
Formats: the pcap and pcapng drafts of the IETF opsawg.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

__all__ = ["Packet", "read_packets"]

LARGEST_BLOCK_BYTES = 4 << 20  # libpcap's own limit for a packet is 256 KiB
_PIECE_BYTES = 64 << 10
_MOST_INTERFACES = 1024

_NEEDS = "name a packet capture, .pcap or .pcapng, as Wireshark, tshark or tcpdump write it"
_CUT_END = "cut-off end of the file"
_DAMAGED = "rest of a damaged file"

# The first four bytes of a pcap file: byte order, and ticks in a second.
_PCAP_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 10**6),
    b"\xa1\xb2\xc3\xd4": (">", 10**6),
    b"\x4d\x3c\xb2\xa1": ("<", 10**9),
    b"\xa1\xb2\x3c\x4d": (">", 10**9),
}
_SECTION = b"\x0a\x0d\x0d\x0a"
_SECTION_ORDER = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 1, 2, 3, 6
_TICKS_OPTION, _OFFSET_OPTION = 9, 14


class Packet(NamedTuple):
    """One packet: when it passed (seconds of the capture's clock), the kind of its link layer, and its bytes."""

    seconds: float
    link_type: int
    data: bytes


class _CutOffError(Exception):
    """The file ends inside a record."""


class _DamagedError(Exception):
    """A record's own length cannot be true, so nothing after it can be found."""


def read_packets(file: BinaryIO, unread: Counter[str]) -> Iterator[Packet]:
    """Yield the packets of a capture file in its order; count in `unread` what makes no sense.

    Raises:
        PlanError: this is no capture file.
    """
    magic = file.read(4)
    if magic in _PCAP_MAGIC:
        packets = _pcap(file, *_PCAP_MAGIC[magic])
    elif magic == _SECTION:
        packets = _PcapNg(file, unread).packets()
    else:
        raise PlanError(f"this is no packet capture but {_kind_of(magic)}; {_NEEDS}")
    try:
        yield from packets
    except _CutOffError:
        unread[_CUT_END] += 1
    except _DamagedError:
        unread[_DAMAGED] += 1


def _kind_of(magic: bytes) -> str:
    if not magic:
        return "an empty file"
    if magic.startswith(b"\x1f\x8b"):
        return "packed with gzip: unpack it first"
    return "a text file" if magic.isascii() and magic.decode().isprintable() else f"a file that begins {magic.hex(' ')}"


def _take(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise _CutOffError
    return data


def _skip(file: BinaryIO, count: int) -> None:
    while count > 0:
        count -= len(_take(file, min(count, _PIECE_BYTES)))


def _pcap(file: BinaryIO, order: str, ticks: int) -> Iterator[Packet]:
    _, _, _, _, _, kind = struct.unpack(f"{order}HHiIII", _take(file, 20))
    link_type = kind & 0xFFFF  # above it stands the length of a check sum
    record = struct.Struct(f"{order}IIII")
    while head := file.read(record.size):
        if len(head) < record.size:
            raise _CutOffError
        whole, part, captured, _ = record.unpack(head)
        if captured > LARGEST_BLOCK_BYTES:
            raise _DamagedError
        yield Packet(whole + part / ticks, link_type, _take(file, captured))


class _PcapNg:
    """Reads blocks; each section has a byte order and interfaces of its own."""

    def __init__(self, file: BinaryIO, unread: Counter[str]) -> None:
        self._file = file
        self._unread = unread
        self._order = "<"
        self._interfaces: list[tuple[int, int, int, int]] = []  # link type, snap length, ticks in a second, offset
        self._last_seconds = 0.0

    def packets(self) -> Iterator[Packet]:
        self._start_section()
        while head := self._file.read(4):
            if head == _SECTION:
                self._start_section()
                continue
            kind, length = struct.unpack(f"{self._order}II", head + _take(self._file, 8 - len(head)))
            body = self._body(kind, length)
            if kind == _INTERFACE:
                if len(self._interfaces) >= _MOST_INTERFACES:
                    raise _DamagedError
                self._interfaces.append(self._interface(body))
            elif kind in (_OLD_PACKET, _SIMPLE_PACKET, _PACKET):
                packet = self._packet(kind, body)
                if packet is None:
                    self._unread["packet block that contradicts itself"] += 1
                else:
                    yield packet

    def _start_section(self) -> None:
        head = _take(self._file, 8)
        order = _SECTION_ORDER.get(head[4:])
        if order is None:
            raise _DamagedError
        (length,) = struct.unpack(f"{order}I", head[:4])
        if length < 28 or length % 4 or length > LARGEST_BLOCK_BYTES:
            raise _DamagedError
        _skip(self._file, length - 12)
        self._order, self._interfaces = order, []

    def _body(self, kind: int, length: int) -> bytes:
        """Return a block's content if it is of a kind that is read; the others are passed over, however long."""
        if length < 12 or length % 4:
            raise _DamagedError
        if kind not in (_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET):
            _skip(self._file, length - 8)
            return b""
        if length > LARGEST_BLOCK_BYTES:
            raise _DamagedError
        return _take(self._file, length - 8)[:-4]

    def _interface(self, body: bytes) -> tuple[int, int, int, int]:
        if len(body) < 8:
            raise _DamagedError
        link_type, _, snap_length = struct.unpack_from(f"{self._order}HHI", body)
        ticks, offset, at = 10**6, 0, 8
        while at + 4 <= len(body):
            code, size = struct.unpack_from(f"{self._order}HH", body, at)
            value = body[at + 4 : at + 4 + size]
            if code == _TICKS_OPTION and len(value) == 1:
                power = value[0] & 0x7F
                # 2**-63 s and 10**-18 s are finer than any clock; beyond them stands a mistake
                ticks = 2 ** min(power, 63) if value[0] & 0x80 else 10 ** min(power, 18)
            elif code == _OFFSET_OPTION and len(value) == 8:
                (offset,) = struct.unpack(f"{self._order}q", value)
            at += 4 + size + -size % 4
        return link_type, snap_length, ticks, offset

    def _packet(self, kind: int, body: bytes) -> Packet | None:
        if kind == _SIMPLE_PACKET:
            return self._simple_packet(body)
        if len(body) < 20:
            return None
        layout = "IIIII" if kind == _PACKET else "HHIIII"
        number, *rest = struct.unpack_from(self._order + layout, body)
        high, low, captured, _ = rest[-4:]
        if number >= len(self._interfaces) or captured > len(body) - 20:
            return None
        link_type, _, ticks, offset = self._interfaces[number]
        self._last_seconds = offset + ((high << 32) | low) / ticks
        return Packet(self._last_seconds, link_type, body[20 : 20 + captured])

    def _simple_packet(self, body: bytes) -> Packet | None:
        if len(body) < 4 or not self._interfaces:
            return None
        link_type, snap_length, _, _ = self._interfaces[0]
        (original,) = struct.unpack_from(f"{self._order}I", body)
        captured = min(original, snap_length or original, len(body) - 4)
        return Packet(self._last_seconds, link_type, body[4 : 4 + captured])  # it carries no time of its own
