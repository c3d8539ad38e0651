"""`dayspool camera liveview`: frames of the viewfinder stream."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import Output, camera_option, interface_option, json_option
from dayspool.errors import CameraError, CameraUnreachable, FrameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.camera import LiveviewFrame

__all__ = ["command"]


@click.command
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many frames.")
@click.option(
    "-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to put them."
)
@click.option("--focus", is_flag=True, help="Also tell where the camera focuses: with --json a line for each frame.")
@camera_option
@interface_option
@json_option
def command(count: int, folder: Path, focus: bool, camera: str | None, interface: str | None, output: Output) -> None:
    """Save frames of the viewfinder stream as JPEGs.

    Each is written as it comes. Exits 1 when the stream ends before there are enough; those that came are kept. With
    `--focus`, the rectangles are given on a grid of 10000 across and down the picture; a camera that does not tell
    them refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FrameError(f"{folder} cannot be made: {error.strerror}") from error
    written, why = anyio.run(
        partial(_save_frames, folder, count, camera, interface, tell=partial(_tell, output) if focus else None)
    )
    output.say(f"{written} frames in {folder}")
    output.result({"frames": written, "folder": folder})
    if written < count:
        raise CameraUnreachable(f"the stream ended after {written} of {count} frames: {why}", sent=True)


async def _save_frames(
    folder: Path,
    count: int,
    address: str | None,
    interface: str | None,
    tell: Callable[[Path, LiveviewFrame], None] | None,
) -> tuple[int, str]:
    """Write up to `count` frames, with `tell` also say where each is in focus; return how many came, and why no more.

    Raises:
        CameraError: not one came.
        FrameError: the folder takes none.
    """
    from dayspool.picture.whole import write_whole

    written = 0
    try:
        async with opened(address, interface) as sony:
            await sony.start()
            async with sony.liveview(focus=tell is not None) as stream:
                async for frame in stream:
                    file = folder / f"liveview-{written:04d}.jpg"
                    write_whole(file, frame.jpeg, replace=True)
                    if tell is not None:
                        tell(file, frame)
                    written += 1
                    if written == count:
                        break
    except CameraError as error:
        if not written:
            raise
        return written, str(error)
    except OSError as error:
        raise FrameError(f"{folder} cannot be written: {error.strerror or error}") from error
    return written, "the camera closed it; on some bodies a shot does that"


def _tell(output: Output, file: Path, frame: LiveviewFrame) -> None:
    """Say where a frame is in focus."""
    areas = ", ".join(
        f"{area.found_by} {area.state} {area.left / 100:g}–{area.right / 100:g} % × "
        f"{area.top / 100:g}–{area.bottom / 100:g} %"
        for area in frame.focus
    )
    output.say(f"{file.name}: {areas or 'no focus rectangle'}")
    output.result({"frame": file, "sequence": frame.sequence, "timestamp_ms": frame.timestamp_ms, "focus": frame.focus})
