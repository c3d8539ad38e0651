from __future__ import annotations

import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.core.exposure import Exposure
from dayspool.picture import PictureFacts, read
from tests.picture.builders import LONG, RATIO, SHORT, TEXT, camera_jpeg, jpeg, segment


def test_a_cameras_picture_tells_all():
    facts = read(camera_jpeg(t9011=(TEXT, b"+02:00"), t9291=(TEXT, b"125")))
    assert facts == PictureFacts(
        taken_local="2026-06-21T04:30:00.125000",
        offset=timedelta(hours=2),
        exposure=Exposure(shutter_seconds=1 / 250, iso=400, aperture=4),
        make="SONY",
        model="DSC-RX100M2",
        orientation=6,
    )


def test_the_offset_makes_an_instant_and_can_be_left_out():
    facts = read(camera_jpeg(t9011=(TEXT, b"-03:30")))
    assert facts.instant() == datetime(2026, 6, 21, 8, 0, tzinfo=UTC)
    assert facts.instant(with_offset=False) == datetime(2026, 6, 21, 4, 30, tzinfo=UTC)


def test_without_an_offset_the_camera_clock_is_read_as_utc():
    facts = read(camera_jpeg())
    assert facts.offset is None
    assert facts.instant() == datetime(2026, 6, 21, 4, 30, tzinfo=UTC)


def test_a_picture_without_exif_tells_nothing():
    assert read(jpeg()) == PictureFacts()
    assert PictureFacts().instant() is None


@pytest.mark.parametrize(
    "taken",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "", "2026:13:01 00:00:00", "2026:06:21", "21.06.2026 04:30:00"],
)
def test_a_clock_that_was_never_set_gives_no_time(taken):
    facts = read(camera_jpeg(taken=taken))
    assert facts.taken_local is None
    assert facts.make == "SONY"


def test_the_moment_an_editor_saved_the_picture_is_not_when_it_was_taken():
    facts = read(camera_jpeg(taken="", t0132=(TEXT, b"2031:01:01 00:00:00")))
    assert facts.taken_local is None


@pytest.mark.parametrize("offset", [b"+99:00", b"   :  ", b"Z", b"+2"])
def test_an_impossible_offset_is_none(offset):
    assert read(camera_jpeg(t9011=(TEXT, offset))).offset is None


@pytest.mark.parametrize(
    ("changed", "exposure"),
    [
        ({"t829d": (RATIO, (0, 1))}, Exposure(shutter_seconds=1 / 250, iso=400)),
        ({"t829d": (RATIO, (0, 0))}, Exposure(shutter_seconds=1 / 250, iso=400)),
        ({"t829d": (TEXT, b"f/4, or so")}, Exposure(shutter_seconds=1 / 250, iso=400)),
        ({"t829a": (RATIO, (1, 0))}, None),
        ({"t829a": (RATIO, (0, 250))}, None),
        ({"t8827": (SHORT, 0)}, None),
        ({"t829a": (RATIO, (30, 1))}, Exposure(shutter_seconds=30, iso=400, aperture=4)),
    ],
)
def test_the_exposure_holds_only_what_makes_sense(changed, exposure):
    assert read(camera_jpeg(**changed)).exposure == exposure


@pytest.mark.parametrize("turn", [0, 9, 65_535])
def test_an_impossible_orientation_is_none(turn):
    whole = camera_jpeg()
    sixth = struct.pack("<HHIH", 0x0112, SHORT, 1, 6)
    assert read(whole.replace(sixth, struct.pack("<HHIH", 0x0112, SHORT, 1, turn))).orientation is None


@given(noise=st.binary(max_size=400))
def test_rubbish_in_place_of_exif_never_raises(noise):
    assert isinstance(read(jpeg(extra=[segment(0xE1, b"Exif\x00\x00" + noise)])), PictureFacts)


@given(noise=st.binary(max_size=200), order=st.sampled_from([b"II*\x00\x08\x00\x00\x00", b"MM\x00*\x00\x00\x00\x08"]))
def test_rubbish_behind_a_good_beginning_never_raises(noise, order):
    assert isinstance(read(jpeg(extra=[segment(0xE1, b"Exif\x00\x00" + order + noise)])), PictureFacts)


@given(data=st.data())
def test_changed_bytes_in_good_exif_never_raise(data):
    whole = bytearray(camera_jpeg(t9011=(TEXT, b"+02:00")))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(12, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read(bytes(whole)), PictureFacts)


@given(data=st.binary(max_size=200))
def test_any_bytes_at_all_never_raise(data):
    assert isinstance(read(data), PictureFacts)


def test_exif_that_goes_round_in_circles_is_given_up_soon():
    gps_pointers = struct.pack("<H", 65_535) + struct.pack("<HHII", 0x8825, LONG, 1, 8) * 5_000
    circle = b"II*\x00\x08\x00\x00\x00" + gps_pointers
    begins = time.process_time()
    assert read(jpeg(extra=[segment(0xE1, b"Exif\x00\x00" + circle)])) == PictureFacts()
    assert time.process_time() - begins < 2


def test_oddities_in_pictures_are_not_logged(caplog):
    read(jpeg(extra=[segment(0xE1, b"Exif\x00\x00nothing of the kind")]))
    assert not caplog.records
