"""The exposure of every frame as it was set, and as the ramp wanted it: true values, not their names.

A shutter of "1/60" really is 1/64 s, f/11 is f/11.31: names are up to 0.09 EV off. But a camera that exposes by itself
may also choose what lies between the values that have names, and then says what it chose. So names count as names in a
shoot whose values nearly all are some.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.core.exposure import Exposure
from dayspool.journal import JournalReader
from dayspool.picture.exif import read_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dayspool.core.events import ExposureSteered
    from dayspool.render.pipeline import FrameFile

__all__ = ["Nominal", "nominal_of", "true_exposures"]

_UNKNOWN = math.nan
_NAMED_SHARE = (
    0.9  # of a shoot's frames; a few with a value of their own (bulb, another lens) do not change what names are
)
_AS_NAMED = 0.004  # relative: EXIF writes 1/3200 as 10/31998, f/5.6 as 5.5999
# What cameras with third stops call their shutter times (seconds, and parts of one) and f-numbers.
_SECONDS = (60, 50, 40, 30, 25, 20, 15, 13, 10, 8, 6, 5, 4, 3.2, 2.5, 2, 1.6, 1.3, 1, 0.8, 0.6, 0.5, 0.4, 0.3)
_PARTS = (
    *(
        3,
        4,
        5,
        6,
        8,
        10,
        13,
        15,
        20,
        25,
        30,
        40,
        50,
        60,
        80,
        100,
        125,
        160,
        200,
        250,
        320,
        400,
        500,
        640,
        800,
        1000,
        1250,
    ),
    *(1600, 2000, 2500, 3200, 4000, 5000, 6400, 8000, 10000, 12800, 16000, 20000, 25600, 32000),
)
_F_NUMBERS = (
    *(0.95, 1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.5, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9, 10, 11, 13, 14, 16),
    *(18, 20, 22, 25, 29, 32),
)
_SHUTTERS = (*_SECONDS, *(1 / part for part in _PARTS))
_ENDS = {"brightest", "darkest"}  # as `core.ramp` names them, from half a stop beyond on
_BEYOND_END_EV = 0.5
_UNMETERED = "unmetered"  # likewise: a picture to meter is lacking
_ISO_OFF_EV = 0.035  # ISO speeds are rounded to two digits: 2500 is 2540, 1250 is 1270


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominal:
    """What is known of exposures without looking at pictures; arrays of shape (frames,), in slot order.

    Attributes:
        set_ev: how bright the exposure that was set draws a scene (`Exposure.gathered_ev`); NaN where nobody knows.
        wanted_ev: how bright the ramp wanted it, in the same EV; NaN where no ramp chose it.
    """

    set_ev: NDArray[np.float64]
    wanted_ev: NDArray[np.float64]


def nominal_of(shoot: Path, frames: Sequence[FrameFile]) -> Nominal:
    """Return what a shoot's journal knows of the exposures of these frames; failing that, what their EXIF says.

    Where the ramp set the exposure, its residue (`ExposureSteered.residue_ev`, wanted − applied in the EV of scenes,
    where more is less light) tells what was wanted. Where the camera's values ended, a night is not made day: of a
    residue that grows beyond half a stop there, half a stop counts. By compensation alone nobody knows what was wanted.
    Where the ramp had not seen the light yet, as before its first frame, it is taken to have wanted what it did as soon
    as it had.

    Raises:
        JournalError: the journal cannot be read.
    """
    with JournalReader(shoot) as journal:
        stored = {
            row.slot: Exposure(shutter_seconds=row.shutter_seconds, iso=row.iso, aperture=row.aperture)
            if row.shutter_seconds and row.iso
            else None
            for row in journal.frames()
        }
        steered = {event.slot: event for event in journal.steered() if event.compensation_ev is None}
    told = {
        frame.slot: stored[frame.slot] if frame.slot in stored else _of_file(frame.path, steered.get(frame.slot))
        for frame in frames
    }
    true = true_exposures({slot: exposure for slot, exposure in told.items() if exposure is not None})
    both = [_both(true.get(frame.slot), steered.get(frame.slot)) for frame in frames]
    found = np.array(both, np.float64).reshape(-1, 2)
    blind = {slot for slot, event in steered.items() if _UNMETERED in event.limits}
    return Nominal(set_ev=found[:, 0], wanted_ev=_foreseen([frame.slot for frame in frames], found[:, 1], blind))


def true_exposures(named: Mapping[int, Exposure]) -> dict[int, Exposure]:
    """Return the exposures behind what a shoot's pictures say, by slot.

    Shutter times, f-numbers and ISO speeds each become those of the ladder of third stops if nearly all of them have
    the names of such; otherwise the camera chooses in between, and they are taken at their word.
    """
    if not named:
        return {}
    shutters = _are_names((one.shutter_seconds for one in named.values()), _SHUTTERS)
    apertures = _are_names((one.aperture for one in named.values() if one.aperture), _F_NUMBERS)
    on_ladder = [abs(one.iso / one.snapped().iso - 1) < 2**_ISO_OFF_EV - 1 for one in named.values()]
    isos = _nearly_all(on_ladder)
    return {slot: _true(one, shutter=shutters, aperture=apertures, iso=isos) for slot, one in named.items()}


def _true(one: Exposure, *, shutter: bool, aperture: bool, iso: bool) -> Exposure:
    snapped = one.snapped()
    shutter = shutter and _is_name(one.shutter_seconds, _SHUTTERS)
    aperture = aperture and one.aperture is not None and _is_name(one.aperture, _F_NUMBERS)
    return Exposure(
        shutter_seconds=snapped.shutter_seconds if shutter else one.shutter_seconds,
        iso=snapped.iso if iso else one.iso,
        aperture=snapped.aperture if aperture else one.aperture,
    )


def _are_names(values: Iterable[float], names: tuple[float, ...]) -> bool:
    return _nearly_all([_is_name(value, names) for value in values])


def _nearly_all(said: list[bool]) -> bool:
    return sum(said) >= _NAMED_SHARE * len(said)


def _is_name(value: float, names: tuple[float, ...]) -> bool:
    return any(abs(value / name - 1) < _AS_NAMED for name in names)


def _of_file(path: Path, steered: ExposureSteered | None) -> Exposure | None:
    """Read the EXIF of a picture of which the journal says nothing, such as an original for a gap."""
    if steered is not None and None not in (steered.shutter_seconds, steered.iso, steered.aperture):
        return None
    try:
        with path.open("rb") as file:
            return read_head(file).exposure
    except OSError:
        return None  # measuring it will tell


def _foreseen(slots: Sequence[int], wanted_ev: NDArray[np.float64], blind: set[int]) -> NDArray[np.float64]:
    """Return what was wanted, for blind slots as it was before and after them, where it is known there."""
    here = np.array([slot in blind for slot in slots], np.bool_)
    seen = np.isfinite(wanted_ev) & ~here
    if not here.any() or not seen.any():
        return wanted_ev
    return np.where(here, np.interp(slots, np.array(slots)[seen], wanted_ev[seen]), wanted_ev)


def _both(true: Exposure | None, steered: ExposureSteered | None) -> tuple[float, float]:
    """Return how bright the exposure draws a scene, as set and as wanted.

    Of what the ramp set its own values count, of what it left to the camera those of the picture.
    """
    if steered is None:
        return (_UNKNOWN if true is None else true.gathered_ev), _UNKNOWN
    set_ev = math.log2(100) - steered.applied_ev
    if true is not None:
        if steered.shutter_seconds is None:
            set_ev += math.log2(true.shutter_seconds)
        if steered.iso is None:
            set_ev += math.log2(true.iso / 100)
        if steered.aperture is None and true.aperture is not None:
            set_ev -= 2 * math.log2(true.aperture)
    residue = steered.residue_ev
    if _ENDS & set(steered.limits):
        residue = min(max(residue, -_BEYOND_END_EV), _BEYOND_END_EV)
    return set_ev, set_ev - residue
