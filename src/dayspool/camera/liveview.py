"""The liveview stream: bytes in, pictures out, whatever the chunks are and however much rubbish lies between (no I/O).

A packet is a head of 136 bytes, a payload and padding, all numbers big-endian::

    0  1    0xFF                          8   4    24 35 68 79
    1  1    what the payload is          12   3    payload bytes
    2  2    sequence, wraps              15   1    padding bytes
    4  4    time stamp, ms               16   120  of focus frames: version, count, bytes of each

A focus frame is 16 bytes: left, top, right and bottom on a grid of 10000, two bytes each; what found it, its state and
a third number, one byte each; five unused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.picture.jpeg import jpeg_end

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PAYLOAD_CAP_BYTES", "FocusArea", "LiveviewFrame", "LiveviewParser"]

PAYLOAD_CAP_BYTES = 1 << 20

_MAGIC = b"\x24\x35\x68\x79"
_MAGIC_AT = 8
_START = _MAGIC_AT + len(_MAGIC)  # so much of a head is always the same
_SIZES_END = 16
_HEAD = 136
_JPEG, _FOCUS = 0x01, 0x02
# A picture, focus frames, a streamed clip, its playing position.
_KNOWN_KINDS = frozenset({_JPEG, _FOCUS, 0x11, 0x12})
_SOI = b"\xff\xd8"

GRID = 10_000
MOST_AREAS = 1000  # above any body's count of focus points
_FOCUS_HEAD = struct.Struct(">HHH")
_AREA = struct.Struct(">4H3B")
_AREA_BYTES = 16
# As the gst, kota and xaldew clients name them.
_FOUND_BY: Mapping[int, str] = {1: "contrast", 2: "phase", 4: "face", 5: "tracking"}
_STATES: Mapping[int, str] = {1: "normal", 2: "main", 3: "sub", 4: "focused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusArea:
    """One rectangle the camera focuses on.

    Attributes:
        left, top, right, bottom: 0 to 10000 across and down the picture, whatever its size.
        found_by: `contrast`, `phase`, `face`, `tracking`, or the camera's number where it is none of these.
        state: `normal`, `main`, `sub`, `focused`, or the camera's number.
        additional: the camera's own third number; nobody tells what it means.
    """

    left: int
    top: int
    right: int
    bottom: int
    found_by: str
    state: str
    additional: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveviewFrame:
    """One liveview picture.

    Attributes:
        sequence: the camera's own count, 0 to 65535, which wraps.
        timestamp_ms: the camera's own clock in milliseconds, from an arbitrary start.
        jpeg: the picture, from its first to its last marker.
        focus: the rectangles last told of; empty where the camera was not asked for them.
    """

    sequence: int
    timestamp_ms: int
    jpeg: bytes
    focus: tuple[FocusArea, ...] = ()


class LiveviewParser:
    """Cuts a liveview stream into frames.

    Feed it what arrives; it never raises, holds at most one packet, and takes time in proportion to the bytes fed.

    A head is believed only as far as it proves true, so that a wrong size costs no other frame: a picture ends with its
    end marker and at the latest where the next picture's packet begins, whatever its size says; any other packet is
    passed over only if a head follows it.
    """

    def __init__(self, *, cap_bytes: int = PAYLOAD_CAP_BYTES) -> None:
        self._cap_bytes = cap_bytes
        self._buffer = bytearray()
        self._looked = _HEAD  # how far the unfinished packet has been searched for another picture's head
        self._focus: tuple[FocusArea, ...] = ()

    @property
    def buffered_bytes(self) -> int:
        """How much of an unfinished packet is held."""
        return len(self._buffer)

    def receive(self, data: bytes) -> list[LiveviewFrame]:
        """Take in the next bytes of the stream and return the frames they complete."""
        self._buffer += data
        frames: list[LiveviewFrame] = []
        position = self._find_start(0)
        while (step := self._read_packet(position)) is not None:
            after, frame = step
            if frame is not None:
                frames.append(frame)
            self._looked = _HEAD
            position = self._find_start(after)
        # Once per call and from the front, which a bytearray does without moving the rest.
        del self._buffer[:position]
        return frames

    def _find_start(self, at: int) -> int:
        """Return where the next head begins, or where one may begin of which only a part has come."""
        while (magic := self._buffer.find(_MAGIC, at + _MAGIC_AT)) >= 0:
            at = magic - _MAGIC_AT
            if self._is_start(at):
                return at
            at += 1
        return max(at, len(self._buffer) - _START + 1)

    def _read_packet(self, at: int) -> tuple[int, LiveviewFrame | None] | None:
        """Return where to search on after the packet at `at`, and its frame; `None` while more has to come."""
        if len(self._buffer) < at + _SIZES_END:
            return None
        if self._payload_bytes(at) > self._cap_bytes:
            return at + 1, None
        if self._buffer[at + 1] != _JPEG:
            return self._pass_over(at)
        if len(self._buffer) < at + _HEAD + len(_SOI):
            return None
        if not self._is_picture(at):
            return at + 1, None
        end = self._picture_end(at)
        return None if end is None else self._read_picture(at, end)

    def _pass_over(self, at: int) -> tuple[int, None] | None:
        end = at + _HEAD + self._payload_bytes(at) + self._buffer[at + 15]
        if len(self._buffer) < end + _START:
            return None
        if not self._is_start(end):
            return at + 1, None
        if self._buffer[at + 1] == _FOCUS:
            self._focus = self._read_focus(at)
        return end, None

    def _read_focus(self, at: int) -> tuple[FocusArea, ...]:
        """Return the rectangles of the packet at `at`: as many as it holds, whatever it says."""
        _, count, each = _FOCUS_HEAD.unpack_from(self._buffer, at + _SIZES_END)
        if each < _AREA_BYTES:
            return ()
        count = min(count, self._payload_bytes(at) // each, MOST_AREAS)
        areas = (_area(_AREA.unpack_from(self._buffer, at + _HEAD + each * n)) for n in range(count))
        return tuple(area for area in areas if area is not None)

    def _read_picture(self, at: int, end: int) -> tuple[int, LiveviewFrame | None]:
        payload = bytes(self._buffer[at + _HEAD : end])
        # The A6300 leaves bytes of an earlier, longer picture behind the end of this one.
        length = jpeg_end(payload)
        if length is None:
            return at + _HEAD, None
        sequence = int.from_bytes(self._buffer[at + 2 : at + 4])
        timestamp_ms = int.from_bytes(self._buffer[at + 4 : at + 8])
        frame = LiveviewFrame(sequence=sequence, timestamp_ms=timestamp_ms, jpeg=payload[:length], focus=self._focus)
        return at + _HEAD + length, frame

    def _picture_end(self, at: int) -> int | None:
        """Return where the payload of the picture at `at` ends: as its size says, or where another picture begins."""
        end = at + _HEAD + self._payload_bytes(at)
        limit = min(end, len(self._buffer))
        look = at + self._looked
        while (magic := self._buffer.find(_MAGIC, look + _MAGIC_AT, limit)) >= 0:
            look = magic - _MAGIC_AT
            if look + _HEAD + len(_SOI) > limit:
                break
            if self._is_start(look) and self._is_picture(look):
                return look
            look += 1
        else:
            look = max(look, limit - _START + 1)
        self._looked = look - at
        return end if limit == end else None

    def _is_start(self, at: int) -> bool:
        known = self._buffer[at] == 0xFF and self._buffer[at + 1] in _KNOWN_KINDS
        return known and self._buffer.startswith(_MAGIC, at + _MAGIC_AT)

    def _is_picture(self, at: int) -> bool:
        return self._buffer[at + 1] == _JPEG and self._buffer.startswith(_SOI, at + _HEAD)

    def _payload_bytes(self, at: int) -> int:
        return int.from_bytes(self._buffer[at + 12 : at + 15])


def _area(record: tuple[int, ...]) -> FocusArea | None:
    left, top, right, bottom, found_by, state, additional = record
    if max(left, top, right, bottom) > GRID:
        return None
    return FocusArea(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        found_by=_FOUND_BY.get(found_by, str(found_by)),
        state=_STATES.get(state, str(state)),
        additional=additional,
    )
