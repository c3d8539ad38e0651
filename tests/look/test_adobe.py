"""Edits made in Lightroom and LRTimelapse become ramps; what has no equal is named."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dayspool.develop import sample
from dayspool.develop.introspect import shipped
from dayspool.errors import SidecarUnreadable
from dayspool.intake.sidecar import exposure_sidecar
from dayspool.look.adobe import adobe_lines, lines_of
from dayspool.look.kelvin import multipliers, white_xy
from dayspool.look.shoot_look import look_of
from dayspool.look.wish import Between, LookWish, Picture
from dayspool.sidecar.adobe import AdobeCrop, AdobeEdit
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from tests.sidecar.exported import exported
from tests.sidecar.test_adobe import packet

if TYPE_CHECKING:
    from dayspool.look.ramp import Line

START = datetime(2026, 6, 21, 18, tzinfo=UTC)
SRGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
"""IEC 61966-2-1, as the camera of the sample RAWs has it."""


def by_name(lines: tuple[Line, ...]) -> dict[str, dict[float, float]]:
    return {line.name: dict(zip(line.slots, line.values, strict=True)) for line in lines}


def test_creative_keyframes_count_while_the_frames_between_them_are_untouched() -> None:
    edits = {slot: AdobeEdit(exposure_ev=0.0) for slot in range(9)}
    edits |= {0: AdobeEdit(exposure_ev=0.0, rating=4), 8: AdobeEdit(exposure_ev=1.5, rating=4)}
    lines, notes = lines_of(edits)
    assert by_name(lines) == {"exposure.exposure": {0: 0.0, 8: 1.5}}
    assert notes == ("2 keyframes with four stars among 9 sidecars of Lightroom or LRTimelapse",)


def test_after_the_transition_every_frame_counts() -> None:
    edits = {slot: AdobeEdit(exposure_ev=slot**2 / 10, rating=4 * (slot in (0, 3))) for slot in range(4)}
    lines, notes = lines_of(edits)
    assert by_name(lines)["exposure.exposure"] == pytest.approx({0: 0.0, 1: 0.1, 2: 0.4, 3: 0.9})
    assert "each of which counts" in notes[0]


def test_what_lrtimelapse_does_to_each_frame_is_added_to_the_keyframes() -> None:
    edits = {slot: AdobeEdit(exposure_ev=0.0, offsets_ev={"deflicker": 0.1 * (-1) ** slot}) for slot in range(5)}
    edits |= {
        0: AdobeEdit(exposure_ev=1.0, rating=4, offsets_ev={"hg": -0.5}),
        4: AdobeEdit(exposure_ev=2.0, rating=4, offsets_ev={"hg": 0.5, "deflicker": 0.25}),
    }
    lines, _ = lines_of(edits, how=Between.LINEAR)
    expected = {0: 0.5, 1: 1.15, 2: 1.6, 3: 1.65, 4: 2.75}
    assert by_name(lines)["exposure.exposure"] == pytest.approx(expected)


def test_a_setting_that_stays_needs_one_position() -> None:
    lines, _ = lines_of({slot: AdobeEdit(exposure_ev=0.7) for slot in range(3, 6)})
    assert by_name(lines) == {"exposure.exposure": {3: 0.7}}
    assert lines_of({1: AdobeEdit(exposure_ev=0.0)})[0] == ()


@pytest.mark.parametrize(
    ("crops", "orientation", "lines", "said"),
    [
        ([None, None], 1, {}, ""),
        ([AdobeCrop(left=0.1, top=0.2), AdobeCrop(left=0.1, top=0.2)], 1,
         {"crop.cx": {0: 0.1}, "crop.cy": {0: 0.2}, "crop.cw": {0: 1.0}, "crop.ch": {0: 1.0}}, ""),
        ([AdobeCrop(left=0.1), AdobeCrop(left=0.2)], 1, {}, "crop changes"),
        ([AdobeCrop(left=0.1), None], 1, {}, "crop changes"),
        ([AdobeCrop(left=0.1, angle=2.0)] * 2, 1, {}, "turned"),
        ([AdobeCrop(left=0.1)] * 2, 6, {}, "turned"),
    ],
)  # fmt: skip
def test_crops(
    crops: list[AdobeCrop | None], orientation: int, lines: dict[str, dict[float, float]], said: str
) -> None:
    edits = {slot: AdobeEdit(crop=crop, orientation=orientation) for slot, crop in enumerate(crops)}
    found, notes = lines_of(edits)
    assert by_name(found) == lines
    assert said in " ".join(notes)


def test_settings_without_an_equal_are_named() -> None:
    names = tuple(f"Slider{number}" for number in range(9))
    _, notes = lines_of({0: AdobeEdit(others=("Contrast2012", "Dehaze")), 1: AdobeEdit(others=("Dehaze",))})
    assert notes[-1] == "2 settings have no equal in darktable and are left out: Contrast2012, Dehaze"
    assert lines_of({0: AdobeEdit(others=names)})[1][-1].endswith("Slider7 …")


@pytest.mark.parametrize(
    ("kelvin", "tint", "xy"),
    [  # CIE 15: illuminants A, D50, D65, and their tints by their distance from the Planckian locus
        (2856, 0.0, (0.4476, 0.4074)),
        (5001, 9.6, (0.3457, 0.3585)),
        (6504, 9.6, (0.3127, 0.3290)),
    ],
)  # fmt: skip
def test_kelvin_and_tint_name_a_white(kelvin: float, tint: float, xy: tuple[float, float]) -> None:
    assert white_xy(kelvin, tint) == pytest.approx(xy, abs=5e-4)


@pytest.mark.parametrize(("kelvin", "matrix"), [(1000, SRGB), (50_000, SRGB), (5000, [(-1, 0, 0)] * 3)])
def test_a_white_that_cannot_be_is_refused(kelvin: float, matrix: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(ValueError, match="K"):
        multipliers(kelvin, 0, matrix)


def test_white_balance_that_cannot_be_mapped_is_named() -> None:
    edit = AdobeEdit(temperature_k=5000, tint=0)
    assert "left out" in lines_of({0: edit})[1][1]
    lines, notes = lines_of({0: AdobeEdit(temperature_k=50_000), 4: edit}, xyz_to_camera=SRGB)
    assert "slot 0 is left out: a colour temperature from 1667 to 15000 K" in notes[1]
    too_hot = {slot: AdobeEdit(temperature_k=50_000 + slot) for slot in range(100)}
    assert "slot 0 and 99 more is left out" in lines_of(too_hot, xyz_to_camera=SRGB)[1][1]
    assert by_name(lines)["temperature.red"].keys() == {4.0}


def pictures(folder: Path, suffix: str, count: int) -> list[Picture]:
    moments = (START + timedelta(seconds=10 * slot) for slot in range(count))
    return [Picture(slot=slot, path=folder / f"{slot:06d}{suffix}", utc=moment) for slot, moment in enumerate(moments)]


def test_our_own_export_comes_back(tmp_path: Path) -> None:
    shoot = pictures(tmp_path, ".jpg", 4)
    for picture, residue_ev in zip(shoot[:3], (0.0, 0.4, -0.2), strict=True):
        picture.path.with_suffix(".xmp").write_bytes(exposure_sidecar(residue_ev))
    lines, _ = adobe_lines(shoot)
    assert by_name(lines) == {"exposure.exposure": pytest.approx({0: 0.0, 1: -0.4, 2: 0.2})}


def test_without_adobes_sidecars_it_says_so(tmp_path: Path) -> None:
    shoot = pictures(tmp_path, ".jpg", 1)
    (tmp_path / "000000.jpg.xmp").write_bytes(packet('crs:Exposure2012="1"'))
    (tmp_path / "000000.xmp").write_bytes(b"<a/>")
    lines, (note,) = adobe_lines(shoot)
    assert lines == ()
    assert "NAME.xmp" in note


def test_a_broken_sidecar_is_named(tmp_path: Path) -> None:
    (tmp_path / "000000.xmp").write_bytes(b"<x:xmpmeta")
    with pytest.raises(SidecarUnreadable, match=r"000000\.xmp"):
        adobe_lines(pictures(tmp_path, ".jpg", 1))
    (tmp_path / "000001.xmp").mkdir()
    with pytest.raises(SidecarUnreadable, match=r"000001\.xmp"):
        adobe_lines(pictures(tmp_path, ".jpg", 2)[1:])


LIGHTS = ((2856.0, 0.0), (4000.0, 20.0), (6504.0, 9.6), (9000.0, -15.0))


@pytest.mark.tools
def test_grey_in_any_light_is_grey_in_the_picture(tmp_path: Path) -> None:
    """A grey card lit by each light, as the camera sees it, through darktable with the multipliers of that light."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    shoot = pictures(inbox, ".dng", len(LIGHTS))
    for picture, (kelvin, tint) in zip(shoot, LIGHTS, strict=True):
        picture.path.write_bytes(sample.dng(sample.bayer(np.full((64, 96, 3), 0.3 * _seen(kelvin, tint)))))
        edit = packet(f'crs:Temperature="{kelvin}" crs:Tint="{tint}"')
        picture.path.with_suffix(".xmp").write_bytes(edit)
    ramps = by_name(adobe_lines(shoot)[0])
    for picture in shoot:
        values = {field: ramps[f"temperature.{field}"].get(picture.slot, 1.0) for field in ("red", "green", "blue")}
        picture.sidecar.write_bytes(_balanced(values))
        picture.path.with_suffix(".xmp").unlink()
    for pixels in exported(inbox, tmp_path / "run").values():
        red, green, blue = pixels[16:48, 16:80].mean(axis=(0, 1))
        assert (red / green, blue / green) == pytest.approx((1.0, 1.0), abs=0.002)


def _seen(kelvin: float, tint: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What the camera makes of a white in that light, its largest channel 1."""
    x, y = white_xy(kelvin, tint)
    seen = np.array(SRGB) @ np.array((x / y, 1.0, (1.0 - x - y) / y))
    return np.asarray(seen / seen.max())


def _balanced(values: dict[str, float]) -> bytes:
    params = struct.pack("<4f", values["red"], values["green"], values["blue"], 1.0)
    return Sidecar.blank(raw=True).with_steps([Step(operation="temperature", version=3, params=params)]).data


def test_a_look_follows_adobes_edits_when_it_is_asked_to(tmp_path: Path) -> None:
    shoot = pictures(tmp_path, ".jpg", 5)
    for slot, ev in ((0, 0.0), (4, 1.0)):
        shoot[slot].path.with_suffix(".xmp").write_bytes(packet(f'crs:Exposure2012="{ev}" xmp:Rating="4"'))
    look = look_of(shoot, wish=LookWish(keyframes="adobe", between=Between.LINEAR), modules=shipped())
    assert [look.recipe(slot).ev for slot in range(5)] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])
    assert not look.needs_darktable
    assert "sidecars of Lightroom" in look.notes[0]
    ramped = LookWish(keyframes="adobe", ramp={"exposure.exposure": {"0%": 2.0}})
    assert look_of(shoot, wish=ramped, modules=shipped()).recipe(4).ev == 2.0
    assert look_of(shoot, wish=LookWish(), modules=shipped()).recipe(4).ev == 0.0


def test_white_balance_and_crop_go_into_the_sidecars_of_raws(tmp_path: Path) -> None:
    shoot = pictures(tmp_path, ".dng", 3)
    for picture, kelvin in zip(shoot, (4000, 5000, 6504), strict=True):
        picture.path.write_bytes(sample.dng(sample.bayer(np.full((64, 96, 3), 0.3))))
        edit = packet(f'crs:Temperature="{kelvin}" crs:Tint="0" crs:CropLeft="0.25" crs:CropBottom="0.5"')
        picture.path.with_suffix(".xmp").write_bytes(edit)
    look = look_of(shoot, wish=LookWish(keyframes="adobe"), modules=shipped())
    for picture, kelvin in zip(shoot, (4000, 5000, 6504), strict=True):
        recipe = look.recipe(picture.slot)
        assert recipe.sidecar is not None
        steps = {step.operation: step for step in Sidecar.read(recipe.sidecar).active}
        red, green, blue, _ = struct.unpack("<4f", steps["temperature"].params)
        assert (red, green, blue) == pytest.approx(multipliers(kelvin, 0, SRGB), rel=1e-3)
        assert struct.unpack("<4f2i", steps["crop"].params)[:4] == pytest.approx((0.25, 0.0, 1.0, 0.5))
        assert {"exposure", "sigmoid"} <= steps.keys()
