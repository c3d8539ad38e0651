"""`dayspool look apply`: the look as sidecars beside the pictures, for darktable to open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.bar import counting
from dayspool.cli.ending import ended_by_signals
from dayspool.cli.output import Output, film_extra, json_option, note_text
from dayspool.cli.wished import look_options, wished
from dayspool.errors import DayspoolError, PlanError

if TYPE_CHECKING:
    from dayspool.look.apply import Fate
    from dayspool.look.wish import Picture

__all__ = ["command"]

_MOST = 10  # slots named one by one
_SLOTS = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?")


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@look_options
@click.option("--slots", metavar="A-B", help="Only the pictures of these slots, such as 100-250, or of one.")
@click.option("--remove", is_flag=True, help="Take back what was written and not edited since.")
@click.option("--dry-run", "dry", is_flag=True, help="Tell what would be written; write nothing.")
@click.option("--force", is_flag=True, help="Write although a running darktable has the pictures in its library.")
@json_option
def command(
    shoot: Path,
    look: str | None,
    pictures: str | None,
    slots: str | None,
    remove: bool,
    dry: bool,
    force: bool,
    output: Output,
) -> None:
    """Write the look of SHOOT beside its pictures: a sidecar for each frame that is no keyframe.

    They are marked as written by dayspool. One that holds an edit of yours is never touched; one of ours that you go on
    editing in darktable is yours from then on, and a keyframe. Stars and labels stay. Runs again to go on, and to renew
    what changed.

    Does nothing while a running darktable has the pictures in its library. A darktable that has had them in its library
    before goes on with what it knows of them, unless it is told to look for updated sidecars when it starts
    (preferences, storage).
    """
    with film_extra():
        from dayspool.look.apply import Fate, apply_look, remove_look
        from dayspool.look.wish import NONE

        found = wished(shoot, look=NONE if remove else look, pictures=pictures)  # no keyframe is read to take back
    wanted = _within(found.pictures, slots)
    if not remove and not (found.look.keyframes or found.look.moves or found.look.needs_darktable):
        raise PlanError(
            f"{shoot} has no look to write: edit a picture of {wanted[0].path.parent} in darktable first, or write a "
            "ramp under [look.ramp] in shoot.toml"
        )
    notes = () if remove else found.notes_for("darktable")
    if not remove:
        found.refuse_ignored()
    for note in notes:
        output.say(f"note: {note_text(note)}")
    work = remove_look(wanted, dry=dry, force=force) if remove else apply_look(found.look, wanted, dry=dry, force=force)
    slots_by_fate: dict[Fate, list[int]] = {fate: [] for fate in Fate}
    try:
        with (
            ended_by_signals("writing", "what was written is whole, and the same command goes on from there"),
            counting(output, "sidecars", "files") as bar,
        ):
            for index, applied in enumerate(work):
                slots_by_fate[applied.fate].append(applied.picture.slot)
                if bar is not None:
                    bar("sidecars", index + 1, len(wanted))
    except DayspoolError as error:
        if any(slots_by_fate.values()):
            error.add_note(f"until then: {_told(slots_by_fate, dry=dry)}")
        raise
    output.say(_told(slots_by_fate, dry=dry))
    left = slots_by_fate[Fate.LEFT]
    if left:
        output.say(f"  left alone (an edit that the look does not follow, or unreadable): slot {_some(left)}")
    counts = {fate.value: len(slots) for fate, slots in slots_by_fate.items()}
    output.result(counts | {"left_slots": left, "dry_run": dry, "notes": notes})


def _told(slots_by_fate: dict[Fate, list[int]], *, dry: bool) -> str:
    """Say how many files had which fate; those that nothing had are left out."""
    from dayspool.look.apply import Fate

    words = {
        Fate.WRITTEN: "to write" if dry else "written",
        Fate.RENEWED: "to renew" if dry else "renewed",
        Fate.UNCHANGED: "unchanged",
        Fate.KEYFRAME: "kept as keyframes",
        Fate.LEFT: "left alone",
        Fate.REMOVED: "to remove" if dry else "removed",
        Fate.ABSENT: "without a sidecar of ours",
    }
    told = [f"{len(slots)} {words[fate]}" for fate, slots in slots_by_fate.items() if slots]
    return f"sidecars: {', '.join(told) or 'none'}"


def _some(slots: list[int]) -> str:
    more = f" and {len(slots) - _MOST} more" if len(slots) > _MOST else ""
    return ", ".join(str(slot) for slot in slots[:_MOST]) + more


def _within(pictures: tuple[Picture, ...], slots: str | None) -> tuple[Picture, ...]:
    """Return the pictures of a range of slots.

    Raises:
        PlanError: it is no range, or has no picture.
    """
    if slots is None:
        return pictures
    match = _SLOTS.fullmatch(slots.strip())
    if match is None:
        raise PlanError(f"--slots {slots}: write a range like 100-250, or one slot like 100")
    first, last = int(match[1]), int(match[2] or match[1])
    within = tuple(picture for picture in pictures if first <= picture.slot <= last)
    if not within:
        raise PlanError(f"--slots {slots}: no picture there; there are {pictures[0].slot} to {pictures[-1].slot}")
    return within
