"""`dayspool camera snap`: one picture, a long one on BULB, or a burst."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import DURATION, Output, camera_option, interface_option, json_option, size_text
from dayspool.errors import CameraConfused, CameraUnreachable, DayspoolError, FrameError, PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator
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

    _check_room(out)

    async def take() -> bytes:
        async with opened(camera, interface) as sony:
            await sony.prepare()
            with _exposing():
                url = await sony.take_picture() if bulb is None else await _bulb_picture(sony, bulb.total_seconds())
            with _exposed("the picture was taken, and lies on the camera's card"):
                return await sony.picture(url)

    data = anyio.run(take)
    with _exposed("the picture was taken, and lies on the camera's card"):
        _write(out, data)
    size = inspect(data)
    output.say(f"{out}: {size.width}×{size.height}, {size_text(len(data))}")
    output.result({"file": out, "width": size.width, "height": size.height, "size_bytes": len(data)})


async def _burst(out: Path, seconds: float, camera: str | None, interface: str | None) -> list[Path]:
    """Shoot a burst and write its pictures beside `out`, numbered; return their files."""
    _check_room(out.with_stem(f"{out.stem}-001"))
    files: list[Path] = []
    async with opened(camera, interface) as sony:
        await sony.prepare()
        with _exposing():
            urls = await sony.continuous(seconds)
        for number, url in enumerate(urls, start=1):
            file = out.with_stem(f"{out.stem}-{number:03d}")
            told = f"{len(urls)} pictures were taken, and lie on the camera's card; {len(files)} of them were fetched"
            with _exposed(told):
                _write(file, await sony.picture(url))
            files.append(file)
    return files


@contextmanager
def _exposing() -> Iterator[None]:
    """Say of an exposure that ended without an answer where its picture is, if there is one."""
    try:
        yield
    except (CameraUnreachable, CameraConfused) as error:
        if not isinstance(error, CameraUnreachable) or error.sent:
            error.add_note("a picture may have been taken all the same; then it lies on the camera's card")
        raise


@contextmanager
def _exposed(told: str) -> Iterator[None]:
    """Say with whatever goes wrong now that the exposure is not lost."""
    try:
        yield
    except DayspoolError as error:
        error.add_note(told)
        raise


def _write(file: Path, data: bytes) -> None:
    """Write a picture, never over another.

    Raises:
        PlanError: there is a file already.
        FrameError: the disk refuses.
    """
    from dayspool.picture.whole import write_whole

    try:
        write_whole(file, data)
    except FileExistsError:
        raise PlanError(f"{file} is there already; pictures are never overwritten") from None
    except OSError as error:
        raise FrameError(f"{file} cannot be written: {error.strerror or error}") from error


async def _bulb_picture(sony: SonyCamera, seconds: float) -> str:
    urls = await sony.bulb(seconds)
    if not urls:
        raise CameraConfused("the camera does not say where it offers the picture")
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
