"""What every camera tells, asked in every way it offers: nothing is taken and nothing is changed here."""

from __future__ import annotations

from itertools import pairwise

import anyio
import pytest

from dayspool.camera.kinds import KINDS
from dayspool.camera.rpc import Code
from dayspool.camera.told import NOTHING, from_events, from_reply, from_supported
from dayspool.errors import CameraBusy, CameraRefused
from tests.conformance.stage import HOST, host_of, on_sockets, px, stands

FRAMES = 20
READERS = ("get", "getAvailable", "getSupported")


@stands()
def test_it_tells_who_it_is(name):
    async def play(scene):
        info, versions = await scene.camera.info(), await scene.camera.versions()
        assert "1.0" in versions
        assert info.status.state == "IDLE"
        assert info.methods
        assert len(set(info.methods)) == len(info.methods)
        assert len({setting.name for setting in info.settings}) == len(info.settings)
        if scene.profile is not None:
            assert info.model == scene.profile.model
            assert versions == scene.profile.versions()
            if "getApplicationInfo" in info.methods:
                assert info.application == scene.profile.application

    on_sockets(name, play, prepared=True)


@stands()
def test_every_method_it_offers_is_among_its_methods(name):
    async def play(scene):
        rows = {row[0] for row in await scene.call("getMethodTypes", "1.0")}
        newer = [await scene.call("getMethodTypes", version) for version in await scene.camera.versions()]
        rows |= {row[0] for version in newer for row in version}
        assert set(await scene.camera.methods()) <= rows

    on_sockets(name, play, prepared=True)


@stands()
def test_getters_and_events_agree_on_every_setting(name):
    async def play(scene):
        methods = await scene.camera.methods()
        told = from_events(await scene.camera.events.whole())
        infos = {setting.name: setting for setting in (await scene.camera.info()).settings}
        asked = 0
        for kind in KINDS:
            answers = {reader: await asked_for(scene, f"{reader}{kind.group}", methods) for reader in READERS}
            plain, available, supported = (answers[reader] for reader in READERS)
            asked += sum(answer is not None for answer in answers.values())
            views = [told.get(kind.name, NOTHING)]
            views += [from_reply(kind, answer) for answer in (plain, available) if answer is not None]
            values = {view.raw for view in views if view.raw is not None}
            choices = [set(view.choices) for view in views if view.choices is not None]
            assert len(values) <= 1, f"{kind.name} is told as {values}"
            assert all(one == choices[0] for one in choices), f"the choices of {kind.name} differ: {choices}"
            if values:
                assert infos[kind.name].raw in values
            if supported is not None and choices:
                ever = from_supported(kind, supported).choices
                assert ever is None or choices[0] <= set(ever), f"{kind.name} offers what it does not support"
        assert asked or not any(method.startswith("getSupported") for method in methods)

    on_sockets(name, play, prepared=True)


async def asked_for(scene, method, methods):
    """Return what a getter answers; `None` where there is none, or it is kept to licensed programs, or not for now."""
    if method not in methods:
        return None
    try:
        return await scene.call(method)
    except (CameraRefused, CameraBusy) as error:
        if error.code in (Code.FORBIDDEN, Code.ANY):
            return None
        raise


@stands()
def test_its_events_and_its_list_name_the_same_methods(name):
    async def play(scene):
        status = await scene.camera.status()
        methods = await scene.camera.methods()
        assert status.methods is None or set(status.methods) == set(methods)
        if scene.profile is not None:
            assert status.methods is not None

    on_sockets(name, play, prepared=True)


@stands()
def test_what_it_has_not_is_refused_as_such(name):
    async def play(scene):
        with pytest.raises(CameraRefused) as caught:
            await scene.call("getPhaseOfTheMoon")
        assert caught.value.code == Code.NO_SUCH_METHOD

    on_sockets(name, play, prepared=True)


@stands()
def test_twenty_frames_of_liveview(name):
    async def play(scene):
        frames = []
        with anyio.fail_after(60):
            async with scene.camera.liveview() as stream:
                async for frame in stream:
                    frames.append(frame)
                    if len(frames) == FRAMES:
                        break
        sequence = [frame.sequence for frame in frames]
        assert all((later - earlier) % 65_536 in (1, 2) for earlier, later in pairwise(sequence))
        stamps = [frame.timestamp_ms for frame in frames]
        assert stamps == sorted(stamps)
        sizes = {px(frame.jpeg) for frame in frames}
        assert len(sizes) == 1
        if scene.profile is not None:
            assert sizes == {scene.profile.liveview_px}
            assert len({frame.jpeg for frame in frames}) == FRAMES
        assert not any(frame.focus for frame in frames)

    on_sockets(name, play, prepared=True)


@stands()
def test_focus_frames_where_they_are_offered(name):
    async def play(scene):
        if "setLiveviewFrameInfo" not in await scene.camera.methods():
            with pytest.raises(CameraRefused):
                async with scene.camera.liveview(focus=True):
                    pass
            return
        with anyio.fail_after(60):
            async with scene.camera.liveview(focus=True) as stream:
                async for frame in stream:
                    if frame.focus:
                        break
        area = frame.focus[0]
        assert 0 <= area.left < area.right <= 10_000
        assert 0 <= area.top < area.bottom <= 10_000

    on_sockets(name, play, prepared=True)


@stands()
def test_liveview_pictures_come_from_the_camera_itself(name):
    async def play(scene):
        (url, *_) = await scene.call("startLiveview")
        await scene.call("stopLiveview")
        assert host_of(url) == scene.camera.line.link.host
        drawn = drawings(scene.body) if scene.body is not None else []
        with anyio.fail_after(60):
            async with scene.camera.liveview() as frames:
                pictures = [(await anext(frames)).jpeg for _ in range(3)]
        assert all(px(picture) for picture in pictures)
        if scene.body is not None:
            assert url == f"http://{HOST}:{scene.served.ports.media}{scene.profile.liveview_path}"
            assert pictures == drawn[: len(pictures)]

    on_sockets(name, play, prepared=True)


def drawings(body):
    """Return a list that fills with what the body draws for its viewfinder."""
    drawn, draw = [], body.preview

    async def noted():
        drawn.append(await draw())
        return drawn[-1]

    body.preview = noted
    return drawn
