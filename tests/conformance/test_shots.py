"""One picture, one exposure: short, long, focused, answered with an error, in two sizes; the ledger is the judge."""

from __future__ import annotations

import anyio
import pytest

from dayspool.camera.rpc import Code
from dayspool.errors import CameraBusy, CameraRefused, StillExposing
from dayspool.picture import inspect, read
from dayspool.sim import Fault, FaultKind
from tests.conformance.stage import (
    DUMPED,
    HOST,
    PICTURE_PX,
    SPEAKING,
    STANDS,
    host_of,
    on_sockets,
    profile_of,
    px,
    stands,
)

LONG_SECONDS = 40.0  # past 40403 (15 s), and past a second one
APPS = [name for name in SPEAKING if profile_of(name).quirks.needs_rec_mode]
FOCUSING = [name for name in SPEAKING if profile_of(name).quirks.needs_half_press]
MOVIE_FIRST = ["as30v", "as100v"]
SIZED = [name for name in SPEAKING if "setPostviewImageSize" in {offer.name for offer in profile_of(name).offers}]


def awaits(profile):
    """Tell whether a body has `awaitTakePicture`: the WX350 and action cams have none, and answer at the end."""
    return any(method.name == "awaitTakePicture" for method in profile.methods)


async def until_idle(scene):
    """Wait until the next picture can be taken."""
    with anyio.fail_after(30):
        return await scene.camera.until_idle()


@stands(changing=True)
def test_a_shot_gives_one_whole_picture_and_one_exposure(name):
    async def play(scene):
        before = await scene.camera.status()
        assert before.is_idle
        url = await scene.camera.take_picture()
        assert host_of(url) == HOST
        picture = await scene.camera.picture(url)
        inspect(picture)
        assert px(picture) == PICTURE_PX
        facts = read(picture)
        assert facts.model == scene.profile.model
        assert facts.exposure is not None
        (exposure,) = scene.exposures
        assert facts.exposure.iso == exposure["iso"]
        status = await until_idle(scene)
        assert status.state == "IDLE"
        assert (await scene.camera.status()).picture_urls == (url,) != before.picture_urls
        assert status.picture_urls == (url,)  # every simulated body tells; a real one may not
        assert len(scene.exposures) == 1

    on_sockets(name, play, prepared=True)


@stands(changing=True)
def test_a_long_shot_is_one_exposure_however_often_it_is_asked_for(name):
    async def play(scene):
        began = anyio.current_time()
        url = await scene.camera.take_picture()
        assert anyio.current_time() - began >= LONG_SECONDS
        inspect(await scene.camera.picture(url))
        await until_idle(scene)
        assert len(scene.exposures) == 1

    on_sockets(name, play, faults=[long_exposure()], prepared=True)


@pytest.mark.parametrize("name", [name for name in STANDS if name == DUMPED or awaits(profile_of(name))])
def test_a_long_shot_is_answered_with_its_code_first(name):
    async def play(scene):
        if scene.camera.focus_first:
            await scene.camera.focus()
        with pytest.raises(StillExposing):
            await scene.call("actTakePicture", seconds=60.0)
        with pytest.raises(StillExposing):
            await scene.call("awaitTakePicture", seconds=60.0)
        (urls,) = await scene.call("awaitTakePicture", seconds=60.0)
        inspect(await scene.camera.picture(urls[0]))
        assert len(scene.exposures) == 1

    on_sockets(name, play, faults=[long_exposure()], prepared=True)


def long_exposure():
    """Return the mishap of a picture that takes long."""
    return Fault(kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=LONG_SECONDS)


@pytest.mark.parametrize(("name", "mode"), [("a5000", "Manual"), ("qx1", "Shutter")])
def test_a_slow_shutter_set_by_hand_takes_as_long_as_it_says(name, mode):
    async def play(scene):
        await scene.camera.set("exposure-mode", mode)
        await scene.camera.set("shutter", "30s")
        began = anyio.current_time()
        url = await scene.camera.take_picture()
        assert anyio.current_time() - began >= 30.0
        (exposure,) = scene.exposures
        assert exposure["shutter"] == pytest.approx(30.0)
        assert read(await scene.camera.picture(url)).exposure.shutter_seconds == pytest.approx(30.0)

    on_sockets(name, play, prepared=True)


@pytest.mark.parametrize("name", SIZED)
def test_the_postview_is_as_large_as_was_asked_for(name):
    async def play(scene):
        widths = {}
        for size in ("Original", "2M"):
            await scene.camera.set("postview-size", size)
            widths[size] = px(await scene.camera.picture(await scene.camera.take_picture()))
            await until_idle(scene)
        assert widths["2M"] == PICTURE_PX
        assert widths["Original"] == scene.body.original_px
        assert widths["Original"][0] > 2 * widths["2M"][0]

    on_sockets(name, play, prepared=True)


@pytest.mark.parametrize("name", FOCUSING)
def test_a_body_that_wants_the_half_press_takes_no_picture_without(name):
    async def play(scene):
        with pytest.raises(CameraRefused) as caught:
            await scene.call("actTakePicture", seconds=60.0)
        assert caught.value.code == Code.SHOOTING_FAIL
        assert scene.exposures == []
        assert scene.camera.focus_first
        assert await scene.camera.focus()
        await scene.camera.take_picture()
        await until_idle(scene)
        await scene.camera.take_picture()
        assert len(scene.exposures) == 2
        await until_idle(scene)
        await scene.camera.set("focus-mode", "MF")
        await scene.camera.status()
        assert not scene.camera.focus_first
        await scene.call("actTakePicture", seconds=60.0)
        assert len(scene.exposures) == 3

    on_sockets(name, play, prepared=True)


def test_a_body_just_joined_is_not_ready_and_then_is():
    async def play(scene):
        with pytest.raises(CameraBusy) as caught:
            await scene.call("actTakePicture")
        assert caught.value.code == Code.NOT_READY
        assert (await scene.camera.prepare()).is_idle
        await scene.camera.take_picture()
        assert len(scene.exposures) == 1

    on_sockets("rx0", play)


@pytest.mark.parametrize("name", APPS)
def test_an_app_offers_little_until_its_remote_mode_is_started(name):
    async def play(scene):
        before = set(await scene.camera.methods())
        assert "startRecMode" in before
        assert len(before) <= 7
        with pytest.raises((CameraBusy, CameraRefused)):
            await scene.call("actTakePicture")
        await scene.camera.prepare()
        after = set(await scene.camera.methods())
        assert after > before - {"startRecMode"}
        assert after - before
        await scene.camera.take_picture()
        assert len(scene.exposures) == 1

    on_sockets(name, play)


@pytest.mark.parametrize("name", MOVIE_FIRST)
def test_a_body_that_begins_with_movies_is_set_to_stills(name):
    async def play(scene):
        assert (await scene.camera.start()).shoot_mode == "movie"
        with pytest.raises(CameraBusy):
            await scene.camera.take_picture()
        assert scene.exposures == []
        assert (await scene.camera.prepare()).shoot_mode == "still"
        await scene.camera.take_picture()
        assert len(scene.exposures) == 1

    on_sockets(name, play)


def test_an_error_for_a_picture_that_was_taken_leaves_it_to_be_found():
    async def play(scene):
        for _ in range(4):
            last = await scene.camera.take_picture()
            await until_idle(scene)
        with pytest.raises(CameraRefused) as caught:
            await scene.camera.take_picture()
        assert caught.value.code == Code.SHOOTING_FAIL
        assert scene.camera.errs_though_exposed
        (url,) = (await until_idle(scene)).picture_urls
        assert url != last
        inspect(await scene.camera.picture(url))
        assert len(scene.exposures) == 5

    on_sockets("qx1", play, prepared=True)


@pytest.mark.parametrize("name", ["qx1", "a7m3", "rx0"])
def test_a_burst_gives_a_picture_for_each_exposure(name):
    async def play(scene):
        await scene.camera.set("drive-mode", "Continuous")
        urls = await scene.camera.continuous(2.0)
        assert len(urls) == len(scene.exposures) > 2
        inspect(await scene.camera.picture(urls[-1]))
        assert (await until_idle(scene)).is_idle

    on_sockets(name, play, prepared=True)


@pytest.mark.parametrize("name", ["a5000"])
def test_bulb_is_one_exposure_of_the_length_asked_for(name):
    async def play(scene):
        await scene.camera.set("exposure-mode", "Manual")
        await scene.camera.set("shutter", "BULB")
        await scene.camera.status()
        with pytest.raises(CameraRefused, match="BULB"):
            await scene.camera.take_picture()
        (url,) = await scene.camera.bulb(45.0)
        (exposure,) = scene.exposures
        assert exposure["shutter"] == pytest.approx(45.0, abs=0.5)
        inspect(await scene.camera.picture(url))

    on_sockets(name, play, prepared=True)
