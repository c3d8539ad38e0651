"""The scripts that prepare a machine: what they say, and that they do nothing when nothing is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.house.package import REPOSITORY

SCRIPT = REPOSITORY / "scripts" / "system-packages"
NOBODY = 65_534


@pytest.fixture
def machine():
    """A folder of programs that stands for a whole machine: a shell and Python, no darktable yet."""
    folder = Path(tempfile.mkdtemp(prefix="dayspool-machine-"))
    folder.chmod(0o755)
    for name in ("bash", "env"):
        (folder / name).symlink_to(shutil.which(name))
    program(folder, "python3", "exit 0")
    yield folder
    shutil.rmtree(folder)


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!{shutil.which('bash')}\n{body}\n")
    (folder / name).chmod(0o755)


def run(machine: Path, *arguments: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script there; it comes through standard input, because another user may not be able to read it."""
    return subprocess.run(
        [machine / "bash", "-s", "--", *arguments],
        input=SCRIPT.read_text(encoding="utf-8"),
        env={"PATH": str(machine)},
        cwd="/",
        user=user,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_nothing_and_asks_for_no_rights_when_all_is_there(machine):
    for name in ("darktable-cli", "ip", "minidlnad", "snmpd", "systemd-analyze", "tshark"):
        program(machine, name, "exit 0")
    result = run(machine, "--for", "test")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can show what root gets; the sudo test stands for everybody else"
)
def test_root_gets_what_is_missing_after_it_was_said(machine):
    program(machine, "apt-get", f'echo "apt-get $*" >> {machine}/log')
    result = run(machine, "--for", "demo")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == "Installing Debian packages: darktable"
    log = (machine / "log").read_text().splitlines()
    assert log == ["apt-get update -qq", "apt-get install --yes --no-install-recommends -qq darktable"]


def test_anybody_else_goes_through_sudo(machine):
    program(machine, "apt-get", 'echo "apt-get $1"')
    program(machine, "sudo", 'echo "sudo $1"; "$@"')
    result = run(machine, "--for", "demo", user=NOBODY if os.geteuid() == 0 else None)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "Installing Debian packages: darktable",
        "sudo apt-get",
        "apt-get update",
        "sudo env",
        "apt-get install",
        "Installed: darktable",
    ]


def test_without_root_and_sudo_it_says_what_to_do(machine):
    program(machine, "apt-get", "exit 0")
    result = run(machine, "--for", "demo", user=NOBODY if os.geteuid() == 0 else None)
    assert result.returncode == 1
    assert "missing: darktable. Installing needs root: run 'apt-get install darktable' as root" in result.stderr


def test_without_apt_it_names_what_is_missing(machine):
    result = run(machine, "--for", "test")
    assert result.returncode == 1
    assert (
        "missing: darktable iproute2 minidlna snmpd systemd tshark (names as in Debian). There is no apt-get here"
        in result.stderr
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs no sudo only as root")
def test_a_failed_installation_fails(machine):
    program(machine, "apt-get", "[[ $1 == update ]]")
    result = run(machine, "--for", "demo")
    assert result.returncode == 1
    assert "apt-get could not install: darktable" in result.stderr


def test_a_purpose_it_does_not_know_is_an_error(machine):
    result = run(machine, "--for", "fun")
    assert result.returncode == 1
    assert "--for takes setup, demo, test or benchmark" in result.stderr


def test_each_purpose_lists_its_packages(machine):
    listed = run(machine, "--for", "benchmark", "--list").stdout.split("\n")
    assert [line.split()[:2] for line in listed if line] == [
        ["there", "python3-venv"],
        ["missing", "darktable"],
        ["missing", "ffmpeg"],
    ]


@pytest.mark.parametrize("path", ["scripts/system-packages", ".ci/run"])
def test_scripts_can_be_run(path):
    assert os.access(REPOSITORY / path, os.X_OK)


def test_a_second_setup_has_nothing_to_do(tmp_path):
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    (tmp_path / ".venv").mkdir()
    for name in ("pyproject.toml", "constraints.txt", ".venv/.installed"):
        (tmp_path / name).touch()
    result = subprocess.run(["make", "-C", tmp_path, "--question", "setup"], capture_output=True, check=False)
    assert result.returncode == 0
