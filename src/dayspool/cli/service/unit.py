"""The systemd unit of a shoot, as text built from data: nothing is read, written or run here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from dayspool.errors import PlanError

__all__ = ["Unit", "quoted", "unit_name", "unit_text"]

PREFIX = "dayspool-"
SHOOT_KEY = "X-Dayspool-Shoot="  # systemd.unit(5): settings that begin with X- are ignored
LONGEST_NAME = 60
HOMES = ("/home", "/root", "/run/user")  # what ProtectHome= hides
READS = ("DAYSPOOL_SETTINGS", "DAYSPOOL_SONY_KEY")  # variables that name a file

# A turn of the loop may take two minutes (a long download), and a system start has other things to do.
_SERVICE = """\
Type=notify
NotifyAccess=main
WatchdogSec=5min
TimeoutStartSec=5min
TimeoutStopSec=3min
# `dayspool alarms` beside the shoot has the last word still to deliver, then ends by itself.
KillMode=process
Restart=on-failure
RestartSec=5s
RestartPreventExitStatus=2
MemoryMax=512M
TasksMax=64
UMask=0022
Environment=PYTHONUNBUFFERED=1
"""

# Works for a user's services too: no more than a filter of system calls, which needs no rights.
_SANDBOX = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""

# Only the system's own manager may change what a service sees and may. No MemoryDenyWriteExecute=: ctypes, which lists
# the network interfaces, makes its callbacks in such memory where libffi is old.
_SYSTEM_SANDBOX = """\
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What a shoot's unit is made of.

    Attributes:
        shoot: its folder, absolute.
        python: the interpreter that runs dayspool, absolute.
        reads: where that interpreter, its packages and the home of who shoots lie, absolute.
        user: who shoots; `None` in the unit of a user's own service manager.
        interface: the network interface to look for the camera through, if only one.
        environment: variables that dayspool needs there.
    """

    shoot: Path
    python: Path
    reads: tuple[Path, ...] = ()
    user: str | None = None
    interface: str | None = None
    environment: tuple[tuple[str, str], ...] = ()


def unit_name(shoot: Path) -> str:
    """Return the name of a shoot's unit: readable, one for each folder, and nothing in it that a shell would mind."""
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", shoot.name).strip("-")[:LONGEST_NAME]
    digest = hashlib.blake2b(bytes(shoot), digest_size=4).hexdigest()
    return f"{PREFIX}{readable}-{digest}.service" if readable else f"{PREFIX}{digest}.service"


def quoted(text: str | Path, *, command: bool = False) -> str:
    """Return a word of a unit file: quoted, with what systemd would read something into taken at its face value.

    `command` is for the words of a command line, where systemd puts variables in for `$` (systemd.service(5)).

    Raises:
        PlanError: it holds a line break or another control character.
    """
    said = str(text)
    if any(not sign.isprintable() and sign != " " for sign in said):
        raise PlanError(f"{said!r} holds signs that a unit file cannot; rename it")
    said = said.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{said.replace("$", "$$") if command else said}"'


def unit_text(unit: Unit) -> str:
    """Return the unit file.

    A shoot that is over is neither started nor restarted (`ExecCondition=`), one that was misused (exit code 2) is not
    tried again, and one that failed otherwise, hangs or was killed is, for ever.
    """
    dayspool = (unit.python, "-m", "dayspool")
    shoot = (*dayspool, "shoot", unit.shoot, *(("--interface", unit.interface) if unit.interface else ()))
    system = unit.user is not None
    mounts = " ".join(quoted(path) for path in (unit.shoot, unit.python) if _is_simple(path))
    lines = [
        "# Made by `dayspool service install`, undone by `dayspool service remove`; `systemctl edit` adds to it.",
        "[Unit]",
        f"Description=Time-lapse {_plain(unit.shoot.name)}",
        "After=network.target NetworkManager.service",
        "StartLimitIntervalSec=0",
        *([f"RequiresMountsFor={mounts}"] if system and mounts else []),
        f"{SHOOT_KEY}{_plain(str(unit.shoot))}",
        "",
        "[Service]",
        *([f"User={unit.user}"] if system else []),
        f"ExecCondition={_command(*dayspool, 'service', 'due', unit.shoot)}",
        f"ExecStart={_command(*shoot)}",
        *_SERVICE.splitlines(),
        *(f"Environment={quoted(f'{name}={value}')}" for name, value in unit.environment),
        *_SANDBOX.splitlines(),
        *([*_SYSTEM_SANDBOX.splitlines(), _home(unit), f"ReadWritePaths={quoted(unit.shoot)}"] if system else []),
        "",
        "[Install]",
        f"WantedBy={'multi-user' if system else 'default'}.target",
    ]
    return "\n".join(lines) + "\n"


def _command(*words: str | Path) -> str:
    return " ".join(quoted(word, command=True) for word in words)


def _is_simple(path: Path) -> bool:
    """Say whether a path is read alike by every setting: where mounts are named, escapes are not undone."""
    return not set('\\"') & set(str(path))


def _plain(text: str) -> str:
    quoted(text)
    return text.replace("\\", "\\\\").replace("%", "%%")


def _home(unit: Unit) -> str:
    """Return how much of people's homes is hidden: all, unless something that is needed lies there.

    An empty folder hides as well as a locked one (`yes`), and who looks for settings in it finds none, not an error.
    """
    named = (Path(value) for name, value in unit.environment if name in READS)
    needed = (unit.shoot, unit.python, *unit.reads, *named)
    inside = any(path.is_relative_to(home) for path in needed for home in HOMES)
    return f"ProtectHome={'read-only' if inside else 'tmpfs'}"
