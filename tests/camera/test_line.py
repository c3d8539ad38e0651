"""Courtesy: calls one at a time and spaced, the shutter's without the pause; and what is unlocked with a key."""

import base64
import hashlib

import anyio
import httpx2
import pytest

from dayspool.camera import Courtesy
from dayspool.camera.unlock import KEY_VARIABLE, find_key, signature
from dayspool.errors import CameraRefused, CameraUnreachable, PlanError
from tests.camera.scripted import talk

KEY = 'name = "N"\nid = "I"\nsecret = "S"\nmethods = "camera/setFlashMode:camera/getFlashMode"\n'


def test_calls_take_turns_and_keep_a_distance():
    async def slow(_):
        await anyio.sleep(0.3)
        return [0]

    async def play(camera):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(camera.line.call, "slow")

    _, camera = talk(play, slow=slow)
    assert camera.at("slow") == [0, 0.4, 0.8]


def test_an_urgent_call_waits_for_its_turn_only():
    async def play(camera):
        await camera.line.call("quick")
        await camera.line.call("quick", urgent=True)
        await camera.line.call("quick")

    _, camera = talk(play, quick=[0])
    assert camera.at("quick") == [0, 0, 0.1]


@pytest.mark.parametrize(
    ("fails", "spacing"), [(httpx2.ReadError("broke"), 0.2), (httpx2.ConnectError("refused"), 0.1)]
)
def test_a_body_that_drops_connections_gets_more_time_and_one_that_is_away_does_not(fails, spacing):
    def broken(_):
        raise fails

    courtesy = Courtesy()

    async def play(camera):
        with pytest.raises(CameraUnreachable):
            await camera.line.call("broken")

    talk(play, courtesy=courtesy, broken=broken)
    assert courtesy.spacing_seconds == spacing
    for _ in range(9):
        courtesy.widen()
    assert courtesy.spacing_seconds == 1.0


def test_a_body_that_answers_again_gets_its_pace_back():
    courtesy = Courtesy()
    for _ in range(9):
        courtesy.widen()

    async def play(camera):
        for _ in range(20):
            await camera.line.call("quick")
        assert 0.6 < courtesy.spacing_seconds < 0.8, "not at once"
        for _ in range(100):
            await camera.line.call("quick")

    talk(play, courtesy=courtesy, quick=[0])
    assert courtesy.spacing_seconds == 0.1


def test_a_poll_that_breaks_gives_more_time_too():
    def broken(_):
        raise httpx2.ReadError("broke")

    courtesy = Courtesy()

    async def play(camera):
        with pytest.raises(CameraUnreachable):
            await camera.line.poll("broken", [True], seconds=30)

    talk(play, courtesy=courtesy, broken=broken)
    assert courtesy.spacing_seconds == 0.2


def gated(secret="S"):
    """Return the script of a QX10: flash is forbidden until the challenge was answered."""
    opened = []

    def enable(call):
        assert call.service == "accessControl"
        (asked,) = call.params
        if not asked["sg"]:
            return [{"dg": "0123456789abcdef"}]
        proof = base64.b64encode(hashlib.sha256(f"{secret}0123456789abcdef".encode()).digest()).decode()
        opened.append(asked["sg"] == proof and "camera/setFlashMode" in asked["methods"])
        return [{"dg": "" if opened[-1] else "again"}]

    return {
        "actEnableMethods": enable,
        "setFlashMode": lambda _: [0] if any(opened) else {"error": [403, "setFlashMode"]},
    }


async def flash(camera):
    return await camera.line.call("setFlashMode", ["off"])


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    path = tmp_path / "key.toml"
    path.write_text(KEY)
    path.chmod(0o600)
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    return path


def test_the_owners_key_opens_what_is_forbidden(key_file):
    result, camera = talk(flash, **gated())
    assert result == [0]
    assert camera.methods == ["setFlashMode", "actEnableMethods", "actEnableMethods", "setFlashMode"]


def test_a_key_the_camera_does_not_take_is_tried_once(key_file):
    async def play(camera):
        with pytest.raises(CameraRefused, match="does not take the developer key of N"):
            await flash(camera)
        with pytest.raises(CameraRefused, match="licensed programs only; see docs/cameras"):
            await flash(camera)

    _, camera = talk(play, **gated(secret="another"))
    assert camera.methods.count("actEnableMethods") == 2


def test_a_key_that_went_bad_is_a_refusal_like_any_other(key_file):
    key_file.chmod(0o644)

    async def play(camera):
        with pytest.raises(CameraRefused, match="chmod 600"):
            await flash(camera)

    assert talk(play, **gated())[1].methods == ["setFlashMode"]


def test_without_a_key_it_says_who_may(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    async def play(camera):
        with pytest.raises(CameraRefused, match="licensed programs only; see docs/cameras"):
            await flash(camera)

    assert talk(play, **gated())[1].methods == ["setFlashMode"]


def test_the_key_lies_in_the_users_configuration(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert find_key() is None
    path = tmp_path / "dayspool" / "key.toml"
    path.parent.mkdir()
    path.write_text(KEY)
    path.chmod(0o600)
    key = find_key()
    assert (key.name, key.id, key.methods) == ("N", "I", "camera/setFlashMode:camera/getFlashMode")
    assert "secret" not in repr(key)
    assert signature(key.secret, "dg") == base64.b64encode(hashlib.sha256(b"Sdg").digest()).decode()


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (KEY, 0o644, "chmod 600"),
        ("name = ", 0o600, "cannot be read"),
        ('name = "N"', 0o600, "must hold four texts: id, methods, name, secret"),
        (KEY + "more = 1\n", 0o600, "nothing else"),
        (None, 0o600, "is not there"),
    ],
)
def test_a_key_that_is_none(key_file, text, mode, says):
    if text is None:
        key_file.unlink()
    else:
        key_file.write_text(text)
        key_file.chmod(mode)
    with pytest.raises(PlanError, match=says):
        find_key()
