"""`dayspool camera snap`: one picture, a long one on BULB, or a burst."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import DURATION, Output, camera_option, interface_option, json_option, size_text
from dayspool.errors import CameraConfused, FrameError, PlanError

if TYPE_CHECKING:
    from datetime import timedelta

    from dayspool.camera import SonyCamera

__all__ = ["command"]

PICTURE_ROOM_BYTES = 16 << 20  # the largest JPEG of a 20-megapixel camera with room to spare


@click.command
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to put it.")
@click.option("--bulb", type=DURATION, metavar="DURATION", help="Expose so long; the camera's shutter must be on BULB.")
@click.option(
    "--burst",
    type=DURATION,
    metavar="DURATION",
    help="Shoot so long in a row; the drive mode must be continuous. FILE becomes FILE-001 and so on.",
)
@camera_option
@interface_option
@json_option
def command(
    out: Path,
    bulb: timedelta | None,
    burst: timedelta | None,
    camera: str | None,
    interface: str | None,
    output: Output,
) -> None:
    """Take one picture, or a burst, and fetch it."""
    if burst is not None:
        if bulb is not None:
            raise click.UsageError("--bulb is one long exposure and --burst many short ones; give one of them")
        files = anyio.run(_burst, out, burst.total_seconds(), camera, interface)
        output.say(f"{len(files)} pictures, {', '.join(map(str, files)) or 'none'}")
        output.result({"files": files})
        return
    _snap(out, bulb, camera, interface, output)


def _snap(out: Path, bulb: timedelta | None, camera: str | None, interface: str | None, output: Output) -> None:
    from dayspool.picture.jpeg import inspect
    from dayspool.picture.whole import write_whole

    _check_room(out)

    async def take() -> bytes:
        async with opened(camera, interface) as sony:
            await sony.prepare()
            url = await sony.take_picture() if bulb is None else await _bulb_picture(sony, bulb.total_seconds())
            return await sony.picture(url)

    data = anyio.run(take)
    try:
        write_whole(out, data)
    except OSError as error:
        raise FrameError(f"{out} cannot be written: {error.strerror or error}") from error
    size = inspect(data)
    output.say(f"{out}: {size.width}×{size.height}, {size_text(len(data))}")
    output.result({"file": out, "width": size.width, "height": size.height, "size_bytes": len(data)})


async def _burst(out: Path, seconds: float, camera: str | None, interface: str | None) -> list[Path]:
    """Shoot a burst and write its pictures beside `out`, numbered; return their files."""
    from dayspool.picture.whole import write_whole

    _check_room(out.with_stem(f"{out.stem}-001"))
    files = []
    async with opened(camera, interface) as sony:
        await sony.prepare()
        for number, url in enumerate(await sony.continuous(seconds), start=1):
            file = out.with_stem(f"{out.stem}-{number:03d}")
            data = await sony.picture(url)
            try:
                write_whole(file, data)
            except FileExistsError:
                raise PlanError(f"{file} is there already; pictures are never overwritten") from None
            except OSError as error:
                raise FrameError(f"{file} cannot be written: {error.strerror or error}") from error
            files.append(file)
    return files


async def _bulb_picture(sony: SonyCamera, seconds: float) -> str:
    urls = await sony.bulb(seconds)
    if not urls:
        raise CameraConfused("the camera does not say where it offers the picture; it is on its card")
    return urls[-1]


def _check_room(out: Path) -> None:
    """Check that a picture can be written to `out`, before one is taken that would be lost.

    Raises:
        PlanError: there is a file already, or no folder.
        FrameError: the disk refuses.
    """
    from dayspool.picture.whole import PART_SUFFIX

    if out.exists():
        raise PlanError(f"{out} is there already; pictures are never overwritten")
    if not out.parent.is_dir():
        raise PlanError(f"{out.parent} is no folder")
    part = out.with_name(out.name + PART_SUFFIX)
    try:
        with part.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, PICTURE_ROOM_BYTES)
        part.unlink()
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise FrameError(f"{out} cannot be written: {error.strerror}; no picture was taken") from error
