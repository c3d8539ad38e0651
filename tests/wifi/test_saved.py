"""Kept passwords: nobody else reads them, nothing is lost."""

from __future__ import annotations

import pytest

from dayspool.errors import PlanError
from dayspool.wifi import Credentials, by_hand, load_saved, save, saved_file
from dayspool.wifi.saved import write_private

ONE = Credentials(ssid='DIRECT-aB1c:my "cam" \\ 📷', password='a"b\\c#d e', name="x")
TWO = Credentials(ssid="DIRECT-zZ9z:DSC-QX10", password="whatever")


def test_what_is_kept_comes_back(tmp_path):
    path = tmp_path / "config" / "dayspool" / "wifi.toml"
    assert load_saved(path) == {}
    save(path, ONE)
    save(path, TWO)
    newer = Credentials(ssid=TWO.ssid, password="changed1")
    save(path, newer)
    assert load_saved(path) == {ONE.ssid: ONE, TWO.ssid: newer}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_others_could_read_is_closed_when_it_is_written(tmp_path):
    path = tmp_path / "wifi.toml"
    path.touch(0o644)
    save(path, ONE)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "rubbish",
        "network = 3",
        "network = [3]",
        "[[network]]\nssid = 'DIRECT-aB1c:x'",
        "[[network]]\nssid = 1\npassword = 2",
        "[[network]]\nssid = 'home'\npassword = 'whatever'",
        b"\xff\xfe",
    ],
)
def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path, text):
    path = tmp_path / "wifi.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = path.read_bytes()
    for attempt in (lambda: load_saved(path), lambda: save(path, ONE)):
        with pytest.raises(PlanError):
            attempt()
    assert path.read_bytes() == before


def test_a_secret_is_never_written_over_something_else(tmp_path):
    path = tmp_path / "code.png"
    write_private(path, b"1")
    with pytest.raises(PlanError, match="there already"):
        write_private(path, b"2")
    with pytest.raises(PlanError, match="cannot be written"):
        write_private(tmp_path / "nowhere" / "code.png", b"2")
    assert path.read_bytes() == b"1"


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"XDG_CONFIG_HOME": "/conf", "HOME": "/home/x"}, "/conf/dayspool/wifi.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/home/x"}, "/home/x/.config/dayspool/wifi.toml"),
        ({"XDG_CONFIG_HOME": "", "HOME": "/home/x"}, "/home/x/.config/dayspool/wifi.toml"),
    ],
)
def test_where_passwords_are_kept(environment, path):
    assert str(saved_file(environment)) == path


def test_what_to_do_by_hand(tmp_path):
    assert "stay connected" in by_hand(None, None, {"ANDROID_ROOT": "/system"})
    assert "mobile data off" in by_hand(None, None, {"TERMUX_VERSION": "0.119"})
    assert "network-manager" in by_hand(ONE.ssid, None, {"PATH": str(tmp_path)})
    for name, words in (("iwctl", "station wlan1 connect 'DIRECT-aB1c:$(x)'"), ("wpa_cli", "wpa_cli -i wlan1")):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert words in by_hand("DIRECT-aB1c:$(x)", "wlan1", {"PATH": str(tmp_path)})
