"""The memory card: pictures and a movie from before, and everything shot since; each file whole, and always the same.

A file's size is told before anybody asks for its bytes, so it is decided first, and the picture is padded to it.
"""

from __future__ import annotations

import io
import struct
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from PIL import Image

from dayspool.sim.faults import LAST_FILE_NUMBER
from dayspool.sim.parts import Shot

if TYPE_CHECKING:
    from dayspool.sim.meter import Metered

__all__ = ["Card", "CardFile", "Kind", "Variant"]

_FOLDER = 100
_FIRST_EARLIER = 1_000_000  # exposure numbers of the pictures from before: streams of random numbers of their own
_KEPT = 4  # drawn files
_MOVIE_BYTES = 300_000
_SMALLEST_BYTES = 24_000
_BYTES_PER_PX = 0.6  # an ILCE-6300 wrote 13.7 MB for 24 megapixels
_LONGEST_COMMENT = 65_533
_QUALITIES = (85, 75, 60, 40, 20)

Paint = Callable[[Shot, tuple[int, int]], Awaitable[bytes]]
"""Draws the picture of an exposure at a width and height."""


class Kind(StrEnum):
    """What a file is, in the words of avContent."""

    STILL = "still"
    MOVIE = "movie_mp4"


class Variant(StrEnum):
    """Which copy of a picture: the file itself, or one made smaller on the way."""

    ORIGINAL = "ORG"
    LARGE = "LRG"
    SMALL = "SM"
    THUMBNAIL = "TN"


_COPY_PX = {Variant.LARGE: (1616, 1080), Variant.SMALL: (640, 424), Variant.THUMBNAIL: (160, 120)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFile:
    """One picture or movie: the JPEG, the RAW file or both under one number.

    Attributes:
        number: as in its name; it counts up through the card's life.
        taken: the camera's clock, aware.
        jpeg: whether there is a JPEG.
        raw: whether there is a RAW file, which never leaves the camera over Wi-Fi.
    """

    number: int
    taken: datetime
    kind: Kind = Kind.STILL
    jpeg: bool = True
    raw: bool = False
    protected: bool = False
    shot: Shot

    @property
    def stem(self) -> str:
        """Its name without the ending; movies have names of their own."""
        return f"DSC{self._in_folder:05d}" if self.kind is Kind.STILL else f"C{self._in_folder:04d}"

    @property
    def name(self) -> str:
        """Its name; that of the RAW file when there is no JPEG."""
        if self.kind is Kind.MOVIE:
            return f"{self.stem}.MP4"
        return f"{self.stem}.JPG" if self.jpeg else f"{self.stem}.ARW"

    @property
    def folder(self) -> int:
        """The number of its folder: file 9999 is followed by 0001 in the next one."""
        return _FOLDER + (self.number - 1) // LAST_FILE_NUMBER

    @property
    def _in_folder(self) -> int:
        return (self.number - 1) % LAST_FILE_NUMBER + 1


class Card:
    """One card.

    Args:
        start: the camera's clock at switch-on, aware; earlier pictures are from the two days before.
        original_px: width and height of its pictures.
        paint: draws them.
        meter: exposes one that was taken at a moment, by its number.
        first: the number of the first picture taken now, if it is higher than those of the pictures from before.
    """

    def __init__(
        self,
        *,
        start: datetime,
        original_px: tuple[int, int],
        paint: Paint,
        meter: Callable[[datetime, int], Metered],
        first: int = 1,
    ) -> None:
        self._first = max(first, _EARLIER_FILES + 1)
        self.original_px = original_px
        self._start = start
        self._paint = paint
        self._meter = meter
        self._drawn: OrderedDict[tuple[int, Variant], bytes] = OrderedDict()
        self._files: list[CardFile] | None = None
        self._taken: list[CardFile] = []
        self._deleted: set[int] = set()

    @property
    def files(self) -> list[CardFile]:
        """What is on it, oldest first."""
        if self._files is None:  # metering takes time that most bodies never need
            self._files = self._from_before()
        everything = [*self._files, *self._taken]
        return [file for file in everything if file.number not in self._deleted]

    def record(self, shot: Shot, taken: datetime, *, raw: bool = False) -> None:
        """Add an exposure of this session, dated by the camera's own clock."""
        number = self._first + len(self._taken)
        self._taken.append(CardFile(number=number, taken=taken, raw=raw, shot=shot))

    def clear(self) -> None:
        """Lose every file, as by formatting."""
        self._deleted |= {file.number for file in self.files}

    def delete(self, file: CardFile) -> None:
        """Remove a file for good."""
        self._deleted.add(file.number)

    def numbered(self, number: int) -> CardFile | None:
        """Return the file of that number, while it is there."""
        return next((file for file in self.files if file.number == number), None)

    def named(self, name: str) -> CardFile | None:
        """Return the file of that name, while it is there."""
        return next((file for file in self.files if name in {file.name, f"{file.stem}.ARW" if file.raw else ""}), None)

    def size(self, file: CardFile) -> int:
        """Return how many bytes the original has."""
        if file.kind is Kind.MOVIE:
            return _MOVIE_BYTES
        width, height = self.original_px
        return _SMALLEST_BYTES + round(width * height * _BYTES_PER_PX) + file.number * 7919 % 10_007

    def px(self, variant: Variant) -> tuple[int, int]:
        """Return width and height of a copy, which is never larger than the original."""
        width, height = _COPY_PX.get(variant, self.original_px)
        return min(width, self.original_px[0]), min(height, self.original_px[1])

    async def content(self, file: CardFile, variant: Variant = Variant.ORIGINAL) -> bytes:
        """Return the bytes of a file or of a smaller copy; the same ones however often they are asked for."""
        if file.kind is Kind.MOVIE and variant is Variant.ORIGINAL:
            return _movie(file.number)
        key = (file.number, variant)
        if key not in self._drawn:
            drawn = await self._paint(file.shot, self.px(variant))
            self._drawn[key] = _fitted(drawn, self.size(file)) if variant is Variant.ORIGINAL else drawn
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return self._drawn[key]

    def _from_before(self) -> list[CardFile]:
        files = []
        for index, (days, kind, jpeg, raw, protected) in enumerate(_BEFORE, start=1):
            taken = self._start.replace(hour=10, minute=0, second=0, microsecond=0)
            taken += timedelta(days=-days, minutes=7 * index)
            number = _FIRST_EARLIER + index
            shot = Shot(
                number=number,
                begun=0.0,
                answers=0.0,
                idle=0.0,
                taken=taken,
                metered=self._meter(taken, number),
                zoom=0.0,
                name="",
            )
            files.append(
                CardFile(number=index, taken=taken, kind=kind, jpeg=jpeg, raw=raw, protected=protected, shot=shot)
            )
        return files


_BEFORE = (  # days ago, kind, JPEG, RAW, protected
    (2, Kind.STILL, True, False, False),
    (2, Kind.STILL, True, False, True),
    (2, Kind.STILL, True, False, False),
    (2, Kind.STILL, True, False, False),
    (1, Kind.STILL, True, True, False),
    (1, Kind.STILL, False, True, False),
    (1, Kind.MOVIE, False, False, False),
)
_EARLIER_FILES = len(_BEFORE)


def _movie(number: int) -> bytes:
    """Return bytes that begin as an MP4 does; the rest is only there to be counted."""
    head = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"mp42", 0, b"mp42", b"isom")
    rest = _MOVIE_BYTES - len(head)
    body = struct.pack(">I4s", rest, b"mdat") + (f"movie {number} ".encode() * (rest // 8 + 1))
    return (head + body)[:_MOVIE_BYTES]


def _fitted(jpeg: bytes, size: int) -> bytes:
    """Return the picture as exactly `size` bytes: compressed harder when too large, then padded with comments."""
    for quality in _QUALITIES:
        if len(jpeg) <= size - 4 or len(jpeg) == size:
            break
        image = Image.open(io.BytesIO(jpeg))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, exif=image.info.get("exif", b""))
        jpeg = buffer.getvalue()
    at = 2
    while jpeg[at] == 0xFF and 0xE0 <= jpeg[at + 1] <= 0xEF:  # after JFIF and EXIF, which come first
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg[:at] + _comments(size - len(jpeg)) + jpeg[at:]


def _comments(size: int) -> bytes:
    """Return JPEG comment segments of `size` bytes together; fewer than 4 bytes there cannot be."""
    parts = []
    while size > 0:
        length = min(size - 4, _LONGEST_COMMENT)
        if 0 < size - 4 - length < 4:
            length -= 4
        parts.append(b"\xff\xfe" + (length + 2).to_bytes(2, "big") + bytes(length))
        size -= length + 4
    return b"".join(parts)
