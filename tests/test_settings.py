"""`settings.toml`: every mistake at once with its line, secrets from where a person keeps them, and never shown."""

import re
import stat
from datetime import time, timedelta
from pathlib import Path

import pytest

from dayspool.config.places import settings_path
from dayspool.config.settings import RECEIVERS, Settings, load_settings
from dayspool.core.alarm import AlarmKind, Severity
from dayspool.errors import PlanError
from dayspool.notify import Hook, Mail, Mqtt, Ntfy, Secret, Taste


def load(folder, text, mode=0o600):
    path = folder / "settings.toml"
    path.write_text(text)
    path.chmod(mode)
    return load_settings(path)


def test_several_receivers_with_a_taste_each(tmp_path):
    settings = load(
        tmp_path,
        """
[[alarm]]
kind = "ntfy"
topic = "harbour-7f3a"
only = ["camera-lost", "done"]
severity = "warning"
quiet = "22:00-07:00"
per_hour = 5

[[alarm]]
kind = "ntfy"
topic = "another"

[[alarm]]
kind = "email"
name = "the boss"
host = "mail.example.org"
to = "me@example.org"
from = "shoot@example.org"

[[alarm]]
kind = "mqtt"
host = "broker"
tls = true

[[alarm]]
kind = "command"
command = ["/usr/bin/logger", "-t", "dayspool"]
timeout = "5s"
""",
    )
    ntfy, another, mail, mqtt, command = settings.alarms
    assert [one.name for one in settings.alarms] == ["ntfy", "ntfy 2", "the boss", "mqtt", "command"]
    assert ntfy.receiver == Ntfy(topic=Secret("harbour-7f3a"))
    assert ntfy.taste == Taste(
        only=(AlarmKind.CAMERA_LOST, AlarmKind.DONE),
        severity=Severity.WARNING,
        quiet=(time(22), time(7)),
        per_hour=5,
    )
    assert another.taste == Taste()
    assert mail.receiver == Mail(host="mail.example.org", to=("me@example.org",), from_="shoot@example.org")
    assert mqtt.receiver == Mqtt(host="broker", tls=True)
    assert command.receiver == Hook(command=("/usr/bin/logger", "-t", "dayspool"), timeout=timedelta(seconds=5))
    assert settings.warnings == ()


def test_every_mistake_is_told_with_its_line(tmp_path):
    with pytest.raises(PlanError) as caught:
        load(
            tmp_path,
            """alrm = 3
[[alarm]]
kind = "ntfy"
topic = "a b"
tokn = "x"
only = ["camera-lst"]

[[alarm]]
kind = "email"
to = "me"
password_file = "/nowhere/at/all"
quiet = "late"
severity = "bad"
per_hour = 1

[[alarm]]
kind = "pigeon"

[[alarm]]
kind = "telegram"
token = "1:abc"
token_env = "NOT_SET_AT_ALL"

[[alarm]]
kind = "command"
command = "rm -rf /"

[[alarm]]
topic = "x"
""",
        )
    told = [problem.removeprefix(f"{tmp_path}/settings.toml:") for problem in caught.value.problems]
    expected = [
        "1: alrm: unknown; did you mean alarm?",
        "5: alarm[1].tokn: unknown; did you mean token?",
        "4: alarm[1].topic: a topic has",
        "6: alarm[1].only: 'camera-lst' is no kind of alarm; did you mean camera-lost?",
        "11: alarm[2].password_file: /nowhere/at/all cannot be read",
        "8: alarm[2].host: missing",
        "12: alarm[2].quiet: 'late' are no quiet hours",
        "13: alarm[2].severity: 'bad' is none",
        "17: alarm[3].kind: 'pigeon' is none",
        "21: alarm[4].token, alarm[4].token_env: say it once",
        "19: alarm[4].chat: missing",
        "26: alarm[5].command: is no list of texts",
        "28: alarm[6].kind: missing",
    ]
    for said in expected:
        assert any(problem.startswith(said) for problem in told), (said, told)
    assert len(told) <= len(expected)


@pytest.mark.parametrize(
    "text", ["alarm = 3", "[alarm]\nkind='ntfy'", "[alarm.ntfy]\ntopic='x'", "alarm = [3]", "x" * 9, "\0", "[[alarm]]"]
)
def test_what_is_no_list_of_receivers(tmp_path, text):
    with pytest.raises(PlanError):
        load(tmp_path, text)


@pytest.mark.parametrize("value", ["3", "true", "[1]", '""', '"a\\nb"', "2026-01-01"])
@pytest.mark.parametrize("key", ["topic", "url", "token", "ca_file", "only", "severity", "quiet", "per_hour", "name"])
def test_a_value_of_the_wrong_sort_is_a_mistake_and_no_crash(tmp_path, key, value):
    if (key, value) in [("per_hour", "3")]:
        return
    lines = {"kind": '"ntfy"', "topic": '"a"', key: value}
    text = "[[alarm]]\n" + "\n".join(f"{name} = {said}" for name, said in lines.items())
    with pytest.raises(PlanError, match=key):
        load(tmp_path, text)


@pytest.mark.parametrize("kind", RECEIVERS)
def test_a_kind_alone_tells_what_is_missing(tmp_path, kind):
    with pytest.raises(PlanError, match=r"alarm\[1\]\.\w+: missing"):
        load(tmp_path, f'[[alarm]]\nkind = "{kind}"\n')


def test_a_secret_is_read_from_a_file_or_the_environment_and_never_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_TOPIC", "topic-secret")
    (tmp_path / "token").write_text("tk_secret\n")
    (tmp_path / "token").chmod(0o600)
    settings = load(tmp_path, f'[[alarm]]\nkind = "ntfy"\ntopic_env = "MY_TOPIC"\ntoken_file = "{tmp_path}/token"\n')
    receiver = settings.alarms[0].receiver
    assert (receiver.topic.reveal(), receiver.token.reveal()) == ("topic-secret", "tk_secret")
    assert "secret" not in repr(settings)
    assert "secret" not in f"{receiver.topic} {receiver.token}"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604, 0o400])
def test_others_must_not_read_secrets(tmp_path, mode):
    warned = load(tmp_path, '[[alarm]]\nkind = "ntfy"\ntopic = "a"\n', mode).warnings
    assert len(warned) == bool(mode & 0o077)
    assert all("chmod 600" in one for one in warned)
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(mode)
    path = tmp_path / "settings.toml"
    path.write_text(f'[[alarm]]\nkind = "ntfy"\ntopic_file = "{tmp_path}/secret"\n')
    path.chmod(0o644)
    assert len(load_settings(path).warnings) == bool(mode & 0o077)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_commands_that_others_can_write_are_not_run(tmp_path, mode):
    with pytest.raises(PlanError, match="chmod go-w"):
        load(tmp_path, '[[alarm]]\nkind = "command"\ncommand = ["true"]\n', mode)
    load(tmp_path, '[[alarm]]\nkind = "command"\ncommand = ["true"]\n', 0o644)


def test_no_file_is_no_settings(tmp_path):
    assert load_settings(tmp_path / "none.toml") == Settings()


def test_where_the_settings_are():
    assert settings_path({"DAYSPOOL_SETTINGS": "/a/b.toml"}) == Path("/a/b.toml")
    assert settings_path({"XDG_CONFIG_HOME": "/a"}) == Path("/a/dayspool/settings.toml")
    assert settings_path({"XDG_CONFIG_HOME": "relative"}) == settings_path({})
    assert settings_path({}) == Path("~").expanduser() / Path(".config/dayspool/settings.toml")


def test_every_example_of_the_manual_is_good_and_none_is_missing(tmp_path, pytestconfig):
    manual = (pytestconfig.rootpath / "docs" / "alarms.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    kinds = {one.kind for example in examples for one in load(tmp_path, example).alarms}
    assert kinds == set(RECEIVERS)
    assert [kind.value for kind in AlarmKind if f"`{kind.value}`" not in manual] == ["summary", "test"]
