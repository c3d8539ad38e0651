"""The developer that needs no other program: JPEG, PNG and TIFF, in this process, with Pillow."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import PIL
from PIL import Image, ImageCms

from dayspool.develop.api import Developed, DeveloperInfo, DevelopJob, Plate, covering
from dayspool.develop.inspect import ORIENTATION, opened, upright_size
from dayspool.errors import FrameError, FrameUnreadable, ToolDisobeyed
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["BuiltinDeveloper"]

_WORKING_MODES = frozenset({"L", "RGB", "CMYK"})  # a profile may describe these; every other mode becomes RGB first
_DEEP_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_TURNS = {  # EXIF 2.32 §4.6.4.A: what makes the stored picture stand upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BuiltinDeveloper:
    """Decodes at the smallest scale that covers the box and converts to sRGB.

    A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size for a fraction of the cost. Nothing is resampled here, so that
    a film resamples once. Plates are 8 bits deep; 16-bit input is accepted and rounded.
    """

    name = "builtin"
    frames_per_call = 1
    worker_bytes = 384 << 20  # a 24-megapixel frame decoded in full, its copy in sRGB, and swscale's

    def probe(self) -> DeveloperInfo:
        """Check that Pillow decodes JPEG, and say which Pillow it is."""
        grey = Image.new("RGB", (64, 48), (118, 118, 118))
        packed = io.BytesIO()
        grey.save(packed, "JPEG")
        with Image.open(packed) as image:
            obeyed = abs(int(np.asarray(image)[24, 32, 1]) - 118) <= 1
        fault = None if obeyed else ToolDisobeyed("Pillow decodes a grey JPEG to another grey; reinstall pillow")
        return DeveloperInfo(
            name=self.name, version=f"Pillow {PIL.__version__}", detail="JPEG, PNG and TIFF, in process", fault=fault
        )

    def develop(self, jobs: Sequence[DevelopJob]) -> Iterator[Developed]:
        """Yield a plate, or what is wrong with the frame, for every job in order."""
        for job in jobs:
            try:
                developed: Developed = _plate(job)
            except FrameError as fault:
                developed = fault
            yield developed

    def stop(self) -> None:
        """Do nothing: a frame takes a moment only."""


def _plate(job: DevelopJob) -> Plate:
    if is_raw(job.path):
        raise FrameUnreadable(f"{job.path} is a RAW file, which needs --developer darktable (apt install darktable)")
    with opened(job.path) as image:
        upright = upright_size(image)
        target = covering(*upright, job.width, job.height)
        image.draft(None, target[::-1] if upright != image.size else target)
        profile = image.info.get("icc_profile")
        turn = _TURNS.get(image.getexif().get(ORIENTATION, 1))
        rgb = _srgb(_working_mode(image, job.path), profile)
        return Plate(rgb=np.asarray(rgb if turn is None else rgb.transpose(turn)))


def _working_mode(image: Image.Image, path: Path) -> Image.Image:
    if image.mode in _DEEP_GREY:
        deep = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((deep * 255 + 32767) // 65535).astype(np.uint8))
    if image.mode in {"I", "F"}:
        raise FrameUnreadable(f"{path} has 32 bits a sample, which needs --developer darktable")
    return image if image.mode in _WORKING_MODES else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the embedded profile; one that is broken or does not fit is ignored, as every viewer does."""
    if not profile:
        return image.convert("RGB")
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and ImageCms.getProfileDescription(embedded).startswith("sRGB"):
            return image
        converted = ImageCms.profileToProfile(image, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")
    return converted or image.convert("RGB")
