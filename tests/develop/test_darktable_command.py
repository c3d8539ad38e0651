"""The command line of darktable-cli, and reading what it wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dayspool.develop.darktable_cli import ExportRequest, Runner, argv, read_ppm
from dayspool.errors import ToolFailed, ToolMissing


def test_the_command_line_is_this_and_nothing_else():
    request = ExportRequest(
        inbox=Path("/w/in"), outbox=Path("/w/out"), home=Path("/w/home"), width=3840, height=2560, threads=2
    )
    assert argv("/usr/bin/darktable-cli", request) == (
        *("/usr/bin/darktable-cli", "/w/in", "/w/out"),
        *("--out-ext", "ppm", "--width", "3840", "--height", "2560"),
        *("--hq", "0", "--upscale", "0", "--apply-custom-presets", "0", "--icc-type", "SRGB"),
        *("--core", "--configdir", "/w/home/config", "--cachedir", "/w/home/cache"),
        *("--library", ":memory:", "--disable-opencl", "-t", "2"),
        *("--conf", "plugins/darkroom/workflow=none", "--conf", "dt_cpubenchmark=1"),
    )


def test_a_missing_tool_is_said_with_its_remedies():
    with pytest.raises(ToolMissing, match=r"apt install darktable.*--developer builtin"):
        Runner("darktable-cli-that-is-nowhere").located()


def test_a_tool_that_does_not_start_is_a_failure(tmp_path):
    broken = tmp_path / "darktable-cli"
    broken.write_text("#!/nowhere/at/all\n")
    broken.chmod(0o755)
    with pytest.raises(ToolFailed, match="does not start"):
        Runner(str(broken)).version()


def test_a_16_bit_ppm_is_read_exactly(tmp_path):
    pixels = np.arange(5 * 3 * 3, dtype=np.uint16).reshape(3, 5, 3) * 1456
    path = tmp_path / "plate.ppm"
    path.write_bytes(b"P6\n5 3\n65535\n" + pixels.astype(">u2").tobytes())
    read = read_ppm(path)
    assert read is not None
    assert read.dtype == np.uint16
    assert (read == pixels).all()


@pytest.mark.parametrize(
    "data",
    [b"", b"P6", b"P6\n5 3\n255\n" + bytes(45), b"P6\n5 3\n65535\n" + bytes(89), b"P5\n5 3\n65535\n" + bytes(90)],
)
def test_a_ppm_that_is_not_whole_is_none(tmp_path, data):
    path = tmp_path / "plate.ppm"
    path.write_bytes(data)
    assert read_ppm(path) is None
    assert read_ppm(tmp_path / "absent.ppm") is None
