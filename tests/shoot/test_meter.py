"""The meter on pictures made for it: it reads what they were made to be; what is no picture gives no reading."""

import io
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dayspool.shoot.meter import can_measure, measure

GREY = 118  # middle grey in sRGB: 0.18 of linear light


def jpeg(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def flat(value, *, size=(320, 212), mode="RGB"):
    return Image.new(mode, size, value if mode == "L" else (value,) * len(mode))


def linear(value):
    return value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize("value", [20, 60, GREY, 180, 240])
def test_a_flat_picture_reads_as_its_linear_light(value):
    measured = measure(jpeg(flat(value)))
    assert measured.ev == pytest.approx(math.log2(linear(value) / 0.18), abs=0.05)
    assert measured.clipped_share == 0


def test_twice_the_light_reads_one_ev_more():
    half = round(255 * (1.055 * (linear(180) / 2) ** (1 / 2.4) - 0.055))
    assert measure(jpeg(flat(180))).ev - measure(jpeg(flat(half))).ev == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("mode", "value"), [("L", GREY), ("CMYK", 0)])
def test_grey_and_printers_pictures_are_read(mode, value):
    assert measure(jpeg(flat(value, mode=mode))) is not None


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2), (5000, 3), (1616, 1080)])
def test_any_size_is_read(size):
    assert measure(jpeg(flat(GREY, size=size))).ev == pytest.approx(0, abs=0.1)


def test_black_is_a_reading_and_white_is_burnt_out():
    black, white = measure(jpeg(flat(0))), measure(jpeg(flat(255)))
    assert black.ev < -6
    assert math.isfinite(black.ev)
    assert black.clipped_share == 0
    assert white.ev > 2.4
    assert white.clipped_share == 1


def test_a_lamp_in_the_picture_changes_little():
    picture = flat(60)
    picture.paste((255, 255, 255), (100, 80, 160, 120))
    measured = measure(jpeg(picture))
    assert measured.ev == pytest.approx(measure(jpeg(flat(60))).ev, abs=0.25)
    assert measured.clipped_share == pytest.approx(60 * 40 / (320 * 212), abs=0.02)


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\xff\xd8\xff", b"\xff\xd8" + b"\0" * 500, b"GIF89a" + b"\0" * 40]
)
def test_what_is_no_picture_gives_no_reading(data):
    assert measure(data) is None


def test_another_format_is_not_tried():
    buffer = io.BytesIO()
    flat(GREY).save(buffer, "PNG")
    assert measure(buffer.getvalue()) is None


WHOLE = jpeg(Image.effect_noise((96, 64), 60).convert("RGB"))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(WHOLE) - 1), junk=st.binary(min_size=1, max_size=40), keep=st.integers(0, len(WHOLE)))
def test_damage_never_raises(at, junk, keep):
    measured = measure((WHOLE[:at] + junk + WHOLE[at + len(junk) :])[:keep])
    assert measured is None or (math.isfinite(measured.ev) and 0 <= measured.clipped_share <= 1)


def test_the_extra_is_here():
    assert can_measure()
