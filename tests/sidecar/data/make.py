"""Write these sidecars anew: the real darktable GUI imports tiny pictures, edits them and saves what it saves.

Needs darktable with Lua, Xvfb and dbus-run-session; takes a minute: `python tests/sidecar/data/make.py FOLDER`.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from dayspool.develop import sample
from dayspool.sidecar.before import written_into
from dayspool.sidecar.blob import decode
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.step import Step

HERE = Path(__file__).parent
DISPLAY = f":{100 + os.getpid() % 800}"
RAWS = ("raw-edited", "raw-untouched", "raw-ours", "raw-ours-opened", "raw-ours-kept", "raw-mask")
JPEGS = ("jpeg-edited", "jpeg-rated", "jpeg-ours", "jpeg-ours-edited")


def pictures(folder: Path) -> None:
    light = np.full((64, 96, 3), 0.18)
    for name in RAWS:
        (folder / f"{name}.dng").write_bytes(sample.dng(sample.bayer(light)))
    for name in JPEGS:
        (folder / f"{name}.jpg").write_bytes(sample.jpeg(np.full((64, 96, 3), 118, np.uint8)))
    for name in ("raw-ours.dng", "raw-ours-opened.dng", "jpeg-ours.jpg", "jpeg-ours-edited.jpg"):
        ours = corrected(None, ev=0.5, raw=name.endswith("dng")).marked()
        (folder / f"{name}.xmp").write_bytes(ours.data)
    imported = Sidecar.read((HERE / "raw-untouched.dng.xmp").read_bytes())
    kept = written_into(imported, corrected(None, ev=0.5, raw=True), raw=True)
    (folder / "raw-ours-kept.dng.xmp").write_bytes(kept.data)
    (folder / "raw-mask.dng.xmp").write_bytes(masked().data)


def masked() -> Sidecar:
    """A sidecar with a drawn circle that its exposure is confined to, for darktable to take in and write in its way."""
    blend = bytearray(decode("gz14eJxjYIAACQYYOOHEgAZY0QVwggZ7CB6pfNoAAE8gGQg="))  # off, as darktable 4.2.1 writes it
    struct.pack_into("<I", blend, 0, 3)  # on, with a drawn mask
    struct.pack_into("<i", blend, 24, 2000)
    params = struct.pack("<iffffi", 0, 0.0, 1.0, 50.0, -4.0, 1)
    exposure = Step(operation="exposure", version=6, params=params, blend_version=11, blend=bytes(blend))
    manager = Step(operation="mask_manager", version=1, params=b"", enabled=False)
    circle = Mask(
        num=0, id=1000, type=1, name="circle #1", version=6, points=struct.pack("<4f", 0.5, 0.5, 0.2, 0.05), count=1
    )
    group = Mask(
        num=0,
        id=2000,
        type=4,
        name="group exposure",
        version=6,
        points=struct.pack("<3if", 1000, 2000, 3, 1.0),
        count=1,
    )
    return Sidecar.blank(raw=True).with_steps((manager, exposure)).with_masks((circle, group))


def run(work: Path, folder: Path, script: Path = HERE / "edits.lua", *, workflow: str | None = None) -> None:
    environment = {
        **os.environ,
        "HOME": str(work),
        "XDG_RUNTIME_DIR": str(work),
        "DISPLAY": DISPLAY,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "DAYSPOOL_PICTURES": str(folder),
    }
    screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
    time.sleep(1)
    folders = ["--configdir", str(work / "config"), "--cachedir", str(work / "cache")]
    if workflow is not None:
        folders += ["--conf", f"plugins/darkroom/workflow={workflow}"]
    lua = f"dofile('{script}')"
    command = ["darktable", *folders, "--disable-opencl", "--conf", "write_sidecar_files=on import", "--luacmd", lua]
    gui = subprocess.Popen(
        ["dbus-run-session", "--", *command], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            if (folder / "done").exists() or gui.poll() is not None:
                break
            time.sleep(1)
    finally:
        os.killpg(gui.pid, signal.SIGKILL)
        screen.terminate()
    assert (folder / "done").exists(), f"darktable did not come to the end of {script.name}"


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        folder = work / "pictures"
        folder.mkdir()
        pictures(folder)
        run(work, folder)
        for sidecar in sorted(folder.glob("*.xmp")):
            shutil.copy(sidecar, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
