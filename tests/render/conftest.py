"""Frames that carry their number as a picture code, and the reading of it out of a finished film."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dayspool.render import FrameFile

BITS = 10


def numbered(number: int, width: int, height: int) -> Image.Image:
    """A picture with its number in ten light or dark fields, five beside five, in its middle half; lowest bit first."""
    pixels = np.full((height, width, 3), (96, 112, 128), np.uint8)
    for bit in range(BITS):
        row, column = divmod(bit, 5)
        top, bottom = (height * (2 + row) // 6 for row in (row, row + 1))
        left, right = (width * (2 + column) // 9 for column in (column, column + 1))
        pixels[top:bottom, left:right] = 230 if number >> bit & 1 else 25
    return Image.fromarray(pixels)


def number_in(luma: np.ndarray, height: int) -> int:
    """Read the number out of a film frame that was cut from pictures `height` pixels high at the film's scale."""
    cut = (height - luma.shape[0]) // 2
    width = luma.shape[1]
    number = 0
    for bit in range(BITS):
        row, column = divmod(bit, 5)
        y, x = height * (5 + 2 * row) // 12 - cut, width * (5 + 2 * column) // 18
        number |= int(luma[y - 2 : y + 3, x - 2 : x + 3].mean() > 125) << bit
    return number


@pytest.fixture
def shoot(tmp_path: Path):
    """Make numbered frames: `shoot([3, 1, 7])` writes frames for these slots, each showing its slot."""

    def make(slots, width: int = 192, height: int = 128, name: str = "{:06d}.jpg") -> list[FrameFile]:
        folder = tmp_path / "frames"
        folder.mkdir(exist_ok=True)
        frames = [FrameFile(slot=slot, path=folder / name.format(slot)) for slot in slots]
        for frame in frames:
            numbered(frame.slot, width, height).save(frame.path, "JPEG", quality=92)
        return frames

    return make


@pytest.fixture
def read_film():
    """Return the numbers of a film's frames; `height` is that of its pictures before they were cut."""

    def read(film: Path, height: int = 128) -> list[int]:
        with av.open(str(film)) as container:
            return [
                number_in(frame.to_ndarray()[: frame.height].astype(float), height)
                for frame in container.decode(video=0)
            ]

    return read
