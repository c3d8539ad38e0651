"""A real FFmpeg: its `deflicker` filter on frames in memory, and its VMAF of one film against another."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MODES", "Codes", "Ffmpeg", "deflickered", "ffmpeg", "holds", "vmaf"]

Codes: TypeAlias = NDArray[np.uint8]
"""Frames in sRGB code values, of shape (frames, height, width, 3)."""

MODES = ("am", "gm", "hm", "qm", "cm", "pm", "median")
"""How the filter averages brightness: arithmetic, geometric, harmonic, quadratic, cubic and power mean, "median"."""

_VMAF_LEAST_PX = 192  # its motion and detail filters want some picture around them; smaller frames are doubled


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """An executable, its version, and the filters of ours that it has."""

    path: str
    version: str
    deflicker: bool
    vmaf: bool


@cache
def ffmpeg() -> Ffmpeg | None:
    """Return the FFmpeg that comes with imageio-ffmpeg, which knows VMAF, else the system's, else None."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        path = str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        found = shutil.which("ffmpeg")
        if found is None:
            return None
        path = found
    version = _said(path, "-version").split()[2]
    filters = _said(path, "-hide_banner", "-filters").split()
    return Ffmpeg(path=path, version=version, deflicker="deflicker" in filters, vmaf="libvmaf" in filters)


def deflickered(codes: Codes, *, mode: str, size: int) -> Codes:
    """Return frames through FFmpeg's `deflicker`, as it gets them from JPEGs: Y′CbCr of full range, 4:4:4, 8 bits."""
    tool = ffmpeg()
    assert tool is not None, "ask ffmpeg() first"
    count, height, width, _ = codes.shape
    shape = ("-f", "rawvideo", "-pix_fmt", "yuvj444p", "-s", f"{width}x{height}")
    done = subprocess.run(
        [tool.path, "-v", "error", *shape, "-i", "-", "-vf", f"deflicker=mode={mode}:size={size}", *shape[:4], "-"],
        input=_planes(codes).tobytes(),
        capture_output=True,
        check=True,
    )
    planes = np.frombuffer(done.stdout, np.uint8).reshape(-1, 3, height, width)
    assert len(planes) == count, f"FFmpeg gave {len(planes)} of {count} frames back"
    pictures = (Image.fromarray(np.ascontiguousarray(one.transpose(1, 2, 0)), "YCbCr") for one in planes)
    return np.stack([np.asarray(one.convert("RGB")) for one in pictures])


def holds(*, mode: str, size: int, grey: int = 150) -> bool:
    """Return whether the filter leaves frames of one constant grey alone, as any mean should."""
    frames = np.full((size + 8, 32, 32, 3), grey, np.uint8)
    shown = deflickered(frames, mode=mode, size=size).astype(int)
    return bool(np.abs(shown - grey).max() <= 1)


def vmaf(truth: Codes, shown: Codes) -> float:
    """Return the VMAF (its built-in model, mean over frames) of frames beside those they should be."""
    tool = ffmpeg()
    assert tool is not None, "ask ffmpeg() first"
    height, width = truth.shape[1:3]
    # Films of our size hold less detail than the model was made for; enlarging all alike keeps the order of methods.
    factor = -(-_VMAF_LEAST_PX // min(height, width))
    grow = f"scale={width * factor}:{height * factor}:flags=neighbor,format=yuv444p"
    with tempfile.TemporaryDirectory(prefix="dayspool-vmaf-") as folder:
        inputs: list[str] = []
        for name, frames in (("shown", shown), ("truth", truth)):
            Path(folder, name).write_bytes(_planes(frames).tobytes())
            inputs += ["-f", "rawvideo", "-pix_fmt", "yuvj444p", "-s", f"{width}x{height}", "-i", name]
        graph = f"[0]{grow}[a];[1]{grow}[b];[a][b]libvmaf=log_fmt=json:log_path=log.json:n_threads=1"
        _run([tool.path, "-v", "error", *inputs, "-lavfi", graph, "-f", "null", "-"], folder)
        told = json.loads(Path(folder, "log.json").read_text())
    return float(told["pooled_metrics"]["vmaf"]["mean"])


def _planes(codes: Codes) -> Codes:
    """Return frames as planes of Y′, Cb and Cr (JFIF), of shape (frames, 3, height, width)."""
    pictures = (Image.fromarray(one).convert("YCbCr") for one in codes)
    return np.stack([np.asarray(one).transpose(2, 0, 1) for one in pictures])


def _run(command: Sequence[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=os.environ)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
