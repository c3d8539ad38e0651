"""`dayspool find`: every camera that answers, by every way at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import DURATION, Output, interface_option, json_option

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["command"]


@click.command
@click.option("--timeout", type=DURATION, default="5s", show_default=True, help="When to stop looking.")
@click.option("--address", metavar="HOST[:PORT]", help="Ask only this host; a whole URL is fine too.")
@interface_option
@json_option
def command(timeout: timedelta, address: str | None, interface: str | None, output: Output) -> None:
    """Find cameras by SSDP on every network, at known addresses and at the gateway.

    Only what answers a call of the camera protocol is listed. Exits 1 when there is none.
    """
    from dayspool.shoot.finding import find_cameras

    async def search() -> tuple[list[object], tuple[str, ...]]:
        cameras, reasons = await find_cameras(
            seconds=timeout.total_seconds(),
            address=address,
            interface=interface,
            on_found=lambda found: output.say(
                f"{found.model or 'Sony camera'}  {found.endpoint}  ({found.dialect}, by {found.found_by})"
            ),
        )
        return list(cameras), reasons

    cameras, reasons = anyio.run(search)
    output.result({"cameras": cameras})
    if not cameras:
        for reason in reasons:
            click.echo(reason, err=True)
        raise click.exceptions.Exit(1)
