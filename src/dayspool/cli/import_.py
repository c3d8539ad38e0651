"""`dayspool import`: make a shoot of pictures that exist already, or bring a shoot's originals from the card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import DURATION, Output, json_option, shown
from dayspool.core.plan import duration_text
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["command"]

_NAMED = 20


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--every", type=DURATION, help="The interval, where the pictures of a new shoot do not tell it.")
@click.option("--link", is_flag=True, help="Hard links to the originals instead of copies, on the same file system.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    shoot: Path,
    paths: tuple[Path, ...],
    every: timedelta | None,
    link: bool,
    dry_run: bool,
    output: Output,
) -> None:
    r"""Bring the originals on a camera's card into the shoot that it took, or make a shoot of pictures.

    Which of the two, SHOOT decides:

    \b
    - a shoot that `dayspool shoot` took: PATHS are the camera's card
    - a new folder, or one that an import made: PATHS are the pictures

    From a card, the JPEG and ARW files (in DCIM, or in any copy of its folders) are matched to slots by their EXIF and
    order, whatever the camera's clock says. Each goes to cards/ under its slot's name, is read back and compared; a
    JPEG also fills a gap. What is not clear is told and left alone.

    Of pictures (JPEG or RAW; of two of one name the RAW), the interval and every picture's slot come from EXIF; slots
    without a picture are gaps. Sidecars beside them come along.

    Card and pictures are only read. An interrupted import is gone on with by the same command.
    """
    from dayspool.intake import is_camera_shoot

    if not is_camera_shoot(shoot):
        if link:
            raise PlanError("--link is for the originals of a shoot that exists; a new shoot gets copies")
        _make_shoot(shoot, paths, every, output, dry_run=dry_run)
        return
    if every is not None:
        raise PlanError(f"--every is for a new shoot; {shoot} was taken with a camera and has its slots")
    from dayspool.cli.card_import import bring

    if not bring(shoot, paths, output, link=link, dry_run=dry_run):
        context.exit(1)


def _make_shoot(
    shoot: Path, paths: tuple[Path, ...], every: timedelta | None, output: Output, *, dry_run: bool
) -> None:
    from dayspool.clock import SystemClock
    from dayspool.intake import import_pictures, plan_import

    if dry_run:
        plan = plan_import(paths, every)
        schedule, imported, gaps, unreadable = plan.schedule, len(plan.placed), plan.gaps, plan.unreadable
    else:
        report = import_pictures(shoot, paths, every=every, utc=SystemClock().utc)
        schedule, imported, gaps, unreadable = report.schedule, report.imported, report.gaps, report.unreadable
    would = "would have " if dry_run else ""
    output.say(
        f"{shown(shoot)}: {would}{imported} frames, one every {duration_text(schedule.interval_at(0))}, "
        f"{len(gaps)} gaps"
    )
    for slot in gaps[:_NAMED]:
        output.say(f"  gap: slot {slot}, {schedule.instant(slot):%Y-%m-%d %H:%M:%S} by the camera's clock")
    if len(gaps) > _NAMED:
        output.say(f"  … and {len(gaps) - _NAMED} more")
    for left in unreadable:
        output.say(f"  left out: {shown(left.path)}: {shown(left.reason)}")
    output.result(
        {
            "imported": imported,
            "matched": imported,
            "unmatched": [str(left.path) for left in unreadable],
            "gaps": len(gaps),
            "gap_slots": gaps,
            "interval_seconds": schedule.interval_at(0).total_seconds(),
            "dry_run": dry_run,
        }
    )
