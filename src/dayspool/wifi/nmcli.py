"""The command lines of NetworkManager's nmcli, built as data, and its terse answers, read back.

After nmcli(1) and nm-settings-nmcli(5) of NetworkManager 1.42. Connections are named by their UUID alone: nmcli takes a
name that looks like an option for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "MARKER",
    "PROFILE_PREFIX",
    "AccessPoint",
    "Argv",
    "Device",
    "Profile",
    "add_profile",
    "bring_up",
    "delete_profile",
    "list_profiles",
    "modify_profile",
    "passwords",
    "radio",
    "read_access_points",
    "read_device",
    "read_profiles",
    "scan",
    "show_device",
    "show_marker",
]

Argv: TypeAlias = tuple[str, ...]

PROFILE_PREFIX = "dayspool-"
MARKER = "dayspool"
"""Our profiles' `connection.stable-id`: with the name's prefix, what tells them from a person's own."""

_AUTOCONNECT_PRIORITY = -10  # a person's own networks have 0 and go first
_PASSWORD_KEY = "802-11-wireless-security.psk"  # noqa: S105 - the name of a setting
_ANY_INTERFACE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The connection we make for one camera's network; `bssid` and `interface` pin it, None means any."""

    ssid: str
    interface: str | None = None
    bssid: str | None = None

    @property
    def name(self) -> str:
        """The connection's name: `dayspool-p2E0:ILCE-6300`."""
        return PROFILE_PREFIX + self.ssid.removeprefix("DIRECT-")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """One line of a scan; `ssid` is None where its bytes are no text."""

    ssid: str | None
    bssid: str
    signal_percent: int
    in_use: bool
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What an interface is doing; `connection` is the name of its profile, `camera_host` the network's gateway."""

    state: int
    connection: str
    camera_host: str | None

    @property
    def is_connected(self) -> bool:
        """Whether the network is joined and has given an address (NM_DEVICE_STATE_ACTIVATED)."""
        return self.state == 100

    @property
    def is_connecting(self) -> bool:
        """Whether NetworkManager is joining it just now (from PREPARE to SECONDARIES)."""
        return 40 <= self.state < 100


def list_profiles() -> Argv:
    """Return the command that lists all connections."""
    return ("-t", "-f", "UUID,NAME", "connection", "show")


def show_marker(uuid: str) -> Argv:
    """Return the command that shows where our marker would be."""
    return ("-e", "no", "-g", "connection.stable-id", "connection", "show", "uuid", uuid)


def add_profile(profile: Profile) -> Argv:
    """Return the command that makes our connection; it holds no password."""
    names = ("con-name", profile.name, "ifname", profile.interface or _ANY_INTERFACE, "ssid", profile.ssid)
    return ("connection", "add", "type", "wifi", *names, *_settings(profile))


def modify_profile(uuid: str, profile: Profile) -> Argv:
    """Return the command that brings a connection of ours up to date; a password that is kept in it stays."""
    pinned = ("connection.interface-name", profile.interface or "")
    return ("connection", "modify", "uuid", uuid, *pinned, *_settings(profile))


def delete_profile(uuid: str) -> Argv:
    """Return the command that removes a connection of ours."""
    return ("connection", "delete", "uuid", uuid)


def _settings(profile: Profile) -> Argv:
    """Return what makes the link a camera's: it joins by itself, and never becomes the way to the world.

    `autoconnect-retries` 0 is "for ever"; `powersave` 2 is "off".
    """
    settings = {
        "connection.stable-id": MARKER,
        "connection.autoconnect": "yes",
        "connection.autoconnect-priority": str(_AUTOCONNECT_PRIORITY),
        "connection.autoconnect-retries": "0",
        "802-11-wireless.mode": "infrastructure",
        "802-11-wireless.bssid": profile.bssid or "",
        "802-11-wireless.powersave": "2",
        "802-11-wireless-security.key-mgmt": "wpa-psk",
        "ipv4.method": "auto",
        "ipv4.never-default": "yes",
        "ipv4.ignore-auto-dns": "yes",
        "ipv6.method": "disabled",
    }
    return tuple(word for pair in settings.items() for word in pair)


def bring_up(uuid: str, *, wait_seconds: int, with_password: bool, interface: str | None = None) -> Argv:
    """Return the command that joins.

    The password comes through standard input: an argument list can be read by everybody on the machine, and a file
    may survive a crash. NetworkManager keeps it in the profile once it has worked.
    """
    on = ("ifname", interface) if interface else ()
    secret = ("passwd-file", "/dev/stdin") if with_password else ()
    return ("-w", str(wait_seconds), "connection", "up", "uuid", uuid, *on, *secret)


def passwords(password: str) -> bytes:
    """Return the password as a `passwd-file`: its reader undoes backslashes and strips blanks that have none."""
    escaped = re.sub(r"([\\ ])", r"\\\1", password)
    return f"{_PASSWORD_KEY}:{escaped}\n".encode()


def scan(*, fresh: bool, interface: str | None = None) -> Argv:
    """Return the command that lists the access points; `fresh` looks at the air again, which takes seconds."""
    fields = "IN-USE,SSID-HEX,BSSID,SIGNAL,DEVICE"  # the name in hex: exact, whatever a person has named it
    on = ("ifname", interface) if interface else ()
    return ("-t", "-f", fields, "device", "wifi", "list", *on, "--rescan", "yes" if fresh else "no")


def show_device(interface: str) -> Argv:
    """Return the command that tells the state and the addresses of an interface."""
    return ("-t", "-m", "multiline", "-f", "GENERAL,IP4,DHCP4", "device", "show", interface)


def radio(word: str = "") -> Argv:
    """Return the command that switches all Wi-Fi `on` or `off`, or that asks how it is."""
    return ("radio", "wifi", *([word] if word else []))


def read_profiles(text: str) -> dict[str, str]:
    """Return the name of every connection by its UUID; lines that make no sense are passed over."""
    return {row[0]: row[1] for row in map(_columns, text.split("\n")) if len(row) == 2}


def read_access_points(text: str) -> tuple[AccessPoint, ...]:
    """Read a scan; lines that make no sense are passed over."""
    points = []
    for row in map(_columns, text.split("\n")):
        if len(row) != 5 or not row[3].isdecimal():
            continue
        in_use, ssid, bssid, signal, interface = row
        points.append(
            AccessPoint(
                ssid=_from_hex(ssid),
                bssid=bssid,
                signal_percent=min(int(signal[:4]), 100),
                in_use=in_use == "*",
                interface=interface,
            )
        )
    return tuple(points)


def read_device(text: str) -> Device:
    """Read what `show_device` shows.

    The camera gives the addresses, so it is the router of its network; a profile that is never the default route has
    no gateway, and the lease tells.
    """
    values = {key: value for key, _, value in (line.partition(":") for line in text.split("\n"))}
    lease = dict(
        option
        for key, value in values.items()
        if key.startswith("DHCP4.OPTION") and len(option := value.split(" = ", 1)) == 2
    )
    hosts = (lease.get("routers"), values.get("IP4.GATEWAY"), lease.get("dhcp_server_identifier"))
    state = re.match(r"\d{1,3}", values.get("GENERAL.STATE", ""))
    return Device(
        state=int(state[0]) if state else 0,
        connection=values.get("GENERAL.CONNECTION", ""),
        camera_host=next((host.split()[0] for host in hosts if host and host.strip() not in ("", "--")), None),
    )


def _columns(line: str) -> list[str]:
    """Split a terse line at its colons; a colon or backslash that is data has a backslash before it."""
    columns, signs = [""], iter(line)
    for sign in signs:
        if sign == ":":
            columns.append("")
        else:
            columns[-1] += next(signs, "") if sign == "\\" else sign
    return columns


def _from_hex(digits: str) -> str | None:
    try:
        return bytes.fromhex(digits).decode()
    except ValueError:
        return None
