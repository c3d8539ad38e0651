"""Frames per second of `dayspool render` against the plain ffmpeg command, same JPEGs, same encoder settings.

The ways take turns, so that a noisy machine is noisy for all of them. Debian's `ffmpeg` is only a witness here.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchmarks.tables import Row, Table
from dayspool.develop import BuiltinDeveloper, DarktableDeveloper
from dayspool.render import FrameFile, render
from dayspool.video import Preset, preset

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["tables"]

SOURCE = (2400, 1600)


FRAMES = 60
RUNS = 3


def tables() -> list[Table]:
    """Measure and return the tables."""
    with tempfile.TemporaryDirectory(prefix="dayspool-bench-") as folder:
        frames = make_frames(Path(folder), FRAMES)
        rows = []
        for speed in ("medium", "veryfast"):
            ways = ways_of(frames, replace(preset("1080p"), speed=speed), Path(folder))
            rows += [
                Row((name, speed, f"{rate:.1f}", f"{ratio:.2f}", f"{cpu:.3f}"))
                for name, rate, ratio, cpu in measured(ways)
            ]
    return [
        Table(
            title="JPEGs to film",
            columns=("way", "x264 preset", "frames per second", "ratio to ffmpeg", "CPU s per frame"),
            rows=tuple(rows),
            note=(
                f"{FRAMES} JPEGs of {SOURCE[0]}×{SOURCE[1]} to 1920×1080 H.264, same settings, in turn, medians of "
                f"{RUNS} runs; {first_line('ffmpeg', '-version')}. Ours includes decoding the finished film again, "
                "which ffmpeg does not do."
            ),
        )
    ]


def make_frames(folder: Path, count: int) -> list[FrameFile]:
    """Draw a drifting, cloud-like scene with sensor noise: JPEGs of about 1 MB, as a camera's are."""
    rng = np.random.default_rng(1)
    width, height = SOURCE
    scene = np.zeros((height, width + 8 * count, 3), np.float32)
    for octave in range(3, 9):
        cells = rng.normal(size=(2**octave * height // scene.shape[1] + 2, 2**octave, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(cells[..., channel]).resize(scene.shape[1::-1], Image.Resampling.BICUBIC)
            scene[..., channel] += np.asarray(layer) * 1.6**-octave
    scene = (scene - scene.min()) / np.ptp(scene) * 255
    frames = []
    for slot in range(count):
        noisy = scene[:, 8 * slot : 8 * slot + width] + rng.normal(0, 2, (height, width, 1)).astype(np.float32)
        path = folder / f"{slot:05d}.jpg"
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(path, quality=92)
        frames.append(FrameFile(slot=slot, path=path))
    return frames


def ways_of(frames: list[FrameFile], wanted: Preset, folder: Path) -> dict[str, Callable[[], object]]:
    out, darktable = folder / "film.mp4", DarktableDeveloper()
    return {
        "plain ffmpeg": lambda: subprocess.run(ffmpeg_command(folder, wanted, out), check=True),
        "dayspool, builtin": lambda: render(frames, out=out, preset=wanted, developer=BuiltinDeveloper()),
        "dayspool, darktable": lambda: render(frames, out=out, preset=wanted, developer=darktable),
    }


def ffmpeg_command(folder: Path, wanted: Preset, out: Path) -> list[str]:
    """What the usual script runs, with the matrix converted and tagged as it should be."""
    filters = "scale=1920:-2:flags=bicubic:out_color_matrix=bt709:out_range=tv,crop=1920:1080,format=yuv420p"
    source = ["-framerate", str(wanted.fps), "-i", str(folder / "%05d.jpg"), "-vf", filters]
    groups = f"keyint={wanted.keyframe_interval}:open-gop=0:bframes=2"
    encoder = ["-c:v", "libx264", "-preset", wanted.speed, "-crf", str(wanted.crf), "-x264-params", groups]
    tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]
    return ["ffmpeg", "-v", "error", "-y", *source, *encoder, *tags, "-movflags", "+faststart", str(out)]


def measured(ways: dict[str, Callable[[], object]]) -> list[tuple[str, float, float, float]]:
    """Return name, frames per second, ratio to the first way, and CPU seconds per frame; medians over the runs."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            begun, spent = time.perf_counter(), cpu_seconds()
            way()
            rates[name].append(FRAMES / (time.perf_counter() - begun))
            cpu[name].append((cpu_seconds() - spent) / FRAMES)
    base = statistics.median(next(iter(rates.values())))
    return [
        (name, statistics.median(rates[name]), statistics.median(rates[name]) / base, statistics.median(cpu[name]))
        for name in ways
    ]


def cpu_seconds() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]
