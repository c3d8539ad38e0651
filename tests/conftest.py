"""What every test can rely on: one event loop, the same examples each time, and no proxy between it and loopback."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("same-each-time", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2_000)  # HYPOTHESIS_PROFILE=explore
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same-each-time"))


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]


# Everybody on loopback hears a search there, so these tests share one worker when several run (`pytest -n`).
HEAR_EACH_OTHER = (
    "cli",
    "conformance/test_finding.py",
    "discovery",
    "learn/test_commands.py",
    "learn/test_tshark.py",
    "shoot/test_finding.py",
    "sim/test_command.py",
    "sim/test_doors.py",
    "sim/test_ssdp.py",
    "sim/test_wire.py",
)


@pytest.hookimpl(tryfirst=True)  # before the workers read the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    folders = [config.rootpath / "tests" / name for name in HEAR_EACH_OTHER]
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker(pytest.mark.xdist_group("loopback"))


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Async tests run on asyncio; a module that wants trio too overrides this with a parametrised fixture."""
    return "asyncio"
