from __future__ import annotations

import pytest

from tests.wifi.manager import ScriptedManager


@pytest.fixture
def manager(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    return ScriptedManager(folder)
