"""`dayspool doctor`: what works on this machine, and what to install for the rest."""

from __future__ import annotations

import importlib.metadata
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option, size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Check", "checks", "command"]

FILM_PACKAGES = ("av", "numpy", "pillow")
SIM_PACKAGES = ("h11", "numpy", "pillow")
LEAST_FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that works or not; `remedy` says what to do about it."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@click.command
@json_option
def command(output: Output) -> None:
    """Tell what works on this machine, and what to install for the rest.

    Exits 0 whatever it finds: a phone that only shoots needs no darktable.
    """
    found = []
    for check in checks():
        found.append(check)
        output.say(f"{'ok  ' if check.ok else 'no  '} {check.name:<12} {check.detail}")
        if not check.ok:
            output.say(f"     {'':<12} → {check.remedy}")
    output.result({"checks": found})


def checks() -> Iterator[Check]:
    """Yield every check as it is made."""
    yield _python()
    yield _sqlite()
    yield _network()
    yield _clock()
    yield _disk()
    yield _packages("film", "film", FILM_PACKAGES)
    yield _encoder()
    yield _darktable()
    yield _packages("simulator", "film", SIM_PACKAGES)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(name="python", ok=sys.version_info >= (3, 11), detail=version, remedy="install Python 3.11 or later")


def _sqlite() -> Check:
    version = sqlite3.sqlite_version
    ok = sqlite3.sqlite_version_info >= (3, 37)  # STRICT tables
    return Check(name="journal", ok=ok, detail=f"SQLite {version}", remedy="install a Python with SQLite 3.37 or later")


def _network() -> Check:
    from dayspool.discovery.interfaces import ipv4_interfaces

    names = [str(interface) for interface in ipv4_interfaces()]
    detail = ", ".join(names) or "no IPv4 network"
    return Check(name="network", ok=bool(names), detail=detail, remedy="join the camera's Wi-Fi (DIRECT-…)")


def _clock() -> Check:
    remedy = "switch on time synchronisation, or mind that slots follow this machine's clock"
    try:
        told = subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        told = ""
    if told not in ("yes", "no"):
        return Check(name="clock", ok=True, detail="cannot be told whether it is synchronised")
    return Check(
        name="clock", ok=told == "yes", detail="synchronised" if told == "yes" else "free-running", remedy=remedy
    )


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free
    ok = free >= LEAST_FREE_BYTES
    return Check(name="disk", ok=ok, detail=f"{size_text(free)} free here", remedy="make room, or shoot elsewhere")


def _packages(name: str, extra: str, needed: tuple[str, ...]) -> Check:
    there, missing = [], []
    for package in needed:
        try:
            there.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    detail = f"missing: {', '.join(missing)}" if missing else ", ".join(there)
    return Check(name=name, ok=not missing, detail=detail, remedy=f"pip install 'dayspool[{extra}]'")


def _encoder() -> Check:
    remedy = "pip install 'dayspool[film]'"
    try:
        import av
    except ImportError:
        return Check(name="encoder", ok=False, detail="PyAV is not installed", remedy=remedy)
    ok = "libx264" in av.codecs_available
    detail = "H.264 by libx264" if ok else "this PyAV has no libx264"
    return Check(name="encoder", ok=ok, detail=detail, remedy="install PyAV from its own wheels: pip install av")


def _darktable() -> Check:
    remedy = "apt install darktable; without it, `--developer builtin` develops JPEGs"
    try:
        from dayspool.develop import DarktableDeveloper
    except ImportError:
        return Check(name="darktable", ok=False, detail="not tried: the film packages are missing", remedy=remedy)
    info = DarktableDeveloper().probe()
    return Check(name="darktable", ok=info.ok, detail=f"{info.version} {info.detail}".strip(), remedy=remedy)
