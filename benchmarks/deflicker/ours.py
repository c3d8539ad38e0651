"""A scene through dayspool's own path: measured, tied, solved, and drawn as the built-in developer draws grades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker import DeflickerWish, Known
from dayspool.deflicker.measure import measured
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve
from dayspool.develop.api import Plate, Recipe
from dayspool.develop.builtin_light import adjusted
from dayspool.develop.proxy import proxy_of_plate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.deflicker.scenes import Scene
    from dayspool.deflicker import Curves, Measure, Ties

__all__ = ["FPS", "corrected", "drawn", "measure_of", "solved", "tied"]

FPS = 25.0


def corrected(scene: Scene, wish: DeflickerWish | None = None) -> list[NDArray[np.uint8]]:
    """Return the frames of a scene without flicker, as sRGB pictures of 8 bits.

    Args:
        scene: its shot is taken as 8-bit pictures.
        wish: what is asked of deflicker; what the product does by itself if nothing is.
    """
    shot = [scene.pixels(index) for index in range(scene.frames)]
    return drawn(shot, solved(scene, tied(scene, shot), wish))


def measure_of(pixels: NDArray[np.uint8]) -> Measure:
    """Return one frame in numbers."""
    small = proxy_of_plate(Plate(rgb=pixels))
    return measured(small.rgb, step=small.step, encoded=small.encoded)


def tied(scene: Scene, shot: Sequence[NDArray[np.uint8]]) -> Ties:
    """Return the comparisons of all frames."""
    tying = Tying()
    for index in range(scene.frames):
        tying.push(measure_of(shot[index]), float(scene.nominal_ev[index]))
    return tying.ties


def solved(scene: Scene, ties: Ties, wish: DeflickerWish | None = None) -> Curves:
    """Return the curves of a scene; frames follow each other without gaps, and colour is graded as of any JPEG."""
    known = Known(slots=np.arange(scene.frames), nominal_ev=scene.nominal_ev, target_ev=scene.target_ev)
    return solve(known, ties, wish or DeflickerWish(), fps=FPS, colour=True)


def drawn(shot: Sequence[NDArray[np.uint8]], curves: Curves) -> list[NDArray[np.uint8]]:
    """Return frames with their grades drawn, rounded to 8 bits as a film's are."""
    return [_rounded(adjusted(pixels, _recipe(curves, index))) for index, pixels in enumerate(shot)]


def _recipe(curves: Curves, index: int) -> Recipe:
    green = float(curves.grade_ev[index])
    return Recipe(grade=(green + float(curves.grade_red[index]), green, green + float(curves.grade_blue[index])))


def _rounded(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    return rgb if rgb.dtype == np.uint8 else ((rgb.astype(np.uint32) + 128) // 257).astype(np.uint8)
