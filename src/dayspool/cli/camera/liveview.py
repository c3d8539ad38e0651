"""`dayspool camera liveview`: frames of the viewfinder stream."""

from __future__ import annotations

from pathlib import Path

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import Output, camera_option, interface_option, json_option
from dayspool.errors import CameraError, CameraUnreachable, FrameError

__all__ = ["command"]


@click.command
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many frames.")
@click.option(
    "-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to put them."
)
@camera_option
@interface_option
@json_option
def command(count: int, folder: Path, camera: str | None, interface: str | None, output: Output) -> None:
    """Save frames of the viewfinder stream as JPEGs.

    Each is written as it comes. Exits 1 when the stream ends before there are enough; those that came are kept.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FrameError(f"{folder} cannot be made: {error.strerror}") from error
    written, why = anyio.run(_save_frames, folder, count, camera, interface)
    output.say(f"{written} frames in {folder}")
    output.result({"frames": written, "folder": folder})
    if written < count:
        raise CameraUnreachable(f"the stream ended after {written} of {count} frames: {why}", sent=True)


async def _save_frames(folder: Path, count: int, address: str | None, interface: str | None) -> tuple[int, str]:
    """Write up to `count` frames; return how many came, and why no more did."""
    from dayspool.picture.whole import write_whole

    written = 0
    try:
        async with opened(address, interface) as sony, sony.liveview() as stream:
            async for frame in stream:
                write_whole(folder / f"liveview-{written:04d}.jpg", frame.jpeg, replace=True)
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
