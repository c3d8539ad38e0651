"""Keyframes with any legal values of any module: what is developed between them is legal too, in every mode."""

import math
from itertools import pairwise
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dayspool.develop.introspect import shipped
from dayspool.look.interpolate import Between
from dayspool.look.lane import Joint, joined
from dayspool.sidecar.schema import Kind
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed, unpack

MODULES = {module.operation: module for module in shipped().modules}
WIDTH = {Kind.INT8: (-128, 127), Kind.USHORT: (0, 65535), Kind.UINT: (0, 2**32 - 1), Kind.INT: (-(2**31), 2**31 - 1)}
REAL = 1e6  # of what has no bounds, as far as anybody goes


def legal(field, random):
    """Draw a legal value, a third of the time one at the end of what is legal."""
    if field.kind is Kind.TEXT:
        return bytes(random.choices(b"abc \xff", k=random.randrange(field.size)))
    if field.kind is Kind.OPAQUE:
        return random.randbytes(field.size)
    if field.choices or field.kind is Kind.BOOL:
        return random.choice([value for _, value in field.choices] or [0, 1])
    whole = field.kind is not Kind.FLOAT
    low, high = WIDTH.get(field.kind, (-REAL, REAL))
    low = low if field.minimum is None else field.minimum
    high = high if field.maximum is None else field.maximum
    draw = random.randint(math.ceil(low), math.floor(high)) if whole else random.uniform(low, high)
    return random.choice([draw, draw, draw, draw, low, high])


def refused(field, values, keys):
    """Say whether a value is none that keyframes with such values may lead to."""
    value = values[field.name]
    given = [key[field.name] for key in keys]
    if value in given:
        return False
    if field.choices or field.kind in (Kind.TEXT, Kind.OPAQUE, Kind.BOOL):
        return True
    low, high = WIDTH.get(field.kind, (-math.inf, math.inf))
    low = low if field.minimum is None else min(field.minimum, *given)  # a bound of 0.1 is held as the nearest float
    high = high if field.maximum is None else max(field.maximum, *given)
    return not low <= value <= high


def course(operation, keys, slots, how):
    """Return keyframes as the parameters hold them, and the parameters at and between them."""
    module = MODULES[operation]
    blobs = [packed(module, bytes(module.size), key) for key in keys]
    steps = [Step(operation=operation, version=module.version, params=blob) for blob in blobs]
    joints = [Joint(left=one, right=other, module=module) for one, other in pairwise(steps)]
    lane = joined(slots, steps, joints, how=how)
    places = [slot + part * (later - slot) for slot, later in pairwise(slots) for part in (0, 0.1, 0.5, 0.9)]
    return [unpack(module, blob) for blob in blobs], [unpack(module, lane.at(place).params) for place in places]


def every_module(test):
    """Have a test run once for each module, whatever hypothesis tries besides."""
    for number, operation in enumerate(MODULES):
        test = example(operation, Random(number), list(Between)[number % 3])(test)
    return test


@every_module
@settings(max_examples=40)
@given(st.sampled_from(sorted(MODULES)), st.randoms(use_true_random=True), st.sampled_from(list(Between)))
def test_between_legal_values_all_is_legal(operation, random, how):
    module = MODULES[operation]
    slots = sorted(random.sample(range(1000), random.randint(2, 4)))
    drawn = [{field.name: legal(field, random) for field in module.fields} for _ in slots]
    keys, between = course(operation, drawn, slots, how)
    for values in between:
        assert [(field.name, values[field.name]) for field in module.fields if refused(field, values, keys)] == []


@every_module
@settings(max_examples=40)
@given(st.sampled_from(sorted(MODULES)), st.randoms(use_true_random=True), st.sampled_from(list(Between)))
def test_between_equal_keyframes_nothing_moves(operation, random, how):
    module = MODULES[operation]
    values = {field.name: legal(field, random) for field in module.fields}
    keys, between = course(operation, [values, values], (0, 100), how)
    assert all(one == keys[0] for one in between)
