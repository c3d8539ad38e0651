"""News of a camera: a long poll hears of every change, one at a time, and the list of methods follows the state."""

from __future__ import annotations

import anyio
import pytest

from dayspool.camera.rpc import Code
from dayspool.errors import CameraBusy, CameraRefused
from tests.conformance.stage import SPEAKING, on_sockets, profile_of, stands

SHOOTING = {name: next(o for o in profile_of(name).offers if o.name == "actTakePicture").when for name in SPEAKING}
# Some recorded lists are the same whatever the body does, and an ILCE-6300 lists the shot under liveview only.
CHANGING = [name for name, when in SHOOTING.items() if when.statuses and when.liveview is None]


def films(name):
    """Tell whether a body goes over to movies when asked to: an ILCE-6300 answers HTTP 500."""
    profile = profile_of(name)
    return "movie" in profile.shoot_modes and ("setShootMode", ("movie",)) not in profile.quirks.http_500


@stands(changing=True)
def test_a_long_poll_hears_what_becomes_of_a_shot(name):
    async def play(scene):
        states, known = [], await scene.camera.status()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.camera.take_picture)
            with anyio.fail_after(60):
                while "StillCapturing" not in states or known.state != "IDLE":
                    known = await scene.camera.news(known)
                    states.append(known.state)
        assert len(known.picture_urls) == 1
        assert known.is_idle
        assert len(scene.exposures) == 1

    on_sockets(name, play, prepared=True)


@stands(changing=True)
def test_without_news_a_poll_ends_and_nothing_is_lost(name):
    async def play(scene):
        known = await scene.camera.status()
        began = anyio.current_time()
        assert await scene.camera.news(known) == known
        assert 1.0 < anyio.current_time() - began <= 30.0

    on_sockets(name, play, prepared=True)


@pytest.mark.parametrize("name", SPEAKING)
def test_a_second_poll_is_refused_and_costs_nothing(name):
    async def play(scene):
        method, version = scene.profile.event_method, "1.0"
        known = await scene.camera.status()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.camera.news, known)
            await anyio.sleep(0.5)
            with pytest.raises((CameraBusy, CameraRefused)) as caught:
                await scene.camera.line.poll(method, [True], version=version, seconds=30.0)
            assert caught.value.code == Code.ALREADY_POLLING
            assert (await scene.camera.status()).is_idle, "the plain question is answered all the same"
        assert (await scene.camera.status()).is_idle

    on_sockets(name, play, prepared=True)


@pytest.mark.parametrize("name", SPEAKING)
def test_a_stranger_who_polls_keeps_nobody_from_the_news(name):
    async def play(scene):
        known = await scene.camera.status()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(strange_poll, scene)
            await anyio.sleep(0.5)
            assert await scene.camera.news(known) == known
            await scene.camera.take_picture()
            with anyio.fail_after(60):
                assert (await scene.camera.until_idle()).is_idle
            tasks.cancel_scope.cancel()
        assert len(scene.exposures) == 1

    on_sockets(name, play, prepared=True)


async def strange_poll(scene):
    """Hold the camera's one poll, as another program would."""
    while True:
        try:
            await scene.camera.line.poll(scene.profile.event_method, [True], seconds=30.0)
        except (CameraBusy, CameraRefused):
            await anyio.sleep(0.2)


@pytest.mark.parametrize("name", CHANGING)
def test_the_list_shrinks_while_it_exposes_and_grows_again(name):
    async def play(scene):
        before = set(await scene.camera.methods())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.camera.take_picture)
            known = await scene.camera.status()
            with anyio.fail_after(30):
                while known.state != "StillCapturing":
                    known = await scene.camera.news(known)
            assert "actTakePicture" in before
            assert "actTakePicture" not in known.methods
        with anyio.fail_after(30):
            await scene.camera.until_idle()
        assert set(await scene.camera.methods()) == before

    on_sockets(name, play, prepared=True)


def test_liveview_lengthens_the_list_of_an_ilce_6300():
    async def play(scene):
        before = await scene.camera.methods()
        async with scene.camera.liveview() as frames:
            async for _ in frames:
                break
            await anyio.sleep(1.5)
            during = await scene.camera.methods()
        assert (len(before), len(during)) == (12, 23)  # and a 24th, awaitTakePicture, while it exposes

    on_sockets("a6300", play, prepared=True)


@pytest.mark.parametrize("name", [name for name in SPEAKING if films(name)])
def test_a_change_of_mode_is_heard(name):
    async def play(scene):
        known = await scene.camera.status()
        assert known.shoot_mode == "still"
        assert set(await scene.camera.methods()) == set(known.methods)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.camera.set, "shoot-mode", "movie")
            with anyio.fail_after(30):
                while known.shoot_mode != "movie":
                    known = await scene.camera.news(known)
        assert scene.body.shoot_mode == "movie"
        assert set(await scene.camera.methods()) == set((await scene.camera.status()).methods)

    on_sockets(name, play, prepared=True)
