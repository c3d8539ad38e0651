"""The folder in memory that the shoots use."""

from tests.shoot.conftest import ram_path  # noqa: F401 - a fixture
