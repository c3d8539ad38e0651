"""`dayspool camera set`: change one setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import Output, camera_option, interface_option, json_option, shown

if TYPE_CHECKING:
    from dayspool.camera import Setting

__all__ = ["command"]


@click.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("value")
@click.option("--insist", is_flag=True, help="Try it although the camera does not offer it now.")
@camera_option
@interface_option
@json_option
def command(name: str, value: str, insist: bool, camera: str | None, interface: str | None, output: Output) -> None:
    """Set the setting NAME (see `info`) to VALUE.

    VALUE is written as photographers do, in any case: 1/250, 0.5s, bulb, f/4, "ISO 400", auto, "+0.7 EV", -1, +2/3,
    5600K, daylight, mf. What the camera does not have is answered with its choices, never replaced by what lies near.
    """

    async def ask() -> Setting:
        async with opened(camera, interface) as sony:
            await sony.start()
            return await sony.set(name, value, insist=insist)

    setting = anyio.run(ask)
    output.say(shown(f"{setting.name} is now {setting.value}"))
    output.result({"name": setting.name, "value": setting.value, "raw": setting.raw})
