"""Tiny synthetic pictures, whose light is known exactly: a RAW in the form of a DNG, and a JPEG.

The camera of these RAWs sees as linear Rec. 709 does (its colour matrix is that of IEC 61966-2-1, its illuminant D65),
so that what a developer makes of them can be told beforehand.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAKE", "MODEL", "bayer", "dng", "jpeg"]

MAKE = "dayspool"
MODEL = "dayspool sample"
_NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
_XYZ_TO_CAMERA = (  # IEC 61966-2-1, XYZ (D65) to linear red, green and blue; in ten-thousandths
    *(32406, -15372, -4986),
    *(-9689, 18758, 415),
    *(557, -2040, 10570),
)
_D65 = 21  # EXIF 2.32 table 8, LightSource
_CFA = 32803  # TIFF/EP: PhotometricInterpretation of a mosaic
_RGGB = bytes((0, 1, 1, 2))
_FINEST_PART = 1 << 20  # denominators of EXIF's rationals stay below it


class _Type:
    """TIFF 6.0 §2, types of fields."""

    BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10


_Values: TypeAlias = "bytes | tuple[int, ...] | tuple[Fraction, ...]"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One field of a TIFF directory."""

    tag: int
    kind: int
    values: _Values

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def data(self) -> bytes:
        if isinstance(self.values, bytes):
            return self.values
        if self.kind in {_Type.RATIONAL, _Type.SRATIONAL}:
            sign = "i" if self.kind == _Type.SRATIONAL else "I"
            return b"".join(struct.pack(f"<2{sign}", *Fraction(value).as_integer_ratio()) for value in self.values)
        return struct.pack(f"<{self.count}{'H' if self.kind == _Type.SHORT else 'I'}", *map(int, self.values))


def bayer(linear: NDArray[np.floating], *, black: int = 512, white: int = 65535) -> NDArray[np.uint16]:
    """Return the mosaic (RGGB) that a sensor makes of linear light of shape (height, width, 3), 1.0 being `white`."""
    seen = linear[..., 1].copy()
    seen[0::2, 0::2] = linear[0::2, 0::2, 0]
    seen[1::2, 1::2] = linear[1::2, 1::2, 2]
    counts: NDArray[np.uint16] = np.clip(np.rint(black + seen * (white - black)), 0, 65535).astype(np.uint16)
    return counts


def dng(
    mosaic: NDArray[np.uint16],
    *,
    black: int = 512,
    white: int = 65535,
    as_shot_neutral: tuple[float, float, float] = (1.0, 1.0, 1.0),
    exposure_s: float = 0.01,
    iso: int = 100,
    fnumber: float = 8.0,
    taken: datetime = _NOON,
    orientation: int = 1,
) -> bytes:
    """Return a whole DNG 1.4 (uncompressed, 16 bits, RGGB) of a mosaic.

    Args:
        mosaic: what the sensor counted, shape (height, width), both even.
        black: the count without light.
        white: the count at which the sensor clips.
        as_shot_neutral: what the camera makes of a white surface, red, green and blue.
        exposure_s: exposure time in seconds.
        iso: sensitivity.
        fnumber: aperture.
        taken: when, written as the local time of its zone with the zone beside it.
        orientation: EXIF's, 1 to 8.

    Raises:
        ValueError: the mosaic is not even-sided.
    """
    height, width = mosaic.shape
    if height % 2 or width % 2:
        raise ValueError(f"a mosaic has even sides, not {width}×{height}")
    local = taken.strftime("%Y:%m:%d %H:%M:%S")
    zone = taken.strftime("%z")
    exif = [
        _Entry(33434, _Type.RATIONAL, (_part(exposure_s),)),  # ExposureTime
        _Entry(33437, _Type.RATIONAL, (_part(fnumber),)),  # FNumber
        _Entry(34855, _Type.SHORT, (min(iso, 65535),)),  # PhotographicSensitivity
        _Entry(36867, _Type.ASCII, _text(local)),  # DateTimeOriginal
        _Entry(36881, _Type.ASCII, _text(f"{zone[:3]}:{zone[3:5]}")),  # OffsetTimeOriginal
    ]
    main = [
        _Entry(254, _Type.LONG, (0,)),  # NewSubfileType: the picture itself
        _Entry(256, _Type.LONG, (width,)),
        _Entry(257, _Type.LONG, (height,)),
        _Entry(258, _Type.SHORT, (16,)),  # BitsPerSample
        _Entry(259, _Type.SHORT, (1,)),  # Compression: none
        _Entry(262, _Type.SHORT, (_CFA,)),
        _Entry(271, _Type.ASCII, _text(MAKE)),
        _Entry(272, _Type.ASCII, _text(MODEL)),
        _Entry(274, _Type.SHORT, (orientation,)),
        _Entry(277, _Type.SHORT, (1,)),  # SamplesPerPixel
        _Entry(278, _Type.LONG, (height,)),  # RowsPerStrip
        _Entry(279, _Type.LONG, (height * width * 2,)),  # StripByteCounts
        _Entry(284, _Type.SHORT, (1,)),  # PlanarConfiguration
        _Entry(306, _Type.ASCII, _text(local)),  # DateTime
        _Entry(33421, _Type.SHORT, (2, 2)),  # CFARepeatPatternDim
        _Entry(33422, _Type.BYTE, _RGGB),  # CFAPattern
        _Entry(50706, _Type.BYTE, bytes((1, 4, 0, 0))),  # DNGVersion
        _Entry(50707, _Type.BYTE, bytes((1, 1, 0, 0))),  # DNGBackwardVersion
        _Entry(50708, _Type.ASCII, _text(MODEL)),  # UniqueCameraModel
        _Entry(50714, _Type.SHORT, (black,)),  # BlackLevel
        _Entry(50717, _Type.LONG, (white,)),  # WhiteLevel
        _Entry(50721, _Type.SRATIONAL, tuple(Fraction(part, 10000) for part in _XYZ_TO_CAMERA)),  # ColorMatrix1
        _Entry(50728, _Type.RATIONAL, tuple(map(_part, as_shot_neutral))),  # AsShotNeutral
        _Entry(50778, _Type.SHORT, (_D65,)),  # CalibrationIlluminant1
    ]
    return _tiff(main, exif, mosaic.astype("<u2").tobytes())


def jpeg(rgb: NDArray[np.uint8], *, quality: int = 95) -> bytes:
    """Return a JPEG with colour in every pixel (4:4:4) of sRGB-encoded pixels of shape (height, width, 3)."""
    packed = io.BytesIO()
    Image.fromarray(rgb).save(packed, "JPEG", quality=quality, subsampling=0)
    return packed.getvalue()


def _part(value: float) -> Fraction:
    return Fraction(value).limit_denominator(_FINEST_PART)


def _text(value: str) -> bytes:
    return value.encode("ascii") + b"\0"


def _tiff(main: list[_Entry], exif: list[_Entry], pixels: bytes) -> bytes:
    """Lay out header, directory, EXIF directory and pixels behind each other (TIFF 6.0 §2)."""
    main_at = 8
    complete = [*main, _Entry(273, _Type.LONG, (0,)), _Entry(34665, _Type.LONG, (0,))]
    exif_at = main_at + len(_directory(complete, main_at))
    pixels_at = exif_at + len(_directory(exif, exif_at))
    complete[-2:] = [_Entry(273, _Type.LONG, (pixels_at,)), _Entry(34665, _Type.LONG, (exif_at,))]
    header = struct.pack("<2sHI", b"II", 42, main_at)
    return header + _directory(complete, main_at) + _directory(exif, exif_at) + pixels


def _directory(entries: list[_Entry], at: int) -> bytes:
    """Return a directory that begins at byte `at` of the file, and behind it what does not fit into its fields."""
    head, tail = struct.pack("<H", len(entries)), b""
    tail_at = at + 2 + 12 * len(entries) + 4
    for entry in sorted(entries, key=lambda entry: entry.tag):
        inline = entry.data if len(entry.data) <= 4 else struct.pack("<I", tail_at + len(tail))
        head += struct.pack("<HHI4s", entry.tag, entry.kind, entry.count, inline)
        if len(entry.data) > 4:
            tail += entry.data + bytes(len(entry.data) % 2)
    return head + bytes(4) + tail
