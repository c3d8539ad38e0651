"""`dayspool look preview`: a contact sheet of evenly spaced frames, developed with the look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.ending import ended_by_signals
from dayspool.cli.film_told import left_out_text
from dayspool.cli.hush import only_our_words
from dayspool.cli.output import Output, counted, film_extra, json_option, note_text, shown
from dayspool.cli.wished import developer_option, look_options, wished
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from dayspool.render import ShootLook

__all__ = ["command"]


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@look_options
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The sheet, a PNG.")
@click.option(
    "--frames", "most", type=click.IntRange(1, 200), default=24, show_default=True, help="How many frames to show."
)
@developer_option
@json_option
def command(
    shoot: Path, look: str | None, pictures: str | None, out: Path, most: int, developer_name: str, output: Output
) -> None:
    """Draw evenly spaced frames of SHOOT, developed with the look, on one contact sheet: keyframes are framed.

    Frames are scaled down inside the developer, so that a sheet takes seconds.
    """
    if out.suffix.lower() != ".png":
        raise PlanError(f"-o {out}: the sheet is a PNG file; give it a name that ends in .png")
    if not out.absolute().parent.is_dir():
        raise PlanError(f"{out.parent} is not there: make that folder first, or correct -o")
    with film_extra():
        from dayspool.develop import choose
        from dayspool.render import contact_sheet

        found = wished(shoot, look=look, pictures=pictures)
    with ended_by_signals("the preview"), only_our_words():
        choice = choose(developer_name, needs_darktable=found.needs_darktable, raws=found.raws)
        frames = found.frames_for(choice.info.name)
        notes = found.notes_for(choice.info.name)
        output.say(f"developed with {choice.info.name} {choice.info.version}: {choice.reason}")
        for note in notes:
            output.say(f"  {note_text(note, '  ')}")
        keyframes = frozenset(keyframe.slot for keyframe in found.look.keyframes)
        sheet = contact_sheet(
            frames, out=out, developer=choice.developer, most=most, captions=_captions(found), marked=keyframes
        )
    shown_keyframes = sorted(keyframes.intersection(sheet.slots))
    output.say(
        f"{shown(out)}: {len(sheet.slots)} of {counted(len(frames), 'frame')}, "
        f"{counted(len(shown_keyframes), 'keyframe')}"
    )
    if sheet.left_out:
        click.echo(left_out_text(sheet.left_out, len(sheet.slots)), err=True)
    output.result(
        {
            "sheet": out.absolute(),
            "slots": sheet.slots,
            "keyframes": shown_keyframes,
            "frames": len(frames),
            "developer": choice.info.name,
            "notes": notes,
            "left_out": sheet.left_out,
        }
    )


def _captions(found: ShootLook) -> dict[int, str]:
    """Return slot and time of each picture, as they stand under it."""
    keyframes = {keyframe.slot for keyframe in found.look.keyframes}
    return {
        picture.slot: f"{'keyframe, ' if picture.slot in keyframes else ''}slot {picture.slot}, "
        f"{picture.utc.astimezone(found.zone):%H:%M:%S}"
        for picture in found.pictures
    }
