"""Small shoots that flicker by known amounts, and how bright the frames of a film are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
from click.testing import CliRunner
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from dayspool.cli import root
from dayspool.develop.builtin_light import encoded_light

WIDTH, HEIGHT = 192, 128
FRAMES = 36
DRIFT_EV = 0.01  # a frame: the light, which is to stay


def scene() -> np.ndarray:
    """Linear light of a still scene with enough in it to be compared, of shape (height, width, 3)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    grain = 0.1 * np.random.default_rng(5).random((HEIGHT, WIDTH))
    light = 0.05 + 0.15 * (1 + np.sin(x / 9) * np.cos(y / 13)) + grain
    return np.stack([1.1 * light, light, 0.8 * light], axis=2)


def flicker_ev(seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, FRAMES)


def written(folder: Path, number: int, light: np.ndarray, *, seconds: float = 1 / 60) -> Path:
    """Write a picture as a camera does, one a minute; after 0 seconds, without its exposure."""
    path = folder / f"{number:03d}.jpg"
    picture = Image.fromarray(np.rint(255 * encoded_light(np.clip(light, 0, 1))).astype(np.uint8))
    exif = picture.getexif()
    taken = datetime(2026, 6, 21, 12, tzinfo=UTC) + timedelta(minutes=number)
    exposure = {0x829A: IFDRational(1, round(1 / seconds)), 0x829D: IFDRational(4), 0x8827: 100} if seconds else {}
    exif.get_ifd(0x8769).update({0x9003: f"{taken:%Y:%m:%d %H:%M:%S}", **exposure})
    picture.save(path, "JPEG", quality=95, exif=exif)
    return path


def flickering(folder: Path, flicker: np.ndarray, odd=lambda number, light: light) -> Path:
    """Import a shoot whose frames come out brighter by `flicker` EV, and return its folder."""
    (folder / "in").mkdir(parents=True)
    still = scene()
    for number, ev in enumerate(flicker):
        written(folder / "in", number, odd(number, still * 2.0 ** (ev + DRIFT_EV * number)))
    return imported(folder)


def imported(folder: Path) -> Path:
    """Make a shoot of the pictures in `in`."""
    words = ["import", folder / "shoot", folder / "in", "--every", "1m"]
    done = CliRunner().invoke(root, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return folder / "shoot"


def brightness(film: Path) -> np.ndarray:
    """Return about how bright each frame of a film is, in EV of linear light."""
    with av.open(str(film)) as container:
        lumas = [frame.to_ndarray()[: frame.height].astype(float).mean() for frame in container.decode(video=0)]
    return np.log2(((np.array(lumas) - 16) / 219) ** 2.2)


def fast_ev(values: np.ndarray) -> float:
    """Return how much frames flicker: what their second differences come to, white noise counting in full."""
    return float(np.std(np.diff(values, 2)) / 6**0.5)
