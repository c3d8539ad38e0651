"""A picture becomes the event that says it is a frame: its name by slot, its size, and what its EXIF tells."""

from __future__ import annotations

from hashlib import blake2b

from dayspool.core.events import FrameStored
from dayspool.core.frame import frame_name
from dayspool.picture.exif import read
from dayspool.picture.jpeg import inspect

__all__ = ["frame_stored", "picture_digest"]


def frame_stored(slot: int, data: bytes, *, window: str = "", origin_name: str | None = None) -> FrameStored:
    """Return the event that records the JPEG `data` as the frame of `slot`.

    Args:
        slot: which slot it is the frame of.
        data: the picture, whole.
        window: the window of that slot, where it has one.
        origin_name: the name of the file it came from, where it was imported.

    Raises:
        FrameUnreadable: it is no whole JPEG.
    """
    size, facts = inspect(data), read(data)
    exposure = facts.exposure
    return FrameStored(
        slot=slot,
        name=frame_name(slot, window=window),
        size_bytes=len(data),
        width=size.width,
        height=size.height,
        taken=facts.taken_local,
        shutter_seconds=exposure.shutter_seconds if exposure else None,
        aperture=exposure.aperture if exposure else None,
        iso=exposure.iso if exposure else None,
        origin_name=origin_name,
        digest=picture_digest(data),
    )


def picture_digest(data: bytes) -> str:
    """Return the BLAKE2b of a picture's bytes (16 bytes, hex): no two exposures have the same."""
    return blake2b(data, digest_size=16).hexdigest()
