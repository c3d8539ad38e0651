"""Rules for every module that a machine can check."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from tests.house.package import MODULES, NAMES, module_name, tree

_MOST_LINES = 400
_CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.localtime",
    "time.gmtime",
    "time.sleep",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "asyncio.sleep",
    "trio.sleep",
    "anyio.sleep",
    "anyio.sleep_until",
    "sleep",
    "sleep_until",
    "monotonic",
}
_ONE_BROAD_HANDLER = "dayspool.shoot.intervalometer"  # the top of the act step, where the error becomes an event


def dotted(node: ast.expr) -> str:
    """Write `a.b.c` for the syntax of it; anything else gives an empty word for its part."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def clock_calls(source: ast.Module) -> list[str]:
    """Return where the module asks a clock or sleeps: `12: time.time`."""
    calls = [node for node in ast.walk(source) if isinstance(node, ast.Call)]
    found = [f"{call.lineno}: {dotted(call.func)}" for call in calls if dotted(call.func) in _CLOCKS]
    imports = [node for node in ast.walk(source) if isinstance(node, ast.ImportFrom) and node.module == "time"]
    return found + [f"{node.lineno}: from time import" for node in imports]


def broad_handlers(source: ast.Module) -> list[int]:
    """Return the lines that catch everything and go on."""
    handlers = [node for node in ast.walk(source) if isinstance(node, ast.ExceptHandler)]
    broad = [node for node in handlers if node.type is None or dotted(node.type) in ("Exception", "BaseException")]
    return [node.lineno for node in broad if not isinstance(node.body[-1], ast.Raise)]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_the_first_line_says_what_the_module_does(path):
    docstring = ast.get_docstring(tree(path))
    assert docstring, "a module without a docstring"
    assert len(docstring.splitlines()[0]) > 20


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_stays_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= _MOST_LINES, f"{lines} lines: it does more than one thing"


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_only_the_clock_knows_what_time_it_is(path):
    if module_name(path) != "dayspool.clock":
        assert clock_calls(tree(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_nothing_catches_everything(path):
    assert len(broad_handlers(tree(path))) == (1 if module_name(path) == _ONE_BROAD_HANDLER else 0)


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_public_names_exist_and_are_sorted(path):
    if path.name == "__main__.py" or len(tree(path).body) == 1:
        return  # it only runs the program, or is only a docstring: nothing to name
    module = importlib.import_module(module_name(path))
    assert list(module.__all__) == sorted(set(module.__all__), key=_all_order)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def _all_order(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Sort as ruff does: constants, then classes, then the rest; each naturally, A7 before A5000."""
    kind = 0 if name.isupper() else 1 if name.lstrip("_")[:1].isupper() else 2
    return kind, [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.time()", ["2: time.time"]),
        ("import anyio\nasync def f():\n    await anyio.sleep(1)", ["3: anyio.sleep"]),
        ("import datetime as d\nfrom datetime import datetime\ndatetime.now(d.UTC)", ["3: datetime.now"]),
        ("import datetime\ndatetime.datetime.now()", ["2: datetime.datetime.now"]),
        ("from time import sleep", ["1: from time import"]),
        ("clock.now()\nself.clock.sleep_until(x)", []),
    ],
)
def test_the_search_for_clocks_finds_them(source, found):
    assert clock_calls(ast.parse(source)) == found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("try:\n    a()\nexcept Exception:\n    pass", [3]),
        ("try:\n    a()\nexcept:\n    pass", [3]),
        ("try:\n    a()\nexcept BaseException:\n    tidy()\n    raise", []),
        ("try:\n    a()\nexcept OSError:\n    pass", []),
    ],
)
def test_the_search_for_broad_handlers_finds_them(source, lines):
    assert broad_handlers(ast.parse(source)) == lines


def test_every_room_has_its_door():
    rooms = {path.parent for path in MODULES}
    assert [room.name for room in sorted(rooms) if not Path(room / "__init__.py").exists()] == []
