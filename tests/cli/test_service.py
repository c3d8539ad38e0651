"""`dayspool service`: units as text, checked by systemd itself; and what `systemctl` is told."""

import json
import os
import pwd
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dayspool.cli.service import command, install, manager
from dayspool.cli.service.unit import Unit, quoted, unit_name, unit_text
from dayspool.core.events import RunEnded, RunStarted, ShootBegan
from dayspool.errors import PlanError
from dayspool.journal import JournalWriter
from tests.processes import DAYSPOOL

PYTHON = Path("/opt/dayspool/bin/python")
ODD_NAMES = [
    "plain",
    "with space",
    "50 % \"quoted\" $HOME back\\slash 'single'",
    "Hafen ☀ übermorgen",
    "--user",
    "%n;#",
]


def unit(name="harbour", **more):
    return Unit(shoot=Path("/srv/shoots") / name, python=PYTHON, reads=(Path("/opt/dayspool"),), **more)


def test_a_system_unit_to_the_letter():
    text = unit_text(unit(user="dayspool", interface="wlan0", environment=(("DAYSPOOL_SETTINGS", "/etc/day spool"),)))
    assert text == GOLDEN
    assert unit_name(Path("/srv/shoots/harbour")) == "dayspool-harbour-4faee76b.service"


GOLDEN = """\
# Made by `dayspool service install`, undone by `dayspool service remove`; `systemctl edit` adds to it.
[Unit]
Description=Time-lapse harbour
After=network.target NetworkManager.service
StartLimitIntervalSec=0
RequiresMountsFor="/srv/shoots/harbour" "/opt/dayspool/bin/python"
X-Dayspool-Shoot=/srv/shoots/harbour

[Service]
User=dayspool
ExecCondition="/opt/dayspool/bin/python" "-m" "dayspool" "service" "due" "/srv/shoots/harbour"
ExecStart="/opt/dayspool/bin/python" "-m" "dayspool" "shoot" "/srv/shoots/harbour" "--interface" "wlan0"
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
Environment="DAYSPOOL_SETTINGS=/etc/day spool"
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
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
ProtectHome=tmpfs
ReadWritePaths="/srv/shoots/harbour"

[Install]
WantedBy=multi-user.target
"""


def test_a_users_unit_asks_for_nothing_that_needs_rights():
    text = unit_text(unit())
    assert "WantedBy=default.target" in text
    for refused in ("User=", "CapabilityBoundingSet", "ProtectSystem", "PrivateTmp"):
        assert f"\n{refused}" not in text


def test_homes_stay_readable_only_where_something_needed_lies_in_them():
    assert "ProtectHome=tmpfs" in unit_text(unit(user="x"))
    for variable in ("DAYSPOOL_SETTINGS", "DAYSPOOL_SONY_KEY"):
        named = unit(user="x", environment=((variable, "/home/me/file.toml"),))
        assert "ProtectHome=read-only" in unit_text(named)
    at_home = Unit(shoot=Path("/home/me/s"), python=PYTHON, user="me")
    assert "ProtectHome=read-only" in unit_text(at_home)
    assert 'ReadWritePaths="/home/me/s"' in unit_text(at_home)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        ("a b", '"a b"'),
        ("50%", '"50%%"'),
        ("$HOME", '"$$HOME"'),
        ('say "x"', '"say \\"x\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("ü☀", '"ü☀"'),
    ],
)
def test_words_are_taken_at_face_value(text, written):
    assert quoted(text, command=True) == written


@pytest.mark.parametrize("text", ["two\nlines", "bell\a", "nul\0"])
def test_what_a_unit_cannot_hold_is_refused(text):
    with pytest.raises(PlanError, match="rename it"):
        quoted(text)


@given(st.text(min_size=1, max_size=300).filter(lambda name: "/" not in name and "\0" not in name))
def test_a_unit_has_a_name_that_files_and_shells_take(name):
    try:
        made = unit_name(Path("/s") / name)
    except UnicodeEncodeError:  # half a surrogate pair is no file name either
        return
    assert made.isascii()
    assert len(made) < 100
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


@pytest.mark.tools
@pytest.mark.parametrize("user", ["root", None], ids=["system", "user"])
def test_systemd_itself_takes_the_units(tmp_path, user):
    python = Path("/usr/bin/python3")
    made = []
    for name in ODD_NAMES:
        shoot = tmp_path / name
        path = tmp_path / unit_name(shoot)
        path.write_text(unit_text(Unit(shoot=shoot, python=python, user=user, environment=(("A", "b % c"),))))
        made.append(path)
    scope = "--system" if user else "--user"
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", scope, "verify", "--man=no", *made], capture_output=True, text=True, env=environment
    )
    ours = [line for line in done.stderr.splitlines() if "dayspool-" in line]
    assert ours == []


@pytest.mark.tools
def test_systemd_finds_the_sandbox_tight(tmp_path):
    path = tmp_path / "dayspool-x.service"
    path.write_text(unit_text(unit(user="daemon")))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


SYSTEMCTL = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
  *is-active*) echo active ;;
  *is-enabled*) echo enabled ;;
  *{refuse}*) echo "Failed: no bus" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with folders of its own for units, and a systemctl that writes down what it is told."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("DAYSPOOL_SETTINGS", "DAYSPOOL_SONY_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(manager, "SYSTEM_UNITS", tmp_path / "system")
    monkeypatch.setattr(install, "LINGER", tmp_path)
    monkeypatch.setattr(manager, "BOOTED", tmp_path)
    return tmp_path


def with_systemctl(machine, refuse="nothing-at-all"):
    program = machine / "bin" / "systemctl"
    program.write_text(SYSTEMCTL.format(log=machine / "log", refuse=refuse))
    program.chmod(0o755)
    return lambda: (machine / "log").read_text().splitlines()


def planned(machine, name="harbour"):
    shoot = machine / name
    shoot.mkdir()
    (shoot / "shoot.toml").write_text('every = "10s"\nframes = 6\n')
    return shoot


def call(*words, code=0):
    done = CliRunner().invoke(command, [str(word) for word in words], standalone_mode=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        assert code == getattr(done.exception, "exit_code", None), repr(done.exception)
        return str(done.exception)
    assert done.exit_code == code, done.output
    return json.loads(done.output.splitlines()[-1]) if "--json" in words else done.output


@pytest.mark.parametrize("name", ODD_NAMES)
def test_install_status_and_remove(machine, name):
    told = with_systemctl(machine)
    shoot = planned(machine, name)
    made = call("install", "--user", "--json", "--", shoot)
    assert made["started"] is True
    unit_name = made["unit"]
    path = machine / "config" / "systemd" / "user" / unit_name
    assert "\n[Unit]\n" in path.read_text()
    assert told() == ["--user daemon-reload", f"--user enable {unit_name}", f"--user restart --no-block {unit_name}"]
    (service,) = call("status", "--json")["services"]
    assert service == {
        "unit": unit_name,
        "manager": "user",
        "shoot": str(shoot),
        "active": "active",
        "enabled": "enabled",
    }
    assert name.encode("unicode_escape").decode()[:3] in call("status")
    call("remove", "--user", "--", shoot)
    assert told()[-2:] == [f"--user disable --now {unit_name}", "--user daemon-reload"]
    assert not path.exists()
    assert shoot.exists()
    assert call("status", "--json")["services"] == []
    assert "is no user service" in call("remove", "--user", "--", shoot, code=2)


def test_without_systemd_it_says_what_to_do(machine):
    shoot = planned(machine)
    said = call("install", "--user", shoot)
    assert "systemctl --user daemon-reload && systemctl --user enable --now dayspool-harbour" in said
    assert call("install", "--user", shoot, "--json")["started"] is False
    assert "only its unit is removed" in call("remove", "--user", shoot)


def test_where_systemd_is_installed_but_does_not_run_it_says_so(machine, monkeypatch):
    with_systemctl(machine, refuse="everything")
    monkeypatch.setattr(manager, "BOOTED", machine / "not-there")
    shoot = planned(machine)
    assert "systemd does not run this machine" in call("install", "--user", shoot)
    assert "only its unit is removed" in call("remove", "--user", shoot)


def test_a_strange_unit_does_not_hide_the_others(machine):
    with_systemctl(machine)
    call("install", "--user", planned(machine))
    folder = machine / "config" / "systemd" / "user"
    (folder / "dayspool-aaa.service").write_bytes(b"\xff\xfe")
    (folder / "dayspool-bbb.service").mkdir()
    assert len(call("status", "--json")["services"]) == 1


def test_a_systemctl_that_refuses_is_told(machine):
    with_systemctl(machine, refuse="enable")
    said = call("install", "--user", planned(machine), code=1)
    assert "systemctl --user enable dayspool-harbour" in said
    assert "Failed: no bus" in said


def test_a_system_service_needs_a_user_that_owns_the_shoot(machine):
    with_systemctl(machine)
    shoot = planned(machine)
    said = call("install", "--system", "--run-as", "nobody-of-this-name", shoot, code=2)
    assert "useradd --system" in said
    assert "chown -R nobody-of-this-name:" in said
    assert "does not belong to daemon" in call("install", "--system", "--run-as", "daemon", shoot, code=2)
    made = call("install", "--system", "--run-as", "root", shoot, "--json")
    assert "\nUser=root\n" in (machine / "system" / made["unit"]).read_text()
    assert "--run-as" in call("install", "--user", "--run-as", "root", shoot, code=2)
    os.chown(shoot, pwd.getpwnam("daemon").pw_uid, -1)
    assert "does not belong to root" in call("install", "--system", "--run-as", "root", shoot, code=2)


def environment_of(machine, made, manager="system"):
    folder = machine / "config" / "systemd" / "user" if manager == "user" else machine / manager
    lines = (folder / made["unit"]).read_text().splitlines()
    return [line.removeprefix("Environment=").strip('"') for line in lines if line.startswith("Environment=")]


def test_a_service_reads_the_settings_of_who_shoots_and_says_where(machine, monkeypatch):
    """Not those of root who installs it; and who has no home finds them under /etc."""
    shoot = planned(machine)
    person = pwd.getpwuid(os.geteuid())
    homes = {"at-home": machine / "home", "homeless": Path("/nonexistent")}
    homes["at-home"].mkdir()
    monkeypatch.setattr(install, "HOMES", (str(machine),))
    monkeypatch.setattr(pwd, "getpwnam", lambda name: pwd.struct_passwd((*person[:5], str(homes[name]), "/bin/sh")))
    settings = {"at-home": machine / "home/.config/dayspool/settings.toml", "homeless": install.SYSTEM_SETTINGS}
    for name, path in settings.items():
        made = call("install", "--system", "--run-as", name, shoot, "--json")
        assert made["settings"] == str(path)
        assert environment_of(machine, made) == ["PYTHONUNBUFFERED=1", f"DAYSPOOL_SETTINGS={path}"]
        assert f"belong into {path}" in call("install", "--system", "--run-as", name, shoot)
    made = call("install", "--user", shoot, "--json")
    assert made["settings"] == str(machine / "config/dayspool/settings.toml")
    (machine / "mine.toml").touch()
    monkeypatch.setenv("DAYSPOOL_SETTINGS", "mine.toml")
    monkeypatch.chdir(machine)
    made = call("install", "--system", "--run-as", "homeless", shoot, "--json")
    assert made["settings"] == str(machine / "mine.toml")
    assert "nobody is told" not in call("install", "--user", shoot)


def test_a_folder_without_a_plan_is_no_service(machine):
    (machine / "empty").mkdir()
    call("install", "--user", machine / "empty", code=2)


def shot(machine, *events):
    shoot = planned(machine)
    with JournalWriter(shoot, lambda: datetime(2026, 6, 1, 12, tzinfo=UTC)) as journal:
        began = ShootBegan(origin="2026-06-01T12:00:00+00:00", interval_seconds=10.0, count=6, source="camera")
        journal.append(began, RunStarted(pid=1, version="1", count=6), *events)
    return shoot


@pytest.mark.parametrize(
    ("events", "due"),
    [((), True), ((RunEnded(why="stopped"),), True), ((RunEnded(why="done"),), False)],
)
def test_what_is_over_is_not_started_again(machine, events, due):
    shoot = shot(machine, *events)
    assert call("due", shoot, "--json", code=0 if due else 1)["due"] is due


def test_a_shoot_made_longer_is_due_again_and_so_is_one_that_cannot_be_read(machine):
    shoot = shot(machine, RunEnded(why="done"))
    (shoot / "shoot.toml").write_text('every = "10s"\nframes = 60\n')
    call("due", shoot)
    (shoot / "journal.db").write_bytes(b"rubbish")
    call("due", shoot)
    call("due", machine / "nowhere")


def test_the_exit_code_reaches_systemd(machine):
    shoot = shot(machine, RunEnded(why="done"))
    assert subprocess.run([*DAYSPOOL, "service", "due", shoot], capture_output=True, check=False).returncode == 1
