"""The look of a shoot: every field of every frame as another interpolation has it, and nothing a person did lost."""

import math
import random
import struct
import time
from dataclasses import replace

import numpy as np
import pytest

from dayspool.develop import Recipe
from dayspool.errors import PlanError, SidecarUnreadable
from dayspool.look.shoot_look import Look, look_of
from dayspool.look.wish import Between, LookWish
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask, points_of, settled
from dayspool.sidecar.order import ordered
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import unpack
from tests.look.independent import angles, course, factors
from tests.look.stacks import MODULES, edit, pictures_in, step

KEYS = (0, 37, 90, 141, 199)
EXPOSURE = (0.5, 1.25, -0.75, -0.5, 2.0)
RED = (1.5, 2.5, 2.25, 1.75, 3.0)
HUE = (350.0, 20.0, 100.0, 300.0, 10.0)
STRENGTH = (10.0, 40.0, 40.0, 5.0, 80.0)
SPREAD = (1, 4, 9, 9, 30)


@pytest.fixture
def pictures(tmp_path):
    return pictures_in(tmp_path)


def look(pictures, **wish):
    return look_of(pictures, wish=LookWish(**wish), modules=MODULES)


def values_at(recipe, operation, priority=0):
    sidecar = Sidecar.read(recipe.sidecar)
    found = [one for one in sidecar.active if one.instance == (operation, priority)]
    return unpack(MODULES.find(operation), found[0].params) if found else None


def edited_at_keys(pictures):
    for slot, ev, red, hue, strength, spread in zip(KEYS, EXPOSURE, RED, HUE, STRENGTH, SPREAD, strict=True):
        edit(
            pictures[slot],
            step("exposure", exposure=ev, black=0.001),
            step("temperature", red=red, green=1.0, blue=2.0, g2=1.0),
            step("colorbalancergb", global_H=hue, global_C=0.1),
            step("velvia", strength=strength),
            step("diffuse", iterations=spread),
            step("sigmoid"),
        )


@pytest.mark.parametrize("how", list(Between))
def test_every_field_of_two_hundred_frames_equals_an_independent_interpolation(pictures, how):
    edited_at_keys(pictures)
    made = look(pictures, between=how)
    got = {
        operation: [values_at(made.recipe(slot), operation) for slot in range(200)]
        for operation in ("exposure", "temperature", "colorbalancergb", "velvia", "diffuse", "sigmoid")
    }
    at = np.arange(200)
    turned = angles(at, KEYS, HUE, how, 360.0) % 360
    expected = {
        ("exposure", "exposure"): course(at, KEYS, EXPOSURE, how),
        ("temperature", "red"): factors(at, KEYS, RED, how),
        ("colorbalancergb", "global_H"): turned,
        ("velvia", "strength"): np.clip(course(at, KEYS, STRENGTH, how), 0, 100),
        ("diffuse", "iterations"): np.round(np.clip(course(at, KEYS, SPREAD, how), 0, 500)),
    }
    for operation, frames in got.items():
        for field in MODULES.find(operation).fields:
            values = [frame[field.name] for frame in frames]
            if (operation, field.name) in expected:
                np.testing.assert_allclose(values, expected[operation, field.name], rtol=3e-7, atol=1e-6)
            else:
                assert len(set(values)) == 1, field.name


def test_a_keyframe_gets_its_own_sidecar_byte_for_byte(pictures):
    edited_at_keys(pictures)
    made = look(pictures)
    assert all(made.recipe(slot).sidecar == pictures[slot].sidecar.read_bytes() for slot in KEYS)
    assert [keyframe.slot for keyframe in made.keyframes] == list(KEYS)
    assert made.needs_darktable
    assert made.notes == ()


def test_one_keyframe_is_the_look_of_all(pictures):
    sidecar = edit(pictures[120], step("exposure", exposure=1.0))
    made = look(pictures)
    assert {made.recipe(slot).sidecar for slot in range(200)} == {sidecar.data}


def test_frames_beyond_the_keyframes_are_like_the_nearest(pictures):
    first, last = (edit(pictures[slot], step("exposure", exposure=ev)) for slot, ev in ((50, 0.0), (150, 1.0)))
    made = look(pictures)
    assert (made.recipe(0).sidecar, made.recipe(199).sidecar) == (first.data, last.data)


def test_no_edit_is_no_look(pictures):
    assert look(pictures) == Look()
    assert look(pictures).recipe(7) == Recipe()
    assert look([]).recipe(0) == Recipe()


def test_the_order_in_which_pictures_come_changes_nothing(pictures):
    edited_at_keys(pictures)
    shuffled = random.Random(5).sample(pictures, len(pictures))
    one, two = look(pictures), look(shuffled)
    slots = range(0, 200, 7)
    assert [one.recipe(slot) for slot in slots] == [two.recipe(slot) for slot in reversed(slots)][::-1]


@pytest.mark.parametrize("how", list(Between))
def test_time_reversed_mirrors(tmp_path, how):
    made = []
    for name, turn in (("forth", 1), ("back", -1)):
        (tmp_path / name).mkdir()
        pictures = pictures_in(tmp_path / name)
        for slot, ev in zip(KEYS, EXPOSURE, strict=True):
            edit(pictures[slot if turn > 0 else 199 - slot], step("exposure", exposure=ev))
        made.append(look(pictures, between=how))
    for slot in range(200):
        forth, back = (values_at(made[n].recipe(at), "exposure") for n, at in ((0, slot), (1, 199 - slot)))
        assert forth["exposure"] == pytest.approx(back["exposure"], abs=1e-6)


def test_two_hundred_frames_take_less_than_a_fifth_of_a_second(pictures):
    edited_at_keys(pictures)
    made = look(pictures)
    begin = time.process_time()
    for slot in range(200):
        made.recipe(slot)
    assert time.process_time() - begin < 0.2


def test_a_module_on_one_side_fades_in_where_it_can_do_nothing(pictures):
    edit(pictures[0], step("sigmoid"))
    edit(pictures[100], step("sigmoid"), step("vignette", brightness=-0.8, saturation=0.4, scale=60.0))
    made = look(pictures)
    half = values_at(made.recipe(50), "vignette")
    assert (half["brightness"], half["saturation"], half["scale"]) == pytest.approx((-0.4, 0.2, 60.0))
    assert values_at(made.recipe(0), "vignette") is None
    assert "vignette is only in the later keyframe: it fades in" in made.notes[0]
    assert "between slot 0 (000000.jpg.xmp) and slot 100 (000100.jpg.xmp)" in made.notes[0]


def test_a_module_that_fades_out_is_gone_at_the_keyframe(pictures):
    edit(pictures[0], step("velvia", strength=40.0))
    edit(pictures[100], step("sigmoid"))
    made = look(pictures)
    assert values_at(made.recipe(75), "velvia")["strength"] == pytest.approx(10.0)
    assert values_at(made.recipe(100), "velvia") is None
    assert values_at(made.recipe(99), "sigmoid") is None
    assert values_at(made.recipe(100), "sigmoid") is not None


def test_a_module_that_always_does_something_begins_at_its_keyframe(pictures):
    edit(pictures[0], step("exposure"))
    edit(pictures[100], step("exposure"), step("splittoning"))
    made = look(pictures)
    assert values_at(made.recipe(99), "splittoning") is None
    assert made.notes == (
        "between slot 0 (000000.jpg.xmp) and slot 100 (000100.jpg.xmp):"
        " splittoning is only in the later keyframe and begins there",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 5, "params": bytes(20)}, "exposure has parameters of versions 6 and 5"),
        ({"blend_version": 11, "blend": b"\1" * 420}, "exposure blends with another version of its parameters"),
    ],
)
def test_what_differs_is_said_and_held_until_the_keyframe(pictures, change, said):
    first = step("exposure", exposure=1.0)
    edit(pictures[0], first)
    edit(pictures[100], replace(first, **change))
    made = look(pictures)
    assert Sidecar.read(made.recipe(99).sidecar).active == (first,)
    assert len(made.notes) == 1
    assert said in made.notes[0]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_module_that_is_off_in_one_keyframe_fades_as_if_it_were_not_there(pictures, turn):
    on = step("velvia", strength=40.0)
    for slot, one in zip((0, 100), (on, replace(on, enabled=False))[::turn], strict=True):
        edit(pictures[slot], one, step("exposure"))
    made = look(pictures)
    assert [values_at(made.recipe(slot), "velvia")["strength"] for slot in (25, 50, 75)] == pytest.approx(
        [30.0, 20.0, 10.0][::turn]
    )
    assert all(Sidecar.read(made.recipe(slot).sidecar).active[0].enabled for slot in (1, 99))
    assert "velvia is only on in the" in made.notes[0]
    (move,) = made.moves
    assert [math.isnan(move.at(slot)) for slot in (0, 50, 100)] == [turn < 0, False, turn > 0]


def test_a_module_that_is_off_and_always_does_something_holds(pictures):
    on = step("splittoning")
    edit(pictures[0], replace(on, enabled=False))
    edit(pictures[100], on)
    made = look(pictures)
    assert not Sidecar.read(made.recipe(99).sidecar).active[0].enabled
    assert "splittoning is only on in the later keyframe and begins there" in made.notes[0]


@pytest.mark.parametrize(
    ("names", "moves"), [(("sky", "ground"), False), (("sky", "sky"), True), (("1", "sky"), True), (("", "2"), True)]
)
def test_instances_that_a_person_calls_otherwise_are_two(pictures, names, moves):
    for slot, ev, name in zip((0, 100), (0.0, 1.0), names, strict=True):
        edit(pictures[slot], step("exposure"), replace(step("exposure", exposure=ev), priority=1, name=name))
    made = look(pictures)
    assert values_at(made.recipe(50), "exposure", 1)["exposure"] == pytest.approx(0.5 if moves else 0.0)
    assert (made.notes == ()) == moves
    assert moves or "exposure sky is called ground in the later keyframe" in made.notes[0]


def test_what_darktable_adds_by_itself_is_not_worth_a_word(pictures):
    first = step("exposure", exposure=0.0)
    added = [Step(operation=one, version=2, params=b"\0" * 4) for one in ("flip", "gamma", "colorout")]
    edit(pictures[0], first)
    edit(pictures[100], step("exposure", exposure=1.0), *added)
    spelt_out = replace(step("exposure", exposure=0.5), blend_version=11, blend=bytes(420))
    edit(pictures[150], spelt_out, *added)
    made = look(pictures, between=Between.LINEAR)
    assert made.notes == ()
    assert values_at(made.recipe(50), "exposure")["exposure"] == pytest.approx(0.5)
    assert values_at(made.recipe(125), "exposure")["exposure"] == pytest.approx(0.75)


def test_an_unknown_version_is_copied_untouched_and_said(pictures):
    strange = replace(step("exposure"), version=99, params=b"\1\2\3\4" * 9)
    edit(pictures[0], strange, step("velvia", strength=0.0))
    edit(pictures[100], replace(strange, params=b"\5" * 36), step("velvia", strength=50.0))
    made = look(pictures)
    assert Sidecar.read(made.recipe(50).sidecar).active[0] == strange
    assert values_at(made.recipe(50), "velvia")["strength"] == pytest.approx(25.0)
    assert "exposure has parameters of version 99, of a later darktable than 4.2.1: the earlier one" in made.notes[0]


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"operation": "strange"}, "strange is a module that neither darktable here nor dayspool knows"),
        ({"params": b"\2" * 5}, "velvia has parameters of the wrong length, 5 instead of 8 bytes"),
    ],
)
def test_parameters_that_nobody_understands_hold(pictures, odd, said):
    strange = replace(step("velvia"), **odd)
    edit(pictures[0], strange)
    edit(pictures[100], replace(strange, params=strange.params[:-1] + b"\1"))
    made = look(pictures)
    assert Sidecar.read(made.recipe(99).sidecar).active == (strange,)
    assert said in made.notes[0]


def test_crops_hold_unless_they_are_asked_to_move(pictures):
    edit(pictures[0], step("crop", cx=0.0, cy=0.0, cw=1.0, ch=1.0))
    edit(pictures[100], step("crop", cx=0.2, cy=0.0, cw=1.0, ch=1.0))
    held, moving = look(pictures), look(pictures, moving=("crop",))
    assert values_at(held.recipe(50), "crop")["cx"] == 0.0
    assert values_at(moving.recipe(50), "crop")["cx"] == pytest.approx(0.1)
    assert "the film's business" in held.notes[0]
    assert moving.notes == ()


def test_keyframes_that_differ_alike_share_a_sentence(pictures):
    for slot in (0, 50, 100, 150):
        edit(pictures[slot], step("crop", cx=slot / 1000))
    (note,) = look(pictures).notes
    assert note.startswith(
        "between slot 0 (000000.jpg.xmp) and slot 50 (000050.jpg.xmp), and 2 times more between others: crop cuts"
    )


def test_instances_are_kept_apart(pictures):
    for slot, ev in ((0, 0.0), (100, 1.0)):
        second = replace(step("exposure", exposure=-ev), priority=1, name="sky")
        edit(pictures[slot], step("exposure", exposure=ev), second)
    made = look(pictures)
    assert [values_at(made.recipe(50), "exposure", n)["exposure"] for n in (0, 1)] == pytest.approx([0.5, -0.5])
    assert [move.name for move in made.moves] == ["exposure.exposure", "exposure sky.exposure"]
    assert [move.at(25) for move in made.moves] == pytest.approx([0.25, -0.25])


@pytest.mark.parametrize("turn", [1, -1])
def test_a_second_instance_in_one_keyframe_fades_at_its_own_place(pictures, turn):
    first = Sidecar.blank(raw=False).with_steps([step("exposure", exposure=0.5)])
    second = replace(step("exposure", exposure=1.0), priority=1)
    both = ordered(first.with_steps([*first.steps, second]))
    for slot, sidecar in zip((0, 100), (first, both)[::turn], strict=True):
        pictures[slot].sidecar.write_bytes(sidecar.data)
    made = look(pictures)
    middle = Sidecar.read(made.recipe(50).sidecar)
    assert values_at(made.recipe(50), "exposure", 1)["exposure"] == pytest.approx(0.5)
    assert (middle.order_version, middle.order_list) == (both.order_version, both.order_list)
    assert "order" not in made.notes[0]


def test_orders_that_disagree_are_said_and_hold(pictures):
    for slot, order in ((0, "exposure,0,velvia,0"), (100, "velvia,0,exposure,0,exposure,1")):
        steps = [step("exposure"), replace(step("exposure", exposure=1.0), priority=1)][: 1 + slot // 100]
        sidecar = Sidecar.blank(raw=False).with_steps(steps).with_order(0, order)
        pictures[slot].sidecar.write_bytes(sidecar.data)
    made = look(pictures)
    assert "the order of the modules differs and changes at the later keyframe" in made.notes[0]
    assert values_at(made.recipe(50), "exposure", 1) is None


def blended(opacity, mode=0):
    blend = bytearray(420)
    struct.pack_into("<I4xIff", blend, 0, 1, mode, 0.0, opacity)
    return replace(step("velvia"), blend_version=11, blend=bytes(blend))


def test_opacity_moves_where_the_kind_of_blending_is_the_same(pictures):
    edit(pictures[0], blended(100.0))
    edit(pictures[100], blended(50.0))
    made = look(pictures)
    (found,) = Sidecar.read(made.recipe(50).sidecar).active
    assert struct.unpack_from("<f", found.blend, 16) == (75.0,)
    assert [(move.name, move.at(50)) for move in made.moves] == [("velvia.blend.opacity", 75.0)]


def test_opacity_holds_where_the_kind_of_blending_differs(pictures):
    edit(pictures[0], blended(100.0))
    edit(pictures[100], blended(50.0, mode=4))
    made = look(pictures)
    (found,) = Sidecar.read(made.recipe(50).sidecar).active
    assert struct.unpack_from("<f", found.blend, 16) == (100.0,)
    assert "velvia blends with another blend mode" in made.notes[0]


def circle(x, number=7):
    return Mask(num=0, id=number, type=1, name="sun", version=6, points=struct.pack("<4f", x, 0.5, 0.1, 0.05), count=1)


def test_drawn_masks_move_and_those_of_one_keyframe_are_there_to_fade_in(pictures):
    edit(pictures[0], step("velvia"), masks=(circle(0.2),))
    edit(pictures[100], step("velvia"), masks=(circle(0.6), circle(0.9, number=8)))
    made = look(pictures)
    masks = Sidecar.read(made.recipe(25).sidecar).masks
    assert [(mask.id, points_of(mask)[0]["center_x"]) for mask in masks] == [
        (7, pytest.approx(0.3)),
        (8, pytest.approx(0.9)),
    ]
    assert [(move.name, move.at(25)) for move in made.moves] == [("mask sun.center_x", pytest.approx(0.3))]


def test_masks_drawn_late_in_a_long_history_stay(pictures):
    for slot, ev in ((0, 0.0), (100, 1.0)):
        history = [step("exposure", exposure=ev)] * 6
        edit(pictures[slot], *history, step("velvia"), masks=(replace(circle(0.2 + ev / 10), num=6),))
    sidecar = Sidecar.read(look(pictures).recipe(50).sidecar)
    assert sidecar.end == 2
    (mask,) = settled(sidecar.masks, sidecar.end)
    assert points_of(mask)[0]["center_x"] == pytest.approx(0.25)


def test_ramps_are_laid_over_a_shoot_without_any_edit(pictures):
    made = look(pictures, ramp={"exposure.exposure": {"0%": 0.0, "100%": 1.99}}, between=Between.LINEAR)
    assert made.recipe(100) == Recipe(ev=pytest.approx(1.0))
    assert not made.needs_darktable
    assert [(move.name, move.at(100)) for move in made.moves] == [("exposure.exposure (ramp)", pytest.approx(1.0))]


def test_an_exposure_ramp_comes_on_top_of_the_edits(pictures):
    sidecar = edit(pictures[0], step("exposure", exposure=0.5))
    made = look(pictures, ramp={"exposure.exposure": {"slot:0": 1.0}})
    assert made.recipe(10) == Recipe(sidecar=sidecar.data, ev=1.0)


def test_a_ramp_of_a_field_sets_it_in_the_first_instance(pictures):
    edit(pictures[0], step("velvia", strength=5.0, bias=0.25), step("sigmoid"))
    ramp = {"velvia.strength": {"slot:0": 10.0, "slot:100": 30.0}, "temperature.red": {"slot:0": 1.0, "slot:100": 4.0}}
    made = look(pictures, ramp=ramp)
    assert values_at(made.recipe(50), "velvia") == pytest.approx({"strength": 20.0, "bias": 0.25})
    assert values_at(made.recipe(50), "temperature") == pytest.approx({"red": 2, "green": 1, "blue": 1, "g2": 1})
    assert made.needs_darktable
    assert {move.name for move in made.moves} == {"velvia.strength", "temperature.red"}


@pytest.mark.parametrize("odd", [{"version": 1}, {"params": b"short"}])
def test_a_ramp_over_parameters_that_are_laid_out_otherwise_is_told(pictures, odd):
    edit(pictures[0], step("velvia"))
    edit(pictures[9], replace(step("velvia"), **odd))
    with pytest.raises(PlanError, match="open it in this darktable and save it"):
        look(pictures, ramp={"velvia.strength": {"0%": 50.0}})


def test_a_ramp_switches_its_module_on(pictures):
    edit(pictures[0], replace(step("velvia", strength=5.0), enabled=False))
    (found,) = Sidecar.read(look(pictures, ramp={"velvia.strength": {"0%": 50.0}}).recipe(7).sidecar).active
    assert found == step("velvia", strength=50.0)


@pytest.mark.parametrize(
    ("ramp", "said"),
    [
        ({"expossure.exposure": {"0%": 1}}, "no module expossure (perhaps exposure?)"),
        ({"velvia.strenght": {"0%": 1}}, "no field strenght (perhaps strength?)"),
        ({"velvia.strength": {"0%": 101}}, "must stay between 0 and 100"),
        ({"colorin.filename": {"0%": 1}}, "is no number"),
        ({"colorcontrast.a_offset": {"0%": 1e300}}, "must stay between"),
        ({"graduatednd.nothing": {"0%": 1}}, "no field nothing"),
        ({"exposure.compensate_exposure_bias": {"0%": 2}}, "must stay between 0 and 1"),
        ({"velvia.strength": {"sunset": 1}}, "needs a place"),
        ({"velvia.strength": {"23:00": 1}}, "without it"),
        ({"velvia.strength": {"0%": 1, "slot:0": 2}}, "two values at slot 0"),
        ({"demosaic.demosaicing_method": {"0%": 7}}, "none of its choices: 0 DT_IOP_DEMOSAIC_PPG"),
    ],
)
def test_a_ramp_that_cannot_be_followed_is_told(pictures, ramp, said):
    with pytest.raises(PlanError) as caught:
        look(pictures, ramp=ramp)
    assert said in str(caught.value)


def test_a_listed_keyframe_must_be_there(pictures):
    edit(pictures[3], step("exposure"))
    pictures[5].sidecar.write_bytes(Sidecar.blank(raw=False).data)
    with pytest.raises(PlanError) as caught:
        look(pictures, keyframes=(3, 4, 5, 999))
    missing, empty, none = caught.value.problems
    assert str(pictures[4].sidecar) in missing
    assert "holds no edit" in empty
    assert "no picture" in none


@pytest.mark.parametrize("keyframes", ["edited", "rating:3", "label:red", (9,)])
def test_a_broken_sidecar_is_named_and_never_skipped(pictures, keyframes):
    edit(pictures[3], step("exposure"))
    pictures[9].sidecar.write_bytes(b"<x:xmpmeta")
    with pytest.raises(SidecarUnreadable, match="000009"):
        look(pictures, keyframes=keyframes)


def test_what_dayspool_wrote_is_no_keyframe_until_somebody_edits_it(pictures):
    ours = Sidecar.blank(raw=False).with_steps([step("exposure", exposure=3.0)]).marked()
    pictures[9].sidecar.write_bytes(ours.data)
    assert look(pictures).keyframes == ()
    pictures[9].sidecar.write_bytes(ours.with_steps([step("exposure", exposure=2.0)]).data)
    assert [keyframe.slot for keyframe in look(pictures).keyframes] == [9]


def test_our_own_instances_are_not_taken_for_edits(pictures):
    own = replace(step("exposure", exposure=3.0), name="dayspool", priority=1)
    edit(pictures[0], step("exposure", exposure=1.0), own)
    assert values_at(look(pictures).recipe(0), "exposure", 1) is None


def test_edits_of_duplicates_are_not_heeded_and_it_is_said(pictures):
    edit(pictures[0], step("velvia"))
    for slot in (3, 4):
        sidecar = edit(pictures[slot], step("exposure"))
        pictures[slot].sidecar.rename(pictures[slot].path.with_name(f"{slot:06d}_01.jpg.xmp"))
    (pictures[0].path.parent / "000005_01.jpg.xmp").write_bytes(Sidecar.blank(raw=False).data)
    (pictures[0].path.parent / "other_01.jpg.xmp").write_bytes(sidecar.data)
    made = look(pictures)
    assert [keyframe.slot for keyframe in made.keyframes] == [0]
    assert made.notes == (
        "000003_01.jpg.xmp and 1 more: edits of duplicates made in darktable are passed over; edit the picture itself",
    )
    assert look(pictures, keyframes="none").notes == ()


@pytest.mark.parametrize(
    ("keyframes", "slots"), [("rating:4", [20]), ("label:green", [30]), ("none", []), ((10,), [10])]
)
def test_keyframes_are_chosen_by_what_darktable_shows(pictures, keyframes, slots):
    xmp = {"rating": 'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"'}
    label = "<darktable:colorlabels><rdf:Seq><rdf:li>2</rdf:li></rdf:Seq></darktable:colorlabels>"
    for slot in (10, 20, 30):
        text = edit(pictures[slot], step("exposure")).data.decode()
        if slot == 20:
            text = text.replace('rdf:about=""', f'rdf:about="" {xmp["rating"]}')
        if slot == 30:
            text = text.replace("<darktable:history>", f"{label}<darktable:history>")
        pictures[slot].sidecar.write_text(text)
    assert [keyframe.slot for keyframe in look(pictures, keyframes=keyframes).keyframes] == slots


def test_a_sidecar_given_is_the_look_of_all(tmp_path, pictures):
    edit(pictures[0], step("exposure", exposure=1.0))
    given = tmp_path / "look.xmp"
    given.write_bytes(Sidecar.blank(raw=False).with_steps([step("velvia")]).data)
    for keyframes in ("edited", "none"):
        assert look(pictures, path=given, keyframes=keyframes).recipe(0).sidecar == given.read_bytes()


def test_a_folder_given_holds_the_keyframes(tmp_path, pictures):
    folder = tmp_path / "edits"
    folder.mkdir()
    sidecar = edit(pictures[3], step("exposure"))
    pictures[3].sidecar.rename(folder / pictures[3].sidecar.name)
    assert look(pictures, path=folder).recipe(0).sidecar == sidecar.data
    with pytest.raises(PlanError, match="no sidecar"):
        look(pictures[10:], path=folder)


def test_a_look_that_is_not_there_is_told(tmp_path, pictures):
    with pytest.raises(PlanError, match="is not there"):
        look(pictures, path=tmp_path / "nowhere.xmp")
    (tmp_path / "evening.txt").touch()
    with pytest.raises(PlanError, match="is none; give a sidecar"):
        look(pictures, path=tmp_path / "evening.txt")


def styled(path, one):
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><darktable_style version="1.0"><info><name>warm</name></info><style>'
        f"<plugin><num>0</num><module>{one.version}</module><operation>{one.operation}</operation>"
        f"<op_params>{one.params.hex()}</op_params><enabled>1</enabled><blendop_params></blendop_params>"
        "<blendop_version>11</blendop_version><multi_priority>0</multi_priority><multi_name></multi_name></plugin>"
        "</style></darktable_style>"
    )
    return path


def test_a_style_is_pinned_too(tmp_path, pictures):
    style = styled(tmp_path / "steady.dtstyle", step("exposure", mode=0, compensate_exposure_bias=1))
    free, still = (look(pictures, path=style, pin=pin) for pin in (False, True))
    got = [values_at(made.recipe(3), "exposure")["compensate_exposure_bias"] for made in (free, still)]
    assert got == [1, 0]


def test_a_style_lies_underneath_the_edits_and_is_the_look_without_any(tmp_path, pictures):
    style = styled(tmp_path / "warm.dtstyle", step("velvia", strength=60.0))
    bare = look(pictures, path=style)
    assert values_at(bare.recipe(5), "velvia")["strength"] == 60.0
    assert bare.needs_darktable
    edit(pictures[0], step("exposure", exposure=1.0))
    edit(pictures[100], step("exposure", exposure=2.0))
    both = look(pictures, path=style)
    assert values_at(both.recipe(50), "velvia")["strength"] == 60.0
    assert values_at(both.recipe(50), "exposure")["exposure"] == pytest.approx(1.5)
    for slot in (0, 50, 100):
        edit(pictures[slot], step("velvia", strength=slot / 10))
    assert look(pictures, path=style).notes == ("velvia is as every keyframe has it, not as in the style warm",)
