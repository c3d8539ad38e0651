"""A shoot stays small enough for a phone or a small board, with nothing installed but the base."""

import pytest

from benchmarks.memory import peak_bytes


@pytest.mark.slow
def test_thirty_frames_stay_below_sixty_megabytes():
    assert peak_bytes(frames=30, picture="1616x1080") < 60_000_000
