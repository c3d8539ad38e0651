"""`camera dump` and `camera decode` as commands: what they print, write and refuse."""

from __future__ import annotations

import json
import socket

import pytest
from click.testing import CliRunner

from dayspool.cli.camera import decode, dump
from tests.learn.builders import Talk, answer, pcap, post
from tests.processes import run, run_json, simulator


@pytest.fixture
def capture(tmp_path):
    talk = Talk().ask(post("getVersions")).reply(answer({"id": 1, "result": [["1.0"]]})).close()
    evil = Talk(client=("10.0.0.7", 40_009), began=1001.0)
    evil.ask(post("getAvailableApiList")).reply(answer({"id": 1, "result": [["\x1b[2Jgone\n", "x" * 5000]]})).close()
    (tmp_path / "talk.pcap").write_bytes(pcap(talk.packets() + evil.packets()))
    return tmp_path / "talk.pcap"


def test_a_conversation_is_printed_one_line_each(capture):
    lines = CliRunner().invoke(decode.command, [str(capture)], catch_exceptions=False).output.splitlines()
    assert lines[0].split() == [
        "0.002", "10.0.0.7:40000", "→", "10.0.0.1:10000", "call", "getVersions()", "→", '[["1.0"]]', "(0.001", "s)",
    ]  # fmt: skip
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert len(lines[1]) < 300
    full = CliRunner().invoke(decode.command, [str(capture), "--full"], catch_exceptions=False).output
    assert len(full) > 900


def test_programs_get_one_object_and_a_dump(capture, tmp_path):
    told = run_json("camera", "decode", capture, "-o", tmp_path / "dump.json")
    assert [call["method"] for call in told["calls"]] == ["getVersions", "getAvailableApiList"]
    assert {
        "calls",
        "ssdp",
        "descriptions",
        "pictures",
        "liveviews",
        "unread",
        "packets",
        "dump",
        "model",
    } <= told.keys()
    assert told["calls"][0]["reply"] == {"id": 1, "result": [["1.0"]]}
    written = json.loads((tmp_path / "dump.json").read_text())
    assert (written["dayspool_dump"], written["source"]) == (1, "capture")
    said = run("camera", "decode", capture, "-o", tmp_path / "dump.json", code=2).stderr
    assert "is there already" in said
    assert json.loads((tmp_path / "dump.json").read_text()) == written


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "an empty file"), (b"some text\n", "a text file"), (bytes(64), "00 00 00 00"), (None, "No such file")],
)
def test_what_is_no_capture_is_refused(tmp_path, content, said):
    path = tmp_path / "x.pcap"
    if content is not None:
        path.write_bytes(content)
    assert said in run("camera", "decode", path, code=2).stderr


def test_a_capture_without_a_camera_gives_no_dump(tmp_path):
    (tmp_path / "x.pcap").write_bytes(pcap([(1.0, b"too short")]))
    assert run_json("camera", "decode", tmp_path / "x.pcap")["unread"] == {
        "packet cut short by the capture's length limit": 1
    }
    said = run("camera", "decode", tmp_path / "x.pcap", "-o", tmp_path / "d.json", code=1).stderr
    assert "no dump was written" in said
    assert not (tmp_path / "d.json").exists()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["-o", "there.json"], 2, "never overwritten"),
        (["-o", "nowhere/x.json"], 2, "is no folder"),
        (["-o", "x.json", "--description", "https://10.0.0.1/dd.xml"], 2, "no address of a description"),
        ([], 2, "Missing option '-o'"),
    ],
)
def test_a_dump_is_refused_before_the_camera_is_asked(tmp_path, options, code, said):
    (tmp_path / "there.json").write_text("mine")
    done = run("camera", "dump", *options, "--camera", "http://127.0.0.1:1/camera", code=code, cwd=tmp_path)
    assert said in done.stderr
    assert (tmp_path / "there.json").read_text() == "mine"


def test_a_description_that_was_named_and_is_not_there_is_told(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        missing = f"http://127.0.0.1:{closed.getsockname()[1]}/dd.xml"
        with simulator("--speed", "50", "--picture", "96x64") as told:
            words = ("-o", tmp_path / "d.json", "--description", missing, "--camera", told["endpoint"])
            done = run("camera", "dump", *words, code=1)
    assert f"no description was read at {missing}" in done.stderr
    assert json.loads((tmp_path / "d.json").read_text())["dayspool_dump"] == 1


def test_both_have_help():
    for command in (dump.command, decode.command):
        assert "--json" in CliRunner().invoke(command, ["--help"]).output
