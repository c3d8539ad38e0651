from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dayspool.errors import FrameUnreadable
from dayspool.picture import JpegFacts, exif_block, inspect, jpeg_end
from tests.picture.builders import camera_jpeg, jpeg, segment

sides = st.integers(1, 65_535)
payloads = st.binary(max_size=80) | st.just(b"\xff\xd8thumbnail\xff\xd9")
extras = st.lists(st.builds(segment, st.sampled_from([0xDB, 0xC4, 0xE0, 0xE1, 0xE2, 0xFE]), payloads), max_size=5)
scans = st.binary(max_size=120).map(lambda noise: noise.replace(b"\xff", b"\xff\x00"))
jpegs = st.builds(jpeg, width=sides, height=sides, extra=extras, scan=scans)


@given(width=sides, height=sides, extra=extras, scan=scans)
def test_size_is_read_past_any_other_segments(width, height, extra, scan):
    assert inspect(jpeg(width=width, height=height, extra=extra, scan=scan)) == JpegFacts(width=width, height=height)


@given(data=st.binary(max_size=300) | st.binary(max_size=300).map(lambda noise: b"\xff\xd8" + noise))
def test_any_bytes_are_a_picture_or_unreadable(data):
    try:
        facts = inspect(data)
    except FrameUnreadable:
        return
    assert facts.width > 0
    assert facts.height > 0


@given(whole=jpegs, data=st.data())
def test_a_cut_is_always_noticed(whole, data):
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(FrameUnreadable):
        inspect(whole[:cut])


@given(whole=jpegs, data=st.data())
def test_a_cut_filled_up_with_zeros_is_noticed(whole, data):
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(FrameUnreadable):
        inspect(whole[:cut].ljust(len(whole) + 64, b"\x00"))


@pytest.mark.parametrize("after", [b"", b"\x00", b"\x00" * 4096, b"\xff\xd8 a preview behind the picture"])
def test_what_follows_the_end_is_not_the_picture(after):
    assert inspect(jpeg() + after) == JpegFacts(width=64, height=48)


@given(whole=jpegs, after=st.binary(max_size=20) | st.just(b"rest of a longer one \xff\xd9 \xff\xd9"))
def test_the_end_is_the_first_marker_after_the_scan_began(whole, after):
    assert jpeg_end(whole + after) == len(whole)
    assert jpeg_end(whole[:-1]) is None


def test_the_end_is_found_behind_fill_bytes_and_lone_markers():
    whole = jpeg()
    assert jpeg_end(b"\xff\xd8\xff\xff\xff\x01" + whole[2:] + b"tail") == len(whole) + 4
    assert jpeg_end(b"no picture \xff\xd9") is None
    assert jpeg_end(b"\xff\xd8\xff\xd9") is None


@pytest.mark.parametrize("progressive", [False, True])
def test_every_cut_of_a_real_encoders_picture_is_noticed(progressive):
    stream = io.BytesIO()
    Image.effect_noise((97, 61), 60).save(stream, "JPEG", progressive=progressive, quality=90)
    whole = stream.getvalue()
    assert inspect(whole) == JpegFacts(width=97, height=61)
    for cut in range(len(whole)):
        with pytest.raises(FrameUnreadable):
            inspect(whole[:cut])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the picture is empty"),
        (b"\xff", "cut short: it has 1 byte"),
        (b"<html>Not found</html>", "no JPEG: it begins with 3c 68 74 6d"),
        (b"\x00" * 10_000, "no JPEG: it begins with 00 00 00 00"),
        (b"\xff\xd8\xff\xd9", "ends without a picture"),
        (b"\xff\xd8\xff\xe0\x00\x01", "claims a length below 2"),
        (b"\xff\xd8\xff\xff\xff", "ends in its header"),
        (b"\xff\xd8\x12\x34", "there should be a marker at byte 2"),
        (b"\xff\xd8" + segment(0xDA, b"123456") + b"\xff\xd9", "does not say its size"),
        (b"\xff\xd8" + segment(0xC0, b"\x08\x00") + b"\xff\xd9", "does not say its size"),
        (jpeg(height=0), "does not say its size"),
        (jpeg()[:-2], "no end marker in its"),
        (jpeg()[:-1], "no end marker in its"),
        (jpeg()[:8], "it ends in its header, after 8 bytes"),
    ],
)
def test_the_error_says_what_is_wrong(data, sentence):
    with pytest.raises(FrameUnreadable, match=sentence):
        inspect(data)


def test_markers_without_length_and_fill_bytes_are_stepped_over():
    whole = jpeg()
    assert inspect(whole[:2] + b"\xff\xff\x01\xff\xff\xff" + whole[2:]) == inspect(whole)


def test_ten_megabytes_are_inspected_at_once():
    whole = jpeg(scan=bytes(range(255)) * 40_000)
    begins = time.process_time()
    inspect(whole)
    assert time.process_time() - begins < 0.1  # microseconds in truth; the bound catches a walk in Python


def test_the_exif_block_is_found_and_rubbish_has_none():
    block = exif_block(camera_jpeg())
    assert block is not None
    assert block.startswith(b"II*\x00")
    assert exif_block(jpeg()) is None
    assert exif_block(b"no picture") is None
    assert exif_block(camera_jpeg()[:40]) is None
