"""The developer that needs no other program: JPEG, PNG and TIFF by Pillow, RAW by LibRaw, all in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import PIL

from dayspool.develop.api import Developed, DeveloperInfo, DevelopJob, Pixels, Plate
from dayspool.develop.builtin_light import adjusted
from dayspool.develop.builtin_picture import decoded
from dayspool.develop.builtin_proof import prove_pictures
from dayspool.develop.builtin_raw import RawLevels, developed_raw, libraw
from dayspool.errors import FrameError, ToolError, ToolMissing
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BuiltinDeveloper"]


class BuiltinDeveloper:
    """Develops in this process: a recipe's exposure, gains and curve, but no darktable sidecar.

    Pictures are multiplied in linear light and RAW frames get a fixed tone curve on top; nothing is ever chosen by
    looking at a picture. What has 8 bits and a recipe that asks for nothing comes as it is; all else comes in 16 bits.

    Args:
        levels: what the RAW frames of a shoot are developed with (`pinned`); None where there are none.
    """

    name = "builtin"
    frames_per_call = 1
    worker_bytes = 640 << 20  # measured on the way to 4K: 485 MiB for a RAW of 24 megapixels, 617 for one of 33

    def __init__(self, levels: RawLevels | None = None) -> None:
        self.levels = levels

    def probe(self) -> DeveloperInfo:
        """Check that a JPEG decodes to its grey, and to twice that light one EV higher; say what develops RAW."""
        version, fault = f"Pillow {PIL.__version__}", None
        try:
            prove_pictures()
            if self.levels is not None:
                version += f", {_libraw_version()}"
        except ToolError as found:
            fault = found
        detail = f"JPEG, PNG and TIFF, in process; {_raw_detail()}"
        return DeveloperInfo(name=self.name, version=version, detail=detail, fault=fault)

    def develop(self, jobs: Sequence[DevelopJob], *, threads: int = 1) -> Iterator[Developed]:
        """Yield a plate, or what is wrong with the frame, for every job in order.

        `threads` says nothing here: pictures are not divided among cores, and RAW frames are by LibRaw itself.

        Raises:
            ToolError: a job has a darktable sidecar, or is a RAW and there is no LibRaw.
            PlanError: the numbers of a recipe make no sense.
        """
        for job in jobs:
            if job.recipe.sidecar is not None:
                raise ToolError(
                    f"{job.path} is to be developed by a darktable sidecar, which only darktable can: "
                    "apt install darktable and use --developer darktable, or leave the look out with --look none"
                )
            yield self._developed(job)  # not kept here: while the next is developed, this one is in nobody's way

    def stop(self) -> None:
        """Do nothing: a frame takes a moment only."""

    def _developed(self, job: DevelopJob) -> Developed:
        try:
            return Plate(rgb=self._rgb(job))
        except FrameError as fault:
            return fault

    def _rgb(self, job: DevelopJob) -> Pixels:
        return developed_raw(job, self.levels) if is_raw(job.path) else adjusted(decoded(job), job.recipe)


def _raw_detail() -> str:
    try:
        return f"RAW by {_libraw_version()}"
    except ToolMissing:
        return "no RAW (rawpy does not load)"


def _libraw_version() -> str:
    return f"LibRaw {'.'.join(map(str, libraw().libraw_version))}"
