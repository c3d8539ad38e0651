"""Stacks of keyframes that do not match: whatever the person did, frames between are whole and keyframes untouched."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.look.composer import Composer
from dayspool.look.interpolate import Between
from dayspool.look.keyframes import Keyframe
from dayspool.look.masks import forms_over
from dayspool.look.semantics import GEOMETRY, NEUTRAL
from dayspool.look.stack import instance_text, stacked
from dayspool.sidecar.document import Sidecar
from tests.look.stacks import MODULES, step

OPERATIONS = ("exposure", "sigmoid", "velvia", "vignette", "crop", "splittoning", "rgbcurve")


@dataclass(frozen=True)
class Variant:
    """One module as a person might have left it."""

    operation: str
    priority: int
    enabled: bool
    strange: bool
    blended: int

    def step(self):
        made = replace(step(self.operation), priority=self.priority, enabled=self.enabled)
        if self.strange:
            made = replace(made, version=99, params=b"\7" * 12)
        if self.blended:
            made = replace(made, blend_version=11, blend=bytes([self.blended]).ljust(420, b"\0"))
        return made


VARIANTS = st.builds(
    Variant,
    operation=st.sampled_from(OPERATIONS),
    priority=st.integers(0, 1),
    enabled=st.booleans(),
    strange=st.booleans(),
    blended=st.integers(0, 2),
)
STACKS = st.lists(VARIANTS, min_size=1, max_size=6, unique_by=lambda one: (one.operation, one.priority))


def keyframes_of(stacks):
    slots = range(0, 100 * len(stacks), 100)
    return tuple(
        Keyframe(slot=slot, path=Path(f"{slot}.jpg.xmp"), sidecar=Sidecar.blank(raw=False).with_steps(steps))
        for slot, steps in zip(slots, stacks, strict=True)
    )


def composer_of(keyframes, how=Between.LINEAR):
    tracks, notes = stacked(keyframes, modules=MODULES, how=how)
    forms = forms_over([one.slot for one in keyframes], [()] * len(keyframes), how=how)
    return Composer(keyframes=keyframes, tracks=tracks, forms=forms), notes


@settings(max_examples=40)
@given(st.lists(STACKS, min_size=1, max_size=4), st.sampled_from(list(Between)))
def test_any_keyframes_make_whole_frames_between_them(stacks, how):
    keyframes = keyframes_of([[variant.step() for variant in stack] for stack in stacks])
    composer, _ = composer_of(keyframes, how)
    for keyframe in keyframes:
        assert composer.sidecar(keyframe.slot) == keyframe.sidecar.data
    for left, right in pairwise(keyframes):
        between = Sidecar.read(composer.sidecar(left.slot + 50))
        there = {one.instance for one in between.active}
        assert {one.instance for one in left.sidecar.active} <= there
        assert there <= {one.instance for side in (left, right) for one in side.sidecar.active}
        assert len(between.active) == len(between.steps) == between.end
        assert composer.sidecar(left.slot + 50) == composer_of(keyframes, how)[0].sidecar(left.slot + 50)


@settings(max_examples=20)
@given(STACKS)
def test_keyframes_alike_need_no_word_and_hold(stack):
    keyframes = keyframes_of([[variant.step() for variant in stack]] * 3)
    composer, notes = composer_of(keyframes)
    assert notes == ()
    assert {composer.sidecar(slot) for slot in range(0, 201, 25)} == {keyframes[0].sidecar.data}


@settings(max_examples=40)
@given(STACKS, STACKS)
def test_whatever_is_held_is_said(one, two):
    left, right = ([variant.step() for variant in stack] for stack in (one, two))
    notes = composer_of(keyframes_of([left, right]))[1]
    ours, theirs = ({step.instance: step for step in side} for side in (left, right))
    for instance in ours.keys() | theirs.keys():
        before, after = ours.get(instance), theirs.get(instance)
        differs = before != after and any(step is not None and step.enabled for step in (before, after))
        name = instance_text(before or after)
        said = [note for note in notes if re.search(rf"[:;] {name} (is|has|cuts|blends)", note)]
        assert bool(said) == differs, (before, after, notes)


def test_every_module_with_neutral_values_is_free_to_move():
    assert not GEOMETRY & NEUTRAL.keys()


@pytest.mark.parametrize(
    ("name", "priority", "text"),
    [("", 0, "velvia"), ("", 2, "velvia 2"), ("sky", 0, "velvia sky"), ("sky", 2, "velvia sky")],
)
def test_instances_are_called_as_a_person_does(name, priority, text):
    assert instance_text(replace(step("velvia"), name=name, priority=priority)) == text
