"""The test that darktable has to pass before a render trusts it."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from dayspool.develop import DarktableDeveloper
from dayspool.develop.introspect import cache_folder
from dayspool.develop.selftest import linear, refuse_disobedience, trials
from dayspool.errors import ToolDisobeyed

TRIED = trials()


@pytest.fixture(autouse=True)
def a_cache_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def encoded(light: np.ndarray) -> np.ndarray:
    """Linear light as 16-bit sRGB (IEC 61966-2-1)."""
    codes = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(codes * 65535).astype(np.uint16)


def obedient(but: dict[int, np.ndarray | None]) -> list[np.ndarray | None]:
    """What a darktable would make that obeys, but for some of the trials."""
    bases = {None: np.full((64, 96, 3), 0.2), 0: np.full((64, 96, 3), 0.2), 5: TRIED[5].light}
    made = []
    for trial in TRIED:
        light = trial.light if trial.light is not None else bases[trial.against] * np.array(trial.factors)
        made.append(encoded(light[: trial.size[1], : trial.size[0]]))
    return [but.get(number, pixels) for number, pixels in enumerate(made)]


def brighter(number: int, ev: float) -> np.ndarray:
    return encoded(linear(obedient({})[number]) * 2**ev)


def test_obedience_passes():
    refuse_disobedience(TRIED, obedient({}), "4.2.1")
    refuse_disobedience(TRIED, obedient({1: brighter(1, 0.0015)}), "4.2.1")


@pytest.mark.parametrize(
    ("number", "pixels", "said"),
    [
        (1, obedient({})[0], r"make a RAW 1 EV brighter and missed that by red -1\.0000"),
        (1, brighter(1, 0.003), r"RAW 1 EV brighter .* \+0\.0030 EV \(0\.002 is allowed\)"),
        (2, obedient({})[0], r"another white balance .* red -0\.1000, green .0\.0000, blue \+0\.1000"),
        (3, obedient({})[0], "gains for red and blue"),
        (4, obedient({})[0], "middle of a RAW and made 96×64 px instead of 48×32"),
        (5, brighter(5, 0.83), r"a JPEG as it is and missed that by red \+0\.83"),
        (6, None, "a JPEG 1 EV brighter and made nothing"),
        (7, np.zeros((64, 96, 3), np.uint16), "a JPEG with gains"),
    ],
)
def test_disobedience_is_named_with_what_to_do(number, pixels, said):
    with pytest.raises(ToolDisobeyed, match=f"(?s)darktable 9.9 was told to .*{said}.*--developer builtin"):
        refuse_disobedience(TRIED, obedient({number: pixels}), "9.9")


@pytest.mark.parametrize("body", ["", "for path in frames: develop(path, 96, 64)", "time.sleep(1000)"])
def test_a_tool_that_does_something_else_is_refused(fake_darktable, body):
    info = DarktableDeveloper(str(fake_darktable(body)), start_seconds=0.5).probe()
    assert isinstance(info.fault, ToolDisobeyed)
    assert info.version == "9.9.9"
    assert info.detail == str(info.fault)


@pytest.fixture
def wrapped(tmp_path):
    """Make a darktable that does something to its inbox first."""

    def make(before: str) -> Path:
        script = tmp_path / "darktable-cli"
        script.write_text(f'#!/bin/sh\n[ "$1" = --version ] || {{ {before}; }}\nexec darktable-cli "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    return make


@pytest.mark.tools
@pytest.mark.parametrize(
    ("before", "said"),
    [
        ('rm "$1"/*.xmp', "a RAW 1 EV brighter"),  # it ignores sidecars altogether
        ('sed -i s/channelmixerrgb/nosuchmodule/ "$1"/*.xmp', "a RAW with gains"),  # and here one module
    ],
)
def test_a_darktable_that_ignores_what_it_is_told_is_caught(wrapped, before, said):
    info = DarktableDeveloper(str(wrapped(before))).probe()
    assert isinstance(info.fault, ToolDisobeyed), info
    assert said in info.detail


@pytest.fixture
def installed(fake_darktable, tmp_path):
    """An installed darktable that obeys and notes its runs in `runs`: executable, library and one module."""
    made = tmp_path / "made"
    made.mkdir()
    for number, pixels in enumerate(obedient({})):
        height, width = pixels.shape[:2]
        (made / f"{number:05d}.ppm").write_bytes(
            b"P6\n%d %d\n65535\n" % (width, height) + pixels.astype(">u2").tobytes()
        )
    body = (
        f"open({str(tmp_path / 'runs')!r}, 'a').write('run ')\n"
        f"for path in frames: (outbox / f'{{path.stem}}.ppm').write_bytes("
        f"pathlib.Path({str(made)!r}, f'{{path.stem}}.ppm').read_bytes())"
    )
    executable = tmp_path / "prefix" / "bin" / "darktable-cli"
    executable.parent.mkdir(parents=True)
    fake_darktable(body).rename(executable)
    plugins = tmp_path / "prefix" / "lib" / "darktable" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "libexposure.so").write_bytes(b"module")
    (plugins.parent / "libdarktable.so").write_bytes(b"library")
    return executable


def probed(executable: Path) -> bool:
    """Whether a new render trusts it."""
    return DarktableDeveloper(str(executable)).probe().ok


def test_a_build_is_tried_once(installed, tmp_path):
    assert probed(installed)
    assert probed(installed)
    assert (tmp_path / "runs").read_text().split() == ["run"]


@pytest.mark.parametrize(
    "changed", ["bin/darktable-cli", "lib/darktable/libdarktable.so", "lib/darktable/plugins/new.so"]
)
def test_another_build_is_tried_again(installed, tmp_path, changed):
    assert probed(installed)
    with (tmp_path / "prefix" / changed.replace("new", "libnew")).open("ab") as file:
        file.write(b"\n# changed\n")
    assert probed(installed)
    assert (tmp_path / "runs").read_text().split() == ["run", "run"]


@pytest.mark.parametrize("kept", [b"", b"\0 torn", b"darktable 1.0 obeyed 1 trials\n"])
def test_a_broken_note_is_made_anew(installed, tmp_path, kept):
    assert probed(installed)
    (note,) = cache_folder().iterdir()
    whole = note.read_bytes()
    note.write_bytes(kept)
    assert probed(installed)
    assert (tmp_path / "runs").read_text().split() == ["run", "run"]
    assert [path.read_bytes() for path in cache_folder().iterdir()] == [whole]


def test_a_cache_that_cannot_be_written_costs_only_time(installed, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert probed(installed)


def test_what_disobeyed_is_not_noted(installed):
    installed.write_text(installed.read_text().replace("frames: (outbox", "frames[1:]: (outbox"))
    assert not probed(installed)
    assert not cache_folder().exists()


def test_a_build_that_cannot_be_told_by_its_files_is_tried_every_time_but_remembered(installed, tmp_path):
    (tmp_path / "prefix/lib/darktable/libdarktable.so").unlink()
    developer = DarktableDeveloper(str(installed))
    assert developer.probe().ok
    assert developer.probe().ok
    assert (tmp_path / "runs").read_text().split() == ["run"]
    assert probed(installed)
    assert (tmp_path / "runs").read_text().split() == ["run", "run"]
