"""`dayspool wifi`: a camera's own network; one module per command, loaded when it is run."""

from __future__ import annotations

import click

from dayspool.cli.lazy import LazyGroup

__all__ = ["command"]

_COMMANDS = {
    "join": "Join a camera's network once, and say what happened.",
    "watch": "Stay joined: join again whenever the camera is back.",
    "pair": "Keep a camera's name and password from its QR text or NFC tag.",
    "qr": "Show a camera's network as a QR code for a phone.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=_COMMANDS)
def command() -> None:
    """Join a camera's own network, and stay joined."""
