"""Joining through a program named nmcli, run as a process of its own: what it is asked, and what becomes of it."""

from __future__ import annotations

import anyio
import pytest

from dayspool.errors import PlanError, ToolFailed, ToolMissing
from dayspool.wifi import CameraNetwork, Joined, Nmcli, Outcome, Profile, Unjoined, visible_cameras
from tests.wifi.manager import ScriptedManager

pytestmark = pytest.mark.anyio

SSID = "DIRECT-p2E0:ILCE-6300"
NAME = "dayspool-p2E0:ILCE-6300"
SECRET = "GaMo4ALT"

ODD_NAMES = ["a:b\\", 'my "cam" ', "it's 📷", ";$(rm -rf ~)", "-x --ask", "`id`|&>x"]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


def network(manager: ScriptedManager, ssid: str = SSID, password: str | None = SECRET, **pins: str) -> CameraNetwork:
    tool = Nmcli(str(manager.program), instead="DO IT BY HAND")
    return CameraNetwork(tool, Profile(ssid=ssid, **pins), password=password)


async def test_joining_makes_a_profile_of_our_own(manager):
    manager.put_on_air((SSID, SECRET))
    camera = network(manager)
    assert await camera.link() == Unjoined()
    assert (await camera.join()).outcome is Outcome.JOINED
    assert await camera.link() == Joined(interface="wlan0", camera_host="192.168.122.1", profile=NAME)
    assert manager.profile(NAME)["settings"]["ipv4.never-default"] == "yes"
    assert manager.profile(NAME)["psk"] == SECRET


async def test_the_password_is_in_no_argument(manager):
    manager.put_on_air((SSID, SECRET))
    await network(manager).join()
    assert not [call for call in manager.calls if SECRET in " ".join(call["argv"])]
    assert [call["secret"] for call in manager.calls if call["secret"]] == [f"802-11-wireless-security.psk:{SECRET}\n"]
    assert {tuple(call["environment"].values()) for call in manager.calls} == {("C.UTF-8", "")}


@pytest.mark.parametrize("odd", ODD_NAMES)
async def test_odd_names_are_joined_to_the_letter(manager, odd):
    ssid = f"DIRECT-aB1c:{odd}"
    manager.put_on_air(("DIRECT-aB1c:other", "otherone"), (ssid, " a\\b:c "))
    camera = network(manager, ssid, " a\\b:c ")
    assert await camera.is_visible()
    assert (await camera.join()).outcome is Outcome.JOINED
    assert isinstance(await camera.link(), Joined)
    assert manager.profile(f"dayspool-aB1c:{odd}")["ssid"] == ssid
    again = network(manager, ssid, " a\\b:c ")
    assert await again.has_profile()


async def test_a_wrong_password_is_refused_and_leaves_no_profile(manager):
    manager.put_on_air((SSID, "another1"))
    result = await network(manager).join()
    assert result.outcome is Outcome.REFUSED
    assert result.said == "Connection activation failed: Secrets were required, but not provided"
    assert manager.profile(NAME) is None


async def test_a_camera_that_is_off_is_not_a_refusal(manager):
    camera = network(manager)
    assert not await camera.is_visible()
    assert (await camera.join()).outcome is Outcome.NOT_SEEN
    assert "the camera is off, asleep" in await camera.explain_absence()
    manager.put_on_air(("DIRECT-zZ9z:DSC-QX10", "whatever"), ("home", "whatever"))
    assert "other cameras are: DIRECT-zZ9z:DSC-QX10" in await camera.explain_absence()
    manager.change(radio="disabled")
    assert "nmcli radio wifi on" in await camera.explain_absence()


async def test_a_profile_that_has_worked_is_kept_and_used_without_a_password(manager):
    manager.put_on_air((SSID, SECRET))
    await network(manager).join()
    manager.change(active={})
    camera = network(manager, password=None, interface="wlan0")
    assert await camera.has_profile()
    assert (await camera.join()).outcome is Outcome.JOINED
    assert len(manager.asked("connection", "add")) == 1
    assert manager.profile(NAME)["settings"]["connection.interface-name"] == "wlan0"
    assert manager.calls[-1]["secret"] is None
    manager.put_on_air()
    assert (await camera.join()).outcome is Outcome.NOT_SEEN
    assert manager.profile(NAME) is not None


async def test_a_profile_is_mended_once_and_made_again_when_it_is_gone(manager):
    manager.put_on_air((SSID, SECRET))
    await network(manager).join()
    camera = network(manager)
    await camera.join()
    await camera.join()
    assert len(manager.asked("connection", "modify")) == 1
    manager.change(profiles={})
    assert (await camera.join()).outcome is Outcome.FAILED
    assert (await camera.join()).outcome is Outcome.JOINED


async def test_a_persons_own_connections_are_left_alone(manager):
    theirs = {
        "u-1": {"name": "home", "ssid": "home", "psk": "hers", "settings": {}},
        "u-2": {"name": SSID, "ssid": SSID, "psk": "old", "settings": {}},
        "u-3": {"name": NAME, "ssid": SSID, "psk": "old", "settings": {"connection.stable-id": "hers"}},
    }
    manager.change(profiles=theirs)
    manager.put_on_air((SSID, SECRET))
    camera = network(manager)
    assert not await camera.has_profile()
    assert (await camera.join()).outcome is Outcome.JOINED
    manager.put_on_air((SSID, "another1"))
    await network(manager, password="wrong000").join()
    after = manager.state["profiles"]
    assert {key: after[key] for key in theirs} == theirs
    assert not [
        argv
        for argv in (call["argv"] for call in manager.calls)
        if {"modify", "delete"} & set(argv) and set(argv) & set(theirs)
    ]


async def test_a_network_joined_by_a_persons_own_connection_counts(manager):
    manager.put_on_air((SSID, SECRET))
    manager.change(
        profiles={"u-2": {"name": "mine", "ssid": SSID, "psk": SECRET, "settings": {}}}, active={"wlan0": "u-2"}
    )
    link = await network(manager).link()
    assert link == Joined(interface="wlan0", camera_host="192.168.122.1", profile="mine")


async def test_without_the_program_a_person_is_told_what_to_do(tmp_path):
    with pytest.raises(ToolMissing, match=r"(?s)there is no .*DO IT BY HAND"):
        await Nmcli(str(tmp_path / "nmcli"), instead="DO IT BY HAND").run(("radio", "wifi"))


async def test_a_network_manager_that_does_not_run(manager):
    manager.change(running=False)
    with pytest.raises(ToolMissing, match=r"(?s)not running.*DO IT BY HAND"):
        await network(manager).link()


@pytest.mark.parametrize("has_profile", [False, True])
async def test_a_refusal_of_polkit_is_explained(manager, has_profile):
    manager.put_on_air((SSID, SECRET))
    if has_profile:
        await network(manager).join()
    manager.change(allowed=False)
    with pytest.raises(ToolFailed, match="sudo") as raised:
        await network(manager).join()
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(raised.value.argv)


async def test_a_program_that_hangs_is_ended(manager):
    manager.change(hangs="radio wifi")
    tool = Nmcli(str(manager.program))
    with anyio.fail_after(10), pytest.raises(ToolFailed, match=r"did not answer within 0.3 s"):
        await tool.run(("radio", "wifi"), seconds=0.3)


async def test_an_interrupted_join_leaves_no_profile_without_a_password(manager):
    manager.put_on_air((SSID, SECRET))
    manager.change(hangs="connection up")
    with anyio.move_on_after(1.0) as scope:
        await network(manager).join()
    assert scope.cancelled_caught
    assert manager.profile(NAME) is None


@pytest.mark.parametrize(
    ("said", "outcome", "words"),
    [
        ({"status": 3, "complaint": "Error: Timeout expired (45 seconds)\n"}, Outcome.FAILED, "longer than 45 s"),
        (
            {"status": 4, "complaint": "Error: Connection activation failed: (11) 802.1X supplicant took too long\n"},
            Outcome.REFUSED,
            "took too long",
        ),
        (
            {"status": 4, "complaint": "Error: Connection activation failed: IP configuration could not be reserved\n"},
            Outcome.FAILED,
            "IP configuration",
        ),
        ({"status": 1, "text": "Error: said on the wrong stream"}, Outcome.FAILED, "wrong stream"),
        ({"status": 77}, Outcome.FAILED, "status 77"),
        ({"status": 1, "complaint": "\x00\ufffd\n"}, Outcome.FAILED, ""),
    ],
)
async def test_how_a_join_can_end(manager, said, outcome, words):
    manager.put_on_air((SSID, SECRET))
    manager.change(says={"connection up": said})
    result = await network(manager).join()
    assert result.outcome is outcome
    assert words in result.said


async def test_rubbish_for_an_answer(manager):
    manager.change(says={"device wifi": {"text": "\x00:::\n*:zz\n" * 50}, "connection show": {"text": "\\:\n:\n"}})
    camera = network(manager)
    assert await camera.link() == Unjoined()
    assert not await camera.is_visible()
    with pytest.raises(ToolFailed, match="was made and is not there"):
        await camera.join()


async def test_an_interface_that_is_not_there(manager):
    complaint = "Error: Device 'wlan9' not found.\n"
    manager.change(says={"device wifi": {"status": 10, "complaint": complaint}})
    with pytest.raises(ToolFailed, match="Device 'wlan9' not found"):
        await network(manager, interface="wlan9").is_visible()


async def test_the_radio_is_cycled_on_request(manager):
    await network(manager).cycle_radio()
    assert [call["argv"] for call in manager.calls] == [["radio", "wifi", "off"], ["radio", "wifi", "on"]]


async def test_cameras_on_the_air(manager):
    manager.put_on_air(("home", "x"), (SSID, SECRET), ("DIRECT-HP printer", "x"), (SSID, SECRET))
    assert await visible_cameras(Nmcli(str(manager.program))) == (SSID,)


def test_no_other_network_gets_a_profile(manager):
    with pytest.raises(PlanError, match="no camera's network"):
        network(manager, "home")
