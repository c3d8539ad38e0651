"""`dayspool wifi pair`: keep a camera's name and password from its QR text or NFC tag."""

from __future__ import annotations

import os
import shlex

import click

from dayspool.cli.output import Output, json_option, shown
from dayspool.cli.wifi.given import given, pairing_options
from dayspool.errors import PlanError

__all__ = ["command"]


@click.command
@pairing_options
@click.option("--no-save", is_flag=True, help="Only show what the code or tag says; keep nothing.")
@click.option("--show-password", is_flag=True, help="Show the password too.")
@json_option
def command(qr: str | None, nfc: str | None, no_save: bool, show_password: bool, output: Output) -> None:
    """Keep a camera's name and password, so that `join`, `watch` and `qr` need only its SSID.

    They go to dayspool/wifi.toml in your configuration folder, which only you may read. The camera shows its QR code
    when it waits for a smartphone; `--qr -` reads the text from standard input, where no list of processes shows it.
    """
    from dayspool.wifi import save, saved_file

    named = given(None, qr, nfc)
    if named is None or named.credentials is None:
        raise PlanError("give the text of the camera's QR code (--qr - reads it unseen) or its NFC record (--nfc FILE)")
    credentials = named.credentials
    path = None if no_save else saved_file(os.environ)
    if path is not None:
        save(path, credentials)
    output.say(f"{shown(credentials.ssid)}" + (f"  {credentials.password}" if show_password else ""))
    if path is not None:
        output.say(f"kept in {path}; next: dayspool wifi join {shlex.quote(credentials.ssid)}")
    output.result(
        {
            "ssid": credentials.ssid,
            "name": credentials.name,
            "saved": path,
            **({"password": credentials.password} if show_password else {}),
        }
    )
