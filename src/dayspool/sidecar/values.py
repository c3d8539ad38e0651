"""A module's parameters as named values, and back: only what is named changes."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from dayspool.sidecar.schema import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sidecar.schema import Field, Module, Value

__all__ = ["code_of", "packed", "unpack"]

_CODES = {
    Kind.FLOAT: "<f",
    Kind.DOUBLE: "<d",
    Kind.INT8: "<b",
    Kind.UINT8: "<B",
    Kind.SHORT: "<h",
    Kind.USHORT: "<H",
    Kind.INT: "<i",
    Kind.UINT: "<I",
    Kind.LONG: "<q",
    Kind.ULONG: "<Q",
    Kind.BOOL: "<i",
    Kind.ENUM: "<i",
}
_NARROW = {"<q": "<i", "<Q": "<I"}  # a C long has 4 bytes on some systems
_BYTES = frozenset({Kind.TEXT, Kind.OPAQUE})
_REAL = frozenset({Kind.FLOAT, Kind.DOUBLE})


def unpack(module: Module, params: bytes) -> dict[str, Value]:
    """Return every field of a module's parameters by name; fields of a union share their bytes.

    Text comes without what follows its first zero byte.

    Raises:
        ValueError: the parameters have not the length of this version of the module.
    """
    _refuse_other_length(module, params)
    return {field.name: _value(field, params) for field in module.fields}


def packed(module: Module, params: bytes, changes: Mapping[str, Value]) -> bytes:
    """Return the parameters with some fields changed and every other byte as it was, in the order of `changes`.

    What a field holds already, and what its module starts from, is legal whatever the bounds say: darktable 4.2.1
    starts `borders.aspect` from -1 and bounds it by 1 and 3.

    Raises:
        ValueError: the parameters have another length, there is no such field, or a value is not one that it takes.
    """
    _refuse_other_length(module, params)
    fields = {field.name: field for field in module.fields}
    made = bytearray(params)
    for name, value in changes.items():
        if name not in fields:
            raise ValueError(f"{module.operation} (version {module.version}) has no field {name!r}")
        field = fields[name]
        if value != _value(field, made):
            made[field.offset : field.offset + field.size] = _bytes(module, field, value)
    return bytes(made)


def _refuse_other_length(module: Module, params: bytes) -> None:
    if len(params) != module.size:
        raise ValueError(
            f"parameters of {module.operation} (version {module.version}) have {module.size} bytes, not {len(params)}"
        )


def _value(field: Field, params: bytes | bytearray) -> Value:
    part = bytes(params[field.offset : field.offset + field.size])
    if field.kind is Kind.TEXT:
        return part.partition(b"\0")[0]
    if field.kind is Kind.OPAQUE:
        return part
    value: float | int = struct.unpack(code_of(field), part)[0]
    return value


def _bytes(module: Module, field: Field, value: Value) -> bytes:
    what = f"{module.operation}.{field.name}"
    if field.kind in _BYTES:
        return _exact_bytes(what, field, value)
    if isinstance(value, bytes):
        raise ValueError(f"{what} is a number, not bytes")  # noqa: TRY004 - every bad value is a ValueError here
    _refuse_out_of_range(what, field, value)
    try:
        return struct.pack(code_of(field), value if field.kind in _REAL else _whole(what, value))
    except (struct.error, OverflowError) as fault:
        raise ValueError(f"{what} cannot hold {value}: {fault}") from fault


def _exact_bytes(what: str, field: Field, value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(f"{what} takes bytes, not the number {value}")  # noqa: TRY004 - as above
    if field.kind is Kind.TEXT and len(value) < field.size:
        return value.ljust(field.size, b"\0")  # shorter than its room, so that a zero byte ends it
    if field.kind is Kind.OPAQUE and len(value) == field.size:
        return value
    room = f"up to {field.size - 1}" if field.kind is Kind.TEXT else f"{field.size}"
    raise ValueError(f"{what} takes {room} bytes, not {len(value)}")


def _refuse_out_of_range(what: str, field: Field, value: float) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{what} cannot be {value}")
    if field.choices and value not in {number for _, number in field.choices}:
        raise ValueError(f"{what} cannot be {value}; it is one of {', '.join(name for name, _ in field.choices)}")
    low, high = field.minimum, field.maximum
    if field.kind is Kind.BOOL:
        low, high = 0, 1
    # Both a bound such as 0.1 and the nearest number that the field can hold, which may lie outside, are legal.
    below = low is not None and value < min(low, _held(field, low))
    if field.default is not None and value in (field.default, _held(field, field.default)):
        return
    if below or (high is not None and value > max(high, _held(field, high))):
        raise ValueError(f"{what} takes {low} to {high}, not {value}")


def _held(field: Field, bound: float) -> float:
    if field.kind is not Kind.FLOAT or not math.isfinite(bound):
        return bound
    held: float = struct.unpack("<f", struct.pack("<f", bound))[0]
    return held


def _whole(what: str, value: float) -> int:
    if value != int(value):
        raise ValueError(f"{what} is a whole number, not {value}")
    return int(value)


def code_of(field: Field) -> str:
    """Return how `struct` spells the number in a field; text and opaque fields hold none."""
    code = _CODES[field.kind]
    return code if struct.calcsize(code) == field.size else _NARROW.get(code, code)
