"""Modules that look at each picture are found, pinned where they can be, and really do what is said of them."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from dayspool.develop import sample
from dayspool.develop.introspect import installed_modules, shipped
from dayspool.look.base import Balance, balance_step, default_step
from dayspool.look.lint import lint, pinned
from dayspool.look.lint_table import HABITS, Habit
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.schema import Kind, Modules
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import unpack
from tests.sidecar.exported import exported

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODULES = shipped()
DAYLIGHT = Balance(multipliers=(2.0, 1.0, 1.5, 1.0), source="a test")


def step(operation: str, **values: float) -> Step:
    module = MODULES.find(operation)
    assert module is not None
    made = default_step(module, {name.replace("__", "."): value for name, value in values.items()})
    if made is not None:
        return made
    return Step(operation=operation, version=module.version, params=bytes(module.size))


LEVELS = Step(
    operation="rawprepare", version=2, params=struct.pack("<4i5H2xi", 0, 0, 0, 0, 512, 512, 512, 512, 65535, 0)
)
EVEN = step("temperature", red=1.0, blue=1.0)
BALANCE = step("temperature", red=2.0, blue=1.5)


def named(steps: tuple[Step, ...], *, raw: bool = True) -> list[str]:
    return [found.operation for found in lint(steps, MODULES, raw=raw)]


@pytest.mark.tools
@pytest.mark.parametrize("modules", [shipped(), installed_modules()], ids=["shipped", "installed"])
@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: f"{habit.operation} {dict(habit.when)}")
def test_every_module_and_field_of_the_table_exists(habit: Habit, modules: Modules) -> None:
    module = modules.find(habit.operation)
    assert module is not None
    fields = {field.name: field for field in module.fields}
    for name, values in [*habit.when.items(), *((name, [value]) for name, value in habit.pin.items())]:
        field = fields[name]
        if field.kind is Kind.ENUM:
            assert set(values) <= {number for _, number in field.choices}


@pytest.mark.parametrize(
    ("steps", "raw", "found"),
    [
        ((), False, []),
        ((), True, ["temperature", "rawprepare"]),
        ((LEVELS, BALANCE), True, []),
        ((LEVELS, BALANCE, step("exposure"), step("sigmoid"), step("filmicrgb")), True, []),
        ((step("exposure", mode=1),), False, []),
        ((step("exposure", compensate_exposure_bias=1),), False, ["exposure"]),
        ((step("hazeremoval"),), False, ["hazeremoval"]),
        ((step("levels"),), False, []),
        ((step("levels", mode=1),), False, ["levels"]),
        ((LEVELS, BALANCE, step("highlights", mode=0)), True, []),
        ((LEVELS, BALANCE, step("highlights", mode=5)), True, ["highlights"]),
        ((step("globaltonemap", operator=0),), False, []),
    ],
)
def test_what_is_found(steps: tuple[Step, ...], raw: bool, found: list[str]) -> None:
    assert named(steps, raw=raw) == found


def test_what_is_off_is_not_found() -> None:
    haze = step("hazeremoval")
    assert named((Step(operation=haze.operation, version=haze.version, params=haze.params, enabled=False),)) == [
        "temperature",
        "rawprepare",
    ]


def test_a_version_that_is_not_known_is_only_found_by_its_name() -> None:
    later = Step(operation="hazeremoval", version=99, params=b"")
    assert named((later, Step(operation="levels", version=99, params=b"")), raw=False) == ["hazeremoval"]


def test_a_finding_reads_as_a_sentence() -> None:
    (found,) = lint([step("exposure", compensate_exposure_bias=1)], MODULES, raw=False)
    assert str(found).startswith("exposure: it takes back the exposure compensation")
    assert found.pinnable


def test_pinning_changes_only_what_makes_it_adapt() -> None:
    before = step("exposure", mode=1, exposure=0.7, compensate_exposure_bias=1)
    steps, left = pinned([LEVELS, BALANCE, before, step("hazeremoval")], MODULES, raw=True)
    module = MODULES.find("exposure")
    assert module is not None
    changed = {"mode": 0, "compensate_exposure_bias": 0}
    assert unpack(module, steps[2].params) == unpack(module, before.params) | changed
    assert [found.operation for found in left] == ["hazeremoval"]
    assert steps[:2] == (LEVELS, BALANCE)


def test_a_raw_without_white_balance_is_pinned_by_adding_it() -> None:
    (found,) = lint([LEVELS], MODULES, raw=True)
    assert (found.operation, found.pinnable) == ("temperature", True)
    assert balance_step(MODULES, DAYLIGHT) == step("temperature", red=2.0, green=1.0, blue=1.5, g2=1.0)
    assert lint([LEVELS, BALANCE], MODULES, raw=True) == ()


def test_the_greens_of_the_sensor_are_found_where_the_whole_picture_counts() -> None:
    found = [named((LEVELS, BALANCE, step("demosaic", green_eq=number))) for number in range(4)]
    assert found == [[], [], ["demosaic"], ["demosaic"]]


# What darktable itself does: pairs of pictures that are alike on the left and differ elsewhere.

CASES = {
    "automatic exposure": (True, (LEVELS, BALANCE, step("exposure", mode=1))),
    "white balance": (True, (LEVELS, step("exposure"))),
    "illuminant": (True, (LEVELS, BALANCE, step("channelmixerrgb", illuminant=10, x=0.34, y=0.35))),
    "highlights": (True, (LEVELS, EVEN, step("highlights", mode=5), step("exposure", exposure=-2.0))),
    "exposure bias": (False, (step("exposure", compensate_exposure_bias=1),)),
    "haze": (False, (step("hazeremoval"),)),
    "levels": (False, (step("levels", mode=1),)),
    "drago": (False, (step("globaltonemap", operator=2),)),
}
PINNABLE = ("automatic exposure", "white balance", "illuminant", "exposure bias")
PATCH = (slice(16, 48), slice(8, 24))


def _scene(bright: bool) -> NDArray[np.float64]:
    """Linear light: a patch on the left that is always the same, and a rest that is dark or bright."""
    scene = np.full((64, 96, 3), 0.12)
    scene[:, 40:] = 0.6 if bright else 0.02
    scene[:8, 40:] = 0.9 if bright else 0.005
    return scene


def _clipped(bright: bool) -> NDArray[np.float64]:
    """Linear light: a patch whose green is clipped, and a rest, clipped in part too, that is grey or green."""
    side = 0.9 if bright else 0.3
    scene = np.full((64, 96, 3), 0.3)
    scene[:, 40:], scene[:, 60:] = (side, 1.5, side), (side, 0.95, side)
    scene[PATCH] = (0.95, 1.6, 0.95)
    return np.minimum(scene, 1.0)


def _write(path: Path, raw: bool, bright: bool) -> None:
    if raw:
        neutral = (0.4, 1.0, 0.7) if bright else (0.6, 1.0, 0.5)
        scene = _clipped(bright) if path.name.startswith("highlights") else _scene(bright)
        path.write_bytes(sample.dng(sample.bayer(scene), as_shot_neutral=neutral))
        return
    codes = np.rint(255 * _scene(bright) ** (1 / 2.2)).astype(np.uint8)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9204] = 1.0 if bright else -1.0  # ExposureBiasValue
    Image.fromarray(codes).save(path, "JPEG", quality=98, subsampling=0, exif=exif)


@pytest.fixture(scope="module")
def patches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NDArray[np.float64]]:
    """The mean code of the patch, by the names of pictures."""
    folder, work = tmp_path_factory.mktemp("lint"), tmp_path_factory.mktemp("run")
    for name, (raw, steps) in CASES.items():
        still, left = pinned(steps, MODULES, raw=raw)
        if any(found.added for found in left):
            still = (*still, BALANCE)
        for how, these in (("free", steps), ("pinned", still)):
            for bright in (False, True):
                path = folder / f"{name} {how} {bright}{'.dng' if raw else '.jpg'}"
                _write(path, raw, bright)
                sidecar = Sidecar.blank(raw=raw).with_steps(these)
                path.with_name(f"{path.name}.xmp").write_bytes(sidecar.data)
    return {name: pixels[PATCH].mean(axis=(0, 1)) for name, pixels in exported(folder, work).items()}


@pytest.mark.tools
@pytest.mark.parametrize("name", CASES)
def test_darktable_develops_the_same_patch_differently(name: str, patches: dict[str, NDArray[np.float64]]) -> None:
    difference = np.abs(patches[f"{name} free True"] - patches[f"{name} free False"]).max()
    assert difference > 0.02


@pytest.mark.tools
@pytest.mark.parametrize("name", PINNABLE)
def test_pinned_it_develops_the_patch_alike(name: str, patches: dict[str, NDArray[np.float64]]) -> None:
    difference = np.abs(patches[f"{name} pinned True"] - patches[f"{name} pinned False"]).max()
    assert difference < 0.001
