"""A white balance in kelvin: the camera's own daylight at its own temperature, warmer and colder in order."""

from itertools import pairwise

import numpy as np
import pytest

from dayspool.develop.builtin_raw import levels_of
from dayspool.develop.sample import bayer, dng
from dayspool.errors import PlanError
from dayspool.look.shoot_look import look_of
from dayspool.look.wish import LookWish
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.values import unpack
from tests.look.stacks import MODULES, pictures_in

NAME = "temperature.kelvin"


@pytest.fixture
def raws(tmp_path):
    pictures = pictures_in(tmp_path, 5, suffix=".dng")
    for picture in pictures:
        picture.path.write_bytes(dng(bayer(np.full((64, 96, 3), 0.2)), as_shot_neutral=(0.5, 1.0, 0.8)))
    return pictures


def balances(pictures, ramp, **others):
    look = look_of(pictures, wish=LookWish(ramp={NAME: ramp, **others}), modules=MODULES)
    for picture in pictures:
        sidecar = Sidecar.read(look.recipe(picture.slot).sidecar)
        (found,) = (step for step in sidecar.active if step.operation == "temperature")
        yield unpack(MODULES.find("temperature"), found.params)


def test_daylight_at_its_own_temperature_needs_what_libraw_says(raws):
    """D65 lies a little beside the black body of 6504 K that a temperature without tint means."""
    daylight = levels_of(raws[0].path).daylight
    got = next(iter(balances(raws, {"0%": 6504})))
    assert got["green"] == 1.0
    assert (got["red"], got["blue"]) == pytest.approx((daylight[0], daylight[2]), rel=0.06)


def test_a_warmer_light_gets_less_red_and_more_blue_step_by_step(raws):
    got = list(balances(raws, {"0%": 6500, "100%": 3000}))
    assert all(later["red"] < earlier["red"] for earlier, later in pairwise(got))
    assert all(later["blue"] > earlier["blue"] for earlier, later in pairwise(got))
    assert got[2]["red"] == pytest.approx((got[0]["red"] * got[4]["red"]) ** 0.5, rel=1e-6)


def test_jpegs_have_no_temperature(tmp_path):
    with pytest.raises(PlanError, match="needs RAW pictures alone"):
        list(balances(pictures_in(tmp_path, 3), {"0%": 5000}))


def test_what_cannot_be_is_told(raws):
    with pytest.raises(PlanError, match="1667 to 15000 K, not 100 K"):
        list(balances(raws, {"0%": 100}))
    with pytest.raises(PlanError, match="set the same"):
        list(balances(raws, {"0%": 5000}, **{"temperature.red": {"0%": 2.0}}))
