"""Forms that match move evenly between keyframes; the others wait, and it is said why."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.look.interpolate import Between
from dayspool.look.masks import forms_over, unlike_masks
from dayspool.sidecar.masks import Mask, Shape, points_of
from tests.look.independent import course

LENGTHS = {Shape.CIRCLE: 4, Shape.PATH: 8, Shape.GRADIENT: 6, Shape.ELLIPSE: 6, Shape.BRUSH: 10}
STATES = {Shape.PATH, Shape.GRADIENT, Shape.ELLIPSE, Shape.BRUSH}


def form(shape: Shape, *values: float, number: int = 1, state: int = 1, count: int = 1) -> Mask:
    tail = struct.pack("<i", state) if shape in STATES else b""
    points = (struct.pack(f"<{len(values)}f", *values) + tail) * count
    return Mask(num=0, id=number, type=shape, name=f"form {number}", version=6, points=points, count=count)


def group(*members: tuple[int, float], number: int = 9) -> Mask:
    points = b"".join(struct.pack("<iiif", member, number, 3, opacity) for member, opacity in members)
    return Mask(num=0, id=number, type=Shape.GROUP, name="group", version=6, points=points, count=len(members))


def halfway(before: list[Mask], after: list[Mask], share: float = 0.5) -> tuple[Mask, ...]:
    return forms_over((0, 1), (before, after)).at(0, 1, share)


def numbers(mask: Mask) -> list[float]:
    return [value for point in points_of(mask) or () for value in point.values() if isinstance(value, float)]


@pytest.mark.parametrize("shape", list(LENGTHS))
@given(data=st.data())
def test_every_number_goes_evenly(shape: Shape, data: st.DataObject) -> None:
    values = st.lists(st.floats(0, 1, width=32), min_size=LENGTHS[shape], max_size=LENGTHS[shape])
    one, two = data.draw(values), data.draw(values)
    share = data.draw(st.floats(0, 1))
    (between,) = halfway([form(shape, *one)], [form(shape, *two)], share)
    expected = [left + share * (right - left) for left, right in zip(one, two, strict=True)]
    assert numbers(between) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("shape", "at", "before", "after", "half"),
    [
        (Shape.GRADIENT, 2, 170.0, -170.0, -180.0),
        (Shape.GRADIENT, 2, -10.0, 30.0, 10.0),
        (Shape.ELLIPSE, 4, 350.0, 20.0, 5.0),
        (Shape.ELLIPSE, 4, 20.0, 350.0, 5.0),
    ],
)
def test_rotations_take_the_short_way(shape: Shape, at: int, before: float, after: float, half: float) -> None:
    one, two = [0.0] * LENGTHS[shape], [0.0] * LENGTHS[shape]
    one[at], two[at] = before, after
    (between,) = halfway([form(shape, *one)], [form(shape, *two)], 0.5)
    assert numbers(between)[at] == pytest.approx(half)


def test_the_opacity_of_a_groups_members_goes_evenly() -> None:
    (between,) = halfway([group((1, 1.0), (2, 0.2))], [group((1, 0.0), (2, 0.4))], 0.25)
    assert numbers(between) == pytest.approx([0.75, 0.25])


def test_where_a_clone_takes_from_goes_evenly() -> None:
    one = replace(form(Shape.CIRCLE, 0, 0, 0.1, 0.1), source=struct.pack("<2f", 0.2, 0.4))
    (between,) = halfway([one], [replace(one, source=struct.pack("<2f", 0.4, 0.0))], 0.5)
    assert struct.unpack("<2f", between.source) == pytest.approx((0.3, 0.2))


CIRCLE = form(Shape.CIRCLE, 0.5, 0.5, 0.1, 0.1)
ELLIPSE = form(Shape.ELLIPSE, 0.5, 0.5, 0.1, 0.1, 0.0, 0.1, state=0)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([CIRCLE], [], "does not have it"),
        ([], [CIRCLE], "only in the later"),
        ([CIRCLE], [replace(ELLIPSE, id=1)], "another kind"),
        ([CIRCLE], [replace(CIRCLE, type=Shape.CIRCLE | Shape.CLONE)], "another kind"),
        ([CIRCLE], [replace(form(Shape.CIRCLE, 0.1, 0.5, 0.1, 0.1), version=7)], "version 6 or 7"),
        ([form(Shape.BRUSH, *[0.5] * 10, count=2)], [form(Shape.BRUSH, *[0.5] * 10, count=3)], "2 points, and 3"),
        ([ELLIPSE], [form(Shape.ELLIPSE, 0.9, 0.5, 0.1, 0.1, 0.0, 0.1, state=1)], "kind of border"),
        ([group((1, 1.0))], [group((2, 1.0))], "members"),
    ],
)
def test_what_does_not_match_waits_and_says_so(before: list[Mask], after: list[Mask], why: str) -> None:
    (sentence,) = unlike_masks(before, after)
    assert why in sentence
    assert halfway(before, after, 0.7)[: len(before)] == tuple(before)


def test_what_matches_needs_no_words() -> None:
    moved = form(Shape.CIRCLE, 0.9, 0.5, 0.1, 0.1)
    assert unlike_masks([CIRCLE], [replace(moved, num=4)]) == ()
    strange = replace(CIRCLE, version=99)
    assert unlike_masks([strange], [strange]) == ()
    assert halfway([strange], [strange], 0.5) == (strange,)


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
@pytest.mark.parametrize("shape", list(LENGTHS))
def test_what_is_no_number_holds_and_the_rest_moves(shape: Shape, odd: float) -> None:
    one, two = form(shape, *[odd, *[0.0] * (LENGTHS[shape] - 1)]), form(shape, *[1.0] * LENGTHS[shape])
    for before, after in ((one, two), (two, one)):
        (between,) = halfway([before], [after])
        assert between.points[:4] == before.points[:4]
        assert numbers(between)[1:] == pytest.approx([0.5] * (LENGTHS[shape] - 1))


def test_rotations_without_end_hold() -> None:
    one, two = (form(Shape.GRADIENT, 0.5, 0.5, angle, 0.0, 0.0, 0.0) for angle in (float("inf"), 10.0))
    assert halfway([one], [two]) == (one,)


@pytest.mark.parametrize("how", list(Between))
def test_forms_follow_the_mode_over_all_keyframes(how: Between) -> None:
    slots, places = (0, 37, 90, 141), (0.125, 0.25, 0.875, 0.5)
    forms = forms_over(slots, [[form(Shape.CIRCLE, x, 0.5, 0.25, 0.125)] for x in places], how=how)
    for left, (first, last) in enumerate(pairwise(slots)):
        at = range(first, last + 1)
        got = [numbers(forms.at(left, left + 1, slot)[0]) for slot in at]
        assert [found[0] for found in got] == pytest.approx(course(at, slots, places, how), abs=1e-6)
        assert all(found[1:] == [0.5, 0.25, 0.125] for found in got)


def test_a_smooth_course_never_makes_a_form_smaller_than_nothing() -> None:
    radii = (0.5, 0.0, 0.01, 0.5)
    forms = forms_over((0, 10, 20, 30), [[form(Shape.CIRCLE, 0.5, 0.5, one, 0.1)] for one in radii], how=Between.SMOOTH)
    got = [numbers(forms.at(1, 2, slot / 10)[0])[2] for slot in range(100, 201)]
    assert min(got) == 0.0


def test_two_forms_of_one_number_stay() -> None:
    twice = [CIRCLE, replace(CIRCLE, name="again")]
    assert halfway(twice, [form(Shape.CIRCLE, 0.9, 0.5, 0.1, 0.1)]) == tuple(twice)
