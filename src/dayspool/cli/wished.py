"""What a person wishes of developing: the plan's `[look]`, and what `--look`, `--pictures` and `--developer` say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dayspool.look.wish import LookWish
    from dayspool.render import ShootLook

__all__ = ["DEVELOPER_NAMES", "PICTURES", "developer_option", "look_options", "wished"]

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
    from dayspool.config import FILE_NAME, LookSection, load_plan, zone_named
    from dayspool.intake import is_camera_shoot
    from dayspool.render import shoot_look

    camera = is_camera_shoot(shoot)
    path = shoot / FILE_NAME
    plan = load_plan(path, imported=not camera) if path.exists() else None
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


def _wish(planned: LookWish, look: str | None) -> LookWish:
    """Return what is wished in all: `--look PATH` takes the place of the plan's path, `none` of everything."""
    from dayspool.look.wish import EDITED, NONE, LookWish

    if look is None:
        return planned
    if look == NONE:
        return LookWish(keyframes=NONE)
    # A look that is asked for counts, though the plan asks for none.
    return replace(planned, path=Path(look), keyframes=EDITED if planned.keyframes == NONE else planned.keyframes)
