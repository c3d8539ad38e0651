"""`dayspool camera`: talk to one camera."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import Output, camera_option, interface_option, json_option, size_text
from dayspool.errors import CameraError, CameraUnreachable, FrameError, PlanError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dayspool.camera import SonyCamera

__all__ = ["command"]

FIND_SECONDS = 8.0
PICTURE_ROOM_BYTES = 16 << 20  # the largest JPEG of a 20-megapixel camera with room to spare


@asynccontextmanager
async def _opened(address: str | None, interface: str | None) -> AsyncIterator[SonyCamera]:
    from dayspool.camera import open_camera
    from dayspool.shoot.finding import find_one

    found = await find_one(seconds=FIND_SECONDS, address=address, interface=interface)
    async with open_camera(found.endpoint, model=found.model or "") as camera:
        yield camera


@click.group
def command() -> None:
    """Talk to one camera."""


@command.command
@camera_option
@interface_option
@json_option
def info(camera: str | None, interface: str | None, output: Output) -> None:
    """Show what it is, what it offers right now, and its settings."""

    async def ask() -> None:
        async with _opened(camera, interface) as opened:
            facts = await opened.info()
        output.say(f"{facts.model} at {facts.endpoint}: {facts.status.state or 'state not told'}")
        for setting in facts.settings:
            choices = f"  ({', '.join(setting.choices)})" if setting.choices else ""
            output.say(f"  {setting.name:<14} {setting.value}{choices}{'' if setting.writable else '  read only'}")
        output.say(f"  methods        {', '.join(facts.methods)}")
        output.result(
            {
                "model": facts.model,
                "endpoint": facts.endpoint,
                "methods": facts.methods,
                "settings": facts.settings,
                "status": facts.status.state,
            }
        )

    anyio.run(ask)


@command.command("set")
@click.argument("name")
@click.argument("value")
@camera_option
@interface_option
@json_option
def set_(name: str, value: str, camera: str | None, interface: str | None, output: Output) -> None:
    """Set the setting NAME (see `info`) to VALUE."""

    async def ask() -> None:
        async with _opened(camera, interface) as opened:
            await opened.set(name, value)
        output.say(f"{name} is now {value}")
        output.result({"name": name, "value": value})

    anyio.run(ask)


@command.command
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to put it.")
@camera_option
@interface_option
@json_option
def snap(out: Path, camera: str | None, interface: str | None, output: Output) -> None:
    """Take one picture and fetch it."""
    from dayspool.picture.jpeg import inspect
    from dayspool.picture.whole import write_whole

    _check_room(out)

    async def take() -> bytes:
        async with _opened(camera, interface) as opened:
            await opened.prepare()
            return await opened.picture(await opened.take_picture())

    data = anyio.run(take)
    try:
        write_whole(out, data)
    except OSError as error:
        raise FrameError(f"{out} cannot be written: {error.strerror or error}") from error
    size = inspect(data)
    output.say(f"{out}: {size.width}×{size.height}, {size_text(len(data))}")
    output.result({"file": out, "width": size.width, "height": size.height, "size_bytes": len(data)})


@command.command
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many frames.")
@click.option(
    "-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to put them."
)
@camera_option
@interface_option
@json_option
def liveview(count: int, folder: Path, camera: str | None, interface: str | None, output: Output) -> None:
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
        async with _opened(address, interface) as opened, opened.liveview() as stream:
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
