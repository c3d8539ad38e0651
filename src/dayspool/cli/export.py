"""`dayspool export`: hand a shoot to other programs, as numbered pictures and as a table."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from dayspool.cli.bar import counting
from dayspool.cli.output import Output, json_option
from dayspool.errors import JournalUnwritable, PlanError

__all__ = ["command"]


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--originals", is_flag=True, help="The originals from the card instead of frames; RAW before JPEG.")
@click.option("--keep-gaps", is_flag=True, help="Number slots instead of pictures: a gap leaves a hole.")
@click.option("--copy", is_flag=True, help="Copies instead of hard links, for programs that write into pictures.")
@click.option(
    "--xmp", is_flag=True, help="Write sidecars with what the exposure ramp could not set, where it is known."
)
@click.option(
    "--journal", type=click.Path(path_type=Path), metavar="FILE", help="Write the journal as a table: .csv or .json."
)
@json_option
def command(
    shoot: Path,
    folder: Path | None,
    originals: bool,
    keep_gaps: bool,
    copy: bool,
    xmp: bool,
    journal: Path | None,
    output: Output,
) -> None:
    """Hand the frames of SHOOT to other programs: IMG_00001.jpg, IMG_00002.jpg and so on in FOLDER, new or empty.

    Pictures are hard links where that can be, and take no room; where a program writes into pictures, --copy keeps
    those of the shoot as they are. XMP sidecars come along as copies. With --xmp a frame
    whose exposure was steered gets one that says how far it is from the exposure wanted (crs:Exposure2012 and
    lrt:ExternalExposureDefault, in EV).

    The table of --journal has a row for each slot: instant, lateness, exposure, metering, ramp, gap and reason,
    originals, health.
    """
    if folder is None and journal is None:
        raise PlanError("name a FOLDER for the pictures, or a table with --journal FILE, or both")
    result: dict[str, object] = {"folder": folder, "pictures": 0, "rows": 0}
    if journal is not None:
        result |= {"journal": journal, "rows": _write_table(shoot, journal)}
        output.say(f"{journal}: {result['rows']} slots")
    if folder is not None:
        result |= _hand_out(shoot, folder, output, originals=originals, keep_gaps=keep_gaps, copy=copy, xmp=xmp)
    output.result(result)


def _write_table(shoot: Path, path: Path) -> int:
    from dayspool.intake import as_csv, as_json, slot_rows
    from dayspool.journal import JournalReader
    from dayspool.picture import write_whole

    forms = {".csv": as_csv, ".json": as_json}
    form = forms.get(path.suffix.lower())
    if form is None:
        raise PlanError(f"--journal {path}: give it a name that ends in .csv or .json")
    with JournalReader(shoot) as journal:
        rows = slot_rows(journal.records())
    try:
        write_whole(path, form(rows).encode())
    except FileExistsError as error:
        raise PlanError(f"--journal {path}: the file is there already; remove it or give another name") from error
    except OSError as error:
        raise JournalUnwritable(f"{path} cannot be written: {error.strerror}") from error
    return len(rows)


def _hand_out(
    shoot: Path, folder: Path, output: Output, *, originals: bool, keep_gaps: bool, copy: bool, xmp: bool
) -> dict[str, object]:
    from dayspool.intake import export_shoot

    with counting(output, "pictures", "files") as bar:
        told = None if bar is None else partial(bar, "pictures")
        done = export_shoot(shoot, folder, originals=originals, keep_gaps=keep_gaps, copy=copy, xmp=xmp, told=told)
    sidecars = sum(len(one.sidecars) for one in done.pictures)
    how = "hard links" if done.linked else "copies"
    output.say(f"{folder}: {len(done.pictures)} pictures as {how}, {sidecars} sidecars")
    if done.without_original:
        output.say(f"  {len(done.without_original)} slots have a frame and no original; they are left out")
    return {
        "pictures": len(done.pictures),
        "first": done.pictures[0].name,
        "last": done.pictures[-1].name,
        "sidecars": sidecars,
        "linked": done.linked,
        "without_original": done.without_original,
        "slots": [one.slot for one in done.pictures],
    }
