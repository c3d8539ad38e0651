"""`dayspool look`: how the look of a shoot goes from keyframe to keyframe; one module per command, loaded when run."""

from __future__ import annotations

import click

from dayspool.cli.lazy import LazyGroup

__all__ = ["command"]

_COMMANDS = {
    "show": "Tell which values of which module move over the shoot, as a table and as a plot.",
    "check": "Tell what would go wrong with a look before hours are spent on it.",
    "preview": "Draw a contact sheet of frames developed with the look.",
    "apply": "Write the look beside the pictures, for darktable to open and edit further.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=_COMMANDS)
def command() -> None:
    """See, check and hand out the look of a shoot: darktable's edits of a few frames, and what lies between them."""
