"""A JPEG looked at without decoding it: is it whole, how large is it, and what does its EXIF say."""

from __future__ import annotations

from dayspool.picture.exif import PictureFacts, read
from dayspool.picture.jpeg import JpegFacts, exif_block, inspect

__all__ = ["JpegFacts", "PictureFacts", "exif_block", "inspect", "read"]
