"""Our corrections go on top of a person's edit and touch nothing of it."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import PlanError
from dayspool.sidecar.corrections import OWN_NAME, corrected, without_ours
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.order import built_in, order_of, order_text, ordered, placed
from dayspool.sidecar.splices import DAYSPOOL
from dayspool.sidecar.step import Step

USERS = Step(operation="exposure", version=6, params=struct.pack("<iffffi", 0, -0.000244, 0.7, 50.0, -4.0, 1))
VIGNETTE = Step(operation="vignette", version=4, params=bytes(48))
EV = st.floats(-3, 3, width=32)
GAIN = st.floats(0.25, 4, width=32)
GAINS = st.just((1.0, 1.0, 1.0)) | st.tuples(GAIN, GAIN, GAIN)
EDITS = st.sampled_from(
    [
        None,
        Sidecar.blank(raw=True),
        Sidecar.blank(raw=False).with_steps([USERS]),
        Sidecar.blank(raw=True).with_steps([VIGNETTE, USERS, replace(USERS, priority=3, name="sky")]),
        Sidecar.blank(raw=True).with_order(1).with_steps([VIGNETTE]),
    ]
)


def own(sidecar: Sidecar) -> dict[str, Step]:
    return {step.operation: step for step in sidecar.active if step.name == OWN_NAME}


def ev_of(step: Step) -> float:
    return float(struct.unpack_from("<f", step.params, 8)[0])


@given(EDITS, st.booleans(), EV, GAINS, EV, GAINS)
def test_a_second_correction_takes_the_place_of_the_first(
    edit: Sidecar | None,
    raw: bool,
    ev: float,
    gains: tuple[float, float, float],
    before: float,
    gains_before: tuple[float, float, float],
) -> None:
    once = corrected(edit, ev=ev, gains=gains, raw=raw)
    assert corrected(once, ev=ev, gains=gains, raw=raw) == once
    assert corrected(corrected(edit, ev=before, gains=gains_before, raw=raw), ev=ev, gains=gains, raw=raw) == once
    assert ev_of(own(once)["exposure"]) == ev
    assert ("channelmixerrgb" in own(once)) == (gains != (1.0, 1.0, 1.0))


@given(EDITS, st.booleans(), EV, GAINS)
def test_the_persons_steps_stay(edit: Sidecar | None, raw: bool, ev: float, gains: tuple[float, float, float]) -> None:
    made = corrected(edit, ev=ev, gains=gains, raw=raw)
    steps = edit.steps if edit else ()
    assert tuple(step for step in made.steps if step.name != OWN_NAME) == steps
    assert without_ours(made).steps == steps
    assert len({step.instance for step in made.steps}) == len(steps) + len(own(made))
    assert all(step.priority > 0 for step in own(made).values())
    assert made.end == len(made.steps)


@pytest.mark.parametrize(("raw", "version"), [(True, 2), (False, 3), (False, 2), (False, 1), (True, 1), (True, 3)])
def test_our_exposure_runs_behind_the_persons_on_linear_light(raw: bool, version: int) -> None:
    edit = Sidecar.blank(raw=raw).with_order(version).with_steps([USERS])
    made = corrected(edit, ev=1.0, gains=(2.0, 1.0, 1.0), raw=raw)
    assert made.order_list is not None
    order = order_of(made.order_list)
    ours, mixer = order.index(("exposure", 1)), order.index(("channelmixerrgb", 1))
    assert order.index(("exposure", 0)) < ours
    assert order.index(("colorin", 0)) < mixer
    assert raw or order.index(("colorin", 0)) < ours
    assert made.order_version == version
    assert tuple(entry for entry in order if entry[1] == 0) == built_in(version)


def test_orders_of_darktable_5_scale_before_they_leave_the_working_profile() -> None:
    for version, older in ((4, 2), (5, 3)):
        order, known = built_in(version), built_in(older)
        assert order.index(("finalscale", 0)) == order.index(("colorout", 0)) - 1
        rest = [entry for entry in order if entry in known and entry[0] != "finalscale"]
        assert rest == [entry for entry in known if entry[0] != "finalscale"]
        assert len(order) == len(known) + 6
        assert corrected(Sidecar.blank(raw=True).with_order(version).with_steps([USERS]), ev=1.0, raw=True).order_list


def test_a_jpeg_that_was_only_imported_gets_the_order_of_jpegs() -> None:
    imported = Sidecar.blank(raw=False).with_order(2)
    assert corrected(imported, ev=0.0, raw=False).order_version == 3


def test_what_was_undone_does_not_come_back() -> None:
    edit = Sidecar.blank(raw=True).with_steps([USERS, VIGNETTE]).with_texts({"history_end": "1"})
    assert [step.operation for step in corrected(edit, ev=0.0, raw=True).active] == ["exposure", "exposure"]


@pytest.mark.parametrize(("then", "now", "enabled"), [(0.5, 0.75, True), (0.5, -1.0, True), (0.5, 2.0, False)])
def test_what_a_person_turned_our_exposure_by_stays_his(then: float, now: float, enabled: bool) -> None:
    ours = corrected(None, ev=then, raw=True).marked()
    (step,) = ours.steps
    params = struct.pack("<iffffi", 0, 0.0, now, 50.0, -4.0, 0)  # as darktable's GUI writes it, in its own version
    edited = ours.with_steps([replace(step, version=6, params=params, enabled=enabled)])
    (his,) = without_ours(edited).steps
    assert (his.name, his.operation, his.version) == ("", "exposure", 6)
    assert ev_of(his) == (now if enabled else 0.0) - then
    again = corrected(edited, ev=0.25, raw=True)
    assert [ev_of(step) for step in again.active] == [ev_of(his), 0.25]
    assert corrected(again, ev=0.25, raw=True) == again


@pytest.mark.parametrize("said", ["nan", "inf", "1e999", "", "half"])
def test_a_mark_that_says_no_number_adds_none(said: str) -> None:
    ours = corrected(None, ev=0.5, raw=True).marked()
    (step,) = ours.steps
    turned = ours.with_steps([replace(step, params=bytes(20))]).with_texts({"exposure": said}, DAYSPOOL)
    with pytest.raises(PlanError, match="dayspool's own and was changed"):
        without_ours(turned)


@pytest.mark.parametrize("params", [b"", bytes(9), bytes(11)])
def test_an_exposure_of_ours_that_is_cut_short_can_be_marked(params: bytes) -> None:
    cut = Sidecar.blank(raw=True).with_steps([replace(USERS, name=OWN_NAME, params=params)])
    assert cut.marked().ours


def test_gains_that_a_person_changed_cannot_be_told_apart() -> None:
    ours = corrected(None, ev=0.0, gains=(2.0, 1.0, 1.0), raw=True).marked()
    edited = ours.with_steps(
        [replace(step, params=bytes(160)) if len(step.params) == 160 else step for step in ours.steps]
    )
    with pytest.raises(PlanError, match="instance of your own"):
        without_ours(edited)


def colorin(space: int, version: int = 7) -> Step:
    params = bytearray(1044)
    struct.pack_into("<i", params, 528, space)
    return Step(operation="colorin", version=version, params=bytes(params))


def test_gains_follow_the_working_profile() -> None:
    mixed = {}
    for space in (3, 4):
        edit = Sidecar.blank(raw=True).with_steps([colorin(space)])
        made = own(corrected(edit, ev=0.0, gains=(2.0, 1.0, 0.5), raw=True))["channelmixerrgb"]
        mixed[space] = struct.unpack_from("<12f", made.params)
    assert mixed[3] == (2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5, 0)  # linear Rec. 709: the gains themselves
    # White stays in proportion whatever the primaries: rows of linear Rec. 2020 sum up to what white becomes.
    white = [sum(mixed[4][row * 4 : row * 4 + 4]) for row in range(3)]
    assert white == pytest.approx([0.6274039 * 2 + 0.3292830 + 0.0433131 / 2, 1.0634162, 0.5685937], abs=2e-5)


@pytest.mark.parametrize("step", [colorin(1), colorin(4, version=6)])
def test_gains_in_a_working_profile_that_is_not_known_are_refused(step: Step) -> None:
    edit = Sidecar.blank(raw=True).with_steps([step])
    assert corrected(edit, ev=1.0, raw=True)
    with pytest.raises(PlanError, match="working profile"):
        corrected(edit, ev=0.0, gains=(1.0, 1.0, 2.0), raw=True)


@pytest.mark.parametrize(
    ("ev", "gains"), [(19.0, (1.0, 1.0, 1.0)), (float("nan"), (1.0, 1.0, 1.0)), (0.0, (0.0, 1.0, 1.0))]
)
def test_numbers_that_darktable_would_not_take_are_refused(ev: float, gains: tuple[float, float, float]) -> None:
    with pytest.raises(PlanError):
        corrected(None, ev=ev, gains=gains, raw=True)


def test_an_order_that_is_not_known_is_refused_unless_it_is_spelt_out() -> None:
    edit = Sidecar.blank(raw=True).with_order(7).with_steps([VIGNETTE])
    with pytest.raises(PlanError, match="iop_order_version 7"):
        corrected(edit, ev=1.0, raw=True)
    spelt = edit.with_order(7, "demosaic,0,exposure,0,brand_new,0,colorin,0,colorout,0")
    assert corrected(spelt, ev=1.0, raw=True).order_list == (
        "demosaic,0,exposure,0,exposure,1,brand_new,0,colorin,0,colorout,0"
    )


def test_a_broken_order_is_refused() -> None:
    with pytest.raises(PlanError, match="order of modules is broken"):
        corrected(Sidecar.blank(raw=True).with_order(2, "a,b,c").with_steps([VIGNETTE]), ev=0.0, raw=True)


def test_instances_without_a_place_get_one_before_their_kin() -> None:
    edit = Sidecar.blank(raw=True).with_steps([replace(VIGNETTE, priority=2), replace(USERS, priority=1)])
    order = order_of(ordered(edit).order_list or "")
    assert order[order.index(("vignette", 0)) - 1] == ("vignette", 2)
    assert order[order.index(("exposure", 0)) - 1] == ("exposure", 1)
    assert ordered(ordered(edit)) == ordered(edit)
    assert ordered(Sidecar.blank(raw=True).with_steps([USERS])).order_list is None


def test_exposures_behind_the_tone_curve_are_no_place_for_ours() -> None:
    order = (("demosaic", 0), ("exposure", 0), ("colorin", 0), ("filmicrgb", 0), ("exposure", 1), ("colorout", 0))
    assert placed(order, ("exposure", 2), like="exposure")[2] == ("exposure", 2)
    assert order_of(order_text(order)) == order
