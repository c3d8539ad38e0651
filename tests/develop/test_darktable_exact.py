"""What the installed darktable makes of a recipe, to the ten-thousandth of an EV.

All pictures go through one call of the developer, that is three or four processes.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.darktable_cli import ExportRequest, Runner, read_ppm
from dayspool.develop.introspect import installed_modules
from dayspool.develop.sample import bayer, dng, jpeg
from dayspool.develop.selftest import linear
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed

pytestmark = [pytest.mark.tools, pytest.mark.slow]

WIDTH, HEIGHT = 96, 64
KINDS = (".dng", ".jpg")
STEPS_EV = tuple(np.arange(-6, 7) / 2)
COARSE_EV = (-3.0, -1.7, 0.137, 1.0, 3.0)
GAINS = ((1.1, 1.0, 0.9), (2**0.5, 1.0, 2**-0.5), (0.7, 1.3, 1.6), (1.0, 0.6, 1.0))
MULTIPLIERS = ((1.1, 1.0, 0.9), (2.0, 1.0, 1.5), (0.8, 1.0, 1.25))
OWN_EV = 0.3
WRITTEN_BY_DARKTABLE = {  # by darktable's GUI 4.2.1, see its make.py
    name: (Path(__file__).parents[1] / "sidecar" / "data" / name).read_bytes()
    for name in ("raw-edited.dng.xmp", "raw-untouched.dng.xmp", "raw-mask.dng.xmp", "jpeg-edited.jpg.xmp")
}
EDITS = {  # what a person might have edited, on top of what darktable itself starts from
    ".dng": {
        "temperature": {"red": 1.2, "green": 1.0, "blue": 0.9, "g2": 1.0},
        "highlights": {},
        "demosaic": {"demosaicing_method": 0},  # PPG, which gives the same bits every time
        "exposure": {"black": 0.0},
        "toneequal": {"shadows": 0.6, "highlights": -0.4},
        "channelmixerrgb": {},
        "colorbalancergb": {"saturation_global": 0.2},
        "sigmoid": {"middle_grey_contrast": 1.8},
        "sharpen": {},
        "velvia": {},
        "vignette": {},
        "bilat": {},
    },
    ".jpg": {
        "exposure": {"black": 0.0},
        "toneequal": {"shadows": 0.6, "highlights": -0.4},
        "colorbalancergb": {"saturation_global": 0.2},
        "filmicrgb": {},
        "tonecurve": {},
        "sharpen": {},
        "velvia": {},
        "vignette": {},
        "bilat": {},
        "rgbcurve": {},
    },
}


def light() -> np.ndarray:
    """Linear light that neither clips at +3 EV nor is lost at −3 EV, in soft colours."""
    grey = np.linspace(0.03, 0.1, WIDTH) * np.linspace(0.7, 1.0, HEIGHT)[:, np.newaxis]
    return grey[..., np.newaxis] * np.array([1.0, 0.9, 0.8])


def pictures() -> dict[str, bytes]:
    codes = 1.055 * light() ** (1 / 2.4) - 0.055
    return {".dng": dng(bayer(light())), ".jpg": jpeg(np.rint(codes * 255).astype(np.uint8))}


def edit(kind: str, ev: float) -> bytes:
    """A person's edit of ten modules or more, with this exposure."""
    modules = installed_modules()
    steps = []
    for operation, changes in EDITS[kind].items():
        module = modules.find(operation)
        assert module is not None
        own = {**changes, "exposure": ev} if operation == "exposure" else changes
        steps.append(
            Step(
                operation=operation,
                version=module.version,
                params=packed(module, module.defaults or bytes(module.size), own),
            )
        )
    return Sidecar.blank(raw=kind == ".dng").with_steps(steps).data


def balanced(multipliers: tuple[float, float, float]) -> bytes:
    params = struct.pack("<4f", *multipliers, multipliers[1])
    steps = [Step(operation="temperature", version=3, params=params)]
    return Sidecar.blank(raw=True).with_steps(steps).data


def recipes() -> dict[tuple[object, ...], Recipe]:
    """Every recipe under what it is for: what, kind of picture, and how much."""
    wanted: dict[tuple[object, ...], Recipe] = {}
    for kind in KINDS:
        wanted |= {("alone", kind, ev): Recipe(ev=ev) for ev in (*STEPS_EV, *COARSE_EV)}
        wanted |= {("gains", kind, gains): Recipe(gains=gains) for gains in GAINS}
        wanted |= {("ours", kind, ev): Recipe(sidecar=edit(kind, OWN_EV), ev=ev) for ev in COARSE_EV}
        wanted |= {("theirs", kind, ev): Recipe(sidecar=edit(kind, OWN_EV + ev)) for ev in COARSE_EV}
        wanted["both", kind, 0] = Recipe(ev=0.5, gains=GAINS[0])
    for multipliers in ((1.0, 1.0, 1.0), *MULTIPLIERS):
        wanted["balance", ".dng", multipliers] = Recipe(sidecar=balanced(multipliers))
    for name, data in WRITTEN_BY_DARKTABLE.items():
        kind, theirs = name[-8:-4], Sidecar.read(data)
        wanted["handed on", kind, name] = Recipe(sidecar=data)
        wanted["saved by us", kind, name] = Recipe(sidecar=theirs.with_steps(theirs.active).data)
        wanted["corrected by 0", kind, name] = Recipe(
            sidecar=corrected(theirs, ev=0.0, gains=(1.0, 1.0, 1.0), raw=kind == ".dng").data
        )
    return wanted


@pytest.fixture(scope="module")
def plates(tmp_path_factory) -> dict[tuple[object, ...], np.ndarray]:
    folder = tmp_path_factory.mktemp("exact")
    paths = {kind: folder / f"picture{kind}" for kind in KINDS}
    for kind, data in pictures().items():
        paths[kind].write_bytes(data)
    wanted = recipes()
    jobs = [DevelopJob(path=paths[key[1]], width=WIDTH, height=HEIGHT, recipe=recipe) for key, recipe in wanted.items()]
    developed = list(DarktableDeveloper().develop(jobs))
    faults = [str(result) for result in developed if not isinstance(result, Plate)]
    assert faults == []
    return {key: plate.rgb for key, plate in zip(wanted, developed, strict=True)}


def means(rgb: np.ndarray) -> np.ndarray:
    return linear(rgb)[8:-8, 8:-8].mean(axis=(0, 1))


@pytest.mark.parametrize(("kind", "within_ev"), [(".dng", 1e-4), (".jpg", 0.002)])
def test_exposure_alone_is_what_was_asked_for(plates, kind, within_ev):
    base = means(plates["alone", kind, 0.0])
    off = [np.log2(means(plates["alone", kind, ev]) / base) - ev for ev in (*STEPS_EV, *COARSE_EV)]
    assert np.abs(off).max() <= within_ev


@pytest.mark.parametrize("kind", KINDS)
def test_exposure_on_top_of_an_edit_is_as_if_the_person_had_set_it(plates, kind):
    """To within the rounding of one multiplication more, which steep curves enlarge: a 16th of an 8-bit code."""
    assert len(EDITS[kind]) >= 10
    assert len({plates["ours", kind, ev].tobytes() for ev in COARSE_EV}) == len(COARSE_EV)
    for ev in COARSE_EV:
        ours, theirs = (plates[whose, kind, ev] for whose in ("ours", "theirs"))
        assert np.abs(ours.astype(int) - theirs).max() <= 16
        assert np.abs(np.log2(means(ours) / means(theirs))).max() <= 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_gains_are_factors_in_linear_light(plates, kind):
    base = means(plates["alone", kind, 0.0])
    for gains in GAINS:
        got = means(plates["gains", kind, gains]) / base
        assert got == pytest.approx(np.array(gains), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_exposure_and_gains_multiply(plates, kind):
    got = means(plates["both", kind, 0]) / means(plates["alone", kind, 0.0])
    assert got == pytest.approx(np.array(GAINS[0]) * 2**0.5, rel=1e-3)


def test_white_balance_is_what_was_asked_for(plates):
    base = means(plates["balance", ".dng", (1.0, 1.0, 1.0)])
    for multipliers in MULTIPLIERS:
        got = means(plates["balance", ".dng", multipliers]) / base
        assert got == pytest.approx(np.array(multipliers), rel=1e-3)


@pytest.fixture(scope="module")
def by_itself(tmp_path_factory) -> dict[str, np.ndarray]:
    """What darktable makes of its own sidecars when they lie beside the pictures byte for byte."""
    room = tmp_path_factory.mktemp("itself")
    request = ExportRequest(inbox=room / "in", outbox=room / "out", home=room / "home", width=0, height=0)
    for folder in (request.inbox, request.outbox, request.home):
        folder.mkdir()
    for number, (name, data) in enumerate(WRITTEN_BY_DARKTABLE.items()):
        kind = name[-8:-4]
        (request.inbox / f"{number}{kind}").write_bytes(pictures()[kind])
        (request.inbox / f"{number}{kind}.xmp").write_bytes(data)
    Runner().run(request, limit_seconds=60, stops=0)
    return {name: read_ppm(request.outbox / f"{number}.ppm") for number, name in enumerate(WRITTEN_BY_DARKTABLE)}


@pytest.mark.parametrize("name", WRITTEN_BY_DARKTABLE)
@pytest.mark.parametrize("what", ["handed on", "saved by us", "corrected by 0"])
def test_what_darktable_wrote_looks_the_same_after_us(plates, by_itself, what, name):
    """But for a few pixels of a RAW: darktable's demosaicing (RCD) is not the same to the bit every time."""
    before, after = by_itself[name], plates[what, name[-8:-4], name]
    off = np.abs(before.astype(int) - after)
    assert np.quantile(off, 0.99) <= 2
    assert np.abs(np.log2(means(after) / means(before))).max() <= 1e-5
