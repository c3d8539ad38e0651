"""What deflicker has to know of frames, gathered while their measures come by: only a window of them is held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.regions import usable_blocks
from dayspool.deflicker.watch import Watch
from dayspool.errors import FrameError, PlanError
from dayspool.render.pipeline import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from dayspool.deflicker import DeflickerWish, Measure, Ties
    from dayspool.deflicker.uneven import UnevenTying
    from dayspool.deflicker.watch import Seen
    from dayspool.render.pipeline import FrameFile

__all__ = ["Tied", "Where", "read_mask", "tied", "where_of"]

_FEWEST = 24  # blocks: half of them may be clipped or dark, and the others can still be compared
_CLIPPED = 0.985  # of white, in linear light: what a JPEG's codes near 255 come to


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """What came of the measures of a shoot; indices count all its frames.

    Attributes:
        ties: comparisons of pairs of frames.
        seen: signs that something is the matter with a frame.
        digests: those of the frames' files; None where a frame was not measured, or has no file.
        clipped: the share of each frame that is burnt out, 0 to 1, shape (frames,); NaN where it was not measured.
        faults: by index, why a frame was not measured.
        uneven: what evens out light that flickers unevenly over the picture, if that was asked for.
    """

    ties: Ties
    seen: Seen
    digests: tuple[str | None, ...]
    clipped: NDArray[np.float64]
    faults: dict[int, FrameError]
    uneven: UnevenTying | None = None

    def excluded(self, frames: Iterable[FrameFile]) -> tuple[LeftOut, ...]:
        """Return the frames that were not measured, and why."""
        return tuple(
            LeftOut(slot=frame.slot, path=frame.path, reason=str(self.faults[index]))
            for index, frame in enumerate(frames)
            if index in self.faults
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which part of the pictures is looked at: a region and a mask, as blocks of a grid."""

    region: tuple[float, float, float, float]
    mask: NDArray[np.uint8] | None = None
    _known: dict[tuple[int, ...], NDArray[np.bool_]] = field(default_factory=dict)

    def blocks(self, measure: Measure) -> NDArray[np.bool_]:
        """Return which blocks of a frame are looked at.

        Raises:
            PlanError: hardly any.
        """
        rows, columns = measure.light.shape
        if (rows, columns) not in self._known:
            blocks = usable_blocks(rows, columns, region=self.region, mask=self.mask)
            left = int(blocks.sum())
            if left < min(_FEWEST, blocks.size):
                raise PlanError(
                    f"region and mask of [deflicker] leave {left} of {blocks.size} places where frames are compared; "
                    f"{_FEWEST} at least are needed: make them larger"
                )
            self._known[rows, columns] = blocks
        return self._known[rows, columns]


def where_of(wish: DeflickerWish, mask: Path | None) -> Where:
    """Return which part of the pictures a person wants to be looked at.

    Raises:
        PlanError: the mask is no picture.
    """
    return Where(region=wish.region, mask=None if mask is None else read_mask(mask))


def read_mask(path: Path) -> NDArray[np.uint8]:
    """Return a mask, upright and in grey, of shape (height, width).

    Raises:
        PlanError: it is not there, no picture, or black all over.
    """
    try:
        with Image.open(path) as image:
            grey = np.asarray(ImageOps.exif_transpose(image).convert("L"))
    except FileNotFoundError:
        raise PlanError(f"the mask {path} is not there") from None
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as fault:
        raise PlanError(f"the mask {path} cannot be read as a picture: {fault}") from fault
    if not grey.any():
        raise PlanError(f"the mask {path} is black all over; white is where frames are measured")
    return grey


def tied(
    measures: Iterable[tuple[FrameFile, Measure | FrameError]],
    nominal_ev: Iterable[float],
    where: Where,
    *,
    uneven: UnevenTying | None = None,
) -> Tied:
    """Gather what deflicker has to know.

    Args:
        measures: every frame with its measure or what is wrong with it, in slot order.
        nominal_ev: for every frame, how bright its exposure draws a scene; NaN where nobody knows.
        where: which part of the pictures is looked at.
        uneven: what ties them where their light may flicker unevenly over the picture.

    Raises:
        PlanError: too little of the pictures is looked at.
    """
    tying, watch = uneven or Tying(), Watch()
    digests: list[str | None] = []
    clipped: list[float] = []
    faults: dict[int, FrameError] = {}
    for index, ((_, found), expected_ev) in enumerate(zip(measures, nominal_ev, strict=True)):
        if isinstance(found, FrameError):
            faults[index] = found
            tying.push(None, expected_ev)
            watch.push(None)
            digests.append(None)
            clipped.append(np.nan)
        else:
            tying.push(found, expected_ev, where.blocks(found))
            watch.push(found)
            digests.append(found.digest or None)
            clipped.append(float(np.mean(found.peak >= _CLIPPED)))
    return Tied(
        ties=tying.ties,
        seen=watch.seen,
        digests=tuple(digests),
        clipped=np.array(clipped),
        faults=faults,
        uneven=uneven,
    )
