"""`dayspool render`: develop every frame, then make the film of them."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from dayspool.cli.bar import counting
from dayspool.cli.ending import ended_by_signals
from dayspool.cli.film_told import deflicker_values, tell_beginning, tell_film, tell_graded
from dayspool.cli.hush import only_our_words
from dayspool.cli.output import Output, film_extra, json_option
from dayspool.cli.wished import (
    deflicker_options,
    deflicker_wished,
    developer_option,
    graded_as_wished,
    look_options,
    wished,
)
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from dayspool.config import DeflickerSection
    from dayspool.develop import Developer
    from dayspool.render import FilmReport, FrameFile, Grading, ShootLook
    from dayspool.render import Progress as Told
    from dayspool.video import Preset

__all__ = ["PRESET_NAMES", "command", "render_shoot"]

# What --preset takes, for a shell to complete without loading the film's libraries; a test compares.
PRESET_NAMES = ("youtube-4k", "1080p", "preview")
_WIDEST = Fraction(4)  # beyond it, and below its inverse, nearly nothing of a picture is left


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.option(
    "-o", "out", type=click.Path(dir_okay=False, path_type=Path), help="The film, an MP4; else one in SHOOT/films."
)
@click.option(
    "--preset",
    "preset_name",
    type=click.Choice(PRESET_NAMES),
    default=PRESET_NAMES[0],
    show_default=True,
    help="What the film is made like.",
)
@developer_option
@look_options
@deflicker_options
@click.option("--fps", type=click.IntRange(1, 240), help="Frames per second of film, instead of the preset's.")
@click.option("--aspect", metavar="W:H|keep", help="Crop to this shape instead of 16:9; `keep` crops nothing.")
@click.option("--workers", type=click.IntRange(min=1), help="How many developers side by side; else what fits.")
@json_option
def command(
    shoot: Path,
    out: Path | None,
    preset_name: str,
    developer_name: str,
    look: str | None,
    pictures: str | None,
    deflicker: bool | None,
    smooth: timedelta | None,
    second_pass: bool | None,
    fps: int | None,
    aspect: str | None,
    workers: int | None,
    output: Output,
) -> None:
    """Develop every frame of SHOOT, then make the film.

    Frames come in slot order, and a film is never larger than its pictures. Pictures that were edited in darktable are
    keyframes: what their sidecars say moves from one to the next. `dayspool look` shows how.

    Flicker is taken out before the look: `dayspool curves` shows it, `[deflicker]` in the plan says how.
    """
    with film_extra():
        from dayspool.video import preset
    report, made_of, grading = render_shoot(
        shoot,
        out=_film_path(shoot, out, preset_name),
        preset=_changed(preset(preset_name), fps=fps, aspect=aspect),
        developer_name=developer_name,
        look=look,
        pictures=pictures,
        deflicker=deflicker_wished(shoot, on=deflicker, smooth=smooth, second_pass=second_pass),
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
            "below_preset": report.below_preset,
            "developer": report.developer.name,
            "left_out": [asdict(frame) for frame in report.left_out],
            "look": {
                "keyframes": [keyframe.slot for keyframe in made_of.look.keyframes],
                "path": made_of.wish.path,
                "notes": made_of.notes_for(report.developer.name),
            },
            "deflicker": deflicker_values(grading),
            "pictures": {
                "source": made_of.footage.source,
                "raw": made_of.footage.raw,
                "recovered": made_of.footage.recovered,
                "without": made_of.footage.without,
            },
        }
    )


def render_shoot(
    shoot: Path,
    *,
    out: Path,
    preset: Preset,
    developer_name: str,
    output: Output,
    look: str | None = None,
    pictures: str | None = None,
    deflicker: DeflickerSection | None = None,
    workers: int | None = None,
) -> tuple[FilmReport, ShootLook, Grading | None]:
    """Make the film of a shoot and tell a person how it went; return what came of what, and how it was graded.

    Args:
        shoot: its folder.
        out: the film.
        preset: what it is made like.
        developer_name: who develops, or `auto`.
        output: tells a person.
        look: what `--look` says.
        pictures: what `--pictures` says.
        deflicker: how flicker is taken out; what the plan says if left out.
        workers: how many developers side by side.

    Raises:
        PlanError, FilmError, FrameError, ToolError, JournalError: as the parts.
        FilmError: SIGTERM or SIGHUP came; everything half-made is gone.
    """
    with film_extra():
        from dayspool.develop import choose
        from dayspool.render import render
    with ended_by_signals("rendering"), only_our_words():
        made_of = wished(shoot, look=look, pictures=pictures)
        _refuse_folder(out, shoot)
        choice = choose(developer_name, needs_darktable=made_of.needs_darktable, raws=made_of.raws)
        tell_beginning(made_of, choice, output)
        section = deflicker or deflicker_wished(shoot)
        _make_ours(out, shoot)
        with counting(output, "measure", "frames") as bar:

            def hear(told: Told) -> None:
                if bar is not None:
                    bar(told.stage, told.done, told.total)

            done_by: _DoneBy = {"developer": choice.developer, "workers": workers, "progress": hear}
            grading = graded_as_wished(made_of, section, fps=float(preset.fps), **done_by) if section.on else None
            frames = made_of.frames_for(choice.info.name) if grading is None else _some(grading)
            report = render(frames, out=out, preset=preset, **done_by)
    if grading is not None:
        tell_graded(grading, report, output)
    tell_film(report, preset, output)
    return report, made_of, grading


class _DoneBy(TypedDict):
    """Who measures and develops, and who is told how far it is."""

    developer: Developer
    workers: int | None
    progress: Callable[[Told], None]


def _some(grading: Grading) -> tuple[FrameFile, ...]:
    """Return the frames of a film.

    Raises:
        PlanError: the plan leaves out all of them.
    """
    if not grading.frames:
        kinds = ", ".join(sorted({one.kind.value for one in grading.odd}))
        raise PlanError(f"no frame is left: [deflicker.odd] in the plan drops what is {kinds}, and every frame is")
    return grading.frames


def _refuse_folder(out: Path, shoot: Path) -> None:
    if not _is_ours(out, shoot) and not out.parent.is_dir():
        raise PlanError(f"{out.parent} is not there: make that folder first, or correct -o")


def _make_ours(out: Path, shoot: Path) -> None:
    folder = shoot / "films"
    if _is_ours(out, shoot):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise PlanError(f"{folder} cannot be made: {error.strerror}") from error


def _is_ours(out: Path, shoot: Path) -> bool:
    return out.parent.resolve() == (shoot / "films").resolve()


def _film_path(shoot: Path, out: Path | None, preset_name: str) -> Path:
    """Return where the film goes, refusing what is no place for one."""
    if out is None:
        return shoot / "films" / f"{shoot.absolute().name}-{preset_name}.mp4"
    if out.suffix.lower() != ".mp4":
        raise PlanError(f"-o {out}: the film is an MP4 file; give it a name that ends in .mp4")
    try:
        special = out.exists() and not out.is_file()
    except OSError as error:
        raise PlanError(f"-o {out}: {error.strerror}") from error
    if special:
        raise PlanError(f"-o {out} is there already and is no ordinary file; choose another name")
    return out


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
    shape = Fraction(int(match[1]), int(match[2]))
    if not 1 / _WIDEST <= shape <= _WIDEST:
        raise PlanError(f"aspect {aspect} is too extreme; it can be from 1:{_WIDEST} to {_WIDEST}:1")
    return replace(preset, aspect=shape)
