"""What is said of a film: what it is made of, how flicker was taken out of it, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from dayspool.cli.output import counted, note_text, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.cli.output import Output
    from dayspool.develop import Choice
    from dayspool.render import FilmReport, Grading, LeftOut, ShootLook
    from dayspool.video import Preset

__all__ = ["deflicker_values", "left_out_text", "tell_beginning", "tell_film", "tell_graded"]

_NAMED = 10  # frames that are named one by one


def tell_beginning(made_of: ShootLook, choice: Choice, output: Output) -> None:
    """Say what is developed, and by whom."""
    output.say(f"developing {made_of.footage.sentence}")
    output.say(f"with {choice.info.name} {choice.info.version}: {choice.reason}")
    for note in made_of.notes_for(choice.info.name):
        output.say(f"  {note_text(note, '  ')}")


def deflicker_values(grading: Grading | None) -> dict[str, Any]:
    """Return what `--json` says of deflicker."""
    if grading is None:
        return {"on": False, "graded": 0, "excluded": [], "odd": [], "lift_ev": 0.0, "notes": []}
    return {
        "on": True,
        "graded": grading.graded,
        "excluded": [asdict(frame) for frame in grading.excluded],
        "odd": [asdict(frame) for frame in grading.odd],
        "lift_ev": round(grading.curves.lift_ev, 5),
        "notes": grading.notes,
    }


def tell_graded(grading: Grading, report: FilmReport, output: Output) -> None:
    """Say what deflicker did; standard error tells what it could not. Frames left out of the film are told of later."""
    absent = {frame.slot for frame in report.left_out}
    if grading.graded:
        output.say(f"flicker taken out of {counted(grading.graded, 'frame')}")
    elif len(grading.excluded) < len(grading.curves.slots):
        output.say("nothing flickers")
    if grading.curves.lift_ev:
        output.say(f"  all are brightened by {grading.curves.lift_ev:.2f} EV, so that burnt-out light stays white")
    for note in grading.notes:
        output.say(f"  {note_text(note, '  ')}")
    by_remedy: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in grading.odd:
        if one.slot not in absent:
            by_remedy[one.kind.value, one.remedy.value].append(one.slot)
    for (kind, remedy), slots in by_remedy.items():
        output.say(f"  {counted(len(slots), 'frame')} {kind} ({remedy}): slot {_slots_text(slots)}")
    excluded = [frame for frame in grading.excluded if frame.slot not in absent]
    if excluded:
        click.echo(_excluded_text(excluded), err=True)


def _slots_text(slots: Sequence[int]) -> str:
    more = f" and {len(slots) - _NAMED} more" if len(slots) > _NAMED else ""
    return ", ".join(map(str, slots[:_NAMED])) + more


def _excluded_text(excluded: Sequence[LeftOut]) -> str:
    """Say how many frames could not be measured beside the others, and name the first of them."""
    lines = [f"{counted(len(excluded), 'frame')} not measured beside the others, so not graded by what they show"]
    return _listed(lines, excluded)


def tell_film(report: FilmReport, preset: Preset, output: Output) -> None:
    """Say what film it is, and what is not in it."""
    output.say(
        f"{shown(report.film)}: {report.frames} frames, {report.seconds:.1f} s, {report.width}×{report.height} "
        f"at {float(report.fps):g} frames per second"
    )
    if report.below_preset:
        across, down = report.pictures_px
        output.say(
            f"the pictures are {across}×{down}, so the film is {report.width}×{report.height}, "
            f"smaller than {preset.name}'s {preset.width}×{preset.height}: nothing is enlarged"
        )
    if report.left_out:
        click.echo(left_out_text(report.left_out, len(report.left_out) + report.frames), err=True)


def left_out_text(left: Sequence[LeftOut], tried: int) -> str:
    """Say how many frames are missing and name the first of them; standard error shows it in any case."""
    lines = [f"{len(left)} of {counted(tried, 'frame')} left out; the first: {shown(left[0].reason)}"]
    return _listed(lines, left, said=1)


def _listed(lines: list[str], left: Sequence[LeftOut], said: int = 0) -> str:
    lines = [*lines, *(f"  slot {frame.slot}: {shown(frame.reason)}" for frame in left[said:_NAMED])]
    if len(left) > _NAMED:
        lines.append(f"  and {len(left) - _NAMED} more; --json names them all")
    return "\n".join(lines)
