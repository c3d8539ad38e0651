"""Who may import whom is kept by import-linter; here it is proved that the contracts would notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.package import REPOSITORY, SOURCE


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package that lies in `folder`/src."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """A copy of the package to spoil."""
    shutil.copytree(SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_are_kept(copy):
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("shoot/planted.py", "import dayspool.render", "Rooms are layers, downwards only"),
        ("render/planted.py", "import dayspool.shoot", "Rooms are layers, downwards only"),
        ("camera/planted.py", "import dayspool.shoot", "Rooms are layers, downwards only"),
        ("journal/planted.py", "import dayspool.camera", "Rooms are layers, downwards only"),
        ("core/planted.py", "import dayspool.clock", "Rooms are layers, downwards only"),
        ("attic/__init__.py", "", "Rooms are layers, downwards only"),
        ("core/planted.py", "import time", "The core is pure: no I/O, no clock, no randomness, no async"),
        ("core/planted.py", "import anyio", "The core is pure: no I/O, no clock, no randomness, no async"),
        ("sim/planted.py", "import dayspool.camera", "The simulator shares no code with the client"),
        ("sim/planted.py", "import dayspool.picture.jpeg", "The simulator shares no code with the client"),
        ("shoot/planted.py", "import dayspool.testing", "The product never imports its testing helpers"),
        ("shoot/planted.py", "import httpx2", "One file knows the HTTP library"),
    ],
)
def test_a_planted_import_breaks_its_contract(copy, module, line, contract):
    planted = copy / "src" / "dayspool" / module
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f'"""Planted by a test."""\n{line}\n')
    result = lint_imports(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract} BROKEN" in result.stdout
