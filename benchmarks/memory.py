"""How much memory a shoot takes: the most that its process ever had resident, with the base install alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.tables import Row, Table
from dayspool.core.plan import duration_text
from tests.processes import simulator

__all__ = ["peak_bytes", "tables"]

EVERY = timedelta(milliseconds=350)
EXTRAS = ("numpy", "PIL", "av", "paho", "pysnmp", "uvicorn", "starlette", "distributed", "trio")
FRAMES = 50
SMALL, LARGE = "1616x1080", "5472x3648"
LARGE_FRAMES, LARGE_EVERY = 3, timedelta(seconds=10)  # drawing one takes the simulator seconds
# Shoots as the command does; then tells the most that was resident (VmHWM, proc(5)) and whether anything of the extras
# was there. Loading them fails, as on a machine that has none.
_SHOOT = f"""
import sys
sys.modules.update(dict.fromkeys({EXTRAS!r}))
from dayspool.cli import root
code = root.main(sys.argv[1:], standalone_mode=False)
status = open("/proc/self/status").read().split()
print("peak", status[status.index("VmHWM:") + 1], file=sys.stderr)
sys.exit(code or 0)
"""


def tables() -> list[Table]:
    """Measure and return the table."""
    rows = (
        Row(("a shoot of one frame", f"{_megabytes(1):.1f}")),
        Row((f"a shoot of {FRAMES} frames", f"{_megabytes(FRAMES):.1f}")),
        Row((f"a shoot of {LARGE_FRAMES} originals of 20 megapixels", f"{_megabytes_of_originals():.1f}")),
    )
    return [
        Table(
            title="Memory of a shoot",
            columns=("what", "most resident, MB"),
            rows=rows,
            note="`dayspool shoot` with base packages only, 2-megapixel pictures of 0.3 MB every 350 ms and originals "
            "of 3 MB, from a simulated camera in a process of its own. A test holds the former below 60 MB.",
        )
    ]


def _megabytes(frames: int) -> float:
    return peak_bytes(frames=frames, picture=SMALL) / 1_000_000


def _megabytes_of_originals() -> float:
    return peak_bytes(frames=LARGE_FRAMES, picture=LARGE, every=LARGE_EVERY, postview="original") / 1_000_000


def peak_bytes(*, frames: int, picture: str, every: timedelta = EVERY, postview: str = "2M") -> int:
    """Return the most memory, in bytes, that a shoot of so many frames of `picture` pixels had resident."""
    with simulator("--speed", "30", "--picture", picture) as camera, tempfile.TemporaryDirectory() as folder:
        shoot = ["shoot", str(Path(folder) / "s"), "--every", duration_text(every), "--frames", str(frames), "--json"]
        argv = [sys.executable, "-c", _SHOOT, *shoot, "--camera", camera["endpoint"], "--postview", postview]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["frames"] > frames // 2, done.stdout[-500:]
        return int(done.stderr.split()[-1]) * 1024
