"""`dayspool look` as a person meets it: on a shoot of twelve small JPEGs with three keyframes."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring
from PIL import Image

import dayspool.look.apply as room
import dayspool.render.looks as looks
from dayspool.cli import root
from dayspool.cli.look.course import Course, Courses, Key
from dayspool.cli.look.plot import svg_plot
from dayspool.cli.look.table import table
from dayspool.develop import BuiltinDeveloper
from dayspool.develop.introspect import shipped
from dayspool.errors import DayspoolError, PlanError
from dayspool.look.wish import Picture
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed, unpack
from tests.processes import run

MODULES = replace(shipped(), source="installed")
BEGIN_PATH = Path("frames")
BEGIN = datetime(2026, 6, 21, 18, 30, tzinfo=UTC)
EDITS = {0: {"exposure": 0.0}, 6: {"exposure": 1.2}, 11: {"exposure": 0.5}}


def step(operation, *, version=None, **values):
    module = MODULES.find(operation)
    return Step(operation=operation, version=version or module.version, params=packed(module, module.defaults, values))


def edit(picture, *steps):
    """Edit a picture as darktable would."""
    picture.with_name(f"{picture.name}.xmp").write_bytes(Sidecar.blank(raw=False).with_steps(steps).data)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Return a shoot of twelve frames without a look, a frame every ten minutes."""
    folder = tmp_path_factory.mktemp("look")
    (folder / "in").mkdir()
    for number in range(12):
        picture = Image.new("RGB", (96, 64), (20 * number, 100, 160))
        exif = picture.getexif()
        exif.get_ifd(0x8769)[0x9003] = f"{BEGIN + timedelta(minutes=10 * number):%Y:%m:%d %H:%M:%S}"
        picture.save(folder / "in" / f"{number}.jpg", exif=exif)
    run("import", folder / "shoot", folder / "in")
    return folder / "shoot"


@pytest.fixture
def bare(imported, tmp_path, monkeypatch):
    """Return a copy of it that is ours alone; no darktable on this machine has it."""
    monkeypatch.setattr(room, "holders", lambda _: ())
    monkeypatch.setattr(looks, "installed_modules", lambda: MODULES)  # read once
    return shutil.copytree(imported, tmp_path / "an evening")


@pytest.fixture
def shoot(bare):
    """Return a shoot with three keyframes."""
    for slot, values in EDITS.items():
        edit(frame(bare, slot), step("exposure", **values), step("velvia", strength=10.0 + slot))
    return bare


def frame(shoot, slot):
    return shoot / "frames" / f"{slot:06d}.jpg"


def look(*words, code=0):
    """Run a `look` command in this process; return what it printed."""
    done = CliRunner().invoke(root, ["look", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit | DayspoolError):
        raise done.exception
    error = done.exception if isinstance(done.exception, DayspoolError) else None
    assert (error.exit_code if error else done.exit_code) == code, done.output
    return str(error) if error else done.output


def look_json(*words, code=0):
    return json.loads(look(*words, "--json", code=code).splitlines()[-1])


def test_show(shoot, tmp_path):
    chart = tmp_path / "look.svg"
    said = look("show", shoot, "-o", chart)
    assert said.startswith("3 keyframes of 12 frames\n  slot 0  2026-06-21 18:30:00  000000.jpg.xmp\n")
    assert "exposure.exposure       0     1.2      0.5  0 to 1.2\n" in said
    drawn = chart.read_text()
    fromstring(drawn)
    assert "an evening" in drawn
    assert drawn.count('class="dot"') == 6
    assert "velvia.strength" in drawn


def test_nobody_knows_the_zone_of_a_camera_that_does_not_tell(shoot, tmp_path):
    chart = tmp_path / "look.svg"
    look("show", shoot, "-o", chart)
    assert "18:30 to 20:20 camera time; 2 values move" in chart.read_text()
    (shoot / "shoot.toml").write_text('zone = "Europe/Berlin"')
    assert look_json("show", shoot, "-o", chart)["keyframes"][0]["utc"] == "2026-06-21T16:30:00+00:00"
    assert "18:30 to 20:20 CEST" in chart.read_text()


def test_show_for_programs(shoot):
    told = look_json("show", shoot)
    assert [key["slot"] for key in told["keyframes"]] == [0, 6, 11]
    assert told["keyframes"][1]["utc"] == "2026-06-21T19:30:00+00:00"
    assert told["keyframes"][1]["sidecar"].endswith("frames/000006.jpg.xmp")
    assert (told["frames"], told["needs_darktable"], told["notes"], told["chart"]) == (12, True, [], None)
    exposure, velvia = told["moves"]
    assert (exposure["name"], velvia["name"]) == ("exposure.exposure", "velvia.strength")
    assert (exposure["lowest"], exposure["highest"]) == (0.0, pytest.approx(1.2))
    assert [sample["slot"] for sample in exposure["samples"]] == list(range(12))
    assert [key["value"] for key in velvia["at_keyframes"]] == pytest.approx([10, 16, 21])


def test_show_of_a_module_that_comes_later(bare, tmp_path):
    edit(frame(bare, 2), step("exposure", exposure=0.5))
    edit(frame(bare, 8), step("exposure", exposure=0.5), step("velvia", strength=30.0))
    chart = tmp_path / "look.svg"
    (velvia,) = look_json("show", bare, "-o", chart)["moves"][:1]
    assert velvia["name"].startswith("velvia.")
    assert velvia["at_keyframes"][0]["value"] is None
    assert "nan" not in chart.read_text()
    assert " – " in look("show", bare)


def test_what_differs_between_two_keyframes_is_told_line_by_line(bare):
    edit(frame(bare, 2), step("exposure", exposure=0.5), step("hazeremoval"))
    edit(frame(bare, 8), step("vignette"), step("velvia"))
    for said in (look("show", bare), look("check", bare)):
        assert "\nnote: between slot 2 (000002.jpg.xmp) and slot 8 (000008.jpg.xmp):\n  - " in said
        assert "\n  - hazeremoval is only in the earlier keyframe" in said


def test_a_curve_that_darktable_does_not_draw_is_said(shoot):
    (shoot / "shoot.toml").write_text("[look]\ncurve = [[0, 0.1], [1, 0.9]]\n")
    (note,) = look_json("show", shoot)["notes"]
    assert note.startswith("the curve of [look] is left out")
    assert [one["text"] for one in look_json("check", shoot)["troubles"]] == [note]
    for slot in EDITS:
        frame(shoot, slot).with_name(f"{slot:06d}.jpg.xmp").unlink()
    assert look_json("show", shoot)["notes"] == []


def test_show_without_a_look(bare):
    assert look("show", bare) == "12 frames without keyframes\nno look: frames stay as they are\n"
    told = look_json("show", bare)
    assert (told["moves"], told["keyframes"], told["needs_darktable"]) == ([], [], False)


def test_show_of_one_keyframe(bare, tmp_path):
    edit(frame(bare, 4), step("exposure", exposure=1.0))
    chart = tmp_path / "look.svg"
    assert "nothing moves: every frame gets the same development" in look("show", bare, "-o", chart)
    assert "the same for every frame" in chart.read_text()
    assert "no look" in look("show", bare, "--look", "none")


def test_a_look_that_is_asked_for_counts_though_the_plan_has_none(shoot):
    (shoot / "shoot.toml").write_text('[look]\nkeyframes = "none"\n')
    assert look_json("show", shoot)["keyframes"] == []
    told = look_json("show", shoot, "--look", shoot / "frames")
    assert (len(told["keyframes"]), told["path"]) == (3, str(shoot / "frames"))
    assert look("show", shoot, "--look", shoot / "frames").startswith(f"the look is {shoot / 'frames'}\n3 keyframes")
    assert "is none; give a sidecar" in look("show", shoot, "--look", frame(shoot, 0), code=2)


def test_a_ramp_without_keyframes(bare):
    (bare / "shoot.toml").write_text('every = "10m"\n[look.ramp]\n"exposure.exposure" = {"0%" = 0.0, "100%" = 1.1}\n')
    assert "slot 0  slot 3  slot 6  slot 8  slot 11     range\n" in look("show", bare)
    told = look_json("show", bare)
    assert (told["moves"][0]["highest"], told["needs_darktable"]) == (pytest.approx(1.1), False)
    assert look_json("apply", bare)["written"] == 12


def test_check(shoot):
    assert look("check", shoot) == "the look can be used: 3 keyframes, nothing to warn of\n"
    assert look_json("check", shoot) == {"usable": True, "keyframes": 3, "troubles": []}


def test_check_names_every_broken_sidecar(shoot):
    for slot in (3, 7):
        frame(shoot, slot).with_name(f"{slot:06d}.jpg.xmp").write_bytes(b"<x:xmpmeta")
    said = look("check", shoot, code=1)
    assert said.count("error: ") == 2
    assert "000003.jpg.xmp" in said
    assert said.endswith("the look cannot be used as it is\n")
    told = look_json("check", shoot, code=1)
    assert (told["usable"], [one["kind"] for one in told["troubles"]]) == (False, ["broken", "broken"])
    assert "000003.jpg.xmp" in look("show", shoot, code=1)


def test_check_knows_modules_of_other_darktables(shoot):
    edit(frame(shoot, 6), step("exposure", version=99, exposure=1.0), Step(operation="agx2", version=1, params=b""))
    told = look_json("check", shoot, code=1)
    ignored = [one for one in told["troubles"] if one["kind"] == "ignored"]
    assert "exposure would be ignored: its parameters are of version 99, and darktable " in ignored[0]["text"]
    assert "agx2 would be ignored: darktable " in ignored[1]["text"]
    assert [one["files"] for one in ignored] == [[str(frame(shoot, 6)) + ".xmp"]] * 2


def test_modules_that_a_darktable_elsewhere_may_know_are_warned_of(shoot, monkeypatch):
    monkeypatch.setattr(looks, "installed_modules", shipped)
    edit(frame(shoot, 6), step("exposure", version=99, exposure=1.0))
    told = look_json("check", shoot)
    assert told["usable"]
    assert [one["kind"] for one in told["troubles"]][:2] == ["missing", "foreign"]


@pytest.mark.tools
def test_what_darktable_would_ignore_is_not_developed(shoot, tmp_path):
    edit(frame(shoot, 6), step("exposure", version=99, exposure=1.0))
    said = look("preview", shoot, "-o", tmp_path / "sheet.png", code=2)
    assert "000006.jpg.xmp: exposure would be ignored" in said
    film = tmp_path / "film.mp4"
    done = CliRunner().invoke(root, ["render", str(shoot), "--preset", "preview", "-o", str(film)])
    assert isinstance(done.exception, PlanError)
    assert "000006.jpg.xmp: exposure would be ignored" in str(done.exception)
    assert not (tmp_path / "sheet.png").exists()
    assert not film.exists()


def test_a_style_that_would_be_ignored_is_written_nowhere(bare, tmp_path):
    style = tmp_path / "later.dtstyle"
    style.write_text(
        "<darktable_style><info><name>later</name></info><style><plugin><num>0</num><module>99</module>"
        "<operation>velvia</operation><op_params>00</op_params><enabled>1</enabled></plugin></style></darktable_style>"
    )
    told = "velvia would be ignored: its parameters are of version 99, and darktable"
    assert f"error: {told}" in look("check", bare, "--look", style, code=1)
    assert f"{style}: {told}" in look("apply", bare, "--look", style, code=2)
    assert not list((bare / "frames").glob("*.xmp"))
    assert "(later.dtstyle)\n" in look("check", bare, "--look", style, code=1)


def test_apply_says_before_it_writes_what_looks_at_each_picture(shoot):
    edit(frame(shoot, 6), step("exposure", exposure=1.2), step("velvia"), step("hazeremoval"))
    assert look("apply", shoot, "--dry-run").startswith("note: between slot 0")
    assert "\nnote: hazeremoval: it estimates the haze" in look("apply", shoot, "--dry-run")
    assert any(note.startswith("hazeremoval: ") for note in look_json("apply", shoot, "--dry-run")["notes"])
    assert look_json("show", shoot)["notes"] == look_json("apply", shoot, "--dry-run")["notes"]


def test_check_warns_of_what_looks_at_each_picture(shoot):
    edit(frame(shoot, 6), step("exposure", exposure=1.2), step("hazeremoval"))
    told = look_json("check", shoot)
    assert told["usable"]
    (warning,) = [one for one in told["troubles"] if one["kind"] == "adapts"]
    assert warning["slots"] == [6]
    assert "hazeremoval: " in warning["text"]
    assert "note" in {one["kind"] for one in told["troubles"]}  # velvia is not in every keyframe
    assert "warning: hazeremoval" in look("check", shoot)


def test_what_looks_at_each_picture_can_be_held_still(bare):
    edit(frame(bare, 2), step("exposure", exposure=0.7, compensate_exposure_bias=1))
    (warning,) = look_json("check", bare)["troubles"]
    assert (warning["kind"], warning["pinnable"], warning["fatal"]) == ("adapts", True, False)
    assert "1 of them ends with `pin = true` under [look]" in look("check", bare)
    (bare / "shoot.toml").write_text('every = "10m"\n[look]\npin = true\n')
    assert look_json("check", bare)["troubles"] == []
    before = (bare / "frames" / "000002.jpg.xmp").read_bytes()
    assert look_json("apply", bare, "--slots", "3")["written"] == 1
    (written,) = Sidecar.read((bare / "frames" / "000003.jpg.xmp").read_bytes()).active
    values = unpack(MODULES.find("exposure"), written.params)
    assert (values["compensate_exposure_bias"], values["exposure"]) == (0, pytest.approx(0.7))
    assert (bare / "frames" / "000002.jpg.xmp").read_bytes() == before
    (bare / "shoot.toml").write_text('every = "10m"\n[look]\npin = "yes"\n')
    assert "'yes' is neither true nor false" in look("check", bare, code=2)


def test_apply_and_go_on_editing(shoot):
    before = {slot: frame(shoot, slot).with_name(f"{slot:06d}.jpg.xmp").read_bytes() for slot in EDITS}
    assert look("apply", shoot, "--dry-run") == "sidecars: 9 to write, 3 kept as keyframes\n"
    assert look("apply", shoot, "--slots", "1-4") == "sidecars: 4 written\n"
    told = look_json("apply", shoot)
    assert (told["written"], told["unchanged"], told["keyframe"], told["left"]) == (5, 4, 3, 0)
    assert {slot: frame(shoot, slot).with_name(f"{slot:06d}.jpg.xmp").read_bytes() for slot in EDITS} == before
    edit(frame(shoot, 3), step("exposure", exposure=3.0), step("velvia", strength=40.0))
    assert "sidecars are from an earlier" not in look("check", shoot)
    assert look_json("check", shoot)["troubles"][0]["kind"] == "stale"
    told = look_json("apply", shoot)
    assert (told["renewed"], told["unchanged"], told["keyframe"]) == (8, 0, 4)
    assert look("apply", shoot, "--remove") == "sidecars: 8 removed, 4 without a sidecar of ours\n"
    assert len(list((shoot / "frames").glob("*.xmp"))) == 4


def test_a_signal_ends_apply_between_two_files(shoot, monkeypatch):
    written = []

    def write_whole(path, data, *, replace):
        if written:
            signal.raise_signal(signal.SIGTERM)
        written.append(path)

    monkeypatch.setattr(room, "write_whole", write_whole)
    said = look("apply", shoot, code=1)
    assert said.startswith("writing was ended by SIGTERM; what was written is whole, and the same command goes on")


def test_edits_that_the_look_does_not_follow_are_left(shoot):
    (shoot / "shoot.toml").write_text('every = "10m"\n[look]\nkeyframes = [0, 11]\n')
    said = look("apply", shoot)
    assert "sidecars: 9 written, 2 kept as keyframes, 1 left alone\n" in said
    assert "(an edit that the look does not follow, or unreadable): slot 6\n" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--slots", "soon"), "--slots soon: write a range like 100-250, or one slot like 100"),
        (("--slots", "500-600"), "--slots 500-600: no picture there; there are 0 to 11"),
    ],
)
def test_misuse_of_apply(shoot, words, said):
    assert look("apply", shoot, *words, code=2) == said


def test_what_was_written_can_be_taken_back_whatever_became_of_the_keyframes(shoot):
    look("apply", shoot)
    frame(shoot, 6).with_name("000006.jpg.xmp").write_bytes(b"<x:xmpmeta")
    look("apply", shoot, code=1)
    assert look("apply", shoot, "--remove").startswith("sidecars: 9 removed")


def test_nothing_to_apply(bare):
    assert "has no look to write: edit a picture" in look("apply", bare, code=2)
    assert look_json("apply", bare, "--remove")["removed"] == 0


def test_a_running_darktable_is_not_written_under(shoot, tmp_path, monkeypatch):
    monkeypatch.undo()
    library = tmp_path / "library.db"
    with sqlite3.connect(library) as made:
        made.execute("CREATE TABLE film_rolls (folder)")
        made.execute("INSERT INTO film_rolls VALUES (?)", (str(shoot / "frames"),))
    made.close()
    likeness = "import sqlite3, sys; open('/proc/self/comm', 'w').write('darktable'); db = sqlite3.connect(sys.argv[1])"
    running = [
        sys.executable,
        "-c",
        f"{likeness}; db.execute('SELECT 1'); print(flush=True); sys.stdin.read()",
        library,
    ]
    with subprocess.Popen(running, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as darktable:
        darktable.stdout.readline()
        done = run("look", "apply", shoot, code=2)
        darktable.stdin.close()
    assert f"process {darktable.pid}" in done.stderr
    assert done.stdout == ""
    assert len(list((shoot / "frames").glob("*.xmp"))) == 3


def test_preview_with_the_builtin_developer(bare, tmp_path):
    (bare / "shoot.toml").write_text('every = "10m"\n[look.ramp]\n"exposure.exposure" = {"0%" = 0.0, "100%" = 1.1}\n')
    sheet = tmp_path / "sheet.png"
    said = look("preview", bare, "-o", sheet, "--frames", "5", "--developer", "builtin")
    assert said.endswith("5 of 12 frames, 0 keyframes\n")
    with Image.open(sheet) as drawn:
        assert drawn.format == "PNG"


def test_names_cannot_break_a_line(bare, tmp_path):
    shoot, sheet = bare.rename(tmp_path / "two\nlines"), tmp_path / "a\n.png"
    frame(shoot, 3).write_bytes(b"")
    said = look("preview", shoot, "-o", sheet, "--developer", "builtin")
    assert sheet.exists()
    assert len(said.splitlines()) == 3
    assert "a\\n.png: 12 of 12 frames" in said


def test_preview_names_what_it_could_not_develop(bare, tmp_path):
    frame(bare, 3).write_bytes(b"")
    told = look_json("preview", bare, "-o", tmp_path / "sheet.png")
    assert [(one["slot"], one["path"].endswith("000003.jpg")) for one in told["left_out"]] == [(3, True)]
    assert "1 of 12 frames left out; the first: " in look("preview", bare, "-o", tmp_path / "sheet.png")


@pytest.mark.tools
def test_preview_with_darktable(shoot, tmp_path):
    told = look_json("preview", shoot, "-o", tmp_path / "sheet.png", "--frames", "5")
    assert (told["developer"], told["keyframes"], told["frames"]) == ("darktable", [0, 6, 11], 12)
    assert told["slots"] == sorted(told["slots"])
    assert len(told["slots"]) == 5


def test_a_signal_ends_a_preview_together_with_its_developer(bare, tmp_path, monkeypatch):
    stopped = threading.Event()

    def develop(_developer, _jobs, **_how):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
        assert stopped.wait(60)
        return []

    monkeypatch.setattr(BuiltinDeveloper, "develop", develop)
    monkeypatch.setattr(BuiltinDeveloper, "stop", lambda _: stopped.set())
    sheet = tmp_path / "sheet.png"
    assert "the preview was ended by SIGTERM" in look("preview", bare, "-o", sheet, "--developer", "builtin", code=1)
    assert not sheet.exists()


@pytest.mark.parametrize(
    ("out", "said"),
    [("sheet.jpg", "give it a name that ends in .png"), ("nowhere/sheet.png", "make that folder first")],
)
def test_misuse_of_preview(shoot, tmp_path, out, said):
    assert said in look("preview", shoot, "-o", tmp_path / out, code=2)


def test_a_plot_is_never_written_over_a_picture(shoot):
    before = frame(shoot, 3).read_bytes()
    assert "give it a name that ends in .svg" in look("show", shoot, "-o", frame(shoot, 3), code=2)
    assert frame(shoot, 3).read_bytes() == before


def test_no_shoot(tmp_path):
    for words in (("show",), ("check",), ("apply",), ("preview", "-o", tmp_path / "sheet.png")):
        assert str(tmp_path) in look(words[0], tmp_path, *words[1:], code=2)


def courses(keys, names=("exposure.exposure",), pictures=100):
    shown = tuple(
        Picture(slot=slot, path=BEGIN_PATH / f"{slot}.jpg", utc=BEGIN + timedelta(minutes=slot))
        for slot in range(pictures)
    )
    moves = tuple(
        Course(
            name=name,
            samples=tuple((slot, -slot / 10) for slot in range(pictures)),
            at_keyframes=tuple((slot, -slot / 10) for slot in keys),
        )
        for name in names
    )
    keyframes = tuple(
        Key(slot=slot, utc=shown[slot].utc, picture=shown[slot].path, sidecar=shown[slot].sidecar) for slot in keys
    )
    return Courses(pictures=shown, keyframes=keyframes, moves=moves)


@pytest.mark.parametrize("width", [20, 60, 80, 240])
def test_a_table_fits_or_says_so(width):
    lines = table(courses(range(0, 100, 5)), width=width)
    assert lines[0].startswith("value")
    assert "slot 0" in lines[0]
    assert "slot 95" in lines[0]
    assert "−9.9 to 0" in lines[1]
    if width >= 60:
        assert max(map(len, lines[:2])) <= width
    assert ("do not fit here" in lines[-1]) == (width < 240)


def test_labels_of_a_plot_do_not_lie_on_each_other():
    drawn = fromstring(svg_plot(courses(range(10_000, 20_000, 97), pictures=20_000), "many"))
    labels = [one for one in drawn.iter("{http://www.w3.org/2000/svg}text") if (one.text or "").startswith("slot ")]
    places = [float(one.attrib["x"]) for one in labels]
    assert all(right - left > 10 * 6 for left, right in pairwise(places))


def test_a_plot_escapes_and_cuts():
    drawn = svg_plot(courses([0, 3, 99], names=('a <&> "b"', "c")), "<" * 200)
    words = "".join(fromstring(drawn).itertext())
    assert 'a <&> "b"' in words
    assert "…" in words
    assert svg_plot(courses([], names=(), pictures=1), "one picture")
