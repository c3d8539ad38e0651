"""`dayspool doctor`: what works on this machine, and what to install for the rest."""

from __future__ import annotations

import importlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.check import Check, told
from dayspool.cli.host import host_checks
from dayspool.cli.output import Output, json_option, shown, size_text
from dayspool.core.plan import duration_text
from dayspool.errors import PlanError, ToolError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["checks", "command"]

FILM_PACKAGES = ("av", "numpy", "PIL", "rawpy", "simplejpeg", "tifffile")  # by the names they are imported by
SIM_PACKAGES = ("h11", "numpy", "PIL", "astral")
LEAST_FREE_BYTES = 2_000_000_000
WORK_BYTES = 4_000_000_000  # sixteen 20-megapixel plates of 16 bit with half as much again, and their frames
RAM_DISK = Path("/dev/shm")  # noqa: S108 - only looked at


@click.command
@click.argument("shoot", type=click.Path(path_type=Path), required=False)
@json_option
def command(shoot: Path | None, output: Output) -> None:
    """Tell what works on this machine, and what to install for the rest.

    With SHOOT: of the disk that it lies on, and what this machine cost it. Exits 0 whatever it finds: a phone that only
    shoots needs no darktable.
    """
    found = []
    for check in checks(shoot):
        found.append(check)
        output.say(f"{'ok  ' if check.ok else 'no  '} {check.name:<12} {check.detail}")
        if not check.ok:
            output.say(f"     {'':<12} → {check.remedy}")
    output.result({"checks": found})


def checks(shoot: Path | None = None) -> Iterator[Check]:
    """Yield every check as it is made, of `shoot` too where one is named.

    Raises:
        PlanError, JournalError: that is no shoot, or cannot be read.
    """
    if shoot is not None:
        yield _stalls(shoot)
    yield _python()
    yield _sqlite()
    yield _network()
    yield _wifi()
    yield _packages("router", "snmp", ("pysnmp",))
    yield from host_checks(shoot or Path.cwd())
    yield _alarms()
    yield _disk(shoot or Path.cwd())
    yield _work_room()
    yield _packages("meter", "meter", ("PIL",))
    yield _packages("mqtt", "mqtt", ("paho.mqtt",))
    yield _packages("film", "film", FILM_PACKAGES)
    yield _encoder()
    yield _libraw()
    yield _darktable()
    yield _modules()
    yield _packages("simulator", "film", SIM_PACKAGES)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return told("python", ok=sys.version_info >= (3, 11), detail=version, remedy="install Python 3.11 or later")


def _sqlite() -> Check:
    version = sqlite3.sqlite_version
    ok = sqlite3.sqlite_version_info >= (3, 37)  # STRICT tables
    return told("journal", ok=ok, detail=f"SQLite {version}", remedy="install a Python with SQLite 3.37 or later")


def _network() -> Check:
    from dayspool.discovery.interfaces import ipv4_interfaces

    names = [str(interface) for interface in ipv4_interfaces()]
    detail = ", ".join(names) or "no IPv4 network"
    return told("network", ok=bool(names), detail=detail, remedy="join the camera's Wi-Fi (DIRECT-…)")


def _wifi() -> Check:
    remedy = "apt install network-manager, or join the camera's network by hand (dayspool wifi join says how)"
    running = _said("nmcli", "-t", "-f", "RUNNING", "general")
    if running == "running":
        return told("wi-fi", ok=True, detail="NetworkManager runs: dayspool wifi join", remedy=remedy)
    detail = "no NetworkManager" if running is None else "NetworkManager does not run"
    return told("wi-fi", ok=False, detail=detail, remedy=remedy)


def _stalls(shoot: Path) -> Check:
    """Tell how often, and for how long, the machine stood still while it was to shoot."""
    from dayspool.cli.following import Following
    from dayspool.clock import SystemClock

    with Following(shoot) as following:
        for _ in following.catch_up():
            pass
        stalls = following.standing(SystemClock().utc()).stalls
    if not stalls:
        return told("stalls", ok=True, detail="this machine never stood still during the shoot", remedy="")
    longest = duration_text(timedelta(seconds=round(max(stalls))))
    detail = f"this machine stood still {len(stalls)} times, the longest for {longest}"
    return told("stalls", ok=False, detail=detail, remedy="see docs/android.md for phones; keep a laptop from sleeping")


def _alarms() -> Check:
    """Tell who hears of a shoot in need, as far as the settings go; whether it reaches them, a test alarm says."""
    from dayspool.config.places import settings_path
    from dayspool.config.settings import load_settings

    path = settings_path()
    try:
        settings = load_settings(path)
    except PlanError as error:
        return told("alarms", ok=False, detail="; ".join(str(error).splitlines()), remedy="docs/alarms.md says how")
    names = ", ".join(shown(one.name) for one in settings.alarms)
    detail = f"told: {names} (dayspool alarms --test)" if names else f"nobody is told: {path} names no receiver"
    return told("alarms", ok=not settings.warnings, detail=detail, remedy="; ".join(settings.warnings))


def _said(*argv: str) -> str | None:
    """Return what a program printed; `None` where it is not there or hangs."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    ok = free >= LEAST_FREE_BYTES
    return told(
        "disk",
        ok=ok,
        detail=f"{size_text(free)} free {'here' if folder == Path.cwd() else 'there'}",
        remedy="make room, or shoot elsewhere",
    )


def _work_room() -> Check:
    """Look at the two places where frames are developed: memory, and the folder for temporary files."""
    places = [place for place in (RAM_DISK, Path(tempfile.gettempdir())) if place.is_dir()]
    free = {place: shutil.disk_usage(place).free for place in places}
    detail = ", ".join(f"{size_text(size)} free in {place}" for place, size in free.items())
    ok = max(free.values(), default=0) >= WORK_BYTES
    remedy = f"large pictures need {size_text(WORK_BYTES)} to be developed in: make room there, or set TMPDIR"
    return told("work room", ok=ok, detail=detail, remedy=remedy)


def _packages(name: str, extra: str, needed: tuple[str, ...]) -> Check:
    there, wrong = [], []
    for package in needed:
        try:
            module = importlib.import_module(package)
        except ModuleNotFoundError as error:
            wrong.append(f"{error.name} is missing")
        except (ImportError, OSError) as error:
            wrong.append(f"{package} is installed and does not load: {error}")
        else:
            there.append(f"{package} {getattr(module, '__version__', '')}".strip())
    remedy = f"pip install --force-reinstall 'dayspool[{extra}]'" if there or wrong else ""
    return told(name, ok=not wrong, detail="; ".join(wrong) or ", ".join(there), remedy=remedy)


def _encoder() -> Check:
    remedy = "pip install 'dayspool[film]'"
    try:
        import av
    except ImportError:
        return told("encoder", ok=False, detail="PyAV does not load", remedy=remedy)
    ok = "libx264" in av.codecs_available
    detail = "H.264 by libx264" if ok else "this PyAV has no libx264"
    return told("encoder", ok=ok, detail=detail, remedy="install PyAV from its own wheels: pip install av")


def _libraw() -> Check:
    """Try what develops RAW frames where darktable is not there to do it."""
    try:
        from dayspool.develop import BuiltinDeveloper, prove_raw
    except ImportError:
        detail = "not tried: the film packages are missing"
        return told("libraw", ok=False, detail=detail, remedy="pip install 'dayspool[film]'")
    try:
        prove_raw()
    except ToolError as fault:
        return told("libraw", ok=False, detail=str(fault), remedy="needed only for RAW frames without darktable")
    return told("libraw", ok=True, detail=BuiltinDeveloper().probe().detail, remedy="")


def _darktable() -> Check:
    try:
        from dayspool.develop import DarktableDeveloper
    except ImportError:
        detail = "not tried: the film packages are missing"
        return told("darktable", ok=False, detail=detail, remedy="pip install 'dayspool[film]'")
    info = DarktableDeveloper().probe()
    remedy = f"{_darktable_remedy(info.fault)}; meanwhile `--developer builtin` develops what has no darktable look"
    return told("darktable", ok=info.ok, detail=f"{info.version or 'unknown'}: {info.detail}", remedy=remedy)


def _modules() -> Check:
    """Tell whether every edit of the installed darktable can be read and moved between keyframes."""
    try:
        from dayspool.develop import installed_modules
    except ImportError:
        detail = "not tried: the film packages are missing"
        return told("modules", ok=False, detail=detail, remedy="pip install 'dayspool[film]'")
    modules = installed_modules()
    detail = f"{len(modules.modules)} modules of darktable {modules.darktable} ({modules.source})"
    return told("modules", ok=not modules.note, detail=detail, remedy=modules.note)


def _darktable_remedy(fault: ToolError | None) -> str:
    """Return what helps: installing does not help a darktable that is there and fails its test."""
    if isinstance(fault, ToolMissing):
        return "apt install darktable"
    return "mend what its test met, or install another darktable"
