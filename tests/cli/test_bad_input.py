"""Bad input: one clear message, the right exit code, no traceback, nothing lost and nothing half-written."""

import fcntl
import functools
import http.server
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from dayspool.cli.output import takes_more
from tests.processes import DAYSPOOL, run, run_json, simulator

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]><root>&lol3;</root>"""


@contextmanager
def web_server(content):
    """Answer every request with the same bytes."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(OSError):  # the client had enough of us, which is the point
                super().handle()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def silent_port():
    """Return a port of loopback where nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def camera():
    with simulator("--speed", "30", "--picture", "96x64") as first_line:
        yield first_line["endpoint"]


def jpeg(*, size=(64, 48), colour=(90, 120, 150), taken=None):
    """Return a small picture, with a time if one is given."""
    exif = Image.Exif()
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    packed = io.BytesIO()
    Image.new("RGB", size, colour).save(packed, "JPEG", exif=exif)
    return packed.getvalue()


def folder_of(path, count=5):
    """Make a folder of pictures, one a minute."""
    path.mkdir()
    for number in range(count):
        (path / f"p{number}.jpg").write_bytes(jpeg(taken=f"2026:06:21 12:{number:02d}:00"))
    return path


def test_no_camera(tmp_path, silent_port):
    done = run(
        "shoot", tmp_path / "s", "--every", "1s", "--frames", "2", "--camera", f"127.0.0.1:{silent_port}", code=1
    )
    assert "Nothing answers at 127.0.0.1" in done.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("address", ["not an address", "http://", "127.0.0.1:0", "127.0.0.1:99999", "ftp://127.0.0.1/"])
def test_a_wrong_address(tmp_path, address):
    done = run("shoot", tmp_path / "s", "--every", "1s", "--frames", "2", "--camera", address, code=2)
    assert done.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "content",
    [b"<html>a web server</html>", b'{"id":1,"result":', b"[[[[", BOMB, b"\0" * 10_000_000, b""],
    ids=["html", "half JSON", "open JSON", "XML bomb", "10 MB of zeros", "nothing"],
)
def test_a_server_that_is_no_camera(tmp_path, content):
    with web_server(content) as address:
        done = run("shoot", tmp_path / "s", "--every", "1s", "--frames", "2", "--camera", address, code=1)
        assert "no camera" in done.stderr
        assert run_json("find", "--address", address, "--timeout", "5s", code=1) == {"cameras": [], "others": []}
    assert not (tmp_path / "s").exists()


def test_a_plan_with_mistakes_lists_them_all(tmp_path):
    (tmp_path / "shoot.toml").write_text('evry = "10s"\nfrmes = 3\nfor = 7\n[place]\nlatitud = 5\n[camera]\nurl = 9\n')
    done = run("shoot", tmp_path, code=2)
    for line, key in ((1, "evry"), (2, "frmes"), (3, "for"), (5, "place.latitud"), (7, "camera.url")):
        assert f"shoot.toml:{line}: {key}" in done.stderr
    assert "did you mean every?" in done.stderr
    assert "every: missing" in done.stderr


def test_a_plan_of_options_lists_all_their_mistakes():
    done = run("plan", "--until", "nonsense", "--place", "99,200", "--camera", "ftp://x", "--frames", "0", code=2)
    for key in (
        "every: say",
        "until: 'nonsense'",
        "place.latitude: must",
        "place.longitude: must",
        "camera.url: 'ftp",
        "frames: a",
    ):
        assert key in done.stderr
    assert len(done.stderr.splitlines()) == 6


@pytest.mark.parametrize(
    "option", [("--until", "9999-12-31T23:59:59-12:00"), ("--for", "3000000d"), ("--frames", "9" * 20)]
)
def test_a_shoot_beyond_the_calendar(option):
    done = run("plan", "--every", "10s", *option, code=2)
    assert f"{option[0][2:]}: the shoot would go on until after the year 9999" in done.stderr


@pytest.mark.parametrize("words", [("shoot", "s", "--every", "1s"), ("camera", "info"), ("find",)])
def test_an_interface_that_is_not_there(tmp_path, words):
    done = run(*words, "--interface", "nowhere0", code=2, cwd=tmp_path)
    assert "nowhere0" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_plan_edited_after_the_beginning(tmp_path, camera):
    run("shoot", tmp_path / "s", "--every", "500ms", "--frames", "2", "--camera", camera)
    path = tmp_path / "s" / "shoot.toml"
    written = path.read_text()
    before = run_json("plan", tmp_path / "s")
    path.write_text(written.replace("frames = 2", "frames = 30"))
    longer = run_json("plan", tmp_path / "s")
    assert (before["slots"], longer["slots"], longer["first"]) == (2, 30, before["first"])
    path.write_text(written.replace('every = "500ms"', 'every = "700ms"').replace('every = "0.5s"', 'every = "0.7s"'))
    assert "every: this shoot has a slot every 0.5s since it began" in run("plan", tmp_path / "s", code=2).stderr
    path.write_text(f'offset = "0.1s"\n{written}')
    assert "offset: the slots of this shoot are fixed" in run("plan", tmp_path / "s", code=2).stderr


def test_options_that_contradict_the_plan(tmp_path, camera):
    run("shoot", tmp_path / "s", "--every", "500ms", "--frames", "1", "--camera", camera)
    before = (tmp_path / "s" / "shoot.toml").read_text()
    done = run("shoot", tmp_path / "s", "--every", "1s", code=2)
    assert "says otherwise" in done.stderr
    assert (tmp_path / "s" / "shoot.toml").read_text() == before


@pytest.mark.parametrize("files", [(), ("notes.txt",), (".hidden.jpg",)])
def test_a_folder_without_pictures(tmp_path, files):
    (tmp_path / "in").mkdir()
    for name in files:
        (tmp_path / "in" / name).write_bytes(jpeg())
    done = run("import", tmp_path / "s", tmp_path / "in", code=2)
    assert "no picture" in done.stderr
    assert not (tmp_path / "s").exists()


def test_a_shoot_is_not_made_inside_its_own_pictures(tmp_path):
    source = folder_of(tmp_path / "in")
    before = sorted(source.iterdir())
    for shoot in (source, source / "shoot"):
        assert "only read" in run("import", shoot, source, code=2).stderr
    assert sorted(source.iterdir()) == before


def test_what_is_no_file_is_not_read_without_end(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (Path("/dev/zero"), tmp_path / "pipe.jpg"):
        assert "neither a folder nor a file" in run("import", tmp_path / "s", path, code=2).stderr


def test_odd_file_names_neither_break_lines_nor_json(tmp_path):
    source = folder_of(tmp_path / "in")
    (source / "a\nb\x1b[31m.jpg").write_bytes(b"none")
    (source / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(b"none")
    said = run("import", tmp_path / "s", source).stdout
    assert "\x1b" not in said
    assert len([line for line in said.splitlines() if "left out" in line]) == 2
    assert len(run_json("import", tmp_path / "t", source)["unmatched"]) == 2


def test_a_truncated_picture_costs_only_itself(tmp_path):
    source = folder_of(tmp_path / "in")
    (source / "p2.jpg").write_bytes((source / "p2.jpg").read_bytes()[:-40])
    done = run("import", tmp_path / "s", source)
    assert "p2.jpg" in done.stdout
    assert "4 frames" in done.stdout
    assert "1 gaps" in done.stdout


def test_a_frame_that_rotted_is_named_and_left_out_of_the_film(tmp_path):
    run("import", tmp_path / "s", folder_of(tmp_path / "in"))
    (tmp_path / "s" / "frames" / "000001.jpg").write_bytes(b"rotten")
    (tmp_path / "s" / "frames" / "000003.jpg").unlink()
    film = run_json("render", tmp_path / "s", "--developer", "builtin", "--aspect", "keep")
    assert film["frames"] == 3
    assert [left["slot"] for left in film["left_out"]] == [1, 3]


def test_a_shoot_without_frames_makes_no_film(tmp_path):
    run("render", tmp_path, code=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [("--preset", "8mm"), ("--aspect", "wide"), ("--aspect", "0:1"), ("--fps", "1000")])
def test_a_film_nobody_can_make(tmp_path, option):
    run("import", tmp_path / "s", folder_of(tmp_path / "in"))
    run("render", tmp_path / "s", "--developer", "builtin", *option, code=2)
    assert not (tmp_path / "s" / "films").exists()


def test_importing_other_pictures_into_a_shoot(tmp_path):
    run("import", tmp_path / "s", folder_of(tmp_path / "in"))
    hashes = {path: path.read_bytes() for path in (tmp_path / "s" / "frames").iterdir()}
    assert "another shoot" in run("import", tmp_path / "s", folder_of(tmp_path / "other", 9), code=2).stderr
    assert {path: path.read_bytes() for path in (tmp_path / "s" / "frames").iterdir()} == hashes


def test_shooting_into_an_imported_folder(tmp_path, camera):
    run("import", tmp_path / "s", folder_of(tmp_path / "in"))
    done = run("shoot", tmp_path / "s", "--every", "1s", "--frames", "2", "--camera", camera, code=2)
    assert "imported" in done.stderr


def test_two_shoots_on_one_folder(tmp_path, camera):
    argv = [*DAYSPOOL, "shoot", tmp_path / "s", "--every", "500ms", "--camera", camera, "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as first:
        while json.loads(first.stdout.readline())["event"] != "frame_stored":
            pass
        second = run("shoot", tmp_path / "s", "--camera", camera, code=1)
        assert f"process {first.pid}" in second.stderr
        first.send_signal(signal.SIGTERM)
        said, _ = first.communicate(timeout=30)
    last = json.loads(said.splitlines()[-1])
    assert first.returncode == 0
    assert last["ended"] == "stopped"
    assert last["frames"] + last["gaps"] >= 1


def test_a_damaged_journal_is_left_as_it_is(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"not a database at all, and long enough to be read as one" * 50)
    before = (tmp_path / "journal.db").read_bytes()
    for words in (("status", tmp_path), ("render", tmp_path)):
        assert "left as it is" in run(*words, code=1).stderr
    assert (tmp_path / "journal.db").read_bytes() == before


def test_status_of_what_is_no_shoot(tmp_path):
    assert "is no shoot" in run("status", tmp_path, code=2).stderr
    assert "is no shoot" in run("status", tmp_path / "nowhere", code=2).stderr


@functools.cache
def unshare():
    """Return the words that give a command mounts of its own, as root or in a user namespace; probed once."""
    ways = (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user", "--user"])
    for words in ways:
        with tempfile.TemporaryDirectory() as folder, suppress(FileNotFoundError):
            argv = [*words, "mount", "-t", "tmpfs", "none", folder]
            if subprocess.run(argv, capture_output=True, timeout=60).returncode == 0:
                return words
    return None


def in_tmpfs(folder, options, script):
    """Run a shell script with a small file system of its own at `folder`."""
    assert unshare() is not None, (
        "full and read-only disks are tested on small file systems of their own, which cannot be mounted here: allow "
        "root to mount (in a container: --cap-add SYS_ADMIN), or user namespaces (sysctl user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns=0), and have util-linux installed"
    )
    folder.mkdir()
    mount = f'mount -t tmpfs -o {options} none "{folder}" && cd "{folder}" && {script}'
    return subprocess.run([*unshare(), "sh", "-c", mount], capture_output=True, text=True, timeout=120)


def test_a_full_disk_ends_a_shoot_cleanly_and_room_lets_it_go_on(tmp_path, camera):
    dayspool = " ".join(map(str, DAYSPOOL))
    script = f"""
        {dayspool} shoot s --every 300ms --camera {camera}; echo "code $?"
        {dayspool} status s --json
        mount -o remount,size=9m .
        timeout -s TERM 8 {dayspool} shoot s --camera {camera} --json | tail -1; echo "frames $(ls s/frames | wc -l)"
        {dayspool} status s --json
    """
    done = in_tmpfs(tmp_path / "small", "size=420k", script)
    assert "Traceback" not in done.stderr
    assert "make room" in done.stderr, done.stderr
    lines = done.stdout.splitlines()
    assert "code 1" in lines
    states = [json.loads(line) for line in lines if line.startswith("{")]
    full, resumed = states[0], states[-1]
    assert full["state"] in ("interrupted", "failed")
    assert full["frames"] >= 1
    assert resumed["frames"] > full["frames"]
    assert f"frames {resumed['frames']}" in lines, "as many files as the journal knows"


def test_a_read_only_disk(tmp_path, camera):
    dayspool = " ".join(map(str, DAYSPOOL))
    script = f"mount -o remount,ro . ; {dayspool} shoot s --every 1s --frames 2 --camera {camera}; echo code $?"
    done = in_tmpfs(tmp_path / "ro", "size=1m", script)
    assert "code 1" in done.stdout, "nothing the person said is wrong: the disk refused"
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_shoot_on_read_only_media_is_read(tmp_path):
    source = folder_of(tmp_path / "in")
    dayspool = " ".join(map(str, DAYSPOOL))
    script = f"{dayspool} import s {source} >&2; mount -o remount,ro . ; {dayspool} status s --json"
    done = in_tmpfs(tmp_path / "ro", "size=1m", script)
    status = json.loads(done.stdout)
    assert (status["state"], status["frames"]) == ("imported", 5)


def test_a_shoot_on_a_full_disk_asks_for_room(tmp_path):
    source = folder_of(tmp_path / "in")
    dayspool = " ".join(map(str, DAYSPOOL))
    script = (
        f"{dayspool} import s {source}; rm -f s/journal.db-*; cat /dev/zero > filler 2>/dev/null; {dayspool} status s"
    )
    done = in_tmpfs(tmp_path / "full", "size=1m", script)
    assert "its disk is full, and some room is needed even to read it" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("trouble", ["mount -o remount,ro .", "head -c 1m /dev/zero > filler 2>/dev/null"])
def test_no_picture_is_taken_that_could_not_be_kept(tmp_path, trouble):
    dayspool = " ".join(map(str, DAYSPOOL))
    with simulator("--speed", "30", "--ledger", str(tmp_path / "ledger")) as camera:
        script = f"{trouble}; {dayspool} camera snap -o a.jpg --camera {camera['endpoint']}; echo code $?; ls -a"
        done = in_tmpfs(tmp_path / "disk", "size=1m", script)
    assert "code 1" in done.stdout
    assert "no picture was taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert "a.jpg" not in done.stdout
    assert (tmp_path / "ledger").read_text() == ""


def test_a_plan_that_cannot_be_written_leaves_no_half_made_shoot(tmp_path, camera):
    (tmp_path / "shoot.toml.part").mkdir()
    done = run("shoot", tmp_path, "--every", "500ms", "--frames", "1", "--camera", camera, code=1)
    assert "cannot be written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shoot.toml.part"]


def test_free_space_is_that_of_the_disk_the_shoot_would_be_on(tmp_path):
    dayspool = " ".join(map(str, DAYSPOOL))
    done = in_tmpfs(
        tmp_path / "small", "size=1m", f"cd / && {dayspool} plan {tmp_path}/small/a/b --every 10s --for 1h --json"
    )
    (warning,) = json.loads(done.stdout)["warnings"]
    assert f"are free in {tmp_path}/small, " in warning


def test_a_stream_that_ends_early_keeps_what_came(tmp_path, camera):
    argv = [*DAYSPOOL, "camera", "liveview", "-n", "100000", "-o", tmp_path / "live", "--camera", camera, "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        while not list((tmp_path / "live").glob("*.jpg")):
            assert watching.poll() is None
            run("camera", "info", "--camera", camera)
        run("camera", "snap", "-o", tmp_path / "a.jpg", "--camera", camera)  # which ends the stream of an RX100 M2
        told, said = watching.communicate(timeout=60)
    assert watching.returncode == 1
    frames = json.loads(told)["frames"]
    assert f"ended after {frames} of 100000 frames" in said
    assert len(list((tmp_path / "live").glob("*.jpg"))) == frames


def test_a_reader_that_stops_reading_does_not_stop_the_shoot(tmp_path, camera):
    argv = [*DAYSPOOL, "shoot", tmp_path / "s", "--every", "500ms", "--frames", "20", "--camera", camera, "--json"]
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)  # as small as a pipe can be: full after ten frames
    with os.fdopen(ours) as pipe, subprocess.Popen(argv, stdout=theirs) as shooting:
        os.close(theirs)
        try:
            assert shooting.wait(timeout=60) == 0, "with nobody reading"
        finally:
            shooting.kill()
        lines = [json.loads(line) for line in pipe]
    assert lines[0]["event"] == "shoot_began"
    assert lines[-1]["ended"] == "done", "the last line is never dropped"
    assert lines[-1]["frames"] + lines[-1]["gaps"] == 20
    status = run_json("status", tmp_path / "s")
    assert (status["state"], status["frames"]) == ("done", lines[-1]["frames"])


def test_whether_a_reader_reads(tmp_path):
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as pipe:
        assert takes_more(pipe)
        os.set_blocking(theirs, False)
        with suppress(BlockingIOError):
            while os.write(theirs, bytes(4096)):
                pass
        assert not takes_more(pipe)
        os.close(ours)
        assert takes_more(pipe), "a closed pipe is found out by writing to it"
    with (tmp_path / "file").open("w") as file:
        assert takes_more(file)
    assert takes_more(io.StringIO())


STOPPED_AT_ONCE = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from dayspool.cli.shoot import run_shoot
from dayspool.config import CameraSection, PlanFile
told = []
def tell(record, session):
    if not told:
        os.kill(os.getpid(), signal.SIGTERM)
    told.append(type(record.event).__name__)
planned = PlanFile(every=timedelta(hours=1), camera=CameraSection(url=sys.argv[2]))
print(run_shoot(Path(sys.argv[1]), planned, notify=tell).ended, *told)
"""


def test_a_shoot_that_is_stopped_with_its_first_breath_says_so(tmp_path, camera):
    argv = [sys.executable, "-c", STOPPED_AT_ONCE, tmp_path / "s", camera]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["stopped", "ShootBegan"]
    assert done.stdout.split()[-1] == "RunEnded"
    assert run_json("status", tmp_path / "s")["state"] == "stopped"


def test_a_search_for_a_camera_is_stopped_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        argv = [*DAYSPOOL, "shoot", tmp_path / "s", "--every", "1s", "--camera", address]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as searching:
            mute.accept()[0].close()
            searching.send_signal(signal.SIGTERM)
            _, said = searching.communicate(timeout=60)
    assert searching.returncode == 1
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not (tmp_path / "s").exists()


def test_a_film_on_a_full_disk_leaves_the_last_good_one(tmp_path):
    run("import", tmp_path / "s", folder_of(tmp_path / "in", 30))
    dayspool = " ".join(map(str, DAYSPOOL))
    script = f"""
        echo good > film.mp4; head -c 60000 /dev/zero > filler 2>/dev/null
        {dayspool} render {tmp_path / "s"} --developer builtin --aspect keep -o film.mp4; echo "code $?"
        cat film.mp4; ls
    """
    done = in_tmpfs(tmp_path / "small", "size=64k", script)
    assert "code 1" in done.stdout, done.stderr
    assert "good" in done.stdout
    assert done.stdout.split()[-2:] == ["filler", "film.mp4"]
    assert "Traceback" not in done.stderr


def test_an_error_is_one_plain_message(tmp_path):
    done = run("status", tmp_path, code=2)
    assert done.stdout == ""
    assert done.stderr.startswith("dayspool: ")
    assert len(done.stderr.splitlines()) == 1
    assert Path(tmp_path).exists()
