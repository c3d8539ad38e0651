"""`dayspool demo`: simulated camera, shoot, development, film, the whole way in about three minutes."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import Output, json_option, needs_extra
from dayspool.errors import CameraUnreachable, PlanError, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command"]

SLOTS = 96
INTERVAL = timedelta(seconds=1)
# One second is a minute to the simulated camera: the film runs from two hours before sunset into the night.
SPEED = 90
SKY_START = "2026-06-21T20:20:00+02:00"
PICTURE = "2400x1600"
FIND_SECONDS = 10.0


@click.command
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--frames", type=click.IntRange(min=2), default=SLOTS, show_default=True, help="How many to shoot.")
@click.option(
    "--developer",
    "developer_name",
    type=click.Choice(["auto", "darktable", "builtin"]),
    default="auto",
    show_default=True,
    help="Who develops the frames.",
)
@json_option
def command(folder: Path, frames: int, developer_name: str, output: Output) -> None:
    """Go the whole way with a simulated camera: find it, shoot a sunset, develop, make the film.

    Everything lands in a new shoot inside FOLDER (demo/ if left out); nothing there is touched.
    """
    try:
        from dayspool.cli.narrate import Narrator
        from dayspool.cli.render import render_shoot
        from dayspool.cli.shoot import run_shoot
        from dayspool.config import CameraSection, PlanFile
        from dayspool.develop import choose
        from dayspool.render import captions_of, contact_sheet, frames_of
        from dayspool.video import preset
    except ModuleNotFoundError as error:
        raise needs_extra("film", error.name or "numpy") from error
    shoot = _new_shoot(folder)
    output.say(f"1  A simulated DSC-RX100M2 starts in a process of its own; one second is {SPEED} s of its evening.")
    with _simulator(shoot) as endpoint:
        output.say(f"2  {_found(endpoint)}")
        output.say(f"3  {frames} slots, one a second, over real sockets.")
        planned = PlanFile(every=INTERVAL, frames=frames, camera=CameraSection(url=endpoint))
        with Narrator(output) as tell:
            summary = run_shoot(shoot, planned, notify=tell)
        output.say(f"   {summary.frames} frames, {summary.gaps} gaps")
    output.say("4  Every frame is developed, then they are stitched.")
    report = render_shoot(
        shoot,
        out=shoot / "films" / "demo.mp4",
        preset=preset("1080p"),
        developer_name=developer_name,
        workers=None,
        output=output,
    )
    sheet = contact_sheet(
        frames_of(shoot),
        out=shoot / "films" / "contact-sheet.png",
        developer=choose("builtin").developer,
        captions=captions_of(shoot),
    )
    output.say(f"   film           {report.film.absolute()}")
    output.say(f"   contact sheet  {sheet.path.absolute()}")
    output.result(
        {
            "film": report.film.absolute(),
            "frames": report.frames,
            "gaps": summary.gaps,
            "developer": report.developer.name,
            "width": report.width,
            "height": report.height,
            "contact_sheet": sheet.path.absolute(),
            "shoot": shoot.absolute(),
        }
    )


def _new_shoot(folder: Path) -> Path:
    """Return a folder for the shoot that does not exist yet."""
    number = 1
    while (shoot := folder / f"sunset-{number}").exists():
        number += 1
    try:
        shoot.mkdir(parents=True)
    except OSError as error:
        raise PlanError(f"{shoot} cannot be made: {error.strerror}") from error
    return shoot


@contextmanager
def _simulator(shoot: Path) -> Iterator[str]:
    """Run the simulated camera in a process of its own; yield its endpoint.

    Raises:
        ToolFailed: it did not come up.
    """
    argv = [sys.executable, "-m", "dayspool", "sim", "--json", "--port", "0", "--seed", "1", "--speed", str(SPEED)]
    argv += ["--picture", PICTURE, "--sky-start", SKY_START, "--ledger", str(shoot / "ledger.jsonl")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise ToolFailed("the simulated camera did not start", argv=argv, status=process.wait())
            yield json.loads(line)["endpoint"]
        finally:
            process.terminate()
            process.wait(timeout=20)


def _found(endpoint: str) -> str:
    """Find the simulated camera as any camera is found, and say how.

    Raises:
        CameraUnreachable: it could not be found.
    """
    from dayspool.shoot.finding import find_cameras

    async def search() -> str:
        cameras, reasons = await find_cameras(seconds=FIND_SECONDS, interface="lo")
        for camera in cameras:
            if camera.endpoint == endpoint:
                return f"It is found by {camera.found_by}: {camera.model} at {camera.endpoint}"
        said = "\n".join(("the simulated camera was not found by SSDP on the loopback interface", *reasons))
        raise CameraUnreachable(said, sent=False)

    return anyio.run(search)
