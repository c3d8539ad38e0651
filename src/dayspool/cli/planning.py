"""The options that describe a plan, shared by `plan` and `shoot`, and the plan a folder may have already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from dayspool.cli.output import DURATION, camera_option
from dayspool.config import FILE_NAME, CameraSection, PlanFile, load_plan, parse_place, settled, zone_named
from dayspool.core.calculator import FPS, Asked, parse_fps, reckon
from dayspool.core.camera import POSTVIEW_SIZES
from dayspool.core.plan import Mistake, mistakes_under
from dayspool.core.ramp import Ramp
from dayspool.core.spoken import parse_days, parse_when, parse_window
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from pathlib import Path

    from dayspool.core.calculator import Reckoning

__all__ = ["PlanOptions", "plan_of", "plan_options"]


class _FramesPerSecond(click.ParamType["Fraction"]):
    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        try:
            return parse_fps(str(value))
        except PlanError as error:
            self.fail(str(error), param, ctx)


_FPS = _FramesPerSecond()
_WHEN = "A date 2026-06-22T06:00 (or with a zone: +02:00), or the next sunset-30m, dawn, 06:00."
_ANY_INTERVAL = timedelta(seconds=10)  # stands in for a missing one, so that the rest can be checked


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What was said on the command line; `None` where nothing was."""

    every: timedelta | None
    length: timedelta | None
    frames: int | None
    film: timedelta | None
    fps: Fraction
    from_: str | None
    until: str | None
    windows: tuple[str, ...]
    days: str | None
    zone: str | None
    place: str | None
    camera: str | None
    postview: str | None
    ramp: bool = False

    def plan_file(self, instead_of: Path | None = None) -> PlanFile:
        """Return the plan these options describe; `instead_of` a written one that is not there.

        Raises:
            PlanError: they do not describe one; every mistake at once.
        """
        said, problems = self._read()
        if "every" not in said and self.film is None:
            why = "" if instead_of is None else f"{instead_of} is not there; "
            problems.insert(0, Mistake(f"{why}say how often to shoot, such as --every 10s", "every"))
        planned = PlanFile(**{"every": _ANY_INTERVAL, **said})
        try:
            planned.plan()
        except PlanError as error:
            raise PlanError(*dict.fromkeys((*problems, *error.problems))) from None
        if problems:
            raise PlanError(*problems)
        return planned

    def contradictions(self, planned: PlanFile) -> list[str]:
        """Return what was said here that the written plan says differently; the camera may move.

        Raises:
            PlanError: what was said makes no sense.
        """
        said, problems = self._read(planned.every)
        if problems:
            raise PlanError(*problems)
        asked = PlanFile(**{"every": planned.every, "zone": planned.zone, **said})  # reads moments in its zone
        differing = [
            key.rstrip("_")
            for key in said
            if key != "camera" and getattr(planned, key) != getattr(asked, key) and not (key == "ramp" and planned.ramp)
        ]
        return [*differing, "postview"] if self.postview not in (None, planned.camera.postview) else differing

    def reckoning(self, every: timedelta | None = None) -> Reckoning | None:
        """Return interval and frames where they follow from a film's length, or from `--for` and `--frames` together.

        Args:
            every: the interval where none was said, if it is known.

        Raises:
            PlanError: nothing follows; too little was said, or too much.
        """
        interval = self.every or every
        if self.film is None and (interval is not None or self.length is None or self.frames is None):
            return None
        if interval is None and (self.windows or self.days):
            raise PlanError(Mistake("an interval is not sought within windows; say --every", "window"))
        if interval is None and self.length is None and self.until is not None:
            length = self._between_moments()
            return reckon(Asked(length=length, frames=self.frames, film=self.film, fps=self.fps))
        every = self.every if self.length is not None else interval
        return reckon(Asked(interval=every, length=self.length, frames=self.frames, film=self.film, fps=self.fps))

    def _between_moments(self) -> timedelta:
        """Return how long it is from `--from` to `--until`, where both are dates."""
        begins, ends = (
            None if text is None else settled(parse_when(text), self.zone) for text in (self.from_, self.until)
        )
        if not isinstance(begins, datetime) or not isinstance(ends, datetime):
            raise PlanError(
                Mistake(
                    "an interval is sought between two dates: say --from and --until as such, or --for", "film", "until"
                )
            )
        return ends - begins

    def _reckoned(self, every: timedelta | None) -> dict[str, Any]:
        """Return what the calculator makes of it, by the plan's names; nothing where nothing is left to be found."""
        found = self.reckoning(every)
        if found is None:
            return {}
        gone = {"for_": None} if self.every is not None or every is not None else {"for_": None, "until": None}
        return {**gone, "every": found.interval, "frames": found.frames}

    def _read(self, every: timedelta | None = None) -> tuple[dict[str, Any], list[Mistake]]:
        """Return what was said, by the plan's names, and what of it makes no sense; `every` as for `reckoning`."""
        said: dict[str, Any] = {"every": self.every, "for_": self.length, "frames": self.frames}
        problems: list[Mistake] = []
        texts: tuple[tuple[str, Callable[[str], object], str | None], ...] = (
            ("zone", lambda text: str(zone_named(text)), self.zone),
            ("from_", parse_when, self.from_),
            ("until", parse_when, self.until),
            ("days", parse_days, self.days),
            ("place", parse_place, self.place),
            ("camera", lambda text: CameraSection(url=text, postview=self.postview), self.camera),
        )
        for key, parse, text in texts:
            try:
                said[key] = None if text is None else parse(text)
            except PlanError as error:
                problems += mistakes_under(key.rstrip("_"), error)
        try:
            said["windows"] = tuple(parse_window(text) for text in self.windows) or None
        except PlanError as error:
            problems += mistakes_under("window", error)
        if self.ramp:
            said["ramp"] = Ramp()
        if self.camera is None and self.postview is not None:
            said["camera"] = CameraSection(postview=self.postview)
        if not problems:
            try:
                said |= self._reckoned(every)
            except PlanError as error:
                problems += (problem for problem in error.problems if isinstance(problem, Mistake))
        return {key: value for key, value in said.items() if value is not None}, problems


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that describe a plan; the command gets them as one argument `options`."""

    @click.option("--every", type=DURATION, help="From frame to frame: 10s, 1m30s.")
    @click.option("--for", "length", type=DURATION, help="How long: 24h, 3d.")
    @click.option("--frames", type=int, help="How many frames.")
    @click.option(
        "--film", type=DURATION, help="How long the film shall be: 20s; instead of --every, --for or --frames."
    )
    @click.option("--fps", type=_FPS, default=str(FPS), show_default=True, help="Frames per second of that film.")
    @click.option("--from", "from_", metavar="WHEN", help=f"When to begin; at once if left out. {_WHEN}")
    @click.option("--until", metavar="WHEN", help="When to end, likewise.")
    @click.option(
        "--window",
        "windows",
        metavar="SPAN",
        multiple=True,
        help="Frames in this part of each day only: 06:00-22:00, sunset-1h..sunrise+1h. May be given several times.",
    )
    @click.option("--days", metavar="DAYS", help="Windows that begin on these weekdays only: mon-fri, sat,sun.")
    @click.option("--zone", metavar="ZONE", help="Where clocks are read: Europe/Berlin; as this machine's if left out.")
    @click.option("--place", metavar="LAT,LON", help="Where the camera stands, in degrees, for the sun.")
    @click.option(
        "--postview",
        type=click.Choice(tuple(POSTVIEW_SIZES)),
        help="Size of the pictures over Wi-Fi, where the camera can choose; as the camera is if left out.",
    )
    @click.option(
        "--ramp", is_flag=True, help="Let the exposure follow the light, through dusk and dawn (needs Pillow)."
    )
    @camera_option
    def with_options(**values: Any) -> Any:
        names = PlanOptions.__slots__
        return function(options=PlanOptions(**{name: values.pop(name) for name in names}), **values)

    with_options.__doc__ = function.__doc__
    here = with_options.__click_params__  # type: ignore[attr-defined]
    with_options.__click_params__ = getattr(function, "__click_params__", []) + here  # type: ignore[attr-defined]
    return with_options


def plan_of(shoot: Path | None, options: PlanOptions) -> PlanFile:
    """Return the plan of a folder, or what the options say where it has none yet.

    Raises:
        PlanError: neither makes a plan, or both do and they differ.
    """
    path = None if shoot is None else shoot / FILE_NAME
    if path is None or not path.exists():
        return options.plan_file(path)
    planned = load_plan(path)
    if differing := options.contradictions(planned):
        raise PlanError(
            f"{', '.join(differing)}: {path} says otherwise; leave it out to go on as planned, or edit that file"
        )
    return replace(planned, camera=replace(planned.camera, url=options.camera)) if options.camera else planned
