"""Pictures: exposed within a third of a stop, true in their EXIF, and the same for the same seed and moment."""

import io
from datetime import UTC, datetime, timedelta, timezone

import exifread
import numpy as np
import pytest
from astral import Observer
from astral.sun import elevation
from PIL import Image

from dayspool.sim import KIEL, RX100M2
from dayspool.sim.meter import bias_ev, expose, program
from dayspool.sim.picture import Imager
from dayspool.sim.sky import Sky

DAY = datetime(2026, 6, 20, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 12, 21, 0, 0, tzinfo=UTC)


def imager(px=(48, 32), seed=0, start=DAY):
    return Imager(profile=RX100M2, place=KIEL, seed=seed, picture_px=px, start=start)


def picture(px=(48, 32), seed=0, when=DAY, zoom=0.0):
    camera = imager(px, seed, when)
    return camera.jpeg(when, camera.meter(when, 1), 1, zoom=zoom)


def rung(thirds):
    """Return the true value of a rung of the ladder."""
    return 2.0 ** (thirds / 3)


@pytest.mark.parametrize("px", [(48, 32), (101, 67), (808, 540), (1616, 1080)])
def test_a_picture_has_the_size_it_was_asked_for(px):
    image = Image.open(io.BytesIO(picture(px)))
    image.load()
    assert (image.format, image.size, image.mode) == ("JPEG", px, "RGB")
    assert picture(px).endswith(b"\xff\xd9")


def test_exif_tells_the_truth():
    when = datetime(2026, 6, 20, 13, 14, 15, 600_000, tzinfo=timezone(timedelta(hours=2)))
    camera = imager(start=when)
    metered = camera.meter(when, 1)
    content = camera.jpeg(when, metered, 1)
    tags = exifread.process_file(io.BytesIO(content))
    assert str(tags["Image Make"]) == "SONY"
    assert str(tags["Image Model"]) == "DSC-RX100M2"
    assert {str(tags[f"{name}"]) for name in ("Image DateTime", "EXIF DateTimeOriginal")} == {"2026:06:20 13:14:15"}
    assert float(tags["EXIF ExposureTime"].values[0]) == pytest.approx(metered.nominal.shutter_seconds)
    assert float(tags["EXIF FNumber"].values[0]) == metered.nominal.aperture
    assert tags["EXIF ISOSpeedRatings"].values[0] == metered.nominal.iso
    assert float(tags["EXIF FocalLength"].values[0]) == 10.4
    assert tags["Image Orientation"].values == [1]
    assert float(tags["EXIF ExposureBiasValue"].values[0]) == 0
    exif = Image.open(io.BytesIO(content)).getexif()
    assert exif[0x110] == "DSC-RX100M2"
    assert exif.get_ifd(0x8769)[0x829A] == pytest.approx(metered.nominal.shutter_seconds)
    assert exif.get_ifd(0x8769)[0x9003] == "2026:06:20 13:14:15"


def test_the_time_in_exif_is_each_pictures_own():
    camera = imager()
    moments = [DAY + timedelta(seconds=second) for second in range(3)]
    contents = [camera.jpeg(when, camera.meter(when, 1), 1) for when in moments]
    assert [f"2026:06:20 11:00:0{second}".encode() in content for second, content in enumerate(contents)] == [True] * 3


def test_the_same_seed_and_moment_give_the_same_bytes_whatever_came_before():
    camera = imager((96, 64), seed=3)
    for minute in range(5):
        camera.preview(DAY + timedelta(minutes=minute), minute)
    assert camera.jpeg(DAY, camera.meter(DAY, 1), 1) == picture((96, 64), seed=3)
    assert picture((96, 64), seed=3) != picture((96, 64), seed=4)


def test_a_request_that_comes_a_little_later_changes_next_to_nothing():
    moments = [DAY, DAY + timedelta(milliseconds=3)]
    cameras = [imager((96, 64), seed=3, start=DAY) for _ in moments]
    metered = [[camera.meter(when, n) for n in range(1, 30)] for camera, when in zip(cameras, moments, strict=True)]
    assert [m.nominal for m in metered[0]] == [m.nominal for m in metered[1]]
    assert len({m.actual_ev for m in metered[0]}) == 29, "each exposure has errors of its own"
    first, second = (
        np.asarray(Image.open(io.BytesIO(camera.jpeg(when, m[6], 7))), np.int16)
        for camera, when, m in zip(cameras, moments, metered, strict=True)
    )
    assert np.abs(first - second).mean() < 0.5


def test_zoom_shows_less_and_says_so():
    wide, long = picture((160, 108)), picture((160, 108), zoom=1.0)
    assert Image.open(io.BytesIO(long)).size == (160, 108)
    assert float(exifread.process_file(io.BytesIO(long))["EXIF FocalLength"].values[0]) == 37.1
    assert wide != long


def test_the_program_line_goes_through_every_third_without_a_jump():
    for thirds in range(-27, 53):
        exposure, ev = program(thirds)
        assert ev == pytest.approx(thirds / 3)
        assert exposure.snapped().ev100 == pytest.approx(ev, abs=0.01)
        assert 1 / 2000 <= exposure.shutter_seconds <= 30
        assert 160 <= exposure.iso <= 6400
        assert 1.8 <= exposure.aperture <= 11


@pytest.mark.parametrize(("thirds", "text"), [(99, "1/2000 s · f/11 · ISO 160"), (-99, "30 s · f/1.8 · ISO 6400")])
def test_beyond_its_ends_it_does_what_it_can(thirds, text):
    assert str(program(thirds)[0]) == text


def test_automatic_exposure_is_within_a_third_and_flickers():
    rng = np.random.default_rng(1)
    for scene_ev in np.linspace(-4, 16, 41):
        readings = [expose(float(scene_ev), rng) for _ in range(200)]
        wanted = scene_ev + bias_ev(float(scene_ev))
        errors = np.array([reading.chosen_ev - wanted for reading in readings])
        assert np.abs(errors).max() < 1 / 6 + 4 * 0.08
        assert np.mean(np.abs(errors) <= 1 / 3) > 0.95
        assert len({reading.chosen_ev for reading in readings}) in {1, 2, 3}
        assert max(abs(reading.actual_ev - reading.chosen_ev) for reading in readings) <= 0.03


def test_the_bias_never_turns_the_order_of_scenes_round():
    scenes = np.linspace(-6, 17, 500)
    assert all(np.diff([scene + bias_ev(float(scene)) for scene in scenes]) > 0)


@pytest.mark.parametrize(("when", "lowest", "highest"), [(DAY, 90, 190), (NIGHT, 8, 70)])
def test_days_are_bright_and_nights_are_dark(when, lowest, highest):
    pixels = np.asarray(Image.open(io.BytesIO(picture((240, 160), when=when))))
    assert lowest < pixels.mean() < highest


@pytest.mark.parametrize(
    ("height", "ev", "tolerance"), [(58, 15, 0.8), (0, 11, 1.0), (-6, 4, 1.0), (-12, -2, 1.0), (-30, -4, 1.0)]
)
def test_the_skys_level_follows_the_sun(height, ev, tolerance):
    observer = Observer(KIEL.latitude, KIEL.longitude)
    start = datetime(2026, 6, 20, 11, 0, tzinfo=UTC) if height > -10 else datetime(2026, 12, 20, 11, 0, tzinfo=UTC)
    moments = [start + timedelta(minutes=minute) for minute in range(720)]
    when = min(moments, key=lambda moment: abs(elevation(observer, moment) - height))
    sky = Sky((96, 64), place=KIEL, seed=1, start=start).luminance(when)[:40]
    grey = sky @ np.array([0.2126, 0.7152, 0.0722])
    assert np.log2(np.median(grey)) == pytest.approx(ev, abs=tolerance)


@pytest.mark.parametrize("place", [(0, 0), (90, 0), (-90, 180), (69.6, 18.9), (-33.9, 151.2)])
def test_there_is_light_everywhere_on_earth(place):
    from dayspool.core.plan import Place

    sky = Sky((24, 16), place=Place(latitude=place[0], longitude=place[1]), seed=2, start=DAY)
    for hour in range(0, 24, 3):
        light = sky.luminance(DAY + timedelta(hours=hour))
        assert light.shape == (16, 24, 3)
        assert light.dtype == np.float32
        assert np.isfinite(light).all()
        assert (light > 0).all()


def test_light_changes_smoothly_through_dusk():
    sky = Sky((48, 32), place=KIEL, seed=5, start=DAY)
    moments = [datetime(2026, 9, 20, 15, 0, tzinfo=UTC) + timedelta(seconds=30 * step) for step in range(600)]
    levels = np.array([np.log2(sky.luminance(moment)).mean() for moment in moments])
    assert np.abs(np.diff(levels)).max() < 0.2
    assert levels[0] - levels[-1] > 12


def test_windows_are_lit_at_night_only():
    def lamps(when):
        light = Sky((808, 540), place=KIEL, seed=0, start=DAY).luminance(when)
        shore = light[300:356]
        return int((shore[..., 0] > 5 * shore[..., 2]).sum())

    assert lamps(NIGHT) > 20
    assert lamps(DAY) == 0


def test_noise_grows_with_iso():
    def roughness(when):
        camera = imager((240, 160), seed=6, start=when)
        pixels = np.asarray(Image.open(io.BytesIO(camera.jpeg(when, camera.meter(when, 1), 1))), np.float64)[:30, :, 1]
        return np.diff(pixels, axis=1).std() / pixels.mean()

    assert roughness(NIGHT) > 2 * roughness(datetime(2026, 12, 21, 11, 0, tzinfo=UTC))
