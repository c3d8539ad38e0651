"""The reference pages say what the program says."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys

import pytest

from tests.house.package import MODULES, REPOSITORY, module_name

PAGE = REPOSITORY / "docs" / "api.md"
MADE = ("api", "cameras")  # tests/cli compares commands.md
NAMES = [module_name(path) for path in MODULES if path.name == "__init__.py"]
ROOMS = [name for name in NAMES if name.count(".") < 2]  # a package inside a room is the room's own business


@pytest.mark.parametrize("page", MADE)
def test_pages_made_from_the_program_are_up_to_date(page):
    argv = [sys.executable, REPOSITORY / "scripts" / f"{page}-reference"]
    made = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert (REPOSITORY / "docs" / f"{page}.md").read_text(encoding="utf-8") == made, "make reference"


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_in_the_reference(room):
    names = getattr(importlib.import_module(room), "__all__", ())
    section = PAGE.read_text(encoding="utf-8").partition(f"## `{room}`\n")[2].partition("\n## ")[0]
    assert re.findall(r"^- `(\w+)", section, re.MULTILINE) == list(names)
