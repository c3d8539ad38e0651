"""A scene through dayspool's own path: measured, tied, solved, judged, and drawn as the built-in developer draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dayspool.deflicker import DeflickerWish, Known, measured
from dayspool.deflicker.outliers import judged
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve
from dayspool.deflicker.uneven import UnevenTying
from dayspool.deflicker.watch import Seen, Watch
from dayspool.deflicker.wish import Remedy
from dayspool.develop.api import Plate, Recipe
from dayspool.develop.builtin_light import adjusted
from dayspool.develop.proxy import proxy_of_plate
from dayspool.render.grades import grades_of
from dayspool.render.odd import remedy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.deflicker.scenes import Scene
    from dayspool.deflicker import Curves, Measure, Ties

__all__ = ["FPS", "Looked", "corrected", "drawn", "looked", "measure_of", "recipes", "solved"]

FPS = 25.0

Pictures: TypeAlias = "Sequence[NDArray[np.uint8] | NDArray[np.uint16]]"
Fields: TypeAlias = tuple[tuple[tuple[float, ...], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is kept of a scene's frames: their comparisons, signs of oddness, and what evens out uneven light."""

    ties: Ties
    seen: Seen
    fields: Fields = ()


def corrected(scene: Scene, wish: DeflickerWish | None = None, shot: Pictures | None = None) -> list[NDArray[np.uint8]]:
    """Return the frames of a scene without flicker, as sRGB pictures of 8 bits.

    Args:
        scene: what was shot.
        wish: what is asked of deflicker; what the product does by itself if nothing is.
        shot: what the camera's files decode to, 8 or 16 bits; 8 bits without loss if nothing is given.
    """
    asked = wish or DeflickerWish()
    taken = [scene.pixels(index) for index in range(scene.frames)] if shot is None else shot
    seen = looked(scene, taken, asked)
    return drawn(taken, recipes(solved(scene, seen, asked), seen, asked))


def measure_of(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> Measure:
    """Return one frame in numbers."""
    small = proxy_of_plate(Plate(rgb=pixels))
    return measured(small.rgb, step=small.step, encoded=small.encoded)


def looked(scene: Scene, shot: Pictures, wish: DeflickerWish) -> Looked:
    """Look at all frames, one after another."""
    uneven = UnevenTying(field=wish.field, banding=wish.banding) if wish.field or wish.banding else None
    tying, watch = uneven or Tying(), Watch()
    for index, pixels in enumerate(shot):
        measure = measure_of(pixels)
        tying.push(measure, float(scene.nominal_ev[index]))
        watch.push(measure)
    slots = np.arange(scene.frames)
    fields = uneven.fields(slots, smooth_frames=wish.smooth_seconds * FPS) if uneven else ()
    return Looked(ties=tying.ties, seen=watch.seen, fields=fields)


def solved(scene: Scene, seen: Looked, wish: DeflickerWish) -> Curves:
    """Return the curves of a scene; frames follow each other without gaps, and colour is graded as of any JPEG."""
    known = Known(slots=np.arange(scene.frames), nominal_ev=scene.nominal_ev, target_ev=scene.target_ev)
    return solve(known, seen.ties, wish, fps=FPS, colour=True)


def recipes(curves: Curves, seen: Looked, wish: DeflickerWish) -> list[Recipe]:
    """Return how every frame is drawn; odd ones that are kept go with the frames around them, as in a film."""
    odd = {verdict.index: remedy_of(verdict.kind, wish.odd) for verdict in judged(curves, seen.ties, seen.seen)}
    kept = np.array([odd.get(index) is Remedy.KEEP for index in range(len(curves.slots))])
    grades = grades_of(curves, curves.nominal_ev, kept=kept, odd=list(odd))
    fields = [() if kept[index] else field for index, field in enumerate(seen.fields or ((),) * len(kept))]
    return [
        Recipe(grade=(float(red), float(middle), float(blue)), field=field)
        for (red, middle, blue), field in zip(grades, fields, strict=True)
    ]


def drawn(shot: Pictures, how: Sequence[Recipe]) -> list[NDArray[np.uint8]]:
    """Return frames with their recipes drawn, rounded to 8 bits as a film's are."""
    return [_rounded(adjusted(pixels, recipe)) for pixels, recipe in zip(shot, how, strict=True)]


def _rounded(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    return rgb if rgb.dtype == np.uint8 else ((rgb.astype(np.uint32) + 128) // 257).astype(np.uint8)
