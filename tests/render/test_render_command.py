"""`dayspool render` as a process: what it takes, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from dayspool.cli import root, wished
from dayspool.cli.ending import ended_by_signals
from dayspool.cli.render import PRESET_NAMES
from dayspool.cli.wished import DEVELOPER_NAMES
from dayspool.config import look_section
from dayspool.develop import DEVELOPERS
from dayspool.develop.selftest import trials
from dayspool.errors import DayspoolError, FilmError
from dayspool.render import PICTURES
from dayspool.video import DEFAULT_PRESET, PRESETS
from tests.processes import DAYSPOOL, run
from tests.render.conftest import numbered

FRAMES = 12
WORKERS = 1
# The real darktable, until it is given a whole chunk of the film: over that it hangs.
HANGING = """
import os, pathlib, sys, time
if len(sys.argv) > 2 and len(list(pathlib.Path(sys.argv[1]).iterdir())) == {chunk}:
    with open({started!r}, "w") as told: told.write(str(os.getpid()))
    time.sleep(1000)
os.execv({darktable!r}, ["darktable-cli", *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> Path:
    """A shoot of twelve frames of 192×128."""
    folder = tmp_path_factory.mktemp("twelve")
    (folder / "in").mkdir()
    for number in range(FRAMES):
        taken = numbered(number, 192, 128).getexif()
        taken.get_ifd(0x8769)[0x9003] = f"2026:06:21 12:{number:02d}:00"
        numbered(number, 192, 128).save(folder / "in" / f"{number}.jpg", exif=taken)
    run("import", folder / "shoot", folder / "in")
    return folder / "shoot"


@pytest.fixture
def made(imported, tmp_path) -> Path:
    """A copy of it that is ours alone."""
    return shutil.copytree(imported, tmp_path / "shoot")


def builtin(shoot: Path, *options: str | Path, code: int = 0) -> str:
    """Render with the built-in developer, in this process, and return what it said to people."""
    words = ["render", shoot, "--developer", "builtin", "--preset", "preview", *options]
    done = CliRunner().invoke(root, list(map(str, words)))
    error = done.exception if isinstance(done.exception, DayspoolError) else None
    assert (error.exit_code if error else done.exit_code) == code, done.output
    return done.output + str(error or "")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.tools
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order(made, tmp_path, number):
    started, out = tmp_path / "started", tmp_path / "films" / "film.mp4"
    os.mkfifo(started)
    out.parent.mkdir()
    out.write_text("the last good film")
    script = tmp_path / "bin" / "darktable-cli"
    script.parent.mkdir()
    chunk = FRAMES // WORKERS
    assert chunk not in (2, len(trials())), "what it develops before the film must not hang"
    hanging = HANGING.format(started=str(started), chunk=chunk, darktable=shutil.which("darktable-cli"))
    script.write_text(f"#!{sys.executable} -SE\n{hanging}")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    deaf_to_nothing = ["env", "--default-signal"]  # under nohup, children do not hear SIGHUP
    words = ["render", made, "--developer", "darktable", "--preset", "preview", "-o", out]
    words += ["--workers", str(WORKERS)]
    argv = [*deaf_to_nothing, *DAYSPOOL, *words]
    path = f"{script.parent}:{os.environ['PATH']}"
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=os.environ | {"PATH": path}) as ours:
        darktable = os.pidfd_open(int(started.read_text()))
        assert len(names(out.parent)) == 2  # the film's temporary name is there
        ours.send_signal(number)
        _, said = ours.communicate(timeout=60)
    try:
        assert select.select([darktable], [], [], 0)[0], "darktable outlived the render"
    finally:
        os.close(darktable)
    assert ours.returncode == 1
    assert f"ended by {number.name}" in said
    assert "Traceback" not in said
    assert names(out.parent) == {"film.mp4"}
    assert out.read_text() == "the last good film"
    assert not list(Path("/dev/shm").glob(f"dayspool-{ours.pid}-*"))


def test_only_the_first_signal_counts_and_handlers_come_back():
    before = signal.getsignal(signal.SIGTERM)
    cleaned = []

    def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            cleaned.append(True)

    with pytest.raises(FilmError, match="SIGTERM"), ended_by_signals("it"):
        work()
    assert cleaned
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_is_ignored_stays_ignored():
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals("it"):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_film_below_its_preset_says_so(made):
    said = builtin(made)
    assert "the pictures are 192×128, so the film is 192×108, smaller than preview's 960×540" in said
    assert json.loads(builtin(made, "--json"))["below_preset"] is True


@pytest.mark.parametrize(
    ("name", "said"), [("film.mkv", "ends in .mp4"), ("film", "ends in .mp4"), ("typo/film.mp4", "typo is not there")]
)
def test_a_place_where_no_film_can_go(made, tmp_path, name, said):
    before = names(tmp_path)
    assert said in builtin(made, "-o", tmp_path / name, code=2)
    assert names(tmp_path) == before
    assert not (made / "films").exists()


def test_a_pipe_is_no_place_for_a_film(made, tmp_path):
    os.mkfifo(tmp_path / "film.mp4")
    assert "no ordinary file" in builtin(made, "-o", tmp_path / "film.mp4", code=2)


def test_the_shoots_own_folder_for_films_is_made(made):
    builtin(made, "-o", made / "films" / "mine.MP4")
    assert names(made / "films") == {"mine.MP4"}


@pytest.mark.parametrize("aspect", ["1:5", "5:1", "9999:1", "401:100"])
def test_an_extreme_shape_is_refused(made, aspect):
    assert "from 1:4 to 4:1" in builtin(made, "--aspect", aspect, code=2)


@pytest.mark.parametrize(("aspect", "size"), [("4:1", "192×48"), ("1:4", "32×128")])
def test_the_most_extreme_shapes_are_films(made, aspect, size):
    assert size in builtin(made, "--aspect", aspect)


def test_too_many_workers_are_a_mistake(made):
    assert "too many" in builtin(made, "--workers", "5000", code=2)


def test_frames_left_out_are_summed_up_and_ten_are_named(made):
    for path in sorted((made / "frames").iterdir())[:11]:
        path.write_bytes(b"rotten")
    done = run("render", made, "--developer", "builtin", "--json")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("11 of 12 frames left out; the first: ")
    assert len([line for line in lines if ".jpg" in line]) == 10
    assert lines[-1] == "  and 1 more; --json names them all"


def test_names_to_complete_are_those_there_are():
    assert set(PRESET_NAMES) == set(PRESETS)
    assert PRESET_NAMES[0] == DEFAULT_PRESET
    assert DEVELOPER_NAMES == DEVELOPERS
    completion = ShellComplete(root, {}, "dayspool", "_DAYSPOOL_COMPLETE")
    offered = [item.value for item in completion.get_completions(["render", "--preset"], "")]
    assert offered == list(PRESET_NAMES)
    assert wished.PICTURES == look_section.PICTURES == PICTURES


def test_completing_loads_no_film_library():
    script = "import sys, dayspool.cli.render; print(sorted({'av', 'numpy', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize("package", ["av", "numpy", "PIL"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ModuleNotFoundError('no', name=__name__)", "which is not installed"),
        ("raise ImportError('libthing.so.7: cannot open shared object file')", "libthing.so.7"),
    ],
)
def test_a_film_library_that_is_missing_or_broken_is_said_plainly(made, tmp_path, package, body, said):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / f"{package}.py").write_text(body)
    argv = [*DAYSPOOL, "render", made]
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "broken")}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert said in done.stderr
    assert "dayspool[film]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_sees_the_rate_and_the_time_left(made):
    ours, theirs = pty.openpty()
    argv = [*DAYSPOOL, "render", made, "--developer", "builtin"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        os.close(theirs)
        said = _until_closed(ours)
    assert process.returncode == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)
    assert re.search(rf"{FRAMES}/{FRAMES} \d+\.\d frames/s 0:\d\d:\d\d 0:00:00", shown)


def _until_closed(terminal: int) -> str:
    said = b""
    try:
        while data := os.read(terminal, 4096):
            said += data
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(terminal)
    return said.decode()
