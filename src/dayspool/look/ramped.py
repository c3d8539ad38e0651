"""Ramps of module fields laid over a shoot's tracks: the plan's values instead of the keyframes'."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.look.base import default_step
from dayspool.look.lane import MOST_FLOAT, Mover, coded
from dayspool.look.semantics import REAL, measure_of
from dayspool.sidecar.schema import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dayspool.look.composer import Track
    from dayspool.look.interpolate import Between
    from dayspool.look.ramp import Line
    from dayspool.sidecar.schema import Field, Module, Modules
    from dayspool.sidecar.step import Step

__all__ = ["ramped", "refuse_misfits"]


_SIGNED = frozenset({Kind.INT8, Kind.SHORT, Kind.INT, Kind.LONG, Kind.ENUM})


@dataclass(frozen=True, slots=True, kw_only=True)
class _RampedTrack:
    """A track with the values of ramps, switched on; where the keyframes do not have it, as darktable begins it."""

    track: Track | None
    otherwise: Step
    slots: tuple[float, ...]
    _movers: Mapping[int, Sequence[Mover]]

    def at(self, slot: float) -> Step:
        step = (self.track and self.track.at(slot)) or self.otherwise
        params = bytearray(step.params)
        for mover in self._movers[step.version]:
            mover.write(params, slot)
        return replace(step, params=bytes(params), enabled=True)

    def holds(self, first: float, last: float) -> bool:
        return False


def refuse_misfits(lines: Sequence[Line], modules: Modules) -> None:
    """Refuse ramps that no darktable could follow.

    Raises:
        PlanError: a module, a field or a value is none that darktable has; all of them, each says what is there.
    """
    problems = [problem for line in lines for problem in _problems(line, modules)]
    if problems:
        raise PlanError(*problems)


def ramped(tracks: Sequence[Track], lines: Sequence[Line], *, modules: Modules, how: Between) -> tuple[Track, ...]:
    """Return the tracks with the fields of ramps set, in each module's first instance, added where it is not there.

    Args:
        tracks: those of the keyframes.
        lines: ramps that `refuse_misfits` lets pass.
        modules: the layouts of parameters.
        how: the mode of interpolation.

    Raises:
        PlanError: a module cannot be added, or is laid out otherwise in a keyframe.
    """
    by_operation: dict[str, list[Line]] = {}
    for line in lines:
        by_operation.setdefault(line.operation, []).append(line)
    result = list(tracks)
    for operation, its in by_operation.items():
        number, track = _first(result, operation)
        made = _laid(track, its, modules=modules, how=how)
        result[number:] = [made, *result[number + 1 :]]
    return tuple(result)


def _problems(line: Line, modules: Modules) -> Iterator[str]:
    module = modules.find(line.operation)
    if module is None:
        near = difflib.get_close_matches(line.operation, [known.operation for known in modules.modules], n=1)
        yield f"darktable {modules.darktable} has no module {line.operation}{_perhaps(near)}: ramp of {line.name}"
        return
    field = _field(module, line.field)
    if field is None:
        near = difflib.get_close_matches(line.field, [known.name for known in module.fields], n=1)
        yield f"the module {line.operation} has no field {line.field}{_perhaps(near)}: ramp of {line.name}"
    elif coded(field) is None:
        yield f"{line.name} is no number and cannot follow a ramp"
    elif field.choices:
        known = {number: name for name, number in field.choices}
        shown = ", ".join(f"{number} {name}" for number, name in known.items())
        yield from (
            f"the ramp of {line.name} goes to {value:g}, which is none of its choices: {shown}"
            for value in line.values
            if value not in known
        )
    else:
        least, most = _range(field)
        for value in line.values:
            if not least <= value <= most:
                yield f"the ramp of {line.name} goes to {value:g}; it must stay between {least:g} and {most:g}"


def _perhaps(near: Sequence[str]) -> str:
    return f" (perhaps {near[0]}?)" if near else ""


def _first(tracks: Sequence[Track], operation: str) -> tuple[int, Track | None]:
    """Return the place and the track of the first instance of a module, or the place for a new one."""
    found = []
    for number, track in enumerate(tracks):
        instances = [step for slot in track.slots if (step := track.at(slot)) is not None]
        if instances and instances[0].operation == operation:
            found.append((instances[0].priority, number, track))
    if not found:
        return len(tracks), None
    _, number, track = min(found, key=lambda one: one[:2])
    return number, track


def _laid(track: Track | None, lines: Sequence[Line], *, modules: Modules, how: Between) -> _RampedTrack:
    operation = lines[0].operation
    keys = [step for slot in track.slots if (step := track.at(slot)) is not None] if track else []
    module = modules.find(operation)
    assert module is not None  # a problem otherwise
    otherwise = keys[0] if keys else default_step(module)
    if otherwise is None:
        raise PlanError(
            f"a ramp cannot add {operation}: what darktable begins it with is not known; put it into a keyframe first"
        )
    movers = {}
    for version, size in sorted({(step.version, len(step.params)) for step in (otherwise, *keys)}):
        layout = modules.find(operation, version)
        fields = [None if layout is None else _field(layout, line.field) for line in lines]
        if layout is None or layout.size != size or None in fields:
            raise PlanError(
                f"a keyframe has {operation} with parameters of version {version} and {size} bytes, which darktable"
                f" {modules.darktable} does not have; open it in this darktable and save it, for the ramp of"
                f" {lines[0].name}"
            )
        movers[version] = [
            _mover(operation, field, line, how) for field, line in zip(fields, lines, strict=True) if field is not None
        ]
    slots = sorted({slot for line in lines for slot in line.slots} | set(track.slots if track else ()))
    return _RampedTrack(track=track, otherwise=otherwise, slots=tuple(slots), _movers=movers)


def _mover(operation: str, field: Field, line: Line, how: Between) -> Mover:
    measure = measure_of(operation, field)
    course = _stepped(line) if measure is None else line.course(how, measure)
    return Mover.of(field, course, line.values)


def _stepped(line: Line) -> Callable[[float], float]:
    """Return the course of a choice: what it was at the last position."""
    return lambda slot: line.values[max(0, sum(position <= slot for position in line.slots) - 1)]


def _range(field: Field) -> tuple[float, float]:
    """Return the least and the greatest number that a field may have, or can hold."""
    bits = 8 * field.size
    if field.kind in REAL:
        least, most = -MOST_FLOAT, MOST_FLOAT
    elif field.kind is Kind.BOOL:
        least, most = 0.0, 1.0
    elif field.kind in _SIGNED:
        least, most = -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1
    else:
        least, most = 0.0, 2.0**bits - 1
    return (
        least if field.minimum is None else max(least, field.minimum),
        most if field.maximum is None else min(most, field.maximum),
    )


def _field(module: Module, name: str) -> Field | None:
    return next((field for field in module.fields if field.name == name), None)
