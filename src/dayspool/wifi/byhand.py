"""What a person can do by hand where there is no NetworkManager: on a phone, or a small system."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["by_hand", "is_android"]

_ANDROID = (
    "On Android no program may join a network for you. In the system's Wi-Fi settings choose the camera's network",
    'and type its password; when Android says it has no internet, answer "stay connected"; switch mobile data off, or',
    "Android sends the camera's traffic there. `dayspool wifi qr` shows a code that a second phone's screen can offer.",
)

_TOOLS = {
    "iwctl": ("With iwd:", "iwctl station {interface} connect {quoted}"),
    "wpa_cli": (
        "With wpa_supplicant, in `wpa_cli -i {interface}`:",
        'add_network · set_network 0 ssid "{ssid}" · set_network 0 psk "PASSWORD" · enable_network 0, '
        "and then a DHCP client: dhclient {interface} or udhcpc -i {interface}",
    ),
}
_OTHERWISE = "Join the camera's network {ssid} with whatever this system has, or: apt install network-manager"
_LAST = "Then `dayspool find` looks for the camera."


def is_android(environment: Mapping[str, str]) -> bool:
    """Say whether this runs on a phone: Termux and its guests keep these variables."""
    return bool(environment.keys() & {"ANDROID_ROOT", "ANDROID_DATA", "TERMUX_VERSION"})


def by_hand(ssid: str | None, interface: str | None, environment: Mapping[str, str]) -> str:
    """Return how to join the network `ssid` without us, for this machine."""
    name = ssid or "DIRECT-…"
    names = {"ssid": name, "quoted": shlex.quote(name), "interface": interface or "wlan0"}
    if is_android(environment):
        lines = list(_ANDROID)
    else:
        there = [lines for tool, lines in _TOOLS.items() if shutil.which(tool, path=environment.get("PATH"))]
        lines = [line.format(**names) for found in there for line in found] or [_OTHERWISE.format(**names)]
    return "\n".join(["What to do by hand:", *(f"  {line}" for line in [*lines, _LAST])])
