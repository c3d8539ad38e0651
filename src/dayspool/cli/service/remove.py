"""`dayspool service remove`: stop a shoot's service and forget its unit."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option
from dayspool.cli.service.given import manager_option
from dayspool.errors import PlanError, ToolMissing

if TYPE_CHECKING:
    from dayspool.cli.service.manager import Manager

__all__ = ["command"]


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@manager_option
@json_option
def command(shoot: Path, manager: Manager, output: Output) -> None:
    """Stop the service of SHOOT after the frame in hand, and forget its unit; the shoot itself stays as it is."""
    path = manager.unit_of(shoot.absolute())
    try:
        manager.tell("disable", "--now", path.name)
    except ToolMissing as error:
        output.say(f"note: {error}; only its unit is removed")
    try:
        path.unlink()
    except OSError as error:
        raise PlanError(f"{path} cannot be removed: {error.strerror}") from error
    with suppress(ToolMissing):  # said above
        manager.tell("daemon-reload")
    output.say(f"{path} removed; {shoot} stays as it is")
    output.result({"unit": path.name, "path": path, "manager": manager.name})
