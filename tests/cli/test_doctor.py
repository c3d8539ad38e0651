"""What `dayspool doctor` says of a machine, and what it advises."""

import sys
from types import SimpleNamespace

import pytest

from dayspool import develop
from dayspool.cli import doctor
from dayspool.develop import DarktableDeveloper, DeveloperInfo
from dayspool.errors import ToolDisobeyed, ToolMissing


def check(name):
    return next(found for found in doctor.checks() if found.name == name)


def test_what_works_needs_no_remedy():
    assert [found.name for found in doctor.checks() if found.ok and found.remedy] == []


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (ToolMissing("darktable-cli is not installed"), "apt install darktable; "),
        (ToolDisobeyed("darktable turned grey 118 into 130"), "mend what its test met, or install another darktable; "),
    ],
)
def test_a_darktable_that_fails_needs_something_else_than_one_that_is_missing(monkeypatch, fault, remedy):
    info = DeveloperInfo(name="darktable", version="4.2.1", detail=str(fault), fault=fault)
    monkeypatch.setattr(DarktableDeveloper, "probe", lambda self: info)
    found = check("darktable")
    assert not found.ok
    assert found.remedy.startswith(remedy)


def test_libraw_is_tried_and_its_failure_named(monkeypatch):
    assert "LibRaw 0." in check("libraw").detail
    fault = ToolMissing("RAW frames without darktable need rawpy")

    def missing() -> None:
        raise fault

    monkeypatch.setattr(develop, "prove_raw", missing)
    found = check("libraw")
    assert (found.ok, found.detail) == (False, str(fault))
    assert "only for RAW frames" in found.remedy


@pytest.mark.tools
def test_the_modules_of_the_installed_darktable_are_known():
    found = check("modules")
    assert found.ok
    assert found.detail == "83 modules of darktable 4.2.1 (installed)"


def test_without_darktable_a_table_knows_its_modules(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check("modules")
    assert not found.ok
    assert found.detail == "83 modules of darktable 4.2.1 (table of darktable 4.2.1)"
    assert "apt install darktable" in found.remedy
    assert "copied untouched" in found.remedy


def test_a_package_that_does_not_load_is_not_vouched_for(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("raise ImportError('libbroken.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    found = doctor._packages("film", "film", ("numpy", "broken_package", "missing_package"))
    assert not found.ok
    assert "broken_package is installed and does not load: libbroken.so.1" in found.detail
    assert "missing_package is missing" in found.detail
    assert sys.modules.get("broken_package") is None


@pytest.mark.parametrize(("free", "ok"), [(1_000_000, False), (9_000_000_000, True)])
def test_there_must_be_room_to_develop_in(monkeypatch, free, ok):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    found = check("work room")
    assert (found.ok, "TMPDIR" in found.remedy) == (ok, not ok)


@pytest.mark.parametrize(
    ("text", "mode", "ok", "detail", "remedy"),
    [
        (None, 0o600, True, "nobody is told", ""),
        ('[[alarm]]\nkind = "ntfy"\ntopic = "secret"\nname = "phone"\n', 0o600, True, "told: phone", ""),
        ('[[alarm]]\nkind = "ntfy"\ntopic = "secret"\n', 0o644, False, "told: ntfy", "chmod 600"),
        ('[[alarm]]\nkind = "pigeon"\n', 0o600, False, ":2: alarm[1].kind: 'pigeon' is none", "docs/alarms.md"),
    ],
)
def test_who_would_be_told_is_known(tmp_path, monkeypatch, text, mode, ok, detail, remedy):
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("DAYSPOOL_SETTINGS", str(path))
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    found = doctor._alarms()
    assert found.ok is ok
    assert detail in found.detail
    assert remedy in found.remedy
    assert "secret" not in found.detail
