"""What every developer does: frames in, plates out, a broken frame costing only itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dayspool.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dayspool.develop.tone import Tone
    from dayspool.errors import ToolError

__all__ = ["DevelopJob", "Developed", "Developer", "DeveloperInfo", "Pixels", "Plate", "Recipe", "covering"]

Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a frame is to look.

    Attributes:
        sidecar: the bytes of a darktable sidecar, whole; only darktable obeys it. `None` leaves a JPEG as it is.
        ev: exposure on top of it in linear light, in EV; darktable gets it as a module instance of our own.
        gains: factors for red, green and blue in linear light, on top of that.
        grade: by how many EV red, green and blue came out too dark: what deflicker evens out. It is done first, to the
            light as the camera saw it, and keeps what is clipped white; a film of even frames is no other for a look.
        tone: the tone curve of the camera's JPEGs, `None` for sRGB's: what `builtin` undoes, and does again after all
            that is done to light.
        curve: points (input, output) of a tone curve on sRGB-encoded values from 0 to 1; only `builtin` draws it.
        field: rows, from the top, of a grid of further EV over the upright picture, whose first and last rows and
            columns lie on its edges; between them it is drawn bilinearly. Only `builtin` draws it.
    """

    sidecar: bytes | None = None
    ev: float = 0.0
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    grade: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tone: Tone | None = None
    curve: tuple[tuple[float, float], ...] = ()
    field: tuple[tuple[float, ...], ...] = ()

    @property
    def corrections(self) -> tuple[float, tuple[float, float, float]]:
        """Exposure in EV and gains of look and grade together, for a developer that can do no more than multiply."""
        red, green, blue = self.grade
        of_red, of_green, of_blue = self.gains
        return self.ev + green, (of_red * 2 ** (red - green), of_green, of_blue * 2 ** (blue - green))


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopJob:
    """One frame to develop, how it is to look, and the box in pixels that its plate must cover.

    The plate may be larger than the box where reducing the picture further would cost more than it saves; it is never
    enlarged, so the plate of a picture that does not cover the box has the picture's own size.
    """

    path: Path
    width: int
    height: int
    recipe: Recipe = Recipe()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A developed picture: `rgb` has shape (height, width, 3), is sRGB-encoded and stands upright."""

    rgb: Pixels

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.rgb.shape[0])


Developed: TypeAlias = Plate | FrameError


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperInfo:
    """What a developer is and whether it passed its own test; `fault` says why it did not."""

    name: str
    version: str
    detail: str
    fault: ToolError | None = None

    @property
    def ok(self) -> bool:
        """Whether frames can be trusted to it."""
        return self.fault is None


class Developer(Protocol):
    """Turns frames into plates; one object may be used by several workers at once, and be sent to another process."""

    name: str
    frames_per_call: int
    """How many frames one call of `develop` should be given: more than one when starting costs."""
    worker_bytes: int
    """Roughly how much memory a call of `develop` takes at its peak; it bounds how many run at once."""

    def probe(self) -> DeveloperInfo:
        """Develop a test picture and say whether the result is what was asked for."""
        ...

    def develop(self, jobs: Sequence[DevelopJob], *, threads: int = 1) -> Iterator[Developed]:
        """Yield, for every job and in the order of the jobs, its plate or what is wrong with its frame.

        Args:
            jobs: the frames.
            threads: how many cores this call may keep busy, where a frame can be divided among them.

        Raises:
            ToolError: the tool itself cannot be used or trusted, whatever the frame.
        """
        ...

    def stop(self) -> None:
        """Give up at once whatever `develop` is doing for others in this process; its calls raise ToolFailed."""
        ...


def covering(width: int, height: int, box_width: int, box_height: int) -> tuple[int, int]:
    """Return the smallest size (width, height) of a picture that still covers a box, never enlarged.

    The aspect is kept to the nearest pixel. A picture that does not cover the box keeps its own size.
    """
    scale = max(box_width / width, box_height / height)
    if scale >= 1:
        return width, height
    return max(box_width, round(width * scale)), max(box_height, round(height * scale))
