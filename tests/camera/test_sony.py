"""The client against the simulated camera, on real sockets and in memory: what one says, the other understands."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

import anyio
import pytest

from dayspool.camera import Link, SonyCamera, open_camera
from dayspool.camera.unlock import KEY_VARIABLE
from dayspool.clock import LoopClock, SystemClock
from dayspool.errors import CameraBusy, CameraConfused, CameraRefused, CameraUnreachable, PlanError
from dayspool.picture import inspect, read
from dayspool.sim import PROFILES, Body, Fault, FaultKind, Faults, serving
from dayspool.sim.access import DEVELOPER_ID, DEVELOPER_NAME, DEVELOPER_SECRET
from dayspool.testing import InMemoryTransport, run_virtually

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def on_sockets(*faults):
    """Serve a quick camera on loopback and open a line to it."""
    body = Body(clock=SystemClock(), seed=5, picture_px=(96, 64), speed=50, faults=Faults(faults=faults))
    async with serving(body, port=0, ssdp=False) as served, open_camera(served.endpoint, model="DSC-RX100M2") as camera:
        yield camera


def in_memory(play, *faults):
    """Run `play(camera, body)` against a camera in virtual time, at its true speed."""

    async def main(clock: LoopClock):
        body = Body(clock=clock, seed=5, picture_px=(48, 32), faults=Faults(faults=faults))
        async with open_camera("http://10.0.0.1:10000/camera", transport=InMemoryTransport(body)) as camera:
            return await play(camera, body)

    return run_virtually(main)


async def test_info():
    async with on_sockets() as camera:
        assert "1.0" in await camera.versions()
        info = await camera.info()
    assert {"actTakePicture", "receiveEvent", "startLiveview"} <= set(info.methods)
    assert info.status.is_idle
    assert [setting.name for setting in info.settings] == ["shoot-mode", "zoom-position"]


async def test_a_shot_and_its_picture():
    async with on_sockets() as camera:
        await camera.prepare()
        url = await camera.take_picture()
        picture = await camera.picture(url)
        status = await camera.until_idle()
    assert (inspect(picture).width, inspect(picture).height) == (96, 64)
    facts = read(picture)
    assert facts.model == "DSC-RX100M2"
    assert facts.exposure is not None
    assert status.picture_urls == (url,)


async def test_liveview_runs_and_has_to_be_started_again_after_a_shot():
    async with on_sockets() as camera:
        for _ in range(2):
            seen = []
            async with camera.liveview() as frames:
                async for frame in frames:
                    seen.append(frame)
                    if len(seen) == 5:
                        break
            assert [inspect(frame.jpeg).width for frame in seen] == [640] * 5
            assert [later.sequence - earlier.sequence for earlier, later in pairwise(seen)] == [1] * 4
            await camera.take_picture()
            await camera.until_idle()


async def test_settings_go_round():
    async with on_sockets() as camera:
        await camera.set("shoot-mode", "movie")
        assert (await camera.status()).shoot_mode == "movie"
        await camera.prepare()
        assert (await camera.status()).shoot_mode == "still"
        with pytest.raises(PlanError, match="the choices are"):
            await camera.set("shoot-mode", "poetry")
        with pytest.raises(CameraRefused, match="can only be read"):
            await camera.set("zoom-position", "50")


async def test_the_misleading_path_is_refused_and_no_camera_is_confused():
    async with on_sockets() as camera:
        wrong = camera.endpoint.replace("/camera", "/sony/camera")
        async with Link("127.0.0.1") as link:
            with pytest.raises(CameraRefused) as caught:
                await link.call(wrong, "getVersions")
    assert caught.value.code == 404


async def test_an_endpoint_that_is_none():
    with pytest.raises(CameraConfused, match="no camera address"):
        async with open_camera("camera"):
            pass


async def test_an_ipv6_address_keeps_its_brackets():
    async with open_camera("http://[::1]:8080/sony/camera") as camera:
        assert camera.endpoint == "http://[::1]:8080/sony/camera"


def test_a_second_shot_too_soon_is_busy():
    async def play(camera, body):
        await camera.take_picture()
        with pytest.raises(CameraBusy):
            await camera.take_picture()
        await camera.until_idle()
        await camera.take_picture()
        return body.exposures

    assert in_memory(play) == 2


@pytest.mark.parametrize("seconds", [16, 40, 70])
def test_a_long_exposure_is_waited_for(seconds):
    async def play(camera, body):
        began = anyio.current_time()
        url = await camera.take_picture()
        return anyio.current_time() - began, url, body.exposures

    waited, url, exposures = in_memory(play, Fault(kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=seconds))
    assert seconds <= waited <= seconds + 3
    assert url
    assert exposures == 1


def test_an_exposure_that_never_ends_is_given_up():
    async def play(camera, body):
        with pytest.raises(CameraUnreachable, match="did not end") as caught:
            await camera.take_picture()
        return caught.value.sent, body.exposures

    assert in_memory(play, Fault(kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=9_999)) == (True, 1)


def test_until_idle_polls_and_does_not_spin():
    async def play(camera: SonyCamera, body):
        await camera.take_picture()
        calls = 0
        call = camera._link.call

        async def counted(*words, **more):
            nonlocal calls
            calls += 1
            return await call(*words, **more)

        camera._link.call = counted
        await camera.until_idle()
        return calls

    assert in_memory(play) <= 4


def test_the_clock_of_the_camera_is_in_its_pictures():
    async def play(camera, body):
        return read(await camera.picture(await camera.take_picture())).taken_local

    assert datetime.fromisoformat(in_memory(play)).replace(tzinfo=UTC).year == 2026


def with_profile(play, name):
    """Run `play(camera, body)` against another model in virtual time."""
    profile = PROFILES[name]
    endpoint = f"http://{profile.address}:{profile.ports.control}{profile.service_base}/camera"

    async def main(clock: LoopClock):
        body = Body(clock=clock, profile=profile, seed=5, picture_px=(48, 32))
        async with open_camera(endpoint, model=profile.model, transport=InMemoryTransport(body)) as camera:
            await camera.prepare()
            return await play(camera, body)

    return run_virtually(main)


def test_a_bulb_exposure_lasts_as_long_as_asked_and_bulb_is_no_time_for_a_single_shot():
    async def play(camera, body):
        await camera.set("exposure-mode", "Manual")
        await camera.set("shutter", "BULB")
        await camera.status()
        with pytest.raises(CameraRefused, match="BULB"):
            await camera.take_picture()
        assert body.exposures == 0
        (url,) = await camera.bulb(40)
        assert body.exposures == 1
        seconds = read(await camera.picture(url)).exposure.shutter_seconds
        await camera.set("shutter", "1/250")
        await camera.take_picture()
        return seconds

    assert with_profile(play, "a5000") == pytest.approx(40, rel=0.05)


@pytest.mark.parametrize("secret", [DEVELOPER_SECRET, "wrong"])
def test_a_developer_key_opens_what_a_qx10_keeps_back(tmp_path, monkeypatch, secret):
    key = tmp_path / "key.toml"
    method = sorted(PROFILES["qx10"].gated)[0]
    texts = {"name": DEVELOPER_NAME, "id": DEVELOPER_ID, "secret": secret, "methods": f"camera/{method}"}
    key.write_text("".join(f'{name} = "{text}"\n' for name, text in texts.items()))
    key.chmod(0o600)
    monkeypatch.setenv(KEY_VARIABLE, str(key))

    async def play(camera, body):
        if secret == "wrong":
            with pytest.raises(CameraRefused, match="does not take the developer key"):
                await camera.line.call(method)
        else:
            await camera.line.call(method)
            await camera.line.call(method)

    with_profile(play, "qx10")


def test_a_burst_is_fetched_whole():
    async def play(camera, body):
        await camera.set("drive-mode", "Continuous")
        urls = await camera.continuous(2)
        assert len(set(urls)) == len(urls) == body.exposures > 2
        return [inspect(await camera.picture(url)).width for url in urls]

    assert set(with_profile(play, "a7m3")) == {48}
