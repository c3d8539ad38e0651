"""`dayspool camera info`: who it is, what it offers, its settings."""

from __future__ import annotations

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import Output, camera_option, interface_option, json_option

__all__ = ["command"]


@click.command
@camera_option
@interface_option
@json_option
def command(camera: str | None, interface: str | None, output: Output) -> None:
    """Show what it is, what it offers right now, and its settings."""

    async def ask() -> None:
        async with opened(camera, interface) as sony:
            facts = await sony.info()
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
