"""`dayspool wifi qr`: show a camera's network as a QR code for a phone."""

from __future__ import annotations

from pathlib import Path

import click

from dayspool.cli.output import Output, json_option, shown
from dayspool.cli.wifi.given import given, network_options, only_kept
from dayspool.errors import PlanError

__all__ = ["command"]


@click.command
@network_options
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), help="Write a .png or .svg instead of showing it."
)
@json_option
def command(
    ssid: str | None,
    qr: str | None,
    nfc: str | None,
    password_file: str | None,
    target: Path | None,
    output: Output,
) -> None:
    """Show the network SSID as the QR code that a phone's camera app reads; without one, the only one that was kept.

    The code holds the password: so does the file (which only you may read), and with --json the key `text`.
    """
    from dayspool.wifi import qr_for_terminal, qr_picture, wifi_text, write_private

    named = given(ssid, qr, nfc, password_file) or only_kept()
    if named.credentials is None:
        raise PlanError(f"the password of {named.ssid} is not known: keep it with `dayspool wifi pair`, or give it")
    if target is not None:
        write_private(target, qr_picture(named.credentials, target.suffix.removeprefix(".").lower()))
        output.say(f"{target} joins {shown(named.ssid)}")
    else:
        output.say(qr_for_terminal(named.credentials))
        output.say(f"joins {shown(named.ssid)}; switch mobile data off while you talk to the camera")
    output.result({"ssid": named.ssid, "text": wifi_text(named.credentials), "file": target})
