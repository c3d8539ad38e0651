"""`dayspool wifi` as a person or a script calls it, with a program named nmcli on the path."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import DAYSPOOL, run, run_json

SSID = "DIRECT-leE1:ILCE-7RM3"
SECRET = "GaMo4ALT"
QR = f"W01:S:leE1;P:{SECRET};C:ILCE-7RM3;M:E8E8B7349C13;"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A configuration folder of its own, and a path without a NetworkManager."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    for name in ("ANDROID_ROOT", "ANDROID_DATA", "TERMUX_VERSION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def managed(home, manager, monkeypatch):
    monkeypatch.setenv("PATH", str(manager.folder))
    return manager


def run_with(text: str, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*DAYSPOOL, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_pair_then_join(managed, home):
    managed.put_on_air((SSID, SECRET))
    paired = json.loads(run_with(QR + "\n", "wifi", "pair", "--qr", "-", "--json").stdout)
    file = home / "config" / "dayspool" / "wifi.toml"
    assert paired == {"ssid": SSID, "name": "ILCE-7RM3", "saved": str(file)}
    assert file.stat().st_mode & 0o777 == 0o600
    joined = run_json("wifi", "join", SSID)
    assert joined == {
        "ssid": SSID,
        "state": "joined",
        "interface": "wlan0",
        "address": "192.168.122.1",
        "profile": "dayspool-leE1:ILCE-7RM3",
        "detail": "",
    }
    assert run_json("wifi", "join")["detail"] == "it was joined already"
    assert "the camera is at 192.168.122.1" in run("wifi", "join", SSID).stdout
    assert not [call for call in managed.calls if SECRET in " ".join(call["argv"])]


@pytest.mark.parametrize(
    "way", ["qr", "nfc hex", "nfc file", "nfc on standard input", "password file", "password on standard input"]
)
def test_every_way_to_give_the_password(managed, tmp_path, way):
    managed.put_on_air((SSID, SECRET))
    record = bytes(8) + bytes([len(SSID)]) + SSID.encode() + bytes(3) + bytes([len(SECRET)]) + SECRET.encode()
    (tmp_path / "tag").write_bytes(record)
    (tmp_path / "password").write_text(f"{SECRET}\r\n")
    words = {
        "qr": ("--qr", QR),
        "nfc hex": ("--nfc", record.hex()),
        "nfc file": ("--nfc", str(tmp_path / "tag")),
        "nfc on standard input": ("--nfc", "-"),
        "password file": (SSID, "--password-file", str(tmp_path / "password")),
        "password on standard input": (SSID, "--password-file", "-"),
    }[way]
    said = record.hex() if way == "nfc on standard input" else f"{SECRET}\n"
    done = run_with(said, "wifi", "join", "--json", *words)
    assert json.loads(done.stdout)["state"] == "joined"
    assert SECRET not in done.stdout + done.stderr


def test_a_wrong_password_and_a_camera_that_is_off_are_told_apart(managed, tmp_path):
    (tmp_path / "password").write_text("wrong000")
    words = ("wifi", "join", SSID, "--password-file", tmp_path / "password", "--timeout", "1s")
    assert run_json(*words, code=1)["state"] == "camera-off"
    managed.put_on_air((SSID, SECRET))
    told = run_json(*words, code=1)
    assert (told["state"], told["address"]) == ("refused", None)
    assert "the password is wrong" in run(*words, code=1).stderr


def test_without_network_manager_a_person_is_told_what_to_do(home, monkeypatch, manager):
    for command in ("join", "watch"):
        said = run("wifi", command, "--qr", QR, code=1).stderr
        assert "there is no nmcli here" in said
        assert f"Join the camera's network {SSID}" in said
    monkeypatch.setenv("TERMUX_VERSION", "0.119")
    assert "mobile data off" in run("wifi", "join", SSID, code=1).stderr
    monkeypatch.setenv("PATH", str(manager.folder))
    manager.change(running=False)
    for command in ("join", "watch"):
        assert "NetworkManager is not running" in run("wifi", command, "--qr", QR, code=1).stderr
    assert run_json("wifi", "pair", "--qr", QR)["ssid"] == SSID
    assert run_json("wifi", "qr")["text"].startswith("WIFI:T:WPA;")


def test_polkit(managed):
    managed.put_on_air((SSID, SECRET))
    managed.change(allowed=False)
    said = run("wifi", "join", "--qr", QR, code=1).stderr
    assert "sudo" in said
    assert "Insufficient privileges" in said


def test_which_camera(managed):
    assert "none is on the air" in run("wifi", "join", code=2).stderr
    managed.put_on_air((SSID, SECRET), ("DIRECT-zZ9z:DSC-QX10", SECRET))
    assert "several are on the air" in run("wifi", "join", code=2).stderr
    assert "none is kept" in run("wifi", "watch", code=2).stderr
    assert "is not known" in run_with("", "wifi", "join", SSID, code=2).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("join", "home"), "no camera's network"),
        (("join", SSID, "--qr", QR), "name the network once"),
        (("join", "--password-file", "x"), "goes with the SSID"),
        (("join", SSID, "--password-file", "/nonexistent"), "cannot be read"),
        (("join", "--nfc", "neither a file nor hex"), "neither a file"),
        (("join", "--nfc", "00ff"), "no Wi-Fi record"),
        (("join", "--nfc", "/"), "neither a file"),
        (("pair",), "QR code"),
        (("pair", "--qr", "8Pabcdefgh"), "QX100"),
        (("pair", "--qr", "hello"), "no QR text"),
        (("qr",), "none is kept"),
        (("qr", SSID), "is not known"),
        (("qr", "--qr", QR, "-o", "code.gif"), "png or svg"),
        (("qr", "--qr", QR, "-o", "nowhere/code.png"), "cannot be written"),
    ],
)
def test_misuse_exits_2_and_says_what_to_do(managed, words, said):
    done = run("wifi", *words, code=2)
    assert said in done.stderr
    assert SECRET not in done.stderr


def test_pair_keeps_nothing_when_told_so(home):
    assert SECRET not in run("wifi", "pair", "--qr", QR, "--no-save").stdout
    assert SECRET in run("wifi", "pair", "--qr", QR, "--no-save", "--show-password").stdout
    assert not (home / "config").exists()


def test_a_qr_code_for_a_phone(home, tmp_path):
    assert "█" in run("wifi", "qr", "--qr", QR).stdout
    told = run_json("wifi", "qr", "--qr", QR, "-o", tmp_path / "code.svg")
    assert told["text"] == rf"WIFI:T:WPA;S:DIRECT-leE1\:ILCE-7RM3;P:{SECRET};;"
    assert (tmp_path / "code.svg").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "code.svg").read_bytes()
    assert "there already" in run("wifi", "qr", "--qr", QR, "-o", tmp_path / "code.svg", code=2).stderr
    assert (tmp_path / "code.svg").read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watch_tells_every_change_until_it_is_interrupted(managed, number):
    managed.put_on_air((SSID, SECRET))
    argv = [*DAYSPOOL, "wifi", "watch", "--qr", QR, "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        states = []
        while "joined" not in states:
            line = json.loads(process.stdout.readline())
            states.append(line["state"])
        assert (line["ssid"], line["interface"], line["address"]) == (SSID, "wlan0", "192.168.122.1")
        process.send_signal(number)
        said = process.communicate(timeout=20)[1]
    assert (process.returncode, said) == (0, "")
    assert states == ["looking", "joining", "joined"]
    assert managed.profile("dayspool-leE1:ILCE-7RM3") is not None


def test_watch_ends_quietly_when_nobody_reads_it(managed):
    managed.put_on_air((SSID, SECRET))
    argv = [sys.executable, *DAYSPOOL[1:], "wifi", "watch", "--qr", QR, "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(argv, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_pair_says_when_its_folder_cannot_be_made(home):
    Path(home / "config").write_text("a file where a folder should be")
    assert "cannot be" in run("wifi", "pair", "--qr", QR, code=2).stderr
