"""What looks assume of darktable, asked of the installed one: neutral values, opacity, and the stack of bare RAWs."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.introspect import installed_modules
from dayspool.develop.sample import bayer, dng
from dayspool.develop.selftest import linear
from dayspool.look.base import default_step
from dayspool.look.lane import coded
from dayspool.look.semantics import NEUTRAL
from dayspool.look.shoot_look import look_of
from dayspool.look.stack import with_fields
from dayspool.look.wish import LookWish, Picture
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import settled
from dayspool.sidecar.order import ordered
from dayspool.sidecar.values import unpack
from tests.look.stacks import pictures_in

pytestmark = pytest.mark.tools

DATA = Path(__file__).parents[1] / "sidecar" / "data"
WRITTEN_BY_THE_GUI = ("raw-edited.dng.xmp", "raw-mask.dng.xmp")
ALIKE = 160  # of 65535: the same RAW twice may differ by half of it where several threads interpolate
UNIFORM, SCENE, NORMAL = 1, 4, 0x18  # mask mode, colour space and mode of blending (develop/blend.h)


@pytest.fixture(scope="module")
def modules():
    found = installed_modules()
    assert found.source.startswith("installed"), found.source
    return found


def sidecar(*steps):
    return Sidecar.blank(raw=False).with_steps(steps).data


def neutral(modules, operation):
    """Return a module that is on, far from neutral in all it may be, but for what makes it so."""
    module = modules.find(operation)
    step = default_step(module)
    fields = {field.name: field for field in module.fields}
    wild = {name: fields[name].maximum for name in ("saturation", "hardness", "bias", "radius") if name in fields}
    wild |= {name: 0.9 for name in fields if operation == "atrous" and name.startswith("y[")}
    made = with_fields(step, module, {**{k: v for k, v in wild.items() if v is not None}, **NEUTRAL[operation]}.items())
    assert made is not None, f"{operation} lacks one of {list(NEUTRAL[operation])}"
    return made


def with_ev(modules, ev):
    return with_fields(default_step(modules.find("exposure")), modules.find("exposure"), [("exposure", ev)])


def brightened(modules, opacity):
    step = with_ev(modules, 1.0)
    blend = bytearray(420)
    struct.pack_into("<IiIff", blend, 0, UNIFORM, SCENE, NORMAL, 0.0, opacity)
    return replace(step, blend_version=11, blend=bytes(blend))


def brighter(edit, modules):
    """Return an edit with one more EV in the exposure that it has."""
    module = modules.find("exposure")
    steps = list(edit.active)
    number = next(number for number, step in enumerate(steps) if step.operation == "exposure")
    ev = unpack(module, steps[number].params)["exposure"]
    steps[number] = with_fields(steps[number], module, [("exposure", ev + 1)])
    masks = [replace(mask, num=0) for mask in settled(edit.masks, edit.end)]
    return edit.with_steps(steps).with_masks(masks)


def gradient():
    y, x = np.mgrid[0:64, 0:96]
    image = np.stack([x * 2, 40 + y, 180 - x], axis=-1)
    image[50:60, 60:90], image[50:60, 5:30] = 255, 3  # glare and shadow, for what acts on these alone
    return image.astype(np.uint8)


@pytest.fixture(scope="module")
def plates(modules, tmp_path_factory):
    """Develop everything in one run; plates by name."""
    folder = tmp_path_factory.mktemp("shoot")
    frame = folder / "plain.jpg"
    Image.fromarray(gradient()).save(frame, quality=98, subsampling=0)
    recipes = {"as it is": Recipe(), **{name: Recipe(sidecar=sidecar(neutral(modules, name))) for name in NEUTRAL}}
    recipes |= {f"{at}%": Recipe(sidecar=sidecar(brightened(modules, at))) for at in (0, 50, 100)}
    jobs = {name: DevelopJob(path=frame, width=96, height=64, recipe=recipe) for name, recipe in recipes.items()}

    raws = pictures_in(folder, 3, suffix=".dng")
    mosaic = bayer(np.full((64, 96, 3), 0.18) * [0.5, 1.0, 0.8])
    for picture, neutrals in zip(raws, [(0.4, 1.0, 0.9), (0.5, 1.0, 0.8), (0.9, 1.0, 0.3)], strict=True):
        picture.path.write_bytes(dng(mosaic, as_shot_neutral=neutrals))
    look = look_of(raws, wish=LookWish(), modules=modules)
    assert not look.needs_darktable
    for picture in raws:
        jobs[picture.path.name] = DevelopJob(path=picture.path, width=96, height=64, recipe=look.recipe(picture.slot))
    once = Sidecar.blank(raw=False).with_steps([with_ev(modules, 0.0)])
    twice = ordered(once.with_steps([*once.steps, replace(with_ev(modules, 1.0), priority=1)]))
    keys = [Picture(slot=slot, path=folder / f"{slot}.jpg", utc=raws[0].utc) for slot in (0, 2)]
    for key, edit in zip(keys, (once, twice), strict=True):
        key.sidecar.write_bytes(edit.data)
    made = look_of(keys, wish=LookWish(), modules=modules)
    for slot in (0, 1, 2):
        jobs["fading", slot] = DevelopJob(path=frame, width=96, height=64, recipe=made.recipe(slot))
    for name in WRITTEN_BY_THE_GUI:
        pair = [folder / f"{name}-{slot}.dng" for slot in (0, 10_000)]
        edits = [Sidecar.read((DATA / name).read_bytes()), brighter(Sidecar.read((DATA / name).read_bytes()), modules)]
        for path, edit in zip(pair, edits, strict=True):
            path.with_name(f"{path.name}.xmp").write_bytes(edit.data)
        moment = raws[0].utc
        pictures = [Picture(slot=slot, path=path, utc=moment) for slot, path in zip((0, 10_000), pair, strict=True)]
        made = look_of(pictures, wish=LookWish(), modules=modules)
        for slot in (0, 1, 5_000):
            recipe = made.recipe(slot)
            jobs[name, slot] = DevelopJob(path=raws[1].path, width=96, height=64, recipe=recipe)
    developed = DarktableDeveloper().develop(list(jobs.values()))
    return dict(zip(jobs, developed, strict=True)) | {"notes": look.notes}


@pytest.mark.parametrize("name", WRITTEN_BY_THE_GUI)
def test_frames_between_edits_of_the_gui_begin_as_the_edit_itself(plates, name):
    """The second of 10,000 frames, made by us, equals the first, whose sidecar darktable's GUI wrote."""
    first, second, middle = (plates[name, slot] for slot in (0, 1, 5_000))
    assert isinstance(second, Plate), second
    assert np.abs(first.rgb.astype(int) - second.rgb).max() <= ALIKE
    assert middle.rgb.mean() > 1.01 * first.rgb.mean()


@pytest.mark.parametrize("operation", NEUTRAL)
def test_neutral_values_leave_the_picture_as_it_is(plates, operation):
    plain, plate = plates["as it is"], plates[operation]
    assert isinstance(plate, Plate), plate
    assert np.abs(plate.rgb.astype(int) - plain.rgb).max() <= 257  # one step of 8 bits


def test_a_second_instance_fades_in_by_its_ev(plates):
    none, half, whole = (linear(plates["fading", slot].rgb)[20:44, 10:40].mean() for slot in range(3))
    assert half / none == pytest.approx(2**0.5, rel=2e-3)
    assert whole / none == pytest.approx(2, rel=2e-3)


def test_opacity_is_where_it_is_said_to_be(plates):
    plain, none, half, whole = (linear(plates[name].rgb).mean() for name in ("as it is", "0%", "50%", "100%"))
    assert none == pytest.approx(plain, rel=1e-3)
    assert half == pytest.approx((none + whole) / 2, rel=1e-3)
    assert whole > 1.5 * none


def test_bare_raws_all_get_the_same_white_balance_whatever_each_says(plates):
    first, middle, last = (plates[f"{slot:06d}.dng"] for slot in range(3))
    assert all(np.abs(middle.rgb.astype(int) - other.rgb).max() <= ALIKE for other in (first, last))
    red, green, blue = middle.rgb[20:44, 20:76].reshape(-1, 3).mean(axis=0)
    assert red == pytest.approx(green, rel=0.01)
    assert blue == pytest.approx(green, rel=0.01)
    assert "the camera's own, from 000001.dng" in plates["notes"][0]


def test_every_neutral_value_is_a_number_of_its_module(modules):
    for operation, values in NEUTRAL.items():
        numbers = {field.name for field in modules.find(operation).fields if coded(field) is not None}
        assert set(values) <= numbers, operation
