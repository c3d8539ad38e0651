"""A picture looked at without decoding it: is it whole, how large is it, and what does its EXIF say."""

from __future__ import annotations

from dayspool.picture.exif import PictureFacts, read, read_head
from dayspool.picture.jpeg import JpegFacts, exif_block, inspect, jpeg_end
from dayspool.picture.raw import RAW_SUFFIXES, is_raw, refuse_no_raw
from dayspool.picture.stored import frame_stored
from dayspool.picture.whole import PART_SUFFIX, settle, sync_folder, write_whole

__all__ = [
    "PART_SUFFIX",
    "RAW_SUFFIXES",
    "JpegFacts",
    "PictureFacts",
    "exif_block",
    "frame_stored",
    "inspect",
    "is_raw",
    "jpeg_end",
    "read",
    "read_head",
    "refuse_no_raw",
    "settle",
    "sync_folder",
    "write_whole",
]
