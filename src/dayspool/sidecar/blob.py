"""Parameters as sidecars spell them: lower-case hex, or `gz`, two digits and base64 of a zlib stream."""

from __future__ import annotations

import binascii
import re
import zlib

from dayspool.errors import SidecarUnreadable

__all__ = ["LARGEST_BYTES", "LARGEST_TOGETHER", "decode", "encode"]

LARGEST_BYTES = 4 << 20
"""No module of darktable 4.2.1 has parameters of more than 0.2 MB, no drawn mask more points than fit into 4 MB."""

LARGEST_TOGETHER = 64 << 20
"""In one file: each module of 4.2.1 with what it starts from takes 0.1 MB, and small texts can hold very much."""

_GZ = re.compile(r"gz[0-9]{2}([A-Za-z0-9+/]*={0,2})")
_HEX = re.compile(r"[0-9a-f]*")
_SHOWN = 24


def decode(text: str) -> bytes:
    """Return the bytes that a sidecar's text stands for.

    darktable compresses from about 100 bytes on; the two digits after `gz` are how much larger the bytes are than what
    they were squeezed into, a hint for its allocator that is not needed here (exif.cc of darktable).
    Upper-case hex is refused because darktable 4.2.1 silently ignores such a step: it must not count here either.

    Raises:
        SidecarUnreadable: the text is neither, or its zlib stream is damaged or holds more than `LARGEST_BYTES`.
    """
    if _HEX.fullmatch(text) and len(text) % 2 == 0:
        return bytes.fromhex(text)
    squeezed = _GZ.fullmatch(text)
    if squeezed is None:
        raise SidecarUnreadable(f"parameters {_short(text)} are neither lower-case hex nor gz and base64")
    return _inflated(squeezed[1], text)


def encode(data: bytes) -> str:
    """Return bytes as darktable reads them in every version: lower-case hex, whatever their length."""
    return data.hex()


def _inflated(base64: str, text: str) -> bytes:
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(binascii.a2b_base64(base64, strict_mode=True), LARGEST_BYTES)
    except (binascii.Error, zlib.error) as damage:
        raise SidecarUnreadable(f"parameters {_short(text)} do not unpack: {damage}") from damage
    if not stream.eof:
        why = f"hold more than {LARGEST_BYTES >> 20} MB" if stream.unconsumed_tail else "are cut short"
        raise SidecarUnreadable(f"parameters {_short(text)} {why}")
    return data


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
