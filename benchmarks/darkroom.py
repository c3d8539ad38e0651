"""RAW files to plates of 4K by darktable: one process a frame, one for all, measuring by rendering, and ours.

The ways take turns on the same files with the same look, size and quality, so that a noisy machine is noisy for all.
Ours also reads its plates into memory; the others leave files behind and are done.

    python -m benchmarks.darkroom [--frames N] [--runs N] [--pixels WIDTHxHEIGHT] [--raws FOLDER] [--variants]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchmarks.tables import Row, Table
from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.introspect import installed_modules
from dayspool.develop.sample import bayer, dng
from dayspool.picture.raw import is_raw
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["tables"]

FRAMES, RUNS = 16, 3
PIXELS = (5472, 3648)
BOX = (3840, 2160)
THUMBNAIL = 256
FOLDER = Path("/dev/shm")


@dataclass
class Spent:
    """What a way took, run by run."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    resident_mib: list[float] = field(default_factory=list)


def tables(
    frames: int = FRAMES,
    runs: int = RUNS,
    pixels: tuple[int, int] = PIXELS,
    raws: Path | None = None,
    variants: bool = False,
) -> list[Table]:
    """Measure and return the table."""
    with tempfile.TemporaryDirectory(prefix="dayspool-bench-") as folder:
        files = make_frames(Path(folder), frames, pixels) if raws is None else copied(raws, Path(folder), frames)
        sidecar = look()
        for file in files:
            file.with_name(f"{file.name}.xmp").write_bytes(sidecar)
        rows = measured(ways_of(files, sidecar, variants=variants), len(files), runs)
    what = f"{pixels[0]}×{pixels[1]} DNGs" if raws is None else f"RAW files from {raws.name}"
    return [
        Table(
            title="RAW files to plates",
            columns=("way", "frames per second", "ratio to one each", "ratio to one for all", "CPU s per frame", "MiB"),
            rows=tuple(rows),
            note=(
                f"{len(files)} {what} to {BOX[0]} wide, exposure and sigmoid, 16-bit PPM on a RAM disk, `--hq 0`; in "
                f"turn, medians of {runs} runs; {first_line('darktable-cli', '--version')}. MiB: the largest "
                "darktable-cli. Ours also copies its frames first and reads its plates into memory, where the others "
                "leave files behind. The third way is what timelapse-darktable does. dtLapse cannot be measured: it "
                "does not start on Python 3.10 and later (its dependency attrdict imports what is gone from "
                "`collections`). Its method is to append a history entry to every frame's sidecar, one module a run, "
                "and to leave the developing to a script: the first way here."
            ),
        )
    ]


def look() -> bytes:
    """Exposure and sigmoid, the same for every way."""
    modules = installed_modules()
    steps = []
    for operation in ("exposure", "sigmoid"):
        module = modules.find(operation)
        assert module is not None, f"this darktable has no {operation}"
        assert module.defaults is not None, f"what {operation} starts from is not known"
        steps.append(Step(operation=operation, version=module.version, params=module.defaults))
    return Sidecar.blank(raw=True).with_steps(tuple(steps)).data


def make_frames(folder: Path, count: int, pixels: tuple[int, int]) -> list[Path]:
    """Draw a drifting, cloud-like scene with shot noise, as RAW files."""
    rng = np.random.default_rng(1)
    width, height = pixels
    scene = np.zeros((height, width + 8 * count, 3), np.float32)
    for octave in range(3, 10):
        cells = rng.normal(size=(2**octave * height // scene.shape[1] + 2, 2**octave, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(cells[..., channel]).resize(scene.shape[1::-1], Image.Resampling.BICUBIC)
            scene[..., channel] += np.asarray(layer) * 1.6**-octave
    scene = 0.02 + 0.6 * ((scene - scene.min()) / np.ptp(scene)) ** 2
    files = []
    for index in range(count):
        mosaic = bayer(scene[:, 8 * index : 8 * index + width]).astype(np.float32)
        mosaic += rng.standard_normal(mosaic.shape, np.float32) * np.sqrt(mosaic) * 2
        path = folder / f"{index:05d}.dng"
        path.write_bytes(dng(np.clip(mosaic, 0, 65535).astype(np.uint16)))
        files.append(path)
    return files


def copied(raws: Path, folder: Path, count: int) -> list[Path]:
    found = sorted(path for path in raws.iterdir() if is_raw(path))[:count]
    return [Path(shutil.copy(path, folder / f"{index:05d}{path.suffix.lower()}")) for index, path in enumerate(found)]


def ways_of(files: Sequence[Path], sidecar: bytes, *, variants: bool) -> dict[str, Callable[[], object]]:
    """Return what is compared; the first two are what ratios are taken to."""
    developer = DarktableDeveloper()
    ways: dict[str, Callable[[], object]] = {
        "one process a frame": lambda: each_alone(files),
        "one process for all": lambda: cli(files[0].parent, threads=None),
        "a thumbnail to measure, then one each": lambda: each_alone(files, thumbnails=True),
        "dayspool, 2 workers": lambda: ours(developer, files, sidecar, workers=2),
    }
    if variants:
        ways |= {
            "dayspool, 1 worker of 2 threads": lambda: ours(developer, files, sidecar, workers=1, threads=2),
            "dayspool, 2 workers of 2 threads": lambda: ours(developer, files, sidecar, workers=2, threads=2),
            "dayspool, 3 workers": lambda: ours(developer, files, sidecar, workers=3),
            "dayspool, 4 workers": lambda: ours(developer, files, sidecar, workers=4),
            "dayspool, 2 workers, calls of 4": lambda: ours(developer, files, sidecar, workers=2, each=4),
        }
    return ways


def each_alone(files: Sequence[Path], *, thumbnails: bool = False) -> None:
    """What everybody's script does; with thumbnails, what timelapse-darktable does to measure and then develop."""
    for file in files:
        if thumbnails:
            cli(file, threads=None, width=THUMBNAIL)
        cli(file, threads=None)


def cli(source: Path, *, threads: int | None, width: int = BOX[0]) -> None:
    """Run darktable-cli on a picture or a folder; `None` leaves the threads to it."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as work:
        out = Path(work, "out") if source.is_dir() else Path(work, "out.ppm")
        if source.is_dir():
            out.mkdir()
        options = ["--out-ext", "ppm", "--width", str(width), "--hq", "0", "--apply-custom-presets", "0"]
        core = ["--configdir", f"{work}/config", "--cachedir", f"{work}/cache", "--library", ":memory:"]
        core += ["--disable-opencl", "--conf", "plugins/darkroom/workflow=none"]
        core += ["--conf", "dt_cpubenchmark=1"]  # a person's darktable has measured the processor once and for all
        words = ["darktable-cli", str(source), str(out), *(options if source.is_dir() else options[2:])]
        count = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
        subprocess.run([*words, "--core", *core], check=True, capture_output=True, env=os.environ | count)
        assert any(Path(work).rglob("*.ppm"))


def ours(
    developer: DarktableDeveloper,
    files: Sequence[Path],
    sidecar: bytes,
    *,
    workers: int,
    threads: int = 1,
    each: int | None = None,
) -> None:
    """Develop as a render does, and throw the plates away."""
    jobs = [DevelopJob(path=path, width=BOX[0], height=BOX[1], recipe=Recipe(sidecar=sidecar)) for path in files]
    size = each or min(developer.frames_per_call, -(-len(jobs) // workers))
    chunks = [jobs[start : start + size] for start in range(0, len(jobs), size)]

    def develop(chunk: list[DevelopJob]) -> None:
        for plate in developer.develop(chunk, threads=threads):
            assert isinstance(plate, Plate), plate

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(develop, chunks))


def measured(ways: dict[str, Callable[[], object]], frames: int, runs: int) -> list[Row]:
    """Run every way in turn and return its row."""
    spent = {name: Spent() for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            with largest_child() as resident_mib:
                begun, before = time.perf_counter(), cpu_seconds()
                way()
                spent[name].seconds.append(time.perf_counter() - begun)
                spent[name].cpu_seconds.append(cpu_seconds() - before)
            print(f"{name}: {spent[name].seconds[-1]:.1f} s, CPU {spent[name].cpu_seconds[-1]:.1f} s", file=sys.stderr)
            spent[name].resident_mib.append(max(resident_mib, default=0.0))
    alone, together = (statistics.median(spent[name].seconds) for name in list(ways)[:2])
    return [row(name, one, frames, alone, together) for name, one in spent.items()]


def row(name: str, spent: Spent, frames: int, alone: float, together: float) -> Row:
    seconds, cpu = statistics.median(spent.seconds), statistics.median(spent.cpu_seconds) / frames
    ratios = (f"{alone / seconds:.2f}", f"{together / seconds:.2f}")
    return Row((name, f"{frames / seconds:.3f}", *ratios, f"{cpu:.2f}", f"{statistics.median(spent.resident_mib):.0f}"))


@contextmanager
def largest_child() -> Iterator[list[float]]:
    """Watch what our children keep in memory (proc(5), VmHWM), in MiB, several times a second."""
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.15):
            seen.extend(resident_mib(child) for child in children())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def children() -> list[int]:
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def resident_mib(process: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--pixels", default="x".join(map(str, PIXELS)), metavar="WIDTHxHEIGHT")
    parser.add_argument("--raws", type=Path, metavar="FOLDER", help="these RAW files instead of drawn ones")
    parser.add_argument("--variants", action="store_true", help="other numbers of workers, threads and frames a call")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    size = tuple(map(int, asked.pixels.split("x")))
    for table in tables(asked.frames, asked.runs, (size[0], size[1]), asked.raws, asked.variants):
        print(table.markdown())
