"""The synthetic RAW: read back by LibRaw and by a reader of EXIF that is not ours."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
import rawpy
import tifffile
from PIL import Image

from dayspool.develop.sample import MAKE, MODEL, bayer, dng, jpeg


@pytest.fixture(scope="module")
def mosaic() -> np.ndarray:
    light = np.full((96, 64, 3), 0.18)
    light[48:] = (0.4, 0.2, 0.1)
    return bayer(light, black=256, white=16383)


def test_libraw_counts_what_was_put_in(mosaic):
    with rawpy.imread(io.BytesIO(dng(mosaic, black=256, white=16383, as_shot_neutral=(0.5, 1.0, 0.8)))) as raw:
        assert (raw.raw_image == mosaic).all()
        assert raw.black_level_per_channel == [256] * 4
        assert raw.white_level == 16383
        assert raw.color_desc == b"RGBG"
        assert raw.camera_whitebalance[:3] == pytest.approx([2.0, 1.0, 1.25])


@pytest.mark.parametrize(("orientation", "flip"), [(1, 0), (3, 3), (6, 6), (8, 5)])
def test_libraw_turns_it_as_told(mosaic, orientation, flip):
    with rawpy.imread(io.BytesIO(dng(mosaic, orientation=orientation))) as raw:
        assert raw.sizes.flip == flip


def test_what_was_shot_stands_in_its_exif(mosaic):
    taken = datetime(2026, 3, 1, 23, 59, 58, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    data = dng(mosaic, exposure_s=1 / 4000, iso=3200, fnumber=2.8, taken=taken)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages[0].tags
        exif = tags["ExifTag"].value
    assert (tags["Make"].value, tags["Model"].value) == (MAKE, MODEL)
    assert exif["ExposureTime"] == (1, 4000)
    assert exif["FNumber"] == (14, 5)
    assert exif["ISOSpeedRatings"] == 3200
    assert exif["DateTimeOriginal"] == "2026:03:01 23:59:58"
    assert exif["OffsetTimeOriginal"] == "-03:30"


def test_odd_sides_are_refused(mosaic):
    with pytest.raises(ValueError, match="even sides, not 63×96"):
        dng(mosaic[:, 1:])


def test_a_sample_jpeg_keeps_its_colours():
    rgb = np.full((16, 24, 3), (200, 100, 50), np.uint8)
    with Image.open(io.BytesIO(jpeg(rgb))) as image:
        assert np.abs(np.asarray(image).astype(int) - rgb).max() <= 2
