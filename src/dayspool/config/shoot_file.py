"""`shoot.toml` to a typed plan and back: every mistake at once, each with its line."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import cattrs
from cattrs.gen import make_dict_structure_fn, override

from dayspool.config.reading import converter, flattened, parse_moment, read_toml, told_with_lines
from dayspool.core.camera import POSTVIEW_SIZES
from dayspool.core.plan import Mistake, Place, Plan, duration_text, mistakes_under
from dayspool.discovery.address import parse_target
from dayspool.errors import JournalUnwritable, PlanError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FILE_NAME", "CameraSection", "PlanFile", "load_plan", "parse_moment", "parse_place", "save_plan"]

FILE_NAME = "shoot.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSection:
    """Which camera, and what is asked of it.

    Attributes:
        url: its address, or none to search for it.
        postview: the size of its pictures over Wi-Fi, `original` or `2M`; none leaves it as the camera is.

    Raises:
        PlanError: `url` is no address of a camera, `postview` no size; both with what is wrong.
    """

    url: str | None = None
    postview: str | None = None

    def __post_init__(self) -> None:
        problems: list[Mistake] = []
        if self.url is not None:
            try:
                parse_target(self.url)
            except PlanError as error:
                problems += mistakes_under("url", error)
        if self.postview is not None and self.postview not in POSTVIEW_SIZES:
            sizes = " or ".join(POSTVIEW_SIZES)
            problems.append(Mistake(f"pictures come as {sizes}, not as {self.postview!r}", "postview"))
        if problems:
            raise PlanError(*problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """What `shoot.toml` says; `for_` is written `for`."""

    every: timedelta
    for_: timedelta | None = None
    frames: int | None = None
    until: datetime | None = None
    start: datetime | None = None
    phase: timedelta = timedelta(0)
    place: Place | None = None
    camera: CameraSection = CameraSection()

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
            start=self.start,
            phase=self.phase,
            place=self.place,
        )


def load_plan(path: Path) -> PlanFile:
    """Read a plan.

    Raises:
        PlanError: it is not there, is no TOML, or holds mistakes: one sentence for each, with its line.
    """
    text, values = read_toml(path)
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
    lines = ["# The plan of this shoot. Edit it, then run `dayspool shoot` on the folder again.", ""]
    lines.append(f'every = "{duration_text(planned.every)}"  # from frame to frame; fixed once the shoot has begun')
    if planned.for_ is not None:
        lines.append(f'for = "{duration_text(planned.for_)}"')
    if planned.frames is not None:
        lines.append(f"frames = {planned.frames}")
    lines += [
        f"{name} = {moment.isoformat()}"
        for name, moment in (("until", planned.until), ("start", planned.start))
        if moment is not None
    ]
    if planned.phase:
        lines.append(f'phase = "{duration_text(planned.phase)}"')
    if planned.place is not None:
        place = planned.place
        lines += ["", "[place]", f"latitude = {place.latitude!r}", f"longitude = {place.longitude!r}"]
    camera = (("url", planned.camera.url), ("postview", planned.camera.postview))
    said = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in camera if value is not None]
    if said:
        lines += ["", "[camera]", *said]
    try:
        write_whole(path, ("\n".join(lines) + "\n").encode())
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
    made.register_structure_hook(
        PlanFile,
        make_dict_structure_fn(PlanFile, made, _cattrs_forbid_extra_keys=True, for_=override(rename="for")),
    )
    return made


_CONVERTER = _converter()
_KEYS = tuple(field.name.rstrip("_") for field in fields(PlanFile))
_ANY_INTERVAL = "10s"  # stands in for a missing or wrong one, so that the rest can be checked


def _mistakes_in(values: dict[str, Any]) -> Iterator[Mistake]:
    """Yield all that is wrong with a plan: with each value, and with how those that are right go together."""
    wrong: set[str] = set()
    try:
        _CONVERTER.structure(values, PlanFile)
    except cattrs.BaseValidationError as error:
        for mistake in flattened(error):
            wrong.add(mistake.keys[0].split(".")[0])
            yield mistake
    right = {key: value for key, value in values.items() if key in _KEYS and key not in wrong}
    try:
        _CONVERTER.structure({"every": _ANY_INTERVAL, **right}, PlanFile).plan()
    except PlanError as error:
        yield from (problem for problem in error.problems if isinstance(problem, Mistake))
