"""Which old parameters the installed darktable brings up to date, and which it leaves out, as it says itself."""

import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from dayspool.develop.darktable_recipe import ignored
from dayspool.develop.introspect import shipped
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

MODULES = shipped()
LEFT_OUT = {
    *(("colorout", 1), ("demosaic", 1), ("demosaic", 2), ("exposure", 1), ("lens", 1), ("temperature", 1)),
    *(("tonecurve", 2), ("vibrance", 1), ("velvia", 0)),
}
UPGRADED = {("exposure", 2), ("exposure", 5), ("temperature", 2), ("velvia", 1), ("colorbalancergb", 4)}


def edit(operation: str, version: int) -> Sidecar:
    module = MODULES.find(operation)
    assert module is not None
    params = (module.defaults or bytes(module.size)) + bytes(64)
    return Sidecar.blank(raw=False).with_steps((Step(operation=operation, version=version, params=params),))


@pytest.mark.tools
def test_darktable_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for operation, version in LEFT_OUT | UPGRADED:
        path = tmp_path / "in" / f"{operation}-{version}.jpg"
        Image.new("RGB", (96, 64), (90, 90, 90)).save(path)
        path.with_name(f"{path.name}.xmp").write_bytes(edit(operation, version).data)
    command = ["darktable-cli", str(tmp_path / "in"), str(tmp_path), "--out-ext", "ppm", "--width", "8", "--core"]
    command += ["--configdir", str(tmp_path / "config"), "--library", ":memory:", "--disable-opencl", "-t", "1"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = re.findall(r"module `(\w+)' version mismatch: history is (\d+)", said.stdout + said.stderr)
    assert {(operation, int(version)) for operation, version in told} == LEFT_OUT


@pytest.mark.parametrize(("operation", "version"), sorted(LEFT_OUT | UPGRADED))
def test_what_is_left_out_is_known(operation: str, version: int) -> None:
    made = edit(operation, version)
    assert bool(ignored(made.active[0], made, MODULES)) == ((operation, version) in LEFT_OUT)
