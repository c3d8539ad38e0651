"""The camera's network as a person names it: its SSID, its QR text, its NFC tag, or one that was kept."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dayspool.cli.output import shown
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.wifi import CameraNetwork, Credentials, Nmcli

__all__ = [
    "Given",
    "given",
    "kept",
    "network_options",
    "network_with_password",
    "only_kept",
    "pairing_options",
    "radio_options",
    "tool",
]

_STDIN = "-"
_LARGEST_RECORD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A network, and its password where it is known without asking."""

    ssid: str
    credentials: Credentials | None


def pairing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--qr` and `--nfc`."""
    for name, metavar, text in (
        (
            "--nfc",
            "FILE|HEX|-",
            "The camera's NFC record (application/x-sony-pmm): a file, its bytes in hex, or - for standard input; "
            "hex given here shows the password to every program on this machine.",
        ),
        (
            "--qr",
            "TEXT|-",
            "The text of the QR code that the camera shows; - reads it from standard input. It holds the password, "
            "and text given here is seen by every program on this machine.",
        ),
    ):
        function = click.option(name, metavar=metavar, help=text)(function)
    return function


def network_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the SSID and all the ways to give its password, none of which is an option's value."""
    function = click.option(
        "--password-file",
        metavar="FILE|-",
        help="Read the password from the first line of a file; - is standard input.",
    )(function)
    return click.argument("ssid", required=False)(pairing_options(function))


def radio_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--interface` and `--bssid`."""
    for name, metavar, text in (
        ("--bssid", "MAC", "Join only the access point with this address."),
        ("--interface", "NAME", "Use this Wi-Fi interface only, such as wlan0."),
    ):
        function = click.option(name, metavar=metavar, help=text)(function)
    return function


def kept() -> dict[str, Credentials]:
    """Return the networks that `wifi pair` has kept, by SSID.

    Raises:
        PlanError: their file makes no sense.
    """
    from dayspool.wifi import load_saved, saved_file

    return load_saved(saved_file(os.environ))


def only_kept() -> Given:
    """Return the one network that was kept.

    Raises:
        PlanError: none is, or several are.
    """
    saved = kept()
    if len(saved) != 1:
        told = f"several are kept: {', '.join(map(shown, saved))}" if saved else "none is kept"
        raise PlanError(f"which camera's network? {told}; name its SSID, or give --qr or --nfc")
    ((ssid, credentials),) = saved.items()
    return Given(ssid=ssid, credentials=credentials)


def given(ssid: str | None, qr: str | None, nfc: str | None, password_file: str | None = None) -> Given | None:
    """Return the network a person names, or None if they name none.

    Raises:
        PlanError: they name two, or what they give cannot be read.
    """
    from dayspool.wifi import Credentials, check_ssid, parse_qr

    if password_file is not None and ssid is None:
        raise PlanError("--password-file goes with the SSID of the network it is for")
    if sum(one is not None for one in (ssid, qr, nfc)) > 1:
        raise PlanError("name the network once: by its SSID, by --qr or by --nfc")
    if qr is not None:
        paired = parse_qr(_first_line() if qr == _STDIN else qr)
        return Given(ssid=paired.ssid, credentials=paired)
    if nfc is not None:
        paired = _from_nfc(nfc)
        return Given(ssid=paired.ssid, credentials=paired)
    if ssid is None:
        return None
    check_ssid(ssid)
    if password_file is not None:
        return Given(ssid=ssid, credentials=Credentials(ssid=ssid, password=_password_in(password_file)))
    return Given(ssid=ssid, credentials=kept().get(ssid))


def _from_nfc(text: str) -> Credentials:
    from dayspool.wifi import nfc_bytes, parse_nfc

    if text == _STDIN:
        return parse_nfc(nfc_bytes(sys.stdin.buffer.read(_LARGEST_RECORD_BYTES)))
    path = Path(text)
    try:
        content = path.read_bytes()
    except OSError as error:
        content = text.encode(errors="replace")
        if nfc_bytes(content) == content:
            raise PlanError(
                f"--nfc {text!r} is neither a file that can be read ({error.strerror}) nor bytes in hex"
            ) from error
    return parse_nfc(nfc_bytes(content))


def _password_in(name: str) -> str:
    if name == _STDIN:
        return _first_line()
    try:
        return Path(name).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"the password file {name} cannot be read: {error}") from error


def _first_line() -> str:
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise PlanError("what came through standard input is no text") from error


def tool(ssid: str | None, interface: str | None) -> Nmcli:
    """Return what speaks to NetworkManager, and tells what to do where there is none."""
    from dayspool.wifi import Nmcli, by_hand

    return Nmcli(instead=by_hand(ssid, interface, os.environ))


async def network_with_password(
    named: Given, nmcli: Nmcli, *, interface: str | None, bssid: str | None
) -> CameraNetwork:
    """Return the network, with a password if NetworkManager does not know it yet: asked for, as the last way.

    Raises:
        PlanError: it is no camera's network, or nobody is there to ask.
        ToolError: NetworkManager cannot be asked.
    """
    from dayspool.wifi import CameraNetwork, Credentials, Profile

    profile = Profile(ssid=named.ssid, interface=interface, bssid=bssid)
    password = named.credentials.password if named.credentials else None
    network = CameraNetwork(nmcli, profile, password=password)
    if password is not None or await network.has_profile():
        return network
    if not sys.stdin.isatty():
        raise PlanError(
            f"the password of {named.ssid} is not known: give it with --password-file, --qr - or --nfc, "
            "or keep it once with `dayspool wifi pair`"
        )
    asked = click.prompt(f"Password of {named.ssid} (the camera shows it)", hide_input=True, err=True)
    return CameraNetwork(nmcli, profile, password=Credentials(ssid=named.ssid, password=asked).password)
