"""How bright a frame came out, measured on the JPEG that was downloaded anyway; never an extra shot.

Pillow decodes it at a small scale (libjpeg leaves out what is not needed), the rest is plain arithmetic: sRGB values
back to linear light (IEC 61966-2-1, which cameras' JPEGs follow but for their own contrast), the mean of each tile, and
of the tiles' logarithms the mean between the 20th and the 80th percentile: a lamp or a dark wall counts little.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from dataclasses import dataclass
from importlib.util import find_spec

__all__ = ["Measured", "can_measure", "measure"]

_SMALL_PX = (96, 96)
_TILES = 12  # across, and down
_MIDDLE_GREY = 0.18
_BURNT = 250  # of 255, in any channel
_DARKEST = 0.5 / 255 / 12.92  # half of the first step above black, in linear light: what a black tile counts as
_WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue in luminance, ITU-R BT.709
_LOW, _HIGH = 0.2, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a picture tells of its exposure.

    Attributes:
        ev: how much brighter than middle grey it is, in EV of linear light.
        clipped_share: the share of its pixels that are burnt out in some channel, 0 to 1.
    """

    ev: float
    clipped_share: float


def can_measure() -> bool:
    """Say whether Pillow is installed (the extra `meter`)."""
    return find_spec("PIL") is not None


def measure(jpeg: bytes) -> Measured | None:
    """Measure a picture; `None` where it cannot be decoded: it is then a frame like any other, only not metered."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an odd picture is a warning to Pillow, and no reading to us
            with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
                image.draft("RGB", _SMALL_PX)
                small = image.convert("RGB")
                small.thumbnail(_SMALL_PX, Image.Resampling.BOX)
        return _measured(small.tobytes(), *small.size)
    except (OSError, ValueError, SyntaxError, TypeError, EOFError, struct.error, Warning, Image.DecompressionBombError):
        return None


def _measured(pixels: bytes, width: int, height: int) -> Measured | None:
    if width < 1 or height < 1:
        return None
    red, green, blue = (_tables()[channel] for channel in range(3))
    across, down = min(_TILES, width), min(_TILES, height)
    sums, counts = [0.0] * (across * down), [0] * (across * down)
    burnt = 0
    for y in range(height):
        row = pixels[3 * y * width : 3 * (y + 1) * width]
        above = y * down // height * across
        for x in range(width):
            r, g, b = row[3 * x : 3 * x + 3]
            tile = above + x * across // width
            sums[tile] += red[r] + green[g] + blue[b]
            counts[tile] += 1
            burnt += r >= _BURNT or g >= _BURNT or b >= _BURNT
    logs = sorted(math.log2(max(total / count, _DARKEST)) for total, count in zip(sums, counts, strict=True))
    kept = logs[int(len(logs) * _LOW) : max(math.ceil(len(logs) * _HIGH), 1)]
    ev = sum(kept) / len(kept) - math.log2(_MIDDLE_GREY)
    return Measured(ev=round(ev, 4), clipped_share=round(burnt / (width * height), 5))


def _tables() -> tuple[tuple[float, ...], ...]:
    linear = [value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)]
    return tuple(tuple(weight * light for light in linear) for weight in _WEIGHTS)
