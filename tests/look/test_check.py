"""What would go wrong with a look is found in all of it: keyframes, sidecars and styles given, and ramps."""

import struct
from dataclasses import replace

import pytest

from dayspool.errors import PlanError
from dayspool.look.check import Kind, adapting_modules, ignored_modules, troubles
from dayspool.look.shoot_look import look_of
from dayspool.look.wish import LookWish
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from tests.look.stacks import MODULES, edit, pictures_in, step
from tests.look.test_shoot_look import styled

HERE = replace(MODULES, source="installed")
LATER = replace(step("velvia"), version=99)
UNKNOWN = replace(step("velvia"), operation="starfinder")
SHORT = replace(step("velvia"), params=b"\0")
EARLIER = Step(operation="exposure", version=5, params=struct.pack("<iffff", 0, 0.0, 0.5, 50.0, -4.0))
FIRST, NONE = replace(step("vibrance"), version=1), replace(step("velvia"), version=0)
UNDATED = "which darktable 4.2.1 cannot bring up to date"
WRONG = [
    (FIRST, UNDATED),
    (NONE, UNDATED),
    (LATER, "version 99, and darktable 4.2.1 knows 2"),
    (UNKNOWN, "no such module"),
    (SHORT, "wrong length, 1 "),
]


@pytest.fixture
def pictures(tmp_path):
    return pictures_in(tmp_path, 9)


def look(pictures, **wish):
    return look_of(pictures, wish=LookWish(**wish), modules=MODULES)


def given(path, *steps):
    path.write_bytes(Sidecar.blank(raw=False).with_steps(steps).data)
    return path


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_what_would_be_ignored_is_found_wherever_it_stands(tmp_path, pictures, wrong, said):
    style, sidecar = styled(tmp_path / "a.dtstyle", wrong), given(tmp_path / "a.xmp", wrong)
    for file in (style, sidecar):
        (found,) = ignored_modules(look(pictures, path=file), HERE)
        assert (found.kind, found.fatal, found.files) == (Kind.IGNORED, True, (file,))
        assert f"{wrong.operation} would be ignored: " in found.text
        assert said in found.text
        assert "; edit it again with this darktable, or install the one that made it" in found.text
    for slot in (2, 5):
        edit(pictures[slot], wrong)
    (found,) = ignored_modules(look(pictures), HERE)
    assert (found.slots, found.files) == ((2, 5), (pictures[2].sidecar, pictures[5].sidecar))
    (found,) = ignored_modules(look(pictures), MODULES)  # who knows what a darktable elsewhere has
    assert (found.kind, found.fatal) == (Kind.FOREIGN, False)


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_a_style_under_keyframes_is_named_and_its_modules_that_they_have_are_not(tmp_path, pictures, wrong, said):
    edit(pictures[2], step("exposure"))
    style = styled(tmp_path / "a.dtstyle", wrong)
    (found,) = ignored_modules(look(pictures, path=style), HERE)
    assert (found.slots, found.files) == ((2,), (style,))
    assert said in found.text
    if wrong is not UNKNOWN:
        edit(pictures[2], step(wrong.operation))
        assert not list(ignored_modules(look(pictures, path=style), HERE))


def test_what_is_off_is_not_ignored(pictures):
    edit(pictures[2], step("exposure"), *(replace(wrong, enabled=False) for wrong, _ in WRONG))
    assert not list(ignored_modules(look(pictures), HERE))


@pytest.mark.parametrize("pin", [False, True])
def test_what_looks_at_each_picture_is_found_wherever_it_stands(tmp_path, pictures, pin):
    haze = step("hazeremoval")
    ramp = {"hazeremoval.strength": {"0%": 0.1, "100%": 0.4}}
    wishes = [
        {"path": styled(tmp_path / "a.dtstyle", haze)},
        {"path": given(tmp_path / "a.xmp", haze)},
        {"ramp": ramp},
    ]
    for wish in wishes:
        (found,) = adapting_modules(look(pictures, pin=pin, **wish), HERE, pinned=pin)
        assert (found.kind, found.pinnable) == (Kind.ADAPTS, False)
        assert "hazeremoval: it estimates the haze" in found.text
        assert found.files == ((wish["path"],) if "path" in wish else ())


def test_a_style_that_can_be_held_still_is_found_until_it_is(tmp_path, pictures):
    style = styled(tmp_path / "a.dtstyle", step("exposure", mode=0, compensate_exposure_bias=1))
    (found,) = adapting_modules(look(pictures, path=style), HERE)
    assert (found.pinnable, found.files, found.slots) == (True, (style,), ())
    assert not list(adapting_modules(look(pictures, path=style, pin=True), HERE, pinned=True))


def test_the_beginning_of_raw_files_is_nothing_to_warn_of(tmp_path):
    made = look(pictures_in(tmp_path, 3, suffix=".arw"))
    assert list(made.stacks())
    assert not list(adapting_modules(made, HERE))


def test_what_is_of_an_earlier_darktable_is_obeyed_and_no_trouble(pictures):
    for slot, ev in ((2, 0.5), (5, 1.5)):
        edit(pictures[slot], replace(EARLIER, params=struct.pack("<iffff", 0, 0.0, ev, 50.0, -4.0)))
    made = look(pictures)
    found = list(troubles(made, pictures, HERE, made.notes))
    assert {one.kind for one in found} == {Kind.NOTE}
    texts = " ".join(one.text for one in found)
    assert "exposure has parameters of version 5, of an earlier darktable, which do not move; changed again in" in texts
    assert "darktable brings it up to date, and it is handed on as it is" in texts
    assert "version 5, now 6" in texts


def test_parameters_of_a_wrong_length_are_called_that_and_end_nothing(pictures):
    for slot, filler in ((2, b"\1"), (5, b"\2")):
        edit(pictures[slot], replace(step("exposure"), params=filler * 20))
    for pin in (False, True):
        made = look(pictures, pin=pin)
        assert "exposure has parameters of the wrong length, 20 instead of 24 bytes: the earlier one" in made.notes[0]
    with pytest.raises(PlanError, match="bytes"):
        look(pictures, ramp={"exposure.black": {"0%": 0.0, "100%": 0.01}})
