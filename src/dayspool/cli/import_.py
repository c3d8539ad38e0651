"""`dayspool import`: make a shoot of pictures that exist already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import DURATION, Output, json_option, shown
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["command"]


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--every", type=DURATION, help="The interval, where the pictures do not tell it.")
@json_option
def command(shoot: Path, paths: tuple[Path, ...], every: timedelta | None, output: Output) -> None:
    """Make the shoot SHOOT of the pictures in PATHS (folders or files).

    The interval and every picture's slot come from EXIF; slots without a picture are gaps. The originals are only read.
    """
    from dayspool.clock import SystemClock
    from dayspool.intake import import_pictures

    report = import_pictures(shoot, paths, every=every, utc=SystemClock().utc)
    output.say(
        f"{shoot}: {report.imported} frames, one every {duration_text(report.schedule.interval_at(0))}, "
        f"{len(report.gaps)} gaps"
    )
    for slot in report.gaps[:20]:
        due = report.schedule.instant(slot)
        output.say(f"  gap: slot {slot}, {due:%Y-%m-%d %H:%M:%S} by the camera's clock")
    if len(report.gaps) > 20:
        output.say(f"  … and {len(report.gaps) - 20} more")
    for left in report.unreadable:
        output.say(f"  left out: {shown(left.path)}: {shown(left.reason)}")
    output.result(
        {
            "imported": report.imported,
            "matched": report.imported,
            "unmatched": [str(left.path) for left in report.unreadable],
            "gaps": len(report.gaps),
            "gap_slots": report.gaps,
            "interval_seconds": report.schedule.interval_at(0).total_seconds(),
        }
    )
