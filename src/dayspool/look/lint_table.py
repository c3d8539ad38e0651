"""Which modules of darktable look at each picture, as a table: module, fields, why, and how to make them stop.

Found in the sources of darktable 4.2.1 (src/iop): what a module computes in `commit_params` or `process` from the
picture's pixels or from its metadata, and not from its parameters. Modules that only had a button for it when the
person edited (the pickers of filmic and of levels, the crop of perspective correction) hold fixed numbers in a sidecar
and are not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HABITS", "Habit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """One way in which a module treats pictures differently that have the same sidecar.

    Attributes:
        operation: the module.
        when: the values of its fields that make it so, all of them; none: whenever it is on.
        absent: it is so if the module is *not* in the sidecar (and then `when` is empty).
        raw_only: only RAW files come into it.
        why: what it takes from each picture, as a sentence.
        pin: the fields that make it stop, at what the sidecar holds beside them; empty where there are none.
        added: pinning adds the module, with what the keyframe's own picture says.
        remedy: what a person can do.
    """

    operation: str
    why: str
    remedy: str
    when: Mapping[str, frozenset[int | float]] = field(default_factory=dict)
    absent: bool = False
    raw_only: bool = False
    pin: Mapping[str, int | float] = field(default_factory=dict)
    added: bool = False


def _any(*values: float) -> frozenset[int | float]:
    return frozenset(values)


HABITS = (
    Habit(
        operation="exposure",
        when={"mode": _any(1)},  # EXPOSURE_MODE_DEFLICKER
        raw_only=True,
        why="it measures the histogram of each RAW file and exposes to a constant, so sunsets and passers-by pump",
        pin={"mode": 0, "compensate_exposure_bias": 0},
        remedy="set its mode to manual",
    ),
    Habit(
        operation="exposure",
        when={"mode": _any(0), "compensate_exposure_bias": _any(1)},
        why="it takes back the exposure compensation that each picture was taken with",
        pin={"compensate_exposure_bias": 0},
        remedy="switch off its compensation of the camera's exposure",
    ),
    Habit(
        operation="temperature",
        absent=True,
        added=True,
        raw_only=True,
        why="without white balance in the sidecar each RAW file is developed with the one its camera chose",
        remedy="edit white balance in one keyframe, so that its multipliers count for all",
    ),
    Habit(
        operation="rawprepare",
        absent=True,
        raw_only=True,
        why="without raw black/white point in the sidecar each RAW file is developed with the levels it names itself",
        remedy="let darktable write the sidecar, which then has them",
    ),
    Habit(
        operation="rawprepare",
        when={"flat_field": _any(1)},
        raw_only=True,
        why="it takes the flat field from each RAW file",
        remedy="switch off its flat field correction if the files differ in it",
    ),
    Habit(
        operation="channelmixerrgb",
        when={"illuminant": _any(10)},  # DT_ILLUMINANT_CAMERA
        raw_only=True,
        why="its illuminant is what the camera wrote into each picture",
        pin={"illuminant": 7},  # custom: the x and y that darktable kept beside it
        remedy="choose the illuminant custom",
    ),
    Habit(
        operation="channelmixerrgb",
        when={"illuminant": _any(8, 9)},
        why="it is told to detect the illuminant, which darktable does when it opens the picture",
        pin={"illuminant": 7},
        remedy="let it finish detecting in darktable, or choose the illuminant custom",
    ),
    Habit(
        operation="demosaic",
        when={"green_eq": _any(2, 3)},  # full average, alone or with the local one
        raw_only=True,
        why="it balances the two greens of the sensor by their averages over each picture",
        remedy="choose local average for matching the greens",
    ),
    Habit(
        operation="highlights",
        when={"mode": _any(4, 5)},  # segments, inpaint opposed
        raw_only=True,
        why="it estimates the colour of clipped highlights from the whole of each picture",
        remedy="choose clip highlights or reconstruct in LCh, which treat each pixel alike",
    ),
    Habit(
        operation="highlights",
        when={"mode": _any(2, 3)},  # inpaint, guided laplacians
        raw_only=True,
        why="it paints clipped highlights from what lies around them in each picture",
        remedy="choose clip highlights or reconstruct in LCh if skies flicker",
    ),
    Habit(
        operation="colorreconstruct",
        why="it colours clipped areas from what lies around them in each picture",
        remedy="switch it off if skies flicker",
    ),
    Habit(
        operation="hazeremoval",
        why="it estimates the haze and the light in the air from each picture",
        remedy="use tone equalizer or local contrast instead, or leave the flicker to deflicker",
    ),
    Habit(
        operation="levels",
        when={"mode": _any(1)},  # LEVELS_MODE_AUTOMATIC
        why="it finds black, grey and white in the histogram of each picture",
        remedy="set its mode to manual and its three handles by hand",
    ),
    Habit(
        operation="globaltonemap",
        when={"operator": _any(2)},  # OPERATOR_DRAGO
        why="the drago operator scales by the brightest place of each picture",
        remedy="choose another operator, or filmic rgb or sigmoid instead",
    ),
    Habit(
        operation="colortransfer",
        when={"flag": _any(4)},  # APPLY
        why="it groups the colours of each picture anew",
        remedy="use color mapping or color lookup table instead",
    ),
    Habit(
        operation="denoiseprofile",
        when={"a[0]": _any(-1)},
        why="it takes the noise profile that belongs to each picture's ISO",
        remedy="choose a profile in the module instead of the one found for the picture, unless the jumps suit you",
    ),
    Habit(
        operation="cacorrect",
        raw_only=True,
        why="it estimates the colour fringes from each picture",
        remedy="use lens correction or chromatic aberrations (the one for RGB) instead",
    ),
    Habit(
        operation="lens",
        when={"method": _any(1), "modified": _any(0)},
        why="it looks up camera, lens, focal length and aperture of each picture",
        pin={"modified": 1},
        remedy="touch any of its fields in the keyframe, so that what it found there counts for all",
    ),
    Habit(
        operation="lens",
        when={"method": _any(0)},
        raw_only=True,
        why="it takes the correction that each RAW file brings along",
        remedy="choose the lensfun database as its method",
    ),
    Habit(
        operation="colorin",
        when={"type": _any(9, 10)},  # embedded ICC, embedded matrix
        raw_only=True,
        why="it takes the profile that each RAW file brings along",
        remedy="choose the standard color matrix",
    ),
)
