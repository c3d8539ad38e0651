"""What a picture says of itself: when it was taken, with which exposure, by which camera.

A camera's clock shows local time without a zone, in whole seconds mostly; only newer models add an offset (EXIF 2.31).
So the time is kept as text, and becomes an instant only through `PictureFacts.instant`, which says what it assumes.
"""

from __future__ import annotations

import io
import logging
import math
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import exifread

from dayspool.core.exposure import Exposure
from dayspool.picture.jpeg import exif_block

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO, BinaryIO

__all__ = ["PictureFacts", "read", "read_head"]

_MOST_READS = 20_000  # a large camera's EXIF takes about 1,000; loops built on purpose take millions
_MOST_BYTES = 4 << 20
_HEAD_BYTES = 192 << 10  # a JPEG's EXIF is its first or second segment, and no segment is longer than 64 KiB
_TIFF = (b"II*\x00", b"MM\x00*")
_MOST_TEXT = 200
_TAKEN = re.compile(r"(\d{4})[:\-/.](\d\d)[:\-/.](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
# What exifread lets through when the structure is damaged; found by feeding it rubbish (tests/picture/test_exif.py).
_RUBBISH = (ArithmeticError, AttributeError, EOFError, LookupError, TypeError, ValueError, struct.error)

# exifread warns of every oddity in every picture; a shoot of 25,920 frames would fill a disk with one sentence.
logging.getLogger("exifread").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """What EXIF tells; `None` where it is silent or makes no sense.

    Attributes:
        taken_local: the camera's clock, ISO 8601 without a zone: `2026-06-21T04:30:00`, perhaps with a fraction.
        offset: how far that clock was ahead of UTC.
        exposure: shutter time and ISO speed, and the f-number where the lens tells it.
        make: who built the camera.
        model: the camera's name.
        orientation: how to turn the picture, 1–8 as in EXIF; 1 is upright.
    """

    taken_local: str | None = None
    offset: timedelta | None = None
    exposure: Exposure | None = None
    make: str | None = None
    model: str | None = None
    orientation: int | None = None

    def instant(self, *, with_offset: bool = True) -> datetime | None:
        """Return when it was taken, aware, in UTC.

        Without a known offset, or when told to leave it out, the camera's clock is read as if it showed UTC.
        """
        if self.taken_local is None:
            return None
        clock = datetime.fromisoformat(self.taken_local).replace(tzinfo=UTC)
        return clock - self.offset if with_offset and self.offset is not None else clock


class _BudgetedReader(io.BytesIO):
    """Bytes that can be read only so often: damaged EXIF can send a reader round in circles for minutes."""

    _left = _MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise EOFError("the EXIF block goes round in circles")
        return super().read(size)


class _BudgetedFile:
    """A file that can be read only so often and so much; of a RAW file of 60 MB some kilobytes are wanted."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._reads, self._bytes = _MOST_READS, _MOST_BYTES
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._bytes or not self._reads:
            raise EOFError("the EXIF is larger than any camera's")
        self._reads -= 1
        self._bytes -= size
        return self._file.read(size)


def read(data: bytes) -> PictureFacts:
    """Read the EXIF of a JPEG; never raises for what is in it: rubbish gives facts that are all `None`.

    Costs 0.2–0.4 ms for a camera's full set of tags (maker notes and thumbnails are not read).
    """
    block = exif_block(data)
    return PictureFacts() if block is None else _facts(_BudgetedReader(block))


def read_head(file: IO[bytes]) -> PictureFacts:
    """Read the EXIF of an open JPEG or TIFF (ARW and most other RAW files are TIFF) without reading the whole file.

    Never raises for what is in it, as `read`.

    Raises:
        OSError: the disk refused.
    """
    file.seek(0)
    begins = file.read(4)
    file.seek(0)
    if begins in _TIFF:
        return _facts(cast("BinaryIO", _BudgetedFile(file)))  # exifread reads, seeks and tells, no more
    return read(file.read(_HEAD_BYTES))


def _facts(file: BinaryIO) -> PictureFacts:
    try:
        tags = exifread.process_file(file, details=False, extract_thumbnail=False)
    except _RUBBISH:
        return PictureFacts()
    return PictureFacts(
        taken_local=_taken_local(tags),
        offset=_offset(_text(tags, "EXIF OffsetTimeOriginal")),
        exposure=_exposure(tags),
        make=_text(tags, "Image Make"),
        model=_text(tags, "Image Model"),
        orientation=_orientation(tags),
    )


def _taken_local(tags: Mapping[str, object]) -> str | None:
    """Read when the shutter opened. `Image DateTime` is left alone: editors write the moment of saving there."""
    match = _TAKEN.fullmatch(_text(tags, "EXIF DateTimeOriginal") or _text(tags, "EXIF DateTimeDigitized") or "")
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    digits = _text(tags, "EXIF SubSecTimeOriginal") or ""
    microsecond = int(digits[:6].ljust(6, "0")) if digits.isascii() and digits.isdigit() else 0
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
    except ValueError:  # 0000:00:00 is how a camera says that its clock was never set
        return None
    return moment.replace(tzinfo=None).isoformat()


def _offset(text: str | None) -> timedelta | None:
    match = _OFFSET.fullmatch(text or "")
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset > timedelta(hours=14):  # the largest in use is +14:00, Line Islands
        return None
    return offset if match[1] == "+" else -offset


def _exposure(tags: Mapping[str, object]) -> Exposure | None:
    shutter, iso = _number(tags, "EXIF ExposureTime"), _number(tags, "EXIF ISOSpeedRatings")
    if shutter is None or iso is None:
        return None
    return Exposure(shutter_seconds=shutter, iso=iso, aperture=_number(tags, "EXIF FNumber"))


def _orientation(tags: Mapping[str, object]) -> int | None:
    number = _number(tags, "Image Orientation")
    return int(number) if number is not None and number in range(1, 9) else None


def _number(tags: Mapping[str, object], name: str) -> float | None:
    """Return a tag's first value if it is a positive, finite number; 0 and n/0 mean "unknown" in EXIF."""
    values = getattr(tags.get(name), "values", None)
    if not isinstance(values, list) or not values:
        return None
    try:
        number = float(values[0])
    except (ArithmeticError, TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _text(tags: Mapping[str, object], name: str) -> str | None:
    values = getattr(tags.get(name), "values", None)
    if not isinstance(values, str) or not values.isprintable():
        return None
    return values.strip()[:_MOST_TEXT] or None
