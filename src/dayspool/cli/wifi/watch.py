"""`dayspool wifi watch`: stay joined to a camera's network until interrupted."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.output import DURATION, Output, json_option, shown
from dayspool.cli.wifi.given import given, network_options, network_with_password, only_kept, radio_options, tool
from dayspool.clock import SystemClock

if TYPE_CHECKING:
    from datetime import timedelta

    from dayspool.wifi import CameraNetwork, Change, Policy

__all__ = ["command"]


@click.command
@network_options
@radio_options
@click.option(
    "--radio-after",
    type=DURATION,
    help="Switch Wi-Fi off and on when the network has been away so long; other connections break. Else never.",
)
@json_option
def command(
    ssid: str | None,
    qr: str | None,
    nfc: str | None,
    password_file: str | None,
    interface: str | None,
    bssid: str | None,
    radio_after: timedelta | None,
    output: Output,
) -> None:
    """Stay joined to the camera's network SSID until interrupted; without one, the only one that was kept.

    Looks every ten seconds, and joins again when the camera is back, after pauses of two seconds to a minute. A camera
    that is off is told from one that refuses. A network that hides its name is never seen.
    """
    named = given(ssid, qr, nfc, password_file) or only_kept()

    async def run() -> None:
        from dayspool.wifi import Policy

        nmcli = tool(named.ssid, interface)
        network = await network_with_password(named, nmcli, interface=interface, bssid=bssid)
        await network.link()  # where NetworkManager cannot be asked at all, say so and end
        policy = Policy(radio_after_seconds=radio_after.total_seconds() if radio_after else None)
        await _until_told(network, policy, output)

    anyio.run(run)


async def _until_told(network: CameraNetwork, policy: Policy, output: Output) -> None:
    """Watch until SIGTERM or SIGINT."""
    from dayspool.wifi import stay_joined

    def tell(change: Change) -> None:
        output.say(_sentence(network.profile.ssid, change))
        output.result(
            {
                "at": change.at,
                "ssid": network.profile.ssid,
                "state": change.phase,
                "interface": change.interface,
                "address": change.camera_host,
                "detail": change.detail,
            }
        )

    async def watch() -> None:
        await stay_joined(network, SystemClock(), on_change=tell, policy=policy)

    try:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch)
                async for _ in signals:
                    tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:  # a reader of our lines that has gone: as for any command
        raise group.exceptions[0] from None


def _sentence(ssid: str, change: Change) -> str:
    said = f"{change.at.astimezone():%H:%M:%S}  {shown(ssid)}: {change.phase.value}"
    where = f" on {change.interface}, the camera is at {change.camera_host}" if change.interface else ""
    return said + where + (f", {change.detail}" if change.detail else "")
