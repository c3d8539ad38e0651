"""`dayspool camera originals` as a person runs it: killed, out of room, on the wrong body, and run again."""

import json
import os
import pty
import signal
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from tests.card import Card, Picture, jpeg, served
from tests.cli.test_bad_input import in_tmpfs
from tests.processes import DAYSPOOL, run, run_json, simulator


def card_of(count=3, size_bytes=50_000, **traits):
    pictures = [
        Picture(f"DSC{k:05d}.JPG", jpeg(k, size_bytes=size_bytes), f"2026-04-10T14:{k:02d}:00") for k in range(count)
    ]
    return Card(pictures, **traits)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("path", "way"), [("dd.xml", "dlna"), ("sony/camera", "avContent")])
def test_both_ways(tmp_path, path, way):
    card = card_of()
    with served(card) as base:
        words = ("camera", "originals", "-o", tmp_path / "new" / "here", "--camera", f"{base}/{path}")
        first = run_json(*words)
        again = run_json(*words)
        listed = run_json(*words, "--dry-run", "--newest", "2")
    whole = sum(len(one.data) for one in card.pictures)
    assert (first["files"], first["bytes"], first["there"], first["failed"]) == (3, whole, 0, [])
    assert (first["way"], first["folder"]) == (way, str(tmp_path / "new" / "here"))
    assert (again["files"], again["there"]) == (0, 3)
    assert [one["name"] for one in listed["pictures"]] == ["DSC00001.JPG", "DSC00002.JPG"]
    assert all((tmp_path / "new" / "here" / one.name).read_bytes() == one.data for one in card.pictures)
    assert card.function == "Remote Shooting"
    assert way == "avContent" or card.calls[-1] == "X_TransferEnd 0"


def test_a_dry_run_writes_nothing(tmp_path):
    with served(card_of()) as base:
        said = run("camera", "originals", "-o", tmp_path / "out", "--camera", f"{base}/dd.xml", "--dry-run").stdout
    assert "DSC00002.JPG  2026-04-10 14:02:00" in said
    assert not (tmp_path / "out").exists()


def test_since(tmp_path):
    card = card_of()
    card.pictures[2].taken = (datetime.now().astimezone() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    with served(card) as base:
        words = ("camera", "originals", "-o", tmp_path, "--camera", f"{base}/dd.xml", "--dry-run")
        assert run_json(*words, "--since", "2h")["files"] == 1
        assert run_json(*words, "--since", "2026-04-10T14:01")["files"] == (2 if card.pictures[2].taken > "2026" else 1)
        assert "or how long ago: 24h" in run(*words, "--since", "yesterday", code=2).stderr
        run(*words, "--newest", "0", code=2)


def test_of_raw_pictures_there_are_copies_and_that_is_said(tmp_path):
    card = card_of(1)
    card.pictures.append(Picture("DSC00009.ARW", b"", raw=True))
    with served(card) as base:
        said = run("camera", "originals", "-o", tmp_path, "--camera", f"{base}/dd.xml").stdout
    assert "RAW leaves by card only" in said
    assert names(tmp_path) == ["DSC00000.JPG", "DSC00009.ARW.JPG"]


def test_one_that_fails_is_told_and_costs_only_itself(tmp_path):
    card = card_of()
    card.pictures[1].data = b"<html>gone</html>"
    with served(card) as base:
        words = ("camera", "originals", "-o", tmp_path, "--camera", f"{base}/dd.xml")
        told = run_json(*words, code=1)
        said = run(*words, code=1).stdout
    assert [one["name"] for one in told["failed"]] == ["DSC00001.JPG"]
    assert "failed: DSC00001.JPG" in said
    assert names(tmp_path) == ["DSC00000.JPG", "DSC00002.JPG"]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["dd.xml", "sony/camera"])
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_killed_in_the_middle_and_run_again(tmp_path, path, blow):
    card = card_of(3, size_bytes=3_000_000, held_at=(2, 2_000_000))
    with served(card) as base:
        words = ("camera", "originals", "-o", str(tmp_path), "--camera", f"{base}/{path}")
        with subprocess.Popen([*DAYSPOOL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert card.holding.wait(60)
            while (tmp_path / "DSC00001.JPG.part").stat().st_size < 1_000_000:
                card.let_go.wait(0.01)
            process.send_signal(blow)
            _, complaint = process.communicate(timeout=60)
        card.let_go.set()
        assert process.returncode != 0
        assert b"Traceback" not in complaint
        assert names(tmp_path) == ["DSC00000.JPG", "DSC00001.JPG.part"]
        if blow == signal.SIGINT:
            assert card.function == "Remote Shooting"
            assert path != "dd.xml" or card.calls[-1] == "X_TransferEnd 0"
        again = run_json(*words)
    assert (again["files"], again["there"]) == (2, 1)
    assert any(asked.startswith("bytes=") for asked in card.asked), "the part was gone on with"
    assert all((tmp_path / one.name).read_bytes() == one.data for one in card.pictures)
    assert len(names(tmp_path)) == 3


def test_a_full_disk_stops_cleanly_and_room_lets_it_go_on(tmp_path):
    card = card_of(4, size_bytes=400_000)
    with served(card) as base:
        command = f"{' '.join(map(str, DAYSPOOL))} camera originals -o got --camera {base}/dd.xml --json"
        script = f"""
            {command}; echo "code $?"; ls got
            mount -o remount,size=9m .
            {command}; echo "code $?"; ls got; cat got/*.JPG | wc -c
        """
        done = in_tmpfs(tmp_path / "small", "size=1000k", script)
    assert "Traceback" not in done.stderr
    assert "make room there" in done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("code")] == ["code 1", "code 0"]
    full, resumed = (json.loads(line) for line in lines if line.startswith("{"))
    assert full["files"] == 2
    assert "DSC00002.JPG.part" in lines
    assert (resumed["files"], resumed["there"]) == (2, 2)
    assert lines[-1].strip() == str(sum(len(one.data) for one in card.pictures))
    assert any(asked.startswith("bytes=") for asked in card.asked), "the part was gone on with"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    done = run("camera", "originals", "-o", tmp_path / "file" / "x", "--camera", "127.0.0.1:9", code=1)
    assert "cannot be made" in done.stderr


def test_a_body_that_hands_out_no_card(tmp_path):
    card = card_of()
    card._avContent_getVersions = lambda _base: {"error": [404, "Not Found"]}
    with served(card) as base:
        done = run("camera", "originals", "-o", tmp_path, "--camera", f"{base}/sony/camera", code=1)
    assert "Send to Smartphone" in done.stderr
    assert "card in a reader" in done.stderr
    assert "setCameraFunction" not in card.calls, "its mode was left alone"


# Its time runs fast: most of a run was waiting for a body that changes over (the conformance suite looks at that).
SMALL_AND_FAST = ("--picture", "96x64", "--no-ssdp", "--speed", "20")
WAYS = [("qx1", "endpoint", "avContent"), ("a6100-send", "location", "dlna")]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "address", "way"), WAYS)
def test_a_simulated_body(tmp_path, model, address, way):
    with simulator("--model", model, *SMALL_AND_FAST) as first_line:
        words = ("camera", "originals", "-o", tmp_path, "--camera", first_line[address])
        first, again = run_json(*words), run_json(*words)
        listed = run_json(*words, "--dry-run", "--newest", "2")
    assert first["way"] == way
    assert first["files"] == again["there"] >= 3
    assert (first["failed"], first["reduced"], again["files"], listed["files"]) == ([], 1, 0, 2)
    assert [one["content"] for one in listed["pictures"]] == ["jpeg", "reduced"]
    assert len(names(tmp_path)) == first["files"]
    assert first["bytes"] == sum(path.stat().st_size for path in tmp_path.iterdir())


@pytest.mark.slow
def test_a_simulated_body_shoots_before_and_after(tmp_path):
    noon = ("--sky-start", "2026-06-21T12:00+02:00")  # by night it may find nothing to focus on
    with simulator("--model", "qx1", *SMALL_AND_FAST, *noon) as first_line:
        camera = ("--camera", first_line["endpoint"])
        run("camera", "snap", "-o", tmp_path / "a.jpg", *camera)
        fetched = run_json("camera", "originals", "-o", tmp_path / "card", "--newest", "1", *camera)
        run("camera", "snap", "-o", tmp_path / "b.jpg", *camera)
        both = run_json("camera", "originals", "-o", tmp_path / "card", "--newest", "2", *camera)
    assert (fetched["files"], both["files"], both["there"]) == (1, 1, 1)


@pytest.mark.parametrize(("model", "address", "way"), WAYS)
@pytest.mark.parametrize(
    ("kind", "where", "some"),
    [
        ("evil_names", None, True),
        ("foreign_host", None, False),
        ("rubbish_answer", "files", False),
        ("wrong_type_answer", "files", False),
        ("huge_answer", "files", False),
        ("redirect", "files", False),
        ("http_500", "files", False),
        ("rubbish_answer", "list", False),
        ("wrong_type_answer", "list", False),
        ("huge_answer", "list", False),
        ("redirect", "list", False),
    ],
)
@pytest.mark.slow
def test_a_hostile_body_writes_nothing_outside_the_folder(tmp_path, model, address, way, kind, where, some):
    fault = f'[[fault]]\nkind = "{kind}"\n'
    if where == "files":
        fault += 'where = "files"\n'
    elif where == "list":
        fault += 'where = "soap"\n' if way == "dlna" else 'where = "json"\nmethod = "getContentList"\n'
    elif kind == "foreign_host":
        fault += f'where = "{"soap" if way == "dlna" else "json"}"\n'
    (tmp_path / "faults.toml").write_text(fault)
    folder = tmp_path / "a" / "b"
    with simulator("--model", model, *SMALL_AND_FAST, "--faults", str(tmp_path / "faults.toml")) as first_line:
        done = run(
            "camera", "originals", "-o", folder, "--camera", first_line[address], "--json", code=0 if some else 1
        )
    assert done.stderr or done.stdout
    inside = [name for name in names(folder) if not name.endswith(".part")]
    assert bool(inside) is some, "a smaller copy of the wrong kind does not pass for a picture either"
    assert all(name.startswith("x") and name.upper().endswith(".JPG") for name in inside)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file() and path.parent != folder) == [
        "faults.toml"
    ]


def test_progress_on_a_terminal(tmp_path):
    card = card_of(3)
    card.pictures[1] = Picture("[bold]\x1b[2J.JPG", b"no picture", "2026-04-10T14:01:00")
    with served(card) as base:
        ours, theirs = pty.openpty()
        words = ("camera", "originals", "-o", str(tmp_path / "out"), "--camera", f"{base}/sony/camera")
        terminal = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
        with subprocess.Popen([*DAYSPOOL, *words], stdout=theirs, stderr=theirs, env=terminal) as process:
            os.close(theirs)
            said = b""
            with suppress(OSError):  # the terminal's other end is closed: that is its end of file
                while part := os.read(ours, 65_536):
                    said += part
            process.wait(timeout=60)
        os.close(ours)
    text = said.decode()
    assert "3 of 3: DSC00002.JPG" in text
    assert " kB" in text
    assert "failed: [bold]_" in text or "failed: [bold]\\x1b[2J.JPG" in text
    assert "\x1b[2J" not in text, "a name cannot clear the screen"
    assert "2 pictures fetched" in text
