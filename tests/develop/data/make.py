"""Write the sidecar anew: the real darktable GUI opens a tiny RAW and switches on every module that can be.

Needs darktable with Lua, Xvfb and dbus-run-session; takes a minute: `python -m tests.develop.data.make FOLDER`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from dayspool.develop import sample
from dayspool.develop.introspect import shipped
from tests.sidecar.data.make import run

HERE = Path(__file__).parent
NAME = "every-module.dng"
WITHOUT_SHAPES = {"liquify", "retouch", "spots"}  # what draws asks for shapes as soon as it is on


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "pictures"
        folder.mkdir()
        light = np.linspace(0.01, 0.7, 64 * 96 * 3).reshape(64, 96, 3)
        (folder / NAME).write_bytes(sample.dng(sample.bayer(light), as_shot_neutral=(0.5, 1.0, 0.7)))
        (folder / "other.jpg").write_bytes(
            sample.jpeg(np.full((64, 96, 3), 118, np.uint8))
        )  # one alone opens by itself
        modules = [module.operation for module in shipped().modules if module.operation not in WITHOUT_SHAPES]
        (folder.parent / "modules").write_text("\n".join(modules) + "\n")
        run(Path(name), folder, HERE / "switch_on.lua", workflow="none")
        shutil.copy(folder / f"{NAME}.xmp", target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
