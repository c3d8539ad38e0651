"""The liveview stream: bytes in, pictures out, whatever the chunks are and however much rubbish lies between (no I/O).

A packet is a head of 136 bytes, a payload and padding, all numbers big-endian::

    0  1    0xFF                          8   4    24 35 68 79
    1  1    what the payload is          12   3    payload bytes
    2  2    sequence, wraps              15   1    padding bytes
    4  4    time stamp, ms               16   120  not needed
"""

from __future__ import annotations

from dataclasses import dataclass

from dayspool.picture.jpeg import jpeg_end

__all__ = ["PAYLOAD_CAP_BYTES", "LiveviewFrame", "LiveviewParser"]

PAYLOAD_CAP_BYTES = 4 << 20

_MAGIC = b"\x24\x35\x68\x79"
_MAGIC_AT = 8
_SIZES_END = 16
_HEAD = 136
_JPEG = 0x01
# A picture, focus frames, a streamed clip, its playing position.
_KNOWN_KINDS = frozenset({_JPEG, 0x02, 0x11, 0x12})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveviewFrame:
    """One liveview picture.

    Attributes:
        sequence: the camera's own count, 0 to 65535, which wraps.
        timestamp_ms: the camera's own clock in milliseconds, from an arbitrary start.
        jpeg: the picture, from its first to its last marker.
    """

    sequence: int
    timestamp_ms: int
    jpeg: bytes


class LiveviewParser:
    """Cuts a liveview stream into frames.

    Feed it what arrives; it never raises, holds at most one packet, and takes time in proportion to the bytes fed.

    Attributes:
        rejected: packets that were no picture although they said so, or too large to be one.
        skipped_bytes: bytes that belonged to no packet.
    """

    def __init__(self, *, cap_bytes: int = PAYLOAD_CAP_BYTES) -> None:
        self.rejected = 0
        self.skipped_bytes = 0
        self._cap_bytes = cap_bytes
        self._buffer = bytearray()

    @property
    def buffered_bytes(self) -> int:
        """How much of an unfinished packet is held."""
        return len(self._buffer)

    def receive(self, data: bytes) -> list[LiveviewFrame]:
        """Take in the next bytes of the stream and return the frames they complete."""
        self._buffer += data
        frames: list[LiveviewFrame] = []
        position = 0
        while True:
            position = self._synchronise(position)
            end = self._packet_end(position)
            if end is None or end > len(self._buffer):
                break
            frame = self._read_packet(position, end)
            if frame is not None:
                frames.append(frame)
            position = end
        # Once per call and from the front, which a bytearray does without moving the rest.
        del self._buffer[:position]
        return frames

    def _synchronise(self, start: int) -> int:
        """Return where the next packet begins or may begin; the bytes before it belong to none."""
        found = start
        while True:
            magic = self._buffer.find(_MAGIC, found + _MAGIC_AT)
            if magic < 0:
                # The magic may be cut off at the end of what has come.
                found = max(start, found, len(self._buffer) - _MAGIC_AT - len(_MAGIC) + 1)
                break
            found = magic - _MAGIC_AT
            if self._is_head(found):
                break
            found += 1
        self.skipped_bytes += found - start
        return found

    def _is_head(self, at: int) -> bool:
        if self._buffer[at] != 0xFF or self._buffer[at + 1] not in _KNOWN_KINDS:
            return False
        if len(self._buffer) >= at + _SIZES_END and self._payload_bytes(at) > self._cap_bytes:
            self.rejected += 1
            return False
        return True

    def _payload_bytes(self, at: int) -> int:
        return int.from_bytes(self._buffer[at + 12 : at + 15])

    def _packet_end(self, at: int) -> int | None:
        """Return where the packet at `at` ends, or `None` while its sizes have not come."""
        if len(self._buffer) < at + _SIZES_END:
            return None
        return at + _HEAD + self._payload_bytes(at) + self._buffer[at + 15]

    def _read_packet(self, at: int, end: int) -> LiveviewFrame | None:
        if self._buffer[at + 1] != _JPEG:
            return None
        payload = bytes(self._buffer[at + _HEAD : end - self._buffer[at + 15]])
        # The A6300 leaves bytes of an earlier, longer picture behind the end of this one.
        length = jpeg_end(payload)
        if length is None:
            self.rejected += 1
            return None
        sequence = int.from_bytes(self._buffer[at + 2 : at + 4])
        timestamp_ms = int.from_bytes(self._buffer[at + 4 : at + 8])
        return LiveviewFrame(sequence=sequence, timestamp_ms=timestamp_ms, jpeg=payload[:length])
