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


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Async tests run on asyncio; a module that wants trio too overrides this with a parametrised fixture."""
    return "asyncio"
