"""The names of frames: by slot, in a folder of their window, and never anywhere else."""

import pytest

from dayspool.core.frame import frame_name


@pytest.mark.parametrize(
    ("slot", "options", "name"),
    [
        (0, {}, "000000.jpg"),
        (1_234_567, {}, "1234567.jpg"),
        (123, {"window": "2026-06-21"}, "2026-06-21/000123.jpg"),
        (123, {"suffix": ".ARW", "window": "2026-06-21"}, "2026-06-21/000123.ARW"),
    ],
)
def test_names(slot, options, name):
    assert frame_name(slot, **options) == name


@pytest.mark.parametrize(
    ("slot", "window"), [(-1, ""), (1, ".."), (1, "/etc"), (1, "2026-06-21/.."), (1, "2026-06-21\n"), (1, "٢٠٢٦-٠٦-٢١")]
)
def test_what_is_no_name(slot, window):
    with pytest.raises(ValueError, match=r"slot|window"):
        frame_name(slot, window=window)
