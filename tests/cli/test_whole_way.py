"""The whole way through the command line with the real tools: pictures or a camera in, a film out."""

import io
from datetime import datetime, timedelta
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from dayspool.video import probe
from tests.processes import run_json

pytestmark = pytest.mark.tools

FRAMES = 70
PAUSES = {25: 148, 58: 120}  # seconds before that picture, instead of 60


@pytest.fixture(scope="module")
def shoot(tmp_path_factory):
    """Import seventy pictures, one a minute with two pauses, each a little brighter than the one before."""
    source = tmp_path_factory.mktemp("pictures")
    moment = datetime(2026, 5, 4, 18, 13, 49)  # noqa: DTZ001 - a camera's clock has no zone
    for number in range(FRAMES):
        if number:
            moment += timedelta(seconds=PAUSES.get(number, 60))
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = f"{moment:%Y:%m:%d %H:%M:%S}"
        packed = io.BytesIO()
        Image.new("RGB", (320, 240), (40 + 2 * number,) * 3).save(packed, "JPEG", quality=95, exif=exif)
        (source / f"IMG_{(number * 37) % 100:02d}_{number}.jpg").write_bytes(packed.getvalue())
    folder = tmp_path_factory.mktemp("shoots") / "hafen im märz"
    imported = run_json("import", folder, source)
    assert imported["imported"] == FRAMES
    assert imported["interval_seconds"] == 60
    assert imported["gaps"] == 2
    return folder


def test_missing_minutes_are_gaps(shoot):
    status = run_json("status", shoot)
    assert (status["state"], status["frames"], status["slots"]) == ("imported", FRAMES, 72)
    assert [gap["reason"] for gap in status["gaps"]] == ["no-picture", "no-picture"]
    assert [gap["slot"] for gap in status["gaps"]] == [25, 59]


@pytest.mark.parametrize("developer", ["darktable", "builtin"])
def test_a_film_of_every_frame_in_order(shoot, developer, tmp_path):
    film = run_json("render", shoot, "--developer", developer, "-o", tmp_path / "film.mp4", "--fps", "25")
    assert {"film", "frames", "reels", "reels_reused", "seconds", "width", "height"} <= film.keys()
    assert (film["frames"], film["seconds"], film["developer"]) == (FRAMES, 2.8, developer)
    assert (film["width"], film["height"]) == (320, 180), "cut to 16:9, not enlarged"
    assert film["left_out"] == []
    with av.open(str(tmp_path / "film.mp4")) as opened:
        levels = [float(np.mean(frame.to_ndarray(format="gray"))) for frame in opened.decode(video=0)]
    assert len(levels) == FRAMES
    assert all(later > earlier for earlier, later in pairwise(levels))


def test_demo(tmp_path):
    demo = run_json("demo", tmp_path, "--frames", "6")
    assert {"film", "frames", "gaps", "developer"} <= demo.keys()
    assert (demo["frames"], demo["gaps"], demo["developer"]) == (6, 0, "darktable")
    facts = probe(tmp_path / "sunset-1" / "films" / "demo.mp4")
    assert (facts.width, facts.height, facts.frames) == (1920, 1080, 6)
    with Image.open(demo["contact_sheet"]) as sheet:
        assert sheet.format == "PNG"
    ledger = (tmp_path / "sunset-1" / "ledger.jsonl").read_text().splitlines()
    assert len(ledger) == 6, "one exposure a slot"
