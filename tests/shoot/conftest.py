"""A folder on a RAM disk: a shoot of 25,920 slots asks for 100,000 fsyncs, and the tests are not about the disk."""

import shutil
import tempfile
from pathlib import Path

import pytest

RAM = Path("/dev/shm")
ENOUGH_BYTES = 512 << 20


@pytest.fixture
def ram_path(tmp_path):
    """Return a folder in memory where this machine has such a place with room, else `tmp_path`."""
    if not RAM.is_dir() or shutil.disk_usage(RAM).free < ENOUGH_BYTES:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=RAM) as folder:
        yield Path(folder)
