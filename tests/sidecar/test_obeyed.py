"""What darktable makes of our corrections, on RAW and JPEG, alone and on top of edits that its GUI wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dayspool.develop import sample
from dayspool.develop.introspect import shipped
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.order import built_in, order_text
from dayspool.sidecar.step import Step

pytestmark = pytest.mark.tools

DATA = Path(__file__).parent / "data"
PATCHES = np.random.default_rng(20).uniform(0.02, 0.09, (4, 6, 3))
LIGHT = np.kron(PATCHES, np.ones((16, 16, 1)))
NOT_LINEAR = {"filmicrgb", "colorbalancergb", "vignette"}
EVS = (-3.0, 0.013, 1.0, 2.0)
GAINS = {"warm": (1.2, 1.0, 0.85), "strong": (2.0, 1.0, 0.4)}
RESAVED = {"raw-ours": ".dng", "raw-ours-opened": ".dng", "jpeg-ours": ".jpg"}
Linear = NDArray[np.float64]


def edit(name: str) -> Sidecar:
    """What the GUI wrote, without the modules that are not in proportion to light."""
    written = Sidecar.read((DATA / name).read_bytes())
    return written.with_steps([step for step in written.active if step.operation not in NOT_LINEAR])


def mixed() -> Sidecar:
    """A person's own channel mixer, adapting to daylight as darktable starts it."""
    mixer = shipped().find("channelmixerrgb", 3)
    assert mixer is not None
    assert mixer.defaults is not None
    step = Step(operation=mixer.operation, version=mixer.version, params=mixer.defaults)
    return Sidecar.blank(raw=True).with_steps([step])


EDITS: Mapping[str, Sidecar | None] = {
    "raw-bare": None,
    "raw-edited": edit("raw-edited.dng.xmp"),
    "raw-mixed": mixed(),
    "jpeg-bare": None,
    "jpeg-rated": Sidecar.read((DATA / "jpeg-rated.jpg.xmp").read_bytes()),
    "jpeg-edited": edit("jpeg-edited.jpg.xmp"),
}


def wanted() -> dict[str, Sidecar]:
    sidecars = {}
    for name, sidecar in EDITS.items():
        raw = name.startswith("raw")
        sidecars[f"{name} none"] = corrected(sidecar, ev=0.0, raw=raw)
        if sidecar and sidecar.active:
            sidecars[f"{name} alone"] = sidecar
        for ev in EVS:
            sidecars[f"{name} {ev}"] = corrected(sidecar, ev=ev, raw=raw)
        for called, gains in GAINS.items():
            sidecars[f"{name} {called}"] = corrected(sidecar, ev=0.0, gains=gains, raw=raw)
    for name, suffix in RESAVED.items():
        sidecars[f"{name} resaved"] = Sidecar.read((DATA / f"{name}{suffix}.xmp").read_bytes())
        sidecars[f"{name} ours"] = corrected(None, ev=0.5, raw=name.startswith("raw"))
    return sidecars


@pytest.fixture(scope="module")
def developed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Linear]:
    """Develop all pictures in one run, to sRGB: encoded values are where a misplaced module shows."""
    work = tmp_path_factory.mktemp("obeyed")
    (work / "in").mkdir()
    (work / "out").mkdir()
    code = np.rint(255 * np.where(LIGHT <= 0.0031308, LIGHT * 12.92, 1.055 * LIGHT ** (1 / 2.4) - 0.055))
    pictures = {".dng": sample.dng(sample.bayer(LIGHT)), ".jpg": sample.jpeg(code.astype(np.uint8))}
    for name, sidecar in wanted().items():
        path = work / "in" / (name + (".dng" if name.startswith("raw") else ".jpg"))
        path.write_bytes(pictures[path.suffix])
        path.with_name(path.name + ".xmp").write_bytes(sidecar.data)
    options = ["--out-ext", "pfm", "--icc-type", "SRGB", "--apply-custom-presets", "0"]
    core = ["--core", "--configdir", str(work / "config"), "--disable-opencl"]
    subprocess.run(
        ["darktable-cli", str(work / "in"), f"{work / 'out'}/$(FILE_NAME)", *options, *core],
        check=True,
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return {path.stem: linear(path) for path in (work / "out").iterdir()}


def linear(path: Path) -> Linear:
    """Linear light of the patches' middles, from a PFM."""
    _, size, _, data = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    code = np.frombuffer(data, "<f4").reshape(height, width, 3)[::-1].astype(np.float64)
    middles = code.reshape(4, 16, 6, 16, 3)[:, 5:11, :, 5:11].mean(axis=(1, 3))
    return np.where(middles <= 0.04045, middles / 12.92, ((middles + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("ev", EVS)
def test_exposure_adds_up(developed: dict[str, Linear], name: str, ev: float) -> None:
    error_ev = np.log2(developed[f"{name} {ev}"] / developed[f"{name} none"]) - ev
    assert np.abs(np.median(error_ev)) < 2e-4
    assert np.abs(error_ev).max() < 2e-3  # darktable's own way to Lab and back is that coarse in strong colours


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("called", GAINS)
def test_gains_multiply(developed: dict[str, Linear], name: str, called: str) -> None:
    gains = developed[f"{name} {called}"] / developed[f"{name} none"]
    assert np.median(gains, axis=(0, 1)) == pytest.approx(GAINS[called], rel=1e-3)
    if name.endswith("bare"):
        assert np.abs(gains / GAINS[called] - 1).max() < 1e-3


@pytest.mark.parametrize("name", ["raw-edited", "raw-mixed", "jpeg-edited"])
def test_no_correction_changes_nothing(developed: dict[str, Linear], name: str) -> None:
    assert np.abs(np.log2(developed[f"{name} none"] / developed[f"{name} alone"])).max() < 1e-3


@pytest.mark.parametrize("name", RESAVED)
def test_what_the_gui_made_of_ours_is_the_same_picture(developed: dict[str, Linear], name: str) -> None:
    assert np.abs(np.log2(developed[f"{name} resaved"] / developed[f"{name} ours"])).max() < 1e-3


def test_orders_are_those_of_the_installed_darktable() -> None:
    """Ask libdarktable itself, in a process of its own; only 4.2 is known to have exactly these modules."""
    ask = (
        "import ctypes, glob\n"
        "library = ctypes.CDLL(glob.glob('/usr/lib/*/darktable/libdarktable.so')[0])\n"
        "library.dt_ioppr_get_iop_order_list_version.restype = ctypes.c_void_p\n"
        "library.dt_ioppr_serialize_text_iop_order_list.argtypes = [ctypes.c_void_p]\n"
        "library.dt_ioppr_serialize_text_iop_order_list.restype = ctypes.c_char_p\n"
        "for version in (1, 2, 3):\n"
        "    order = library.dt_ioppr_get_iop_order_list_version(version)\n"
        "    print(library.dt_ioppr_serialize_text_iop_order_list(order).decode())\n"
    )
    said = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True).stdout.split()
    assert said == [order_text(built_in(version)) for version in (1, 2, 3)]
