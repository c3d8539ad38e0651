"""`dayspool service status`: which shoots are services here."""

from __future__ import annotations

import click

from dayspool.cli.output import Output, json_option, shown
from dayspool.cli.service.manager import Manager

__all__ = ["command"]


@click.command
@json_option
def command(output: Output) -> None:
    """Tell which shoots are services here, of the system and of your user, and how they do."""
    services = [service for system in (True, False) for service in Manager(system=system).services()]
    for service in services:
        output.say(f"{service.active:<10} {service.enabled:<10} {service.manager:<7} {shown(service.shoot)}")
        output.say(f"{'':<10} {service.unit}")
    if not services:
        output.say("no shoot is a service here; `dayspool service install SHOOT` makes one")
    output.result({"services": services})
