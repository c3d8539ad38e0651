"""Bad input: one clear message, the right exit code, no traceback, nothing lost and nothing half-written."""

import http.server
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

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
    with simulator("--speed", "30", "--picture", "96x64", "--no-ssdp") as first_line:
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
        assert run_json("find", "--address", address, "--timeout", "5s", code=1) == {"cameras": []}
    assert not (tmp_path / "s").exists()


def test_a_plan_with_mistakes_lists_them_all(tmp_path):
    (tmp_path / "shoot.toml").write_text('evry = "10s"\nfrmes = 3\nfor = 7\n[place]\nlatitud = 5\n[camera]\nurl = 9\n')
    done = run("shoot", tmp_path, code=2)
    for line, key in ((1, "evry"), (2, "frmes"), (3, "for"), (5, "place.latitud"), (7, "camera.url")):
        assert f"shoot.toml:{line}: {key}" in done.stderr
    assert "did you mean every?" in done.stderr
    assert "every: missing" in done.stderr


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


def in_tmpfs(folder, options, script):
    """Run a shell script with a small file system of its own at `folder`; needs no root where the kernel lets us."""
    folder.mkdir()
    mount = f'mount -t tmpfs -o {options} none "{folder}" && cd "{folder}" && {script}'
    unshare = [shutil.which("unshare") or "unshare", "--mount", "--map-root-user", "--user"]
    if os.geteuid() == 0:
        unshare = unshare[:2]
    return subprocess.run([*unshare, "sh", "-c", mount], capture_output=True, text=True, timeout=120)


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
    assert "code 2" in done.stdout
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr


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
