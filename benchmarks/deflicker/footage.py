"""Real footage without known truth: what flickers of a wall that stands still, before and after each method.

The footage is a folder of JPEGs of one camera on a tripod that exposed by itself, and a list of patches of the picture
in which nothing moves. What is judged is the light of those patches: how much of it changes faster than real light in a
room does, and whether its slow course is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.deflicker.rivals import linear, rivals
from dayspool.deflicker import Known
from dayspool.deflicker.measure import measured
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve
from dayspool.deflicker.wish import DeflickerWish
from dayspool.develop import Recipe
from dayspool.develop.builtin_light import adjusted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.deflicker.ffmpeg import Codes
    from dayspool.deflicker import Curves

__all__ = ["ICECUBE_WALL", "OURS", "OURS_BLIND", "Footage", "Judged", "footage", "judged"]

Numbers: TypeAlias = NDArray[np.float64]
Patch: TypeAlias = tuple[float, float, float, float]

OURS, OURS_BLIND = "dayspool", "dayspool, judged patches not shown to it"
ICECUBE_WALL: tuple[Patch, ...] = (  # (left, top, right, bottom) as shares of the picture: tiles, not their joints
    (0.03, 0.02, 0.20, 0.17),
    (0.30, 0.02, 0.50, 0.17),
    (0.55, 0.02, 0.78, 0.17),
    (0.86, 0.02, 0.99, 0.09),
)
_BELOW_THE_WALL = 0.30  # of the height
_SLOW_FRAMES = 6.0  # sigma of the Gaussian that tells slow from fast, as in the synthetic scenes
_FPS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Frames in 8 bits, the slots they were taken in, and how bright their EXIF says they should be, in EV."""

    codes: Codes
    slots: NDArray[np.int64]
    nominal_ev: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is left of a wall's flicker, in mEV.

    Attributes:
        fast_mev: deviation of what changes faster than a Gaussian of 6 frames: the median patch; `worst_mev` the worst.
        step_mev: deviation of the difference from frame to frame: the median patch.
        slow_mev: by how much its slow course differs from that of the frames as they were shot, after a constant.
        colour_mev: the same as `fast_mev` of log2 R/G and B/G, whichever is more.
        light_ev: the light of the median patch, frame by frame, for a plot.
    """

    fast_mev: float
    worst_mev: float
    step_mev: float
    slow_mev: float
    colour_mev: float
    light_ev: Numbers


def footage(folder: Path, *, seconds_per_slot: float) -> Footage:
    """Read a folder of JPEGs with EXIF, whose names end in the date and time of a slot (`…_YYMMDD_HHMMSS.jpg`)."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".jpg")
    pictures, nominal, taken = [], [], []
    for path in paths:
        with Image.open(path) as picture:
            pictures.append(np.asarray(picture.convert("RGB")))
            exif = picture.getexif().get_ifd(0x8769)
        nominal.append(_gathered_ev(float(exif[33434]), float(exif[33437]), float(exif[34855])))
        taken.append(datetime.strptime(path.stem[-13:], "%y%m%d_%H%M%S").replace(tzinfo=UTC))
    seconds = np.array([(one - taken[0]).total_seconds() for one in taken])
    slots = np.rint(seconds / seconds_per_slot).astype(np.int64)
    return Footage(codes=np.stack(pictures), slots=slots, nominal_ev=np.array(nominal))


def _gathered_ev(shutter_s: float, aperture: float, iso: float) -> float:
    """Return log2 of the light that an exposure gathers, its shutter and ISO brought to exact thirds of a stop."""
    return float(np.rint(3 * np.log2(shutter_s)) / 3 + np.rint(3 * np.log2(iso / 100)) / 3 - 2 * np.log2(aperture))


def judged(shoot: Footage, patches: Sequence[Patch]) -> dict[str, Judged]:
    """Return what every method leaves, by its name."""
    kept = {one.name: one.run(shoot.codes) for one in rivals()}
    kept |= {OURS: corrected(shoot, solved(shoot)), OURS_BLIND: corrected(shoot, solved(shoot, top=_BELOW_THE_WALL))}
    raw = _lights(shoot.codes, patches)
    slow = _smooth(_middle(raw[..., 1]))
    return {name: _judged(_lights(codes, patches), slow) for name, codes in kept.items()}


def solved(shoot: Footage, *, top: float = 0.0) -> Curves:
    """Measure and solve as a render does; only what lies below `top` (a share of the height) is looked at."""
    tying = Tying()
    first = round(top * shoot.codes.shape[1])
    for frame, nominal in zip(shoot.codes, shoot.nominal_ev.tolist(), strict=True):
        tying.push(measured(linear(frame[first:]), step=1 / (255 * 12.92), encoded=True), nominal)
    unknown = np.full(len(shoot.slots), np.nan)
    known = Known(slots=shoot.slots, nominal_ev=shoot.nominal_ev, target_ev=unknown)
    return solve(known, tying.ties, DeflickerWish(), fps=_FPS, colour=True)


def corrected(shoot: Footage, curves: Curves) -> NDArray[np.uint16]:
    """Return the frames as the built-in developer grades them."""
    green = curves.grade_ev
    grades = np.stack([green + curves.grade_red, green, green + curves.grade_blue], axis=1)
    frames = []
    for frame, (red, middle, blue) in zip(shoot.codes, grades.tolist(), strict=True):
        shown = adjusted(frame, Recipe(grade=(red, middle, blue)))
        frames.append(shown if shown.dtype == np.uint16 else shown.astype(np.uint16) * 257)
    return np.stack(frames).astype(np.uint16)


def _lights(codes: NDArray[Any], patches: Sequence[Patch]) -> Numbers:
    """Return log2 of the mean linear red, green and blue of every patch, shape (frames, patches, 3)."""
    _, height, width, _ = codes.shape
    boxes = [
        (slice(round(top * height), round(bottom * height)), slice(round(left * width), round(right * width)))
        for left, top, right, bottom in patches
    ]
    found = [[_linear(frame[box]).mean(axis=(0, 1)) for box in boxes] for frame in codes]
    return np.log2(np.array(found, dtype=np.float64))


def _linear(codes: NDArray[Any]) -> NDArray[np.floating[Any]]:
    if codes.dtype == np.uint8:
        return linear(codes)
    part = codes / np.float64(65535)
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _judged(lights: Numbers, slow: Numbers) -> Judged:
    green, colours = lights[..., 1], lights[..., [0, 2]] - lights[..., 1:2]
    fast = np.array([np.std(_fast(one)) for one in green.T])
    steps = np.array([np.std(np.diff(one)) for one in green.T])
    tinted = np.array([[np.std(_fast(one)) for one in colour.T] for colour in colours.transpose(2, 0, 1)])
    middle = _middle(green)
    off = _smooth(middle) - slow
    return Judged(
        fast_mev=1000 * float(np.median(fast)),
        worst_mev=1000 * float(fast.max()),
        step_mev=1000 * float(np.median(steps)),
        slow_mev=1000 * float(np.std(off)),
        colour_mev=1000 * float(np.median(tinted, axis=1).max()),
        light_ev=middle,
    )


def _middle(green: Numbers) -> Numbers:
    """Return the median over patches of what each differs from its own mean."""
    whole: Numbers = np.median(green - green.mean(axis=0), axis=1)
    return whole


def _fast(values: Numbers) -> Numbers:
    return values - _smooth(values)


def _smooth(values: Numbers) -> Numbers:
    """Return a Gaussian mean over frames; at the ends a straight line is fitted, so that a slope is no flicker."""
    at = np.arange(len(values), dtype=np.float64)
    out = np.empty_like(values)
    for index in range(len(values)):
        weight = np.sqrt(np.exp(-((at - index) ** 2) / (2 * _SLOW_FRAMES**2)))
        _, level = np.polyfit(at - index, values, 1, w=weight)
        out[index] = level
    return out
