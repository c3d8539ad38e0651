"""Settings change the picture: measured on its pixels, as light."""

import io
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import exifread
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dayspool.sim import KIEL, RX100M2
from dayspool.sim.meter import expose, fulfil
from dayspool.sim.picture import Imager, white_balance_gains

DAY = datetime(2026, 6, 20, 11, 0, tzinfo=UTC)
DUSK = datetime(2026, 6, 20, 20, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the body hands over: the same names as the simulator's own."""

    mode: str = "Manual"
    shutter_seconds: float | None = 1 / 1000
    aperture: float | None = 5.6
    iso: float | None = 100
    bias_ev: float = 0.0
    white_balance_kelvin: float | None = None
    focus_error: float = 0.0


MANUAL = Wish()


def shot(wish, when=DAY, seed=0):
    camera = Imager(profile=RX100M2, place=KIEL, seed=seed, picture_px=(240, 160), start=when)
    return camera.jpeg(when, camera.meter(when, 1, wish), 1)


def light(content):
    """Return linear light from 0 to 1, undoing the sRGB curve."""
    value = np.asarray(Image.open(io.BytesIO(content)), np.float64) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def ratio(dark, bright):
    """Return how many times brighter the second picture is, where neither is clipped nor black."""
    one, other = light(shot(dark)), light(shot(bright))
    fair = (one.min(axis=2) > 0.01) & (other.max(axis=2) < 0.9)
    assert fair.mean() > 0.1
    return float(np.median(other[fair] / one[fair]))


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({"shutter_seconds": 1 / 500}, 2),
        ({"shutter_seconds": 1 / 250}, 4),
        ({"iso": 200}, 2),
        ({"aperture": 4.0}, 2),
        ({"aperture": 8.0}, 0.5),
        ({"shutter_seconds": 1 / 500, "aperture": 8.0}, 1),
    ],
)
def test_light_follows_the_settings(change, factor):
    if factor < 1:
        assert ratio(replace(MANUAL, **change), MANUAL) == pytest.approx(1 / factor, rel=0.05)
    else:
        assert ratio(MANUAL, replace(MANUAL, **change)) == pytest.approx(factor, rel=0.05)


@pytest.mark.parametrize("mode", ["Program Auto", "Aperture", "Shutter"])
@pytest.mark.parametrize(("bias", "factor"), [(1.0, 2), (1 / 3, 2 ** (1 / 3)), (-1.0, 0.5)])
def test_compensation_is_light_too(mode, bias, factor):
    base = Wish(mode=mode, iso=None, bias_ev=-1.0)
    assert ratio(base, replace(base, bias_ev=0.0)) == pytest.approx(2, rel=0.05)
    pair = (replace(base, bias_ev=-1.0), replace(base, bias_ev=-1.0 + abs(bias)))
    assert ratio(*pair) == pytest.approx(max(factor, 1 / factor), rel=0.05)


def test_manual_with_everything_held_ignores_the_scene_and_the_compensation():
    one = expose(3, np.random.default_rng(1), replace(MANUAL, bias_ev=2.0))
    other = expose(14, np.random.default_rng(1), MANUAL)
    assert one.nominal == other.nominal
    assert one.actual_ev == other.actual_ev
    assert one.bias_ev == 0


@pytest.mark.parametrize(
    ("wish", "held"),
    [
        (Wish(mode="Aperture", aperture=8.0, iso=None), {"aperture": 8.0}),
        (Wish(mode="Aperture", aperture=8.0, iso=400), {"aperture": 8.0, "iso": 400}),
        (Wish(mode="Shutter", shutter_seconds=1 / 60, iso=None), {"shutter_seconds": 1 / 60}),
        (Wish(mode="Shutter", shutter_seconds=1 / 60, iso=800), {"shutter_seconds": 1 / 60, "iso": 800}),
        (Wish(mode="Program Auto", iso=3200), {"iso": 3200}),
        (Wish(mode="Manual", iso=None), {"shutter_seconds": 1 / 1000, "aperture": 5.6}),
    ],
)
@pytest.mark.parametrize("scene_ev", [5.0, 9.0, 12.0])
def test_each_mode_holds_what_it_should_and_lets_the_rest_follow(wish, held, scene_ev):
    nominal, ev = fulfil(scene_ev, wish)
    assert {key: getattr(nominal, key) for key in held} == held
    free = nominal.shutter_seconds < 30 and 1.8 < (nominal.aperture or 0) < 22
    if free and (wish.iso is not None or 160 < nominal.iso < 6400):
        assert ev == pytest.approx(scene_ev, abs=0.34)


@pytest.mark.parametrize("mode", ["Intelligent Auto", "Superior Auto"])
def test_the_automatic_modes_do_as_they_like(mode):
    wish = Wish(mode=mode, iso=3200, bias_ev=3.0, shutter_seconds=1 / 60)
    assert fulfil(10.0, wish) == fulfil(10.0, Wish(mode="Program Auto", iso=None))


@given(
    mode=st.sampled_from(["Program Auto", "Aperture", "Shutter", "Manual", "Intelligent Auto"]),
    shutter=st.none() | st.floats(1 / 8000, 300),
    aperture=st.none() | st.floats(1, 32),
    iso=st.none() | st.sampled_from([50, 100, 640, 25_600]),
    bias=st.floats(-5, 5),
    scene=st.floats(-8, 20),
)
def test_any_wish_gives_an_exposure_and_its_true_value(mode, shutter, aperture, iso, bias, scene):
    wish = Wish(mode=mode, shutter_seconds=shutter, aperture=aperture, iso=iso, bias_ev=bias)
    nominal, ev = fulfil(scene, wish)
    assert nominal.snapped().ev100 == pytest.approx(ev, abs=0.25)
    assert 1 / 8200 < nominal.shutter_seconds <= 300


def test_what_cannot_be_followed_shows_in_the_picture():
    bright = fulfil(15.0, Wish(mode="Shutter", shutter_seconds=1.0, iso=100))[1]
    assert bright < 11, "f/22 is the end: overexposed"


@pytest.mark.parametrize(("kelvin", "warmer"), [(2500, False), (3200, False), (7000, True), (9900, True)])
def test_white_balance_shifts_red_against_blue(kelvin, warmer):
    def red_over_blue(wish):
        picture = light(shot(wish))
        return picture[..., 0].mean() / picture[..., 2].mean()

    daylight, cast = (
        red_over_blue(replace(MANUAL, white_balance_kelvin=5500)),
        red_over_blue(replace(MANUAL, white_balance_kelvin=kelvin)),
    )
    assert (cast > daylight * 1.1) if warmer else (cast < daylight / 1.1)
    assert red_over_blue(MANUAL) == pytest.approx(daylight, rel=0.001)


@given(st.floats(2500, 9900), st.floats(2500, 9900))
def test_casts_come_in_order(one, other):
    low, high = sorted((one, other))
    assert white_balance_gains(low)[0] <= white_balance_gains(high)[0] + 1e-3
    assert white_balance_gains(low)[2] >= white_balance_gains(high)[2] - 1e-3
    assert white_balance_gains(low)[1] == 1


def test_a_wrong_focus_blurs():
    def gradient(error):
        grey = light(shot(replace(MANUAL, focus_error=error))).mean(axis=2)
        return float((np.diff(grey, axis=1) ** 2).sum())

    sharp, soft, blurred = gradient(0.0), gradient(0.3), gradient(1.0)
    assert sharp > 1.3 * soft > 1.3 * 1.3 * blurred


def test_exif_and_metered_tell_what_was_used():
    wish = Wish(mode="Aperture", aperture=4.0, iso=400, bias_ev=-0.7, white_balance_kelvin=5600)
    tags = exifread.process_file(io.BytesIO(shot(wish)))
    assert float(tags["EXIF FNumber"].values[0]) == 4.0
    assert tags["EXIF ISOSpeedRatings"].values[0] == 400
    assert float(tags["EXIF ExposureBiasValue"].values[0]) == pytest.approx(-0.7)
    assert tags["EXIF ExposureProgram"].values == [3]
    assert tags["EXIF WhiteBalance"].values == [1]
    manual = exifread.process_file(io.BytesIO(shot(MANUAL)))
    assert manual["EXIF ExposureProgram"].values == [1]
    assert manual["EXIF ExposureMode"].values == [1]
    assert math.isclose(float(manual["EXIF ExposureTime"].values[0]), 1 / 1000)


def test_liveview_shows_what_a_shot_would():
    camera = Imager(profile=RX100M2, place=KIEL, seed=0, picture_px=(48, 32), start=DUSK)
    dark = Image.open(io.BytesIO(camera.preview(DUSK, 1, wish=replace(MANUAL, shutter_seconds=1 / 8000))))
    bright = Image.open(
        io.BytesIO(camera.preview(DUSK, 1, wish=replace(MANUAL, shutter_seconds=1 / 30), px=(320, 212)))
    )
    assert (dark.size, bright.size) == (RX100M2.liveview_px, (320, 212))
    assert np.asarray(bright).mean() > np.asarray(dark).mean() + 30
