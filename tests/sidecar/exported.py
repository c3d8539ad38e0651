"""One run of the real darktable over a folder of pictures with sidecars."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import tifffile

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_SETTINGS = (
    *("--conf", "plugins/imageio/format/tiff/bpp=16"),
    *("--conf", "plugins/imageio/format/tiff/compress=0"),
    "--disable-opencl",
)


def exported(
    pictures: Path, work: Path, *, options: tuple[str, ...] = (), core: tuple[str, ...] = (), presets: bool = False
) -> dict[str, NDArray[np.float64]]:
    """Develop every picture of a folder at its own size; returns codes from 0 to 1 by the pictures' names."""
    home, outbox = work / "home", work / "out"
    for folder in (home, outbox):
        folder.mkdir(parents=True)
    command = (
        *("darktable-cli", pictures, outbox, "--out-ext", ".tif", "--apply-custom-presets", str(int(presets))),
        *options,
        *("--core", "--configdir", home, "--cachedir", home, "--library", ":memory:", *_SETTINGS, *core),
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8", "HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return {path.stem: tifffile.imread(path).astype(np.float64) / 65535 for path in sorted(outbox.iterdir())}
