"""`dayspool demo`: simulated camera, shoot, development, film: the whole way, in about three minutes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import Output, json_option, needs_extra
from dayspool.cli.wished import developer_option
from dayspool.core.events import IntervalTooShort
from dayspool.errors import CameraError, CameraUnreachable, PlanError, ToolError, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from dayspool.core.events import Record
    from dayspool.core.session import Session
    from dayspool.discovery import Found
    from dayspool.shoot import ShootSummary

__all__ = ["command"]

SLOTS = 96
INTERVAL = timedelta(seconds=1)
# One second here is a minute and a half there, where the sun sets at 21:57: 96 slots run from an hour before sunset to
# deep dusk at 23:24, with the sun 8° below the horizon.
SPEED = 90
SKY_START = "2026-06-21T21:00:00+02:00"
PICTURE = "2400x1600"
# A field of darktable's colour balance: the sunset a little richer than the camera's JPEG has it.
LOOK = {"colorbalancergb.saturation_global": {"0%": 0.0, "60%": 0.25, "100%": 0.05}}
START_SECONDS = 60.0
END_SECONDS = 20.0
FIND_SECONDS = 10.0


@click.command
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--frames", type=click.IntRange(min=2), default=SLOTS, show_default=True, help="How many to shoot.")
@developer_option
@json_option
def command(folder: Path, frames: int, developer_name: str, output: Output) -> None:
    """Go the whole way with a simulated camera: find it, shoot a sunset, develop, make the film.

    Everything lands in a new shoot inside FOLDER (demo/ if left out); nothing there is touched.
    """
    try:
        from dayspool.cli.narrate import Narrator
        from dayspool.cli.render import render_shoot
        from dayspool.cli.shoot import run_shoot
        from dayspool.config import CameraSection, LookSection, PlanFile
        from dayspool.develop import choose
        from dayspool.render import captions_of, contact_sheet
        from dayspool.video import preset
    except ModuleNotFoundError as error:
        raise needs_extra("film", error.name or "numpy") from error
    shoot = _new_shoot(folder)
    output.say(f"1  A simulated DSC-RX100M2 starts in a process of its own; one second is {SPEED} s of its evening.")
    with _simulator(shoot) as endpoint:
        output.say(f"2  {_found(endpoint)}")
        output.say(f"3  {frames} slots, one a second, over real sockets.")
        planned = PlanFile(
            every=INTERVAL, frames=frames, camera=CameraSection(url=endpoint), look=LookSection(ramp=LOOK)
        )
        with Narrator(output) as tell:
            summary = run_shoot(shoot, planned, notify=partial(_tell_but_pace, tell))
    _require_whole(summary, frames, shoot)
    output.say(f"   {summary.frames} frames, no gap")
    output.say("4  Every frame is developed, then they are stitched.")
    developer, look = _who_can(developer_name)
    report, made_of, grading = render_shoot(
        shoot,
        out=shoot / "films" / "demo.mp4",
        preset=preset("1080p"),
        developer_name=developer,
        look=look,
        output=output,
    )
    sheet = contact_sheet(
        made_of.frames_for(report.developer.name) if grading is None else grading.frames,
        out=shoot / "films" / "contact-sheet.png",
        developer=choose(report.developer.name).developer,
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


def _who_can(developer: str) -> tuple[str, str | None]:
    """Return the developer and what `--look` says for it: the plan's look is left out where there is no darktable."""
    from dayspool.develop import choose

    if developer == "builtin":
        return developer, "none"
    try:
        choose("darktable")
    except ToolError as fault:
        if developer == "darktable":
            raise
        click.echo(
            f"dayspool: NOT DEVELOPED WITH DARKTABLE, and without its look: {fault}; see `dayspool doctor`", err=True
        )
        return "builtin", "none"
    return developer, None


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


def _require_whole(summary: ShootSummary, frames: int, shoot: Path) -> None:
    """Refuse to show a film of half a shoot as the whole.

    Raises:
        CameraError: the shoot was stopped, or has gaps.
    """
    if summary.ended != "done" or summary.frames != frames:
        raise CameraError(
            f"the demo's shoot ended ({summary.ended}) with {summary.frames} of {frames} frames and {summary.gaps} "
            f"gaps, so no film was made; what happened: dayspool status {shoot}"
        )


def _tell_but_pace(tell: Callable[[Record, Session], None], record: Record, session: Session) -> None:
    """Tell all but that a second is too fast for an RX100M2: this one's second is many."""
    if not isinstance(record.event, IntervalTooShort):
        tell(record, session)


@contextmanager
def _simulator(shoot: Path) -> Iterator[str]:
    """Run the simulated camera in a process of its own, which ends with the block; yield its endpoint.

    Raises:
        ToolFailed: it did not come up, or did not end when told to.
    """
    argv = [sys.executable, "-m", "dayspool", "sim", "--json", "--port", "0", "--seed", "1", "--speed", str(SPEED)]
    argv += ["--picture", PICTURE, "--sky-start", SKY_START, "--ledger", str(shoot / "ledger.jsonl")]
    # A process group of its own: Ctrl-C is for the shoot, which finishes the frame in hand and needs its camera for it.
    with _signals_end(), subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        try:
            yield _endpoint(process)
        finally:
            _end(process)


@contextmanager
def _signals_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP leave the block in good order; by default they skip every `finally`."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _endpoint(process: subprocess.Popen[str]) -> str:
    """Return the address on the first line of a simulator, which is killed if it says none in time.

    Raises:
        ToolFailed: there is no such line.
    """
    assert process.stdout is not None
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        line = process.stdout.readline()
    finally:
        too_late.cancel()
    try:
        return str(json.loads(line)["endpoint"])
    except (ValueError, KeyError, TypeError) as error:
        said = [line.rstrip()] if line else [f"it said nothing within {START_SECONDS:g} s"]
        raise ToolFailed(
            "the simulated camera did not start", argv=_argv(process), status=process.poll(), last_lines=said
        ) from error


def _end(process: subprocess.Popen[str]) -> None:
    """End a simulator, if need be by force.

    Raises:
        ToolFailed: force was needed.
    """
    process.terminate()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired as error:
        process.kill()
        message = f"the simulated camera did not end within {END_SECONDS:g} s of SIGTERM and was killed"
        raise ToolFailed(message, argv=_argv(process), status=process.wait()) from error


def _argv(process: subprocess.Popen[str]) -> list[str]:
    return [str(word) for word in process.args] if isinstance(process.args, list) else [str(process.args)]


def _found(endpoint: str) -> str:
    """Find the simulated camera as any camera is found, and say how.

    Raises:
        CameraUnreachable: it could not be found.
    """
    from dayspool.shoot.finding import find_cameras

    async def search() -> str:
        ours: list[Found] = []
        reasons: tuple[str, ...] = ()
        with anyio.CancelScope() as searching:

            def notice(camera: Found) -> None:
                if camera.endpoint == endpoint:
                    ours.append(camera)
                    searching.cancel()

            found = await find_cameras(seconds=FIND_SECONDS, interface="lo", on_found=notice)
            reasons = found.reasons
        for camera in ours:
            return f"It is found by {camera.found_by}: {camera.model} at {camera.endpoint}"
        said = "\n".join(("the simulated camera was not found by SSDP on the loopback interface", *reasons))
        raise CameraUnreachable(said, sent=False)

    return anyio.run(search)
