"""The files around the package say the same as the package."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib import metadata

import dayspool
from tests.house.package import REPOSITORY

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)")
_INSTALLERS = {"pip", "setuptools", "wheel", "dayspool"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    matches = [_PIN.fullmatch(line) for line in lines]
    assert all(matches), "every line must be name==version, without an address"
    return {canonical(match[1]): match[2] for match in matches if match}


def requirements() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = {canonical(re.split(r"[\[<>=!~; ]", line)[0]) for group in groups for line in group}
    return names - {"dayspool"}


def test_constraints_hold_names_and_versions_and_no_addresses():
    text = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")
    assert pins()
    assert "@" not in text
    assert "://" not in text


def test_everything_required_is_pinned():
    assert requirements() - set(pins()) == set()


def test_what_builds_the_package_is_pinned():
    """The isolated build installs these; `editables` and the rest are what hatchling itself asks for."""
    build = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    named = {canonical(re.split(r"[\[<>=!~; ]", line)[0]) for line in build}
    behind = {"editables", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
    assert (named | behind) - set(pins()) == set()
    dry_run = ["make", "--always-make", "--dry-run", "setup"]
    said = subprocess.run(dry_run, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    (install,) = [line for line in said.splitlines() if "--editable" in line]
    assert install.startswith("PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt ")


def test_what_is_installed_is_what_is_pinned():
    installed = {canonical(one.name): one.version for one in metadata.distributions()}
    differing = {name: version for name, version in installed.items() if pins().get(name) != version}
    assert {name: version for name, version in differing.items() if name not in _INSTALLERS} == {}, "run make setup"


def test_the_version_is_the_newest_in_the_changelog():
    headings = re.findall(r"^## \[?([^\]\s]+)", (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert released[0] == dayspool.__version__


def test_decisions_are_numbered_without_a_hole_and_have_their_three_parts():
    records = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        headings = re.findall(r"^## (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings[:3] == ["Context", "Decision", "Consequences"], record.name


def test_every_room_is_described_in_the_architecture():
    described = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path.name for path in (REPOSITORY / "src" / "dayspool").iterdir() if (path / "__init__.py").exists()]
    assert [room for room in sorted(rooms) if f"`{room}`" not in described] == []
