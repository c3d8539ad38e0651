"""What RAWs without a look get: everything pinned, and what could not be pinned said."""

import numpy as np
import pytest

from dayspool.develop import Recipe
from dayspool.develop.sample import bayer, dng
from dayspool.look.base import Balance, balance_of, base_stack, default_step
from dayspool.look.shoot_look import look_of
from dayspool.look.wish import LookWish
from dayspool.sidecar.document import RAW_ORDER, Sidecar
from dayspool.sidecar.schema import Field, Kind, Module, Modules
from dayspool.sidecar.values import unpack
from tests.look.stacks import MODULES, edit, pictures_in, step

BALANCE = Balance(multipliers=(2.0, 1.0, 1.5, 1.0), source="made up")


def values_of(sidecar):
    return {step.operation: unpack(MODULES.find(step.operation), step.params) for step in sidecar.active}


def raw(path, neutral):
    path.write_bytes(dng(bayer(np.full((64, 96, 3), 0.2)), as_shot_neutral=neutral))


def test_the_base_pins_all_that_could_look_at_a_picture():
    sidecar, notes = base_stack(MODULES, BALANCE)
    values = values_of(sidecar)
    assert values["temperature"] == {"red": 2.0, "green": 1.0, "blue": 1.5, "g2": 1.0}
    assert values["highlights"]["mode"] == 0
    assert (values["exposure"]["mode"], values["exposure"]["compensate_exposure_bias"]) == (0, 0)
    assert values["sigmoid"]["middle_grey_contrast"] == 1.5
    assert values["sigmoid"]["display_white_target"] == 125
    assert sidecar.order_version == RAW_ORDER
    assert notes == ("RAWs without a look all get the white balance 2, 1, 1.5 (red, green, blue), made up",)


def test_what_a_darktable_does_not_have_is_left_out_and_said():
    older = Modules(
        darktable="3.8.0", source="installed", modules=tuple(m for m in MODULES.modules if m.operation != "sigmoid")
    )
    sidecar, notes = base_stack(older, BALANCE)
    assert "sigmoid" not in values_of(sidecar)
    assert "darktable 3.8.0 is not known to have sigmoid" in notes[-1]


def test_profiled_denoising_begins_with_the_profile_that_darktable_finds():
    module = MODULES.find("denoiseprofile")
    assert unpack(module, default_step(module).params)["a[0]"] == -1.0


def test_a_look_that_pins_gives_an_edited_raw_the_balance_of_its_camera(tmp_path):
    pictures = pictures_in(tmp_path, 3, suffix=".dng")
    for picture, neutral in zip(pictures, [(0.5, 1.0, 0.8), (0.1, 1.0, 0.1), (0.25, 1.0, 0.8)], strict=True):
        raw(picture.path, neutral)
    for slot in (0, 2):
        edit(pictures[slot], step("exposure", mode=1, exposure=slot), raw=True)
    free, still = (look_of(pictures, wish=LookWish(pin=pin), modules=MODULES) for pin in (False, True))
    assert "temperature" not in values_of(Sidecar.read(free.recipe(1).sidecar))
    values = values_of(Sidecar.read(still.recipe(1).sidecar))
    assert values["temperature"]["red"] == pytest.approx(2 * 2**0.5, rel=1e-3)
    assert (values["exposure"]["mode"], values["exposure"]["exposure"]) == (0, pytest.approx(1.0))
    assert [key.sidecar.active[0].params[0] for key in still.keyframes] == [1, 1]


def test_a_later_second_green_and_switch_are_set_by_their_names():
    names = ("red", "green", "blue", "various")
    fields = tuple(Field(name=name, kind=Kind.FLOAT, offset=4 * n, size=4, default=0.0) for n, name in enumerate(names))
    later = Module(operation="temperature", version=4, size=16, fields=fields)
    modules = Modules(darktable="5.4.0", source="installed", modules=(later,))
    sidecar, _ = base_stack(modules, BALANCE)
    assert unpack(later, sidecar.active[0].params) == {"red": 2.0, "green": 1.0, "blue": 1.5, "various": 1.0}


def test_the_white_balance_is_that_of_the_camera_in_the_middle_frame(tmp_path):
    pictures = pictures_in(tmp_path, 3, suffix=".dng")
    for picture, neutral in zip(pictures, [(0.9, 1.0, 0.9), (0.5, 1.0, 0.8), (0.1, 1.0, 0.1)], strict=True):
        raw(picture.path, neutral)
    look = look_of(pictures, wish=LookWish(), modules=MODULES)
    assert values_of(Sidecar.read(look.recipe(0).sidecar))["temperature"]["red"] == pytest.approx(2.0, rel=1e-3)
    assert {look.recipe(slot).sidecar for slot in range(3)} == {look.recipe(0).sidecar}
    assert not look.needs_darktable
    assert look.keyframes == ()


def test_raws_that_do_not_open_keep_each_its_own_balance_and_it_is_said(tmp_path):
    broken = tmp_path / "000000.arw"
    broken.write_bytes(b"no raw")
    assert balance_of([broken]) is None
    sidecar, notes = base_stack(MODULES, None)
    assert "temperature" not in values_of(sidecar)
    assert "cannot be read" in notes[0]


def test_a_broken_raw_in_the_middle_gives_way_to_the_next(tmp_path):
    paths = [tmp_path / f"{number}.dng" for number in range(3)]
    raw(paths[0], (0.5, 1.0, 0.8))
    paths[1].write_bytes(b"no raw")
    raw(paths[2], (0.25, 1.0, 0.8))
    assert balance_of(paths).source == "the camera's own, from 2.dng"


def test_jpegs_between_raws_are_left_as_they_are(tmp_path):
    raws, jpegs = pictures_in(tmp_path, 4, suffix=".dng"), pictures_in(tmp_path, 4)
    mixed = [*raws[:2], *jpegs[2:]]
    for picture in raws[:2]:
        raw(picture.path, (0.5, 1.0, 0.5))
    look = look_of(mixed, wish=LookWish(), modules=MODULES)
    assert [look.recipe(slot) == Recipe() for slot in range(4)] == [False, False, True, True]


def test_a_module_whose_tables_begin_in_code_is_not_guessed():
    table = Field(name="table[0]", kind=Kind.FLOAT, offset=0, size=4, default=0.0)
    assert default_step(Module(operation="made_up", version=1, size=4, fields=(table,))) is None
