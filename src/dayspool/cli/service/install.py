"""`dayspool service install`: make a shoot go on by itself."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, interface_option, json_option
from dayspool.cli.service.given import manager_option
from dayspool.cli.service.unit import HOMES, READS, Unit, unit_name, unit_text
from dayspool.config.places import SETTINGS_VARIABLE, settings_path
from dayspool.errors import PlanError, ToolMissing

if TYPE_CHECKING:
    from dayspool.cli.service.manager import Manager

__all__ = ["command"]

SERVICE_USER = "dayspool"
SYSTEM_SETTINGS = Path("/etc/dayspool/settings.toml")  # of a service whose user has no home to keep them in
LINGER = Path("/var/lib/systemd/linger")  # logind's: whose services run without a login


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@manager_option
@click.option("--run-as", metavar="USER", help=f"Who shoots, with --system; {SERVICE_USER} if left out.")
@interface_option
@json_option
def command(shoot: Path, manager: Manager, run_as: str | None, interface: str | None, output: Output) -> None:
    """Let systemd shoot what SHOOT's plan says: from now on, and again after a crash, a hang, a power cut.

    A shoot that is over is left alone. SHOOT needs a plan (shoot.toml); `dayspool shoot` begins one, and may be stopped
    with Ctrl-C to leave the rest to the service.
    """
    from dayspool.config import FILE_NAME, load_plan

    shoot = shoot.absolute()
    load_plan(shoot / FILE_NAME)
    if run_as is not None and not manager.system:
        raise PlanError("--run-as: a user's own service shoots as that user; give --system with it")
    user = _user(shoot, run_as or SERVICE_USER) if manager.system else None
    home = Path.home() if user is None else _home(user)
    environment = _environment(user, home)
    unit = Unit(
        shoot=shoot,
        python=Path(sys.executable),
        reads=(Path(sys.prefix), Path(sys.base_prefix), Path(__file__), *([home] if home else [])),
        user=user,
        interface=interface,
        environment=tuple(environment.items()),
    )
    name = unit_name(shoot)
    path = manager.write(name, unit_text(unit))
    output.say(f"{path} written")
    settings = Path(environment[SETTINGS_VARIABLE])
    if not os.path.exists(settings):  # noqa: PTH110 - one that may not be looked at is not there either
        output.say(f"note: nobody is told how it does; receivers of alarms belong into {settings} (docs/alarms.md)")
    started = _start(manager, name, output)
    if not manager.system and not (LINGER / pwd.getpwuid(os.geteuid()).pw_name).exists():
        output.say("note: it runs while you are logged in; `loginctl enable-linger` lets it run without")
    output.result({"unit": name, "path": path, "manager": manager.name, "settings": settings, "started": started})


def _start(manager: Manager, name: str, output: Output) -> bool:
    """Enable and start the unit; where there is no systemd, say what to do elsewhere."""
    try:
        manager.tell("daemon-reload")
        manager.tell("enable", name)
        manager.tell("restart", "--no-block", name)
    except ToolMissing as error:
        commands = " && ".join(" ".join(manager.argv(*words)) for words in (("daemon-reload",), ("enable --now", name)))
        output.say(f"{error}; where there is one: {commands}")
        return False
    output.say(f"started; `journalctl {'' if manager.system else '--user '}-u {name}` shows what it says")
    return True


def _user(shoot: Path, name: str) -> str:
    """Return who shoots.

    Raises:
        PlanError: there is no such user, or it may not write the shoot.
    """
    own = shlex.join(("chown", "-R", f"{name}:", str(shoot)))
    try:
        wanted = pwd.getpwnam(name)
    except KeyError:
        make = f"useradd --system --shell /usr/sbin/nologin {shlex.quote(name)} && {own}"
        raise PlanError(f"there is no user {name}; make it ({make}), or name another with --run-as") from None
    if wanted.pw_uid != shoot.stat().st_uid:  # root too: in the sandbox it may write what is its own only
        raise PlanError(f"{shoot} does not belong to {name}: {own}, or name another with --run-as")
    return name


def _home(user: str) -> Path | None:
    """Return where a user keeps things, if that is a place where people do."""
    home = Path(pwd.getpwnam(user).pw_dir)
    return home if home.is_dir() and any(home.is_relative_to(homes) for homes in HOMES) else None


def _environment(user: str | None, home: Path | None) -> dict[str, str]:
    """Return the variables of the service: where it reads its settings, whatever the shell of this command says."""
    named = {name: str(Path(os.environ[name]).expanduser().absolute()) for name in READS if os.environ.get(name)}
    if user is None:
        return {SETTINGS_VARIABLE: str(settings_path().absolute()), **named}
    own = SYSTEM_SETTINGS if home is None else home / ".config" / "dayspool" / "settings.toml"
    return {SETTINGS_VARIABLE: str(own), **named}
