"""The capture half installs without a compiler, anywhere: every wheel of the base install is pure Python."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

ELSEWHERE = (
    {},
    {"platform_machine": "aarch64"},
    {"platform_machine": "armv7l"},
    {"python_version": "3.13", "python_full_version": "3.13.0"},
)
EXTRAS = ("numpy", "PIL", "av", "paho", "pysnmp", "uvicorn", "starlette", "distributed", "trio")


def base_install() -> dict[str, set[str]]:
    """Return every distribution of the base install, here and on other machines, with the extras asked of it."""
    found: dict[str, set[str]] = {}
    asked = [("dayspool", frozenset[str]())]
    while asked:
        name, extras = asked.pop()
        seen = found.setdefault(name, set())
        if seen >= {"", *extras}:
            continue
        seen |= {"", *extras}
        for text in distribution(name).requires or ():
            needed = Requirement(text)
            if any(_wanted(needed, extra) for extra in seen):
                asked.append((needed.name.lower().replace("_", "-"), frozenset(needed.extras)))
    return found


def _wanted(needed: Requirement, extra: str) -> bool:
    environments = ({**default_environment(), **other, "extra": extra} for other in ELSEWHERE)
    return needed.marker is None or any(needed.marker.evaluate(one) for one in environments)


BASE = sorted(base_install())


def test_the_walk_finds_what_is_known_to_be_there():
    assert {"dayspool", "anyio", "httpx2", "httpcore2", "h11", "click", "idna"} <= set(BASE)
    assert not {"numpy", "pillow", "av", "pysnmp", "paho-mqtt", "pytest"} & set(BASE)
    assert len(BASE) < 30


@pytest.mark.parametrize("name", BASE)
def test_no_wheel_of_the_base_install_is_compiled(name):
    dist = distribution(name)
    wheel = dist.read_text("WHEEL")
    assert wheel is not None, f"{name} was not installed from a wheel"
    tags = [line.partition(": ")[2] for line in wheel.splitlines() if line.startswith("Tag: ")]
    assert "Root-Is-Purelib: true" in wheel
    assert tags
    assert all(tag.endswith("-none-any") for tag in tags), tags
    compiled = [str(file) for file in dist.files or () if str(file).endswith((".so", ".pyd"))]
    assert compiled == []


def test_the_capture_half_loads_with_nothing_else_at_hand():
    """What `dayspool shoot` imports, with every extra made impossible to import."""
    script = (
        f"import sys\nsys.modules.update(dict.fromkeys({EXTRAS!r}))\n"
        "import dayspool.shoot, dayspool.cli.shoot, dayspool.cli.status, dayspool.cli.watch, dayspool.cli.narrate\n"
        "import dayspool.cli.alarms, dayspool.config.settings, dayspool.notify\n"
        "import dayspool.cli.service.install, dayspool.shoot.finding, dayspool.shoot.power, dayspool.journal\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
