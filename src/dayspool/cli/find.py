"""`dayspool find`: every camera that answers, by every way at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import DURATION, Output, interface_option, json_option, needs_extra, shown

if TYPE_CHECKING:
    from datetime import timedelta

    from dayspool.discovery import Found

__all__ = ["command"]

_ASK = "-"


@click.command
@click.option("--timeout", type=DURATION, default="5s", show_default=True, help="When to stop looking at the latest.")
@click.option("--address", metavar="HOST[:PORT]", help="Ask only this host; a whole URL is fine too.")
@click.option("--snmp", "router", metavar="ROUTER", help="Ask this router (HOST or HOST:PORT) too whom it knows.")
@click.option(
    "--community",
    metavar="WORD|-",
    default="public",
    show_default=True,
    help="The word that opens the router's tables; - asks for it, or reads it from standard input. A word given here "
    "is seen by every program on this machine.",
)
@interface_option
@json_option
def command(
    timeout: timedelta, address: str | None, router: str | None, community: str, interface: str | None, output: Output
) -> None:
    """Find cameras by SSDP on every network, at known addresses, at the gateway and among the neighbours.

    Only what answers a call of the camera protocol is listed; cameras in another mode are told of. Exits 1 when there
    is none. Cameras speak SSDP, not SNMP: `--snmp` helps where a camera joined a network whose router blocks multicast
    but tells whom it knows.
    """
    if address is not None and router is not None:
        raise click.UsageError(
            "--address asks one host alone, so there is nothing to ask a router for: leave --snmp out."
        )
    from dayspool.shoot.finding import find_cameras

    community = _asked_for() if community == _ASK else community

    def say(found: Found) -> None:
        model = shown(found.model or "Sony camera")
        output.say(f"{model}  {found.endpoint}  ({found.dialect}, by {found.found_by})")

    try:
        findings = anyio.run(
            lambda: find_cameras(
                seconds=timeout.total_seconds(),
                address=address,
                interface=interface,
                router=router,
                community=community,
                on_found=say,
            )
        )
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("pysnmp"):
            raise
        raise needs_extra("snmp", "pysnmp") from error
    output.result({"cameras": findings.cameras, "others": findings.others})
    for sentence in findings.reasons or [other.sentence for other in findings.others]:
        click.echo(sentence, err=True)
    if not findings.cameras:
        raise click.exceptions.Exit(1)


def _asked_for() -> str:
    """Return the community from standard input: one line, or what a person types unseen."""
    if sys.stdin.isatty():
        return str(click.prompt("The router's community", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
