"""Run the deflicker benchmark: print its page and write docs/benchmarks/deflicker.md with plots.

python -m benchmarks.deflicker [--scenes a,b] [--seeds 0,1] [--frames N] [--footage FOLDER] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.deflicker import dng
from benchmarks.deflicker.ffmpeg import ffmpeg
from benchmarks.deflicker.figures import Figures, drawings, footage_table
from benchmarks.deflicker.footage import ICECUBE_WALL, footage, judged
from benchmarks.deflicker.page import Run, kept_footage, page, words
from benchmarks.deflicker.rivals import NOTHING, left_out
from benchmarks.deflicker.scenes import FRAMES, SCENES, SIZE
from benchmarks.deflicker.tournament import OURS, tournament

if TYPE_CHECKING:
    from benchmarks.deflicker.dng import ThroughDarktable
    from benchmarks.deflicker.footage import Judged


def main() -> None:
    """Run what was asked for."""
    asked = _asked()
    results = []
    for found in tournament(asked.scenes, asked.seeds, frames=asked.frames, workers=asked.workers):
        results += found
        left = {one.method: one.hf_mev for one in found}
        _say(f"{found[0].scene}, seed {found[0].seed}: {left[NOTHING]:.1f} mEV, dayspool leaves {left[OURS]:.1f}")
    figures = Figures(results)
    runs = _through_darktable()
    shown = judged(footage(asked.footage, seconds_per_slot=60), ICECUBE_WALL) if asked.footage else {}
    asked.out.mkdir(parents=True, exist_ok=True)
    written = asked.out / "deflicker.md"
    earlier = written.read_text() if written.exists() else ""
    run = Run(
        seeds=asked.seeds,
        frames=asked.frames,
        size=SIZE,
        versions=_versions(),
        left_out=left_out(),
    )
    text = page(figures, runs, run, kept_footage(earlier, _footage_text(shown) if shown else None))
    written.write_text(text)
    for name, drawing in drawings(figures, shown).items():
        (asked.out / name).write_text(drawing)
    sys.stdout.write(text)


def _through_darktable() -> list[ThroughDarktable]:
    if shutil.which("darktable-cli") is None:
        return []
    found = []
    for name in dng.SCENES:
        found.append(dng.through_darktable(name))
        _say(f"{name} through darktable: {found[-1].as_it_is.hf_mev:.1f} mEV, we leave {found[-1].ours.hf_mev:.1f}")
    return found


def _footage_text(shown: dict[str, Judged]) -> str:
    return "\n".join(
        [
            footage_table(shown).markdown(),
            "",
            "![The wall's light, frame by frame](deflicker-footage.svg)",
            "",
            words("footage").strip(),
            "",
            f"Measured {datetime.now(UTC):%d %B %Y}.",
        ]
    )


def _versions() -> str:
    tool = ffmpeg()
    parts = [f"{datetime.now(UTC):%d %B %Y}", f"{len(os.sched_getaffinity(0))} cores", platform.machine()]
    parts.append(f"Python {platform.python_version()}")
    parts += [f"FFmpeg {tool.version}"] if tool else []
    if shutil.which("darktable-cli"):
        said = subprocess.run(["darktable-cli", "--version"], capture_output=True, text=True, check=False).stdout
        parts.append(said.partition("\n")[0].removeprefix("this is "))
    return ", ".join(parts)


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scenes", type=lambda told: told.split(","), default=list(SCENES), metavar="NAMES")
    parser.add_argument("--seeds", type=lambda told: [int(one) for one in told.split(",")], default=[0, 1])
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--workers", type=int, default=min(4, len(os.sched_getaffinity(0))))
    parser.add_argument("--footage", type=Path, default=_footage_folder(), metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), metavar="FOLDER")
    return parser.parse_args()


def _footage_folder() -> Path | None:
    told = os.environ.get("DAYSPOOL_FOOTAGE")
    return Path(told) if told else None


if __name__ == "__main__":
    main()
