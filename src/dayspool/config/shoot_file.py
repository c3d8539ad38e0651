"""`shoot.toml` to a typed plan and back: every mistake at once, each with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import cattrs
from cattrs.gen import make_dict_structure_fn, override

from dayspool.config.deflicker_section import DeflickerSection, read_deflicker
from dayspool.config.look_section import LookSection, read_look
from dayspool.config.plan_text import plan_text
from dayspool.config.reading import converter, flattened, parse_moment, read_toml, refuse, told_with_lines
from dayspool.config.sections import CameraSection, PaceSection, PhaseSection, settled, zone_named
from dayspool.core.moments import When, Window  # noqa: TC001 - cattrs reads the annotations at run time
from dayspool.core.plan import LIGHTS, Mistake, Place, Plan
from dayspool.core.ramp import Ramp  # noqa: TC001 - cattrs reads the annotations at run time
from dayspool.core.spoken import parse_days, parse_when, parse_window
from dayspool.errors import JournalUnwritable, PlanError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FILE_NAME", "PlanFile", "load_plan", "parse_place", "save_plan"]

FILE_NAME = "shoot.toml"
_DAY_DEGREES, _NIGHT_DEGREES = 0.0, -12.0  # the horizon, and the end of nautical twilight
_DAY_EV, _NIGHT_EV = 9.0, -1.0  # what a meter reads of the sky about then


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """What `shoot.toml` says; `for_` is written `for`, and `from_` `from`.

    Attributes:
        every: from frame to frame.
        for_: how long.
        frames: how many frames.
        from_: when to begin: a moment, or `sunset-30m` or `06:00` for the next time it comes.
        until: when to end, likewise: the first time it comes after the first frame.
        windows: the parts of each day in which frames are due.
        days: weekdays, Monday is 0; a window belongs to the day of its start.
        zone: where dates and clock times are read, such as `Europe/Berlin`; this machine's if left out.
        offset: moves the slots on the grid of whole intervals since the epoch.
        light: what the interval follows between `day` and `night`: `sun` (if left out) or `meter`.
        day: the interval by day.
        night: the interval at night.
        phase: parts with an interval of their own, written `[[phase]]`.
        place: where the camera stands.
        camera: which one, and what is asked of it.
        ramp: how the exposure follows the light from slot to slot; the camera's business if left out.
        look: how the film is to look, and of which pictures it is made.
        deflicker: how flicker is taken out of it.

    Raises:
        PlanError: the zone is not known here.
    """

    every: timedelta
    for_: timedelta | None = None
    frames: int | None = None
    from_: When | None = None
    until: When | None = None
    windows: tuple[Window, ...] = ()
    days: tuple[int, ...] = ()
    zone: str | None = None
    offset: timedelta = timedelta(0)
    light: str | None = None
    day: PaceSection | None = None
    night: PaceSection | None = None
    phase: tuple[PhaseSection, ...] = ()
    place: Place | None = None
    camera: CameraSection = field(default_factory=CameraSection)
    ramp: Ramp | None = None
    look: LookSection | None = None
    deflicker: DeflickerSection | None = None

    def __post_init__(self) -> None:
        for name in ("from_", "until"):  # what is written without a zone means the plan's own
            object.__setattr__(self, name, settled(getattr(self, name), self.zone))

    def plan(self) -> Plan:
        """Return the plan.

        Raises:
            PlanError: values that do not go together, all of them.
        """
        return Plan(
            interval=self.every,
            length=self.for_,
            frames=self.frames,
            end=self.until,
            start=self.from_,
            phase=self.offset,
            place=self.place,
            zone=zone_named(self.zone),
            windows=self.windows,
            days=self.days,
            phases=tuple(phase.phase(self.zone) for phase in self.phase),
            **self._light(),
        )

    def _light(self) -> dict[str, Any]:
        """Return what the interval follows; where only day or night has its own, the other has the plan's."""
        if self.light is None and self.day is None and self.night is None:
            return {}
        day, night = (section or PaceSection(every=self.every) for section in (self.day, self.night))
        return {
            "light": self.light or "sun",
            "day": day.pace(degrees=_DAY_DEGREES, ev=_DAY_EV) if self.day or self.night else None,
            "night": night.pace(degrees=_NIGHT_DEGREES, ev=_NIGHT_EV) if self.day or self.night else None,
        }


def load_plan(path: Path, *, imported: bool = False) -> PlanFile:
    """Read a plan.

    Args:
        path: the file.
        imported: the shoot is one of pictures that exist: their times are its slots, and `every` may be left out.

    Raises:
        PlanError: it is not there, is no TOML, or holds mistakes: one sentence for each, with its line.
    """
    text, values = read_toml(path)
    if imported:
        values = {"every": _ANY["every"], **values}
    mistakes = list(_mistakes_in(values))
    if mistakes:
        raise told_with_lines(path, text, mistakes)
    planned: PlanFile = _CONVERTER.structure(values, PlanFile)
    return planned


def save_plan(path: Path, planned: PlanFile) -> None:
    """Write a plan for a person to read and edit; never over an existing one.

    Raises:
        PlanError: it is there already.
        JournalUnwritable: the disk refuses.
    """
    data = plan_text(planned).encode()
    try:
        write_whole(path, data)
    except FileExistsError as error:
        raise PlanError(f"the plan {path} is there already; it is not written over") from error
    except OSError as error:
        raise JournalUnwritable(f"the plan {path} cannot be written: {error.strerror or error}") from error


def parse_place(text: str) -> Place:
    """Read `LATITUDE,LONGITUDE` in degrees.

    Raises:
        PlanError: it is no place on Earth.
    """
    parts = text.split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        raise PlanError(f"{text!r} is no place; write degrees north and east: 54.32,10.14") from None
    return Place(latitude=latitude, longitude=longitude)


def _converter() -> cattrs.Converter:
    made = converter()
    read_look(made)
    read_deflicker(made)
    whens: dict[str, Any] = {name: override(rename=name.rstrip("_"), struct_hook=_when) for name in ("from_", "until")}
    others: dict[str, Any] = {
        "for_": override(rename="for"),
        "windows": override(struct_hook=_windows),
        "days": override(struct_hook=_days),
        "zone": override(struct_hook=_zone),
        "light": override(struct_hook=_light),
        "phase": override(struct_hook=lambda value, kind: made.structure(_tables(value), kind)),
    }
    made.register_structure_hook(
        PhaseSection, make_dict_structure_fn(PhaseSection, made, _cattrs_forbid_extra_keys=True, **whens)
    )
    made.register_structure_hook(
        PlanFile, make_dict_structure_fn(PlanFile, made, _cattrs_forbid_extra_keys=True, **whens, **others)
    )
    return made


def _windows(value: Any, _: Any) -> tuple[Window, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        refuse(f'{value!r} are no windows of the day; write them as a list, like ["06:00-22:00"]')
    return tuple(parse_window(text) for text in value)


def _when(value: Any, _: Any) -> When:
    """Read TOML's own dates and times, with or without a zone, and text."""
    if isinstance(value, str | date | time):
        when = parse_when(str(value))
        if isinstance(when, datetime):
            parse_moment(str(value))  # the first and last days of the calendar do not exist in every zone
        return when
    refuse(f'{value!r} is no moment; write 2026-06-21T04:30:00+02:00, or "sunset-30m"')


def _days(value: Any, _: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        return parse_days(value)
    if isinstance(value, list) and value and all(isinstance(day, str) for day in value):
        return parse_days(",".join(value))
    refuse(f'{value!r} are no weekdays; write them in quotes, like "mon-fri"')


def _zone(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        refuse(f'{value!r} is no time zone; write it in quotes, like "Europe/Berlin"')
    zone_named(value)
    return value


def _tables(value: Any) -> list[Any]:
    if isinstance(value, list) and all(isinstance(table, dict) for table in value):
        return value
    refuse("write each phase as a table [[phase]] with name, from, until and every")


def _light(value: Any, _: Any) -> str:
    if value in LIGHTS:
        return str(value)
    refuse(f"the interval follows the light by {' or '.join(LIGHTS)}, not by {value!r}")


_CONVERTER = _converter()
_KEYS = tuple(one.name.rstrip("_") for one in fields(PlanFile))
_ANY = {"every": "10s", "place": {"latitude": 0, "longitude": 0}}  # where they are wrong, that the rest can be checked


def _mistakes_in(values: dict[str, Any]) -> Iterator[Mistake]:
    """Yield all that is wrong with a plan: with each value, and with how those that are right go together."""
    wrong: set[str] = set()
    try:
        _CONVERTER.structure(values, PlanFile)
    except cattrs.BaseValidationError as error:
        for mistake in flattened(error):
            wrong.add(re.split(r"[.\[]", mistake.keys[0])[0])
            yield mistake
    right = {key: value for key, value in values.items() if key in _KEYS and key not in wrong}
    stand_ins = {key: value for key, value in _ANY.items() if key in wrong}
    try:
        _CONVERTER.structure({**right, **stand_ins}, PlanFile).plan()
    except PlanError as error:
        yield from (problem for problem in error.problems if isinstance(problem, Mistake))
