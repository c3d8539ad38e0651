"""Proves the developer in this process on pictures whose light is known, before frames are trusted to it."""

from __future__ import annotations

import io
import math
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from dayspool.develop.api import DevelopJob, Recipe
from dayspool.develop.builtin_light import adjusted
from dayspool.develop.builtin_raw import light_of
from dayspool.develop.sample import bayer, dng
from dayspool.errors import FrameError, ToolDisobeyed, ToolError

__all__ = ["prove_pictures", "prove_raw"]

_GREY = 118
_GREY_AT_1_EV = 162.207  # the sRGB code of twice its light (IEC 61966-2-1); no highlight, so nothing bends it
_OBEYED_CODES = 0.1  # 0.002 EV there
_LIGHT, _WIDTH, _HEIGHT = 0.125, 96, 64
_OBEYED_EV = 0.002


def prove_pictures() -> None:
    """Decode a grey JPEG, and expose it one EV brighter.

    Raises:
        ToolDisobeyed: one of them came out otherwise than asked for.
    """
    packed = io.BytesIO()
    Image.new("RGB", (64, 48), (_GREY, _GREY, _GREY)).save(packed, "JPEG")
    with Image.open(packed) as image:
        rgb = np.asarray(image.convert("RGB"))
    if abs(int(rgb[24, 32, 1]) - _GREY) > 1:
        raise ToolDisobeyed("Pillow decodes a grey JPEG to another grey; reinstall pillow")
    brighter = adjusted(np.full((1, 1, 3), _GREY, np.uint8), Recipe(ev=1.0))[0, 0, 1] / 257
    if abs(brighter - _GREY_AT_1_EV) > _OBEYED_CODES:
        raise ToolDisobeyed(f"one EV turned grey {_GREY} into {brighter:.1f}, not {_GREY_AT_1_EV:.1f}; reinstall numpy")


def prove_raw() -> None:
    """Develop two tiny RAW files with LibRaw, the second of which saw twice the light.

    Raises:
        ToolMissing: rawpy is not installed, or does not load.
        ToolDisobeyed: the light that came out is not the light that went in, or none did.
        ToolError: there is no room for a temporary file.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="dayspool-") as folder:
            seen = [_developed(Path(folder) / "proof.dng", light) for light in (_LIGHT, 2 * _LIGHT)]
    except OSError as refusal:
        raise ToolError(f"LibRaw could not be tried out on a temporary file: {refusal}; make room there") from refusal
    except FrameError as fault:
        raise ToolDisobeyed(f"LibRaw does not develop a plain DNG: {fault}") from fault
    wrong_ev = [math.log2(max(light, 1e-9) / (_LIGHT * 2**stop)) for stop, light in enumerate(seen)]
    if max(map(abs, wrong_ev)) > _OBEYED_EV:
        raise ToolDisobeyed(
            f"LibRaw makes {wrong_ev[0]:+.3f} EV of even light and {wrong_ev[1]:+.3f} EV of twice that, "
            "where both should be 0; pip install --force-reinstall rawpy, or use darktable"
        )


def _developed(path: Path, light: float) -> float:
    path.write_bytes(dng(bayer(np.full((_HEIGHT, _WIDTH, 3), light))))
    developed = light_of(DevelopJob(path=path, width=_WIDTH, height=_HEIGHT), None)
    return float(developed[_HEIGHT // 2, _WIDTH // 2, 1]) / 65535
