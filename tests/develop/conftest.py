"""Pictures to develop, and a darktable that misbehaves on purpose."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

AWKWARD_NAMES = (
    "with space.jpg",
    "quote'and\"quote.jpg",
    "Überfahrt.JPG",
    "line\nbreak.jpg",
    "-o option.jpeg",
    "$(a);b.jpg",
)


def landscape(width: int, height: int) -> Image.Image:
    """A smooth colour picture whose four corners differ, so that every turn and flip of it is another picture."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    x, y = x / max(1, width - 1), y / max(1, height - 1)
    waves = 18 * np.sin(9 * x + 4 * y)
    rgb = np.stack([40 + 170 * x + waves, 60 + 130 * y - waves, 200 - 120 * x * y], axis=-1)
    return Image.fromarray(np.clip(np.rint(rgb), 0, 255).astype(np.uint8))


@pytest.fixture
def picture() -> Callable[[int, int], Image.Image]:
    return landscape


@pytest.fixture
def awkward(tmp_path: Path) -> list[Path]:
    """Frames with spaces, quotes, umlauts, newlines and options in their names."""
    folder = tmp_path / "a folder, with 'quotes' and ümläuts\n"
    folder.mkdir()
    paths = [folder / name for name in AWKWARD_NAMES]
    for number, path in enumerate(paths):
        landscape(120 + 2 * number, 80).save(path, "JPEG", quality=95)
    return paths


@pytest.fixture
def fake_darktable(tmp_path: Path) -> Callable[[str], Path]:
    """Make an executable that takes darktable-cli's command line; `body` is Python, with helpers at hand."""

    def make(body: str) -> Path:
        script = tmp_path / "darktable-cli"
        script.write_text(f"#!{sys.executable} -SE\n{_PREAMBLE}\n{body}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    return make


_PREAMBLE = """
import os, pathlib, signal, subprocess, sys, time
if sys.argv[1:] == ["--version"]:
    print("this is darktable-cli 9.9.9")
    sys.exit(0)
given = sys.argv
inbox, outbox = pathlib.Path(given[1]), pathlib.Path(given[2])
width, height = (int(given[given.index(name) + 1]) for name in ("--width", "--height"))
asked_height = str(height)
height = height or width
frames = sorted(path for path in inbox.iterdir() if path.suffix != ".xmp")
def develop(path, width=width, height=height, grey=118, cut=0):
    pixels = (grey * 257).to_bytes(2, "big") * (width * height * 3)
    data = b"P6\\n%d %d\\n65535\\n" % (width, height) + pixels
    (outbox / (path.stem + ".ppm")).write_bytes(data[: len(data) - cut])
"""
