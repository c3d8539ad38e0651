"""JPEGs and EXIF blocks put together byte by byte, so that the tests know what is in them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

TEXT, SHORT, LONG, RATIO = 2, 3, 4, 5
_WIDTH = {TEXT: 1, SHORT: 2, LONG: 4, RATIO: 8}
Tag = tuple[int, bytes | int | tuple[int, int]]


def segment(code: int, payload: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(payload) + 2) + payload


def jpeg(*, width: int = 64, height: int = 48, extra: Sequence[bytes] = (), scan: bytes = b"\x12\xff\x00\x34") -> bytes:
    """A JPEG in everything but the coefficients; `extra` segments come first."""
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    start_of_scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    return b"\xff\xd8" + b"".join(extra) + frame + start_of_scan + scan + b"\xff\xd9"


def exif(main: Mapping[int, Tag], details: Mapping[int, Tag]) -> bytes:
    """An APP1 segment with the main directory and the EXIF directory."""
    pointer_size = 8 + 2 + 12 * (len(main) + 1) + 4
    main_values = sum(len(_value(tag)) for tag in main.values() if len(_value(tag)) > 4)
    second = pointer_size + main_values
    block = b"II*\x00" + struct.pack("<I", 8)
    block += _directory({**main, 0x8769: (LONG, second)}, 8) + _directory(details, second)
    return segment(0xE1, b"Exif\x00\x00" + block)


def camera_jpeg(*, taken: str = "2026:06:21 04:30:00", **more: Tag) -> bytes:
    """A JPEG with the EXIF that a camera writes; `more` replaces details by their hexadecimal number (`t9011=…`)."""
    details: dict[int, Tag] = {
        0x829A: (RATIO, (1, 250)),
        0x829D: (RATIO, (4, 1)),
        0x8827: (SHORT, 400),
        0x9003: (TEXT, taken.encode()),
    }
    details |= {int(name[1:], 16): tag for name, tag in more.items()}
    main: dict[int, Tag] = {0x010F: (TEXT, b"SONY"), 0x0110: (TEXT, b"DSC-RX100M2"), 0x0112: (SHORT, 6)}
    return jpeg(extra=[exif(main, dict(sorted(details.items())))])


def _value(tag: Tag) -> bytes:
    kind, value = tag
    if kind == TEXT:
        assert isinstance(value, bytes)
        return value + b"\x00"
    if kind == RATIO:
        assert isinstance(value, tuple)
        return struct.pack("<II", *value)
    assert isinstance(value, int)
    return value.to_bytes(_WIDTH[kind], "little")


def _directory(tags: Mapping[int, Tag], begins: int) -> bytes:
    entries, values = b"", b""
    values_begin = begins + 2 + 12 * len(tags) + 4
    for number, tag in tags.items():
        value = _value(tag)
        count = len(value) // _WIDTH[tag[0]]
        if len(value) > 4:
            entries += struct.pack("<HHII", number, tag[0], count, values_begin + len(values))
            values += value
        else:
            entries += struct.pack("<HHI", number, tag[0], count) + value.ljust(4, b"\x00")
    return struct.pack("<H", len(tags)) + entries + b"\x00" * 4 + values
