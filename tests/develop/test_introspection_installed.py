"""What the installed darktable (4.2.1 in the tests) says of its modules."""

import json
import re
import struct
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest

from dayspool.develop import introspect
from dayspool.develop.introspect import installed_build, installed_modules
from dayspool.develop.introspect_table import read_table
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.schema import Kind

pytestmark = pytest.mark.tools

SIZES = {
    Kind.FLOAT: 4,
    Kind.INT8: 1,
    Kind.USHORT: 2,
    Kind.INT: 4,
    Kind.UINT: 4,
    Kind.BOOL: 4,
    Kind.ENUM: 4,
}


@pytest.fixture(scope="module")
def modules():
    return installed_modules()


def field(modules, operation, name):
    return next(field for field in modules.find(operation).fields if field.name == name)


def test_every_module_on_the_disk_that_has_parameters_is_known(modules):
    """Held against the names of the functions in the files, which nothing is loaded for."""
    telling = set()
    for path in installed_build("darktable-cli").plugins:
        if b"\0get_introspection_linear\0" in path.read_bytes():
            telling.add(path.stem.removeprefix("lib"))
    assert (modules.source, modules.note) == ("installed", "")
    assert {module.operation for module in modules.modules} == telling
    assert len(telling) == len(modules.modules) == 83


def test_every_field_lies_where_its_kind_allows(modules):
    for module in modules.modules:
        names = [field.name for field in module.fields]
        assert len(names) == len(set(names)), module.operation
        for one in module.fields:
            assert one.size == SIZES.get(one.kind, one.size), (module.operation, one)
            assert one.minimum is None or one.maximum is None or one.minimum <= one.maximum, (module.operation, one)
            assert bool(one.choices) <= (one.kind is Kind.ENUM), (module.operation, one)


def test_the_fields_fill_the_parameters(modules):
    """No union is among them, so each byte belongs to one field, or pads the next to a multiple of its size."""
    for module in modules.modules:
        for one, other in pairwise(module.fields):
            gap = other.offset - one.offset - one.size
            assert 0 <= gap < 4, (module.operation, one, other)
        last = module.fields[-1]
        assert 0 <= module.size - last.offset - last.size < 4, module.operation


@pytest.mark.parametrize(
    ("operation", "version", "size", "fields"),
    [
        (
            "exposure",
            6,
            24,
            "mode black exposure deflicker_percentile deflicker_target_level compensate_exposure_bias",
        ),
        ("temperature", 3, 16, "red green blue g2"),
        ("crop", 1, 24, "cx cy cw ch ratio_n ratio_d"),
        ("velvia", 2, 8, "strength bias"),
        ("flip", 2, 4, "orientation"),
    ],
)
def test_known_layouts(modules, operation, version, size, fields):
    module = modules.find(operation)
    assert (module.version, module.size) == (version, size)
    assert [field.name for field in module.fields] == fields.split()


LOOKED_UP = """
import ctypes, json, sys
ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)
found, begin = {}, 1 << 20
for path, names in json.load(sys.stdin).items():
    plugin = ctypes.CDLL(path)
    plugin.get_p.restype, plugin.get_p.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)
    found[path] = [(plugin.get_p(begin, name.encode()) or 0) - begin for name in names]
print(json.dumps(found))
"""


def test_names_lie_where_darktable_looks_them_up(modules):
    """Each module has a function of its own that finds a field by name; it knows the first element of an array."""
    build = installed_build("darktable-cli")
    expected = {}
    for path in build.plugins:
        module = modules.find(path.stem.removeprefix("lib"))
        if module is not None:
            firsts = [field for field in module.fields if not re.search(r"\[[1-9]|\.(real|imag)$", field.name)]
            expected[str(path)] = {field.name: field.offset for field in firsts}
    asked = json.dumps({path: list(names) for path, names in expected.items()})
    command = [sys.executable, "-I", "-S", "-c", LOOKED_UP, str(build.library)]
    told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(told.stdout) == {path: list(names.values()) for path, names in expected.items()}
    assert sum(map(len, expected.values())) > 550


def test_names_reach_into_arrays_of_arrays_of_structs(modules):
    assert (field(modules, "basecurve", "basecurve[2][19].y").offset, modules.find("basecurve").size) == (476, 520)
    assert field(modules, "retouch", "rt_forms[299].fill_color[2]").offset == 299 * 44 + 24 + 8
    assert field(modules, "liquify", "nodes[99].node.ctrl2.imag").offset == 99 * 76 + 68 + 4
    assert field(modules, "watermark", "filename").kind is Kind.TEXT


def test_blending_and_masks_have_the_versions_that_the_gui_writes(modules):
    written = Path(__file__).parents[1] / "sidecar" / "data" / "raw-mask.dng.xmp"
    sidecar = Sidecar.read(written.read_bytes())
    assert {step.blend_version for step in sidecar.active} == {modules.blending}
    assert {mask.version for mask in sidecar.masks} == {modules.masks}


def test_bounds_defaults_and_choices_are_the_modules_own(modules):
    exposure = field(modules, "exposure", "exposure")
    assert (exposure.minimum, exposure.maximum, exposure.default) == (-18.0, 18.0, 0.0)
    assert field(modules, "exposure", "mode").choices == (("EXPOSURE_MODE_MANUAL", 0), ("EXPOSURE_MODE_DEFLICKER", 1))
    assert field(modules, "exposure", "deflicker_target_level").default == -4.0
    clip = field(modules, "crop", "ratio_n")
    assert (clip.minimum, clip.maximum) == (None, None)


def test_one_instance_or_several(modules):
    single = {module.operation for module in modules.modules if module.single}
    assert {"temperature", "demosaic", "colorin", "colorout", "crop", "rawprepare", "gamma", "flip"} <= single
    assert not {"exposure", "tonecurve", "sigmoid", "channelmixerrgb", "colorbalancergb", "filmicrgb"} & single


def test_defaults_are_those_of_an_opened_picture(modules):
    def start(operation, form):
        return struct.unpack(form, modules.find(operation).defaults)

    assert start("exposure", "<i4fi") == (0, 0, 0, 50, -4, 0)
    assert start("crop", "<4f2i") == (0, 0, 1, 1, -1, -1)  # without a picture the crop would be empty
    assert start("levels", "<i6f")[4:] == (0.0, 0.5, 1.0)
    assert [module.operation for module in modules.modules if module.defaults is None] == [
        *("colorin", "lens", "rawprepare", "temperature"),
    ]


def test_defaults_lie_within_the_bounds_but_for_one(modules):
    """The bounds are those of a slider; borders.aspect (4.2.1) starts from -1, "as the picture"."""
    forms = {Kind.FLOAT: "<f", Kind.INT: "<i"}
    outside = set()
    for module in modules.modules:
        for one in module.fields:
            if module.defaults is None or one.kind not in forms or one.minimum is None or one.maximum is None:
                continue
            (value,) = struct.unpack_from(forms[one.kind], module.defaults, one.offset)
            if not one.minimum <= value <= one.maximum:
                outside.add((module.operation, one.name, value, one.default))
    assert outside == {("borders", "aspect", -1.0, -1.0)}


def test_the_shipped_table_is_what_this_darktable_says(modules):
    """Make it anew with this script when it fails."""
    script = Path(__file__).parents[2] / "scripts" / "module-table"
    made = subprocess.run([sys.executable, str(script)], capture_output=True, check=True, timeout=60).stdout
    assert replace(read_table(made, source="made now"), source="installed") == modules
    assert made == (Path(introspect.__file__).parent / "modules" / "4.2.1.json").read_bytes()


def test_asking_again_costs_little(modules):
    before = process_time()
    assert installed_modules() == modules
    assert process_time() - before < 1.0  # 0.05 s on an idle machine
