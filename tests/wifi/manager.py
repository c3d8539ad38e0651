"""A NetworkManager that does not exist: a program named nmcli that keeps its state in a file and notes every call."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = r"""#!%(python)s -IS
import json, os, sys, time, uuid
folder = os.path.dirname(os.path.abspath(__file__))
state_path = os.path.join(folder, "state.json")
with open(state_path) as file:
    state = json.load(file)
argv = sys.argv[1:]
call = {"argv": argv, "secret": None, "environment": {key: os.environ.get(key) for key in ("LC_ALL", "LANGUAGE")}}


def finish(status, text="", complaint=""):
    with open(state_path, "w") as file:
        json.dump(state, file)
    with open(os.path.join(folder, "calls.jsonl"), "a") as file:
        file.write(json.dumps(call) + "\n")
    sys.stdout.write(text)
    sys.stderr.write(complaint)
    sys.exit(status)


escape = True
words = list(argv)
options = {}
while words and words[0].startswith("-"):
    option = words.pop(0)
    options[option] = None if option == "-t" else words.pop(0)
escape = options.get("-e") != "no" and options.get("-m") != "multiline"


def row(*cells):
    return ":".join(cell.replace("\\", "\\\\").replace(":", "\\:") if escape else cell for cell in cells) + "\n"


def password_in(name):
    with open(name) as file:  # as nmcli does: by its name, whatever kind of file it is
        text = file.read()
    call["secret"] = text
    key, _, value = text.rstrip("\n").partition(":")
    assert key == "802-11-wireless-security.psk", key
    plain, signs = "", iter(value)
    for sign in signs:
        plain += next(signs) if sign == "\\" else sign
    return plain


verb = " ".join(words[:2])
if state["hangs"] == verb:
    time.sleep(60)
if verb in state["says"]:
    said = state["says"][verb]
    finish(said.get("status", 0), said.get("text", ""), said.get("complaint", ""))
if not state["running"]:
    finish(8, complaint="Error: NetworkManager is not running.\n")
profiles = state["profiles"]


def on_air(ssid):
    return next((one for one in state["air"] if one["ssid"] == ssid), None)


if verb == "connection show" and len(words) == 2:
    finish(0, "".join(row(name, one["name"]) for name, one in profiles.items()))
elif verb == "connection show":
    assert words[2] == "uuid", words
    finish(0, profiles[words[3]]["settings"].get(options["-g"], "") + "\n")
elif verb in ("connection add", "connection modify"):
    if not state["allowed"]:
        finish(1, complaint="Error: Failed to add 'x' connection: Insufficient privileges.\n")
    if verb == "connection add":
        rest, key = words[2:], str(uuid.uuid4())
        pairs = dict(zip(rest[::2], rest[1::2]))
        profiles[key] = {
            "name": pairs.pop("con-name"), "ssid": pairs.pop("ssid"), "psk": None,
            "settings": {"connection.interface-name": pairs.pop("ifname"), "type": pairs.pop("type")},
        }
        text = "Connection '%%s' (%%s) successfully added.\n" %% (profiles[key]["name"], key)
    else:
        assert words[2] == "uuid", words
        key, rest = words[3], words[4:]
        pairs = dict(zip(rest[::2], rest[1::2]))
        text = ""
    assert len(rest) %% 2 == 0, rest
    profiles[key]["settings"].update(pairs)
    finish(0, text)
elif verb == "connection delete":
    assert words[2] == "uuid", words
    state["active"] = {device: one for device, one in state["active"].items() if one != words[3]}
    del profiles[words[3]]
    finish(0)
elif verb == "connection up":
    assert words[2] == "uuid", words
    if words[3] not in profiles:
        finish(10, complaint="Error: unknown connection '%%s'.\n" %% words[3])
    if not state["allowed"]:
        finish(4, complaint="Error: Connection activation failed: Not authorized to control networking.\n")
    profile = profiles[words[3]]
    offered = password_in(words[-1]) if words[-2] == "passwd-file" else None
    point = on_air(profile["ssid"])
    if point is None:
        finish(4, complaint="Error: Connection activation failed: The Wi-Fi network could not be found\n"
               "Hint: use 'journalctl -xe NM_CONNECTION=x' to get more details.\n")
    if point["password"] not in (offered, profile["psk"]):
        finish(4, complaint="Warning: password for '802-11-wireless-security.psk' not given in 'passwd-file' and nmcli "
               "cannot ask without '--ask' option.\n"
               "Error: Connection activation failed: Secrets were required, but not provided\n"
               "Hint: use 'journalctl -xe NM_CONNECTION=x' to get more details.\n")
    profile["psk"] = point["password"]
    state["active"] = {"wlan0": words[3]}
    finish(0, "Connection successfully activated\n")
elif verb == "device wifi":
    active = profiles.get(state["active"].get("wlan0", ""), {}).get("ssid")
    if state["radio"] == "disabled":
        finish(0)
    finish(0, "".join(
        row("*" if one["ssid"] == active else " ", one["ssid"].encode().hex().upper(), one["bssid"], "60", "wlan0")
        for one in state["air"]
    ))
elif verb == "device show":
    profile = profiles.get(state["active"].get(words[2], ""))
    if profile is None:
        finish(0, "GENERAL.DEVICE:wlan0\nGENERAL.STATE:30 (disconnected)\nGENERAL.CONNECTION:--\n")
    finish(0, "GENERAL.DEVICE:wlan0\nGENERAL.STATE:100 (connected)\nGENERAL.CONNECTION:" + profile["name"]
           + "\nIP4.ADDRESS[1]:192.168.122.110/24\nIP4.GATEWAY:--\n"
           "DHCP4.OPTION[1]:dhcp_server_identifier = 192.168.122.1\nDHCP4.OPTION[2]:routers = 192.168.122.1\n")
elif verb == "radio wifi":
    if len(words) == 3:
        state["radio"] = {"on": "enabled", "off": "disabled"}[words[2]]
        if words[2] == "off":
            state["active"] = {}
        finish(0)
    finish(0, state["radio"] + "\n")
finish(2, complaint="Error: argument '%%s' not understood.\n" %% verb)
"""


class ScriptedManager:
    """The program's folder, what it believes of the world, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "nmcli"
        self.program.write_text(PROGRAM % {"python": sys.executable})
        self.program.chmod(0o755)
        self.change(
            running=True,
            allowed=True,
            radio="enabled",
            hangs=None,
            says={},
            air=[],
            active={},
            profiles={"11111111-aaaa": {"name": "home", "ssid": "home", "psk": "hers", "settings": {}}},
        )

    @property
    def state(self) -> dict[str, Any]:
        file = self.folder / "state.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def change(self, **values: Any) -> None:
        (self.folder / "state.json").write_text(json.dumps(self.state | values))

    def put_on_air(self, *networks: tuple[str, str]) -> None:
        self.change(
            air=[{"ssid": ssid, "password": password, "bssid": "02:00:00:00:00:01"} for ssid, password in networks]
        )

    @property
    def calls(self) -> list[dict[str, Any]]:
        file = self.folder / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def asked(self, *words: str) -> list[list[str]]:
        """Return the argument lists that hold these words side by side."""
        needle = f" {' '.join(words)} "
        return [call["argv"] for call in self.calls if needle in f" {' '.join(call['argv'])} "]

    def profile(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.state["profiles"].values() if one["name"] == name), None)
