"""The liveview stream: packets around small JPEGs, each generation in its own chunks.

A packet is a common header of 8 bytes, a payload header of 128, the payload and its padding, all big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from dayspool.clock import pause
from dayspool.sim.manners import manners_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from dayspool.sim.body import Body

__all__ = ["FocusFrame", "frame_info_payload", "liveview_chunks", "liveview_header"]

_PADDING = 4  # payloads are padded to a multiple of this
_MAGIC = b"\x24\x35\x68\x79"
_JPEG, _FRAME_INFO = 0x01, 0x02
_GRID = 10_000  # focus frames lie on a grid of this many steps in each direction
_RECORD_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusFrame:
    """One rectangle of a frame-info packet, on a grid of 0 to 10,000.

    Attributes:
        category: 1 contrast AF, 2 phase AF, 4 face, 5 tracking.
        status: 1 normal, 2 main, 3 sub, 4 focused.
    """

    left: int
    top: int
    right: int
    bottom: int
    category: int = 1
    status: int = 1

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= _GRID and 0 <= self.top < self.bottom <= _GRID):
            raise ValueError(f"a focus frame lies on a grid of 0 to {_GRID}, not {self}")


def liveview_header(
    sequence: int,
    stamp_ms: int,
    payload_bytes: int,
    padding_bytes: int,
    *,
    kind: int = _JPEG,
    details: bytes = b"",
) -> bytes:
    """Return the 136 bytes before a liveview payload; `details` begin its last 120."""
    common = struct.pack(">BBHI", 0xFF, kind, sequence & 0xFFFF, stamp_ms & 0xFFFFFFFF)
    sizes = payload_bytes.to_bytes(3, "big") + bytes([padding_bytes])
    return common + _MAGIC + sizes + details.ljust(120, b"\0")


def frame_info_payload(frames: Sequence[FocusFrame]) -> bytes:
    """Return the records of a frame-info packet, 16 bytes each."""
    return b"".join(
        struct.pack(">HHHHBBB5x", f.left, f.top, f.right, f.bottom, f.category, f.status, 0) for f in frames
    )


def _packet(sequence: int, stamp_ms: int, payload: bytes, *, kind: int = _JPEG, details: bytes = b"") -> list[bytes]:
    """Return a packet as its header, and its payload with padding."""
    padding = -len(payload) % _PADDING
    header = liveview_header(sequence, stamp_ms, len(payload), padding, kind=kind, details=details)
    return [header, payload + bytes(padding)]


async def liveview_chunks(body: Body) -> AsyncGenerator[bytes, None]:
    """Yield the stream as the HTTP chunks in which the model sends it, until something ends liveview.

    A rival reader ends it (seen on the A6000), `stopLiveview`, the link, and on the RX100M2 a shot.
    """
    manners = manners_of(body.profile)
    watching = body.open_liveview()
    began, frames, sequence, earlier = anyio.current_time(), 0, manners.first_sequence, b""
    while watching():
        picture = await body.preview()
        stamp = round((anyio.current_time() - began) * 1000)
        packets = []
        if body.settings.get("LiveviewFrameInfo"):
            records = frame_info_payload(_focus_frames(body))
            details = struct.pack(">BBHH", 1, 0, len(records) // _RECORD_BYTES, _RECORD_BYTES)
            packets.append(_packet(sequence, stamp, records, kind=_FRAME_INFO, details=details))
            sequence += 1
        payload = picture + earlier[len(picture) :] if manners.stale_liveview else picture
        packets.append(_packet(sequence, stamp, payload))
        sequence, earlier = sequence + 1, picture
        for packet in packets:
            for chunk in packet if manners.split_packets else [b"".join(packet)]:
                yield chunk
        frames += 1
        await pause(max(0.0, began + frames / body.profile.liveview_fps - anyio.current_time()))


def _focus_frames(body: Body) -> list[FocusFrame]:
    """Return where the camera focuses: in the middle, as the main frame until it is in focus."""
    focused = body.lens.focus_status == "Focused"
    return [FocusFrame(left=4200, top=4100, right=5800, bottom=5900, status=4 if focused else 2)]
