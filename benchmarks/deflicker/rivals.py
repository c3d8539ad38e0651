"""What others do against flicker: FFmpeg's own filter, and the methods of popular scripts made again from descriptions.

Each takes 8-bit frames as such tools get them, and gives 8-bit frames back. None is told more than the tool would know,
but for those that are named "with EXIF": they get each frame's nominal exposure taken out first, in linear light.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.deflicker.ffmpeg import MODES, Codes, deflickered, ffmpeg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["NOTHING", "Rival", "encoded", "left_out", "linear", "rivals", "told_by_exif"]

Floats: TypeAlias = NDArray[np.floating[Any]]
Numbers: TypeAlias = NDArray[np.float64]

NOTHING = "nothing"
WINDOW = 15  # frames: the default of cyberang3l's script
TREND_STIFFNESS = 300.0  # of the second-difference smoother: about a second of film

_LUMA = np.array([0.299, 0.587, 0.114])  # Rec. 601, which scripts weigh code values with
_LIGHT = np.array([0.2126, 0.7152, 0.0722])  # Rec. 709, for linear light


@dataclass(frozen=True, slots=True)
class Rival:
    """A method, by the name it has in tables, and of what kind it is.

    Attributes:
        name: as shown.
        run: 8-bit frames in, 8-bit frames out.
        real: whether it is the tool itself; else it was made again here.
    """

    name: str
    run: Callable[[Codes], Codes]
    real: bool = False


def rivals() -> tuple[Rival, ...]:
    """Return all whose tools are installed, doing nothing first."""
    found = [Rival(NOTHING, lambda codes: codes)]
    if (tool := ffmpeg()) is not None and tool.deflicker:
        found += [
            Rival(f"FFmpeg {mode} {size}", partial(deflickered, mode=mode, size=size), real=True)
            for mode in MODES
            for size in (5, 15)
        ]
    found += [
        Rival("cyberang3l", cyberang3l),
        Rival("gamma mean", partial(rolled, measure=gamma_mean, middle=np.mean, light=False)),
        Rival("gamma median", partial(rolled, measure=gamma_median, middle=np.median, light=False)),
        Rival("linear mean", partial(rolled, measure=linear_mean, middle=np.mean, light=True)),
        Rival("linear median", partial(rolled, measure=linear_median, middle=np.median, light=True)),
        Rival("linear mean, robust trend", robust_trend),
        Rival("simple-deflicker", simple_deflicker),
    ]
    return tuple(found)


def left_out() -> tuple[str, ...]:
    """Return, as sentences, which rivals are missing for want of their tools."""
    tool = ffmpeg()
    if tool is None:
        return ("FFmpeg's deflicker and VMAF: there is no FFmpeg (pip install 'dayspool[bench]').",)
    lost = [] if tool.deflicker else [f"FFmpeg's deflicker: {tool.path} has no such filter."]
    return (*lost, *(() if tool.vmaf else (f"VMAF: {tool.path} is built without libvmaf.",)))


def told_by_exif(codes: Codes, wanted_ev: Numbers) -> Codes:
    """Return frames with what their settings say taken out: by `wanted_ev` EV each in linear light."""
    return np.stack([lit(frame, float(gain)) for frame, gain in zip(codes, np.exp2(wanted_ev), strict=True)])


def cyberang3l(codes: Codes) -> Codes:
    """Do as cyberang3l/timelapse-deflicker: mean of code values, moving average, `-modulate` of brightness in HSL."""
    seen = np.array([gamma_mean(frame) for frame in codes])
    wanted = centred(seen, np.mean)
    return np.stack([modulated(frame, gain) for frame, gain in zip(codes, wanted / seen, strict=True)])


def rolled(codes: Codes, *, measure: Callable[[Codes], float], middle: Callable[[Numbers], Any], light: bool) -> Codes:
    """Bring one number of each frame to the mean or median of a centred window, by a gain on light or on codes."""
    seen = np.array([measure(frame) for frame in codes])
    gains = centred(seen, middle) / np.maximum(seen, 1e-6)
    scaled = lit if light else multiplied
    return np.stack([scaled(frame, float(gain)) for frame, gain in zip(codes, gains, strict=True)])


def robust_trend(codes: Codes) -> Codes:
    """Bring the linear mean to a robust smooth trend of its logarithm: the best that a mean over the picture can do."""
    seen = np.log2([linear_mean(frame) for frame in codes])
    gains = np.exp2(whittaker(seen) - seen)
    return np.stack([lit(frame, float(gain)) for frame, gain in zip(codes, gains, strict=True)])


def simple_deflicker(codes: Codes, *, reach: int = 15, strength: float = 0.8) -> Codes:
    """Do as simple-deflicker: each channel's histogram matched to the mean histogram of its neighbours."""
    pixels = codes[0, ..., 0].size
    held = np.stack([[np.bincount(frame[..., c].ravel(), minlength=256) for c in range(3)] for frame in codes])
    out = np.empty_like(codes)
    for index, frame in enumerate(codes):
        near = np.cumsum(held[max(0, index - reach) : index + reach + 1].mean(axis=0), axis=1)
        own = np.cumsum(held[index], axis=1)
        for channel in range(3):
            table = matched(own[channel] / pixels, near[channel] / pixels)
            mixed = strength * table + (1 - strength) * np.arange(256)
            out[index, ..., channel] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)[frame[..., channel]]
    return out


def matched(own: Numbers, near: Numbers, *, blur: int = 5) -> Numbers:
    """Return where each code of a cumulative histogram lies in another one, smoothed, in whole codes.

    The window of the smoothing (±`blur` codes) is cut at both ends, and its mean is cut, not rounded: as they do it.
    """
    table = np.minimum(np.searchsorted(near, own - 1e-9), 255)
    inside, ones = np.convolve(table, np.ones(2 * blur + 1), "same"), np.ones(256)
    smooth: Numbers = np.floor(inside / np.convolve(ones, np.ones(2 * blur + 1), "same") + 1e-9)
    return smooth


def gamma_mean(frame: Codes) -> float:
    """Return the mean of code values, weighed as luma."""
    return float(frame.mean(axis=(0, 1)) @ _LUMA)


def gamma_median(frame: Codes) -> float:
    """Return the median luma, of code values."""
    return float(np.median(frame @ _LUMA))


def linear_mean(frame: Codes) -> float:
    """Return the mean luminance."""
    return float(linear(frame).mean(axis=(0, 1)) @ _LIGHT)


def linear_median(frame: Codes) -> float:
    """Return the median luminance."""
    return float(np.median(linear(frame) @ _LIGHT.astype(np.float32)))


def centred(values: Numbers, middle: Callable[[Numbers], Any]) -> Numbers:
    """Return the mean or median of a window around each value, shorter at the ends."""
    return np.array([middle(part) for part in _windows(values)])


def _windows(values: Numbers) -> Iterator[Numbers]:
    for index in range(len(values)):
        reach = WINDOW // 2
        yield values[max(0, index - reach) : index + reach + 1]


def whittaker(values: Numbers, *, stiffness: float = TREND_STIFFNESS, huber: float = 1.345, turns: int = 20) -> Numbers:
    """Return a smooth curve through values: second differences kept small, far values counting less (Huber)."""
    bent = np.diff(np.eye(len(values)), 2, axis=0)
    penalty, weight, curve = stiffness * bent.T @ bent, np.ones(len(values)), values
    for _ in range(turns):
        curve = np.linalg.solve(np.diag(weight) + penalty, weight * values)
        off = np.abs(values - curve)
        weight = np.minimum(1.0, huber * max(1e-9, 1.4826 * float(np.median(off))) / np.maximum(off, 1e-12))
    return curve


def linear(codes: Codes) -> NDArray[np.float32]:
    """Return the linear light of 8-bit sRGB codes."""
    return _LINEAR[codes]


def encoded(light: Floats) -> Codes:
    """Return linear light as 8-bit sRGB codes."""
    clipped = np.clip(light, 0, 1)
    curved = np.where(
        clipped <= 0.0031308, clipped * 12.92, 1.055 * np.maximum(clipped, 0.0031308) ** (1 / 2.4) - 0.055
    )
    return np.rint(curved * 255).astype(np.uint8)


def lit(frame: Codes, gain: float) -> Codes:
    """Return a frame multiplied in linear light, clipped and rounded."""
    return encoded(_LINEAR * gain)[frame]


def multiplied(frame: Codes, gain: float) -> Codes:
    """Return a frame whose code values are multiplied, clipped and rounded."""
    return np.clip(np.rint(np.arange(256) * gain), 0, 255).astype(np.uint8)[frame]


def modulated(frame: Codes, gain: float) -> Codes:
    """Return a frame whose lightness in HSL is multiplied, hue and saturation staying (ImageMagick's `-modulate`)."""
    rgb = frame.astype(np.float32) / 255
    highest, lowest = rgb.max(axis=-1), rgb.min(axis=-1)
    lightness = (highest + lowest) / 2
    bright = np.minimum(lightness * gain, 1.0)
    chroma = (1 - np.abs(2 * bright - 1)) / np.maximum(1 - np.abs(2 * lightness - 1), 1e-6)
    out = (rgb - lightness[..., None]) * chroma[..., None] + bright[..., None]
    return np.rint(np.clip(out, 0, 1) * 255).astype(np.uint8)


_CODES = np.arange(256) / 255
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
