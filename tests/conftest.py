"""What every test can rely on: one event loop, the same examples each time, and no proxy between it and loopback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("same-each-time", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2_000)  # HYPOTHESIS_PROFILE=explore
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same-each-time"))


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ["DAYSPOOL_SETTINGS"] = "/nowhere/settings.toml"  # no shoot of a test tells the person at this machine


# Simulated cameras that answer searches on loopback, where every other test would hear them.
ANSWER_SEARCHES = (
    "cli/test_contract.py",
    "cli/test_demo.py",
    "discovery",
    "shoot/test_finding.py",
    "sim/test_command.py",
    "sim/test_doors.py",
    "sim/test_ssdp.py",
)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    places = [config.rootpath / "tests" / name for name in ANSWER_SEARCHES]
    for item in items:
        if any(item.path.is_relative_to(place) for place in places):
            item.add_marker(pytest.mark.alone)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Async tests run on asyncio; a module that wants trio too overrides this with a parametrised fixture."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def heeds_ctrl_c() -> Iterator[None]:
    """Hear SIGINT, and let programs hear it: who is started in the background of a shell is deaf to it otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
