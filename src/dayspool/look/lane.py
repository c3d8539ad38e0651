"""One instance of one module over all keyframes: its numbers move, the rest changes at the keyframe."""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dayspool.look.interpolate import Between, Measure, between
from dayspool.look.semantics import REAL, counted_by, kept_in_order, measure_of, none_at
from dayspool.sidecar.schema import Kind
from dayspool.sidecar.values import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dayspool.sidecar.schema import Field, Module
    from dayspool.sidecar.step import Step

__all__ = ["MOST_FLOAT", "Joint", "Lane", "Mover", "coded", "joined"]

_NO_NUMBERS = frozenset({Kind.TEXT, Kind.OPAQUE})
MOST_FLOAT = 3.4028234663852886e38
"""The largest number that a float of four bytes holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What lies between two neighbouring keyframes.

    Attributes:
        left: the instance on the left, or what stands for it there; `None` where there is none until the keyframe.
        right: likewise on the right.
        module: the layout that both have and along which they move; `None` where the left one is held.
        blend: the same for blending.
    """

    left: Step | None
    right: Step | None
    module: Module | None = None
    blend: Module | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """A field on its way: where it is written, how, its course, and how far it may go."""

    offset: int
    code: struct.Struct
    course: Callable[[float], float]
    least: float
    most: float
    whole: bool

    @staticmethod
    def of(field: Field, course: Callable[[float], float], keys: Sequence[float]) -> Mover:
        """Return a mover within the legal range, or that of the keys where they go beyond it."""
        code = coded(field)
        assert code is not None, "only numbers move"
        least = -MOST_FLOAT if field.minimum is None else min(field.minimum, *keys)
        most = MOST_FLOAT if field.maximum is None else max(field.maximum, *keys)
        whole = field.kind not in REAL
        return Mover(offset=field.offset, code=code, course=course, least=least, most=most, whole=whole)

    def write(self, params: bytearray, slot: float) -> None:
        """Write the value at a slot into parameters."""
        value = min(max(self.course(slot), self.least), self.most)
        self.code.pack_into(params, self.offset, round(value) if self.whole else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Between two keyframes: what is held, and what moves on top of it."""

    held: Step | None
    params: tuple[Mover, ...] = ()
    blend: tuple[Mover, ...] = ()

    def at(self, slot: float) -> Step | None:
        if self.held is None or not (self.params or self.blend):
            return self.held
        params = _written(self.held.params, self.params, slot)
        blend = self.held.blend and _written(self.held.blend, self.blend, slot)
        return replace(self.held, params=params, blend=blend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One instance of one module over the shoot.

    Attributes:
        slots: where the keyframes lie, rising.
        keys: what they say of it; `None` where they do not have it.
    """

    slots: tuple[float, ...]
    keys: tuple[Step | None, ...]
    _spans: tuple[_Span, ...]

    def at(self, slot: float) -> Step | None:
        """Return the instance at a slot; at a keyframe exactly what that says, before and after all as at the ends."""
        right = bisect_right(self.slots, slot)
        if right == 0 or right == len(self.slots) or self.slots[right - 1] == slot:
            return self.keys[max(0, right - 1)]
        return self._spans[right - 1].at(slot)

    def holds(self, first: float, last: float) -> bool:
        """Say whether it stays the same between two slots that lie between the same neighbouring keyframes."""
        span = bisect_right(self.slots, (first + last) / 2)
        if first == last or span in (0, len(self.slots)):
            return True
        return not (self._spans[span - 1].params or self._spans[span - 1].blend)


def joined(
    slots: Sequence[float], keys: Sequence[Step | None], joints: Sequence[Joint], *, how: Between = Between.LINEAR
) -> Lane:
    """Return the lane of an instance.

    Args:
        slots: where the keyframes lie, rising.
        keys: what each says of the instance.
        joints: what lies between each two neighbours, one less than keyframes.
        how: the mode of interpolation.
    """
    params = _moving(slots, joints, how=how, of=_params)
    blends = _moving(slots, joints, how=how, of=_blend)
    spans = tuple(
        _Span(held=joint.left, params=tuple(params[number]), blend=tuple(blends[number]))
        for number, joint in enumerate(joints)
    )
    return Lane(slots=tuple(slots), keys=tuple(keys), _spans=spans)


def coded(field: Field) -> struct.Struct | None:
    """Return how a field's number is written, or `None` if it is text or opaque."""
    return None if field.kind in _NO_NUMBERS else struct.Struct(code_of(field))


def _params(joint: Joint) -> tuple[Module, bytes, bytes] | None:
    if joint.module is None or joint.left is None or joint.right is None:
        return None
    return joint.module, joint.left.params, joint.right.params


def _blend(joint: Joint) -> tuple[Module, bytes, bytes] | None:
    if joint.blend is None or joint.left is None or joint.right is None:
        return None
    return joint.blend, joint.left.blend or b"", joint.right.blend or b""


def _moving(
    slots: Sequence[float],
    joints: Sequence[Joint],
    *,
    how: Between,
    of: Callable[[Joint], tuple[Module, bytes, bytes] | None],
) -> list[list[Mover]]:
    """Return for every joint what moves there; a course goes on over keyframes as long as it can."""
    movers: list[list[Mover]] = [[] for _ in joints]
    for begin, end in _runs(joints, of):
        first = of(joints[begin])
        assert first is not None
        module, blobs = first[0], [first[1]]
        blobs += [ends[2] for joint in joints[begin:end] if (ends := of(joint)) is not None]
        for number, mover in _run_movers(slots[begin : end + 1], blobs, module, how):
            movers[begin + number].append(mover)
    return movers


def _runs(
    joints: Sequence[Joint], of: Callable[[Joint], tuple[Module, bytes, bytes] | None]
) -> Iterator[tuple[int, int]]:
    """Yield stretches of joints (first, behind the last) over which the same layout moves without a jump."""
    begin: int | None = None
    before: tuple[Module, bytes, bytes] | None = None
    for number, joint in enumerate(joints):
        ends = of(joint)
        joins = ends is not None and before is not None and before[0] == ends[0] and before[2] == ends[1]
        if begin is not None and not joins:
            yield begin, number
            begin = None
        if begin is None and ends is not None:
            begin = number
        before = ends
    if begin is not None:
        yield begin, len(joints)


def _run_movers(
    slots: Sequence[float], blobs: Sequence[bytes], module: Module, how: Between
) -> Iterator[tuple[int, Mover]]:
    """Yield every field that moves in a run, and in which of its joints."""
    differing = [field for field in module.fields if len({_part(blob, field) for blob in blobs}) > 1]
    frozen = _frozen(differing, blobs)
    written = 0
    for field in differing:
        measure = measure_of(module.operation, field)
        code = coded(field)
        if measure is None or code is None or field.offset < written:  # of the fields of a union the first
            continue
        written = field.offset + field.size
        course = Between.LINEAR if kept_in_order(field) else how
        values = [float(code.unpack_from(blob, field.offset)[0]) for blob in blobs]
        nothing = none_at(module.operation, field)
        if nothing is not None:
            values = [math.nan if value == nothing else value for value in values]
        held = [number in frozen.get(field.name, ()) for number in range(len(slots) - 1)]
        yield from _field_movers(slots, values, held, field=field, measure=measure, how=course)


def _field_movers(
    slots: Sequence[float],
    values: Sequence[float],
    held: Sequence[bool],
    *,
    field: Field,
    measure: Measure,
    how: Between,
) -> Iterator[tuple[int, Mover]]:
    """Yield the courses of one field; it is held where it must be, and beside what is no number."""
    open_ = [not stop and math.isfinite(values[at]) and math.isfinite(values[at + 1]) for at, stop in enumerate(held)]
    begin = 0
    while begin < len(open_):
        end = begin
        while end < len(open_) and open_[end]:
            end += 1
        if end > begin:
            keys = values[begin : end + 1]
            course = between(slots[begin : end + 1], keys, how=how, measure=measure)
            for number in range(begin, end):
                if values[number] != values[number + 1]:
                    yield number, Mover.of(field, course, keys)
        begin = end + 1


def _frozen(fields: Sequence[Field], blobs: Sequence[bytes]) -> dict[str, set[int]]:
    """Return in which joints fields are held because the number of rows that count differs there."""
    frozen: dict[str, set[int]] = {}
    for counter in fields:
        pattern = counted_by(counter)
        if pattern is None:
            continue
        parts = [_part(blob, counter) for blob in blobs]
        changed = {number for number in range(len(parts) - 1) if parts[number] != parts[number + 1]}
        for field in fields:
            if pattern.fullmatch(field.name):
                frozen.setdefault(field.name, set()).update(changed)
    return frozen


def _part(blob: bytes, field: Field) -> bytes:
    return blob[field.offset : field.offset + field.size]


def _written(held: bytes, movers: Sequence[Mover], slot: float) -> bytes:
    params = bytearray(held)
    for mover in movers:
        mover.write(params, slot)
    return bytes(params)
