"""Which developer a render gets: by name, or by what its frames and their look need."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest

from dayspool.develop import BuiltinDeveloper, Recipe, builtin_proof, choose
from dayspool.develop.builtin_raw import levels_of
from dayspool.develop.sample import bayer, dng
from dayspool.errors import PlanError, ToolDisobeyed, ToolError, ToolMissing

LOOK = "the look has 3 keyframes made in darktable"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "frame.dng"
    path.write_bytes(dng(bayer(np.full((32, 32, 3), 0.2))))
    return path


@pytest.fixture
def no_darktable(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def disobedient(monkeypatch, fake_darktable):
    monkeypatch.setenv("PATH", str(fake_darktable("").parent))


def test_an_unknown_developer_is_a_mistake_in_the_plan():
    with pytest.raises(PlanError, match="auto, darktable, builtin"):
        choose("lightroom")
    assert choose("builtin").info.ok


def test_auto_leaves_darktable_alone_for_pictures_without_a_look(no_darktable):
    choice = choose("auto")
    assert choice.developer.name == "builtin"
    assert "do not need darktable" in choice.reason


def test_darktable_by_name_is_missed_by_name(no_darktable):
    with pytest.raises(ToolMissing):
        choose("darktable")


def test_auto_never_leaves_out_a_look_silently(no_darktable):
    with pytest.raises(ToolMissing, match=rf"{LOOK}, and darktable is not installed: apt install.*--look none"):
        choose("auto", needs_darktable=LOOK)


def test_auto_never_trusts_a_look_to_a_darktable_that_disobeys(disobedient):
    with pytest.raises(ToolError, match=rf"{LOOK}, and darktable failed its test.*--look none"):
        choose("auto", needs_darktable=LOOK)


def test_builtin_refuses_a_look_that_it_cannot_show():
    with pytest.raises(PlanError, match=rf"{LOOK}, which --developer builtin cannot show"):
        choose("builtin", needs_darktable=LOOK)


def test_raw_frames_get_libraw_where_darktable_is_missing(no_darktable, raw):
    choice = choose("auto", raws=[raw])
    assert isinstance(choice.developer, BuiltinDeveloper)
    assert choice.developer.levels == levels_of(raw)
    assert choice.reason == "RAW frames get LibRaw, because darktable is not installed"


def test_raw_frames_get_libraw_where_darktable_disobeys(disobedient, raw):
    choice = choose("auto", raws=[raw])
    assert choice.developer.name == "builtin"
    assert "failed its test" in choice.reason


def test_raw_frames_by_name(raw):
    choice = choose("builtin", raws=[raw])
    assert isinstance(choice.developer, BuiltinDeveloper)
    assert choice.developer.levels == levels_of(raw)


def test_the_version_names_what_develops_the_frames(raw):
    assert re.fullmatch(r"Pillow [\d.]+", choose("builtin").info.version)
    assert re.fullmatch(r"Pillow [\d.]+, LibRaw [\d.]+", choose("builtin", raws=[raw]).info.version)


@pytest.mark.tools
def test_auto_takes_darktable_for_a_look_and_for_raw_frames_and_says_why(raw):
    for_look, for_raw = choose("auto", needs_darktable=LOOK), choose("auto", raws=[raw])
    assert for_look.developer.name == for_raw.developer.name == "darktable"
    assert for_look.reason.startswith(f"{LOOK}, and darktable 4.")
    assert for_raw.reason.startswith("the frames are RAW, and darktable 4.")


def test_libraw_is_proven_before_raw_frames_are_trusted_to_it(monkeypatch, raw):
    monkeypatch.setattr(builtin_proof, "light_of", lambda job, levels: np.full((64, 96, 3), 4096, np.uint16))
    with pytest.raises(ToolDisobeyed, match=r"LibRaw makes -1\.000 EV of even light and -2\.000 EV of twice that"):
        choose("builtin", raws=[raw])
    assert choose("builtin").info.ok
    monkeypatch.setattr(tempfile, "tempdir", str(raw))
    with pytest.raises(ToolError, match="temporary file"):
        choose("builtin", raws=[raw])


def test_a_pillow_or_numpy_that_makes_another_grey_is_not_trusted(monkeypatch):
    obeyed = builtin_proof.adjusted
    monkeypatch.setattr(builtin_proof, "adjusted", lambda rgb, recipe: obeyed(rgb, Recipe(ev=recipe.ev + 0.004)))
    with pytest.raises(ToolDisobeyed, match=r"one EV turned grey 118 into 162\.4, not 162\.2"):
        choose("builtin")
    monkeypatch.setattr(builtin_proof, "adjusted", lambda rgb, recipe: rgb.astype(np.uint16) * 257)
    with pytest.raises(ToolDisobeyed, match=r"one EV turned grey 118 into 118\.0"):
        choose("builtin")
