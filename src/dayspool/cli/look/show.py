"""`dayspool look show`: which values of which module move over the shoot."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, counted, film_extra, json_option, note_text, shown
from dayspool.cli.wished import look_options, wished

if TYPE_CHECKING:
    from dayspool.cli.look.course import Courses
    from dayspool.render import ShootLook

__all__ = ["command"]

_MOST_KEYFRAMES = 12  # told one by one


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@look_options
@click.option(
    "-o", "chart", type=click.Path(path_type=Path, dir_okay=False), help="Draw what moves into this SVG file."
)
@json_option
def command(shoot: Path, look: str | None, pictures: str | None, chart: Path | None, output: Output) -> None:
    """Tell what the look of SHOOT does over time: its keyframes, and every value that moves between them.

    Touches nothing but the plot, if one is asked for.
    """
    from dayspool.cli.look.course import courses_of, values_of
    from dayspool.cli.look.plot import svg_plot
    from dayspool.cli.look.table import table
    from dayspool.cli.svg import write_drawing

    with film_extra():
        found = wished(shoot, look=look, pictures=pictures)
    courses = courses_of(found.look, found.pictures, found.zone)
    if chart is not None:
        write_drawing(chart, svg_plot(courses, shoot.absolute().name))
    if found.footage.source == "card" or found.footage.without:
        output.say(found.footage.sentence)
    if found.wish.path is not None:
        output.say(f"the look is {shown(found.wish.path)}")
    for line in (*_keyframes(courses), *_moving(courses, found)):
        output.say(shown(line))
    for line in table(courses, width=shutil.get_terminal_size().columns):
        output.say(line)
    for note in found.notes_for():
        output.say(f"note: {note_text(note)}")
    output.result(
        values_of(courses)
        | {
            "path": found.wish.path,
            "notes": found.notes_for(),
            "needs_darktable": found.look.needs_darktable,
            "chart": chart,
        }
    )


def _keyframes(courses: Courses) -> list[str]:
    """Say which pictures are keyframes."""
    keys = courses.keyframes
    if not keys:
        return [f"{counted(len(courses.pictures), 'frame')} without keyframes"]
    lines = [f"{counted(len(keys), 'keyframe')} of {counted(len(courses.pictures), 'frame')}"]
    for key in keys[:_MOST_KEYFRAMES]:
        lines.append(f"  slot {key.slot}  {key.utc.astimezone(courses.zone):%Y-%m-%d %H:%M:%S}  {key.sidecar.name}")
    if len(keys) > _MOST_KEYFRAMES:
        lines.append(f"  and {len(keys) - _MOST_KEYFRAMES} more; --json names them all")
    return lines


def _moving(courses: Courses, found: ShootLook) -> list[str]:
    """Say what there is to see below."""
    if courses.moves:
        return [f"{counted(len(courses.moves), 'value')} move{'s' if len(courses.moves) == 1 else ''}:"]
    if courses.keyframes or found.look.needs_darktable:
        return ["nothing moves: every frame gets the same development"]
    return [
        "no look: " + ("every RAW file gets the same beginning" if found.footage.raw else "frames stay as they are")
    ]
