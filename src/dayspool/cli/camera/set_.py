"""`dayspool camera set`: change one setting."""

from __future__ import annotations

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import Output, camera_option, interface_option, json_option

__all__ = ["command"]


@click.command("set")
@click.argument("name")
@click.argument("value")
@camera_option
@interface_option
@json_option
def command(name: str, value: str, camera: str | None, interface: str | None, output: Output) -> None:
    """Set the setting NAME (see `info`) to VALUE."""

    async def ask() -> None:
        async with opened(camera, interface) as sony:
            await sony.set(name, value)
        output.say(f"{name} is now {value}")
        output.result({"name": name, "value": value})

    anyio.run(ask)
