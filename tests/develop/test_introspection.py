"""How the answers of darktable's modules are read, kept and stood in for, with modules that answer badly."""

import json

import pytest

from dayspool.develop import introspect
from dayspool.develop.introspect import cache_folder, installed_build, installed_modules, shipped
from dayspool.develop.introspect_table import read_table, with_defaults
from dayspool.sidecar.schema import Kind

X = {"name": "x", "kind": "float", "offset": 0, "size": 4, "minimum": 0.0, "maximum": 1.0, "default": 0.5}
Y = {"name": "y", "kind": "enum", "offset": 4, "size": 4, "default": 1, "choices": [["A", 0], ["B", 1]]}
POINT = {"name": "points[0][0]", "kind": "struct", "offset": 0, "size": 8, "fields": [X, Y]}
ROW = {"name": "points[0]", "kind": "array", "offset": 0, "size": 16, "count": 2, "element": POINT}
POINTS = {"name": "points", "kind": "array", "offset": 4, "size": 48, "count": 3, "element": ROW}
LETTER = {"name": "text[0]", "kind": "char", "offset": 0, "size": 1, "default": 0}
TEXT = {"name": "text", "kind": "array", "offset": 52, "size": 8, "count": 8, "element": LETTER}
EITHER = {"name": "either", "kind": "union", "offset": 60, "size": 8, "fields": [X, {**X, "name": "z", "size": 8}]}
COMPLEX = {"name": "where", "kind": "complex", "offset": 68, "size": 8, "default": 0.0}
FIRST = {"name": "first", "kind": "int", "offset": 0, "size": 4, "default": 7}
LAYOUT = [FIRST, POINTS, TEXT, EITHER, COMPLEX]


def table(layout=LAYOUT, size=76, **more):
    return told("4.2.1", {"operation": "sample", "version": 3, "size": size, "single": True, "layout": layout, **more})


def told(darktable, *modules):
    return json.dumps({"darktable": darktable, "blending": 11, "masks": 6, "modules": modules}).encode()


def test_structs_arrays_unions_and_complex_numbers_are_taken_apart():
    module = read_table(table(), source="test").find("sample", 3)
    fields = {field.name: field for field in module.fields}
    assert [field.offset for field in module.fields] == sorted(field.offset for field in module.fields)
    assert (fields["points[2][1].x"].offset, fields["points[2][1].x"].maximum) == (4 + 2 * 16 + 8, 1.0)
    assert (fields["points[1][0].y"].kind, fields["points[1][0].y"].choices) == (Kind.ENUM, (("A", 0), ("B", 1)))
    assert (fields["text"].kind, fields["text"].size) == (Kind.TEXT, 8)
    assert fields["either.x"].offset == fields["either.z"].offset == 60
    assert (fields["where.real"].offset, fields["where.imag"].offset) == (68, 72)
    assert len(fields) == 1 + 3 * 2 * 2 + 1 + 2 + 2
    assert (module.single, module.defaults) == (True, None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"[]",
        b"{}",
        told("4.2.1", {}),
        told("4.2.1").replace(b"11", b"null"),
        b'{"darktable":"4.2.1","modules":[]}',
        told("4.2.1")[:-2] + b"[" * 100_000,
        table(size=72),  # a field lies outside
        table(size=-1),
        table(size=1 << 40),
        table([{**FIRST, "offset": -4}]),
        table([{**FIRST, "kind": "quaternion"}]),
        table([{**POINTS, "count": 10**12}]),
        table(defaults="00"),
        table(defaults="zz"),
        table(version="new"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        read_table(data, source="test")


@pytest.mark.parametrize("defaults", [b"", b"[]", b"7", b'{"sample": 7}', b'{"sample": "00"}', b'{"other": "00"}'])
def test_defaults_that_make_no_sense_cost_only_themselves(defaults):
    assert read_table(with_defaults(table(), defaults), source="test").find("sample").defaults is None


def test_defaults_are_put_in():
    filled = with_defaults(table(), json.dumps({"sample": "07" + "00" * 75}).encode())
    assert read_table(filled, source="test").find("sample").defaults == bytes([7]) + bytes(75)


def test_an_unknown_module_or_version_is_not_found():
    modules = shipped()
    assert modules.find("exposure").version == 6
    assert modules.find("exposure", 6) is modules.find("exposure")
    assert modules.find("exposure", 7) is None
    assert modules.find("agx") is None


@pytest.mark.parametrize("version", [None, "4.2.1", "4.2.2", "5.4.0+12~gabcdef", "3.8.1", "unknown"])
def test_there_is_a_shipped_table_for_every_version(version):
    assert shipped(version).darktable == "4.2.1"
    assert shipped(version).source == "table of darktable 4.2.1"


@pytest.fixture
def prefix(tmp_path, monkeypatch):
    """A place where a darktable of another machine is installed, and the path of its darktable-cli."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(introspect, "_LIMIT_SECONDS", 2.0)
    library = tmp_path / "lib" / "aarch64-linux-gnu" / "darktable" / "libdarktable.so"
    (library.parent / "plugins").mkdir(parents=True)
    library.write_bytes(b"\x7fELF of another machine")
    (library.parent / "plugins" / "libexposure.so").write_bytes(b"\x7fELF")
    (tmp_path / "bin").mkdir()
    executable = tmp_path / "bin" / "darktable-cli"
    executable.write_text("#!/bin/sh\necho this is darktable-cli 5.4.1\n")
    executable.chmod(0o755)
    return executable


@pytest.fixture
def answers(tmp_path, monkeypatch):
    """Have another program asked than the probe; it counts its calls in the file `asked`."""

    def answer(body):
        script = tmp_path / "probe.py"
        script.write_text(f"import os, sys, time\nopen({str(tmp_path / 'asked')!r}, 'a').write('x')\n{body}\n")
        monkeypatch.setattr(introspect.introspect_probe, "__file__", str(script))

    return answer


def says(data):
    return f"sys.stdout.write({data.decode()!r} if sys.argv[1] == 'layouts' else '{{}}')"


def test_libraries_of_another_machine_are_stood_in_for(prefix):
    modules = installed_modules(str(prefix))
    assert (modules.source, modules.modules) == ("table of darktable 4.2.1", shipped().modules)
    assert "libdarktable.so" in modules.note
    assert "4.2.1 stand in" in modules.note
    assert "copied untouched" in modules.note


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("os.kill(os.getpid(), 11)", "status -11"),
        ("time.sleep(60)", "did not answer within 2 s"),
        ("print('hello')", "strange answer"),
        ("sys.stdout.write('[' * 100000)", "strange answer"),
        ("raise SystemExit('libexposure.so speaks version 9')", "libexposure.so speaks version 9"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_modules_that_crash_hang_or_babble_are_stood_in_for(prefix, answers, body, note):
    answers(body)
    modules = installed_modules(str(prefix))
    assert modules.modules == shipped().modules
    assert note in modules.note
    assert "\n" not in modules.note
    assert not list(cache_folder().glob("*"))


def test_a_missing_darktable_is_stood_in_for(tmp_path):
    modules = installed_modules(str(tmp_path / "darktable-cli"))
    assert modules.modules == shipped().modules
    assert "is not installed: apt install darktable" in modules.note


def test_an_executable_without_modules_is_stood_in_for(prefix):
    for library in prefix.parent.parent.glob("lib/*/darktable/plugins/*.so"):
        library.unlink()
    assert "has no modules in" in installed_modules(str(prefix)).note


def full(**more):
    return table(LAYOUT, defaults="00" * 76, **more)


def test_an_answer_is_kept_until_darktable_changes(prefix, answers, tmp_path):
    answers(says(full()))
    for _ in range(3):
        modules = installed_modules(str(prefix))
        assert (modules.source, modules.note, [module.operation for module in modules.modules]) == (
            "installed",
            "",
            ["sample"],
        )
    once = (tmp_path / "asked").read_text()
    assert once == "xx"  # for the layouts and for the defaults
    (plugin,) = prefix.parent.parent.glob("lib/*/darktable/plugins/*.so")
    plugin.write_bytes(b"\x7fELF!")
    installed_modules(str(prefix))
    assert (tmp_path / "asked").read_text() == 2 * once


@pytest.mark.parametrize("damage", [b"", b'{"darktable": "4.2.1", "modules": [', b"\xff\xfe\x00"])
def test_a_damaged_cache_is_made_again(prefix, answers, damage):
    answers(says(full()))
    installed_modules(str(prefix))
    (kept,) = cache_folder().glob("modules-*.json")
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert installed_modules(str(prefix)).source == "installed"
    assert kept.read_bytes() == whole
    assert [path.name for path in cache_folder().iterdir()] == [kept.name]


def test_a_cache_that_cannot_be_written_is_done_without(prefix, answers, tmp_path, monkeypatch):
    answers(says(full()))
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert installed_modules(str(prefix)).source == "installed"


def test_without_defaults_the_shipped_ones_serve_the_same_layouts_and_nothing_is_kept(prefix, answers):
    exposure = {"operation": "exposure", "version": 6, "size": 24, "single": False, "layout": []}
    other = {**exposure, "version": 7, "size": 28}
    answers(says(told("5.4.1", exposure, other)))
    modules = installed_modules(str(prefix))
    assert modules.find("exposure", 6).defaults == shipped().find("exposure").defaults
    assert modules.find("exposure", 7).defaults is None
    assert "does not tell what its modules start from" in modules.note
    assert not cache_folder().exists()


@pytest.mark.parametrize(
    ("home", "where"), [("/some/where", "/some/where/dayspool"), ("relative", "~/.cache/dayspool")]
)
def test_the_cache_lies_where_the_base_directories_say(monkeypatch, tmp_path, home, where):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert str(cache_folder()) == where.replace("~", str(tmp_path))


@pytest.mark.tools
@pytest.mark.parametrize("keep", [100, 20_000, 60_000, 140_000])
def test_a_module_that_was_cut_off_is_stood_in_for(prefix, keep):
    """The loader may complain, or the process may die of a bus error: both are only a note."""
    build = installed_build("darktable-cli")
    (library,) = prefix.parent.parent.glob("lib/*/darktable/libdarktable.so")
    library.unlink()
    library.symlink_to(build.library)
    (plugin,) = (library.parent / "plugins").glob("*.so")
    whole = next(path for path in build.plugins if path.name == "libashift.so").read_bytes()
    assert len(whole) > 140_000
    plugin.write_bytes(whole[:keep])
    modules = installed_modules(str(prefix))
    assert modules.modules == shipped().modules
    assert "could not be asked" in modules.note
    assert "Traceback" not in modules.note
