"""Walk a JPEG's markers: its size, its EXIF block, whether it is all there; bytes in, facts out, nothing decoded.

A JPEG is `FF D8`, then segments (`FF`, code, two bytes of length that count themselves), then the scan after `FF DA`,
then `FF D9` (ITU-T T.81, annex B). A thumbnail inside an EXIF segment has its own `FF D9`, which the walk steps over;
inside a scan a data byte `FF` is always followed by `00`, so a `FF D9` after the scan began is the true end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dayspool.errors import FrameUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JpegFacts", "exif_block", "inspect", "jpeg_end"]

_START = b"\xff\xd8"
_END = b"\xff\xd9"
_EXIF_HEADER = b"Exif\x00\x00"
_APP1, _SCAN, _END_CODE = 0xE1, 0xDA, 0xD9
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # C4, C8 and CC are tables, not frame headers
_CUT_SHORT = "the picture is cut short: "


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegFacts:
    """A whole JPEG's size in pixels, as stored (EXIF may ask for a turn)."""

    width: int
    height: int


class _Segment(NamedTuple):
    code: int
    start: int  # of the payload, behind the length
    end: int


def inspect(data: bytes) -> JpegFacts:
    """Check that a JPEG is there from its first marker to its last, and return its size.

    What follows the end marker is not the picture and is not looked at: cameras pad with zeros, or append a preview.
    The end marker is looked for from the end, where it nearly always is, so that this costs next to nothing.

    Raises:
        FrameUnreadable: the data is no JPEG, is cut short, or does not say its size.
    """
    size: JpegFacts | None = None
    for segment in _segments(data):
        if segment.code in _FRAME_HEADERS:
            size = _size(data[segment.start : segment.end])
        elif segment.code == _SCAN:
            if size is None:
                raise FrameUnreadable("the JPEG does not say its size before its picture begins")
            if data.rfind(_END, segment.end) < 0:
                raise FrameUnreadable(f"{_CUT_SHORT}no end marker in its {len(data)} bytes")
            return size
    raise FrameUnreadable("the JPEG ends without a picture in it")


def jpeg_end(data: bytes) -> int | None:
    """Return the length of the JPEG that `data` begins with, its end marker included; `None` if it is no whole one."""
    try:
        scan = next((segment for segment in _segments(data) if segment.code == _SCAN), None)
    except FrameUnreadable:
        return None
    end = -1 if scan is None else data.find(_END, scan.end)
    return end + len(_END) if end >= 0 else None


def exif_block(data: bytes) -> bytes | None:
    """Return the TIFF structure that a JPEG carries as EXIF, or `None`; damaged data has none."""
    try:
        for segment in _segments(data):
            if segment.code == _APP1 and data.startswith(_EXIF_HEADER, segment.start, segment.end):
                return data[segment.start + len(_EXIF_HEADER) : segment.end]
    except FrameUnreadable:
        return None
    return None


def _segments(data: bytes) -> Iterator[_Segment]:
    """Yield every segment up to the first scan or the end marker."""
    if not data.startswith(_START):
        raise FrameUnreadable(_not_a_jpeg(data))
    position = len(_START)
    while True:
        code, position = _marker(data, position)
        if code == _END_CODE:
            return
        if code in _WITHOUT_LENGTH:
            continue
        end = position + int.from_bytes(data[position : position + 2], "big")
        if end < position + 2 and len(data) >= position + 2:
            raise FrameUnreadable(f"no JPEG: a segment at byte {position} claims a length below 2")
        if max(end, position + 2) > len(data):
            raise FrameUnreadable(f"{_CUT_SHORT}it ends in its header, after {len(data)} bytes")
        yield _Segment(code, position + 2, end)
        if code == _SCAN:
            return
        position = end


def _marker(data: bytes, position: int) -> tuple[int, int]:
    """Return the marker code at `position` and where it ends; any number of `FF` may stand before the code."""
    begin = position
    while position < len(data) and data[position] == 0xFF:
        position += 1
    if position >= len(data):
        raise FrameUnreadable(f"{_CUT_SHORT}it ends in its header, after {len(data)} bytes")
    if position == begin or data[position] == 0:
        raise FrameUnreadable(f"no JPEG: there should be a marker at byte {begin}")
    return data[position], position + 1


def _size(payload: bytes) -> JpegFacts:
    """Read a frame header: precision (1 byte), height (2), width (2)."""
    height, width = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    if len(payload) < 5 or not height or not width:
        raise FrameUnreadable("the JPEG does not say its size")
    return JpegFacts(width=width, height=height)


def _not_a_jpeg(data: bytes) -> str:
    if not data:
        return "the picture is empty"
    if len(data) < len(_START):
        return f"{_CUT_SHORT}it has {len(data)} byte"
    return f"no JPEG: it begins with {data[:4].hex(' ')} instead of ff d8"
