"""`dayspool plan`: everything that can be known of a shoot before its first frame."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.outlook.needs import SIZE, needs_of
from dayspool.cli.output import Output, json_option
from dayspool.cli.planning import PlanOptions, plan_of, plan_options

if TYPE_CHECKING:
    from dayspool.camera.model import Model
    from dayspool.cli.outlook.outlook import Outlook
    from dayspool.config import PlanFile

__all__ = ["command"]

LIKELY_MODEL = "DSC-RX100M2"


@click.command
@click.argument("shoot", type=click.Path(path_type=Path), required=False)
@plan_options
@click.option("--card", type=SIZE, help="The size of the camera's card, such as 64GB.")
@click.option("--chart", type=click.Path(path_type=Path, dir_okay=False), help="Draw the plan into this SVG file.")
@json_option
def command(shoot: Path | None, options: PlanOptions, card: int | None, chart: Path | None, output: Output) -> None:
    """Show the slots, sun times, film length and storage of SHOOT's plan, or of the same options as `shoot`.

    Of interval, duration, frames and film length any two are enough. Touches nothing but the chart, if one is asked
    for.
    """
    from dayspool.cli.outlook.ahead import outlook_ahead
    from dayspool.cli.outlook.notes import Circumstances, notes
    from dayspool.cli.outlook.telling import sentences, values
    from dayspool.clock import SystemClock

    planned = plan_of(shoot, options)
    now = SystemClock().utc()
    outlook = outlook_ahead(shoot, planned, now)
    own, learned = _camera_of(shoot)
    model = _model(own, planned)
    full_size = planned.camera.postview == "original"
    needs = needs_of(outlook.slots, model=model, full_size=full_size)
    folder = _nearest_there(shoot or Path.cwd())
    around = Circumstances(
        now=now,
        start=planned.from_ if isinstance(planned.from_, datetime) else None,
        model=model,
        own=own is not None,
        postview=planned.camera.postview,
        needs=needs,
        free_bytes=shutil.disk_usage(folder).free,
        folder=str(folder),
        card_bytes=card,
        learned=learned,
    )
    warnings = list(notes(outlook, around))
    if chart is not None:
        _draw(outlook, chart, "dayspool plan" if shoot is None else shoot.absolute().name)
    found = options.reckoning(planned.every)
    told = sentences(outlook, needs, fps=options.fps, full_size=full_size, found=found)
    for line in (*told, *(f"  note: {warning}" for warning in warnings)):
        output.say(line)
    if not output.as_json:
        _show(outlook)
    output.result(values(outlook, needs, fps=options.fps) | {"warnings": warnings})


def _camera_of(shoot: Path | None) -> tuple[str | None, timedelta | None]:
    """Return the model a shoot had last, if it has had any, and the shortest interval that was measured of it."""
    from dayspool.core.busy import shortest_interval
    from dayspool.journal import FILE_NAME, JournalReader

    if shoot is None or not (shoot / FILE_NAME).exists():
        return None, None
    with JournalReader(shoot) as journal:
        session = journal.session()
    return None if session.camera is None else session.camera.model, shortest_interval(session)


def _model(own: str | None, planned: PlanFile) -> Model | None:
    """Return what is known of the shoot's own camera, or of the likely one as long as none is named."""
    from dayspool.camera.models import model_named

    if own is not None:
        return model_named(own)
    return model_named(LIKELY_MODEL) if planned.camera.url is None else None


def _nearest_there(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists: where it would be made."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _show(outlook: Outlook) -> None:
    """Print the strip chart as this terminal can show it."""
    from dayspool.cli.outlook.strip import BLOCKS, PLAIN, coloured, strip_chart

    width = shutil.get_terminal_size().columns
    lines = strip_chart(outlook, width=width, signs=BLOCKS)
    try:
        "".join(lines).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        lines = strip_chart(outlook, width=width, signs=PLAIN)
    for line in ("", *lines) if lines else ():
        click.echo(coloured(line))


def _draw(outlook: Outlook, path: Path, title: str) -> None:
    """Write the SVG chart whole, over an older one."""
    from dayspool.cli.outlook.svg import svg_chart
    from dayspool.cli.svg import write_drawing

    write_drawing(path, svg_chart(outlook, title))
