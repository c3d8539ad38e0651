"""Looks of RAW files on JPEGs and the other way round: said, and with the modules in the order that pictures need."""

import numpy as np
import pytest
from PIL import Image

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate
from dayspool.develop.selftest import linear
from dayspool.look.shoot_look import look_of
from dayspool.look.wish import LookWish
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.order import JPEG_ORDER, RAW_ORDER, built_in, order_of, order_text
from tests.look.stacks import MODULES, edit, pictures_in, step
from tests.look.test_shoot_look import styled

BALANCE = step("temperature", red=2.1, green=1.0, blue=1.6, g2=1.0)
MEDIA = "http://ns.adobe.com/xap/1.0/mm/"


def given(folder, name, *steps, raw, order_list=None):
    path = folder / name
    sidecar = Sidecar.blank(raw=raw).with_steps(steps)
    if order_list:
        sidecar = sidecar.with_order(0, order_list)
    path.write_bytes(sidecar.data)
    return path


def look(pictures, **wish):
    return look_of(pictures, wish=LookWish(**wish), modules=MODULES)


def order(made):
    sidecar = Sidecar.read(made.recipe(3).sidecar)
    return sidecar.order_version, sidecar.order_list


@pytest.mark.parametrize(("name", "steps"), [("a.arw.xmp", [step("velvia")]), ("a.xmp", [step("velvia"), BALANCE])])
def test_the_look_of_a_raw_file_on_jpegs(tmp_path, name, steps):
    made = look(pictures_in(tmp_path, 9), path=given(tmp_path, name, *steps, raw=True))
    assert order(made) == (JPEG_ORDER, None)
    (note,) = made.notes
    assert note.startswith(
        f"{name} was made on a RAW file, and these are JPEGs: its modules run in the order for JPEGs"
    )
    assert ("tints them" in note) == (BALANCE in steps)
    assert list(made.keyframes[0].sidecar.active) == steps


def test_the_look_of_a_jpeg_on_raw_files(tmp_path):
    made = look(pictures_in(tmp_path, 9, suffix=".arw"), path=given(tmp_path, "a.xmp", step("velvia"), raw=False))
    assert order(made) == (RAW_ORDER, None)
    assert made.notes[0].startswith("a.xmp was made on a JPEG or the like, and these are RAW files: its modules run")
    assert "tints" not in made.notes[0]


@pytest.mark.parametrize(("raw", "suffix"), [(True, ".arw"), (False, ".jpg")])
def test_a_look_of_the_same_kind_stays_byte_for_byte(tmp_path, raw, suffix):
    path = given(tmp_path, "a.xmp", step("velvia"), *([BALANCE] if raw else []), raw=raw)
    made = look(pictures_in(tmp_path, 9, suffix=suffix), path=path)
    assert made.notes == ()
    assert made.recipe(3).sidecar == path.read_bytes()


def test_a_jpeg_that_darktable_gave_the_order_of_raw_files_is_one_all_the_same(tmp_path):
    path = given(tmp_path, "a.jpg.xmp", step("velvia"), BALANCE, raw=True)
    assert look(pictures_in(tmp_path, 9), path=path).recipe(3).sidecar == path.read_bytes()


@pytest.mark.parametrize("raw", [True, False])
def test_in_an_order_of_ones_own_only_the_input_profile_moves(tmp_path, raw):
    before = [("velvia", 1), *built_in(RAW_ORDER if raw else JPEG_ORDER)]
    path = given(tmp_path, "a.xmp", step("velvia"), raw=raw, order_list=order_text(before))
    made = look(pictures_in(tmp_path, 9, suffix=".jpg" if raw else ".arw"), path=path)
    version, text = order(made)
    assert version == 0
    assert order_of(text) == (("velvia", 1), *built_in(JPEG_ORDER if raw else RAW_ORDER))


@pytest.mark.tools
def test_exposure_of_a_raw_file_is_exact_on_jpegs(tmp_path):
    pictures = pictures_in(tmp_path, 2)
    for picture in pictures:
        Image.new("RGB", (96, 64), (90, 90, 90)).save(picture.path, quality=95)
    exposures = [step("exposure", exposure=ev, mode=0, black=0.0, compensate_exposure_bias=0) for ev in (0.0, 0.5)]
    made = [look(pictures, path=given(tmp_path, "a.arw.xmp", one, raw=True)).recipe(0) for one in exposures]
    jobs = [DevelopJob(path=pictures[0].path, width=96, height=64, recipe=recipe) for recipe in made]
    plain, brighter = (plate for plate in DarktableDeveloper().develop(jobs) if isinstance(plate, Plate))
    assert np.log2(linear(brighter.rgb).mean() / linear(plain.rgb).mean()) == pytest.approx(0.5, abs=0.002)


def test_what_lies_beside_a_picture_is_said_and_stays(tmp_path):
    pictures = pictures_in(tmp_path, 9)
    for slot in (2, 5):
        copied = edit(pictures[slot], step("velvia"), BALANCE, raw=True).with_texts({"DerivedFrom": "DSC1.ARW"}, MEDIA)
        pictures[slot].sidecar.write_bytes(copied.data)
    made = look(pictures)
    assert made.recipe(2).sidecar == pictures[2].sidecar.read_bytes()
    assert made.notes[0].startswith("000002.jpg.xmp and 1 more sidecar were made on a RAW file, and these are JPEGs")
    assert "stay in their order" in made.notes[0]


def test_a_style_of_a_raw_file_brings_its_white_balance(tmp_path):
    style = styled(tmp_path / "s.dtstyle", BALANCE)
    pictures = pictures_in(tmp_path, 9)
    assert look(pictures, path=style).notes == ()  # nobody knows where it was made
    for known, said in ((RAW_ORDER, 1), (JPEG_ORDER, 0)):
        text = styled(style, BALANCE).read_text()
        style.write_text(text.replace("</name>", f"</name><iop_list>{order_text(built_in(known))}</iop_list>"))
        assert len(look(pictures, path=style).notes) == said


def test_a_broken_order_is_left_to_those_who_read_it(tmp_path):
    path = given(tmp_path, "a.arw.xmp", step("velvia"), raw=True, order_list="colorin,exposure")
    assert order(look(pictures_in(tmp_path, 9), path=path)) == (0, "colorin,exposure")
