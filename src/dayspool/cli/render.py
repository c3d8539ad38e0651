"""`dayspool render`: develop every frame, then make the film of them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option, needs_extra
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dayspool.render import FilmReport, Progress
    from dayspool.video import Preset

__all__ = ["command", "render_shoot"]


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), help="The film; else one in SHOOT/films.")
@click.option("--preset", "preset_name", default="youtube-4k", show_default=True, help="youtube-4k, 1080p, preview.")
@click.option(
    "--developer",
    "developer_name",
    type=click.Choice(["auto", "darktable", "builtin"]),
    default="auto",
    show_default=True,
    help="Who develops the frames.",
)
@click.option("--fps", type=click.IntRange(1, 240), help="Frames per second of film, instead of the preset's.")
@click.option("--aspect", metavar="W:H|keep", help="Crop to this shape instead of 16:9; `keep` crops nothing.")
@click.option("--workers", type=click.IntRange(min=1), help="How many developers side by side; else one per core.")
@json_option
def command(
    shoot: Path,
    out: Path | None,
    preset_name: str,
    developer_name: str,
    fps: int | None,
    aspect: str | None,
    workers: int | None,
    output: Output,
) -> None:
    """Develop every frame of SHOOT, then make the film.

    Frames come in slot order, and a film is never larger than its pictures.
    """
    try:
        from dayspool.video import preset
    except ModuleNotFoundError as error:
        raise needs_extra("film", error.name or "av") from error
    chosen = _changed(preset(preset_name), fps=fps, aspect=aspect)
    report = render_shoot(
        shoot,
        out=out or shoot / "films" / f"{shoot.absolute().name}-{preset_name}.mp4",
        preset=chosen,
        developer_name=developer_name,
        workers=workers,
        output=output,
    )
    output.result(
        {
            "film": report.film.absolute(),
            "frames": report.frames,
            "reels": 1,  # today a film is encoded in one run
            "reels_reused": 0,
            "seconds": report.seconds,
            "width": report.width,
            "height": report.height,
            "developer": report.developer.name,
            "left_out": [asdict(frame) for frame in report.left_out],
        }
    )


def render_shoot(
    shoot: Path, *, out: Path, preset: Preset, developer_name: str, workers: int | None, output: Output
) -> FilmReport:
    """Make the film of a shoot and tell a person how it went.

    Raises:
        PlanError, FilmError, ToolError, JournalError: as the parts.
    """
    from dayspool.develop import choose
    from dayspool.render import frames_of, render

    frames = frames_of(shoot)
    choice = choose(developer_name)
    output.say(f"developing {len(frames)} frames with {choice.info.name} {choice.info.version}: {choice.reason}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanError(f"{out.parent} cannot be made: {error.strerror}") from error
    with _bar(output) as progress:
        report = render(frames, out=out, preset=preset, developer=choice.developer, workers=workers, progress=progress)
    for left in report.left_out:
        output.say(f"left out: slot {left.slot}: {left.reason}")
    output.say(
        f"{report.film}: {report.frames} frames, {report.seconds:.1f} s, {report.width}×{report.height} "
        f"at {float(report.fps):g} frames per second"
    )
    return report


def _changed(preset: Preset, *, fps: int | None, aspect: str | None) -> Preset:
    if fps is not None:
        preset = replace(preset, fps=Fraction(fps))
    if aspect is None:
        return preset
    if aspect == "keep":
        return replace(preset, aspect=None)
    match = re.fullmatch(r"([1-9]\d{0,3}):([1-9]\d{0,3})", aspect)
    if match is None:
        raise PlanError(f"aspect {aspect!r} is no shape; write 16:9, 3:2, 1:1 or keep")
    return replace(preset, aspect=Fraction(int(match[1]), int(match[2])))


@contextmanager
def _bar(output: Output) -> Iterator[Callable[[Progress], None] | None]:
    """Show a bar with rate and time left on a terminal; elsewhere, nothing."""
    from rich.console import Console

    console = Console(stderr=True)
    if output.as_json or not console.is_terminal:
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.speed:.1f}/s"))
    with Progress(*columns[:3], TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("develop", total=None)
        yield lambda told: bar.update(task, total=told.total, completed=told.done, description=told.stage)
