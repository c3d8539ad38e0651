"""`dayspool camera`: talk to one camera."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from dayspool.cli.output import Output, json_option, size_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from dayspool.camera import SonyCamera

__all__ = ["command"]

FIND_SECONDS = 8.0


def camera_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--camera`."""
    return click.option("--camera", metavar="URL", help="Its address; found by itself when left out.")(function)


@asynccontextmanager
async def _opened(address: str | None) -> AsyncIterator[SonyCamera]:
    from dayspool.camera import open_camera
    from dayspool.shoot.finding import find_one

    found = await find_one(seconds=FIND_SECONDS, address=address)
    async with open_camera(found.endpoint, model=found.model or "") as camera:
        yield camera


@click.group
def command() -> None:
    """Talk to one camera."""


@command.command
@camera_option
@json_option
def info(camera: str | None, output: Output) -> None:
    """Show what it is, what it offers right now, and its settings."""

    async def ask() -> None:
        async with _opened(camera) as opened:
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
@json_option
def set_(name: str, value: str, camera: str | None, output: Output) -> None:
    """Set the setting NAME (see `info`) to VALUE."""

    async def ask() -> None:
        async with _opened(camera) as opened:
            await opened.set(name, value)
        output.say(f"{name} is now {value}")
        output.result({"name": name, "value": value})

    anyio.run(ask)


@command.command
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to put it.")
@camera_option
@json_option
def snap(out: Path, camera: str | None, output: Output) -> None:
    """Take one picture and fetch it."""
    from dayspool.errors import PlanError
    from dayspool.picture.jpeg import inspect
    from dayspool.picture.whole import write_whole

    if out.exists():
        raise PlanError(f"{out} is there already; pictures are never overwritten")
    if not out.parent.is_dir():
        raise PlanError(f"{out.parent} is no folder")

    async def take() -> bytes:
        async with _opened(camera) as opened:
            await opened.prepare()
            return await opened.picture(await opened.take_picture())

    data = anyio.run(take)
    try:
        write_whole(out, data)
    except OSError as error:
        raise PlanError(f"{out} cannot be written: {error.strerror or error}") from error
    size = inspect(data)
    output.say(f"{out}: {size.width}×{size.height}, {size_text(len(data))}")
    output.result({"file": out, "width": size.width, "height": size.height, "size_bytes": len(data)})


@command.command
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many frames.")
@click.option(
    "-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to put them."
)
@camera_option
@json_option
def liveview(count: int, folder: Path, camera: str | None, output: Output) -> None:
    """Save frames of the viewfinder stream as JPEGs."""
    from dayspool.errors import PlanError
    from dayspool.picture.whole import write_whole

    async def watch() -> list[bytes]:
        frames: list[bytes] = []
        async with _opened(camera) as opened, opened.liveview() as stream:
            async for frame in stream:
                frames.append(frame.jpeg)
                if len(frames) == count:
                    break
        return frames

    frames = anyio.run(watch)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, jpeg in enumerate(frames):
            write_whole(folder / f"liveview-{number:04d}.jpg", jpeg, replace=True)
    except OSError as error:
        raise PlanError(f"{folder} cannot be written: {error.strerror or error}") from error
    output.say(f"{len(frames)} frames in {folder}")
    output.result({"frames": len(frames), "folder": folder})
