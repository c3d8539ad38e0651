"""What is known of exposures: names become true values where they are names, and the ramp's residue counts."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from dayspool.core.events import ExposureSteered, FrameStored, ShootBegan
from dayspool.core.exposure import Exposure
from dayspool.core.ladder import Setting
from dayspool.journal import JournalWriter
from dayspool.render import FrameFile
from dayspool.render.nominal import nominal_of, true_exposures

NOW = datetime(2026, 6, 21, 12, tzinfo=UTC)
BEGAN = ShootBegan(origin=NOW.isoformat(), interval_seconds=10.0, count=9, source="camera")


def stored(slot, shutter=None, iso=None, aperture=None):
    return FrameStored(slot=slot, name=f"{slot}.jpg", size_bytes=7, shutter_seconds=shutter, iso=iso, aperture=aperture)


def steered(slot, setting: Setting, residue, **more):
    return ExposureSteered(
        slot=slot,
        wanted_ev=setting.ev100 + residue,
        applied_ev=setting.ev100,
        residue_ev=residue,
        target_ev=0.0,
        shutter_seconds=setting.shutter_seconds,
        aperture=setting.aperture,
        iso=setting.iso,
        compensation_ev=setting.compensation_ev,
        **more,
    )


def nominal(folder, *events, slots):
    folder.mkdir(exist_ok=True)
    with JournalWriter(folder, lambda: NOW) as journal:
        journal.append(BEGAN, *events)
    return nominal_of(folder, [FrameFile(slot=slot, path=folder / f"{slot}.jpg") for slot in slots])


@pytest.mark.parametrize(
    ("seconds", "true"),
    [
        (1 / 60, 1 / 64),
        (1 / 30, 1 / 32),
        (30, 32),
        (15, 16),
        (1 / 6, 2 ** (-8 / 3)),
        (0.3, 2 ** (-5 / 3)),
        (2.5, 2 ** (4 / 3)),
    ],
)
def test_names_of_shutters_become_the_ladder(seconds, true):
    (found,) = true_exposures({0: Exposure(shutter_seconds=seconds, iso=125, aperture=5.6)}).values()
    assert found.shutter_seconds == pytest.approx(true)
    assert found.iso == pytest.approx(100 * 2 ** (1 / 3))
    assert found.aperture == pytest.approx(2**2.5)


def test_all_third_stops_are_a_third_apart():
    names = [
        30,
        25,
        20,
        15,
        13,
        10,
        8,
        6,
        5,
        4,
        3.2,
        2.5,
        2,
        1.6,
        1.3,
        1,
        0.8,
        0.6,
        0.5,
        0.4,
        0.3,
        1 / 4,
        1 / 5,
        1 / 6,
        1 / 8,
    ]
    names += [
        1 / part for part in (10, 13, 15, 20, 25, 30, 40, 50, 60, 80, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800)
    ]
    found = true_exposures({slot: Exposure(shutter_seconds=name, iso=100) for slot, name in enumerate(names)})
    stops = np.diff([math.log2(one.shutter_seconds) for one in found.values()])
    assert stops == pytest.approx(-1 / 3)


def test_a_camera_that_chooses_in_between_is_taken_at_its_word():
    times = [1 / 60, 1 / 61, 1 / 59, 1 / 60, 1 / 63, 1 / 117]
    found = true_exposures({slot: Exposure(shutter_seconds=time, iso=131) for slot, time in enumerate(times)})
    assert [one.shutter_seconds for one in found.values()] == times
    assert found[0].iso == 131


def test_one_frame_off_the_ladder_does_not_change_what_names_are():
    times = [1 / 60] * 20 + [1 / 71]
    found = true_exposures({slot: Exposure(shutter_seconds=time, iso=100) for slot, time in enumerate(times)})
    assert found[0].shutter_seconds == pytest.approx(1 / 64)
    assert found[20].shutter_seconds == 1 / 71


def test_what_the_ramp_wanted_lies_a_residue_beside_what_was_set(tmp_path):
    setting = Setting(shutter_seconds=1 / 60, iso=200, aperture=4.0)
    events = [stored(0, 1 / 60, 200, 4.0), steered(0, setting, 0.2), stored(1, 1 / 60, 200, 4.0)]
    found = nominal(tmp_path, *events, slots=[0, 1, 2])
    true = math.log2(200 / 64 / 16)
    assert found.set_ev[:2] == pytest.approx([true, true])
    assert found.wanted_ev[0] == pytest.approx(true - 0.2)  # one that wants a scene of more light draws this one darker
    assert np.isnan(found.wanted_ev[1:]).all()
    assert math.isnan(found.set_ev[2])


def test_what_the_ramp_left_to_the_camera_is_read_from_the_picture(tmp_path):
    setting = Setting(shutter_seconds=1 / 60, iso=200)
    found = nominal(tmp_path, stored(0, 1 / 60, 200, 4.0), steered(0, setting, 0.0), slots=[0])
    assert found.set_ev == pytest.approx([math.log2(200 / 64 / 16)])


def test_compensation_says_nothing_of_what_was_wanted(tmp_path):
    found = nominal(tmp_path, stored(0, 1 / 60, 200, 4.0), steered(0, Setting(compensation_ev=0.7), 0.1), slots=[0])
    assert found.set_ev == pytest.approx([math.log2(200 / 64 / 16)])
    assert np.isnan(found.wanted_ev).all()


def test_a_night_beyond_the_camera_is_not_made_day(tmp_path):
    setting = Setting(shutter_seconds=8.0, iso=3200, aperture=2.0)
    found = nominal(tmp_path, stored(0, 8.0, 3200, 2.0), steered(0, setting, -4.0, limits=("brightest",)), slots=[0])
    assert found.wanted_ev - found.set_ev == pytest.approx([0.5])


def test_before_the_ramp_has_seen_the_light_it_wanted_what_it_did_then(tmp_path):
    first, then = (
        Setting(shutter_seconds=1 / 30, iso=200, aperture=4.0),
        Setting(shutter_seconds=1 / 60, iso=100, aperture=4.0),
    )
    events = [stored(0, 1 / 30, 200, 4.0), steered(0, first, 0.0, limits=("unmetered",))]
    alone = nominal(tmp_path / "alone", *events, slots=[0])
    assert alone.wanted_ev == pytest.approx(alone.set_ev), "nobody knows better"
    for slot, residue in ((1, 0.2), (2, 0.0), (3, 0.4)):
        limits = ("unmetered",) if slot == 2 else ()
        events += [stored(slot, 1 / 60, 100, 4.0), steered(slot, then, residue, limits=limits)]
    found = nominal(tmp_path / "all", *events, slots=[0, 1, 2, 3])
    assert found.wanted_ev - math.log2(100 / 64 / 16) == pytest.approx([-0.2, -0.2, -0.3, -0.4])


def test_an_original_for_a_gap_tells_its_own_exposure(tmp_path):
    picture = Image.new("RGB", (8, 8))
    exif = picture.getexif()
    exif.get_ifd(0x8769).update({0x829A: IFDRational(1, 60), 0x829D: IFDRational(4), 0x8827: 100})
    picture.save(tmp_path / "3.jpg", exif=exif)
    found = nominal(tmp_path, stored(0, 1 / 60, 100, 4.0), slots=[0, 3, 4])
    assert found.set_ev[:2] == pytest.approx([math.log2(100 / 64 / 16)] * 2)
    assert math.isnan(found.set_ev[2])
