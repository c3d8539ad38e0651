"""From ties to grades: how bright and how coloured frames came out, how they are to be, and the difference."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.curves import Curves, Known
from dayspool.deflicker.doubt import undoubted
from dayspool.deflicker.graph import Offsets, offsets
from dayspool.deflicker.keyframes import bent
from dayspool.deflicker.lift import lift_of
from dayspool.deflicker.smooth import bends, smoothed, stiffness_of, window_median
from dayspool.deflicker.staircase import filled, meant, treads
from dayspool.deflicker.steps import found_steps
from dayspool.deflicker.trend import trend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dayspool.deflicker.ties import Ties
    from dayspool.deflicker.wish import DeflickerWish

__all__ = ["solve"]

_LEAST_CONFIDENCE = 0.02  # of a tied frame: it counts for little, but for something


@dataclass(frozen=True, slots=True, kw_only=True)
class _Light:
    """One number a frame (brightness or a colour) and its smooth course; arrays of shape (frames,).

    `came` is NaN for untied frames; `stays` goes on over them.
    """

    came: NDArray[np.float64]
    stays: NDArray[np.float64]
    stepped: NDArray[np.bool_]


def solve(known: Known, ties: Ties, wish: DeflickerWish, *, fps: float, colour: bool, lift: bool = False) -> Curves:
    """Return the curves of a shoot, its grades among them.

    What was set (nominal) is taken out of what was measured; what is left is light and flicker. The light is what
    `trend` keeps of it, and how bright frames were meant to be is put back. Pieces of a shoot that no comparison ties
    together are solved each for itself and joined by their nominal exposures alone. A frame that is tied to none gets
    its nominal correction only: it is taken to have come out as it was set.

    Args:
        known: slots and exposures of all frames.
        ties: comparisons of them.
        wish: smoothing, bound, keyframes and whether colour is wanted.
        fps: frames per second of film, which `wish.smooth_seconds` are counted in.
        colour: whether these pictures' white balance was chosen frame by frame, so that colour may be graded.
        lift: whether to brighten all frames so that gains are at least 1 where possible.
    """
    smooth_frames = wish.smooth_seconds * fps
    at = _frames_of(known.slots, smooth_frames)
    nominal_ev = filled(known.nominal_ev)
    wanted_ev = meant(at, nominal_ev, known.target_ev, smooth_frames)
    beyond_ev = ties.beyond(nominal_ev)
    sure = undoubted(len(at), ties, beyond_ev)
    found = offsets(len(at), sure, beyond_ev)
    light = _brightness(at, found, known, nominal_ev, wanted_ev, smooth_frames)
    flicker_ev = np.nan_to_num(light.stays - light.came)
    cut_ev = np.clip(flicker_ev, -wish.bound_ev, wish.bound_ev)
    graded = colour and wish.colour
    red, blue = _colours(at, sure, smooth_frames) if graded else _colours_left(at, sure)
    grade_ev = wanted_ev - nominal_ev + cut_ev
    curves = Curves(
        slots=known.slots,
        nominal_ev=known.nominal_ev,
        measured_ev=nominal_ev + light.stays - flicker_ev,
        trend_ev=wanted_ev + light.stays,
        grade_ev=grade_ev,
        measured_red=_measured(red),
        measured_blue=_measured(blue),
        grade_red=_graded(red, wish.bound_ev),
        grade_blue=_graded(blue, wish.bound_ev),
        confidence=found.confidence,
        rejected=_rejected(len(at), ties),
        piece=found.piece,
        bounded=np.asarray(cut_ev != flicker_ev, np.bool_),
        stepped=light.stepped | red.stepped | blue.stepped,
    )
    return _held(curves, at, wish, smooth_frames, lift=lift)


def _frames_of(slots: NDArray[np.int64], smooth_frames: float) -> NDArray[np.float64]:
    """Return slots as time in frames: the distance of two frames that is usual around them is 1.

    A film shows frames of a slower interval as fast as others; what is longer than usual just there is a gap.
    """
    if len(slots) < 2:
        return np.zeros(len(slots))
    apart = np.diff(slots).astype(np.float64)
    usual = np.maximum(window_median(apart, max(round(smooth_frames), 3)), 1.0)
    return np.concatenate([[0.0], np.cumsum(apart / usual)])


def _brightness(
    at: NDArray[np.float64],
    found: Offsets,
    known: Known,
    nominal_ev: NDArray[np.float64],
    wanted_ev: NDArray[np.float64],
    smooth_frames: float,
) -> _Light:
    """Return how bright frames came out beyond their exposure; where no exposure is known, steps are looked for.

    A wish follows the light, so that pictures change less than either: the light is told from flicker with the wish's
    smooth course added, and that is taken away again.
    """
    detect = bool(np.isnan(known.nominal_ev).all())
    followed_ev = smoothed(bends(at, np.inf), wanted_ev, np.ones(len(at)), stiffness_of(smooth_frames))
    drawn = dataclasses.replace(found, value=found.value + followed_ev)
    light = _course(at, drawn, smooth_frames, treads(nominal_ev), detect=detect)
    return _Light(came=light.came - followed_ev, stays=light.stays - followed_ev, stepped=light.stepped)


def _course(
    at: NDArray[np.float64],
    found: Offsets,
    smooth_frames: float,
    steps: NDArray[np.int64],
    *,
    detect: bool = False,
    colour: bool = False,
) -> _Light:
    """Return the course of one number, each piece for itself, and go straight on over untied frames."""
    stays, stepped = np.full(len(at), np.nan), np.zeros(len(at), np.bool_)
    for piece in range(int(found.piece.max(initial=-1)) + 1):
        inside = np.flatnonzero(found.piece == piece)
        drawn = trend(
            at[inside],
            found.value[inside],
            np.maximum(found.confidence[inside], _LEAST_CONFIDENCE),
            smooth_frames=smooth_frames,
            steps=_within(inside, steps),
            detect=detect,
            colour=colour,
        )
        stays[inside], stepped[inside] = drawn.value, drawn.stepped
    came = np.where(found.piece >= 0, found.value, np.nan)
    return _Light(came=came, stays=_gone_on(at, stays), stepped=stepped)


def _gone_on(at: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values that go straight on where they are NaN."""
    there = np.flatnonzero(np.isfinite(values))
    if not there.size:
        return np.zeros(len(at))
    return np.where(np.isfinite(values), values, np.interp(at, at[there], values[there]))


def _within(inside: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return steps as indices within a piece; one before its first frame is none."""
    places = np.unique(np.searchsorted(inside, steps))
    return places[(places > 0) & (places < len(inside))]


def _colours(at: NDArray[np.float64], ties: Ties, smooth_frames: float) -> tuple[_Light, _Light]:
    """Return how red and how blue frames came out; white balance jumps in both at once."""
    red, blue = offsets(len(at), ties, ties.red), offsets(len(at), ties, ties.blue)
    jumps = np.union1d(_jumps(at, red, smooth_frames), _jumps(at, blue, smooth_frames)).astype(np.int64)
    return (
        _course(at, red, smooth_frames, jumps, colour=True),
        _course(at, blue, smooth_frames, jumps, colour=True),
    )


def _colours_left(at: NDArray[np.float64], ties: Ties) -> tuple[_Light, _Light]:
    """Return how red and how blue frames came out, all of it to stay."""
    lights = []
    for values in (ties.red, ties.blue):
        found = offsets(len(at), ties, values)
        came = _gone_on(at, np.where(found.piece >= 0, found.value, np.nan))
        lights.append(_Light(came=came, stays=came, stepped=np.zeros(len(at), np.bool_)))
    return lights[0], lights[1]


def _jumps(at: NDArray[np.float64], found: Offsets, smooth_frames: float) -> NDArray[np.int64]:
    """Return the indices before which a colour jumps, in any piece."""
    jumps = [np.zeros(0, np.int64)]
    for piece in range(int(found.piece.max(initial=-1)) + 1):
        inside = np.flatnonzero(found.piece == piece)
        jumps.append(inside[found_steps(at[inside], found.value[inside], smooth_frames, colour=True)])
    return np.concatenate(jumps)


def _measured(light: _Light) -> NDArray[np.float64]:
    return np.where(np.isnan(light.came), light.stays, light.came)


def _graded(light: _Light, bound_ev: float) -> NDArray[np.float64]:
    return np.asarray(np.clip(np.nan_to_num(light.stays - light.came), -bound_ev, bound_ev), np.float64)


def _rejected(frames: int, ties: Ties) -> NDArray[np.float64]:
    """Return the share of the picture that did not agree, of each frame's best tie; 1 where there is none."""
    rejected = np.ones(frames)
    np.minimum.at(rejected, ties.first, ties.rejected)
    np.minimum.at(rejected, ties.second, ties.rejected)
    return rejected


def _held(curves: Curves, at: NDArray[np.float64], wish: DeflickerWish, smooth_frames: float, *, lift: bool) -> Curves:
    """Return the curves with all frames lifted, and with the grades that a person set."""
    places = {int(slot): index for index, slot in enumerate(curves.slots)}
    wanted = {places[slot]: ev for slot, ev in wish.keyframes.items() if slot in places}
    bend = bent(at, {index: ev - float(curves.grade_ev[index]) for index, ev in wanted.items()}, smooth_frames)
    lift_ev = 0.0
    if lift:
        lowest = np.minimum(np.minimum(curves.grade_red, curves.grade_blue), 0.0)
        lift_ev = lift_of(curves.grade_ev + bend + lowest)
        lifted = {index: ev - float(curves.grade_ev[index]) - lift_ev for index, ev in wanted.items()}
        bend = bent(at, lifted, smooth_frames)
    return dataclasses.replace(
        curves, trend_ev=curves.trend_ev + bend, grade_ev=curves.grade_ev + bend + lift_ev, lift_ev=lift_ev
    )
