"""`dayspool camera`: talk to one camera; one module per command, loaded when it is run."""

from __future__ import annotations

import click

from dayspool.cli.lazy import LazyGroup

__all__ = ["command"]

_COMMANDS = {
    "info": "Show what it is, what it offers right now, and its settings.",
    "set": "Set one setting to a value.",
    "snap": "Take one picture and fetch it.",
    "liveview": "Save frames of the viewfinder stream as JPEGs.",
    "originals": "Fetch the pictures of its card; run it again to resume.",
    "dump": "Record everything it says of itself in one file.",
    "decode": "Print the conversation in a packet capture.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=_COMMANDS)
def command() -> None:
    """Talk to one camera."""
