from __future__ import annotations

from hashlib import blake2b

import pytest

from dayspool.core.events import FrameStored
from dayspool.errors import FrameUnreadable
from dayspool.picture import frame_stored
from tests.picture.builders import camera_jpeg, jpeg


def test_a_cameras_picture_tells_its_size_time_and_exposure():
    data = camera_jpeg()
    assert frame_stored(12, data, origin_name="DSC00001.JPG") == FrameStored(
        slot=12,
        name="000012.jpg",
        size_bytes=len(data),
        width=64,
        height=48,
        taken="2026-06-21T04:30:00",
        shutter_seconds=0.004,
        aperture=4.0,
        iso=400.0,
        origin_name="DSC00001.JPG",
        digest=blake2b(data, digest_size=16).hexdigest(),
    )


def test_a_picture_without_exif_is_a_frame_too():
    stored = frame_stored(0, jpeg())
    assert (stored.name, stored.taken, stored.iso) == ("000000.jpg", None, None)


def test_what_is_no_whole_picture_is_no_frame():
    with pytest.raises(FrameUnreadable, match="no end marker"):
        frame_stored(0, jpeg()[:-1])
