"""A JPEG looked at without decoding it: is it whole, how large is it, and what does its EXIF say."""

from __future__ import annotations

from dayspool.picture.exif import PictureFacts, read
from dayspool.picture.jpeg import JpegFacts, exif_block, inspect, jpeg_end
from dayspool.picture.stored import frame_stored
from dayspool.picture.whole import PART_SUFFIX, sync_folder, write_whole

__all__ = [
    "PART_SUFFIX",
    "JpegFacts",
    "PictureFacts",
    "exif_block",
    "frame_stored",
    "inspect",
    "jpeg_end",
    "read",
    "sync_folder",
    "write_whole",
]
