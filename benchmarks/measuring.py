"""Measuring frames for deflicker: its rate against bare decoding, and its memory from 1,000 to 100,000 frames.

Bare decoding is what nothing that looks at a JPEG can do without: its bytes read, and simplejpeg at the same scale, by
as many threads. The ways take turns, so that a noisy machine is noisy for all of them.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import simplejpeg
from PIL import Image

from benchmarks.tables import Row, Table
from dayspool.deflicker import DeflickerWish, Known, Measure
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve
from dayspool.render import FrameFile
from dayspool.render.measure_cache import Kept, MeasureCache, stamp_of
from dayspool.render.measures import how_measured, measure_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["tables"]

SIZES = {(5472, 3648): 1, (1920, 1280): 4}
"""As on the card, and as sent after the shot; of small ones as many more, for a run takes time to begin and to end."""
FRAMES, RUNS = 24, 5
LENGTHS = (1_000, 10_000, 100_000)
RAM = Path("/dev/shm")
GRID = (48, 72)


def tables(frames: int = FRAMES, runs: int = RUNS, lengths: Sequence[int] = LENGTHS) -> list[Table]:
    """Measure and return the tables."""
    return [*(rates(size, many * frames, runs) for size, many in SIZES.items()), lasting(lengths)]


def rates(pixels: tuple[int, int], frames: int, runs: int) -> Table:
    """Compare measuring with bare decoding of the same files."""
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="dayspool-bench-", dir=RAM) as folder:
        files = make_frames(Path(folder) / "frames", pixels, frames)
        size = sum(file.path.stat().st_size for file in files) / len(files) / 1e6
        rows = []
        for workers in sorted({1, cores}):
            with ThreadPoolExecutor(workers) as pool:
                ways = ways_of(files, Path(folder), pool)
                rows += [Row((name, str(workers), *cells)) for name, *cells in measured(ways, frames, runs)]
    return Table(
        title=f"Measuring frames of {pixels[0]}×{pixels[1]}",
        columns=("way", "threads", "frames per second", "ratio to bare decoding", "CPU s per frame"),
        rows=tuple(rows),
        note=(
            f"{frames} JPEGs of {size:.1f} MB each, on a RAM disk, in turn, medians of {runs} "
            "runs. Measuring is reading, hashing, decoding, linear light, the blocks, and keeping them in the shoot; "
            "the second run finds them there. The ratio is the median of those of each turn."
        ),
    )


def make_frames(folder: Path, pixels: tuple[int, int], count: int) -> list[FrameFile]:
    """Draw one cloud-like scene with sensor noise, and rolled by some pixels from frame to frame, as JPEGs."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    width, height = pixels
    scene = np.zeros((height, width, 3), np.float32)
    for octave in range(3, 10):
        cells = rng.normal(size=(2**octave * height // width + 2, 2**octave, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(cells[..., channel]).resize(pixels, Image.Resampling.BICUBIC)
            scene[..., channel] += np.asarray(layer) * 1.6**-octave
    scene = (scene - scene.min()) / np.ptp(scene) * 255 + rng.normal(0, 4, (height, width, 1)).astype(np.float32)
    codes = np.clip(scene, 0, 255).astype(np.uint8)
    frames = []
    for slot in range(count):
        path = folder / f"{slot:06d}.jpg"
        rolled = np.ascontiguousarray(np.roll(codes, 16 * slot, axis=1))
        path.write_bytes(simplejpeg.encode_jpeg(rolled, quality=94, colorsubsampling="422"))
        frames.append(FrameFile(slot=slot, path=path))
    return frames


def ways_of(files: list[FrameFile], folder: Path, pool: ThreadPoolExecutor) -> dict[str, Callable[[], object]]:
    def decode() -> None:
        for _ in pool.map(bare, [file.path for file in files]):
            pass

    def measure(shoot: Path) -> None:
        assert all(isinstance(found, Measure) for _, found in measure_all(files, shoot=shoot, executor=pool))

    def anew() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as shoot:
            measure(Path(shoot))

    return {"bare decoding": decode, "measuring": anew, "measuring, second run": lambda: measure(folder)}


def bare(path: Path) -> object:
    return simplejpeg.decode_jpeg(path.read_bytes(), "RGB", min_width=480)


def measured(ways: dict[str, Callable[[], object]], frames: int, runs: int) -> list[tuple[str, str, str, str]]:
    """Return name, frames per second, ratio to the first way, CPU seconds per frame; medians over the runs."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + 1):  # the first warms up
        for name, way in ways.items():
            begun, spent = time.perf_counter(), cpu_seconds()
            way()
            if turn:
                rates[name].append(frames / (time.perf_counter() - begun))
                cpu[name].append((cpu_seconds() - spent) / frames)
    base = next(iter(rates.values()))
    return [
        (
            name,
            f"{statistics.median(rates[name]):.1f}",
            f"{statistics.median(one / other for one, other in zip(rates[name], base, strict=True)):.2f}",
            f"{statistics.median(cpu[name]):.4f}",
        )
        for name in ways
    ]


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def lasting(lengths: Sequence[int]) -> Table:
    """Take shoots of several lengths from their cache through the ties, each in a process of its own."""
    rows = []
    for frames in lengths:
        with tempfile.TemporaryDirectory(prefix="dayspool-bench-") as folder:
            argv = [sys.executable, "-m", "benchmarks.measuring", str(frames), folder]
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
        rows.append(Row((f"{frames:,}", *done.stdout.split())))
    return Table(
        title="Measures of long shoots",
        columns=(
            "frames",
            "resident before, MB",
            "most while tying, MB",
            "most while solving, MB",
            "tied in s",
            "solved in s",
            "kB on the disk per frame",
        ),
        rows=tuple(rows),
        note="Measures of made-up frames, read from a shoot's `cache/measures.db` and tied to those before them. "
        "Resident before is with the list of frames and their paths; what grows while tying are five ties a frame. "
        "Solved is brightness and colour of a shoot whose exposures nobody knows.",
    )


def pass_through(frames: int, folder: Path) -> None:
    """Keep measures of made-up frames, read them again and tie them; print what it took. Runs in its own process."""
    files = [FrameFile(slot=slot, path=folder / f"{slot:06d}.jpg") for slot in range(frames)]
    fill(files, folder)
    before = resident("VmRSS")
    begun = time.perf_counter()
    tying = Tying()
    with ThreadPoolExecutor(1) as pool:
        for _, found in measure_all(files, shoot=folder, executor=pool):
            assert isinstance(found, Measure), found
            tying.push(found, 0.0)
    ties = tying.ties
    passed, held = time.perf_counter() - begun, resident("VmHWM")
    nowhere = np.full(frames, np.nan)
    known = Known(slots=np.arange(frames), nominal_ev=nowhere, target_ev=nowhere)
    begun = time.perf_counter()
    solve(known, ties, DeflickerWish(), fps=25.0, colour=True)
    solved = time.perf_counter() - begun
    size = (folder / "cache" / "measures.db").stat().st_size / 1000
    print(f"{before:.1f} {held:.1f} {resident('VmHWM'):.1f} {passed:.1f} {solved:.2f} {size / frames:.1f}")


def fill(files: Sequence[FrameFile], folder: Path) -> None:
    rng = np.random.default_rng(2)
    light, red, blue = rng.normal(-3, 1, (3, *GRID)).astype(np.float32)
    small = np.full(GRID, 0.1, np.float32)
    levels = [
        Measure(light=light + ev, red=red, blue=blue, peak=small, noise=small / 50, sharpness=0.1).packed()
        for ev in rng.normal(0, 0.08, 50).astype(np.float32)
    ]
    for frame in files:
        frame.path.touch()
    with MeasureCache(folder) as cache:
        for frame in files:
            stamp = stamp_of(frame.path)
            assert stamp is not None
            kept = Kept(stamp=stamp, digest=f"{frame.slot:032x}", kind="made up", data=levels[frame.slot % 50])
            cache.keep(frame.path, how_measured(frame.path), kept)


def resident(line: str) -> float:
    """Return a line of /proc/self/status (proc(5)) in MB."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index(f"{line}:") + 1]) * 1024 / 1e6


if __name__ == "__main__":
    pass_through(int(sys.argv[1]), Path(sys.argv[2]))
