"""A plan written the way a person would: `shoot.toml` as text that reads back the same."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from dayspool.config.deflicker_section import DeflickerSection
from dayspool.config.look_section import LookSection
from dayspool.core.plan import duration_text
from dayspool.core.spoken import days_text, when_text, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.config.sections import PaceSection
    from dayspool.config.shoot_file import PlanFile
    from dayspool.core.moments import When
    from dayspool.core.ramp import Ramp

__all__ = ["plan_text"]

_LOOK_DEFAULTS = {one.name: one.default for one in fields(LookSection)}
_DEFLICKER_DEFAULTS = {one.name: one.default for one in fields(DeflickerSection)}


def plan_text(planned: PlanFile) -> str:
    """Return the file that says what `planned` says."""
    lines = ["# The plan of this shoot. Edit it, then run `dayspool shoot` on the folder again.", ""]
    lines += [*_top(planned), *_tables(planned)]
    return "\n".join(lines) + "\n"


def _top(planned: PlanFile) -> Iterator[str]:
    fixed = "" if planned.windows or planned.days or planned.phase or planned.light else "; fixed once it has begun"
    yield f'every = "{duration_text(planned.every)}"  # from frame to frame{fixed}'
    if planned.for_ is not None:
        yield f'for = "{duration_text(planned.for_)}"'
    if planned.frames is not None:
        yield f"frames = {planned.frames}"
    for name, when in (("from", planned.from_), ("until", planned.until)):
        if when is not None:
            yield f"{name} = {_when(when)}"
    if planned.windows:
        yield f"windows = [{', '.join(_quoted(window_text(window)) for window in planned.windows)}]"
    if planned.days:
        yield f'days = "{days_text(planned.days)}"'
    if planned.zone is not None:
        yield f"zone = {_quoted(planned.zone)}"
    if planned.offset:
        yield f'offset = "{duration_text(planned.offset)}"'
    if planned.light is not None:
        yield f'light = "{planned.light}"'


def _tables(planned: PlanFile) -> Iterator[str]:
    for name, pace in (("day", planned.day), ("night", planned.night)):
        if pace is not None:
            yield from ("", f"[{name}]", *_pace(pace))
    for phase in planned.phase:
        yield from ("", "[[phase]]", f"name = {_quoted(phase.name)}", f"from = {_when(phase.from_)}")
        yield from (f"until = {_when(phase.until)}", f'every = "{duration_text(phase.every)}"')
    if planned.place is not None:
        place = planned.place
        yield from ("", "[place]", f"latitude = {place.latitude!r}", f"longitude = {place.longitude!r}")
    if planned.ramp is not None:
        yield from ("", "[ramp]", *_ramp(planned.ramp))
    if planned.look is not None:
        yield from _look(planned.look)
    if planned.deflicker is not None:
        yield from _deflicker(planned.deflicker)
    camera = (("url", planned.camera.url), ("postview", planned.camera.postview))
    said = [f"{name} = {_quoted(value)}" for name, value in camera if value is not None]
    if said:
        yield from ("", "[camera]", *said)


def _ramp(ramp: Ramp) -> Iterator[str]:
    for one in fields(ramp):
        value = getattr(ramp, one.name)
        if value is not None and value != one.default:
            yield f"{one.name} = {json.dumps(value)}"


def _look(look: LookSection) -> Iterator[str]:
    """Yield the table `[look]` and the one of its ramps; what is as it would be without being said is left out."""
    every = {one.name: getattr(look, one.name) for one in fields(look) if one.name != "ramp"}
    said = {name: value for name, value in every.items() if value != _LOOK_DEFAULTS[name]}
    if said or not look.ramp:
        yield from ("", "[look]")
    for name, value in said.items():
        yield f"{name} = {_value(value)}"
    if look.ramp:
        yield from ("", "[look.ramp]")
    for name, ramp in look.ramp.items():
        points = ", ".join(f"{_quoted(at)} = {value!r}" for at, value in ramp.items())
        yield f"{_quoted(name)} = {{{points}}}"


def _deflicker(section: DeflickerSection) -> Iterator[str]:
    """Yield the table `[deflicker]` and those of its keyframes and odd frames; defaults are left out."""
    every = {one.name: getattr(section, one.name) for one in fields(section)}
    keyframes, odd = every.pop("keyframes"), every.pop("odd")
    said = {name: value for name, value in every.items() if value != _DEFLICKER_DEFAULTS[name]}
    if said or not (keyframes or odd):
        yield from ("", "[deflicker]")
    for name, value in said.items():
        yield f"{name} = {_value(value)}"
    for table, values in (("keyframes", keyframes), ("odd", odd)):
        if values:
            yield from ("", f"[deflicker.{table}]", *(f"{key} = {_value(value)}" for key, value in values.items()))


def _value(value: object) -> str:
    if isinstance(value, timedelta):
        return _quoted(duration_text(value))
    return _quoted(str(value)) if isinstance(value, str | PurePath) else json.dumps(value)


def _pace(pace: PaceSection) -> Iterator[str]:
    yield f'every = "{duration_text(pace.every)}"'
    for name, value in (("sun", pace.sun), ("ev", pace.ev)):
        if value is not None:
            yield f"{name} = {value!r}"


def _when(when: When) -> str:
    return when.isoformat() if isinstance(when, datetime) else _quoted(when_text(when))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # which TOML refuses and JSON does not
