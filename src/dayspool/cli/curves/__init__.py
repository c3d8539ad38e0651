"""`dayspool curves`: measure every frame, solve, and show what deflicker would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.bar import counting
from dayspool.cli.ending import ended_by_signals
from dayspool.cli.hush import only_our_words
from dayspool.cli.output import Output, counted, film_extra, json_option, note_text, shown
from dayspool.cli.wished import (
    deflicker_wished,
    developer_option,
    graded_as_wished,
    look_options,
    smooth_option,
    wished,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from dayspool.cli.curves.account import Account
    from dayspool.render import Grading, ShootLook
    from dayspool.render import Progress as Told

__all__ = ["command"]

_NAMED = 10  # odd frames that are named one by one
_OFF = "render leaves this shoot as it is: [deflicker] in its plan says on = false"


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "out",
    type=click.Path(path_type=Path),
    help="Draw the curves into this file: .svg, .html (with numbers under the pointer), .csv or .json.",
)
@smooth_option
@click.option("--fps", type=click.IntRange(1, 240), help="Frames per second of film, if not the 30 of `render`.")
@developer_option
@look_options
@json_option
def command(
    shoot: Path,
    out: Path | None,
    smooth: timedelta | None,
    fps: int | None,
    developer_name: str,
    look: str | None,
    pictures: str | None,
    output: Output,
) -> None:
    """Measure the frames of SHOOT and solve: how bright they came out, what the light did, what each is changed by.

    `render` does the same and takes what was measured here. No picture is changed; what is the matter with odd frames
    goes into the journal, as it does when rendering.
    """
    from dayspool.cli.curves.files import check_name, write_curves

    if out is not None:
        check_name(out)
    with film_extra():
        from dayspool.develop import choose
        from dayspool.video import preset
    with ended_by_signals("measuring"), only_our_words(), counting(output, "measure", "frames") as bar:
        section = deflicker_wished(shoot, smooth=smooth)
        made_of = wished(shoot, look=look, pictures=pictures)

        def hear(told: Told) -> None:
            if bar is not None:
                bar(told.stage, told.done, told.total)

        choice = choose(developer_name, needs_darktable=made_of.needs_darktable, raws=made_of.raws)
        fps_of_film = float(preset("youtube-4k").fps if fps is None else fps)
        grading = graded_as_wished(made_of, section, fps=fps_of_film, developer=choice.developer, progress=hear)
    account = _account(shoot, made_of, grading, notes=() if section.on else (_OFF,))
    if out is not None:
        write_curves(out, account, shoot.absolute().name)
    _tell(account, out, output)
    output.result({**account.values(), "curves": None if out is None else out.absolute()})


def _account(shoot: Path, made_of: ShootLook, grading: Grading, *, notes: tuple[str, ...]) -> Account:
    from dayspool.cli.curves.account import Note, account_of
    from dayspool.journal import JournalReader
    from dayspool.sun import sun_over

    with JournalReader(shoot) as journal:
        schedule = journal.session().schedule
        assert schedule is not None, "a shoot with pictures has begun"
        gaps = [(row.slot, row.gap_reason) for row in journal.gaps() if row.gap_reason is not None]
    moments = {picture.slot: picture.utc for picture in made_of.pictures}
    return account_of(
        grading.curves,
        moments=moments,
        excluded={one.slot: one.reason for one in grading.excluded},
        odd={one.slot: Note(kind=one.kind, remedy=one.remedy, sentence=one.sentence) for one in grading.odd},
        gaps=[(slot, reason) for slot, reason in gaps if slot not in moments],
        due=schedule.instant,
        sun=None if made_of.place is None else sun_over(made_of.place),
        zone=made_of.zone,
        notes=(*notes, *grading.notes),
    )


def _tell(account: Account, out: Path | None, output: Output) -> None:
    """Say in a few lines what came out."""
    graded = [row for row in account.rows if row.excluded is None]
    output.say(f"{counted(len(graded), 'frame')} of {len(account.rows)} measured")
    if graded:
        most = max(graded, key=lambda row: abs(row.grade_ev or 0.0))
        flicker = (sum((row.grade_ev or 0.0) ** 2 for row in graded) / len(graded)) ** 0.5
        output.say(f"grades: {flicker:.3f} EV in the mean (RMS), at most {most.grade_ev:+.3f} EV (slot {most.slot})")
    if account.lift_ev:
        output.say(f"all are brightened by {account.lift_ev:.2f} EV of that, so that burnt-out light stays white")
    odd = [row for row in account.rows if row.odd or row.excluded]
    for row in odd[:_NAMED]:
        done = f" ({row.remedy})" if row.remedy else ""
        output.say(f"  slot {row.slot}: {shown(row.excluded or account.sentences[row.slot])}{done}")
    if len(odd) > _NAMED:
        output.say(f"  and {len(odd) - _NAMED} more; --json names them all")
    for note in account.notes:
        output.say(f"note: {note_text(note)}")
    if out is not None:
        output.say(f"drawn into {shown(out)}")
