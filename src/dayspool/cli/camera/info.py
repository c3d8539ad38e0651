"""`dayspool camera info`: who it is, what it offers, its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.opened import opened
from dayspool.cli.output import Output, camera_option, interface_option, json_option, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.camera import CameraInfo, CameraStatus, Setting

__all__ = ["command"]

NAME_WIDTH = 22
CHOICES_SHOWN = 12


@click.command
@click.option("--methods", "with_methods", is_flag=True, help="Show the names of its methods on the wire too.")
@camera_option
@interface_option
@json_option
def command(with_methods: bool, camera: str | None, interface: str | None, output: Output) -> None:
    """Show what it is, what it offers right now, and its settings.

    Settings can be set with `dayspool camera set`, unless they are read only now. Of a long list of choices only the
    first and the last are shown; `--json` has all, and the methods on the wire.
    """

    async def ask() -> CameraInfo:
        async with opened(camera, interface) as sony:
            await sony.start()
            return await sony.info()

    facts = anyio.run(ask)
    for line in _lines(facts, with_methods=with_methods):
        output.say(line)
    output.result(
        {
            "model": facts.model,
            "endpoint": facts.endpoint,
            "application": facts.application,
            "methods": facts.methods,
            "settings": facts.settings,
            "status": facts.status.state,
            "battery": facts.status.battery,
            "storage": facts.status.storage,
        }
    )


def _lines(facts: CameraInfo, *, with_methods: bool) -> Iterator[str]:
    yield shown(f"{facts.model} at {facts.endpoint}: {facts.status.state or 'state not told'}")
    if facts.application:
        yield _row("application", " ".join(facts.application))
    yield from _supplies(facts.status)
    for setting in facts.settings:
        yield _row(setting.name, _setting_text(setting))
    if with_methods:
        yield _row("methods", ", ".join(facts.methods))


def _supplies(status: CameraStatus) -> Iterator[str]:
    for battery in status.battery or ():
        level = "level not told" if battery.level is None else f"{battery.level:.0%}"
        marks = [word for word, is_so in (("charging", battery.charging), ("nearly empty", battery.near_end)) if is_so]
        yield _row("battery", ", ".join([level, *marks]))
    for card in status.storage or ():
        left = "pictures left not told" if card.images_left is None else f"{card.images_left} pictures left"
        film = [] if card.seconds_left is None else [f"{card.seconds_left // 60} min of film left"]
        yield _row("card", "none" if card.no_media else ", ".join([card.name or "card", left, *film]))


def _setting_text(setting: Setting) -> str:
    from dayspool.camera.settings import listed

    value = "not told" if setting.value is None else setting.value
    choices = f"  ({listed(setting.choices, most=CHOICES_SHOWN)})" if setting.choices else ""
    return f"{value}{choices}{'' if setting.writable else '  read only now'}"


def _row(name: str, text: str) -> str:
    """Fold a long text beside its name."""
    from dayspool.camera.human import folded

    lines = folded(text, width=100, first=f"  {name:<{NAME_WIDTH}} ", indent=" " * (NAME_WIDTH + 3)).split("\n")
    return "\n".join(map(shown, lines))
