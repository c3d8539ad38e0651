"""What a person wishes of a film: the plan's `[look]` and `[deflicker]`, and what the command line says instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import DURATION
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any

    from dayspool.config import DeflickerSection, PlanFile
    from dayspool.develop import Developer
    from dayspool.look.wish import LookWish
    from dayspool.render import Grading, Progress, ShootLook

__all__ = [
    "DEVELOPER_NAMES",
    "PICTURES",
    "deflicker_options",
    "deflicker_wished",
    "developer_option",
    "graded_as_wished",
    "look_options",
    "smooth_option",
    "wished",
]

# What --developer and --pictures take, for a shell to complete without loading the film's libraries; a test compares.
DEVELOPER_NAMES = ("auto", "darktable", "builtin")
PICTURES = ("auto", "wifi", "card")


def developer_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--developer`, its parameter `developer_name`."""
    return click.option(
        "--developer",
        "developer_name",
        type=click.Choice(DEVELOPER_NAMES),
        default="auto",
        show_default=True,
        help="Who develops the frames; `auto`: darktable for RAW and for looks made in it, else `builtin`, by itself.",
    )(command)


def look_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--look` and `--pictures`, both `None` unless they are said."""
    look = click.option(
        "--look",
        metavar="PATH|none",
        help="A style (.dtstyle), a sidecar (.xmp) or a folder of keyframes' sidecars; none: no edits and no ramps.",
    )
    pictures = click.option(
        "--pictures",
        type=click.Choice(PICTURES),
        help="Frames as they came over Wi-Fi, or originals from the card; auto: originals where every frame has one.",
    )
    return look(pictures(command))


def smooth_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--smooth`, `None` unless it is said."""
    return click.option(
        "--smooth",
        type=DURATION,
        help="What changes more slowly than in so much of the film is light, what changes faster is flicker: 1s.",
    )(command)


def deflicker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--deflicker`, `--smooth` and `--second-pass`, all `None` unless they are said."""
    on = click.option(
        "--deflicker/--no-deflicker",
        default=None,
        help="Whether flicker is taken out of the film; it is unless the plan says otherwise.",
    )
    again = click.option(
        "--second-pass",
        is_flag=True,
        default=None,
        help="Measure developed frames again, and take out what the look added.",
    )
    return on(smooth_option(again(command)))


def deflicker_wished(
    shoot: Path, *, on: bool | None = None, smooth: timedelta | None = None, second_pass: bool | None = None
) -> DeflickerSection:
    """Return what is wished of deflicker, its mask with a path that can be opened from here.

    Args:
        shoot: its folder.
        on: what `--deflicker` or `--no-deflicker` says; `None` for what `[deflicker]` in its plan says, or the default.
        smooth: what `--smooth` says, likewise.
        second_pass: what `--second-pass` says, likewise.

    Raises:
        PlanError: mistakes in the plan, all of them, or a smoothing that cannot be meant.
    """
    from dayspool.config import DeflickerSection, smoothing

    plan = _plan_of(shoot)
    section = (plan.deflicker if plan is not None else None) or DeflickerSection()
    try:
        length = section.smooth if smooth is None else smoothing(smooth)
    except PlanError as error:
        raise PlanError(f"--smooth: {error}") from None
    return replace(
        section,
        on=section.on if on is None else on,
        smooth=length,
        second_pass=section.second_pass if second_pass is None else second_pass,
        mask=None if section.mask is None else shoot / section.mask.expanduser(),
    )


def graded_as_wished(
    made_of: ShootLook,
    section: DeflickerSection,
    *,
    fps: float,
    developer: Developer,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Grading:
    """Return what deflicker makes of a shoot.

    Args:
        made_of: the pictures of the film and their look.
        section: as `deflicker_wished` returns it.
        fps: frames per second of film.
        developer: who develops the frames.
        workers: how many measure at once.
        progress: called after every frame.

    Raises:
        DayspoolError: as `grade_shoot`.
    """
    from dayspool.develop.tone import Tone
    from dayspool.render import grade_shoot

    return grade_shoot(
        made_of,
        wish=section.wish(),
        fps=fps,
        developer=developer,
        mask=section.mask,
        tone=None if section.tone is None else Tone(points=section.tone),
        workers=workers,
        progress=progress,
    )


def wished(shoot: Path, *, look: str | None, pictures: str | None) -> ShootLook:
    """Return the pictures of a shoot's film and the look they are to have.

    Args:
        shoot: its folder.
        look: what `--look` says: a path, `none` for no look at all, or `None` for what `[look]` in its plan says;
            without that, for the edits that lie beside the pictures.
        pictures: what `--pictures` says, likewise.

    Raises:
        PlanError: mistakes in the plan, all of them, or a look that is not there.
        DayspoolError: as `shoot_look`.
    """
    from dayspool.config import LookSection, zone_named
    from dayspool.intake import is_camera_shoot
    from dayspool.render import shoot_look

    camera = is_camera_shoot(shoot)
    plan = _plan_of(shoot)
    section = (plan.look if plan is not None else None) or LookSection()
    said = plan.zone if plan is not None else None
    zone = zone_named(said) if camera or said else UTC
    return shoot_look(
        shoot,
        wish=_wish(section.wish(shoot), look),
        pictures=pictures or section.pictures,
        place=plan.place if plan is not None else None,
        zone=zone,  # unless one is said, times of an import are the camera's own
        camera_zone=None if camera else zone,
        curve=() if look == "none" else section.curve,
    )


def _plan_of(shoot: Path) -> PlanFile | None:
    """Return the plan of a shoot, if it has one."""
    from dayspool.config import FILE_NAME, load_plan
    from dayspool.intake import is_camera_shoot

    path = shoot / FILE_NAME
    return load_plan(path, imported=not is_camera_shoot(shoot)) if path.exists() else None


def _wish(planned: LookWish, look: str | None) -> LookWish:
    """Return what is wished in all: `--look PATH` takes the place of the plan's path, `none` of everything."""
    from dayspool.look.wish import EDITED, NONE, LookWish

    if look is None:
        return planned
    if look == NONE:
        return LookWish(keyframes=NONE)
    # A look that is asked for counts, though the plan asks for none.
    return replace(planned, path=Path(look), keyframes=EDITED if planned.keyframes == NONE else planned.keyframes)
