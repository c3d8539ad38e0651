"""`dayspool service`: a shoot as a service of systemd; one module per command, loaded when it is run."""

from __future__ import annotations

import click

from dayspool.cli.lazy import LazyGroup

__all__ = ["command"]

_COMMANDS = {
    "install": "Make a shoot go on by itself: after a crash, a hang, a power cut.",
    "remove": "Stop such a shoot, and forget its unit; the shoot stays.",
    "status": "Tell which shoots are services here, and how they do.",
    "due": "Say by the exit code whether a shoot has anything left to do.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=_COMMANDS)
def command() -> None:
    """Let systemd take care of a shoot: started with the machine, and again when it dies or hangs."""
