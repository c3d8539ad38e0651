"""Parameters as named values."""

from __future__ import annotations

import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.sidecar.schema import Field, Kind, Module, Value
from dayspool.sidecar.values import packed, unpack

REAL = st.floats(width=32, allow_nan=False, allow_infinity=False)
VALUES: dict[Kind, tuple[int, st.SearchStrategy[Value]]] = {
    Kind.FLOAT: (4, REAL),
    Kind.DOUBLE: (8, st.floats(allow_nan=False, allow_infinity=False)),
    Kind.INT8: (1, st.integers(-(1 << 7), (1 << 7) - 1)),
    Kind.UINT8: (1, st.integers(0, (1 << 8) - 1)),
    Kind.SHORT: (2, st.integers(-(1 << 15), (1 << 15) - 1)),
    Kind.USHORT: (2, st.integers(0, (1 << 16) - 1)),
    Kind.INT: (4, st.integers(-(1 << 31), (1 << 31) - 1)),
    Kind.UINT: (4, st.integers(0, (1 << 32) - 1)),
    Kind.LONG: (8, st.integers(-(1 << 63), (1 << 63) - 1)),
    Kind.ULONG: (8, st.integers(0, (1 << 64) - 1)),
    Kind.BOOL: (4, st.integers(0, 1)),
    Kind.ENUM: (4, st.integers(-5, 5)),
    Kind.TEXT: (9, st.binary(max_size=8).map(lambda text: text.replace(b"\0", b"x"))),
    Kind.OPAQUE: (5, st.binary(min_size=5, max_size=5)),
}


def every_kind() -> Module:
    fields, offset = [], 3  # nothing says that fields are aligned
    for kind, (size, _) in VALUES.items():
        fields.append(Field(name=kind.value, kind=kind, offset=offset, size=size))
        offset += size + 1
    return Module(operation="everything", version=1, size=offset, fields=tuple(fields))


EVERYTHING = every_kind()


@given(st.binary(min_size=EVERYTHING.size, max_size=EVERYTHING.size), st.data())
def test_every_kind_comes_back_and_nothing_else_changes(params: bytes, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(EVERYTHING.fields))
    value = data.draw(VALUES[field.kind][1])
    changed = packed(EVERYTHING, params, {field.name: value})
    assert unpack(EVERYTHING, changed)[field.name] == value
    end = field.offset + field.size
    assert (changed[: field.offset], changed[end:]) == (params[: field.offset], params[end:])
    assert packed(EVERYTHING, params, {}) == params


def test_little_endian_whatever_the_machine() -> None:
    params = packed(EVERYTHING, bytes(EVERYTHING.size), {"int": 1, "float": 1.0})
    assert struct.pack("<i", 1) in params
    assert struct.pack("<f", 1.0) in params


def test_fields_of_a_union_share_their_bytes() -> None:
    union = Module(
        operation="union",
        version=1,
        size=8,
        fields=(
            Field(name="one.x", kind=Kind.FLOAT, offset=0, size=4),
            Field(name="other.n", kind=Kind.INT, offset=0, size=4),
            Field(name="other.tail", kind=Kind.INT, offset=4, size=4),
        ),
    )
    changed = packed(union, bytes(8), {"one.x": 1.0})
    assert unpack(union, changed) == {"one.x": 1.0, "other.n": 0x3F800000, "other.tail": 0}


LIMITED = Module(
    operation="exposure",
    version=6,
    size=25,
    fields=(
        Field(name="exposure", kind=Kind.FLOAT, offset=0, size=4, minimum=-18.0, maximum=18.0),
        Field(name="tenth", kind=Kind.FLOAT, offset=4, size=4, minimum=0.1, maximum=0.7),
        Field(name="mode", kind=Kind.ENUM, offset=8, size=4, choices=(("MANUAL", 0), ("AUTOMATIC", 1))),
        Field(name="switch", kind=Kind.BOOL, offset=12, size=4),
        Field(name="count", kind=Kind.UINT8, offset=16, size=1),
        Field(name="name", kind=Kind.TEXT, offset=17, size=4),
        Field(name="rest", kind=Kind.OPAQUE, offset=21, size=4),
    ),
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"exposure": 18.5}, "takes -18.0 to 18.0"),
        ({"exposure": float("nan")}, "cannot be nan"),
        ({"exposure": float("-inf")}, "cannot be -inf"),
        ({"exposure": b"\0\0\0\0"}, "is a number"),
        ({"mode": 2}, "one of MANUAL, AUTOMATIC"),
        ({"mode": 0.5}, "one of MANUAL, AUTOMATIC"),
        ({"switch": 2}, "takes 0 to 1"),
        ({"count": 256}, "cannot hold 256"),
        ({"count": 1.5}, "whole number"),
        ({"name": b"four"}, "up to 3 bytes"),
        ({"name": 4}, "takes bytes"),
        ({"rest": b"12345"}, "takes 4 bytes"),
        ({"nonsense": 1}, "exposure (version 6) has no field 'nonsense'"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change: dict[str, Value], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        packed(LIMITED, bytes(25), change)


def test_bounds_are_those_that_the_field_can_hold() -> None:
    params = packed(LIMITED, bytes(25), {"tenth": 0.1})
    held = unpack(LIMITED, params)["tenth"]
    assert packed(LIMITED, params, {"tenth": held}) == params
    assert packed(LIMITED, params, {"tenth": 0.7})


def test_what_is_there_and_what_a_module_starts_from_is_legal_whatever_the_bounds() -> None:
    aspect = Field(name="aspect", kind=Kind.FLOAT, offset=0, size=4, minimum=1.0, maximum=3.0, default=-1.0)
    borders = Module(operation="borders", version=3, size=4, fields=(aspect,))
    there = struct.pack("<f", 7.0)
    assert packed(borders, there, {"aspect": 7.0}) == there
    assert packed(borders, there, {"aspect": -1.0}) == struct.pack("<f", -1.0)
    with pytest.raises(ValueError, match=re.escape("takes 1.0 to 3.0, not 0.5")):
        packed(borders, there, {"aspect": 0.5})


@pytest.mark.parametrize("length", [0, 24, 26])
def test_parameters_of_another_length_are_refused(length: int) -> None:
    for attempt in (lambda: unpack(LIMITED, bytes(length)), lambda: packed(LIMITED, bytes(length), {})):
        with pytest.raises(ValueError, match=f"have 25 bytes, not {length}"):
            attempt()


def test_text_ends_at_its_first_zero_and_leaves_no_rest_behind() -> None:
    params = packed(LIMITED, b"\xff" * 25, {"name": b"a"})
    assert unpack(LIMITED, params)["name"] == b"a"
    assert params[17:21] == b"a\0\0\0"
