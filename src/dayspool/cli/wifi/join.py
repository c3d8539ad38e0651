"""`dayspool wifi join`: join a camera's network once, and say what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import DURATION, Output, json_option, shown
from dayspool.cli.wifi.given import Given, given, kept, network_options, network_with_password, radio_options, tool
from dayspool.clock import pause
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from datetime import timedelta

    from dayspool.wifi import CameraNetwork, Link, Nmcli, Phase

__all__ = ["command"]

_BETWEEN_SCANS_SECONDS = 2.0


@click.command
@network_options
@radio_options
@click.option("--timeout", type=DURATION, default="15s", show_default=True, help="How long to look for the network.")
@click.option("--cycle-radio", is_flag=True, help="Switch Wi-Fi off and on first; other connections break.")
@json_option
def command(
    ssid: str | None,
    qr: str | None,
    nfc: str | None,
    password_file: str | None,
    interface: str | None,
    bssid: str | None,
    timeout: timedelta,
    cycle_radio: bool,
    output: Output,
) -> None:
    """Join the camera's network SSID; without one, the only camera's network on the air.

    The profile is dayspool's own and never the way to the internet; a person's own connections stay as they are.
    Exits 1 when it was not joined: the camera is off, or it refuses, or something else that is told.
    """
    named = given(ssid, qr, nfc, password_file)

    async def attempt() -> bool:
        nmcli = tool(named.ssid if named else None, interface)
        chosen = named or await _only_camera(nmcli, interface)
        network = await network_with_password(chosen, nmcli, interface=interface, bssid=bssid)
        if cycle_radio:
            await network.cycle_radio()
        return await _joined(network, timeout.total_seconds(), output)

    if not anyio.run(attempt):
        raise click.exceptions.Exit(1)


async def _only_camera(nmcli: Nmcli, interface: str | None) -> Given:
    from dayspool.wifi import visible_cameras

    seen = await visible_cameras(nmcli, interface=interface)
    if len(seen) != 1:
        told = f"several are on the air: {', '.join(map(shown, seen))}" if seen else "none is on the air"
        raise PlanError(f"which camera's network? {told}; name one: dayspool wifi join SSID")
    return Given(ssid=seen[0], credentials=kept().get(seen[0]))


async def _joined(network: CameraNetwork, seconds: float, output: Output) -> bool:
    """Join, tell how it went, and say whether the network is joined now."""
    from dayspool.wifi import Joined, Outcome, Phase

    link = await network.link()
    if isinstance(link, Joined):
        return _told(network, output, Phase.JOINED, link, "it was joined already")
    if not await _appears(network, seconds):
        return _told(network, output, Phase.CAMERA_OFF, link, await network.explain_absence())
    result = await network.join()
    if result.outcome is Outcome.REFUSED:
        said = f"the password is wrong, or the signal too weak ({result.said})"
        return _told(network, output, Phase.REFUSED, link, said)
    if result.outcome is Outcome.NOT_SEEN:
        return _told(network, output, Phase.CAMERA_OFF, link, f"it went off the air ({result.said})")
    link = await network.link()
    phase = Phase.JOINED if isinstance(link, Joined) else Phase.FAILED
    lost = "it was joined and lost again" if result.outcome is Outcome.JOINED else result.said
    return _told(network, output, phase, link, "" if phase is Phase.JOINED else lost)


async def _appears(network: CameraNetwork, seconds: float) -> bool:
    deadline = anyio.current_time() + seconds
    while not await network.is_visible():
        if anyio.current_time() >= deadline:
            return False
        await pause(_BETWEEN_SCANS_SECONDS)
    return True


def _told(network: CameraNetwork, output: Output, phase: Phase, link: Link, detail: str) -> bool:
    from dayspool.wifi import Joined

    joined = link if isinstance(link, Joined) else None
    ssid = network.profile.ssid
    output.result(
        {
            "ssid": ssid,
            "state": phase,
            "interface": joined.interface if joined else None,
            "address": joined.camera_host if joined else None,
            "profile": joined.profile if joined else None,
            "detail": detail,
        }
    )
    if joined is None:
        click.echo(f"dayspool: {shown(ssid)} was not joined: {detail}", err=True)
        return False
    output.say(f"{shown(ssid)} is joined on {joined.interface}" + (f"; {detail}" if detail else ""))
    output.say(f"the camera is at {joined.camera_host or 'an address that its network does not tell'}")
    if joined.profile != network.profile.name:
        output.say(
            f"(by your own connection {shown(joined.profile)}, which may make the camera the way to the internet)"
        )
    return True
