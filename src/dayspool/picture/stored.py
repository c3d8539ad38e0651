"""A picture becomes the event that says it is a frame: its name by slot, its size, and what its EXIF tells."""

from __future__ import annotations

import io
from hashlib import blake2b

from dayspool.core.events import FrameStored
from dayspool.core.frame import frame_name
from dayspool.picture.exif import PictureFacts, read, read_head
from dayspool.picture.jpeg import inspect
from dayspool.picture.raw import RAW_SUFFIXES, refuse_no_raw

__all__ = ["frame_stored", "picture_digest"]


def frame_stored(
    slot: int, data: bytes, *, suffix: str = ".jpg", window: str = "", origin_name: str | None = None
) -> FrameStored:
    """Return the event that records the JPEG, or the RAW file, `data` as the frame of `slot`.

    Args:
        slot: which slot it is the frame of.
        data: the picture, whole; of a RAW file only the head is looked at.
        suffix: what its name ends in: `.jpg`, or that of a RAW file, whose size in pixels stays unknown.
        window: the window of that slot, where it has one.
        origin_name: the name of the file it came from, where it was imported.

    Raises:
        FrameUnreadable: it is no whole JPEG, or no RAW file.
    """
    raw = suffix in RAW_SUFFIXES
    size, facts = (None, _raw_facts(data)) if raw else (inspect(data), read(data))
    exposure = facts.exposure
    return FrameStored(
        slot=slot,
        name=frame_name(slot, suffix, window=window),
        size_bytes=len(data),
        width=size.width if size else None,
        height=size.height if size else None,
        taken=facts.taken_local,
        shutter_seconds=exposure.shutter_seconds if exposure else None,
        aperture=exposure.aperture if exposure else None,
        iso=exposure.iso if exposure else None,
        origin_name=origin_name,
        digest=picture_digest(data),
    )


def _raw_facts(data: bytes) -> PictureFacts:
    refuse_no_raw(data[:32])
    return read_head(io.BytesIO(data))


def picture_digest(data: bytes) -> str:
    """Return the BLAKE2b of a picture's bytes (16 bytes, hex): no two exposures have the same."""
    return blake2b(data, digest_size=16).hexdigest()
