"""Every module of the installed darktable with the parameters we say it starts from, and with those it starts from.

What it starts from, darktable itself writes down: `darktable_writes.py` opens a picture in it for each module, switches
the module on, and has it write the sidecar. In ours the step is made from the table of modules alone, and leaves
blending to darktable; of the four modules that start from the picture, what darktable wrote is written again by us.
Both are developed.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from dayspool.develop.darktable_cli import ExportRequest, Runner, read_ppm
from dayspool.develop.introspect import installed_build, installed_modules
from dayspool.develop.sample import bayer, dng, jpeg
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.schema import Modules
from dayspool.sidecar.step import Step

pytestmark = [pytest.mark.tools, pytest.mark.slow]

ON_MOSAICS = {"cacorrect", "demosaic", "highlights", "hotpixels", "invert", "rawdenoise", "rotatepixels", "scalepixels"}
BY_THE_PICTURE = {"colorin", "lens", "rawprepare", "temperature"}
"""What starts from the picture's own profile, lens, levels and white balance has no defaults without it."""

ALWAYS_ON = {"colorout", "demosaic", "finalscale", "flip", "gamma", "highlights"}
"""What darktable adds by itself, so that the picture without it is the same."""
INERT = {
    *("ashift", "atrous", "cacorrect", "clipping", "colorchecker", "colorcontrast", "colorcorrection", "colormapping"),
    *("colortransfer", "crop", "exposure", "liquify", "mask_manager", "retouch", "rotatepixels"),
    *("scalepixels", "spots"),
}
"""Modules that leave the sample as it is as long as nobody turns a knob: of these, equal pictures prove nothing."""
_RCD_EDGE_PX = 12  # darktable's own demosaicing (RCD, 4.2.1) gives other pixels each time near the right edge


def light():
    """A picture with colours, edges and texture, in linear light."""
    y, x = np.mgrid[0:64, 0:96].astype(float)
    base = 0.02 + 0.6 * (x / 95) * (0.3 + 0.7 * y / 63) + 0.05 * np.sin(x / 3) * np.cos(y / 4)
    rgb = np.clip(np.stack([base, 0.7 * base + 0.1, 0.6 - 0.5 * base], axis=-1), 0.001, 1)
    rgb[10:60:12, 6] = 1  # hot pixels
    return rgb


@dataclass(frozen=True)
class Developed:
    """What darktable made: its own sidecars by module, and the pictures by whose sidecars they have and by module."""

    modules: Modules
    sidecars: dict[str, Sidecar]
    pictures: dict[str, dict[str, np.ndarray]]


def largest_difference(module, one, other):
    """Return by how much two pictures differ at most, in 16-bit codes; a whole range where their sizes differ."""
    if one.shape != other.shape:
        return 65535
    edge = _RCD_EDGE_PX if module in ON_MOSAICS else 0
    return int(np.abs(one.astype(int) - other)[:, : one.shape[1] - edge].max())


@pytest.fixture(scope="module")
def developed(tmp_path_factory):
    """Develop the sample with each module switched on by darktable, and by us, under the same names.

    A picture's name matters: it seeds the grain.
    """
    room = tmp_path_factory.mktemp("modules")
    modules = installed_modules()
    theirs, ours, without = (request(room / who) for who in ("theirs", "ours", "without"))
    pictures = {module.operation: put(theirs.inbox, module.operation) for module in modules.modules}
    switched_on_by_darktable(theirs.home, pictures)
    sidecars = {name: Sidecar.read(path.with_name(f"{path.name}.xmp").read_bytes()) for name, path in pictures.items()}
    for module in modules.modules:
        sidecar = sidecars[module.operation]
        others = tuple(step for step in sidecar.steps if step.operation != module.operation)
        params = sidecar.active[-1].params if module.defaults is None else module.defaults
        step = Step(operation=module.operation, version=module.version, params=params)
        put(ours.inbox, module.operation, sidecar.with_steps((*others, step)))
        if module.operation in {"exposure", "hotpixels"}:
            put(without.inbox, module.operation, sidecar.with_steps(others))
    return Developed(
        modules, sidecars, {one.inbox.parent.name: developed_by_darktable(one) for one in (theirs, ours, without)}
    )


def request(room):
    made = ExportRequest(inbox=room / "in", outbox=room / "out", home=room / "home", width=0, height=0)
    for folder in (made.inbox, made.outbox, made.home):
        folder.mkdir(parents=True)
    return made


def developed_by_darktable(asked):
    ended = Runner().run(asked, limit_seconds=120, stops=0)
    assert ended.status == 0, ended
    return {path.stem: read_ppm(path) for path in asked.outbox.iterdir()}


def put(inbox, module, sidecar=None):
    """Lay the sample that suits a module into the inbox, with its sidecar, and return where it is."""
    if module in ON_MOSAICS:
        path, data = inbox / f"{module}.dng", dng(bayer(light()), as_shot_neutral=(0.5, 1.0, 0.7))
    else:
        path, data = inbox / f"{module}.jpg", jpeg(np.rint(255 * light() ** (1 / 2.2)).astype(np.uint8))
    path.write_bytes(data)
    if sidecar is not None:
        path.with_name(f"{path.name}.xmp").write_bytes(sidecar.data)
    return path


def switched_on_by_darktable(home, pictures):
    build = installed_build("darktable-cli")
    script = Path(__file__).with_name("darktable_writes.py")
    command = [sys.executable, "-I", "-S", str(script), str(build.library), str(build.data), str(home)]
    for name, path in pictures.items():
        command += [str(path), name]
    subprocess.run(command, check=True, timeout=60, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True)


def test_darktable_writes_the_parameters_that_we_know_it_starts_from(developed):
    unknown = set()
    for module in developed.modules.modules:
        step = developed.sidecars[module.operation].active[-1]
        assert (step.operation, step.enabled, step.version) == (module.operation, True, module.version)
        if module.defaults is None:
            unknown.add(module.operation)
        else:
            assert step.params == module.defaults, module.operation
    assert unknown == BY_THE_PICTURE


def test_our_defaults_give_the_picture_that_darktables_own_give(developed):
    theirs, ours = developed.pictures["theirs"], developed.pictures["ours"]
    worst = {name: largest_difference(name, theirs[name], picture) for name, picture in ours.items()}
    assert len(worst) == len(developed.modules.modules)
    assert {name: codes for name, codes in worst.items() if codes} == {}


def test_which_modules_show_in_the_sample_is_known(developed):
    """A module that changes nothing would look right with any parameters."""
    inert = set()
    for module in developed.modules.modules:
        plain = developed.pictures["without"]["hotpixels" if module.operation in ON_MOSAICS else "exposure"]
        if largest_difference(module.operation, developed.pictures["theirs"][module.operation], plain) == 0:
            inert.add(module.operation)
    assert inert == INERT | BY_THE_PICTURE | ALWAYS_ON
