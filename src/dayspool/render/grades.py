"""Grades of frames: by how much red, green and blue of each are brightened, from a solution into its recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dayspool.deflicker.staircase import filled
from dayspool.deflicker.wish import Highlights
from dayspool.render.odd import middle_beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dayspool.deflicker import Curves
    from dayspool.deflicker.uneven import Grid
    from dayspool.develop import Recipe
    from dayspool.render.pipeline import FrameFile

__all__ = ["Grades", "by_channel", "graded", "grades_of", "settled", "with_grades"]

Grades: TypeAlias = "NDArray[np.float64]"
"""By how many EV red, green and blue of each frame are brightened, shape (frames, 3)."""

_STILL_EV = 0.001  # a film in which no frame is changed by more does not flicker, and is left as it is
_DIGITS = 5  # of an EV: 0.01 mEV


def by_channel(curves: Curves) -> Grades:
    """Return the grades of a solution."""
    light = curves.grade_ev
    return np.nan_to_num(np.stack([light + curves.grade_red, light, light + curves.grade_blue], axis=1))


def grades_of(curves: Curves, set_ev: NDArray[np.float64], *, kept: NDArray[np.bool_], odd: Sequence[int]) -> Grades:
    """Return the grades of all frames; those that are kept as they are go with the frames around them.

    Args:
        curves: the solution.
        set_ev: how bright the exposure of each frame draws a scene, NaN where nobody knows: a frame that is kept still
            gets what makes up for its own.
        kept: which frames are kept, shape (frames,).
        odd: the indices of frames that no other goes with.
    """
    grades = by_channel(curves)
    if not kept.any():
        return grades
    unsound = {*odd, *np.flatnonzero(curves.piece < 0).tolist()}
    own_ev = filled(set_ev)
    drawn = [(channel + own_ev).tolist() for channel in grades.T]
    for index in np.flatnonzero(kept).tolist():
        grades[index] = [middle_beside(index, channel, unsound) - own_ev[index] for channel in drawn]
    return grades


def settled(grades: Grades, fields: Sequence[Grid]) -> tuple[Grades, Sequence[Grid]]:
    """Return grades and fields as recipes hold them: none at all where the film does not flicker."""
    bends = (abs(ev) for field in fields for row in field for ev in row)
    if max(np.abs(grades).max(initial=0), max(bends, default=0)) < _STILL_EV:
        return np.zeros_like(grades), [()] * len(fields)
    return np.asarray(np.round(grades, _DIGITS) + 0.0), fields


def with_grades(curves: Curves, grades: Grades) -> Curves:
    """Return curves that tell these grades."""
    red, light, blue = grades.T
    return replace(curves, grade_ev=light, grade_red=red - light, grade_blue=blue - light)


def graded(
    frames: Sequence[FrameFile], grades: Grades, fields: Sequence[Grid], highlights: Highlights
) -> Sequence[FrameFile]:
    """Return frames with grades and fields, as `settled`, in their recipes; the very same ones where there are none."""
    if not grades.any() and not any(fields):
        return frames
    return [
        replace(frame, recipe=_recipe(frame.recipe, grade, field, guarded=highlights is not Highlights.NONE))
        for frame, grade, field in zip(frames, grades, fields, strict=True)
    ]


def _recipe(recipe: Recipe, grade: NDArray[np.float64], field: Grid, *, guarded: bool) -> Recipe:
    """Return a recipe with a grade, or with what it does to light and no more, where highlights are not guarded."""
    red, green, blue = map(float, grade)
    whole = replace(recipe, field=field, grade=(red, green, blue))
    if guarded:
        return whole
    ev, gains = whole.corrections
    return replace(whole, grade=(0.0, 0.0, 0.0), ev=ev, gains=gains)
