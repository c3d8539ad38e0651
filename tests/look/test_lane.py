"""A module over keyframes: every number of every module moves as it should, and nothing else."""

import math
import struct
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.develop.introspect import shipped
from dayspool.look.interpolate import Between, Scale
from dayspool.look.lane import Joint, joined
from dayspool.look.semantics import BLEND, BLEND_CHOICES, kept_in_order, measure_of
from dayspool.sidecar.schema import Field, Kind, Module
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import unpack
from tests.look.independent import angles, course, factors

MODULES = shipped()
SLOTS = (0, 50, 80)
AT = (10, 25, 49, 51, 79)


def lane_of(module, blobs, slots=SLOTS, how=Between.LINEAR):
    keys = [Step(operation=module.operation, version=module.version, params=blob) for blob in blobs]
    joints = [Joint(left=one, right=two, module=module) for one, two in pairwise(keys)]
    return joined(slots, keys, joints, how=how)


def written(field, value):
    code = {Kind.FLOAT: "<f", Kind.DOUBLE: "<d", Kind.INT: "<i", Kind.UINT: "<I", Kind.USHORT: "<H"}[field.kind]
    return struct.unpack(code, struct.pack(code, value))[0]


def blob_of(module, values):
    blob = bytearray(module.size)
    for field, value in values.items():
        code = {Kind.FLOAT: "<f", Kind.DOUBLE: "<d", Kind.USHORT: "<H"}.get(field.kind, "<i")
        struct.pack_into(code, blob, field.offset, value)
    return bytes(blob)


def legal(field, rng):
    low = -2.0 if field.minimum is None else max(field.minimum, -1e4)
    high = 2.0 if field.maximum is None else min(field.maximum, 1e4)
    if field.kind in (Kind.FLOAT, Kind.DOUBLE):
        return float(np.float32(rng.uniform(low, high)))
    if field.choices:
        return int(rng.choice([number for _, number in field.choices]))
    return int(rng.integers(max(low, 0), max(high, 1) + 1))


@pytest.mark.parametrize("module", MODULES.modules, ids=lambda module: module.operation)
def test_every_number_of_every_module_moves_as_numpy_says(module):
    """Of the large tables (liquify, retouch, colormapping) the first three hundred numbers are looked at."""
    rng = np.random.default_rng([ord(letter) for letter in module.operation])
    fields = [field for field in module.fields if field.kind not in (Kind.TEXT, Kind.OPAQUE)][:300]
    same = {field: legal(field, rng) for field in fields if measure_of(module.operation, field) is None}
    moving = [field for field in fields if field not in same]
    keys = [same | {field: legal(field, rng) for field in moving} for _ in SLOTS]
    lane = lane_of(module, [blob_of(module, values) for values in keys])
    for slot in AT:
        got = unpack(module, lane.at(slot).params)
        left = keys[0 if slot < SLOTS[1] else 1]
        for field in same:
            assert got[field.name] == left[field], field.name
        for field in moving:
            values = [values[field] for values in keys]
            expected = expectation(module, field, values, slot)
            least = -math.inf if field.minimum is None else field.minimum
            most = math.inf if field.maximum is None else field.maximum
            assert least <= got[field.name] <= most
            assert got[field.name] == pytest.approx(expected, rel=2e-6, abs=2e-5), field.name


def expectation(module, field, values, slot):
    measure = measure_of(module.operation, field)
    if measure.scale is Scale.LOG and min(values) > 0:
        return factors([slot], SLOTS, values, "linear")[0]
    if measure.scale is Scale.ANGLE:
        least = measure.origin
        return (angles([slot], SLOTS, values, "linear", measure.turn)[0] - least) % measure.turn + least
    value = course([slot], SLOTS, values, "linear")[0]
    return value if field.kind in (Kind.FLOAT, Kind.DOUBLE) else round(value)


@settings(max_examples=60)
@given(st.data(), st.sampled_from(MODULES.modules), st.sampled_from(list(Between)))
def test_any_bytes_at_all_stay_themselves_at_keyframes_and_never_fail(data, module, how):
    size = min(module.size, 400)
    blobs = [data.draw(st.binary(min_size=size, max_size=size)).ljust(module.size, b"\1") for _ in SLOTS]
    lane = lane_of(module, blobs, how=how)
    assert [lane.at(slot).params for slot in SLOTS] == blobs
    assert (lane.at(-1).params, lane.at(999).params) == (blobs[0], blobs[-1])
    for slot in AT:
        assert len(lane.at(slot).params) == module.size


def module_of(*fields, operation="made_up"):
    return Module(operation=operation, version=1, size=sum(field.size for field in fields), fields=fields)


def real(name, offset, low=None, high=None):
    return Field(name=name, kind=Kind.FLOAT, offset=offset, size=4, minimum=low, maximum=high)


@pytest.mark.parametrize("how", list(Between))
def test_bytes_that_are_equal_at_both_keyframes_are_never_changed(how):
    module = module_of(real("still", 0), real("moves", 4))
    odd = b"\x01\x00\x80\x7f"  # a signalling NaN, that a number's round trip could change
    blobs = [odd + struct.pack("<f", value) for value in (0.0, 1.0, 3.0)]
    lane = lane_of(module, blobs, how=how)
    assert all(lane.at(slot).params[:4] == odd for slot in range(81))


@pytest.mark.parametrize(("operation", "name"), [("denoiseprofile", "a[0]"), ("zonesystem", "zone[3]")])
def test_what_is_not_set_holds_until_it_is(operation, name):
    module = MODULES.find(operation)
    field = next(one for one in module.fields if one.name == name)
    lane = lane_of(module, [blob_of(module, {field: value}) for value in (-1.0, 0.25, 0.5)])
    assert [unpack(module, lane.at(slot).params)[name] for slot in (25, 49, 65)] == pytest.approx([-1.0, -1.0, 0.375])


def test_a_retouched_form_does_not_become_another():
    module = MODULES.find("retouch")
    fields = {field.name: field for field in module.fields}
    keys = [
        {"rt_forms[0].formid": first, "rt_forms[0].blur_radius": 1.0 + number, "rt_forms[1].blur_radius": number}
        for number, first in enumerate((5, 6, 6))
    ]
    lane = lane_of(module, [blob_of(module, {fields[name]: value for name, value in key.items()}) for key in keys])
    got = [unpack(module, lane.at(slot).params) for slot in (25, 65)]
    assert [one["rt_forms[0].blur_radius"] for one in got] == pytest.approx([1.0, 2.5])
    assert [one["rt_forms[1].blur_radius"] for one in got] == pytest.approx([0.5, 1.5])


def test_what_is_no_number_at_one_keyframe_holds_until_it_and_moves_elsewhere():
    module = module_of(real("value", 0))
    lane = lane_of(module, [struct.pack("<f", value) for value in (1.0, math.inf, 3.0)])
    assert struct.unpack("<f", lane.at(25).params) == (1.0,)
    assert struct.unpack("<f", lane.at(79).params) == (math.inf,)


def test_smooth_is_held_within_the_legal_range():
    module = module_of(real("value", 0, 0.0, 1.0))
    lane = lane_of(module, [struct.pack("<f", v) for v in (0.0, 1.0, 0.95, 0.0)], (0, 10, 20, 30), Between.SMOOTH)
    values = [struct.unpack("<f", lane.at(slot / 10).params)[0] for slot in range(301)]
    assert (min(values), max(values)) == (0.0, 1.0)


def test_a_person_beyond_the_legal_range_is_followed_there():
    module = module_of(real("value", 0, 0.0, 1.0))
    lane = lane_of(module, [struct.pack("<f", value) for value in (0.0, 3.0)], (0, 10))
    assert struct.unpack("<f", lane.at(9).params)[0] == pytest.approx(2.7)


def test_curves_with_another_number_of_points_hold_until_the_keyframe():
    module = MODULES.find("rgbcurve")
    by_name = {field.name: field for field in module.fields}

    def curve(count, y, green):
        points = {by_name["curve_num_nodes[0]"]: count, by_name["curve_num_nodes[1]"]: 2}
        points |= {by_name["curve_nodes[0][0].y"]: y, by_name["curve_nodes[1][0].y"]: green}
        return blob_of(module, points)

    lane = lane_of(module, [curve(2, 0.0, 0.0), curve(3, 0.5, 0.5), curve(3, 1.0, 1.0)])
    got = [unpack(module, lane.at(slot).params) for slot in (25, 65)]
    assert [one["curve_nodes[0][0].y"] for one in got] == pytest.approx([0.0, 0.75])
    assert [one["curve_nodes[1][0].y"] for one in got] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("how", list(Between))
@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4).map(sorted), min_size=3, max_size=3))
def test_points_of_a_curve_never_pass_each_other(how, keys):
    module = MODULES.find("tonecurve")
    by_name = {field.name: field for field in module.fields}
    blobs = [blob_of(module, {by_name[f"tonecurve[0][{n}].x"]: x for n, x in enumerate(key)}) for key in keys]
    lane = lane_of(module, blobs, how=how)
    for slot in AT:
        got = unpack(module, lane.at(slot).params)
        places = [got[f"tonecurve[0][{number}].x"] for number in range(4)]
        assert places == sorted(places)


@pytest.mark.parametrize(
    "rows",
    [
        *("tonecurve.tonecurve[0][3].x", "atrous.x[1][2]", "denoiseprofile.x[0][6]", "rawdenoise.x[0][1]"),
        *("equalizer.equalizer_x[0][1]", "lowlight.transition_x[4]", "levels.levels[1]"),
    ],
)
def test_rows_that_must_rise_move_straight(rows):
    operation, _, name = rows.partition(".")
    fields = {field.name: field for field in MODULES.find(operation).fields}
    assert kept_in_order(fields[name])
    assert not kept_in_order(next(field for other, field in fields.items() if "y" in other or "gray" in other))


@pytest.mark.parametrize(
    ("operation", "field", "scale"),
    [
        ("exposure", "exposure", Scale.PLAIN),
        ("temperature", "red", Scale.LOG),
        ("colorbalancergb", "global_H", Scale.ANGLE),
        ("colorbalancergb", "hue_angle", Scale.ANGLE),
        ("splittoning", "shadow_hue", Scale.ANGLE),
        ("blurs", "angle", Scale.ANGLE),
        ("ashift", "rotation", Scale.ANGLE),
        ("sigmoid", "hue_preservation", Scale.PLAIN),
        ("diffuse", "iterations", Scale.PLAIN),
        ("exposure", "mode", None),
        ("exposure", "compensate_exposure_bias", None),
        ("colorin", "filename", None),
        ("rgbcurve", "curve_num_nodes[0]", None),
        ("basecurve", "basecurve_nodes[0]", None),
        ("colormapping", "n", None),
        ("lens", "inverse", None),
        ("retouch", "rt_forms[7].formid", None),
    ],
)
def test_what_numbers_mean(operation, field, scale):
    found = next(one for one in MODULES.find(operation).fields if one.name == field)
    measure = measure_of(operation, found)
    assert (None if measure is None else measure.scale) == scale


def test_blending_is_laid_out_whole():
    module = BLEND[11]
    spans = [(field.offset, field.size) for field in module.fields]
    spans += [(offset, size) for _, offset, size in BLEND_CHOICES[11]]
    covered = [byte for offset, size in sorted(spans) for byte in range(offset, offset + size)]
    assert covered == list(range(module.size))


def test_opacity_moves_with_the_rest_held():
    blends = [bytearray(range(256)) + bytearray(164) for _ in range(2)]
    for blend, opacity in zip(blends, (100.0, 40.0), strict=True):
        struct.pack_into("<f", blend, 16, opacity)
    first = Step(operation="made_up", version=1, params=b"", blend_version=11, blend=bytes(blends[0]))
    second = replace(first, blend=bytes(blends[1]))
    lane = joined((0, 10), [first, second], [Joint(left=first, right=second, blend=BLEND[11])])
    half = lane.at(5).blend
    assert struct.unpack_from("<f", half, 16) == (70.0,)
    assert half[:16] + half[20:] == first.blend[:16] + first.blend[20:]
