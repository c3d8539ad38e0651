"""nmcli's command lines to the word, and its answers: good, odd and rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.wifi import nmcli

PROFILE = nmcli.Profile(ssid="DIRECT-p2E0:ILCE-6300")
SETTINGS = (
    "connection.stable-id",
    "dayspool",
    "connection.autoconnect",
    "yes",
    "connection.autoconnect-priority",
    "-10",
    "connection.autoconnect-retries",
    "0",
    "802-11-wireless.mode",
    "infrastructure",
    "802-11-wireless.bssid",
    "",
    "802-11-wireless.powersave",
    "2",
    "802-11-wireless-security.key-mgmt",
    "wpa-psk",
    "ipv4.method",
    "auto",
    "ipv4.never-default",
    "yes",
    "ipv4.ignore-auto-dns",
    "yes",
    "ipv6.method",
    "disabled",
)
NAMES = ("con-name", "dayspool-p2E0:ILCE-6300", "ifname", "*", "ssid", "DIRECT-p2E0:ILCE-6300")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (nmcli.list_profiles(), ("-t", "-f", "UUID,NAME", "connection", "show")),
        (nmcli.show_marker("u"), ("-e", "no", "-g", "connection.stable-id", "connection", "show", "uuid", "u")),
        (nmcli.add_profile(PROFILE), ("connection", "add", "type", "wifi", *NAMES, *SETTINGS)),
        (
            nmcli.modify_profile("u", PROFILE),
            ("connection", "modify", "uuid", "u", "connection.interface-name", "", *SETTINGS),
        ),
        (nmcli.delete_profile("u"), ("connection", "delete", "uuid", "u")),
        (nmcli.bring_up("u", wait_seconds=45, with_password=False), ("-w", "45", "connection", "up", "uuid", "u")),
        (
            nmcli.bring_up("u", wait_seconds=45, with_password=True, interface="wlan0"),
            ("-w", "45", "connection", "up", "uuid", "u", "ifname", "wlan0", "passwd-file", "/dev/stdin"),
        ),
        (
            nmcli.scan(fresh=True),
            ("-t", "-f", "IN-USE,SSID-HEX,BSSID,SIGNAL,DEVICE", "device", "wifi", "list", "--rescan", "yes"),
        ),
        (
            nmcli.scan(fresh=False, interface="wlan1"),
            (*nmcli.scan(fresh=False)[:-2], "ifname", "wlan1", "--rescan", "no"),
        ),
        (
            nmcli.show_device("wlan0"),
            ("-t", "-m", "multiline", "-f", "GENERAL,IP4,DHCP4", "device", "show", "wlan0"),
        ),
        (nmcli.radio(), ("radio", "wifi")),
        (nmcli.radio("off"), ("radio", "wifi", "off")),
    ],
)
def test_command_lines(argv, words):
    assert argv == words


def test_a_profile_is_pinned_when_asked_to():
    pinned = nmcli.Profile(ssid=PROFILE.ssid, interface="wlan1", bssid="02:00:00:00:00:01")
    added, modified = nmcli.add_profile(pinned), nmcli.modify_profile("u", pinned)
    assert added[added.index("ifname") + 1] == "wlan1"
    assert modified[modified.index("connection.interface-name") + 1] == "wlan1"
    for argv in (added, modified):
        assert argv[argv.index("802-11-wireless.bssid") + 1] == "02:00:00:00:00:01"


@pytest.mark.parametrize(
    "ssid", ["DIRECT-aB1c:;$(rm -rf ~)", 'DIRECT-aB1c:a "b" \\', "DIRECT-aB1c:📷", "DIRECT-aB1c:-x --ask"]
)
def test_a_name_stays_one_word(ssid):
    argv = nmcli.add_profile(nmcli.Profile(ssid=ssid))
    assert argv[argv.index("ssid") + 1] == ssid
    assert argv[argv.index("con-name") + 1] == "dayspool-" + ssid.removeprefix("DIRECT-")


@pytest.mark.parametrize(
    ("password", "line"),
    [
        ("GaMo4ALT", b"802-11-wireless-security.psk:GaMo4ALT\n"),
        (" a\\b:c=", b"802-11-wireless-security.psk:\\ a\\\\b:c=\n"),
    ],
)
def test_a_password_line(password, line):
    assert nmcli.passwords(password) == line


def test_profiles_are_read_with_their_colons():
    text = "u-1:home\nu-2:dayspool-p2E0\\:ILCE-6300\nu-3:a\\\\\\:b\nrubbish\n:::\n\n"
    assert nmcli.read_profiles(text) == {"u-1": "home", "u-2": "dayspool-p2E0:ILCE-6300", "u-3": "a\\:b"}


def test_a_scan_is_read():
    ours = "DIRECT-aB1c:📷;"
    text = (
        f"*:{ours.encode().hex().upper()}:02\\:00\\:00\\:00\\:00\\:01:87:wlan0\n"
        " :FFFE:02\\:00\\:00\\:00\\:00\\:02:40:wlan0\n"
        " ::02\\:00\\:00\\:00\\:00\\:03:40:wlan0\n"
        " :zz:x:40:wlan0\n"
        " :4142:x:loud:wlan0\n"
        "too:few\n"
    )
    points = nmcli.read_access_points(text)
    assert [point.ssid for point in points] == [ours, None, "", None]
    assert points[0] == nmcli.AccessPoint(
        ssid=ours, bssid="02:00:00:00:00:01", signal_percent=87, in_use=True, interface="wlan0"
    )
    assert not points[1].in_use


@pytest.mark.parametrize(
    ("text", "connected", "connecting", "host"),
    [
        ("GENERAL.STATE:100 (connected)\nIP4.GATEWAY:10.0.0.1\n", True, False, "10.0.0.1"),
        (
            "GENERAL.STATE:100 (x)\nIP4.GATEWAY:--\nDHCP4.OPTION[9]:routers = 192.168.122.1\n",
            True,
            False,
            "192.168.122.1",
        ),
        ("GENERAL.STATE:100 (x)\nDHCP4.OPTION[1]:dhcp_server_identifier = 10.0.0.1\n", True, False, "10.0.0.1"),
        ("GENERAL.STATE:100 (connected)\nIP4.GATEWAY:\nDHCP4.OPTION[1]:routers = \n", True, False, None),
        ("GENERAL.STATE:70 (connecting (getting IP configuration))\n", False, True, None),
        ("GENERAL.STATE:60 (connecting (need authentication))\n", False, True, None),
        ("GENERAL.STATE:30 (disconnected)\n", False, False, None),
        ("GENERAL.STATE:110 (deactivating)\n", False, False, None),
        ("rubbish", False, False, None),
        ("", False, False, None),
    ],
)
def test_a_device_is_read(text, connected, connecting, host):
    device = nmcli.read_device(text)
    assert (device.is_connected, device.is_connecting, device.camera_host) == (connected, connecting, host)


@given(st.text(max_size=200))
def test_rubbish_is_passed_over(text):
    nmcli.read_profiles(text)
    nmcli.read_device(text)
    nmcli.read_access_points(text)


@given(st.lists(st.tuples(st.text("ab0-", min_size=1), st.text("a:\\ é;", max_size=12)), unique_by=lambda one: one[0]))
def test_terse_columns_come_back_as_they_were(rows):
    text = "".join(f"{uuid}:{name.replace(chr(92), chr(92) * 2).replace(':', chr(92) + ':')}\n" for uuid, name in rows)
    assert nmcli.read_profiles(text) == dict(rows)
